import type { Store } from '../store/store.ts';

/** The same store, which says when something was written into the log by this process. */
export const wakingStore = (store: Store, wake: () => void): Store => ({
  ...store,
  commitPage: async (page) => {
    await store.commitPage(page);
    if (page.changes.length > 0) wake();
  },
  removeRows: async (removal) => {
    await store.removeRows(removal);
    if (removal.changes.length > 0) wake();
  },
  endPass: async (end) => {
    await store.endPass(end);
    if (end.changes.length > 0) wake();
  },
  appendEntry: async (entry) => {
    await store.appendEntry(entry);
    wake();
  },
});
