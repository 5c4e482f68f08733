import { isForeknowError } from '../errors/errors.ts';
import type { CompletenessProof } from '../wire/proof.ts';
import type { RecordStream } from '../wire/records.ts';
import { instantOf, type SyncEnvironment, throwIfAborted } from './environment.ts';
import { readAccountHistory } from './history.ts';
import type { Known, StreamPlan, Task } from './plan.ts';
import type { NewChange, ScopeRead, StoredError, StreamRun, StreamState } from './ports.ts';
import { joinedProof } from './proofs.ts';
import { type PassResult, runPass } from './run-pass.ts';
import { endOfRun, parkMs, storedError } from './stops.ts';
import type { StreamName } from './streams.ts';

export type StreamResult = {
  readonly run: StreamRun;
  /** What ended the stream early, if anything did. */
  readonly error: unknown;
};

export type OnStreamPage = (count: {
  readonly pages: number;
  readonly rows: number;
  readonly requests: number;
}) => void;

/** What the passes of one stream add up to. */
type Totals = {
  passes: number;
  pages: number;
  requests: number;
  rows: number;
  changes: number;
  removed: number;
  proofs: CompletenessProof[];
  /** Of a read that failed or was not complete, while others of the stream went on. */
  problem: StoredError | null;
  error: unknown;
};

/** Failing reads in a row after which a stream of many scopes gives up. */
const MAX_FAILURES = 3;

/** Reads what the plan says of one stream and notes how it went. Errors become part of the result. */
export async function runStream(
  environment: SyncEnvironment,
  plan: StreamPlan,
  known: Known,
  onPage: OnStreamPage,
): Promise<StreamResult> {
  const { store, now } = environment;
  const startedMs = now();
  const before = known.states.get(plan.stream) ?? neverRead(environment.connectionId, plan.stream);
  const started: StreamState = { ...before, status: 'running', lastStartedAt: instantOf(startedMs), parkedUntil: null };
  await store.saveStreamState(started, environment.runId);
  const totals: Totals = {
    ...{ passes: 0, pages: 0, requests: 0, rows: 0, changes: 0, removed: 0 },
    ...{ proofs: [], problem: null, error: null },
  };
  try {
    if (plan.stream === 'risk_history') await readHistory(environment, started, totals, onPage);
    else await readTasks(environment, { ...plan, stream: plan.stream }, known, started, totals, onPage);
  } catch (error) {
    totals.error = error;
    totals.problem = storedError(error);
  }
  const ending = await finish(environment, plan, started, totals);
  return { run: summary(plan.stream, ending, totals, now() - startedMs), error: totals.error };
}

const neverRead = (connectionId: string, stream: StreamName): StreamState => ({
  ...{ connectionId, stream, status: 'never', baselineAt: null, lastStartedAt: null, lastCompleteAt: null },
  ...{ lastRefreshedAt: null, parkedUntil: null, lastProof: null, lastError: null, rows: null },
});

async function readTasks(
  environment: SyncEnvironment,
  plan: StreamPlan & { readonly stream: RecordStream },
  known: Known,
  state: StreamState,
  totals: Totals,
  onPage: OnStreamPage,
): Promise<void> {
  let failures = 0;
  let failed = 0;
  for (const task of plan.tasks) {
    throwIfAborted(environment.signal);
    const result = await readTask(environment, plan, task, known, state, totals, onPage);
    if (result.error !== null && isGoneTest(task, result.error)) {
      totals.problem = storedError(result.error);
      continue;
    }
    failures = result.error === null ? 0 : failures + 1;
    if (result.error === null) continue;
    failed += 1;
    // One list that cannot be read does not stop the others, unless the reason is not the list's.
    const isHopeless = failures >= MAX_FAILURES || failed === plan.tasks.length;
    if (endOfRun(result.error) !== null || isHopeless) throw result.error;
    totals.problem = storedError(result.error);
  }
}

