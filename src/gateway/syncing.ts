import type { Limiter, ReportingClient } from '../client/index.ts';
import { minuteLimit } from '../client/transport/budget.ts';
import type { Connection, ConnectionView } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import type { ErrorCode } from '../errors/catalog.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { Store } from '../store/store.ts';
import { decideHold } from '../sync/decide-hold.ts';
import { type Allowance, estimateSync } from '../sync/estimate.ts';
import { fetchRiskHistory } from '../sync/history.ts';
import type { RunProgress, RunRecord, StoredError } from '../sync/ports.ts';
import { defaultRiskRules, type RiskRules } from '../sync/risk-notices.ts';
import { type RunInput, runSync } from '../sync/run-sync.ts';
import { isStreamName, type StreamName } from '../sync/streams.ts';
import { readAccount } from '../wire/reporting/directory.ts';
import { checkPosition } from './change-position.ts';
import { alone, type HoldingDeps, keepPulse, later, stopElsewhere } from './holding.ts';
import { budgetKeyOf, type Limiters } from './limiters.ts';
import { nextSync, wakeUpOf } from './next-sync.ts';
import type { BudgetView, SyncInput, SyncUseCases } from './types.ts';

export type SyncingDeps = HoldingDeps & {
  readonly store: Store;
  readonly room: ConnectionRoom;
  readonly clientOf: (connection: Connection) => Promise<ReportingClient>;
  readonly limiters: Limiters;
  /** Something was put among the jobs. */
  readonly nudge: () => void;
  /** Told of every run of this process when it has ended; what it throws is nobody's. */
  readonly onEnded?: (run: RunRecord) => Promise<void>;
};

export type Syncing = {
  readonly useCases: SyncUseCases;
  /** Ends the connection's run, in whatever process it is, and takes back what waits to begin. */
  stop(connectionId: string): Promise<void>;
  /**
   * Does `work` while no run of the connection is under way in any process: one that is, is ended first, and none begins.
   * @throws ForeknowError `conflict`
   */
  alone<T>(connection: ConnectionView, work: () => Promise<T>): Promise<T>;
  /** Does a run that was queued, under its id, or another one in this process; see `SyncUseCases.run`. */
  runAs(connectionId: string, input: SyncInput & { readonly runId?: string }): Promise<RunRecord>;
  /** Ends every run of this process; later ones are refused. */
  close(): Promise<void>;
};

const DAY_MS = 24 * 60 * 60 * 1000;

type Running = { readonly cancel: AbortController; readonly ended: Promise<unknown>; progress: RunProgress | null };

