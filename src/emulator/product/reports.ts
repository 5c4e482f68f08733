import type { AccountState } from '../account.ts';
import { hash, roll } from '../random.ts';
import type { Counted, ReportRow, SyncReport } from '../scim/report.ts';
import type { ScimState } from '../scim/state.ts';
import { DAY, dayStart, HOUR } from '../time.ts';
import type { World } from '../world/state.ts';
import type { PageArguments } from './lists.ts';

const REPORTS = 13;
const KEPT = 30;
const FIRST_REPORT = 880_001;

/** Of the syncs that SCIM brought about, and of the other program's, the newest first. */
export function syncReports({ world, scim }: AccountState): SyncReport[] {
  return [...scim.reports, ...dailyReports(world, scim)].sort((a, b) => b.at - a.at || b.id - a.id);
}

/**
 * One sync of another program a day, at six in the morning, until it was switched off. What happened since the world began to
 * live is counted; before that the figures are invented.
 */
function dailyReports(world: World, { otherUntil }: ScimState): SyncReport[] {
  const newest = dayStart(Math.min(world.live, otherUntil) - 6 * HOUR) + 6 * HOUR;
  const oldest = newest - (KEPT - 1) * DAY;
  const counted = countedByDay(world, oldest);
  const source = otherUntil > world.begin ? 'SCIM_V2' : 'ADI';
  return Array.from({ length: KEPT }, (_, n) => {
    const at = newest - n * DAY;
    const day = Math.floor(at / DAY);
    const of = counted.get(at) ?? {};
    const users = { created: of.created, changed: of.changed, archived: of.archived, unarchived: of.restored };
    return {
      ...{ at, source, testMode: false, status: 'COMPLETED', rows: [] },
      id: FIRST_REPORT + day - Math.floor(world.founded / DAY),
      due: at + 40_000,
      invented:
        at < world.begin
          ? { users: invented(world, hash(world.seed, REPORTS, day)), memberships: {} }
          : { users, memberships: { created: of.member_added, deleted: of.member_removed } },
    };
  });
}

/** Changes of people by the sync that would have brought them: the next one. */
function countedByDay(world: World, since: number): Map<number, Record<string, number>> {
  const days = new Map<number, Record<string, number>>();
  for (const { stream, kind, at } of world.changes) {
    const when = Date.parse(at);
    if (stream !== 'users' || when < since - DAY) continue;
    const sync = dayStart(when + 18 * HOUR) + 6 * HOUR;
    const counts = days.get(sync) ?? {};
    counts[kind] = (counts[kind] ?? 0) + 1;
    days.set(sync, counts);
  }
  return days;
}

const invented = (world: World, h: number): Counted => ({
  created: Math.floor(world.people.length * 0.0007 + roll(h, 1)),
  changed: Math.floor(world.people.length * 0.001 + roll(h, 2)),
  archived: Math.floor(world.people.length * 0.0005 + roll(h, 3)),
});

export type ItemArguments = PageArguments & {
  readonly ldapSyncReportId: number;
  readonly action?: string | null;
  readonly type?: string | null;
  readonly status?: string | null;
};

export type ReportItem = ReportRow & { readonly id: number; readonly at: number };

/** The rows of a report that fit, in the order of the work. */
export function itemsWanted({ rows, due }: SyncReport, { action, type, status }: ItemArguments): ReportItem[] {
  const fits = (row: ReportRow) =>
    (!action || row.action === action) &&
    (!type || row.type === type) &&
    (!status || (row.error === undefined) === (status === 'SUCCESS'));
  return rows.map((row, n) => ({ ...row, id: n + 1, at: due })).filter(fits);
}
