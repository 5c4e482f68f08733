import { Secret, TOTP } from 'otpauth';
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../store/contract/memory-store.ts';
import type { Caller } from './operator.ts';
import { type OperatorDeps, type OperatorRoom, operatorRoom } from './operators.ts';
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
  room = operatorRoom(deps());
});

const deps = (): OperatorDeps => ({
  ...{ store, now: () => new Date(now), newId: () => `op_${++ids}` },
  seal: (id, seed) => `${id} ${seed}`,
  open: (id, sealed) => sealed.slice(id.length + 1),
  cost: { N: 2 ** 10, r: 8, p: 1 },
});

const add = (name = 'priya', totp = false) => room.add({ name, secret: SECRET, totp }, null, 'terminal');
const proof = (changes: object = {}) => ({ name: 'priya', secret: SECRET, code: null, ...changes });
const refused = expect.objectContaining({ code: 'operator_refused' });

describe('an operator', () => {
  test('is who knows the secret, whatever the case of the name', async () => {
    const { operator } = await add();
    expect(await room.verify(proof({ name: 'PRIYA' }), 'terminal')).toEqual(operator);
    for (const wrong of [{ secret: OTHER }, { secret: '' }, { name: 'nobody' }]) {
      await expect(room.verify(proof(wrong), 'terminal')).rejects.toEqual(refused);
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
    const made = room.add({ name: 'priya', secret, totp: false }, null, 'terminal');
    await expect(made).rejects.toMatchObject({ code: 'invalid_request', field });
  });

  test.each([[''], [' priya'], ['<b>'], ['a'.repeat(65)], ['a\nb']])('is not called %j', async (name) => {
    const made = room.add({ name, secret: SECRET, totp: false }, null, 'terminal');
    await expect(made).rejects.toMatchObject({ code: 'invalid_request', field: 'name' });
  });

  test('proves a second thing where a one-time code is asked for, each code once', async () => {
    const { totpUri } = await add('priya', true);
    expect(totpUri).toMatch(/^otpauth:\/\/totp\/Foreknow:priya\?/);
    const seed = new URL(totpUri!).searchParams.get('secret')!;
    const codeAt = (time: number) => new TOTP({ secret: Secret.fromBase32(seed) }).generate({ timestamp: time });
    for (const code of [null, '000000', 'abc', codeAt(now - 90_000)]) {
      await expect(room.verify(proof({ code }), 'terminal')).rejects.toEqual(refused);
    }
    const code = codeAt(now);
    expect(await room.verify(proof({ code: `${code.slice(0, 3)} ${code.slice(3)}` }), 'terminal')).toBeDefined();
    await expect(room.verify(proof({ code }), 'terminal')).rejects.toEqual(refused);
    now += 30_000;
    await expect(room.verify(proof({ code: codeAt(now), secret: OTHER }), 'terminal')).rejects.toEqual(refused);
    expect(await room.verify(proof({ code: codeAt(now) }), 'terminal')).toBeDefined();
  });

  const wrongly = async (times: number, from: (at: number) => Caller) => {
    for (let at = 0; at < times; at += 1) {
      await expect(room.verify(proof({ secret: OTHER }), from(at))).rejects.toEqual(refused);
    }
  };
  const tooMany = expect.objectContaining({ code: 'too_many_attempts' });

  test('cannot be guessed at: wrong tries are counted by name and caller', async () => {
    await add();
    await wrongly(10, () => 'page 192.0.2.1');
    await expect(room.verify(proof({ name: 'Priya' }), 'page 192.0.2.1')).rejects.toEqual(tooMany);
    expect(await room.verify(proof(), 'page 192.0.2.2')).toBeDefined();
    now += 3_600_001;
    expect(await room.verify(proof(), 'page 192.0.2.1')).toBeDefined();
  });

  test('cannot be guessed at from many networks, nor by many at one moment', async () => {
    await add();
    const tries = Array.from({ length: 12 }, () => room.verify(proof({ secret: OTHER }), 'token tok_1'));
    const ends = (await Promise.allSettled(tries)).map((end) => end.status === 'rejected' && end.reason.code);
    expect(ends.filter((code) => code === 'operator_refused')).toHaveLength(10);
    expect(ends.filter((code) => code === 'too_many_attempts')).toHaveLength(2);
    await wrongly(60, (at) => `page 192.0.2.${at}`);
    await expect(room.verify(proof(), 'page 192.0.2.99')).rejects.toEqual(tooMany);
  });

  test('is kept out by nobody elsewhere: neither a token nor the page takes the terminal or an open session away', async () => {
    await add();
    await wrongly(10, () => 'token tok_1');
    await wrongly(60, (at) => `page 192.0.2.${at}`);
    for (const from of ['terminal', 'session a1b2', 'token tok_2'] as const) {
      expect(await room.verify(proof(), from)).toMatchObject({ name: 'priya' });
    }
  });

  test('may be right as often as they like', async () => {
    await add();
    for (let times = 0; times < 25; times += 1) expect(await room.verify(proof(), 'terminal')).toBeDefined();
    await wrongly(9, () => 'terminal');
    expect(await room.verify(proof(), 'terminal')).toBeDefined();
    await wrongly(1, () => 'terminal');
    await expect(room.verify(proof(), 'terminal')).rejects.toEqual(tooMany);
  });
});

describe('who makes operators', () => {
  test('is anybody for the first, and then one of them', async () => {
    await add();
    const sam = { name: 'sam', secret: OTHER, totp: false };
    await expect(room.add(sam, null, 'terminal')).rejects.toEqual(refused);
    await expect(room.add(sam, proof({ secret: OTHER }), 'terminal')).rejects.toEqual(refused);
    await room.add(sam, proof(), 'terminal');
    expect((await room.list()).map(({ name }) => name)).toEqual(['priya', 'sam']);
    await expect(room.add(sam, proof(), 'terminal')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('sets another secret, which ends what is open; who holds the store alone needs nobody', async () => {
    await add();
    const { token } = await room.login(proof(), 'page 192.0.2.1');
    const changed = { name: 'priya', secret: OTHER, totp: false };
    await expect(room.reset(changed, null, 'terminal')).rejects.toEqual(refused);
    await room.reset(changed, proof(), 'terminal');
    expect(await room.session(token)).toBeNull();
    await expect(room.verify(proof(), 'terminal')).rejects.toEqual(refused);
    await room.recover({ ...changed, secret: SECRET });
    expect(await room.verify(proof(), 'terminal')).toBeDefined();
    await expect(room.recover({ ...changed, name: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('disables others, never themselves, so that somebody is left', async () => {
    await add();
    await room.add({ name: 'sam', secret: OTHER, totp: false }, proof(), 'terminal');
    const { token } = await room.login({ name: 'sam', secret: OTHER, code: null }, 'page 192.0.2.1');
    await expect(room.disable('priya', proof(), 'terminal')).rejects.toMatchObject({ code: 'conflict' });
    await expect(room.disable('sam', null, 'terminal')).rejects.toEqual(refused);
    expect(await room.disable('sam', proof(), 'terminal')).toMatchObject({
      name: 'sam',
      disabledAt: new Date(now).toISOString(),
    });
    expect(await room.session(token)).toBeNull();
    await expect(room.verify({ name: 'sam', secret: OTHER, code: null }, 'terminal')).rejects.toEqual(refused);
  });

  test('are never all disabled, not even by two who disable each other at one moment', async () => {
    await add();
    await room.add({ name: 'sam', secret: OTHER, totp: false }, proof(), 'terminal');
    const sam = { name: 'sam', secret: OTHER, code: null };
    const both = await Promise.allSettled([
      room.disable('sam', proof(), 'terminal'),
      room.disable('priya', sam, 'terminal'),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await room.list()).filter(({ disabledAt }) => disabledAt === null)).toHaveLength(1);
  });

  test('is nobody, where all that there are were disabled by other means', async () => {
    const { operator } = await add();
    store = { ...store, listOperators: async () => [{ ...operator, disabledAt: operator.createdAt }] };
    room = operatorRoom({ ...deps(), store });
    await expect(room.add({ name: 'sam', secret: OTHER, totp: false }, null, 'terminal')).rejects.toEqual(refused);
  });
});

describe('a session', () => {
  test('is not opened when the secret changes, or they are disabled, while it is proved', async () => {
    await add();
    await room.add({ name: 'sam', secret: OTHER, totp: false }, proof(), 'terminal');
    const meanwhile = async (work: () => Promise<unknown>) => {
      const later = operatorRoom({
        ...deps(),
        store: { ...store, forgetAttempt: (attempt) => work().then(() => store.forgetAttempt(attempt)) },
      });
      await expect(later.login(proof(), 'page 192.0.2.1')).rejects.toEqual(refused);
    };
    now += 1000;
    await meanwhile(() => room.recover({ name: 'priya', secret: 'nine slow rivers', totp: false }));
    await room.recover({ name: 'priya', secret: SECRET, totp: false });
    await meanwhile(() => room.disable('priya', { name: 'sam', secret: OTHER, code: null }, 'terminal'));
  });

  test('is open for eight hours, until it is ended', async () => {
    const { operator } = await add();
    const { token, expiresAt } = await room.login(proof(), 'page 192.0.2.1');
    expect(expiresAt).toBe(new Date(now + 8 * 3_600_000).toISOString());
    expect(await room.session(token)).toEqual(operator);
    for (const other of ['', 'fko_x', `${token}x`, token.toUpperCase()]) expect(await room.session(other)).toBeNull();
    const second = await room.login(proof(), 'page 192.0.2.1');
    await room.logout(second.token);
    expect(await room.session(second.token)).toBeNull();
    now += 8 * 3_600_000;
    expect(await room.session(token)).toBeNull();
  });

  test('has forms of its own', async () => {
    await add();
    const [one, other] = [await room.login(proof(), 'page 192.0.2.1'), await room.login(proof(), 'page 192.0.2.1')];
    expect(isCsrf(one.token, csrfOf(one.token))).toBe(true);
    for (const said of ['', csrfOf(other.token), one.token]) expect(isCsrf(one.token, said)).toBe(false);
  });
});
