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
      const token = aToken({ connections: ['con_a', 'con_b'], expiresAt: at(900), scopes: ['directory', 'admin'] });
      await store.createToken(token, 'hash-1');
      expect(await store.findTokenByHash('hash-1')).toEqual(token);
      expect(await store.findTokenByHash('hash-2')).toBeNull();
      expect(await store.listTokens()).toEqual([token]);
    });

    test('are revoked once; the time stays', async () => {
      await store.createToken(aToken(), 'hash-1');
      expect(await store.revokeToken(aToken().id, at(5))).toBe(true);
      expect(await store.revokeToken(aToken().id, at(6))).toBe(false);
      expect(await store.revokeToken('tok_none', at(6))).toBe(false);
      expect((await store.findTokenByHash('hash-1'))?.revokedAt).toBe(at(5));
    });

    test('remember when they were last used', async () => {
      await store.createToken(aToken(), 'hash-1');
      await store.touchToken(aToken().id, at(60));
      expect((await store.findTokenByHash('hash-1'))?.lastUsedAt).toBe(at(60));
    });
  });
}
