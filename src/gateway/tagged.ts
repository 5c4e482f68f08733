import type { Store } from '../store/store.ts';

/** Ids of the connections that have one of the tags now: looked up at each use, so that one that loses its tag is out of reach at once. */
export const connectionsTagged =
  (store: Pick<Store, 'listConnections'>) =>
  async (tags: readonly string[]): Promise<readonly string[]> =>
    (await store.listConnections()).filter((one) => one.tags.some((tag) => tags.includes(tag))).map(({ id }) => id);
