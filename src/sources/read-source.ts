import { createHash, hash } from 'node:crypto';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { SourcePerson } from '../model/source-person.ts';
import { judge, type SourceLimits, sourceLimits } from './judge.ts';
import type { Finding, ReadRecord, SourceStore, StagedPerson } from './ports.ts';
import type { Proof, Source } from './source.ts';
import { createTally, type Tally } from './tally.ts';

export type ReadDeps = {
  readonly store: SourceStore;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Tells whether a person of the source was erased and is to be kept out; null: nobody was. */
  readonly erased: (source: string) => Promise<((sourceId: string) => boolean) | null>;
  readonly limits?: SourceLimits;
};

export type ReadOptions = {
  /** Attributes that somebody needs; nothing else is kept. */
  readonly keep: ReadonlySet<string>;
  /** Who or what asked for it, in words. */
  readonly by: string;
  readonly signal: AbortSignal;
};

const PEOPLE_A_BATCH = 500;
/** A process that puts nobody aside for so long is taken for dead. */
const HOLD_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
/** Guards about whom a read does not show. */
const ofWhole: ReadonlySet<Finding['guard']> = new Set(['empty', 'source_shrink', 'keys_changed']);

/**
 * Reads a source: everybody is put aside as they come, the read is judged as a whole, and only then becomes what is known, or waits for two people.
 * One that broke off changes nothing, but that whoever it showed is there.
 * @returns the read as it ended, also when it broke off: `error` says why
 * @throws ForeknowError `conflict` when the source is being read already; what aborted the signal
 */
export async function readSource(deps: ReadDeps, source: Source, options: ReadOptions): Promise<ReadRecord> {
  const { store, now, limits = sourceLimits } = deps;
  const begun = beginning(source, deps.newId(), now(), options.by);
  if (!(await store.startSourceRead(begun, now().getTime(), now().getTime() + HOLD_MS))) throw isRead(source.name);
  const read = await stage(deps, source, begun.id, options);
  const ended = { ...begun, endedAt: now().toISOString() };
  if (read.proof.state === 'incomplete') {
    const kept = await store.endSourceRead({ ...ended, state: 'incomplete', proof: read.proof, error: errorOf(read) });
    options.signal.throwIfAborted();
    if (read.failed !== null && !isForeknowError(read.failed)) throw read.failed;
    return kept ?? Promise.reject(isRead(source.name));
  }
  const head = await store.sourceHead(source.name);
  const last = head?.lastKeptId == null ? null : await store.getSourceRead(head.lastKeptId);
  const counts = await store.countStaged(begun.id, source.name);
  const coverage = read.tally.coverage(last?.coverage ?? []);
  const since = new Date(now().getTime() - DAY_MS).toISOString();
  const before = mostOf(last, await store.goodSourceReads(source.name, since));
  const found = judge({ counts, before, coverage, ...read.tally.activity() }, limits);
  // What is pushed to us has no whole: that it shows fewer people, or nobody, says nothing about anybody.
  const findings = source.kind === 'scim-in' ? found.filter(({ guard }) => !ofWhole.has(guard)) : found;
  const judged = { proof: read.proof, ...counts, coverage: coverage.map(({ had: _, ...told }) => told), findings };
  const record: ReadRecord = {
    ...ended,
    ...judged,
    state: findings.length === 0 ? 'kept' : 'quarantined',
    digest: `sha256:${hash('sha256', JSON.stringify([source.name, read.digest, judged]), 'hex')}`,
  };
  return (await store.endSourceRead(record)) ?? Promise.reject(isRead(source.name));
}

/**
 * What a read is held against: the most people of a day, so that nothing leaks away in small reads. What two people have let in is a new beginning.
 * @param reads of the day, the newest first
 */
