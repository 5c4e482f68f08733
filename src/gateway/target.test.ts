import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { openStore } from '../store/store.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { readTarget } from './target.ts';

/* The account as planning sees it. */

let folder: string;
let emulator: Emulator;
let gateway: Gateway;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-target-'));
  emulator = await startEmulator({ people: 150, limits: false });
  gateway = await openGateway({ folder, allowBaseUrls: true });
  const { region, reportingToken, url } = emulator;
  const settings = { limits: { perSecond: null, perMinute: null, perDay: null } };
  await gateway.connections.connect({ name: 'acme', region, reportingToken, reportingUrl: url, settings });
});
afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function target() {
  const { id } = await gateway.connections.get('acme');
  const store = await openStore({ folder, access: 'read' });
  const read = await readTarget({ mirror: store.reporting, store })(id);
  await store.close();
  return read;
}

test('an account that was never read to its end has no time, so nothing is planned from it', async () => {
  expect(await target()).toMatchObject({ asOf: null, users: [] });
  await gateway.sync.run('acme', { level: 'full', streams: ['users'] });
  expect((await target()).asOf).toBeNull();
});

test('people, groups, members, campaigns and seats are those of the account', async () => {
  await gateway.sync.run('acme', { level: 'full' });
  const { asOf, users, groups, campaigns, account } = await target();
  const truth = emulator.truth();
  expect(asOf).not.toBeNull();
  expect(users).toHaveLength(truth.users.length);
  for (const user of truth.users) {
    const read = users.find(({ id }) => id === String(user.id))!;
    expect(read).toMatchObject({
      status: user.status,
      groupIds: user.groups.map(String),
      fields: { email: user.email, job_title: user.job_title || null, manager_email: user.manager_email || null },
    });
  }
  for (const group of truth.groups) {
    const members = truth.users.filter((user) => user.groups.includes(group.id)).map((user) => String(user.id));
    const read = groups.find(({ id }) => id === String(group.id))!;
    expect([...read.memberIds].toSorted()).toEqual(members.toSorted());
  }
  expect(campaigns.filter(({ kind }) => kind === 'training')).toHaveLength(truth.training_campaigns.length);
  expect(campaigns.some(({ autoEnroll, open }) => autoEnroll && open)).toBe(true);
  expect(account.seats).toBeGreaterThan(0);
  expect(account.domains.length).toBeGreaterThan(0);
});