/** A test that was deleted has no list any more; its rows go when its own removal is settled, and the others are read. */
const isGoneTest = ({ scope }: Task, error: unknown): boolean =>
  scope.startsWith('test:') && isForeknowError(error) && error.code === 'remote_not_found';

async function readTask(
  environment: SyncEnvironment,
  { stream, makeSure }: StreamPlan & { readonly stream: RecordStream },
  task: Task,
  known: Known,
  state: StreamState,
  totals: Totals,
  onPage: OnStreamPage,
): Promise<PassResult> {
  const baseline = state.baselineAt === null;
  // What a test's summary says of its recipients is no guess.
  const toldRows = stream === 'recipients' ? (task.expectedRows ?? 0) : 0;
  const passTask = { stream, scope: task.scope, baseline, toldRows, makeSure };
  const count: Parameters<typeof runPass>[2] = ({ pages, rows, requests }) =>
    onPage({ pages: totals.pages + pages, rows: totals.rows + rows, requests: totals.requests + requests });
  let result = await runPass(environment, passTask, count);
  if (baseline && result.error === null && result.proof?.why === 'duplicate_rows') {
    // The list moved while it was read; the first sync is worth a second try.
    add(totals, result);
    await environment.store.dropPass(result.pass.id);
    result = await runPass(environment, passTask, count);
  }
  const problem = result.error === null ? problemOf(stream, result, known) : null;
  add(totals, result);
  totals.problem = problem ?? totals.problem;
  if (result.proof !== null) totals.proofs.push(result.proof);
  if (result.error !== null || problem !== null) await environment.store.dropPass(result.pass.id);
  else await endPass(environment, task, known, state, result);
  return result;
}

function add(totals: Totals, { tally, removed }: PassResult): void {
  totals.passes += 1;
  totals.pages += tally.pages;
  totals.rows += tally.rows;
  totals.changes += tally.changes;
  totals.requests += tally.requests;
  totals.removed += removed;
}

/** Why a read that did not fail proves nothing all the same; null when it proves something. */
function problemOf(stream: RecordStream, { proof, tally }: PassResult, known: Known): StoredError | null {
  if (proof === null || !proof.complete) {
    const detail = proof === null ? 'Nothing was read.' : proof.detail;
    return { code: 'incomplete_read', detail, hint: 'The next pass reads the list again; nothing was removed.' };
  }
  if (stream !== 'users' || tally.rows > 0 || !known.seats) return null;
  return {
    code: 'incomplete_read',
    detail: `The account has ${known.seats} seats and its list of people is empty.`,
    hint: 'An anonymised account, or one of another region, looks like this. Nothing was removed.',
  };
}

const endPass = (
  { store, runId, now }: SyncEnvironment,
  task: Task,
  known: Known,
  state: StreamState,
  result: PassResult,
): Promise<void> =>
  store.endPass({
    passId: result.pass.id,
    runId,
    state,
    changes: [],
    scopeReads: scopeReadsOf(task, known, result, instantOf(now())),
    rebuildTotals: false,
  });

/** A whole read of the enrollments has read those of each campaign. */
function scopeReadsOf(task: Task, known: Known, result: PassResult, completedAt: string): ScopeRead[] {
  const own = { scope: task.scope, completedAt, mark: task.mark, rows: result.tally.rows };
  if (result.pass.stream !== 'enrollments' || task.scope !== 'all') return [own];
  const parts = known.campaigns.map(({ key, mark }): ScopeRead => {
    const scope = `campaign:${key}` as const;
    return { scope, completedAt, mark, rows: result.rowsByScope.get(scope) ?? 0 };
  });
  return [own, ...parts];
}

async function readHistory(
  environment: SyncEnvironment,
  state: StreamState,
  totals: Totals,
  onPage: OnStreamPage,
): Promise<void> {
  const read = await readAccountHistory(environment, { full: state.baselineAt === null });
  totals.passes += 1;
  totals.pages += read.proof.pages;
  totals.requests += read.proof.requests;
  totals.rows += read.points;
  totals.proofs.push(read.proof);
  totals.error = read.error;
  totals.problem = read.error === null ? null : storedError(read.error);
  onPage(totals);
}

