import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';

/* Several gateways on one Postgres database: what processes on several machines are to each other. */

const noLimits = { limits: { perSecond: null, perMinute: null, perDay: null } };
let folder: string;
let database: TestDatabase;
let emulator: Emulator;
let gateways: Gateway[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-shared-'));
  database = await testDatabase();
  emulator = await startEmulator({ people: 100, limits: false });
  gateways = [];
});
afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await emulator.close();
  await database.remove();
  rmSync(folder, { recursive: true, force: true });
});

const fetchThrough: NonNullable<GatewayOptions['fetch']> = (url, init) =>
  fetch(url.replace(/^https:\/\/\w\w\.api\.knowbe4\.com/, emulator.url), init);

async function open(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const gateway = await openGateway({ folder, databaseUrl: database.url, fetch: fetchThrough, ...options });
  gateways.push(gateway);
  return gateway;
}

const connect = (gateway: Gateway) =>
  gateway.connections.connect({
    ...{ name: 'acme', region: emulator.region, reportingToken: emulator.reportingToken, settings: noLimits },
  });

/** From here on a sync gets as far as the people and waits there, until `answer`. */
const hang = () => emulator.addFault({ kind: 'slow', delayMs: 600_000, endpoint: 'users', count: 'always' });
const answer = () => emulator.clearFaults();

/** Until the sync of another gateway is seen under way. */
const seen = (gateway: Gateway) =>
  vi.waitFor(async () => expect((await gateway.sync.status('acme')).running).not.toBeNull(), 40_000);

test('who changes a connection ends its sync wherever that runs, and none begins meanwhile', async () => {
  const [one, other] = [await open(), await open()];
  await connect(one);
  const { users } = emulator.truth();
  const person = users.find(({ email }) => users.every((user) => user.manager_email !== email))!;
  hang();
  const running = one.sync.run('acme', { level: 'full' });
  await seen(other);
  await other.connections.erasePerson('acme', String(person.id));
  expect((await running).status).toBe('interrupted');
  answer();
  const run = await one.sync.run('acme', { level: 'full' });
  expect(run.status).toBe('done');
  const kept = await other.directory.listUsers({ connectionIds: [run.connectionId], query: { limit: '500' } });
  expect(JSON.stringify(kept)).not.toContain(person.email);

  emulator.addFault({ kind: 'slow', delayMs: 600_000, endpoint: 'groups', count: 'always' });
  const again = one.sync.run('acme', { level: 'full' });
  await seen(other);
  await other.connections.replaceToken('acme', { reportingToken: emulator.reportingToken });
  expect((await again).status).toBe('interrupted');
  expect((await one.connections.get('acme')).state).toBe('active');
}, 140_000);

test('a schedule fires once, however many processes look at the same instant', async () => {
  const all = await Promise.all([open(), open(), open()]);
  for (const gateway of all) gateway.startWork();
  await connect(all[0]!);
  emulator.resetRequests();
  const runs = await vi.waitFor(async () => {
    const found = await all[1]!.sync.runs('acme', 50);
    expect(found[0]).toMatchObject({ status: 'done' });
    return found;
  }, 60_000);
  expect(runs).toHaveLength(1);
  expect(emulator.requests().total).toBe(runs[0]!.requests);
}, 140_000);

test('a sync that is asked for twice at the same time is done once', async () => {
  const all = await Promise.all([open(), open(), open()]);
  await connect(all[0]!);
  const asked = await Promise.allSettled(all.map((gateway) => gateway.sync.start('acme')));
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const gateway of all) gateway.startWork({ scheduled: false });
  await vi.waitFor(
    async () => expect((await all[2]!.sync.runs('acme', 5))[0]).toMatchObject({ status: 'done' }),
    30_000,
  );
  expect(await all[2]!.sync.runs('acme', 5)).toHaveLength(1);
}, 140_000);

test('a connection that is removed while another process syncs it stays removed', async () => {
  const [one, other] = [await open(), await open()];
  const { connection } = await connect(one);
  hang();
  const running = one.sync.run('acme', { level: 'full' });
  await seen(other);
  await other.connections.remove('acme', { purge: true });
  expect((await running).status).toBe('interrupted');
  expect(await one.connections.list()).toEqual([]);
  const left = await other.directory.listUsers({ connectionIds: [connection.id], query: {} });
  expect(left.result_count).toBe(0);
}, 140_000);

test('a refusal that one process met is told by every other', async () => {
  const [one, other] = [await open(), await open()];
  const limits = { perSecond: null, perMinute: 10_000, perDay: null };
  const { region, reportingToken } = emulator;
  await one.connections.connect({ name: 'acme', region, reportingToken, settings: { limits } });
  emulator.addFault({ kind: 'rate-limited', retryAfterS: 1 });
  await one.sync.run('acme', { level: 'directory' });
  for (const gateway of [one, other]) {
    expect((await gateway.sync.status('acme')).budget.unexpected429).toBe(1);
  }
}, 60_000);