/** The sync's use cases: one run a connection at a time, with its client, its budget and what a refusal means for it. */
export function createSyncing(deps: SyncingDeps): Syncing {
  const { store, room } = deps;
  /** Runs of this process. */
  const running = new Map<string, Running>();
  let closed = false;
  const at = () => deps.now().toISOString();

  const refuse = (connection: Connection): void => {
    refuseUnready(connection);
    if (closed) throw new ForeknowError('unavailable', { detail: 'The server is stopping.', retryAfterMs: 5000 });
  };

  const runAs: Syncing['runAs'] = async (name, input) => {
    const connection = await room.get(name);
    refuse(connection);
    if (running.has(connection.id)) throw alreadyRunning(connection);
    const cancel = new AbortController();
    const signal = input.signal ? AbortSignal.any([input.signal, cancel.signal]) : cancel.signal;
    const work = Promise.resolve().then(() => runOne(deps, connection, { ...input, signal }, entry));
    const entry: Running = { cancel, ended: work.catch(() => undefined), progress: null };
    running.set(connection.id, entry);
    try {
      const run = await work;
      await deps.onEnded?.(run).catch(() => undefined);
      return run;
    } finally {
      running.delete(connection.id);
    }
  };

  const stopHere = async (connectionId: string): Promise<void> => {
    const entry = running.get(connectionId);
    entry?.cancel.abort(new Error('stopped'));
    await entry?.ended;
  };

  const stop = async (connectionId: string): Promise<void> => {
    await store.dropQueued(connectionId, at());
    await stopHere(connectionId);
    await stopElsewhere(deps, connectionId);
  };

  const getRun = async (id: string): Promise<RunRecord> => {
    const found = await store.getRun(id);
    if (found === null) throw new ForeknowError('not_found', { detail: `There is no run ${id}.` });
    return found;
  };

  return {
    runAs,
    stop,
    async alone(connection, work) {
      await stopHere(connection.id);
      return alone(deps, connection, work);
    },
    async close() {
      closed = true;
      await Promise.all([...running.keys()].map(stopHere));
    },
    useCases: {
      run: (name, input = {}) => runAs(name, input),
      async start(name, { level = 'refresh', streams, trigger = 'manual' } = {}) {
        const connection = await room.get(name);
        refuse(connection);
        const connectionId = connection.id;
        const run = queuedRun({ id: deps.newId('run'), connectionId, level, trigger, startedAt: at() });
        await store.queueRun(run, streams ?? null, deps.now().getTime());
        deps.nudge();
        return run;
      },
      async estimate(name, input = {}) {
        return estimateOf(deps, await room.get(name), input);
      },
      async status(name) {
        const connection = await room.get(name);
        const [streams, budget, holds, alerts, runs, progress] = await Promise.all([
          store.streamStates(connection.id),
          budgetView(deps, connection),
          store.holds(connection.id),
          store.alerts({ connectionIds: [connection.id], open: true, limit: 100 }),
          store.listRuns(connection.id, 1),
          store.runProgress(connection.id, at()),
        ]);
        const next = nextSync(connection, streams, deps.now().getTime(), await wakeUpOf(store, connection.id));
        return {
          connection,
          streams,
          budget,
          openHolds: holds.filter((hold) => hold.state === 'open'),
          openAlerts: alerts,
          running: running.get(connection.id)?.progress ?? progress,
          lastRun: runs[0] ?? null,
          nextSyncAt: next === null ? null : new Date(next.at).toISOString(),
        };
      },
      runs: async (name, limit) => store.listRuns((await room.get(name)).id, limit),
      getRun,
      recentRuns: (query) => store.recentRuns(query),
      async stop(id) {
        const { connectionId, status } = await getRun(id);
        if (status === 'queued' || status === 'running') await stop(connectionId);
        return getRun(id);
      },
      holds: async (name) => store.holds((await room.get(name)).id),
      async decideHold(holdId, decision, by) {
        for (const { id } of await room.list()) {
          const holds = await store.holds(id);
          if (holds.some((hold) => hold.id === holdId)) {
            return decideHold({ store, connectionId: id, now: () => deps.now().getTime() }, holdId, decision, by);
          }
        }
        throw new ForeknowError('not_found', { detail: `There is no hold ${holdId}.` });
      },
      async changes(query) {
        checkPosition(query.after, await store.logBounds());
        return store.changes(query);
      },
      async fetchRiskHistory(name, userId) {
        const connection = await room.get(name);
        refuseUnready(connection);
        if ((await room.erasedPeople(connection.id))?.(userId)) throw wasErased(userId);
        const client = await deps.clientOf(connection);
        return noting(room, connection, () =>
          fetchRiskHistory({ store, client, connectionId: connection.id, signal: undefined }, userId),
        );
      },
    },
  };
}

async function runOne(
  deps: SyncingDeps,
  connection: ConnectionView,
  input: SyncInput & { readonly runId?: string },
  entry: Running,
): Promise<RunRecord> {
  const client = await deps.clientOf(connection);
  const estimate = await estimateOf(deps, connection, input);
  const isErased = await deps.room.erasedPeople(connection.id);
  const held = holdingStore(deps, entry, () => entry.progress);
  try {
    const record = await runSync(
      {
        store: held.store,
        client,
        connectionId: connection.id,
        now: () => deps.now().getTime(),
        newId: deps.newId,
        signal: input.signal,
        dropRecipientClient: connection.settings.dropRecipientClient ?? false,
        timeZone: connection.settings.timeZone ?? null,
        isErased: isErased ?? undefined,
        riskRules: riskRulesOf(connection),
      },
      {
        ...runInput(connection, input),
        ...(input.runId === undefined ? {} : { runId: input.runId }),
        estimate: { requests: estimate.requests, durationMs: estimate.durationMs },
        onProgress: (progress) => {
          entry.progress = progress;
          input.onProgress?.(progress);
        },
      },
    );
    await noteAccount(deps, connection, record);
    if (record.error !== null) await noteFailure(deps.room, connection, errorOf(record.error));
    return record;
  } finally {
    await held.end();
  }
}

/** The store as a run uses it: its lock on the connection is a lease, which is renewed from the run's begin to its end. */
function holdingStore(deps: SyncingDeps, { cancel }: Running, progress: () => RunProgress | null) {
  let end = async () => {};
  const startRun = async (run: RunRecord): Promise<void> => {
    await deps.store.startRun(run, later(deps, deps.leaseMs));
    end = keepPulse(deps, { runId: run.id, cancel, progress });
  };
  return { store: { ...deps.store, startRun }, end: () => end() };
}

const errorOf = ({ code, detail, hint }: StoredError) =>
  new ForeknowError(code as ErrorCode, { detail, ...(hint === null ? {} : { hint }) });

/** A refusal speaks against the token that was used, not against one that has replaced it meanwhile. */
async function noteFailure(room: ConnectionRoom, used: ConnectionView, error: unknown): Promise<void> {
  const isGone = (refusal: unknown) => isForeknowError(refusal) && refusal.code === 'not_found';
  const current = await room.get(used.id).catch((refusal: unknown) => {
    if (isGone(refusal)) return null;
    throw refusal;
  });
  if (current !== null && fingerprintOf(current) === fingerprintOf(used)) await room.noteFailure(used.id, error);
}

