import type { Change } from '../../src/sync/ports.ts';
import type { Visible } from './world-clock.ts';

/** A read from its first request to its last (ms), and what it reads: streams, or a part of one that is read less often. */
export type Poll = { readonly reads: ReadonlySet<string>; readonly startedAt: number; readonly endedAt: number };

/** Under which name a change is reported (null: not at all), and what a poll must read to see it. */
export type About = (change: Visible) => { readonly name: string | null; readonly readBy: string };

/** How a kind of change fared. Times in minutes, from when the API could show it to its entry in the log. */
export type Staleness = {
  readonly changes: number;
  readonly entered: number;
  readonly medianMinutes: number | null;
  readonly p95Minutes: number | null;
  readonly maxMinutes: number | null;
  /** Over before it could be read twice: nobody who polls can see it. */
  readonly tooShort: number;
  /** Seen by fewer than two reads before the end. */
  readonly pending: number;
  /** Not in the log although two reads of its stream, from their beginning to their end, could see it. */
  readonly missed: number;
};

/** What one change is looked for by. */
type Trace = { readonly name: string; readonly value?: unknown };

const failures = [
  'clicked_at',
  'replied_at',
  'attachment_opened_at',
  'macro_enabled_at',
  'data_entered_at',
  'qr_code_scanned',
];

/** The reader's word for a change of the world. */
export function kindOf({ stream, kind, changed = {} }: Visible): string {
  const fields = Object.keys(changed);
  if (kind === 'member_added' || kind === 'member_removed') return `membership ${kind.slice('member_'.length)}`;
  if (kind === 'score') return 'user risk score';
  if (stream === 'recipients')
    return fields.some((field) => failures.includes(field)) ? 'phishing failure' : 'phishing, other';
  if (stream === 'enrollments' && kind === 'changed') {
    if (fields.includes('completion_date')) return 'completion';
    return fields.includes('start_date') ? 'training begun' : 'training past due';
  }
  if (fields.length === 1 && fields[0] === 'last_sign_in') return 'user sign-in';
  const subject = stream.replace(/_/g, ' ').replace(/s$/, '');
  return `${subject} ${kind === 'changed' ? 'updated' : kind}`;
}

const inOurWords: Readonly<Record<string, string>> = { qr_code_scanned: 'qrCodeScannedAt' };
const ourName = (field: string): string =>
  inOurWords[field] ?? field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** Everything that has to be in the log for a change to count as told. */
function tracesOf(change: Visible): Trace[] {
  const { stream, id, kind, changed = {}, group_id: group } = change;
  const row = `${stream} ${id}`;
  switch (kind) {
    case 'created':
    case 'deleted':
      return [{ name: `${kind} ${row}` }];
    case 'archived':
      return [{ name: `status ${row}`, value: 'archived' }];
    case 'restored':
      return [{ name: `status ${row}`, value: 'active' }];
    case 'member_added':
    case 'member_removed':
      return [{ name: `member ${group} ${id}`, value: kind === 'member_added' }];
    case 'score':
      return [{ name: `riskScore ${row}` }];
    case 'changed':
      return Object.entries(changed).map(([field, [, value]]) => ({ name: `${ourName(field)} ${row}`, value }));
  }
}

type Entry = { readonly at: number; readonly value: unknown };

/** The log by what each entry tells, in order of time. */
export class LogIndex {
  readonly #entries = new Map<string, Entry[]>();

  add({ kind, stream, key, at, current, previous }: Change): void {
    const time = Date.parse(at);
    if (kind === 'group.member_added' || kind === 'group.member_removed') {
      const { userId } = (current ?? previous) as { userId: string };
      this.#put(`member ${key} ${userId}`, time, kind === 'group.member_added');
      return;
    }
    const row = `${stream} ${key}`;
    if (kind.endsWith('.created')) this.#put(`created ${row}`, time, undefined);
    if (kind.endsWith('.deleted')) this.#put(`deleted ${row}`, time, undefined);
    for (const [field, value] of Object.entries(current ?? {})) this.#put(`${field} ${row}`, time, value);
  }

  /** When a trace was first entered at or after a time; null when it was not. */
  find({ name, value }: Trace, from: number): number | null {
    const entries = this.#entries.get(name) ?? [];
    const found = entries.find(
      (entry) => entry.at >= from && (value === undefined || textOf(entry.value) === textOf(value)),
    );
    return found?.at ?? null;
  }

  #put(name: string, at: number, value: unknown): void {
    const entries = this.#entries.get(name);
    if (entries === undefined) this.#entries.set(name, [{ at, value }]);
    else entries.push({ at, value });
  }
}

/** When a reader that keeps no log would have told of a change; null = not before the end. */
export type ToldAt = (change: Visible) => number | null;

export const toldBy =
  (log: LogIndex): ToldAt =>
  (change) => {
    let last = 0;
    for (const trace of tracesOf(change)) {
      const at = log.find(trace, change.visibleAt);
      if (at === null) return null;
      last = Math.max(last, at);
    }
    return last;
  };

/** When the next thing happened to the same fact, for every change that something followed. */
function endsOf(changes: readonly Visible[]): Map<Visible, number> {
  const open = new Map<string, Visible[]>();
  const ends = new Map<Visible, number>();
  const end = (name: string, at: number) => {
    for (const change of open.get(name) ?? []) if (!ends.has(change)) ends.set(change, at);
    open.delete(name);
  };
  for (const change of changes) {
    const row = `row ${change.stream} ${change.id}`;
    if (change.kind === 'deleted') end(row, change.visibleAt);
    for (const { name } of tracesOf(change)) {
      end(name, change.visibleAt);
      open.set(name, [change]);
    }
    if (change.kind !== 'deleted') open.set(row, [...(open.get(row) ?? []), change]);
  }
  return ends;
}

const MINUTE_MS = 60_000;

/** @param changes in order, those that were visible after the baseline alone */
export function stalenessOf(
  changes: readonly Visible[],
  toldAt: ToldAt,
  polls: readonly Poll[],
  about: About,
): Record<string, Staleness> {
  const ends = endsOf(changes);
  const groups = new Map<
    string,
    { minutes: number[]; changes: number; tooShort: number; pending: number; missed: number }
  >();
  for (const change of changes) {
    const { name, readBy } = about(change);
    if (name === null) continue;
    const group = groups.get(name) ?? { minutes: [], changes: 0, tooShort: 0, pending: 0, missed: 0 };
    groups.set(name, group);
    group.changes += 1;
    const end = ends.get(change) ?? Number.POSITIVE_INFINITY;
    const at = toldAt(change);
    // An entry from after its end tells of what followed.
    const told = at !== null && at <= end ? at : null;
    if (told !== null) group.minutes.push((told - change.visibleAt) / MINUTE_MS);
    const until = told ?? end;
    const reads = polls.filter(
      (poll) => poll.reads.has(readBy) && poll.startedAt >= change.visibleAt && poll.endedAt < until,
    ).length;
    if (reads >= 2) group.missed += 1;
    else if (told !== null) continue;
    else if (Number.isFinite(end)) group.tooShort += 1;
    else group.pending += 1;
  }
  const rows = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    rows.map(([name, { minutes, ...counts }]) => {
      const sorted = minutes.toSorted((a, b) => a - b);
      const figures = {
        entered: sorted.length,
        medianMinutes: quantile(sorted, 0.5),
        p95Minutes: quantile(sorted, 0.95),
        maxMinutes: quantile(sorted, 1),
      };
      return [name, { ...counts, ...figures }];
    }),
  );
}

function quantile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
  return Math.round(value * 10) / 10;
}
