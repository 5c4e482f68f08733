import { Secret, TOTP } from 'otpauth';
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../store/contract/memory-store.ts';
import { type OperatorRoom, operatorRoom } from './operators.ts';
import type { OperatorStore } from './ports.ts';
import { csrfOf, hashSecret, isCsrf, isSecret } from './secret.ts';

const SECRET = 'seven green bicycles';
const OTHER = 'eleven quiet lanterns';
let store: OperatorStore;
let room: OperatorRoom;
let now: number;
let ids: number;

beforeEach(async () => {
  store = await memoryStore();
  now = Date.UTC(2026, 10, 21, 9);
  ids = 0;
  room = operatorRoom({
    ...{ store, now: () => new Date(now), newId: () => `op_${++ids}` },
    seal: (id, seed) => `${id} ${seed}`,
    open: (id, sealed) => sealed.slice(id.length + 1),
    cost: { N: 2 ** 10, r: 8, p: 1 },
  });
});

const add = (name = 'priya', totp = false) => room.add({ name, secret: SECRET, totp }, null, 'tty');
const proof = (changes: object = {}) => ({ name: 'priya', secret: SECRET, code: null, ...changes });
const refused = expect.objectContaining({ code: 'operator_refused' });

describe('an operator', () => {
  test('is who knows the secret, whatever the case of the name', async () => {
    const { operator } = await add();
    expect(await room.verify(proof({ name: 'PRIYA' }), 'tty')).toEqual(operator);
    for (const wrong of [{ secret: OTHER }, { secret: '' }, { name: 'nobody' }]) {
      await expect(room.verify(proof(wrong), 'tty')).rejects.toEqual(refused);
    }
  });

  test('has a secret that is kept as scrypt alone', async () => {
    await add();
    const kept = await store.findCredentials('priya');
    expect(kept!.hash).toMatch(/^scrypt\$1024\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(JSON.stringify(kept)).not.toContain(SECRET);
    expect(await hashSecret(SECRET)).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect(await isSecret(SECRET, await hashSecret(SECRET))).toBe(true);
    // Letters that look alike and are one are one.
    expect(await isSecret('ﬁve green bicycles', await hashSecret('five green bicycles'))).toBe(true);
  });

  test.each([
    ['short', 'few letters', 'secret'],
    ['of one letter', 'aaaaaaaaaaaaaaaa', 'secret'],
    ['the name', 'priya-priya-1', 'secret'],
    ['far too long', 'ab cd ef'.repeat(40), 'secret'],
  ])('is not made with a secret that is %s', async (_, secret, field) => {
    const made = room.add({ name: 'priya', secret, totp: false }, null, 'tty');
    await expect(made).rejects.toMatchObject({ code: 'invalid_request', field });
  });

  test.each([[''], [' priya'], ['<b>'], ['a'.repeat(65)], ['a\nb']])('is not called %j', async (name) => {
    const made = room.add({ name, secret: SECRET, totp: false }, null, 'tty');
    await expect(made).rejects.toMatchObject({ code: 'invalid_request', field: 'name' });
  });

  test('proves a second thing where a one-time code is asked for, each code once', async () => {
    const { totpUri } = await add('priya', true);
    expect(totpUri).toMatch(/^otpauth:\/\/totp\/Foreknow:priya\?/);
    const seed = new URL(totpUri!).searchParams.get('secret')!;
    const codeAt = (time: number) => new TOTP({ secret: Secret.fromBase32(seed) }).generate({ timestamp: time });
    for (const code of [null, '000000', 'abc', codeAt(now - 90_000)]) {
      await expect(room.verify(proof({ code }), 'tty')).rejects.toEqual(refused);
    }
    const code = codeAt(now);
    expect(await room.verify(proof({ code: `${code.slice(0, 3)} ${code.slice(3)}` }), 'tty')).toBeDefined();
    await expect(room.verify(proof({ code }), 'tty')).rejects.toEqual(refused);
    now += 30_000;
    await expect(room.verify(proof({ code: codeAt(now), secret: OTHER }), 'tty')).rejects.toEqual(refused);
    expect(await room.verify(proof({ code: codeAt(now) }), 'tty')).toBeDefined();
  });

  test('cannot be guessed at: tries are counted by name and place, and by name', async () => {
    await add();
    for (let tries = 0; tries < 10; tries += 1) {
      await expect(room.verify(proof({ secret: OTHER }), 'here')).rejects.toEqual(refused);
    }
    await expect(room.verify(proof(), 'here')).rejects.toMatchObject({ code: 'too_many_attempts' });
    expect(await room.verify(proof(), 'there')).toBeDefined();
    now += 3_600_001;
    expect(await room.verify(proof(), 'here')).toBeDefined();
  });
});

describe('who makes operators', () => {
  test('is anybody for the first, and then one of them', async () => {
    await add();
    const sam = { name: 'sam', secret: OTHER, totp: false };
    await expect(room.add(sam, null, 'tty')).rejects.toEqual(refused);
    await expect(room.add(sam, proof({ secret: OTHER }), 'tty')).rejects.toEqual(refused);
    await room.add(sam, proof(), 'tty');
    expect((await room.list()).map(({ name }) => name)).toEqual(['priya', 'sam']);
    await expect(room.add(sam, proof(), 'tty')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('sets another secret, which ends what is open; who holds the store alone needs nobody', async () => {
    await add();
    const { token } = await room.login(proof(), 'web');
    const changed = { name: 'priya', secret: OTHER, totp: false };
    await expect(room.reset(changed, null, 'tty')).rejects.toEqual(refused);
    await room.reset(changed, proof(), 'tty');
    expect(await room.session(token)).toBeNull();
    await expect(room.verify(proof(), 'tty')).rejects.toEqual(refused);
    await room.recover({ ...changed, secret: SECRET });
    expect(await room.verify(proof(), 'tty')).toBeDefined();
    await expect(room.recover({ ...changed, name: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('disables others, never themselves, so that somebody is left', async () => {
    await add();
    await room.add({ name: 'sam', secret: OTHER, totp: false }, proof(), 'tty');
    const { token } = await room.login({ name: 'sam', secret: OTHER, code: null }, 'web');
    await expect(room.disable('priya', proof(), 'tty')).rejects.toMatchObject({ code: 'conflict' });
    await expect(room.disable('sam', null, 'tty')).rejects.toEqual(refused);
    expect(await room.disable('sam', proof(), 'tty')).toMatchObject({
      name: 'sam',
      disabledAt: new Date(now).toISOString(),
    });
    expect(await room.session(token)).toBeNull();
    await expect(room.verify({ name: 'sam', secret: OTHER, code: null }, 'tty')).rejects.toEqual(refused);
  });
});

describe('a session', () => {
  test('is open for eight hours, until it is ended', async () => {
    const { operator } = await add();
    const { token, expiresAt } = await room.login(proof(), 'web');
    expect(expiresAt).toBe(new Date(now + 8 * 3_600_000).toISOString());
    expect(await room.session(token)).toEqual(operator);
    for (const other of ['', 'fko_x', `${token}x`, token.toUpperCase()]) expect(await room.session(other)).toBeNull();
    const second = await room.login(proof(), 'web');
    await room.logout(second.token);
    expect(await room.session(second.token)).toBeNull();
    now += 8 * 3_600_000;
    expect(await room.session(token)).toBeNull();
  });

  test('has forms of its own', async () => {
    await add();
    const [one, other] = [await room.login(proof(), 'web'), await room.login(proof(), 'web')];
    expect(isCsrf(one.token, csrfOf(one.token))).toBe(true);
    for (const said of ['', csrfOf(other.token), one.token]) expect(isCsrf(one.token, said)).toBe(false);
  });
});
