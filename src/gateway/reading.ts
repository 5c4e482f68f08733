import type { Connection } from '../connections/connection.ts';
import type { ConnectionReading, Reading } from '../metrics/ports.ts';
import type { Store } from '../store/store.ts';
import type { StreamState } from '../sync/ports.ts';
import { budgetKeyOf, type Limiters } from './limiters.ts';

type Deps = { readonly store: Store; readonly limiters: Limiters; readonly now: () => Date };

/** What stands in the store, for metrics: the same whichever process is asked. */
export async function readStanding({ store, limiters, now }: Deps): Promise<Reading> {
  const at = now().getTime();
  const all = await store.listConnections();
  const connections: ConnectionReading[] = [];
  // One after another: all at once would take every connection to the database from those who wait for answers.
  for (const one of all) connections.push(await readConnection({ store, limiters, all }, one, at));
  return { connections, jobs: await store.countJobs(at), lastChange: await store.lastChangeSeq() };
}

async function readConnection(
  { store, limiters, all }: Pick<Deps, 'store' | 'limiters'> & { readonly all: readonly Connection[] },
  connection: Connection,
  at: number,
): Promise<ConnectionReading> {
  const limiter = await limiters.of(connection, all);
  const [streams, holds, usage] = await Promise.all([
    store.streamStates(connection.id),
    store.holds(connection.id),
    limiter.usage(),
  ]);
  const { perDay } = usage.limits;
  const isLimited = Number.isFinite(perDay);
  const left = (limit: number): number | null => (isLimited ? Math.max(0, Math.floor(limit) - usage.usedToday) : null);
  return {
    id: connection.id,
    name: connection.name,
    account: budgetKeyOf(connection),
    region: connection.region,
    state: connection.pausedAt === null ? connection.state : 'paused',
    dayLimit: isLimited ? perDay : null,
    usedLastDay: usage.usedToday,
    usedLastMinute: usage.usedLastMinute,
    leftForAll: left(perDay),
    leftForSync: left(perDay * (1 - usage.reserveShare)),
    blockedSeconds: Math.max(0, (usage.pausedUntil ?? 0) - at) / 1000,
    openHolds: holds.filter(({ state }) => state === 'open').length,
    streams: streams.filter(({ status }) => status !== 'off').map((stream) => readStream(stream, connection, at)),
  };
}

const readStream = (
  { stream, rows, lastRefreshedAt, lastCompleteAt }: StreamState,
  { createdAt }: Connection,
  at: number,
): ConnectionReading['streams'][number] => ({
  stream,
  rows,
  ageSeconds: Math.max(0, at - Date.parse(lastRefreshedAt ?? lastCompleteAt ?? createdAt)) / 1000,
});
