import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor } from '../audit/ports.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type TestDatabase, testDatabase, withClient } from '../store/contract/test-database.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';

const newKey = () => randomBytes(32).toString('base64url');
const [ourKey, newerKey] = [newKey(), newKey()];

const operator: Actor = { kind: 'operator', id: 'ines', name: null, door: 'cli', from: null, requestId: null };

let parent: string;
let database: TestDatabase;
let emulator: Emulator;
const open: Gateway[] = [];

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'foreknow-gateway-postgres-'));
  database = await testDatabase();
  emulator = await startEmulator({ people: 40, limits: false });
});
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
  await emulator.close();
  await database.remove();
  rmSync(parent, { recursive: true });
});

/** KnowBe4's hosts lead to the emulator. */
const fetchThrough: NonNullable<GatewayOptions['fetch']> = (url, init) =>
  fetch(url.replace(/^https:\/\/(\w\w)\.api\.knowbe4\.com/, `${emulator.url}/$1`), init);

/** A process of its own, as far as the store can tell: another folder, the same database. */
async function opened(vaultKeys: string): Promise<Gateway> {
  const folder = mkdtempSync(join(parent, 'data-'));
  const gateway = await openGateway({
    folder,
    databaseUrl: database.url,
    vaultKeys,
    fetch: fetchThrough,
    leaseMs: 2000,
  });
  open.push(gateway);
  return gateway;
}

const connect = (gateway: Gateway) =>
  gateway.connections.connect({
    name: 'acme',
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    settings: { limits: { perSecond: null, perMinute: null, perDay: null } },
  });

test('what one process connects and syncs, another one serves, and its budget is theirs', async () => {
  const [first, second] = [await opened(ourKey), await opened(ourKey)];
  const { connection } = await connect(first);
  const run = await second.sync.run('acme', { level: 'directory' });
  expect(run.status).toBe('done');
  const list = (gateway: Gateway) =>
    gateway.directory.listUsers({ connectionIds: [connection.id], query: { limit: '100' } });
  const seen = await list(first);
  expect(seen).toMatchObject({ result_count: emulator.truth().users.length });
  const budgets = await Promise.all([first, second].map(async (gateway) => (await gateway.sync.status('acme')).budget));
  expect(budgets[0]!.usedLastDay).toBe(emulator.requests().total);
  expect(budgets[1]!.usedLastDay).toBe(budgets[0]!.usedLastDay);
});

test('a process with another key ring is refused before it writes what the others cannot open', async () => {
  await connect(await opened(ourKey));
  await expect(opened(newerKey)).rejects.toMatchObject({ code: 'key_missing' });
  const both = await opened(`${ourKey}\n${newerKey}`);
  expect(await both.sync.run('acme', { level: 'directory' })).toMatchObject({ status: 'done' });
});

test('a newer key in front is the key of the store from then on', async () => {
  await connect(await opened(ourKey));
  await opened(`${newerKey}\n${ourKey}`);
  await expect(opened(ourKey)).rejects.toMatchObject({ code: 'key_missing' });
});

test('a connection that was removed without its mirror can be purged by its id afterwards', async () => {
  const gateway = await opened(ourKey);
  const { connection } = await connect(gateway);
  await gateway.sync.run('acme', { level: 'directory' });
  const { connections } = gateway.as(operator);
  await connections.remove('acme', { purge: false });
  expect(await connections.remove(connection.id, { purge: true })).toEqual({ id: connection.id });
  await expect(connections.remove(connection.id, { purge: true })).rejects.toMatchObject({ code: 'not_found' });
});

test('a sync that loses the database ends in words, and the next one brings the mirror to the truth', async () => {
  const gateway = await opened(ourKey);
  const { connection } = await connect(gateway);
  let goesOn = true;
  let cuts = 0;
  const cutting = withClient(database.url, async (client) => {
    while (goesOn) {
      cuts += (await client.query(others)).rowCount ?? 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const first = await gateway.sync.run('acme', { level: 'full' }).then(
    (run) => run.error,
    (error: unknown) => error,
  );
  goesOn = false;
  await cutting;
  expect(cuts).toBeGreaterThan(0);
  expect(first).toMatchObject({ code: 'store_failed', detail: 'The database cannot be reached.' });
  // A run that could not even say that it ended holds the connection until its lease lapses.
  let second = await failureOr(gateway.sync.run('acme', { level: 'full' }));
  while ((second as { code?: string }).code === 'conflict') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    second = await failureOr(gateway.sync.run('acme', { level: 'full' }));
  }
  expect(second).toMatchObject({ status: 'done', error: null });
  const people = await gateway.directory.listUsers({ connectionIds: [connection.id], query: { limit: '100' } });
  expect(people).toMatchObject({ result_count: emulator.truth().users.length });
});

const others =
  'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';

const failureOr = (run: Promise<unknown>): Promise<unknown> => run.catch((error: unknown) => error);

test('a token that one process revokes ends there at once, and in the others within a second', async () => {
  const [first, second] = [await opened(ourKey), await opened(ourKey)];
  const { token, secret } = await first.tokens.create({ name: 'agent', scopes: ['directory'] });
  const isLetIn = (gateway: Gateway) =>
    gateway.tokens.verify(secret).then(
      () => true,
      () => false,
    );
  // The first use is written down; what is remembered is remembered from the second one on.
  for (const _ of [1, 2]) expect(await Promise.all([first, second].map(isLetIn))).toEqual([true, true]);
  await first.tokens.revoke(token.id);
  expect(await isLetIn(first)).toBe(false);
  await expect.poll(() => isLetIn(second), { timeout: 5000, interval: 50 }).toBe(false);
});

test('a connection that one process pauses is asked nothing through its proxy from then on, nor through the others’ a second later', async () => {
  const [first, second] = [await opened(ourKey), await opened(ourKey)];
  const { connection } = await connect(first);
  const read = (gateway: Gateway) =>
    gateway.proxy.reporting({ connection, method: 'GET', path: '/account', query: '', mayWrite: false }).then(
      ({ status }) => status,
      ({ code }) => code as string,
    );
  expect(await Promise.all([first, second].map(read))).toEqual([200, 200]);
  await first.connections.pause('acme');
  expect(await read(first)).toBe('connection_paused');
  await expect.poll(() => read(second), { timeout: 5000, interval: 50 }).toBe('connection_paused');
});
