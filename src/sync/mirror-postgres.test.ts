import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
import {
  CONNECTION,
  DAY,
  expectMirrorIsTruth,
  expectReplayIsMirror,
  HOUR,
  snapshot,
  withLab,
} from './sync-lab.contract.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.remove());

test('on Postgres the mirror holds the account record for record, and its log replays, after a month of life', async () => {
  const world = { profile: 'recorded', people: 80, maxPerPage: 20, databaseUrl: database.url } as const;
  await withLab(world, async (lab) => {
    const first = await lab.sync('full');
    expect(first).toMatchObject({ status: 'done', changes: 0, error: null });
    await expectMirrorIsTruth(lab);
    const [before, seq] = [await snapshot(lab), await lab.store.lastChangeSeq()];
    lab.emulator.advance(30 * DAY);
    lab.wait(30 * DAY);
    expect((await lab.sync('full')).changes).toBeGreaterThan(10);
    lab.wait(HOUR);
    await lab.reopen();
    await lab.sync('full');
    await expectMirrorIsTruth(lab);
    await expectReplayIsMirror(lab, before, seq);
    const digest = await lab.store.contentDigest(CONNECTION, 'users');
    lab.wait(HOUR);
    expect((await lab.sync('full')).changes).toBe(0);
    expect(await lab.store.contentDigest(CONNECTION, 'users')).toEqual(digest);
  });
});
