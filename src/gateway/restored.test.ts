import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FeedQuery } from '../events/feed.ts';
import { dsyncTypes } from '../events/workos/dsync.ts';
import { aConnection } from '../store/contract/builders.ts';
import { databasePath, markRestored } from '../store/sqlite/folder.ts';
import { openStore } from '../store/store.ts';
import { type Gateway, openGateway } from './gateway.ts';

/* A store that was put back from a copy, and readers who know what came after the copy. */

const everything: FeedQuery = {
  ...{ connectionIds: null, families: ['directory', 'connections'] },
  ...{ types: [], after: null, order: 'asc', limit: 100 },
};
const connection = aConnection();
let folder: string;
let gateway: Gateway;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-restored-'));
});
afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What somebody does to the connection, which is an entry of the log each time. */
async function live(...turns: readonly ('pause' | 'resume')[]): Promise<void> {
  for (const turn of turns) await gateway.connections[turn](connection.id);
}

/** A gateway with a log of three entries and a copy, three entries further on, and then put back. */
async function putBack(): Promise<{ before: Awaited<ReturnType<Gateway['events']['page']>> }> {
  const store = await openStore({ folder });
  await store.createConnection(connection, []);
  await store.close();
  gateway = await openGateway({ folder });
  await live('pause', 'resume');
  await gateway.close();
  copyFileSync(databasePath(folder), join(folder, 'copy'));
  gateway = await openGateway({ folder });
  await live('pause', 'resume', 'pause');
  const before = await gateway.events.page(everything);
  await gateway.close();
  copyFileSync(join(folder, 'copy'), databasePath(folder));
  markRestored(folder);
  gateway = await openGateway({ folder });
  return { before };
}

const failureOf = async (work: Promise<unknown>) => (await work.catch((error: unknown) => error)) as { hint: string };
const resumeIn = ({ hint }: { hint: string }): string => /after=(\S+)$/.exec(hint)![1]!;

test('no id is given twice: the log goes on beyond everything that readers may know, and says what happened', async () => {
  const { before } = await putBack();
  await live('pause', 'resume', 'pause', 'resume');
  const { events } = await gateway.events.page(everything);
  expect(events.map(({ type }) => type)).toEqual([
    ...['connection.created', 'connection.paused', 'connection.resumed', 'connection.store_restored'],
    ...['connection.paused', 'connection.resumed', 'connection.paused', 'connection.resumed'],
  ]);
  const known = new Map(before.events.map((event) => [event.id, event]));
  for (const event of events) expect(known.get(event.id) ?? event).toEqual(event);
  expect(events.filter(({ id }) => known.has(id))).toHaveLength(3);
  expect(events.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id));
});

test('a reader who has seen what the copy does not hold is told so, and where to go on', async () => {
  const { before } = await putBack();
  for (const after of [before.nextCursor, before.events.at(-1)!.id, before.events[3]!.id]) {
    const refused = await failureOf(gateway.events.page({ ...everything, after }));
    expect(refused).toMatchObject({ code: 'cursor_expired', field: 'after' });
    const next = await gateway.events.page({ ...everything, after: resumeIn(refused) });
    expect(next.events.map(({ type }) => type)).toEqual(['connection.store_restored']);
  }
  const { seq } = before.events[4]!;
  const changes = (after: number) => gateway.sync.changes({ connectionIds: null, after, limit: 10 });
  const refused = await failureOf(changes(seq));
  expect(refused).toMatchObject({ code: 'cursor_expired' });
  expect(await changes(Number(resumeIn(refused)))).toMatchObject([{ kind: 'connection.store_restored' }]);

  const workos = (after: string) => gateway.workos.events({ connectionIds: null, types: dsyncTypes, after, limit: 10 });
  const lost = await failureOf(workos('event_000000000000005'));
  expect(lost).toMatchObject({ code: 'cursor_expired' });
  expect((await workos(resumeIn(lost))).events).toEqual([]);
});

test('a reader who had not come that far goes on as if nothing had happened, forwards and backwards', async () => {
  const { before } = await putBack();
  for (const [index, { id }] of before.events.slice(0, 3).entries()) {
    const { events, hasMore } = await gateway.events.page({ ...everything, after: id });
    expect(events).toHaveLength(3 - index);
    expect(hasMore).toBe(false);
  }
  const backwards = [];
  for (let after: string | null = null, pages = 0; pages < 10; pages += 1) {
    const page = await gateway.events.page({ ...everything, order: 'desc', limit: 1, after });
    backwards.push(...page.events.map(({ type }) => type));
    if (!page.hasMore) break;
    after = page.nextCursor;
  }
  expect(backwards).toEqual([
    ...['connection.store_restored', 'connection.resumed', 'connection.paused', 'connection.created'],
  ]);
});

test('it is told once, and again when the store is put back again', async () => {
  const { before } = await putBack();
  await gateway.close();
  gateway = await openGateway({ folder });
  const typesOf = async () => (await gateway.events.page(everything)).events.map(({ type }) => type);
  const isRestored = (type: string) => type === 'connection.store_restored';
  expect((await typesOf()).filter(isRestored)).toHaveLength(1);
  await gateway.close();
  markRestored(folder);
  gateway = await openGateway({ folder });
  expect((await typesOf()).filter(isRestored)).toHaveLength(2);
  await expect(gateway.events.page({ ...everything, after: before.nextCursor })).rejects.toMatchObject({
    code: 'cursor_expired',
  });
});
