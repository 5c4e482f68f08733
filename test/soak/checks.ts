import type { Emulator, Change as Event } from '../../src/emulator/index.ts';
import type { Store } from '../../src/store/store.ts';
import type { Change } from '../../src/sync/ports.ts';
import { applyChange, type Mirror } from '../../src/sync/replay.ts';
import { readStored } from '../../src/sync/rows.ts';
import { streamNames } from '../../src/sync/streams.ts';
import { differingRows, digestsOf, streamsOfTruth, truthOf } from '../../src/sync/truth.contract.ts';
import type { RawRecord, RecordOf, RecordStream } from '../../src/wire/records.ts';
import { listEveryone } from './stores.ts';

/** A law that was broken, in words. */
export type Finding = string;

const BATCH = 500;

/** What the truth has taken away so far: what may be reported as gone. */
export type Gone = {
  /** Takes in what has happened since the last call. */
  learn(): void;
  /** Whether the truth contains what the change says. */
  allows(change: Change): boolean;
};

export function goneIn(emulator: Emulator): Gone {
  const gone = new Set<string>();
  let seen = 0;
  const learn = () => {
    for (const event of emulator.changes(seen)) {
      seen = event.seq;
      for (const mark of marksOf(event)) gone.add(mark);
    }
  };
  const was = (...words: readonly string[]) => gone.has(words.join(' '));
  return {
    learn,
    allows(change) {
      const id = change.key.replace(/^callback:/, '');
      if (change.kind === 'group.member_removed') {
        const { userId } = change.previous as { userId: string };
        return was('users deleted', userId) || was('groups deleted', id) || was('member_removed', id, userId);
      }
      if (change.kind === 'recipient.deleted') return was('security_tests deleted', id.split('/')[0]!);
      const [, what] = change.kind.split('.');
      return was(change.stream, what!, id);
    },
  };
}

const marksOf = ({ kind, stream, id, group_id }: Event): string[] => {
  if (kind === 'member_removed') return [`member_removed ${group_id} ${id}`];
  return kind === 'deleted' || kind === 'archived' ? [`${stream} ${kind} ${id}`] : [];
};

/** Kinds of change that take something away. */
export const isLoss = ({ kind }: Change): boolean =>
  kind.endsWith('.deleted') || kind.endsWith('.archived') || kind === 'group.member_removed';

export async function changesSince(store: Store, connectionId: string, after: number): Promise<Change[]> {
  const all: Change[] = [];
  for (let last = after; ; last = all.at(-1)!.seq) {
    const page = await store.changes({ connectionIds: [connectionId], after: last, limit: 1000 });
    all.push(...page);
    if (page.length < 1000) return all;
  }
}

async function liveRows(store: Store, connectionId: string, stream: RecordStream): Promise<Map<string, RawRecord>> {
  const rows = new Map<string, RawRecord>();
  for (let after: string | null = null; ; ) {
    const page = await store.liveRows(connectionId, stream, after, BATCH);
    for (const { key, raw } of page) rows.set(key, raw);
    if (page.length < BATCH) return rows;
    after = page.at(-1)!.key;
  }
}

export async function recordsOf(
  store: Store,
  connectionId: string,
  stream: RecordStream,
): Promise<Map<string, Record<string, unknown>>> {
  const rows = await liveRows(store, connectionId, stream);
  return new Map(
    [...rows].map(([key, raw]) => [key, readStored(stream, key, raw) as unknown as Record<string, unknown>]),
  );
}

/** The mirror against the truth: the same rows with the same content. */
export async function mirrorFindings(store: Store, connectionId: string, emulator: Emulator): Promise<Finding[]> {
  const truth = emulator.truth();
  const findings: Finding[] = [];
  for (const stream of streamsOfTruth) {
    const mirrored = await liveRows(store, connectionId, stream);
    const expected = truthOf(truth, stream);
    const extra = [...mirrored.keys()].filter((key) => !expected.has(key));
    const missing = [...expected.keys()].filter((key) => !mirrored.has(key));
    const differing = differingRows(stream, mirrored, expected);
    if (extra.length > 0)
      findings.push(`${extra.length} of ${mirrored.size} ${stream} are not in the truth: ${some(extra)}`);
    if (missing.length > 0)
      findings.push(`${missing.length} of ${expected.size} ${stream} are not mirrored: ${some(missing)}`);
    const first = differing[0];
    if (first !== undefined) findings.push(`${differing.length} ${stream} differ, ${first.key} in ${unlike(first)}`);
  }
  return findings;
}

const some = (keys: readonly string[]): string => `${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ' …' : ''}`;

function unlike({ have, wanted }: { have: object; wanted: object }): string {
  const fields = Object.entries(wanted).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify((have as Record<string, unknown>)[name]),
  );
  return fields
    .map(
      ([name, value]) =>
        `${name}: ${JSON.stringify((have as Record<string, unknown>)[name])}, truth ${JSON.stringify(value)}`,
    )
    .join('; ')
    .slice(0, 400);
}

/** Rows as they were when their stream's baseline ended, and the position of the log then. */
export type Snapshots = Map<
  RecordStream,
  { readonly seq: number; readonly rows: Map<string, Record<string, unknown>> }
>;

