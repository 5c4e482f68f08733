import type { DirectoryStore } from './ports.ts';

/** End of the last complete pass over a stream: how fresh a single record is; null before the first. */
export const asOf =
  (store: Pick<DirectoryStore, 'stamp'>) =>
  async (connectionId: string, stream: 'users' | 'groups' | 'account'): Promise<string | null> =>
    (await store.stamp(connectionId)).completeAt[stream] ?? null;
