import { type ForeknowError, isForeknowError } from '../errors/errors.ts';
import { instantOf, type SyncEnvironment } from './environment.ts';
import {
  estimatedRequests,
  type Known,
  loadKnown,
  type PlanInput,
  planStream,
  type StreamPlan,
  type SyncLevel,
  streamsOf,
} from './plan.ts';
import type { RunProgress, RunRecord, RunStatus, RunTrigger, StreamRun, StreamState } from './ports.ts';
import { type OnStreamPage, runStream } from './run-stream.ts';
import { runSpan, streamSpan } from './spans.ts';
import { endOfRun, storedError } from './stops.ts';
import type { StreamName } from './streams.ts';

export type RunInput = {
  /** The run that was queued; default: a new one. */
  readonly runId?: string;
  readonly level: SyncLevel;
  readonly trigger: RunTrigger;
  /** Only these; default: all of the level. */
  readonly streams?: readonly StreamName[];
  /** Streams that are not mirrored. */
  readonly streamsOff?: readonly StreamName[];
  /** What the planner said; kept with the run. */
  readonly estimate?: RunRecord['estimate'];
  readonly onProgress?: (progress: RunProgress) => void;
};

type Environment = Omit<SyncEnvironment, 'runId' | 'kind'>;

/** A scheduled full pass that was interrupted goes on with the scopes it did not read in the last day. */
const FRESH_MS = 24 * 60 * 60 * 1000;

/**
 * One run over the streams of a level, one after another, in the order in which one needs the other. A stream that fails does
 * not stop those that do not need it; a refused token and a spent budget end the run. Resolves with the record of the run,
 * however it went: `record.error` says what ended it early.
 * @throws ForeknowError `conflict` when another run holds the connection, `store_failed`
 */
export const runSync = (given: Environment, asked: RunInput): Promise<RunRecord> =>
  runSpan(given.connectionId, () => readAll(given, asked));

async function readAll(given: Environment, asked: RunInput): Promise<RunRecord> {
  const input = { ...asked, level: levelOf(asked, await given.store.streamStates(given.connectionId)) };
  const environment: SyncEnvironment = {
    ...given,
    runId: input.runId ?? given.newId('run'),
    kind: input.trigger === 'interactive' ? 'interactive' : 'scheduled',
  };
  const { store, connectionId, now } = environment;
  let record = newRecord(environment, input);
  await store.startRun(record);
  const wanted = wantedStreams(input);
  const progress = progressOf(environment, wanted, input);
  const runs: StreamRun[] = [];
  let ended: { status: RunStatus; error: unknown } | null = null;
  try {
    await markOff(environment, input);
    for (const stream of wanted) {
      const known = await loadKnown(store, connectionId, now());
      if (ended !== null || lacksTests(stream, known)) {
        runs.push(skipped(stream));
        continue;
      }
      const plan = planStream(stream, planInput(input, now()), known);
      if (plan === null) continue;
      progress.begin(plan, known);
      const { run, error } = await streamSpan(stream, () => runStream(environment, plan, known, progress.page));
      progress.end(run);
      runs.push(run);
      ended = endAfter(stream, error);
      record = withStreams(record, runs);
      await store.saveRun(record);
    }
  } catch (error) {
    ended = { status: endOfRun(error) ?? 'failed', error };
  }
  const final = finished(withStreams(record, runs), ended, instantOf(now()));
  await store.saveRun(final);
  return final;
}

/** The first sync of a connection is always full, unless it is told its streams. */
export const levelOf = ({ level, streams }: RunInput, states: Iterable<StreamState>): SyncLevel =>
  streams === undefined && [...states].every((state) => state.baselineAt === null) ? 'full' : level;

export const wantedStreams = ({ level, streams, streamsOff = [] }: Omit<RunInput, 'trigger'>): readonly StreamName[] =>
  streamsOf(level).filter(
    (stream) => !streamsOff.includes(stream) && (streams === undefined || streams.includes(stream)),
  );

export const planInput = ({ level, trigger }: RunInput, now: number): PlanInput => ({
  level,
  freshSince: trigger === 'schedule' ? now - FRESH_MS : null,
});

/**
 * Recipients are read test by test, so they wait for the first complete list of tests. Later that list may fail: the tests
 * that are known are read. Enrollments need nothing, their first read is one list.
 */
const lacksTests = (stream: StreamName, known: Known): boolean =>
  stream === 'recipients' && (known.states.get('security_tests')?.baselineAt ?? null) === null;

