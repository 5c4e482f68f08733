import type { CompletenessProof } from '../wire/proof.ts';
import type { RecordStream } from '../wire/records.ts';
import { dayOf, instantOf, type SyncEnvironment, throwIfAborted } from './environment.ts';
import { withGroupNames } from './group-names.ts';
import { keyed, moved, type PageContext, pageWork } from './page-work.ts';
import type { Pass, Scope } from './ports.ts';
import { joinedProof } from './proofs.ts';
import { type AnyRecord, scopeOf } from './rows.ts';
import { settleAbsence } from './settle-absence.ts';
import { type Source, type SourcePage, sourceOf } from './sources.ts';

export type PassTask = {
  readonly stream: RecordStream;
  readonly scope: Scope;
  readonly baseline: boolean;
  /** Rows that the scope has by what was read elsewhere; 0 when nothing says so. */
  readonly toldRows: number;
  /** The ends of its lists are made sure of, whatever it costs. */
  readonly makeSure: boolean;
};

/** What a pass counts while it runs. */
export type PassTally = { pages: number; rows: number; changes: number; requests: number };

export type PassResult = {
  readonly pass: Pass;
  /** Null when nothing was read. */
  readonly proof: CompletenessProof | null;
  readonly tally: PassTally;
  readonly removed: number;
  /** Rows by the scope they belong to: of a whole list the rows of each campaign. */
  readonly rowsByScope: ReadonlyMap<Scope, number>;
  readonly error: unknown;
};

/** Distinguishes "nothing was thrown" from a thrown `undefined`. */
const noError = null;

/**
 * One pass over one scope: its pages one after another, each in one transaction, then a look at what was not seen.
 *
 * A pass that was interrupted begins again at its first page. Only such a read can prove that it is complete, and going on in
 * the middle first would cost the same pages once more; the rows that are there already are recognised by their digests. A
 * stream of many scopes (recipients) goes on with the scopes it has not read yet.
 *
 * The pass is left open: the caller ends it together with the state of the stream.
 */
export async function runPass(
  environment: SyncEnvironment,
  task: PassTask,
  onPage: (tally: PassTally) => void,
): Promise<PassResult> {
  const { store, connectionId, runId, now, newId } = environment;
  const left = await store.openPass(connectionId, task.stream, task.scope);
  if (left !== null) await store.dropPass(left.id);
  const pass: Pass & { stream: RecordStream } = {
    ...{ id: newId('pas'), connectionId, runId, stream: task.stream, scope: task.scope },
    ...{ startedAt: instantOf(now()), checkpoint: null, pages: 0, rows: 0 },
  };
  await store.beginPass(pass);

  const tally: PassTally = { pages: 0, rows: 0, changes: 0, requests: 0 };
  const rowsByScope = new Map<Scope, number>();
  const sources: Source[] = [];
  let error: unknown = noError;
  try {
    const count = (counted: PassTally) =>
      onPage({ ...counted, requests: sources.reduce((sum, source) => sum + source.proof().requests, 0) });
    await readAll(environment, task, pass, sources, { tally, rowsByScope, onPage: count });
  } catch (thrown) {
    error = thrown;
  }
  const proof = joinedProof(sources.map((source) => source.proof()));
  tally.requests = proof?.requests ?? 0;
  const read = { pass, proof, tally, rowsByScope };
  if (error !== noError || proof === null || !proof.complete || task.baseline) {
    return { ...read, removed: 0, error };
  }
  try {
    const settled = await settleAbsence(environment, pass);
    tally.changes += settled.removed;
    tally.requests += settled.requests;
    return { ...read, removed: settled.removed, error };
  } catch (thrown) {
    return { ...read, removed: 0, error: thrown };
  }
}

type Counting = {
  readonly tally: PassTally;
  readonly rowsByScope: Map<Scope, number>;
  readonly onPage: (tally: PassTally) => void;
};

async function readAll(
  environment: SyncEnvironment,
  task: PassTask,
  pass: Pass,
  sources: Source[],
  counting: Counting,
): Promise<void> {
  const { live } = await environment.store.absence(pass.id);
  const expected = { rows: Math.max(live, task.toldRows), makeSure: task.makeSure };
  const plan = sourceOf(environment, task.stream, task.scope, expected);
  const isArchived = (row: { record: AnyRecord }) => (row.record as { status?: string | null }).status === 'archived';
  let sawArchived = false;
  sources.push(plan.first);
  await writePages(environment, task, pass, plan.first, counting, (page) => {
    sawArchived ||= page.rows.some(isArchived);
  });
  if (!plan.first.proof().complete) return;
  const second = plan.after(sawArchived);
  if (second === null) return;
  sources.push(second);
  await writePages(environment, task, pass, second, counting, () => undefined);
}

/** Writes the pages in order; while one is written the next is read and compared. */
async function writePages(
  environment: SyncEnvironment,
  task: PassTask,
  pass: Pass,
  source: Source,
  counting: Counting,
  look: (page: SourcePage) => void,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const page of source.pages()) {
      throwIfAborted(environment.signal);
      look(page);
      const commit = await preparedPage(environment, task, pass, page, counting);
      await writing;
      writing = commit();
      // Awaited before the next page is written; until then a failure must not count as unhandled.
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
}

/** Compares a page with the store. Returns the function that writes it. */
async function preparedPage(
  { store, connectionId, runId, now, timeZone, dropRecipientClient, isErased, riskRules }: SyncEnvironment,
  { stream, scope, baseline }: PassTask,
  pass: Pass,
  page: SourcePage,
  { tally, rowsByScope, onPage }: Counting,
): Promise<() => Promise<void>> {
  const ms = now();
  const at = instantOf(ms);
  const context: PageContext = {
    ...{ stream, scope, at, today: dayOf(ms, timeZone), baseline },
    ...{ dropRecipientClient, isErased, riskRules },
  };
  const rows = keyed(context, page.rows);
  const heads = await store.heads(
    connectionId,
    stream,
    rows.map((row) => row.key),
  );
  const movedRows = moved(rows, heads);
  const known = new Set(heads.map((head) => head.key));
  const keysOfKnown = movedRows.flatMap((row) => (known.has(row.key) ? row.key : []));
  const stored = keysOfKnown.length === 0 ? [] : await store.rows(connectionId, stream, keysOfKnown);
  const work = pageWork(context, rows, movedRows, stored);
  const changes = await withGroupNames(store, connectionId, work.changes);
  for (const { record } of rows) {
    const own = scopeOf(stream, record, scope);
    rowsByScope.set(own, (rowsByScope.get(own) ?? 0) + 1);
  }
  return async () => {
    await store.commitPage({
      ...{ ...work, changes },
      ...{ connectionId, runId, passId: pass.id, stream, at, baseline },
      checkpoint: page.next === null ? null : JSON.stringify(page.next),
    });
    tally.pages += 1;
    tally.rows += rows.length;
    tally.changes += work.changes.length;
    onPage(tally);
  };
}
