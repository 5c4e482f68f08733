import type { Store } from '../store/store.ts';

/** Writes after which a token, a connection or a key is another one. */
const changing = [
  ...(['createToken', 'rotateToken', 'revokeToken', 'updateToken', 'touchToken'] as const),
  ...(['createConnection', 'saveConnection', 'deleteConnection', 'saveSecret', 'resealSecret'] as const),
];

/**
 * The same store, which counts what this process changes of tokens, connections and keys: whoever remembers one of them knows
 * by it when to read again. What another process of a shared database changes it does not see.
 */
export function revisedStore(store: Store): { readonly store: Store; readonly revision: () => number } {
  let revision = 0;
  const counted = (write: (...args: never[]) => Promise<unknown>) =>
    ((...args: never[]) =>
      write(...args).finally(() => {
        revision += 1;
      })) as never;
  const writes = Object.fromEntries(changing.map((name) => [name, counted(store[name])]));
  return { store: { ...store, ...writes }, revision: () => revision };
}
