import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor } from '../audit/ports.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, openGateway } from './gateway.ts';

const mara: Actor = { kind: 'operator', id: 'mara', name: null, door: 'cli', from: null, requestId: null };

let folder: string;
let emulator: Emulator;
let gateway: Gateway;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-audit-'));
  emulator = await startEmulator({ people: 10, limits: false });
  gateway = await openGateway({
    folder,
    fetch: (url, init) => emulator.fetch(url.replace(/^https:\/\/\w+\.api\.knowbe4\.com/, emulator.url), init),
  });
});
afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true });
});

const entries = () => gateway.audit.entries({ after: 0, limit: 100, connectionIds: null });

const connectInput = () => ({
  name: 'acme',
  region: emulator.region,
  reportingToken: emulator.reportingToken,
  settings: { limits: { perSecond: null, perMinute: null, perDay: null } },
});

test('what is done to a connection is written in its order, without its token, and outlives it', async () => {
  const as = gateway.as(mara);
  const { connection } = await as.connections.connect(connectInput());
  await as.connections.update('acme', { tags: ['emea'] });
  await as.connections.pause('acme');
  await expect(as.sync.run('acme')).rejects.toMatchObject({ code: 'connection_paused' });
  await as.connections.resume(connection.id);
  await as.connections.replaceToken('acme', { reportingToken: emulator.reportingToken });
  const { token } = await as.tokens.create({ name: 'reports', scopes: ['risk'], connections: [connection.id] });
  await as.tokens.revoke(token.id);
  await as.vault.rotate();
  await as.connections.remove('acme', { purge: true });
  const found = await entries();
  expect(found.map(({ action, outcome, error }) => [action, error ?? outcome])).toEqual([
    ['connection.created', 'done'],
    ['connection.updated', 'done'],
    ['connection.paused', 'done'],
    ['sync.run', 'connection_paused'],
    ['connection.resumed', 'done'],
    ['connection.token_replaced', 'done'],
    ['token.created', 'done'],
    ['token.revoked', 'done'],
    ['vault.rotated', 'begun'],
    ['vault.rotated', 'done'],
    ['connection.purged', 'done'],
  ]);
  const onIt = found.filter(({ action }) => /^(connection|sync)\./.test(action));
  expect(new Set(onIt.map(({ connectionId }) => connectionId))).toEqual(new Set([connection.id]));
  expect(found[1]!.details).toEqual({ tags: ['emea'] });
  expect(found.every(({ actor }) => actor.id === 'mara')).toBe(true);
  expect(JSON.stringify(found)).not.toContain(emulator.reportingToken);
});

test('an erased person is in the log as a mark, the same when they are readmitted', async () => {
  const as = gateway.as(mara);
  const { connection } = await as.connections.connect(connectInput());
  await gateway.sync.run('acme', { level: 'full' });
  const { result } = await gateway.directory.listPeople({ connectionIds: [connection.id], query: {} }, new Set());
  const person = result[0]!;
  await as.connections.erasePerson('acme', person.id);
  await as.connections.readmitPerson('acme', person.id);
  const [erased, readmitted] = (await entries()).slice(-2);
  expect([erased!.action, readmitted!.action]).toEqual(['person.erased', 'person.readmitted']);
  expect(erased!.target).toMatch(/^person [\w-]{43}$/);
  expect(readmitted!.target).toBe(erased!.target);
  const text = JSON.stringify(await entries());
  for (const word of [`"${person.id}"`, person.name, person.email]) if (word) expect(text).not.toContain(word);
});

test('an act on a connection that is not there is written as refused', async () => {
  await expect(gateway.as(mara).connections.pause('nobody')).rejects.toMatchObject({ code: 'not_found' });
  expect(await entries()).toMatchObject([
    { action: 'connection.paused', connectionId: null, target: null, outcome: 'refused', error: 'not_found' },
  ]);
});

test('failed logins that were only counted are written when the process ends', async () => {
  gateway.audit.failedLogin('192.0.2.1');
  await gateway.close();
  gateway = await openGateway({ folder, fetch: () => Promise.reject(new Error('nothing is sent')) });
  expect(await entries()).toMatchObject([{ action: 'login.failed', details: { attempts: 1 } }]);
});

test('what somebody typed for a name may be their secret: only names of operators are written', async () => {
  const as = gateway.as(mara);
  const secret = 'seven green bicycles';
  await as.operators.add({ name: 'Priya', secret, totp: false }, null, 'terminal');
  const refused = expect.objectContaining({ code: 'operator_refused' });
  const proof = { name: secret, secret: 'eleven quiet lanterns', code: null };
  await expect(as.operators.login(proof, 'page 127.0.0.1')).rejects.toEqual(refused);
  await expect(as.decisions.reject('pl_1', 'No.', { proof, from: 'terminal' })).rejects.toEqual(refused);
  await expect(as.operators.disable('Priya', proof, 'terminal')).rejects.toEqual(refused);
  await as.operators.login({ name: 'PRIYA', secret, code: null }, 'page 127.0.0.1');
  const found = await entries();
  expect(JSON.stringify(found)).not.toContain(secret);
  expect(found.slice(1).map(({ action, details }) => [action, details.name ?? details.operator])).toEqual([
    ['operator.signed_in', '(nobody)'],
    ['plan.rejected', '(nobody)'],
    ['operator.disabled', 'Priya'],
    ['operator.signed_in', 'Priya'],
  ]);
  expect(found[3]!.details.vouched_by).toBe('(nobody)');
});
