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
  endSourceRead: async (read) => {
    const ended = await store.endSourceRead(read);
    wake();
    return ended;
  },
  acceptSourceRead: async (accept) => {
    const accepted = await store.acceptSourceRead(accept);
    wake();
    return accepted;
  },
  appendEntry: async (entry) => {
    await store.appendEntry(entry);
    wake();
  },
  ...ofPlans(store, wake),
});

/** What becomes of a plan is told in the transaction of its change. */
const ofPlans = (store: Store, wake: () => void) => {
  const waking =
    <Args extends unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const result = await write(...args);
      wake();
      return result;
    };
  return {
    createPlan: waking(store.createPlan),
    addApproval: waking(store.addApproval),
    lapseApprovals: waking(store.lapseApprovals),
    endApplication: waking(store.endApplication),
    noteSeen: waking(store.noteSeen),
  };
};
