import { expect, test } from 'vitest';
import type { ScimInToken } from './scim-in-ports.ts';
import { scimInTokens } from './scim-in-tokens.ts';

function opened() {
  let ms = Date.parse('2026-11-20T09:00:00.000Z');
  let kept: readonly ScimInToken[] = [];
  const touched: string[] = [];
  let count = 0;
  const room = scimInTokens({
    sources: [{ name: 'push', profile: 'okta' }, { name: 'other' }],
    now: () => new Date(ms),
    newId: () => `stk_${++count}`,
    store: {
      saveScimInToken: async (token, othersEndAt) => {
        const others = kept.filter(({ source }) => source !== token.source || othersEndAt !== null);
        kept = [...others.map((one) => (one.source === token.source ? { ...one, endsAt: othersEndAt } : one)), token];
      },
      scimInTokens: async (source) => kept.filter((one) => one.source === source),
      touchScimInToken: async (id, at) => {
        touched.push(at);
        kept = kept.map((one) => (one.id === id ? { ...one, lastUsedAt: at } : one));
      },
    },
  });
  const advance = (more: number): void => {
    ms += more;
  };
  return { room, touched, kept: () => kept, advance };
}

const DAY_MS = 86_400_000;

test('the token before goes on for a week, and not longer', async () => {
  const { room, advance } = opened();
  const first = (await room.create('push')).secret;
  const second = (await room.create('push', { rotate: true })).secret;
  advance(7 * DAY_MS - 1);
  expect(await room.admit('push', first)).not.toBeNull();
  expect((await room.list())[0]?.tokens).toHaveLength(2);
  advance(1);
  expect(await room.admit('push', first)).toBeNull();
  expect(await room.admit('push', second)).toEqual({
    source: 'push',
    profile: expect.objectContaining({ name: 'okta' }),
  });
  expect((await room.list())[0]?.tokens).toHaveLength(1);
});

test('it opens its own source alone, and is kept as a hash', async () => {
  const { room, kept } = opened();
  const { secret, ...shown } = await room.create('push');
  expect(secret).toMatch(/^fk_scim_[\w-]{43}$/);
  expect(JSON.stringify([kept(), shown])).not.toContain(secret.slice(8));
  expect(shown.lastFour).toBe(secret.slice(-4));
  for (const [name, word] of [
    ['other', secret],
    ['nowhere', secret],
    ['push', `${secret}x`],
    ['push', ''],
  ] as const) {
    expect(await room.admit(name, word)).toBeNull();
  }
});

test('when it was used last is noted once a minute', async () => {
  const { room, touched, advance } = opened();
  const { secret } = await room.create('push');
  for (const more of [30_000, 20_000, 20_000]) {
    await room.admit('push', secret);
    advance(more);
  }
  await room.admit('push', secret);
  expect(touched).toEqual(['2026-11-20T09:00:00.000Z', '2026-11-20T09:01:00.000Z']);
});
