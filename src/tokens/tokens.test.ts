import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomId } from '../lib/random-id.ts';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import type { NewToken } from './new-token.ts';
import type { TokenStore } from './ports.ts';
import { COMMAND_TOKEN, includesScope } from './token.ts';
import { tokenRoom } from './tokens.ts';

let temp: TempStore;
let now: Date;
beforeEach(async () => {
  temp = await openTempStore();
  now = new Date('2026-03-02T08:00:30.000Z');
  tagged = {};
});
afterEach(() => temp.remove());

let tagged: Readonly<Record<string, readonly string[]>> = {};
const rooms = (store: TokenStore) =>
  tokenRoom({
    store,
    now: () => now,
    newId: () => randomId('tok_'),
    tagged: async (tags) => tags.flatMap((tag) => tagged[tag] ?? []),
  });
const room = () => rooms(temp.store);
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
  const watched = rooms({
    ...temp.store,
    findTokenByHash: (hash) => {
      asked.push(hash);
      return temp.store.findTokenByHash(hash);
    },
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
  const counting = rooms({
    ...temp.store,
    touchToken: async () => {
      writes += 1;
    },
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

test('the older name of a scope is taken, and kept under the present one', async () => {
  const { token } = await room().create({ name: 'old', scopes: ['phishing', 'phishing.identified'] });
  expect(token.scopes).toEqual(['phishing.identified']);
  expect(includesScope(token.scopes, 'phishing.aggregate')).toBe(true);
  expect(includesScope(['phishing.aggregate'], 'phishing.identified')).toBe(false);
  expect(includesScope(['proxy'], 'proxy.write')).toBe(false);
});

describe('a token bound by tags', () => {
  test('reaches the connections that have one of them at this moment, and those it names', async () => {
    tagged = { emea: ['con_a', 'con_b'] };
    const { secret } = await room().create({
      name: 'emea',
      scopes: ['directory'],
      tags: ['emea', 'none'],
      connections: ['con_b', 'con_c'],
    });
    expect((await room().verify(secret)).connections?.toSorted()).toEqual(['con_a', 'con_b', 'con_c']);
    tagged = {};
    expect((await room().verify(secret)).connections).toEqual(['con_b', 'con_c']);
  });

  test('reaches nothing, not everything, where no connection has them', async () => {
    const { secret } = await room().create({ name: 'emea', scopes: ['directory'], tags: ['emea'] });
    expect((await room().verify(secret)).connections).toEqual([]);
  });

  test('hands on its tags, and no connection that it reaches by a tag alone', async () => {
    tagged = { emea: ['con_a'] };
    const { secret } = await room().create({ name: 'emea', scopes: ['admin'], tags: ['emea'], connections: ['con_b'] });
    const maker = await room().verify(secret);
    const like = (more: object) => room().create({ name: 'child', scopes: ['directory'], ...more }, maker);
    expect((await like({})).token).toMatchObject({ tags: ['emea'], connections: ['con_b'] });
    expect((await like({ connections: ['con_b'] })).token).toMatchObject({ tags: null, connections: ['con_b'] });
    const refusal = { code: 'connection_not_allowed' };
    await expect(like({ connections: ['con_a'] })).rejects.toMatchObject(refusal);
    await expect(like({ tags: ['apac'] })).rejects.toMatchObject(refusal);
    await expect(like({ tags: ['emea'], connections: ['con_c'] })).rejects.toMatchObject(refusal);
  });
});

describe('rotation', () => {
  test('both secrets work until the overlap ends, then the new one alone', async () => {
    const { token, secret: first } = await room().create({ name: 'reports', scopes: ['directory'] });
    const { token: rotated, secret: second } = await room().rotate(token.id, 60);
    expect(second).not.toBe(first);
    expect(rotated).toMatchObject({
      id: token.id,
      lastFour: second.slice(-4),
      previousUntil: '2026-03-02T08:01:30.000Z',
    });
    for (const secret of [first, second]) expect((await room().verify(secret)).id).toBe(token.id);
    later(59_999);
    await room().verify(first);
    later(1);
    await expect(room().verify(first)).rejects.toMatchObject({ detail: 'The secret was replaced by a new one.' });
    await room().verify(second);
  });

  test('another rotation ends the older secret at once', async () => {
    const { token, secret: first } = await room().create({ name: 'reports', scopes: ['directory'] });
    const { secret: second } = await room().rotate(token.id);
    const { secret: third } = await room().rotate(token.id);
    await expect(room().verify(first)).rejects.toMatchObject({ code: 'unauthenticated' });
    for (const secret of [second, third]) await room().verify(secret);
  });

  test('without an overlap the old secret ends now', async () => {
    const { token, secret } = await room().create({ name: 'reports', scopes: ['directory'] });
    await room().rotate(token.id, 0);
    await expect(room().verify(secret)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('revoking ends both secrets, and a token that has ended gets no other', async () => {
    const { token, secret: first } = await room().create({ name: 'reports', scopes: ['directory'] });
    const { secret: second } = await room().rotate(token.id);
    await room().revoke(token.id);
    for (const secret of [first, second])
      await expect(room().verify(secret)).rejects.toMatchObject({ detail: 'The token was revoked.' });
    await expect(room().rotate(token.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(room().rotate('tok_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('overlaps are whole seconds up to 30 days', async () => {
    const { token } = await room().create({ name: 'reports', scopes: ['directory'] });
    for (const overlap of [-1, 1.5, 30 * 86_400 + 1, Number.NaN])
      await expect(room().rotate(token.id, overlap)).rejects.toMatchObject({ field: 'overlap_seconds' });
  });
});

describe('derived tokens', () => {
  const maker = async (fields: Partial<NewToken> = {}) => {
    const { token, secret } = await room().create({ name: 'maker', scopes: ['admin'], ...fields });
    return { id: token.id, verified: await room().verify(secret) };
  };
  const account = { kind: 'account', connections: ['con_a'] } as const;

  test('an account token reads one connection for a quarter of an hour', async () => {
    const { verified } = await maker();
    const { token, secret } = await room().derive(account, verified);
    expect(secret).toMatch(/^fka_[\w-]{43}$/);
    expect(token).toMatchObject({
      kind: 'account',
      parentId: verified.id,
      connections: ['con_a'],
      expiresAt: '2026-03-02T08:15:30.000Z',
    });
    expect(token.scopes).toEqual([
      'directory',
      'training',
      'phishing.aggregate',
      'phishing.identified',
      'risk',
      'proxy',
    ]);
    later(15 * 60_000);
    await expect(room().verify(secret)).rejects.toMatchObject({ detail: 'The token has expired.' });
  });

  test('what the operator makes has no maker to die with, and may last', async () => {
    const { token, secret } = await room().derive(
      { ...account, expiresAt: null, settings: { source: 'mirror' } },
      null,
    );
    expect(token).toMatchObject({ kind: 'account', parentId: null, expiresAt: null, settings: { source: 'mirror' } });
    later(400 * 86_400_000);
    expect(await room().verify(secret)).toMatchObject({ connections: ['con_a'], scopes: token.scopes });
    await expect(room().derive({ kind: 'account' }, null)).rejects.toMatchObject({ field: 'connections' });
    await expect(room().derive({ ...account, scopes: ['admin'] }, null)).rejects.toMatchObject({ field: 'scopes' });
  });

  test('a token for MCP needs an expiry, of 90 days unless it says otherwise', async () => {
    const { verified } = await maker();
    const { token, secret } = await room().derive({ kind: 'mcp' }, verified);
    expect(secret).toMatch(/^fkm_/);
    expect(token.expiresAt).toBe('2026-05-31T08:00:30.000Z');
    const refusal = { code: 'invalid_request', field: 'expires_at' };
    await expect(room().derive({ kind: 'mcp', expiresAt: null }, verified)).rejects.toMatchObject(refusal);
    const tooSoon = new Date(now.getTime() + 59_000).toISOString();
    await expect(room().derive({ kind: 'mcp', expiresAt: tooSoon }, verified)).rejects.toMatchObject(refusal);
    await expect(room().derive({ kind: 'mcp', scopes: ['write'] }, verified)).rejects.toMatchObject({
      field: 'scopes',
    });
  });

  test('has at most its maker’s scopes, connections, expiry, and at least its field policy', async () => {
    const expiresAt = '2026-03-03T00:00:00.000Z';
    const { verified } = await maker({
      ...{ scopes: ['directory', 'proxy.write'], connections: ['con_a'], expiresAt },
      fieldPolicy: { email: 'mask', phone: 'drop' },
    });
    const { token } = await room().derive(
      { ...account, expiresAt: null, fieldPolicy: { email: 'drop', name: 'drop' } },
      verified,
    );
    expect(token).toMatchObject({ scopes: ['directory', 'proxy'], expiresAt });
    expect(token.fieldPolicy).toEqual({ email: 'drop', phone: 'drop', name: 'drop' });
    expect((await room().derive({ ...account, fieldPolicy: { email: 'mask' } }, verified)).token.fieldPolicy).toEqual({
      ...{ email: 'mask', phone: 'drop' },
    });
    const later = { ...account, expiresAt: '2027-01-01T00:00:00.000Z' };
    expect((await room().derive(later, verified)).token.expiresAt).toBe(expiresAt);
    const beyond = { ...account, scopes: ['risk'] } as const;
    await expect(room().derive(beyond, verified)).rejects.toMatchObject({ code: 'scope_missing' });
    await expect(room().derive({ kind: 'account', connections: ['con_b'] }, verified)).rejects.toMatchObject({
      code: 'connection_not_allowed',
    });
    await expect(room().derive({ kind: 'account', connections: ['con_a', 'con_b'] }, verified)).rejects.toMatchObject({
      field: 'connections',
    });
  });

  test('loses what its maker loses, and ends with it', async () => {
    tagged = { emea: ['con_a', 'con_b'] };
    const { verified, id } = await maker({ tags: ['emea'] });
    const { secret } = await room().derive(account, verified);
    expect((await room().verify(secret)).connections).toEqual(['con_a']);
    tagged = { emea: ['con_b'] };
    expect((await room().verify(secret)).connections).toEqual([]);
    await room().revoke(id);
    await expect(room().verify(secret)).rejects.toMatchObject({
      detail: 'The token that it was derived from has ended.',
    });
  });

  test('ends with the expiry of its maker', async () => {
    const { verified } = await maker({ expiresAt: '2026-03-02T08:10:00.000Z' });
    const { secret } = await room().derive(account, verified);
    now = new Date('2026-03-02T08:10:00.000Z');
    await expect(room().verify(secret)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('goes on when its maker gets another secret', async () => {
    const { verified, id } = await maker();
    const { secret } = await room().derive(account, verified);
    await room().rotate(id, 0);
    await room().verify(secret);
  });

  test('makes none itself', async () => {
    const { verified } = await maker();
    const { secret } = await room().derive(account, verified);
    const derived = await room().verify(secret);
    await expect(room().derive(account, derived)).rejects.toMatchObject({ code: 'invalid_request', field: 'kind' });
  });

  test('a secret of one kind is none of another', async () => {
    const { secret } = await room().create({ name: 'reports', scopes: ['directory'] });
    for (const prefix of ['fka_', 'fkm_']) {
      await expect(room().verify(secret.replace('fk_', prefix))).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });
});

test('an API token made with a token is under its field policy at least', async () => {
  const { secret } = await room().create({ name: 'maker', scopes: ['admin'], fieldPolicy: { email: 'drop' } });
  const maker = await room().verify(secret);
  const { token } = await room().create({ name: 'child', scopes: ['admin'], fieldPolicy: { email: 'mask' } }, maker);
  expect(token.fieldPolicy).toEqual({ email: 'drop' });
});

test('a field policy has known fields and treatments only; one that hides nothing is none', async () => {
  const like = (fieldPolicy: object) => room().create({ name: 'a', scopes: ['directory'], fieldPolicy });
  for (const wrong of [{ salary: 'drop' }, { phone: 'mask' }, { email: true }, { constructor: 'drop' }])
    await expect(like(wrong)).rejects.toMatchObject({ code: 'invalid_request', field: 'field_policy' });
  expect((await like({})).token.fieldPolicy).toBeNull();
});

describe('changing an agent’s token', () => {
  const made = async () => {
    const { secret } = await room().create({
      ...{ name: 'maker', scopes: ['directory', 'risk'], expiresAt: '2026-06-01T00:00:00.000Z' },
    });
    const maker = await room().verify(secret);
    const agent = await room().derive({ kind: 'mcp', connections: ['con_a'] }, maker);
    return { maker, agent };
  };

  test('takes another name, other tools and another expiry, and leaves its rights', async () => {
    const { maker, agent } = await made();
    const settings = { tools: { tags: ['risk'] } };
    const patch = { name: ' helpdesk ', settings, expiresAt: '2026-04-01T00:00:00.000Z' };
    const changed = await room().update(agent.token.id, patch, maker);
    expect(changed).toEqual({ ...agent.token, ...patch, name: 'helpdesk' });
    expect(await room().update(agent.token.id, {}, maker)).toEqual(changed);
    expect(await room().verify(agent.secret)).toMatchObject({ ...patch, name: 'helpdesk', scopes: agent.token.scopes });
  });

  test('never lets it outlive whoever asks, nor end at once', async () => {
    const { maker, agent } = await made();
    const late = await room().update(agent.token.id, { expiresAt: '2027-01-01T00:00:00.000Z' }, maker);
    expect(late.expiresAt).toBe('2026-06-01T00:00:00.000Z');
    await expect(room().update(agent.token.id, { expiresAt: '2026-03-02T08:01:29.000Z' }, maker)).rejects.toMatchObject(
      {
        ...{ code: 'invalid_request', field: 'expires_at' },
      },
    );
  });

  test('is for no other kind, and for none that has ended', async () => {
    const { maker, agent } = await made();
    const account = await room().derive({ kind: 'account', connections: ['con_a'] }, maker);
    for (const id of [maker.id, account.token.id, 'tok_none'])
      await expect(room().update(id, { name: 'a' }, maker)).rejects.toMatchObject({ code: 'not_found' });
    await room().revoke(agent.token.id);
    await expect(room().update(agent.token.id, { name: 'a' }, maker)).rejects.toMatchObject({ code: 'not_found' });
  });
});
