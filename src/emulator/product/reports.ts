import { hash, roll } from '../random.ts';
import { DAY, dayStart, HOUR } from '../time.ts';
import type { World } from '../world/state.ts';

const REPORTS = 13;
const KEPT = 30;
const FIRST_REPORT = 880_001;

/** Counts of one kind of record in a sync report; null where KnowBe4 counts none. */
type Updates = {
  archived: number | null;
  changed: number | null;
  claimed: number | null;
  created: number | null;
  deleted: number | null;
  unarchived: number | null;
  errors: number;
  success: number;
};

export type SyncReport = {
  readonly id: number;
  /** ms */
  readonly at: number;
  readonly users: Updates;
  readonly memberships: Updates;
};

/**
 * One sync of the provisioning a day, at six in the morning, the newest first. What happened since the world began to
 * live is counted; before that the figures are invented.
 */
export function syncReports(world: World): SyncReport[] {
  const newest = dayStart(world.live - 6 * HOUR) + 6 * HOUR;
  const oldest = newest - (KEPT - 1) * DAY;
  const counted = countedByDay(world, oldest);
  return Array.from({ length: KEPT }, (_, n) => {
    const at = newest - n * DAY;
    const day = at / DAY;
    const h = hash(world.seed, REPORTS, Math.floor(day));
    const id = FIRST_REPORT + Math.floor(day) - Math.floor(world.founded / DAY);
    if (at < world.begin) return { id, at, users: updates(invented(world, h)), memberships: updates({}) };
    const of = counted.get(at) ?? {};
    const memberships = { created: of.member_added ?? 0, deleted: of.member_removed ?? 0 };
    const users = { created: of.created, changed: of.changed, archived: of.archived, unarchived: of.restored };
    return { id, at, users: updates(users), memberships: updates(memberships) };
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

type Counted = { [Count in 'created' | 'changed' | 'archived' | 'unarchived' | 'deleted']?: number | undefined };

function updates(counts: Counted): Updates {
  const { archived = 0, changed = 0, created = 0, unarchived = 0, deleted = 0 } = counts;
  const success = archived + changed + created + unarchived + deleted;
  return { archived, changed, claimed: null, created, deleted, unarchived, errors: 0, success };
}
