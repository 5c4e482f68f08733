import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../emulator/index.ts';
import { filesHolding } from '../store/contract/temp-store.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';
import type { ConnectInput } from './types.ts';

const noLimits = { limits: { perSecond: null, perMinute: null, perDay: null } };

let folder: string;
let emulator: Emulator;
let gateway: Gateway;

/** KnowBe4's five regional hosts lead to the emulator; no other address is reachable. */
const fetchThrough: NonNullable<GatewayOptions['fetch']> = (url, init) => {
  const found = /^https:\/\/(\w\w)\.api\.knowbe4\.com(\/.*)$/.exec(url);
  if (found === null) throw new Error(`nothing may be sent to ${url}`);
  return fetch(`${emulator.url}/${found[1]}${found[2]}`, init);
};

const open = (options: Partial<GatewayOptions> = {}) => openGateway({ folder, fetch: fetchThrough, ...options });

async function start(options: EmulatorOptions = {}): Promise<void> {
  emulator = await startEmulator({ people: 60, limits: false, ...options });
  gateway = await open();
}

const connect = (input: Partial<ConnectInput> = {}) =>
  gateway.connections.connect({
    name: 'acme',
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    settings: noLimits,
    ...input,
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-gateway-'));
});

afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a token of another region is told apart, and found when the other regions may be asked', async () => {
  await start({ region: 'eu' });
  await expect(connect({ region: 'us' })).rejects.toMatchObject({
    code: 'connection_unauthorized',
    hint: expect.stringContaining('region'),
  });
  expect(await gateway.connections.list()).toEqual([]);

  const { connection, warnings } = await connect({ region: 'us', probeRegions: true });
  expect(connection).toMatchObject({ region: 'eu', state: 'active' });
  expect(warnings.join(' ')).toContain('region eu');
});

test('the other regions are not asked unless somebody said so', async () => {
  await start({ region: 'eu' });
  await connect({ region: 'us' }).catch(() => undefined);
  expect(emulator.requests().total).toBe(1);
});

test('two connections of one account spend one budget, and the stricter of their limits holds', async () => {
  await start();
  await connect({ name: 'one' });
  const { warnings } = await connect({
    name: 'two',
    settings: { limits: { perSecond: null, perMinute: null, perDay: 900 } },
  });
  expect(warnings.join(' ')).toContain('one');
  await gateway.sync.run('one', { level: 'directory' });
  const [one, two] = await Promise.all([gateway.sync.status('one'), gateway.sync.status('two')]);
  expect(one.budget.usedLastDay).toBeGreaterThan(5);
  expect(two.budget.usedLastDay).toBe(one.budget.usedLastDay);
  expect(one.budget.limits.perDay).toBe(900);
});

test('the requests that prove a token are on the account', async () => {
  await start();
  await connect();
  expect((await gateway.sync.status('acme')).budget.usedLastDay).toBe(emulator.requests().total);
  await gateway.connections.check('acme');
  expect(emulator.requests().total).toBe(4);
  expect((await gateway.sync.status('acme')).budget.usedLastDay).toBe(4);
});

test('the budget is remembered by the next process', async () => {
  await start();
  await connect();
  await gateway.sync.run('acme', { level: 'directory' });
  const before = (await gateway.sync.status('acme')).budget.usedLastDay;
  await gateway.close();
  gateway = await open();
  expect((await gateway.sync.status('acme')).budget.usedLastDay).toBe(before);
});

test('a spent day parks the sync, which says when it goes on, and asks for nothing more', async () => {
  await start();
  await connect({ settings: { limits: { perSecond: null, perMinute: null, perDay: 10, reserveShare: 0.2 } } });
  emulator.resetRequests();
  const run = await gateway.sync.run('acme', { level: 'full' });
  expect(run).toMatchObject({ status: 'parked', error: { code: 'quota_exhausted' } });
  expect(emulator.requests().total).toBe(6); // 10, less the reserve of 2 and the 2 that proved the token
  const parked = (await gateway.sync.status('acme')).streams.find((state) => state.status === 'parked');
  expect(Date.parse(parked!.parkedUntil!)).toBeGreaterThan(Date.now() + 23 * 60 * 60 * 1000);
});

