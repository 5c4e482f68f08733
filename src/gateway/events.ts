import type { Connection } from '../connections/connection.ts';
import { isForeknowError } from '../errors/errors.ts';
import type { Alert } from '../events/alert.ts';
import { createFeed, type Feed } from '../events/feed.ts';
import type { Standing } from '../events/findings.ts';
import { mailer, type NotifyOptions } from '../events/mail.ts';
import type { AlertQuery } from '../events/ports.ts';
import { watchConnection } from '../events/watch.ts';
import { type DsyncQuery, dsyncPage } from '../events/workos/events.ts';
import { directoryLists } from '../events/workos/lists.ts';
import { sleep } from '../lib/sleep.ts';
import type { Store } from '../store/store.ts';
import { streamsOf } from '../sync/plan.ts';
import type { StreamName } from '../sync/streams.ts';
import type { Notice } from './gateway.ts';
import { budgetKeyOf, type Limiters } from './limiters.ts';
import type { Chore } from './work.ts';

export type EventUseCases = Feed & {
  /** Newest first. */
  alerts(query: AlertQuery): Promise<readonly Alert[]>;
};

/** How long what happened is kept. */
export type RetentionOptions = {
  /** Days that entries of the log, and with them events, are kept. Default 90. */
  readonly eventDays?: number;
  /** Days that ended runs are kept, the newest 50 of each connection aside. Default 90. */
  readonly runDays?: number;
};

export type AlertOptions = {
  /** Minutes after which a stream may be called stale; one that is read more seldom has three intervals. Default 120. */
  readonly staleAfterMinutes?: number;
};

type Deps = {
  readonly store: Store;
  readonly limiters: Limiters;
  readonly now: () => Date;
  readonly notify: (notice: Notice) => void;
  readonly newId: (prefix: string) => string;
  /** How provisioning of a connection stands. */
  readonly provisioningOf: (connection: Connection) => Promise<Pick<Standing, 'late' | 'silent'>>;
};

export const eventUseCases = ({ store, now }: Pick<Deps, 'store' | 'now'>): EventUseCases => ({
  ...createFeed({ store, sleep, now: () => now().getTime() }),
  alerts: (query) => store.alerts(query),
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RETENTION_DAYS = 90;
const RUNS_KEPT = 50;
const DROPPED_AT_ONCE = 2000;

/** Drops what is older than the retention, in portions that keep nobody waiting. */
export const retentionChore = (
  { store, now }: Pick<Deps, 'store' | 'now'>,
  { eventDays = RETENTION_DAYS, runDays = RETENTION_DAYS }: RetentionOptions = {},
): Chore => ({
  everyMs: HOUR_MS,
  async run(signal) {
    const daysAgo = (days: number): string => new Date(now().getTime() - days * DAY_MS).toISOString();
    for (let more = true; more && !signal.aborted; ) {
      ({ more } = await store.dropEntries({ before: daysAgo(eventDays), limit: DROPPED_AT_ONCE }));
    }
    await store.dropRuns({ before: daysAgo(runDays), keep: RUNS_KEPT });
  },
});

/** Looks at every connection each minute, for alerts. */
export function watchChore(deps: Deps, notify: NotifyOptions | undefined, options: AlertOptions = {}): Chore {
  const { store, now, newId } = deps;
  const sendMail = notify === undefined ? null : mailer(notify);
  const onFailure = (connectionId: string, message: string) => deps.notify({ level: 'warn', connectionId, message });
  const watching = { store, sendMail, now, newId: () => newId('alr'), onFailure };
  return {
    everyMs: MINUTE_MS,
    async run(signal) {
      const all = await store.listConnections();
      for (const connection of all) {
        if (signal.aborted) return;
        try {
          await watchConnection(watching, await standingOf(deps, connection, all, options));
        } catch (error) {
          // One connection that cannot be looked at must not hide the others.
          const detail = isForeknowError(error) ? error.detail : 'Something broke on our side.';
          onFailure(connection.id, `Alerts of ${connection.name} could not be looked at: ${detail}`);
        }
      }
    },
  };
}

async function standingOf(
  { store, limiters, now, provisioningOf }: Deps,
  connection: Connection,
  all: readonly Connection[],
  { staleAfterMinutes = 120 }: AlertOptions,
): Promise<Standing> {
  const time = now().getTime();
  const { limits, usedToday, reserveShare } = await (await limiters.of(connection, all)).usage();
  const { perDay } = limits;
  const { state, lastError } = connection;
  const isUsable = state === 'active';
  return {
    connection: { id: connection.id, name: connection.name },
    isRead: isUsable && connection.pausedAt === null,
    changedAt: Date.parse(connection.updatedAt),
    refused: isUsable ? null : { code: lastError?.code ?? state, detail: lastError?.detail ?? state },
    streams: await streamsOfConnection(store, connection, staleAfterMinutes * MINUTE_MS),
    budget: Number.isFinite(perDay)
      ? { left: Math.max(0, perDay - usedToday), perDay, reserve: Math.ceil(perDay * reserveShare) }
      : null,
    refusals: await store.refusalsSince(budgetKeyOf(connection), new Date(time - HOUR_MS).toISOString()),
    dead: await store.deadDeliveries(connection.id, time - DAY_MS),
    ...(await provisioningOf(connection)),
  };
}

/** Intervals of the schedule where the settings say nothing, in minutes. */
const DIRECTORY_EVERY = 15;
const ACTIVITY_EVERY = 25;
/** A first pass over a large account takes its time. */
const FIRST_MS = DAY_MS;

/** The streams that are read again and again, and how long each may take. */
async function streamsOfConnection(
  store: Store,
  { id, settings, createdAt }: Connection,
  leastMs: number,
): Promise<Standing['streams']> {
  const { directoryEveryMinutes = DIRECTORY_EVERY, activityEveryMinutes = ACTIVITY_EVERY, streamsOff = [] } = settings;
  const states = new Map((await store.streamStates(id)).map((state) => [state.stream, state]));
  const looked = (streams: readonly StreamName[], minutes: number | null) =>
    minutes === null
      ? []
      : streams
          .filter((stream) => !streamsOff.includes(stream))
          .map((stream) => {
            const limitMs = Math.max(3 * minutes * MINUTE_MS, leastMs);
            const state = states.get(stream);
            const lastRefreshedAt = state?.lastRefreshedAt ?? null;
            const isFirst = lastRefreshedAt === null;
            return {
              stream,
              lastRefreshedAt,
              since: Date.parse(lastRefreshedAt ?? createdAt),
              limitMs: isFirst ? Math.max(limitMs, FIRST_MS) : limitMs,
            };
          });
  return [
    ...looked(streamsOf('directory'), directoryEveryMinutes),
    ...looked(['recipients', 'enrollments'], activityEveryMinutes),
  ];
}

/** The directory and its events as WorkOS shows them. */
export type WorkosUseCases = ReturnType<typeof workosUseCases>;

export const workosUseCases = (store: Store) => ({
  ...directoryLists(store),
  events: (query: DsyncQuery) => dsyncPage(store, query),
});
