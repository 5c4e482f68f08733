import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor } from '../audit/ports.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
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
  const gateway = await openGateway({ folder, databaseUrl: database.url, vaultKeys, fetch: fetchThrough });
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