test('a token that is refused in the middle of a sync stops it, and nobody asks with it again until it is replaced', async () => {
  await start();
  const { connection } = await connect();
  await gateway.sync.run('acme', { level: 'full' });
  emulator.addFault({ kind: 'token-disabled', endpoint: 'users' });
  const run = await gateway.sync.run('acme', { level: 'directory' });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'connection_unauthorized' } });
  expect(await gateway.connections.get('acme')).toMatchObject({
    state: 'needs_reauth',
    lastError: { code: 'connection_unauthorized' },
  });

  emulator.resetRequests();
  await expect(gateway.sync.run('acme')).rejects.toMatchObject({ code: 'connection_unauthorized' });
  expect(emulator.requests().total).toBe(0);

  emulator.clearFaults();
  const replaced = await gateway.connections.replaceToken('acme', { reportingToken: emulator.reportingToken });
  expect(replaced.connection).toMatchObject({ id: connection.id, state: 'active', lastError: null });
  expect(await gateway.sync.run('acme', { level: 'directory' })).toMatchObject({ status: 'done' });
});

test('pausing ends a running sync, sends nothing while it lasts, and resuming goes on', async () => {
  await start({ latencyMs: 20 });
  await connect();
  const begun = Promise.withResolvers<void>();
  const running = gateway.sync.run('acme', { level: 'full', onProgress: () => begun.resolve() });
  await begun.promise;
  await gateway.connections.pause('acme');
  expect(await running).toMatchObject({ status: 'interrupted' });
  emulator.resetRequests();
  await expect(gateway.sync.run('acme')).rejects.toMatchObject({ code: 'connection_paused' });
  expect(emulator.requests().total).toBe(0);
  await gateway.connections.resume('acme');
  expect(await gateway.sync.run('acme', { level: 'full' })).toMatchObject({ status: 'done' });
});

test('one connection is synced once at a time', async () => {
  await start({ latencyMs: 5 });
  await connect();
  const first = gateway.sync.run('acme', { level: 'directory' });
  await expect(Promise.all([first, gateway.sync.run('acme')])).rejects.toMatchObject({ code: 'conflict' });
  await first;
});

