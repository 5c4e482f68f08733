import type { Vault } from '../connections/vault.ts';
import { ForeknowError } from '../errors/errors.ts';
import type { Store } from '../store/store.ts';

/** Fact about the store: id of the key that seals its secrets. */
const FACT = 'vault key';

/**
 * Every process on a database seals and opens with the same ring: one that lacks the key that seals there is refused before it
 * writes secrets that the others cannot open. A ring with a newer key in front makes that one the store's.
 * @param isShared false for a store that is this process's alone: who lost the key may go on with a new one there, and replace
 *   the tokens
 * @throws ForeknowError `key_missing`
 */
export async function agreeOnKeys(store: Store, vault: Pick<Vault, 'keyIds'>, isShared: boolean): Promise<void> {
  const own = vault.keyIds();
  const kept = await store.fact(FACT, own[0]!);
  if (isShared && !own.includes(kept)) throw otherRing(kept);
  if (kept !== own[0]) await noteNewKey(store, vault);
}

/** To be called when a new key was put in front: processes without it are refused from now on. */
export const noteNewKey = (store: Store, vault: Pick<Vault, 'keyIds'>): Promise<void> =>
  store.setFact(FACT, vault.keyIds()[0]!);

const otherRing = (id: string): ForeknowError =>
  new ForeknowError('key_missing', {
    detail: `The secrets in this database are sealed with the key ${id}, which is not in the key ring of this process.`,
    hint: 'Give every process on the database the same key ring: the same FOREKNOW_VAULT_KEYS, or a copy of vault.key.',
  });
