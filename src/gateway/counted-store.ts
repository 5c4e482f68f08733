import type { Metrics } from '../metrics/ports.ts';
import type { Store } from '../store/store.ts';
import type { NewChange } from '../sync/ports.ts';
import type { Notice } from './gateway.ts';

/**
 * The store, with what syncs write to it counted.
 * @param notify told each run that ended well; how the others ended is told by who began them
 */
export function countedStore(
  store: Store,
  metrics: Metrics,
  notify: (notice: Notice) => void = () => undefined,
): Store {
  const names = new Map<string, string>();
  const nameOf = (connectionId: string): string => names.get(connectionId) ?? connectionId;
  const count = (connectionId: string, changes: readonly NewChange[]): void =>
    metrics.changes({ connection: nameOf(connectionId), kinds: changes.map(({ kind }) => kind) });
  return {
    ...store,
    async startRun(...given) {
      const [{ connectionId }] = given;
      await store.startRun(...given);
      names.set(connectionId, (await store.getConnection(connectionId))?.name ?? connectionId);
    },
    async commitPage(page) {
      await store.commitPage(page);
      count(page.connectionId, page.changes);
    },
    async removeRows(removal) {
      await store.removeRows(removal);
      count(removal.connectionId, removal.changes);
    },
    async endPass(end) {
      await store.endPass(end);
      count(end.state.connectionId, end.changes);
    },
    async saveRun(run) {
      await store.saveRun(run);
      if (run.endedAt === null) return;
      const seconds = (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000;
      metrics.run({ connection: nameOf(run.connectionId), level: run.level, status: run.status, seconds });
      if (run.error !== null) metrics.error(run.error.code, 'sync');
      if (run.status !== 'done') return;
      const { id: runId, connectionId, level, requests, changes } = run;
      const message = `Synced ${nameOf(connectionId)} (${level}): ${requests} requests, ${changes} changes`;
      notify({ level: 'info', connectionId, runId, message });
    },
  };
}
