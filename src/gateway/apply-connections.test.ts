import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest';
import type { ConfiguredConnection } from '../config/config.ts';
import type { ConnectionSettings } from '../connections/connection.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { applyConnections, tellUnnamed } from './apply-connections.ts';
import { type Gateway, openGateway } from './gateway.ts';

let folder: string;
let emulator: Emulator;
let gateway: Gateway;
const told: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-apply-'));
  emulator = await startEmulator({ people: 20, limits: false, accounts: [{ name: 'Other Foods', people: 10 }] });
  gateway = await openGateway({ folder, allowBaseUrls: true });
  told.length = 0;
});

afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const wanted = (fields: Partial<ConfiguredConnection> & { token?: string } = {}): ConfiguredConnection => ({
  name: 'acme',
  region: emulator.region,
  tenant: null,
  tags: ['prod'],
  reportingToken: { from: { env: 'KB4' }, reveal: () => fields.token ?? emulator.reportingToken },
  reportingUrl: emulator.url,
  scim: undefined,
  product: undefined,
  provisioning: { mode: undefined, everyMinutes: undefined, approvalsExpireMs: undefined, freezes: [] },
  settings: { streamsOff: ['policies', 'enrollments'] },
  ...fields,
});

const deps = () => ({
  connections: gateway.connections,
  notify: ({ message }: { message: string }) => void told.push(message),
});
const apply = (...list: ConfiguredConnection[]) => applyConnections(deps(), list);

test('a connection of the file is made once; the next start asks KnowBe4 for nothing', async () => {
  expect(await apply(wanted())).toEqual([]);
  const [made] = await gateway.connections.list();
  expect(made).toMatchObject({ name: 'acme', state: 'active', tags: ['prod'] });
  emulator.resetRequests();
  told.length = 0;
  expect(await apply(wanted({ settings: { streamsOff: ['enrollments', 'policies'] } }))).toEqual([]);
  expect(told).toEqual([]);
  expect(emulator.requests().total).toBe(0);
});

test('labels and settings follow the file', async () => {
  await apply(wanted());
  await apply(wanted({ tags: ['prod', 'eu'], tenant: 'Acme', settings: { directoryEveryMinutes: 30 } }));
  expect(await gateway.connections.get('acme')).toMatchObject({
    tags: ['prod', 'eu'],
    tenant: 'Acme',
    settings: { directoryEveryMinutes: 30 },
  });
});

test('another token of the account takes the place of the old one; one of another account does not', async () => {
  await apply(wanted());
  const before = await gateway.connections.get('acme');
  const other = emulator.accounts[1]!.reportingToken;
  expect(await apply(wanted({ token: other }))).toEqual([]);
  expect(told.at(-1)).toContain('belongs to another account');
  expect(told.join()).not.toContain(other);
  expect((await gateway.connections.get('acme')).tokens).toEqual(before.tokens);
});

test('the other keys of the file are proven and kept; the next start asks for nothing', async () => {
  const secret = (value: string) => ({ from: { env: 'X' }, reveal: () => value });
  const { tokens, addresses } = emulator;
  const keys = (scim = tokens.scim) => ({
    scim: { url: secret(`${addresses.scim}/`), token: secret(scim) },
    product: { url: addresses.product, token: secret(tokens.product) },
  });
  expect(await apply(wanted(keys()))).toEqual([]);
  const made = await gateway.connections.get('acme');
  expect(made.tokens.map(({ kind }) => kind).toSorted()).toEqual(['product', 'reporting', 'scim']);
  told.length = 0;
  expect(await apply(wanted(keys()))).toEqual([]);
  expect(told).toEqual([]);
  expect(await apply(wanted(keys('not-the-key-4711')))).toEqual([]);
  expect(told.join()).toMatch(/Connection acme of the configuration file is not in place: /);
  expect(told.join()).not.toContain('4711');
  expect((await gateway.connections.get('acme')).tokens).toEqual(made.tokens);
});

test('what KnowBe4 refuses is told and not tried again; what it could not answer is', async () => {
  expect(await apply(wanted({ token: 'kb4-wrong-token-of-the-file' }), wanted({ name: 'second' }))).toEqual([]);
  expect(told[0]).toContain('Connection acme of the configuration file is not in place');
  expect((await gateway.connections.list()).map(({ name }) => name)).toEqual(['second']);
  emulator.addFault({ kind: 'rate-limited', retryAfterS: 3600 });
  const busy = wanted({ name: 'third' });
  expect(await apply(busy)).toEqual([busy]);
});

test('a stop ends it after the connection that it is at', async () => {
  const stop = new AbortController();
  const stopping = { connections: gateway.connections, notify: () => stop.abort() };
  expect(await applyConnections(stopping, [wanted(), wanted({ name: 'second' })], stop.signal)).toEqual([]);
  expect((await gateway.connections.list()).map(({ name }) => name)).toEqual(['acme']);
});

test('a connection that the file does not name is left as it is, and said', async () => {
  await apply(wanted(), wanted({ name: 'second' }));
  await tellUnnamed(deps(), [wanted()]);
  expect(told.at(-1)).toBe('Connection second is not in the configuration file and is left as it is.');
  expect(await gateway.connections.list()).toHaveLength(2);
});

test('every setting of a connection can stand in the file', () => {
  type Missing = Exclude<keyof ConnectionSettings, keyof ConfiguredConnection['settings']>;

  expectTypeOf<Missing>().toBeNever();
});
