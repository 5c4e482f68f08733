import type { Store } from '../store.ts';

/** What a driver hands to the contract: an empty store, and a way to close it and open what it kept. */
export type OpenedStore = {
  readonly store: Store;
  /** Ends the store without closing it properly, as far as the driver can, and opens it again. */
  reopen(): Promise<Store>;
};
export type OpenStore = () => Promise<OpenedStore>;
