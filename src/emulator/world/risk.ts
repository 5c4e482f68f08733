import { hash, mix, roll } from '../random.ts';
import { DAY, day, instant } from '../time.ts';
import { joinGroups } from './groups.ts';
import type { Group, RiskPoint } from './records.ts';
import { type GroupState, isActive, note, type Person, type World } from './state.ts';

const RISK = 5;
/** Days that a history shows unless everything is asked for. */
const HALF_YEAR = 183;
const TWO_YEARS = 730;

const dayNumber = (ms: number): number => Math.floor(ms / DAY);
const clamp = (score: number): number => Math.min(100, Math.max(0, score));

/**
 * A person's score on a day. It is recomputed once a week, each seventh of the people on another day, from how easily
 * the person falls for tests, from past failures (which fade, half of it in 60 days) and from a little weekly noise.
 * @returns 0 to 100; every 97th person's with all its digits, the others' with three
 */
export function scoreOn(world: World, person: Person, today: number): number {
  const computed = today - ((((today - person.index) % 7) + 7) % 7);
  const h = hash(world.seed, RISK, person.index, Math.floor(computed / 7));
  let score = 14 + 34 * Math.sqrt(person.prone) + 4 * roll(h, 1);
  for (const failed of person.failed) {
    const ago = computed * DAY - failed;
    if (ago >= 0) score += 9 * 0.5 ** (ago / (60 * DAY));
  }
  return person.index % 97 === 5 ? clamp(score) : Math.round(clamp(score) * 1000) / 1000;
}

/** Recomputes the scores whose turn it is. Called at the start of a day. */
export function turnScores(world: World, now: number, quiet: boolean): void {
  const today = dayNumber(now);
  const at = instant(now);
  for (const person of world.people) {
    if (!isActive(person) && !quiet) continue;
    const score = scoreOn(world, person, today);
    if (score === person.user.current_risk_score) continue;
    person.user.current_risk_score = score;
    if (quiet) continue;
    note(world, { at, stream: 'users', id: String(person.user.id), kind: 'score' });
    joinGroups(world, person, now);
  }
}

/** A person's points: one a day since the person joined, until today or until it was archived. */
export function personHistory(world: World, person: Person, full: boolean): RiskPoint[] {
  const today = dayNumber(
    Math.min(world.live, person.user.status === 'archived' ? (person.away.at(-2) ?? world.live) : world.live),
  );
  const first = Math.max(dayNumber(person.joined), today - (full ? TWO_YEARS : HALF_YEAR) + 1);
  const points: RiskPoint[] = [];
  for (let d = first; d <= today; d += 1) points.push({ risk_score: scoreOn(world, person, d), date: day(d * DAY) });
  return points;
}

type Means = { version: number; account: number; groups: Map<number, number> };
const kept = new WeakMap<World, Means>();

/** Means over the active people, of the account and of each group, with all their digits. */
function means(world: World): Means {
  const last = kept.get(world);
  if (last?.version === world.version) return last;
  const sums = new Map<number, [sum: number, count: number]>();
  const add = (id: number, score: number) => {
    const entry = sums.get(id) ?? [0, 0];
    entry[0] += score;
    entry[1] += 1;
    sums.set(id, entry);
  };
  for (const person of world.people) {
    if (!isActive(person)) continue;
    add(0, person.user.current_risk_score);
    for (const id of person.user.groups) add(id, person.user.current_risk_score);
  }
  const groups = new Map(Array.from(sums, ([id, [sum, count]]) => [id, sum / count] as const));
  const fresh = { version: world.version, account: groups.get(0) ?? 0, groups };
  kept.set(world, fresh);
  return fresh;
}

export const accountScore = (world: World): number => Math.round(means(world).account * 10) / 10;

export function groupRow(world: World, { group }: GroupState): Group {
  const { id, name, group_type, provisioning_guid, member_count, status } = group;
  const current_risk_score = means(world).groups.get(id) ?? 0;
  return { id, name, group_type, provisioning_guid, member_count, current_risk_score, status };
}

/** Keeps today's point of the account and of every group. Called at the start of a day. */
export function keepPoints(world: World, now: number): void {
  const date = day(now);
  world.accountHistory.push({ risk_score: accountScore(world), date });
  for (const state of world.groups)
    state.history.push({ risk_score: means(world).groups.get(state.group.id) ?? 0, date });
}

export const accountHistory = (world: World, full: boolean): RiskPoint[] =>
  history(world, world.accountHistory, 0, full);

export const groupHistory = (world: World, state: GroupState, full: boolean): RiskPoint[] =>
  history(world, state.history, state.group.id, full);

/** The kept points, with two years before the first that wander towards it. */
function history(world: World, points: readonly RiskPoint[], salt: number, full: boolean): RiskPoint[] {
  const first = points[0];
  if (!first) return [];
  const begin = dayNumber(Date.parse(first.date));
  const wanted = full ? TWO_YEARS : HALF_YEAR;
  const before: RiskPoint[] = [];
  for (let d = begin - (wanted - points.length); d < begin; d += 1) {
    const wander = (roll(mix(hash(world.seed, RISK, salt), d), 1) - 0.4) * 2 + (begin - d) * 0.012;
    before.push({ risk_score: first.risk_score === 0 ? 0 : clamp(first.risk_score + wander), date: day(d * DAY) });
  }
  return [...before, ...points].slice(-wanted);
}
