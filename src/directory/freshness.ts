import type { DirectoryStore } from './ports.ts';

export type FreshStream = 'users' | 'groups' | 'account' | 'store_purchases' | 'training_campaigns' | 'enrollments';

/** End of the last complete pass over a stream: how fresh a single record is; null before the first. */
export const asOf =
  (store: Pick<DirectoryStore, 'stamp'>) =>
  async (connectionId: string, stream: FreshStream): Promise<string | null> =>
    (await store.stamp(connectionId)).completeAt[stream] ?? null;
