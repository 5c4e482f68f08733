import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../store.ts';
import { aToken, at } from './builders.ts';
import type { OpenStore } from './contract.ts';

/** What the tokens room relies on. */
export function tokenContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });

  describe('API tokens', () => {
    test('are found by their hash, as they were made', async () => {
      const token = aToken({
        ...{ kind: 'account', parentId: 'tok_maker', settings: { source: 'mirror' } },
        ...{ connections: ['con_a', 'con_b'], tags: ['emea'], fieldPolicy: { email: 'mask' } },
        ...{ expiresAt: at(900), scopes: ['directory', 'admin'] },
      });
      await store.createToken(token, 'hash-1');
      expect(await store.findTokenByHash('hash-1')).toEqual({ token, isPrevious: false });
      expect(await store.findTokenByHash('hash-2')).toBeNull();
      expect(await store.getToken(token.id)).toEqual(token);
      expect(await store.getToken('tok_none')).toBeNull();
      expect(await store.listTokens()).toEqual([token]);
    });

    test('are found by the secret before the present one, and by no older one', async () => {
      const { id } = aToken();
      await store.createToken(aToken(), 'hash-1');
      expect(await store.rotateToken({ id, hash: 'hash-2', lastFour: 'two2', previousUntil: at(60) })).toBe(true);
      const token = aToken({ lastFour: 'two2', previousUntil: at(60) });
      expect(await store.findTokenByHash('hash-1')).toEqual({ token, isPrevious: true });
      expect(await store.findTokenByHash('hash-2')).toEqual({ token, isPrevious: false });
      await store.rotateToken({ id, hash: 'hash-3', lastFour: 'tri3', previousUntil: at(90) });
      expect(await store.findTokenByHash('hash-1')).toBeNull();
      await store.rotateToken({ id, hash: 'hash-4', lastFour: 'for4', previousUntil: null });
      expect(await store.findTokenByHash('hash-3')).toBeNull();
      await store.revokeToken(id, at(5));
      expect(await store.rotateToken({ id, hash: 'hash-5', lastFour: 'fiv5', previousUntil: null })).toBe(false);
    });

    test('that were derived go some time after they have expired; others stay', async () => {
      const aged = { createdAt: at(0), expiresAt: at(10) };
      await store.createToken(aToken({ id: 'tok_api', ...aged }), 'hash-1');
      await store.createToken(aToken({ id: 'tok_old', kind: 'account', parentId: 'tok_api', ...aged }), 'hash-2');
      await store.createToken(aToken({ id: 'tok_lasting', kind: 'account', parentId: 'tok_api' }), 'hash-3');
      const next = aToken({ id: 'tok_new', kind: 'account', parentId: 'tok_api', expiresAt: at(50) });
      await store.createToken(next, 'hash-4', at(11));
      expect((await store.listTokens()).map(({ id }) => id)).toEqual(['tok_api', 'tok_lasting', 'tok_new']);
    });

    test('are revoked once; the time stays', async () => {
      await store.createToken(aToken(), 'hash-1');
      expect(await store.revokeToken(aToken().id, at(5))).toBe(true);
      expect(await store.revokeToken(aToken().id, at(6))).toBe(false);
      expect(await store.revokeToken('tok_none', at(6))).toBe(false);
      expect((await store.getToken(aToken().id))?.revokedAt).toBe(at(5));
    });

    test('are changed while they are not revoked: name, settings and expiry, nothing else', async () => {
      const token = aToken({ kind: 'mcp', parentId: 'tok_maker', expiresAt: at(900) });
      await store.createToken(token, 'hash-1');
      const fields = { name: 'agent', settings: { tools: { tags: ['risk'] } }, expiresAt: at(1800) };
      expect(await store.updateToken(token.id, fields)).toBe(true);
      expect(await store.findTokenByHash('hash-1')).toEqual({ token: { ...token, ...fields }, isPrevious: false });
      expect(await store.updateToken('tok_none', fields)).toBe(false);
      await store.revokeToken(token.id, at(5));
      expect(await store.updateToken(token.id, { ...fields, name: 'other' })).toBe(false);
      expect((await store.getToken(token.id))?.name).toBe('agent');
    });

    test('remember when they were last used', async () => {
      await store.createToken(aToken(), 'hash-1');
      await store.touchToken(aToken().id, at(60));
      expect((await store.getToken(aToken().id))?.lastUsedAt).toBe(at(60));
    });
  });
}