/** The snapshots with what the log says since, against the mirror. */
export async function replayFindings(store: Store, connectionId: string, snapshots: Snapshots): Promise<Finding[]> {
  const changes = await changesSince(store, connectionId, 0);
  const findings: Finding[] = [];
  const replayed: Mirror = new Map();
  for (const [stream, { rows }] of snapshots) replayed.set(stream, new Map(rows));
  for (const change of changes) {
    const snapshot = snapshots.get(change.stream as RecordStream);
    if (snapshot !== undefined && change.seq > snapshot.seq) applyChange(replayed, change);
  }
  const current: Mirror = new Map();
  for (const stream of snapshots.keys()) current.set(stream, await recordsOf(store, connectionId, stream));
  const [told, kept] = [digestsOf(replayed), digestsOf(current)];
  for (const stream of snapshots.keys()) {
    const [one, other] = [told[stream] ?? {}, kept[stream] ?? {}];
    const wrong = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => one[key] !== other[key]);
    if (wrong.length > 0) findings.push(`the log does not lead to ${wrong.length} ${stream}: ${some(wrong)}`);
  }
  return findings;
}

/** Totals of people, memberships and the pages of the directory against a recount of the mirror's rows. */
export async function derivedFindings(store: Store, connectionId: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const users = await recordsOf(store, connectionId, 'users');
  const stored = await store.reads
    .selectFrom('person_totals')
    .selectAll()
    .where('connection_id', '=', connectionId)
    .execute();
  const kept = Object.fromEntries(stored.map(({ connection_id: _, user_id, ...totals }) => [user_id, totals]));
  const counted = await recount(store, connectionId);
  for (const id of new Set([...Object.keys(kept), ...counted.keys()])) {
    const [have, wanted] = [kept[id] ?? nothing(), counted.get(id) ?? nothing()];
    const wrong = Object.keys(wanted).filter((name) => have[name as keyof Totals] !== wanted[name as keyof Totals]);
    if (wrong.length > 0) {
      findings.push(`totals of person ${id} are wrong: ${JSON.stringify(have)} instead of ${JSON.stringify(wanted)}`);
      break;
    }
  }
  const members = await store.reads
    .selectFrom('memberships')
    .select(['group_id', 'user_id'])
    .where('connection_id', '=', connectionId)
    .execute();
  const told = members.map(({ group_id, user_id }) => `${group_id}/${user_id}`).toSorted();
  const shown = [...users].flatMap(([id, user]) =>
    [...new Set(user.groupIds as readonly string[] | null)].map((group) => `${group}/${id}`),
  );
  if (told.join() !== shown.toSorted().join())
    findings.push(`${told.length} memberships are kept, ${shown.length} shown`);
  const listed = await listEveryone(store, connectionId, 7);
  if (new Set(listed).size !== listed.length) findings.push('a page of the directory has a person again');
  if (listed.toSorted().join() !== [...users.keys()].toSorted().join()) {
    findings.push(`the directory lists ${listed.length} people, the mirror has ${users.size}`);
  }
  return findings;
}

type Totals = ReturnType<typeof nothing>;
const nothing = () => ({
  ...{
    enrolled: 0,
    not_started: 0,
    in_progress: 0,
    completed: 0,
    overdue: 0,
    last_completed_at: null as string | null,
  },
  ...{
    delivered: 0,
    failed: 0,
    reported: 0,
    last_failed_at: null as string | null,
    last_delivered_at: null as string | null,
  },
});

const later = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other > one) ? other : one;

async function recount(store: Store, connectionId: string): Promise<Map<string, Totals>> {
  const people = new Map<string, Totals>();
  const of = (user: { readonly id: string | null } | null): Totals | null => {
    if (user?.id == null) return null;
    const totals = people.get(user.id) ?? nothing();
    people.set(user.id, totals);
    return totals;
  };
  for (const record of (await recordsOf(store, connectionId, 'enrollments')).values()) {
    const { user, status, completionDate } = record as unknown as RecordOf['enrollments'];
    const totals = of(user);
    if (totals === null) continue;
    totals.enrolled += 1;
    const word = (status ?? '').toLowerCase();
    if (word === 'not started') totals.not_started += 1;
    else if (word === 'in progress') totals.in_progress += 1;
    else if (word === 'completed' || word === 'passed') totals.completed += 1;
    else if (word === 'past due') totals.overdue += 1;
    totals.last_completed_at = later(totals.last_completed_at, completionDate);
  }
  for (const record of (await recordsOf(store, connectionId, 'recipients')).values()) {
    const { user, deliveredAt, failedAt, reportedAt } = record as unknown as RecordOf['recipients'];
    const totals = of(user);
    if (totals === null) continue;
    totals.delivered += deliveredAt === null ? 0 : 1;
    totals.failed += failedAt === null ? 0 : 1;
    totals.reported += reportedAt === null ? 0 : 1;
    totals.last_delivered_at = later(totals.last_delivered_at, deliveredAt);
    totals.last_failed_at = later(totals.last_failed_at, failedAt);
  }
  return people;
}

/** A stream is not fresh while something of it is held. */
export async function statusFindings(store: Store, connectionId: string): Promise<Finding[]> {
  const held = new Set(
    (await store.holds(connectionId)).filter((hold) => hold.state === 'open').map((hold) => hold.stream),
  );
  const states = await store.streamStates(connectionId);
  return states
    .filter(({ stream, status }) => streamNames.includes(stream) && status === 'fresh' && held.has(stream))
    .map(({ stream }) => `${stream} says that it is fresh while removals of it are held`);
}