/** Writes where the stream stands now, with the baseline event when this was its first complete pass. */
async function finish(
  environment: SyncEnvironment,
  plan: StreamPlan,
  started: StreamState,
  totals: Totals,
): Promise<Ending> {
  const { store, runId, now, newId } = environment;
  const at = instantOf(now());
  const isGood = totals.error === null && totals.problem === null;
  const isBaseline = isGood && plan.coversAll && started.baselineAt === null;
  const ending = endingOf(totals, await isAnythingHeld(environment, plan.stream));
  const state: StreamState = {
    ...started,
    status: ending,
    baselineAt: isBaseline ? at : started.baselineAt,
    lastRefreshedAt: isGood ? at : started.lastRefreshedAt,
    lastCompleteAt: isGood && plan.coversAll ? at : started.lastCompleteAt,
    parkedUntil: ending === 'parked' ? instantOf(now() + parkMs(totals.error)) : null,
    lastProof: joinedProof(totals.proofs) ?? started.lastProof,
    lastError: totals.problem,
    rows: isGood && plan.coversAll ? await rowsNow(environment, plan, totals) : started.rows,
  };
  // No pass has this id: every scope has ended its own pass already.
  const passId = newId('pas');
  const changes = isBaseline ? await baselineEvent(environment, plan.stream, at) : [];
  const feedsTotals = plan.stream === 'recipients' || plan.stream === 'enrollments';
  const scopeReads: ScopeRead[] =
    isGood && plan.stream === 'risk_history' && plan.coversAll
      ? [{ scope: 'all', completedAt: at, mark: '', rows: totals.rows }]
      : [];
  await store.endPass({ passId, runId, state, changes, scopeReads, rebuildTotals: isBaseline && feedsTotals });
  return ending;
}

type Ending = Extract<StreamState['status'], 'fresh' | 'partial' | 'failed' | 'parked' | 'held'>;

/** Removals of any scope: one that was not read this time may be held since an earlier run. */
const isAnythingHeld = async ({ store, connectionId }: SyncEnvironment, stream: StreamName): Promise<boolean> =>
  (await store.holds(connectionId)).some((hold) => hold.stream === stream && hold.state === 'open');

function endingOf({ error, problem }: Totals, isHeld: boolean): Ending {
  if (error !== null) {
    const end = endOfRun(error);
    if (end === 'parked') return 'parked';
    return end === 'interrupted' ? 'partial' : 'failed';
  }
  if (problem !== null) return 'partial';
  return isHeld ? 'held' : 'fresh';
}

/** Rows of a stream that was read completely. The scopes that a pass could leave out are counted with the others. */
async function rowsNow({ store, connectionId }: SyncEnvironment, plan: StreamPlan, totals: Totals): Promise<number> {
  if (plan.stream !== 'recipients') return totals.rows;
  const reads = await store.scopeReads(connectionId, plan.stream);
  return reads.reduce((sum, read) => sum + read.rows, 0);
}

async function baselineEvent(
  { store, connectionId }: SyncEnvironment,
  stream: StreamName,
  at: string,
): Promise<NewChange[]> {
  if (stream === 'risk_history') return [];
  const content = await store.contentDigest(connectionId, stream);
  const current = { ...content, cursor: await store.lastChangeSeq() };
  return [{ kind: 'baseline', stream, key: stream, at, current, previous: null }];
}

function summary(stream: StreamName, status: Ending, totals: Totals, durationMs: number): StreamRun {
  const proof = joinedProof(totals.proofs);
  return {
    stream,
    status: status === 'fresh' ? 'done' : status,
    passes: totals.passes,
    pages: totals.pages,
    requests: totals.requests,
    rows: totals.rows,
    badRows: proof?.badRows ?? 0,
    changes: totals.changes,
    durationMs,
    proof,
    error: totals.problem,
  };
}
