import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';

/* Keys for the other APIs of an account, against what answers there. */

let folder: string;
let emulator: Emulator;
let gateway: Gateway;

const open = (options: Partial<GatewayOptions> = {}) => openGateway({ folder, allowBaseUrls: true, ...options });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-keys-'));
  emulator = await startEmulator({ people: 40, limits: false });
  gateway = await open();
  const { reportingToken, region, url } = emulator;
  await gateway.connections.connect({ name: 'acme', region, reportingToken, reportingUrl: url });
});
afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const urlOf = (kind: 'scim' | 'events' | 'product') => emulator.addresses[kind];
const add = (kind: 'scim' | 'events' | 'product', token = emulator.tokens[kind]) =>
  gateway.connections.addKey('acme', kind, { token, url: urlOf(kind) });

test('each kind of key is proven by one request, and a wrong one is told as such', async () => {
  for (const kind of ['scim', 'events', 'product'] as const) {
    emulator.resetRequests();
    const { connection, warnings } = await add(kind);
    expect(emulator.requests().total, kind).toBe(1);
    expect(connection.tokens.map((token) => token.kind)).toContain(kind);
    expect(connection.baseUrls[kind]).toBe(urlOf(kind));
    expect(warnings).toEqual([]);
    await expect(add(kind, 'wrong-key'), kind).rejects.toMatchObject({ code: 'connection_unauthorized' });
    await expect(add(kind, emulator.reportingToken), kind).rejects.toMatchObject({ code: 'connection_unauthorized' });
  }
  expect((await gateway.connections.get('acme')).state).toBe('active');
});

test('an address that is not KnowBe4’s is read only where the operator allows it, also when it was stored before', async () => {
  await gateway.close();
  gateway = await open({ allowBaseUrls: false });
  await expect(add('product')).rejects.toMatchObject({ code: 'host_not_allowed', field: 'url' });
  emulator.resetRequests();
  await expect(gateway.connections.check('acme')).rejects.toMatchObject({
    code: 'host_not_allowed',
    hint: expect.stringContaining('--allow-host'),
  });
  expect((await gateway.sync.run('acme', { level: 'directory' })).error).toMatchObject({ code: 'host_not_allowed' });
  expect(emulator.requests().total).toBe(0);

  await gateway.close();
  gateway = await open({ allowBaseUrls: false, allowHosts: ['127.0.0.1'] });
  await gateway.connections.check('acme');
  await add('product');
});

test('what was added is in the audit log, without the key', async () => {
  const actor = { kind: 'token', id: 'tok_1', name: 'it', door: 'http', from: '127.0.0.1', requestId: 'r' } as const;
  const { connections } = gateway.as(actor);
  await connections.addKey('acme', 'scim', { token: emulator.tokens.scim, url: urlOf('scim') });
  await connections.removeKey('acme', 'scim');
  const entries = await gateway.audit.entries({ connectionIds: null, after: 0, limit: 10 });
  expect(entries.map(({ action, details }) => [action, details])).toEqual([
    ['connection.key_added', { kind: 'scim', url: urlOf('scim') }],
    ['connection.key_removed', { kind: 'scim' }],
  ]);
  expect(JSON.stringify(entries)).not.toContain(emulator.tokens.scim);
});
