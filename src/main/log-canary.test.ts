import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmulator } from '../emulator/index.ts';
import { createLogger } from '../http/logger.ts';
import { startServer } from './index.ts';

/** A token as KnowBe4 gives them out: a JWT. */
const CANARY = `eyJhbGciOiJIUzUxMiJ9.${Buffer.from('{"c4nary":"planted"}').toString('base64url')}.c4narysignaturec4nary`;

/** Every way in which a fetch may fail that shows what it was given. */
const failures: readonly (() => never)[] = [
  () => {
    throw new TypeError('fetch failed', { cause: new Error(`connect refused, Bearer ${CANARY}`) });
  },
  () => {
    throw Object.assign(new Error(`bad header authorization: ${CANARY}`), { headers: { authorization: CANARY } });
  },
  () => {
    throw new Error(`https://user:${CANARY}@proxy.example/?token=${CANARY}`, { cause: { token: CANARY } });
  },
];

test('a planted token is in no line of the log at level trace, whatever fails and whoever sends it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-canary-'));
  const emulator = await startEmulator({
    people: 20,
    limits: false,
    accounts: [{ name: 'Canary Foods', people: 10, reportingToken: CANARY }],
  });
  const lines: string[] = [];
  const log = createLogger({ level: 'trace', stream: { write: (line) => void lines.push(line) } });
  let fails = 0;
  let isBroken = false;
  const server = await startServer({
    folder,
    port: 0,
    allowBaseUrls: true,
    scheduler: false,
    log,
    onNotice: ({ level, message, connectionId }) => log[level]({ connectionId }, message),
    fetch: (url, init) => {
      fails += 1;
      if (isBroken) failures[fails % failures.length]!();
      return fetch(url, init);
    },
  });
  const { secret } = await server.gateway.tokens.create({ name: 'all', scopes: ['admin'] });
  const call = (path: string, init: RequestInit = {}) =>
    fetch(server.url + path, { ...init, headers: { authorization: `Bearer ${secret}`, ...init.headers } });
  const post = (path: string, body: unknown) =>
    call(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

  const settings = { limits: { per_second: null, per_minute: null, per_day: null } };
  const input = { name: 'acme', region: 'us', reporting_token: CANARY, reporting_url: emulator.url, settings };
  expect((await post('/api/v1/connections', input)).status).toBe(201);
  expect((await post('/api/v1/connections/acme/sync?wait=true', { level: 'directory' })).status).toBeLessThan(300);
  isBroken = true;
  await Promise.all([
    post('/api/v1/connections/acme/check', {}),
    ...failures.map((_, n) => post('/api/v1/connections', { ...input, name: `other-${n}` })),
  ]);
  isBroken = false;
  await post('/api/v1/connections', `{"reporting_token": "${CANARY}", broken`);
  await post('/api/v1/connections', { ...input, [CANARY]: 1 });
  await call(`/api/v1/connections/${CANARY}?token=${CANARY}`);
  await call('/api/v1/connections', { headers: { authorization: `Bearer ${CANARY}` } });
  await call('/api/v1/connections', { headers: { cookie: `t=${CANARY}`, 'x-request-id': CANARY } });
  emulator.mutate({ kind: 'disable-token', account: 'Canary Foods' });
  await post('/api/v1/connections/acme/check', {});
  await post('/api/v1/connections/acme/sync?wait=true', { level: 'directory' });
  await server.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });

  expect(lines.length).toBeGreaterThan(15);
  const all = lines.join('');
  expect(lines.filter((line) => line.includes('c4nary') || line.includes(secret))).toEqual([]);
  expect(all).not.toContain(CANARY.split('.')[1]);
});
