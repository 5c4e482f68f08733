import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { randomId } from '../lib/random-id.ts';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import { COMMAND_TOKEN } from './token.ts';
import { tokenRoom } from './tokens.ts';

let temp: TempStore;
let now: Date;
beforeEach(async () => {
  temp = await openTempStore();
  now = new Date('2026-03-02T08:00:30.000Z');
});
afterEach(() => temp.remove());

const room = () => tokenRoom({ store: temp.store, now: () => now, newId: () => randomId('tok_') });
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

test('a token is verified by its secret, which is shown once and recognised by its last four characters', async () => {
  const { token, secret } = await room().create({ name: ' reports ', scopes: ['directory', 'directory', 'risk'] });
  expect(secret).toMatch(/^fk_[\w-]{43}$/);
  expect(token).toMatchObject({ name: 'reports', scopes: ['directory', 'risk'], connections: null, lastUsedAt: null });
  expect(token.lastFour).toBe(secret.slice(-4));
  expect(await room().verify(secret)).toMatchObject({ id: token.id, scopes: ['directory', 'risk'] });
  expect(JSON.stringify(await room().list())).not.toContain(secret);
});

test('anything that is not a token of ours is refused', async () => {
  const { secret } = await room().create({ name: 'reports', scopes: ['directory'] });
  const wrong = ['', 'fk_', `${secret}x`, secret.slice(0, -1), secret.toUpperCase(), `fk_${'a'.repeat(43)}`];
  for (const guess of wrong) {
    await expect(room().verify(guess)).rejects.toMatchObject({
      code: 'unauthenticated',
      detail: 'The token is not known.',
    });
  }
});

test('the store is asked for the hash of a secret alone: no stored secret is there to be compared with', async () => {
  const asked: unknown[] = [];
  const watched = tokenRoom({
    store: {
      ...temp.store,
      findTokenByHash: (hash) => {
        asked.push(hash);
        return temp.store.findTokenByHash(hash);
      },
    },
    now: () => now,
    newId: () => 'tok_x',
  });
  const { secret } = await room().create({ name: 'reports', scopes: ['directory'] });
  await watched.verify(secret);
  await expect(watched.verify('fk_short')).rejects.toThrow();
  expect(asked).toEqual([createHash('sha256').update(secret).digest('hex')]);
});

test('the name of the commands’ own token is not for others', async () => {
  const refusal = { code: 'invalid_request', field: 'name' };
  await expect(room().create({ name: COMMAND_TOKEN, scopes: ['admin'] })).rejects.toMatchObject(refusal);
  await expect(room().create({ name: ` ${COMMAND_TOKEN} `, scopes: ['admin'] })).rejects.toMatchObject(refusal);
  const { token } = await room().create({ name: COMMAND_TOKEN, scopes: ['admin'], forCommands: true });
  expect(token.name).toBe(COMMAND_TOKEN);
});

test('an expired token is refused from the moment on', async () => {
  const expiresAt = new Date(now.getTime() + 1000).toISOString();
  const { secret } = await room().create({ name: 'reports', scopes: ['directory'], expiresAt });
  later(999);
  await room().verify(secret);
  later(1);
  await expect(room().verify(secret)).rejects.toMatchObject({
    code: 'unauthenticated',
    detail: 'The token has expired.',
  });
});

test('a revoked token is refused, and cannot be revoked twice', async () => {
  const { token, secret } = await room().create({ name: 'reports', scopes: ['directory'] });
  await room().revoke(token.id);
  await expect(room().verify(secret)).rejects.toMatchObject({ detail: 'The token was revoked.' });
  await expect(room().revoke(token.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('the last use is kept to the minute, with one write a minute', async () => {
  const { secret } = await room().create({ name: 'reports', scopes: ['directory'] });
  expect((await room().verify(secret)).lastUsedAt).toBe('2026-03-02T08:00:00.000Z');
  let writes = 0;
  const counting = tokenRoom({
    store: {
      ...temp.store,
      touchToken: async () => {
        writes += 1;
      },
    },
    now: () => now,
    newId: () => 'tok_x',
  });
  later(29_000);
  await counting.verify(secret);
  expect(writes).toBe(0);
  later(1000);
  await counting.verify(secret);
  expect(writes).toBe(1);
});

test('a token may reach named connections only', async () => {
  const { secret } = await room().create({ name: 'one', scopes: ['directory'], connections: ['con_a', 'con_a'] });
  expect((await room().verify(secret)).connections).toEqual(['con_a']);
});

test('a token without a name, a scope, a connection or a future is not made', async () => {
  const ok = { name: 'reports', scopes: ['directory'] } as const;
  const refusals = [
    [{ ...ok, name: ' ' }, 'name'],
    [{ ...ok, scopes: [] }, 'scopes'],
    [{ ...ok, scopes: ['everything' as 'admin'] }, 'scopes'],
    [{ ...ok, connections: [] }, 'connections'],
    [{ ...ok, expiresAt: 'tomorrow' }, 'expires_at'],
    [{ ...ok, expiresAt: '2026-03-02T08:00:00Z' }, 'expires_at'],
  ] as const;
  for (const [bad, field] of refusals) {
    await expect(room().create(bad)).rejects.toMatchObject({ code: 'invalid_request', field });
  }
  expect(await room().list()).toEqual([]);
});