const fingerprintOf = ({ tokens }: ConnectionView) => tokens.find(({ kind }) => kind === 'reporting')?.fingerprint;

const queuedRun = (run: Pick<RunRecord, 'id' | 'connectionId' | 'level' | 'trigger' | 'startedAt'>): RunRecord => ({
  ...run,
  status: 'queued',
  endedAt: null,
  streams: [],
  ...{ requests: 0, pages: 0, rows: 0, changes: 0, estimate: null, error: null },
});

/** The account's row was just read: the connection shows what it says. */
async function noteAccount({ store, room }: SyncingDeps, { id }: Connection, run: RunRecord): Promise<void> {
  if (!run.streams.some(({ stream, status }) => stream === 'account' && status === 'done')) return;
  const [row] = await store.rows(id, 'account', ['account']);
  const read = row === undefined ? null : readAccount(row.raw);
  if (read !== null && 'record' in read) await room.noteAccount(id, read.record);
}

const runInput = (connection: Connection, { level, streams, trigger }: SyncInput): RunInput => ({
  level: level ?? 'refresh',
  trigger: trigger ?? 'manual',
  streamsOff: streamsOff(connection),
  ...(streams === undefined ? {} : { streams }),
});

const riskRulesOf = ({ settings }: Connection): RiskRules => ({
  thresholds: settings.riskThresholds ?? defaultRiskRules.thresholds,
  delta: settings.riskDelta === undefined ? defaultRiskRules.delta : settings.riskDelta,
});

const streamsOff = ({ settings }: Connection): readonly StreamName[] =>
  (settings.streamsOff ?? []).filter(isStreamName);

async function estimateOf({ store, limiters, now }: SyncingDeps, connection: Connection, input: SyncInput) {
  const allowance = await allowanceOf(await limiters.of(connection));
  return estimateSync(
    { store, connectionId: connection.id, now: () => now().getTime() },
    { ...runInput(connection, input), seats: connection.account?.seats ?? null },
    allowance,
  );
}

async function allowanceOf(limiter: Limiter): Promise<Allowance> {
  const { limits, usedToday, reserveShare } = await limiter.usage();
  const perMinute = minuteLimit({ kind: 'scheduled', limits, reserveShare });
  return { ...limits, perMinute, freeNow: Math.max(0, Math.floor(limits.perDay * (1 - reserveShare)) - usedToday) };
}

async function budgetView({ store, limiters, now }: SyncingDeps, connection: Connection): Promise<BudgetView> {
  const limiter = await limiters.of(connection);
  const dayAgo = new Date(now().getTime() - DAY_MS).toISOString();
  const [usage, unexpected429] = await Promise.all([
    limiter.usage(),
    store.refusalsSince(budgetKeyOf(connection), dayAgo),
  ]);
  const { limits, usedLastMinute, usedToday, pausedUntil, reserveShare } = usage;
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const forSync = Math.floor(limits.perDay * (1 - reserveShare));
  return {
    accountKey: connection.accountKey,
    limits: {
      perSecond: finite(limits.perSecond),
      perMinute: finite(limits.perMinute),
      perDay: finite(limits.perDay),
    },
    usedLastMinute,
    usedLastDay: usedToday,
    reserve: Number.isFinite(limits.perDay) ? limits.perDay - forSync : 0,
    freeForSync: finite(Math.max(0, forSync - usedToday)),
    blockedUntil: pausedUntil === null ? null : new Date(pausedUntil).toISOString(),
    unexpected429,
  };
}

/** A refused token is kept with the connection, so that nobody goes on asking with it. */
async function noting<T>(room: ConnectionRoom, connection: ConnectionView, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await noteFailure(room, connection, error);
    throw error;
  }
}

export function refuseUnready(connection: Connection): void {
  if (connection.pausedAt !== null) {
    throw new ForeknowError('connection_paused', {
      detail: `Connection ${connection.name} is paused.`,
      hint: `Resume it first: foreknow connections resume ${connection.name}`,
    });
  }
  if (connection.state === 'active') return;
  throw new ForeknowError('connection_unauthorized', {
    detail: `Connection ${connection.name} cannot be used: ${connection.lastError?.detail ?? connection.state}`,
    hint: `Give it a new token (foreknow connections token ${connection.name}) or prove the one it has again (foreknow connections check ${connection.name}).`,
  });
}

/** After a restored backup the log is shorter than a reader remembers: silence would hide every entry up to there. */
const alreadyRunning = ({ name }: Connection) =>
  new ForeknowError('conflict', {
    detail: `A sync of ${name} is running already.`,
    hint: `Watch it with: foreknow status ${name}`,
  });

const wasErased = (userId: string) =>
  new ForeknowError('not_found', {
    detail: `Person ${userId} was erased and is kept out.`,
    hint: 'Readmit the person first, if they are to be mirrored again.',
  });
