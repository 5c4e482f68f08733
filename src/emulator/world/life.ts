import { hash, pick, roll } from '../random.ts';
import { DAY, dayStart, HOUR, instant } from '../time.ts';
import { joinGroups } from './groups.ts';
import { applyChange, changeUser, type UserFields } from './mutate.ts';
import { departments, lastNames, locations } from './names.ts';
import { liveTest, turnPhishing } from './phishing.ts';
import { keepPoints, turnScores } from './risk.ts';
import { isActive, type Person, settle, type World } from './state.ts';
import { liveTraining, openTraining, turnTraining } from './training.ts';

const LIFE = 6;

/** What happens to how many of the people on a working day. */
const rates = {
  join: 0.0007,
  leave: 0.0005,
  return: 0.00004,
  move: 0.0004,
  relocate: 0.0002,
  promote: 0.0003,
  rename: 0.0001,
  'sign-in': 0.02,
} as const;
type Kind = keyof typeof rates;
const kinds = Object.keys(rates) as Kind[];

type Planned = { at: number; kind: Kind; h: number };

/**
 * Lets people live until the last full hour. Nothing is seen before its hour is over, so what a reader reads within an
 * hour holds still. However the way there is divided, the world at its end is the same.
 */
export function liveUntil(world: World, now: number): void {
  const target = Math.floor(now / HOUR) * HOUR;
  while (world.live < target) {
    const end = Math.min(target, dayStart(world.live) + DAY);
    liveSpan(world, world.live, end);
    world.live = end;
    world.byHand = 0;
    if (end === dayStart(end)) turnDay(world, end);
    settle(world);
  }
}

function liveSpan(world: World, from: number, to: number): void {
  for (const planned of planOf(world, dayStart(from))) {
    if (planned.at > from && planned.at <= to) comeAbout(world, planned);
  }
  for (const test of world.tests) liveTest(world, test, from, to, false);
  liveTraining(world, from, to);
}

function turnDay(world: World, now: number): void {
  world.version += 1;
  turnPhishing(world, now);
  turnTraining(world, now);
  turnScores(world, now, false);
  turnGroups(world, now);
  startRefresher(world, now);
  keepPoints(world, now);
  world.planned = world.people.length;
}

/** Who has been here for long enough is no longer new. */
function turnGroups(world: World, now: number): void {
  for (const person of world.people) if (isActive(person)) joinGroups(world, person, now);
}

/** When everything with an end date is closed and two weeks have gone by since the last was due, the next round begins. */
function startRefresher(world: World, now: number): void {
  const dated = world.training.filter((state) => state.end !== null);
  if (dated.some((state) => state.open) || now - Math.max(...dated.map((state) => state.end!)) < 14 * DAY) return;
  openTraining(world, `Refresher ${instant(now).slice(0, 7)}`, now, 35);
}

/** What is to happen on a day: nothing at the weekend. */
function planOf(world: World, start: number): Planned[] {
  const weekday = new Date(start).getUTCDay();
  if (weekday === 0 || weekday === 6) return [];
  const plan: Planned[] = [];
  for (const [k, kind] of kinds.entries()) {
    if (!world.moves && kind !== 'sign-in') continue;
    const h = hash(world.seed, LIFE, start / DAY, k);
    const times = Math.floor(world.planned * rates[kind] + roll(h, 0));
    for (let n = 0; n < times; n += 1) {
      plan.push({ kind, at: start + 7 * HOUR + Math.floor(roll(h, 2 * n + 1) * 10 * HOUR), h: hash(h, n) });
    }
  }
  return plan.sort((a, b) => a.at - b.at || a.h - b.h);
}

function comeAbout(world: World, { kind, at, h }: Planned): void {
  if (kind === 'join') {
    applyChange(world, { kind: 'add-user', fields: { last_sign_in: null } }, at);
    return;
  }
  const person = someone(world, h, kind === 'return' ? 'archived' : 'active');
  if (!person) return;
  const { user } = person;
  if (kind === 'leave') applyChange(world, { kind: 'archive-user', user: user.id }, at);
  else if (kind === 'return') applyChange(world, { kind: 'restore-user', user: user.id }, at);
  else changeUser(world, person, newFields(kind, h, at, person), at);
}

/** The next person of that status from a place that the hash names. */
function someone(world: World, h: number, status: 'active' | 'archived'): Person | undefined {
  const { people } = world;
  const from = Math.floor(roll(h, 1) * people.length);
  for (let i = 0; i < people.length; i += 1) {
    const person = people[(from + i) % people.length]!;
    if (!person.hidden && person.user.status === status) return person;
  }
  return undefined;
}

function newFields(
  kind: Exclude<Kind, 'join' | 'leave' | 'return'>,
  h: number,
  at: number,
  { user }: Person,
): UserFields {
  const department = pick(departments, h, 2);
  switch (kind) {
    case 'move':
      return { department: department.name, division: department.division, job_title: pick(department.titles, h, 3) };
    case 'relocate':
      return { location: pick(locations, h, 4).name };
    case 'promote':
      return { job_title: `Senior ${user.job_title?.replace(/^Senior /, '') ?? 'Specialist'}` };
    case 'rename':
      return { last_name: pick(lastNames, h, 5) };
    case 'sign-in':
      return { last_sign_in: instant(at) };
  }
}