function mostOf(last: ReadRecord | null, reads: readonly ReadRecord[]): number | null {
  if (last === null) return null;
  const accepted = reads.findIndex(({ state }) => state === 'accepted');
  const counted = accepted === -1 ? reads : reads.slice(0, accepted + 1);
  return Math.max(last.people, ...counted.map(({ people }) => people));
}

type Staged = {
  readonly proof: Proof;
  readonly tally: Tally;
  /** Of everybody, in the order in which they came. */
  readonly digest: string;
  readonly failed: unknown;
};

async function stage(deps: ReadDeps, source: Source, readId: string, options: ReadOptions): Promise<Staged> {
  const tally = createTally(options.keep);
  const digest = createHash('sha256');
  let failed: unknown = null;
  let proof: Proof;
  try {
    const isErased = await deps.erased(source.name);
    const { people, done } = await source.read({ keep: options.keep, signal: options.signal });
    try {
      for await (const batch of batches(people)) {
        const staged = batch.filter(({ sourceId }) => isErased?.(sourceId) !== true).map(toStaged);
        for (const person of staged) digest.update(person.digest);
        await putAside(deps, source.name, readId, staged, tally);
      }
    } catch (error) {
      failed = error;
    }
    proof = await done();
  } catch (error) {
    failed ??= error;
    proof = { state: 'incomplete', words: wordsOf(failed) };
  }
  if (failed !== null && proof.state !== 'incomplete') proof = { state: 'incomplete', words: wordsOf(failed) };
  return { proof, tally, digest: digest.digest('hex'), failed };
}

/** Those who were shown before it broke off come too: they are there. */
async function* batches(people: AsyncIterable<SourcePerson>): AsyncGenerator<readonly SourcePerson[]> {
  let batch: SourcePerson[] = [];
  let broken: { readonly error: unknown } | null = null;
  try {
    for await (const person of people) {
      batch.push(person);
      if (batch.length < PEOPLE_A_BATCH) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    broken = { error };
  }
  if (batch.length > 0) yield batch;
  if (broken !== null) throw broken.error;
}

async function putAside(
  { store, now }: ReadDeps,
  source: string,
  readId: string,
  people: readonly StagedPerson[],
  tally: Tally,
): Promise<void> {
  const known = await store.keptPeople(
    source,
    people.map(({ sourceId }) => sourceId),
  );
  const byId = new Map(known.map((person) => [person.sourceId, person]));
  for (const person of people) tally.add(person, byId.get(person.sourceId) ?? null);
  if (!(await store.stageSourcePeople(readId, people, now().getTime() + HOLD_MS))) throw isRead(source);
}

/** Groups are a set; the order of attributes does not count. */
function toStaged(person: SourcePerson): StagedPerson {
  const { sourceId, active } = person;
  const attributes = Object.fromEntries(Object.entries(person.attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const groups = [...new Set(person.groups)].toSorted();
  return { sourceId, attributes, groups, active, digest: digestOf(JSON.stringify([attributes, groups, active])) };
}

const digestOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);

function beginning({ name, kind }: Source, id: string, at: Date, by: string): ReadRecord {
  return {
    ...{ id, source: name, kind, state: 'reading', startedAt: at.toISOString(), endedAt: null, by, proof: null },
    ...{ people: 0, added: 0, changed: 0, gone: 0, doubled: 0, coverage: [], findings: [], digest: null },
    ...{ counts: false, approvals: [], error: null },
  };
}

const wordsOf = (error: unknown): string => (isForeknowError(error) ? error.detail : 'The read broke off.');

function errorOf({ failed, proof }: Staged): ReadRecord['error'] {
  if (isForeknowError(failed)) return { code: failed.code, detail: failed.detail, hint: failed.hint ?? null };
  return { code: failed === null ? 'incomplete_read' : 'internal', detail: proof.words, hint: null };
}

const isRead = (source: string): ForeknowError =>
  new ForeknowError('conflict', {
    detail: `The source ${source} is being read.`,
    hint: 'foreknow sources reads shows how it ends.',
  });
