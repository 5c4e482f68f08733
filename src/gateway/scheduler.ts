import type { Connection } from '../connections/connection.ts';
import { isForeknowError } from '../errors/errors.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleInput } from '../sync/schedule.ts';
import type { Notice } from './gateway.ts';
import { nextSync } from './next-sync.ts';
import type { Syncing } from './syncing.ts';
import type { SyncLevel } from './types.ts';

export type Scheduler = { start(): void; stop(): void };

type Deps = {
  readonly store: Store;
  readonly syncing: Syncing;
  readonly now: () => Date;
  readonly notify: (notice: Notice) => void;
};

const LOOK_MS = 5000;
/** Accounts have budgets of their own, but one writer and one network: more at once would only wait for each other. */
const AT_ONCE = 4;
/** After a run that could not even begin. */
const RETRY_MS = 5 * 60_000;

/** Looks every few seconds which connection is due, and runs what is due, a few at once. */
export function createScheduler({ store, syncing, now, notify }: Deps): Scheduler {
  const busy = new Set<string>();
  const memory = new Map<string, { notBefore: number; lastFullStartedAt: string | null; costs: Costs | null }>();
  let timer: NodeJS.Timeout | null = null;

  const remembered = async (connection: Connection) => {
    let entry = memory.get(connection.id);
    if (entry === undefined) {
      const full = (await store.listRuns(connection.id, 50)).find((run) => run.level === 'full');
      entry = { notBefore: 0, lastFullStartedAt: full?.startedAt ?? null, costs: null };
      memory.set(connection.id, entry);
    }
    entry.costs ??= await costsOf(syncing, connection);
    return entry;
  };

  const run = async (connection: Connection, level: SyncLevel): Promise<void> => {
    const entry = await remembered(connection);
    if (level === 'full') entry.lastFullStartedAt = now().toISOString();
    try {
      const record = await syncing.useCases.run(connection.id, { level, trigger: 'schedule' });
      entry.costs = null;
      if (record.status !== 'done') {
        const why = record.error === null ? '' : `: ${record.error.detail}`;
        notify({
          level: 'warn',
          connectionId: connection.id,
          message: `The sync of ${connection.name} ended ${record.status}${why}`,
        });
      }
    } catch (error) {
      entry.notBefore = now().getTime() + RETRY_MS;
      const detail = isForeknowError(error) ? error.detail : 'Something broke on our side.';
      notify({
        level: 'warn',
        connectionId: connection.id,
        message: `The sync of ${connection.name} did not run: ${detail}`,
      });
    }
  };

  const look = async (): Promise<void> => {
    for (const connection of await store.listConnections()) {
      if (busy.size >= AT_ONCE || timer === null) return;
      if (busy.has(connection.id) || syncing.isRunning(connection.id)) continue;
      if (connection.pausedAt !== null || connection.state !== 'active') continue;
      const { notBefore, lastFullStartedAt, costs } = await remembered(connection);
      const time = now().getTime();
      const known = { lastFullStartedAt, ...(costs === null ? {} : { budget: costs }) };
      const next = nextSync(connection, await store.streamStates(connection.id), time, known);
      if (next === null || next.at > time || notBefore > time) continue;
      busy.add(connection.id);
      void run(connection, next.level).finally(() => busy.delete(connection.id));
    }
  };

  let looking = false;
  const tick = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      await look();
    } catch (error) {
      const detail = isForeknowError(error) ? error.detail : 'Something broke on our side.';
      notify({ level: 'warn', connectionId: null, message: `The scheduler could not look what is due: ${detail}` });
    } finally {
      looking = false;
    }
  };

  return {
    start() {
      timer ??= setInterval(() => void tick(), LOOK_MS);
      void tick();
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}

type Costs = NonNullable<ScheduleInput['budget']>;

/** What a day of refreshes costs against what syncs may spend, so that intervals are stretched where it would not fit. */
async function costsOf({ useCases }: Syncing, connection: Connection): Promise<Costs | null> {
  const { budget } = await useCases.status(connection.id);
  if (budget.limits.perDay === null) return null;
  const [directory, refresh] = await Promise.all([
    useCases.estimate(connection.id, { level: 'directory' }),
    useCases.estimate(connection.id, { level: 'refresh' }),
  ]);
  return { directory: directory.requests, refresh: refresh.requests, perDay: budget.limits.perDay - budget.reserve };
}