/**
 * What a stream's failure means for the others. A token that may not read the account itself is good for nothing, and where
 * nobody answered the first and smallest question the larger ones would only spend the budget.
 */
function endAfter(stream: StreamName, error: unknown): { status: RunStatus; error: unknown } | null {
  if (error === null) return null;
  const isHopeless = stream === 'account' && isForeknowError(error) && (isForbidden(error) || isUnanswered(error));
  const status = isHopeless ? 'failed' : endOfRun(error);
  return status === null ? null : { status, error };
}

const isForbidden = ({ code }: ForeknowError): boolean => code === 'connection_forbidden';
const isUnanswered = ({ code, remote }: ForeknowError): boolean =>
  code === 'remote_unavailable' && remote === undefined;

async function markOff({ store, connectionId, runId }: SyncEnvironment, { streamsOff = [] }: RunInput): Promise<void> {
  const states = await store.streamStates(connectionId);
  for (const state of states) {
    const isOff = streamsOff.includes(state.stream);
    if (isOff !== (state.status === 'off'))
      await store.saveStreamState({ ...state, status: isOff ? 'off' : 'partial' }, runId);
  }
}

function newRecord({ runId, connectionId, now }: SyncEnvironment, input: RunInput): RunRecord {
  return {
    id: runId,
    connectionId,
    trigger: input.trigger,
    level: input.level,
    status: 'running',
    startedAt: instantOf(now()),
    endedAt: null,
    streams: [],
    ...{ requests: 0, pages: 0, rows: 0, changes: 0 },
    estimate: input.estimate ?? null,
    error: null,
  };
}

const skipped = (stream: StreamName): StreamRun => ({
  ...{ stream, status: 'skipped', passes: 0, pages: 0, requests: 0, rows: 0, badRows: 0, changes: 0, durationMs: 0 },
  ...{ proof: null, error: null },
});

function withStreams(record: RunRecord, streams: readonly StreamRun[]): RunRecord {
  const sum = (count: (run: StreamRun) => number) => streams.reduce((total, run) => total + count(run), 0);
  return {
    ...record,
    streams: [...streams],
    requests: sum((run) => run.requests),
    pages: sum((run) => run.pages),
    rows: sum((run) => run.rows),
    changes: sum((run) => run.changes),
  };
}

function finished(record: RunRecord, ended: { status: RunStatus; error: unknown } | null, endedAt: string): RunRecord {
  if (ended !== null) return { ...record, endedAt, status: ended.status, error: storedError(ended.error) };
  const read = record.streams.filter((run) => run.status !== 'skipped');
  const failed = read.find((run) => run.status === 'failed');
  if (read.length > 0 && read.every((run) => run.status === 'failed')) {
    return { ...record, endedAt, status: 'failed', error: failed?.error ?? null };
  }
  const isDone = record.streams.every((run) => run.status === 'done');
  return { ...record, endedAt, status: isDone ? 'done' : 'partial', error: null };
}

/** Counts for whoever watches. The estimate of a stream is made anew when it begins: by then more is known. */
function progressOf({ runId }: SyncEnvironment, wanted: readonly StreamName[], input: RunInput) {
  const expected = new Map<StreamName, number>();
  let done = { pages: 0, requests: 0 };
  let current: { stream: StreamName; expectedRows: number | null } | null = null;

  const report = (count: Parameters<OnStreamPage>[0], streamDone: boolean) => {
    if (current === null) return;
    const requests = done.requests + count.requests;
    const planned = [...expected.values()].reduce((sum, value) => sum + value, 0);
    input.onProgress?.({
      runId,
      ...current,
      rows: count.rows,
      pages: done.pages + count.pages,
      requests,
      expectedRequests: Math.max(planned, requests),
      streamDone,
    });
  };

  return {
    begin(plan: StreamPlan, known: Known): void {
      const planned = planInput(input, known.now);
      for (const later of wanted.slice(wanted.indexOf(plan.stream))) {
        expected.set(later, estimatedRequests(planStream(later, planned, known), known));
      }
      const rows = plan.tasks.map((task) => task.expectedRows);
      const total = rows.reduce<number>((sum, value) => sum + (value ?? 0), 0);
      current = { stream: plan.stream, expectedRows: rows.includes(null) ? null : total };
    },
    page: ((count) => report(count, false)) satisfies OnStreamPage,
    end(run: StreamRun): void {
      report(run, true);
      expected.set(run.stream, run.requests);
      done = { pages: done.pages + run.pages, requests: done.requests + run.requests };
    },
  };
}