test('the scheduler mirrors a new connection by itself and then waits until something is due', async () => {
  await start();
  await connect();
  gateway.startWork();
  await vi.waitFor(
    async () => expect((await gateway.sync.runs('acme', 5))[0]).toMatchObject({ level: 'full', status: 'done' }),
    20_000,
  );
  const { nextSyncAt, lastRun } = await gateway.sync.status('acme');
  expect(lastRun).toMatchObject({ trigger: 'schedule' });
  const minutes = (Date.parse(nextSyncAt!) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(10);
  expect(minutes).toBeLessThan(18);
});

test('closing the gateway ends a running sync and the folder can be opened again', async () => {
  await start({ latencyMs: 20 });
  await connect();
  const begun = Promise.withResolvers<void>();
  const running = gateway.sync.run('acme', { level: 'full', onProgress: () => begun.resolve() });
  await begun.promise;
  await gateway.close();
  expect(await running).toMatchObject({ status: 'interrupted' });
  gateway = await open();
  expect(await gateway.sync.run('acme', { level: 'full' })).toMatchObject({ status: 'done' });
});

test('a reading gateway works beside a writing one and cannot write', async () => {
  await start();
  await connect();
  await gateway.sync.run('acme', { level: 'full' });
  const reader = await open({ access: 'read' });
  const { connection } = await reader.sync.status('acme');
  const users = await reader.directory.listUsers({ connectionIds: [connection.id], query: {} });
  expect(users.result_count).toBeGreaterThan(50);
  await expect(reader.connections.pause('acme')).rejects.toMatchObject({ code: 'store_failed' });
  await reader.close();
});

test('removing a connection with everything leaves no trace of it in the mirror', async () => {
  await start();
  const { connection } = await connect();
  await gateway.sync.run('acme', { level: 'full' });
  expect(await gateway.connections.remove('acme', { purge: true })).toEqual({ id: connection.id });
  expect(await gateway.connections.list()).toEqual([]);
  // Readers of the log must hear of it: that alone is left, without a name.
  const log = await gateway.sync.changes({ connectionIds: [connection.id], after: 0, limit: 10 });
  expect(log).toMatchObject([{ kind: 'connection.removed', about: { connection: { name: null } } }]);
  const users = await gateway.directory.listUsers({ connectionIds: [connection.id], query: {} });
  expect(users.result_count).toBe(0);
});

test('a reader who remembers more of the log than there is gets told, not an empty answer', async () => {
  await start();
  await connect();
  await gateway.sync.run('acme', { level: 'full' });
  const log = await gateway.sync.changes({ connectionIds: null, after: 0, limit: 100 });
  const end = log.at(-1)!.seq;
  expect(await gateway.sync.changes({ connectionIds: null, after: end, limit: 100 })).toEqual([]);
  await expect(gateway.sync.changes({ connectionIds: null, after: end + 1, limit: 100 })).rejects.toMatchObject({
    code: 'invalid_cursor',
    field: 'after',
  });
});

test('more seats at KnowBe4 mean more requests a day after the next sync', async () => {
  await start();
  await gateway.close();
  let seats = 100;
  const answering = async (body: string): Promise<string> =>
    JSON.stringify({ ...(JSON.parse(body) as object), number_of_seats: seats });
  gateway = await open({
    fetch: async (url, init) => {
      const answer = await fetchThrough(url, init);
      if (!url.endsWith('/v1/account')) return answer;
      const { status, headers } = answer;
      const text = async () => answering(await answer.text());
      return { status, headers, text, arrayBuffer: answer.arrayBuffer };
    },
  });
  await connect({ settings: { limits: { perSecond: null, perMinute: null } } });
  expect((await gateway.sync.status('acme')).budget.limits.perDay).toBe(2100);
  seats = 700;
  await gateway.sync.run('acme', { level: 'directory' });
  expect((await gateway.sync.status('acme')).budget.limits.perDay).toBe(2700);
});

describe('an erased person', () => {
  /** The address of a manager stands in the records of others, where it stays. */
  const leadsNobody = (email: string) => emulator.truth().users.every((user) => user.manager_email !== email);
  const aPerson = () => {
    const { users, enrollments } = emulator.truth();
    const isEnrolled = (id: number) => enrollments.some((row) => row.user.id === id);
    const found = users.find((user) => isEnrolled(user.id) && leadsNobody(user.email))!;
    return { id: String(found.id), email: found.email };
  };
  const left = () => filesHolding(folder, aPerson().email);

  test('is kept out of later syncs, whatever key seals the vault, and comes back when readmitted', async () => {
    await start();
    const { connection } = await connect();
    await gateway.sync.run('acme');
    const person = aPerson();
    expect(left()).not.toEqual([]);
    expect((await gateway.connections.erasePerson('acme', person.id)).rows).toBeGreaterThan(1);
    await gateway.vault.rotate();
    const run = await gateway.sync.run('acme', { level: 'full' });
    expect(run).toMatchObject({ status: 'done', changes: 0 });
    expect(left()).toEqual([]);
    await expect(gateway.sync.fetchRiskHistory('acme', person.id)).rejects.toMatchObject({ code: 'not_found' });
    expect((await gateway.connections.get('acme')).tokens.map((token) => token.kind)).toEqual(['reporting']);

    expect(await gateway.connections.readmitPerson('acme', person.id)).toEqual({ readmitted: true });
    expect(await gateway.connections.readmitPerson('acme', person.id)).toEqual({ readmitted: false });
    await gateway.sync.run('acme', { level: 'full' });
    const changes = await gateway.sync.changes({ connectionIds: [connection.id], after: 0, limit: 1000 });
    expect(changes.filter((change) => change.kind === 'user.created').map((change) => change.key)).toEqual([person.id]);
    expect(left()).not.toEqual([]);
  });

  test('who administers the account is not named in the account either', async () => {
    await start();
    await connect();
    await gateway.sync.run('acme');
    // Not as the manager of others, where the address stays.
    const admin = emulator.truth().account.admins[0]!;
    await gateway.connections.erasePerson('acme', String(admin.id));
    await gateway.sync.run('acme', { level: 'directory' });
    expect(filesHolding(folder, `"email":"${admin.email}"`)).toEqual([]);
  });

  test('is out even when a sync is under way, which is ended first', async () => {
    await start({ people: 600 });
    await connect();
    const run = gateway.sync.run('acme');
    const person = aPerson();
    await gateway.connections.erasePerson('acme', person.id);
    expect((await run).status).toBe('interrupted');
    await gateway.sync.run('acme');
    expect(left()).toEqual([]);
  });
});

test('addresses and browsers of recipients that are kept go when the setting is switched on', async () => {
  await start();
  const { connection } = await connect();
  await gateway.sync.run('acme');
  const { ip } = emulator.truth().recipients.find((row) => row.ip !== null)!;
  expect(filesHolding(folder, ip!)).not.toEqual([]);
  await gateway.connections.update('acme', { settings: { ...noLimits, dropRecipientClient: true } });
  expect(filesHolding(folder, ip!)).toEqual([]);
  const run = await gateway.sync.run('acme', { level: 'full' });
  expect(run).toMatchObject({ status: 'done', changes: 0 });
  expect(filesHolding(folder, ip!)).toEqual([]);
  expect(
    await gateway.sync.changes({ connectionIds: [connection.id], after: 0, limit: 9, kinds: ['recipient.updated'] }),
  ).toEqual([]);
});

test('a token is replaced while a sync uses the old one, and nothing speaks against the new one', async () => {
  await start({ people: 600 });
  await connect();
  const run = gateway.sync.run('acme');
  emulator.addFault({ kind: 'token-disabled', nth: 5, count: 1 });
  await gateway.connections.replaceToken('acme', { reportingToken: emulator.reportingToken });
  await run;
  expect((await gateway.connections.get('acme')).state).toBe('active');
});

test('a webhook of KnowBe4’s own brings the next sync at once, and says nothing itself', async () => {
  await start();
  await gateway.close();
  let ahead = 0;
  gateway = await open({ now: () => new Date(Date.now() + ahead) });
  await connect();
  await gateway.sync.run('acme', { level: 'full' });
  gateway.startWork();
  const { secret } = await gateway.intake.renew('acme');
  const id = await gateway.intake.admit('acme', [{ value: secret, inQuery: false }]);
  const before = await gateway.sync.changes({ connectionIds: null, after: 0, limit: 1000 });
  ahead = 2 * 60_000;
  const body = Buffer.from(JSON.stringify({ event: 'user.deleted', user: { id: 1 } }));
  expect(await gateway.intake.accept(id!, body)).toBe('new');
  expect(await gateway.intake.accept(id!, body)).toBe('repeated');
  expect(await gateway.sync.changes({ connectionIds: null, after: 0, limit: 1000 })).toEqual(before);
  expect(await gateway.sync.runs('acme', 5)).toHaveLength(1);
  ahead += 10_000;
  await vi.waitFor(
    async () => {
      const [run] = await gateway.sync.runs('acme', 5);
      expect(run).toMatchObject({ level: 'directory', trigger: 'schedule', status: 'done' });
    },
    { timeout: 15_000, interval: 100 },
  );
});
