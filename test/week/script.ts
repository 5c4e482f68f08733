import type { Emulator, Mutation } from '../../src/emulator/index.ts';
import type { Planned } from './world-clock.ts';

/** A generator with a seed of its own (mulberry32), so that a week can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the script may pick from; read once, because a copy of the whole truth is large. */
export type Cast = {
  /** Ids of people in order, archived ones apart; the script keeps them up. */
  readonly active: number[];
  readonly archived: number[];
  readonly groups: number[];
  /** Enrollments of open campaigns that nobody has finished. */
  readonly waiting: number[];
  /** Recipients of the open test that nothing has happened to by hand. */
  readonly targets: { readonly test: number; readonly recipient: number }[];
  readonly openCampaigns: number;
  /** Enrollments of campaigns that were closed at the beginning. */
  readonly settled: ReadonlySet<string>;
};

export function castOf(emulator: Emulator): Cast {
  const truth = emulator.truth();
  const open = new Set(truth.training_campaigns.filter(({ status }) => status === 'In Progress').map(idOfCampaign));
  const tests = new Set(truth.security_tests.filter(({ status }) => status === 'Active').map(({ pst_id }) => pst_id));
  return {
    active: truth.users.filter(({ status }) => status === 'active').map(({ id }) => id),
    archived: truth.users.filter(({ status }) => status === 'archived').map(({ id }) => id),
    groups: truth.groups.filter((group) => group.group_type === 'console_group' && group.status === 'active').map(idOf),
    waiting: truth.enrollments
      .filter((row) => open.has(row.campaign_id) && row.completion_date === null)
      .map((row) => row.enrollment_id),
    targets: truth.recipients
      .filter((row) => tests.has(row.pst_id) && row.clicked_at === null && row.delivered_at !== null)
      .map((row) => ({ test: row.pst_id, recipient: row.recipient_id })),
    openCampaigns: open.size,
    settled: new Set(
      truth.enrollments.filter((row) => !open.has(row.campaign_id)).map((row) => String(row.enrollment_id)),
    ),
  };
}

const idOf = ({ id }: { id: number }): number => id;
const idOfCampaign = ({ campaign_id }: { campaign_id: number }): number => campaign_id;

type Act = (cast: Cast, pick: <T>(list: T[]) => T | undefined, serial: number) => Mutation | null;

/** How often a day each thing is done by hand, at any minute of the day and night. */
const acts: readonly { readonly aDay: number; readonly act: Act }[] = [
  {
    aDay: 40,
    act: ({ active }, pick, n) => ({ kind: 'change-user', user: pick(active)!, fields: { comment: `No. ${n}` } }),
  },
  {
    aDay: 20,
    act: ({ active }, pick, n) => ({ kind: 'change-user', user: pick(active)!, fields: { location: `Site ${n}` } }),
  },
  { aDay: 20, act: () => ({ kind: 'add-user' }) },
  { aDay: 20, act: (cast, pick) => moved(cast.active, cast.archived, pick, 'archive-user') },
  { aDay: 10, act: (cast, pick) => moved(cast.archived, cast.active, pick, 'restore-user') },
  { aDay: 6, act: ({ active }, pick) => only('delete-user', taken(active, pick)) },
  { aDay: 40, act: ({ active, groups }, pick) => ({ kind: 'add-member', group: pick(groups)!, user: pick(active)! }) },
  { aDay: 8, act: (_, __, n) => ({ kind: 'add-group', name: `Project ${n}` }) },
  { aDay: 12, act: ({ groups }, pick, n) => ({ kind: 'rename-group', group: pick(groups)!, name: `Renamed ${n}` }) },
  { aDay: 80, act: ({ waiting }, pick) => completed(taken(waiting, pick)) },
  { aDay: 60, act: ({ targets }, pick) => clicked(taken(targets, pick)) },
];

function taken<T>(list: T[], pick: <U>(list: U[]) => U | undefined): T | undefined {
  const found = pick(list);
  if (found !== undefined) list.splice(list.indexOf(found), 1);
  return found;
}

function moved(from: number[], to: number[], pick: Parameters<Act>[1], kind: 'archive-user' | 'restore-user') {
  const user = taken(from, pick);
  if (user !== undefined) to.push(user);
  return only(kind, user);
}

const only = (kind: 'archive-user' | 'restore-user' | 'delete-user', user: number | undefined): Mutation | null =>
  user === undefined ? null : { kind, user };

const completed = (enrollment: number | undefined): Mutation | null =>
  enrollment === undefined ? null : { kind: 'complete-enrollment', enrollment };

const clicked = (target: Cast['targets'][number] | undefined): Mutation | null =>
  target === undefined ? null : { kind: 'recipient', ...target, event: 'clicked_at' };

const DAY_MS = 24 * 60 * 60 * 1000;

/** Changes by hand at random instants, all kinds mixed. */
export function scriptOf(options: { begin: number; days: number; seed: number; cast: Cast }): Planned[] {
  const { begin, days, seed, cast } = options;
  const random = randomFrom(seed);
  const pick = <T>(list: T[]): T | undefined => list[Math.floor(random() * list.length)];
  const planned: Planned[] = [];
  for (const { aDay, act } of acts) {
    for (let n = 0; n < aDay * days; n += 1) {
      const serial = planned.length;
      planned.push({ at: begin + Math.floor(random() * days * DAY_MS), make: () => act(cast, pick, serial) });
    }
  }
  return planned;
}
