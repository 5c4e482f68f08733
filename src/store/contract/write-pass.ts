import type { PageCommit } from '../../sync/ports.ts';
import type { Store } from '../store.ts';
import { aPage, aPass, aState, at, con } from './builders.ts';

/** One whole pass over a stream, page by page; left open. */
export type WritePass = (
  id: string,
  pages: readonly Partial<PageCommit>[],
  changes?: Partial<PageCommit>,
) => Promise<void>;

export const writePass =
  (store: Store): WritePass =>
  async (id, pages, changes = {}) => {
    const stream = pages[0]?.stream ?? changes.stream ?? 'users';
    await store.beginPass(aPass({ id, stream }));
    for (const page of pages) await store.commitPage(aPage({ passId: id, stream, ...page, ...changes }));
  };

/** Ends the pass of run `run_1`. */
export const endPass = (
  store: Store,
  passId: string,
  changes: Partial<Parameters<Store['endPass']>[0]> = {},
): Promise<void> =>
  store.endPass({ passId, runId: 'run_1', state: aState(), changes: [], rebuildTotals: false, ...changes });

/** Removes rows of `users` by run `run_1`, unless told otherwise. */
export const removeRows = (
  store: Store,
  keys: readonly string[],
  changes: Partial<Parameters<Store['removeRows']>[0]> = {},
): Promise<void> =>
  store.removeRows({
    connectionId: con,
    runId: 'run_1',
    stream: 'users',
    at: at(100),
    keys,
    changes: [],
    membershipsRemoved: [],
    ...changes,
  });
