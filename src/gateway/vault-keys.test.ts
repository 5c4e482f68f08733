import { expect, test } from 'vitest';
import type { Store } from '../store/store.ts';
import { agreeOnKeys } from './vault-keys.ts';

function storeWith(kept: string | null) {
  let fact = kept;
  const store = {
    fact: async (_name: string, value: string) => {
      fact ??= value;
      return fact;
    },
    setFact: async (_name: string, value: string) => {
      fact = value;
    },
  } as unknown as Store;
  return { store, kept: () => fact };
}
const ring = (...ids: readonly string[]) => ({ keyIds: () => ids });

test('the first process tells the store its key, those with the same one go on', async () => {
  const { store, kept } = storeWith(null);
  await agreeOnKeys(store, ring('k1'), true);
  await agreeOnKeys(store, ring('k1', 'k0'), true);
  expect(kept()).toBe('k1');
});

test('a ring without the key of a shared store is refused, and changes nothing', async () => {
  const { store, kept } = storeWith('k1');
  await expect(agreeOnKeys(store, ring('k2'), true)).rejects.toMatchObject({ code: 'key_missing' });
  expect(kept()).toBe('k1');
});

test('a newer key in front is the key from then on; so is any key where the store is not shared', async () => {
  const { store, kept } = storeWith('k1');
  await agreeOnKeys(store, ring('k2', 'k1'), true);
  expect(kept()).toBe('k2');
  await agreeOnKeys(store, ring('k3'), false);
  expect(kept()).toBe('k3');
});
