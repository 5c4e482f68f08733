import { hash, hashText } from '../random.ts';
import { DAY, day, dayStart, HOUR } from '../time.ts';
import { policies, purchases } from './catalog.ts';
import { ALL_USERS, audienceOf, groupNamed, isMember, joinGroups, settleGroups } from './groups.ts';
import { asciiName, settlePeople } from './people.ts';
import { addCampaign, addTest, liveTest, THREE_BUSINESS_DAYS } from './phishing.ts';
import type { Account } from './records.ts';
import { keepPoints, turnScores } from './risk.ts';
import { isAway, type Person, type TrainingState, type World } from './state.ts';
import { addTraining, appendEnrollment, emptyColumns, type TrainingPlan } from './training.ts';
import { ViewCache } from './views.ts';

export type WorldOptions = {
  readonly name: string;
  readonly seed: number;
  readonly people: number;
  readonly begin: number;
  /** How many enrollments there are to be at the beginning; undefined: as they come. */
  readonly enrollments?: number | undefined;
};

const HISTORY = 735 * DAY;

/** A company with two years of history, up to the time when it begins to live. The same options give the same world. */
export function createWorld(options: WorldOptions): World {
  const created = dayStart(options.begin) - HISTORY + 8 * HOUR;
  const world = emptyWorld(options, created);
  settleGroups(world);
  settlePeople(world, options.people, created);
  joinAll(world);
  world.account.admins.push(...adminsOf(world));
  settlePhishing(world, created);
  for (const test of world.tests) liveTest(world, test, Number.NEGATIVE_INFINITY, world.begin, true);
  turnScores(world, world.begin, true);
  joinAll(world);
  settleTraining(world, created, options.enrollments);
  keepPoints(world, world.begin);
  world.planned = world.people.length;
  return world;
}

/** Nobody who is hidden belongs to a group: whoever takes a free place joins them then. */
function joinAll(world: World): void {
  for (const person of world.people) if (!person.hidden) joinGroups(world, person, world.begin, true);
}

function emptyWorld({ name, seed, people, begin }: WorldOptions, created: number): World {
  const domain = `${asciiName(name) || 'company'}.example`;
  return {
    seed: hash(seed, hashText(name)),
    begin,
    moves: true,
    founded: created,
    live: begin,
    byHand: 0,
    account: {
      name,
      type: 'paid',
      domains: [domain, `${domain.split('.')[0]}-group.example`],
      admins: [],
      subscription_level: 'Diamond',
      subscription_end_date: day(begin + 220 * DAY),
      number_of_seats: Math.ceil((people + 4) / 50) * 50,
    } satisfies Omit<Account, 'current_risk_score'>,
    accountHistory: [],
    domain,
    people: [],
    addresses: new Map(),
    groups: [],
    phishing: [],
    tests: [],
    purchases: purchases(begin),
    policies: policies(),
    training: [],
    enrollments: emptyColumns(),
    planned: 0,
    changes: [],
    pending: [],
    version: 1,
    views: new ViewCache(),
  };
}

const adminsOf = (world: World): Account['admins'] =>
  world.people
    .filter((person) => !person.hidden && person.user.status === 'active')
    .slice(0, 3)
    .map(({ user }) => ({
      id: user.id,
      first_name: user.first_name ?? '',
      last_name: user.last_name ?? '',
      email: user.email,
    }));

/** 24 tests, one of them open, two of a callback campaign, which the ordinary lists do not show, and a campaign before its first. */
function settlePhishing(world: World, created: number): void {
  const everybody = () => true;
  const at = (daysAgo: number) => dayStart(world.begin) - daysAgo * DAY + 8 * HOUR;
  const openSince = 3;
  const monthly = addCampaign(
    world,
    { name: 'Monthly test', groups: [ALL_USERS], frequency: 'Monthly', status: 'Active' },
    { created, everyMs: 30 * DAY, next: dayStart(world.begin) + (30 - openSince) * DAY },
  );
  for (let k = 17; k >= 0; k -= 1) {
    const start = at(openSince + 30 * k);
    const name = `Monthly test ${day(start).slice(0, 7)}`;
    addTest(world, monthly, {
      name,
      start,
      durationDays: 14,
      sendMs: THREE_BUSINESS_DAYS,
      template: k,
      members: everybody,
    });
  }
  const once = (name: string, daysAgo: number, template: number | null, groups = [ALL_USERS]) => {
    const status = { frequency: 'One Time', status: 'Closed' };
    const parent = addCampaign(world, { name, groups, ...status }, { created: at(daysAgo + 3) });
    const audience = audienceOf(groups);
    const members = (person: Person) => isMember(person, audience);
    addTest(world, parent, { name, start: at(daysAgo), durationDays: 4, sendMs: DAY, template, members });
    return parent;
  };
  const named = (name: string) => {
    const { group } = groupNamed(world, name);
    return { group_id: group.id, name: group.name };
  };
  once('Baseline, random templates', 700, null);
  once('Invoices for Finance & Procurement', 410, 1, [named('Finance'), named('Payroll'), named('Procurement')]);
  once('QR codes in the canteen', 290, 3);
  const managers = once('Managers, quarterly', 230, 5, [named('Managers')]);
  const members = (person: Person) => isMember(person, [named('Managers').group_id]);
  const again = { name: 'Managers, quarterly 2', start: at(139), durationDays: 4, sendMs: DAY, template: 4, members };
  addTest(world, managers, again);
  const failed = addCampaign(
    world,
    { name: 'Autumn baseline', groups: [named('Interns 2024')], frequency: 'One Time', status: 'Error' },
    { created: at(60) },
  );
  const error = { start: null, durationDays: 4, sendMs: 0, template: null, members: () => false, status: 'Error' };
  addTest(world, failed, { name: 'Autumn baseline', ...error });
  settleCallback(world, at);
  settleNext(world);
}

function settleCallback(world: World, at: (daysAgo: number) => number): void {
  const champions = groupNamed(world, 'Customer Service').group;
  const groups = [{ group_id: champions.id, name: champions.name }];
  const parent = addCampaign(
    world,
    { name: 'Call the help desk back', groups, frequency: 'Quarterly', status: 'Closed' },
    { callback: true, created: at(190) },
  );
  const members = (person: Person) => isMember(person, [champions.id]);
  for (const daysAgo of [180, 90]) {
    const name = `Call back ${day(at(daysAgo))}`;
    addTest(world, parent, { name, start: at(daysAgo), durationDays: 7, sendMs: DAY, template: 5, members });
  }
}

/** A campaign of a department that has not sent its first test yet. */
function settleNext(world: World): void {
  const groups = ['Finance', 'Payroll'].map((name) => ({ group_id: groupNamed(world, name).group.id, name }));
  addCampaign(
    world,
    { name: 'Payments, monthly', groups, frequency: 'Monthly', status: 'Active' },
    { created: world.begin - DAY, everyMs: 30 * DAY, next: dayStart(world.begin) + 28 * DAY },
  );
}

/**
 * Open campaigns, and more than ten closed ones. That of the whole company has taken newcomers by itself only since the
 * world began to live: nobody who was there before follows.
 */
function settleTraining(world: World, created: number, target: number | undefined): void {
  const plans = trainingPlans(world, created);
  const onboarding = addTraining(world, plans[0]!);
  for (const plan of plans.slice(1)) addTraining(world, plan);
  const late = world.people.filter((person) => !person.hidden && person.joined > created + DAY);
  for (const person of late) onboarding.enrolled.add(person.index);
  const annual = world.training[1]!;
  for (const person of world.people) if (!person.hidden) annual.enrolled.add(person.index);
  const batches: Batch[] = late.map((person) => ({ state: onboarding, at: person.joined, people: [person.index] }));
  for (const state of world.training.slice(1)) {
    const batch = batchOf(world, state);
    batches.push(batch);
    if (state.campaign.auto_enroll) for (const index of batch.people) state.enrolled.add(index);
  }
  if (target !== undefined) fillUp(world, batches, target, created);
  writeBatches(world, batches, target);
}

type Batch = { state: TrainingState; at: number; people: number[] };

const rowsOf = (batch: Batch): number => batch.people.length * batch.state.content.length;
const sum = (batches: readonly Batch[]): number => batches.reduce((total, batch) => total + rowsOf(batch), 0);

function batchOf(world: World, state: TrainingState): Batch {
  const belongs = (person: Person) =>
    !person.hidden &&
    person.joined <= state.start &&
    !isAway(person, state.start) &&
    isMember(person, state.audience) &&
    state.campaign.status !== 'Cancelled';
  return { state, at: state.start, people: world.people.filter(belongs).map((person) => person.index) };
}

/** Adds closed campaigns until there are enough rows. */
function fillUp(world: World, batches: Batch[], target: number, created: number): void {
  for (let n = 0; sum(batches) < target && n < 400; n += 1) {
    const start = created + (40 + ((n * 29) % 600)) * DAY;
    const content = [world.purchases[n % 10]!, world.purchases[(n + 3) % 10]!];
    const about = { name: `Monthly lesson ${n + 1}`, groups: [ALL_USERS], duration_type: 'Specific End Date' };
    batches.push(batchOf(world, addTraining(world, { ...about, content, start, end: start + 28 * DAY })));
  }
}

/** Writes the rows in order of time. With a target, rows of closed campaigns are left out evenly until it fits. */
function writeBatches(world: World, batches: Batch[], target: number | undefined): void {
  const closed = sum(batches.filter((batch) => !batch.state.open));
  const wanted = target === undefined ? closed : Math.max(0, target - (sum(batches) - closed));
  let seen = 0;
  const isTaken = (open: boolean): boolean => {
    if (open || wanted >= closed) return true;
    seen += 1;
    return Math.floor((seen * wanted) / closed) > Math.floor(((seen - 1) * wanted) / closed);
  };
  for (const { state, at, people } of batches.sort((a, b) => a.at - b.at)) {
    const campaign = world.training.indexOf(state);
    for (const person of people) {
      for (let content = 0; content < state.content.length; content += 1) {
        if (isTaken(state.open)) appendEnrollment(world, person, campaign, content, at);
      }
    }
  }
}

function trainingPlans(world: World, created: number): TrainingPlan[] {
  const { purchases: modules, policies: rules, begin } = world;
  const at = (daysAgo: number) => dayStart(begin) - daysAgo * DAY + 6 * HOUR;
  const only = (name: string) => [{ group_id: groupNamed(world, name).group.id, name }];
  const dated = (name: string, daysAgo: number, days: number, content: TrainingPlan['content']): TrainingPlan => ({
    name,
    groups: [ALL_USERS],
    duration_type: 'Specific End Date',
    content,
    start: at(daysAgo),
    end: at(daysAgo - days),
  });
  const undated = { duration_type: 'No End Date' };
  const relative = { duration_type: 'Relative End Date', relativeDays: 14 };
  const newcomers = (name: string, content: TrainingPlan['content'][number]): TrainingPlan => ({
    ...dated(name, 0, 0, [content]),
    ...relative,
    start: begin - HOUR,
    end: null,
    autoEnroll: true,
  });
  return [
    {
      ...dated('Welcome to the company', 0, 0, [modules[0]!, modules[1]!]),
      ...relative,
      groups: only('New starters'),
      start: created,
      end: null,
      autoEnroll: true,
    },
    { ...dated('Annual training 2026', 28, 49, [modules[2]!, modules[3]!]), autoEnroll: true },
    dated('Annual training 2024', 725, 60, [modules[2]!, modules[4]!]),
    { ...dated('Annual training 2025', 390, 60, [modules[2]!, modules[5]!, modules[6]!]), showsScore: true },
    dated('Acceptable use 2025', 640, 45, [rules[0]!]),
    dated('Acceptable use 2026', 250, 45, [rules[0]!]),
    { ...dated('Invoice fraud basics', 405, 90, [modules[4]!]), ...relative, groups: only('Finance') },
    { ...dated('After the click', 330, 40, [modules[7]!]), groups: only('High risk') },
    { ...dated('Personal data refresher', 560, 50, [modules[8]!]), uncounted: true },
    { ...dated('Passwords & passkeys', 470, 40, [modules[9]!]), ...undated },
    { ...dated('Safe on the road', 300, 30, [modules[10]!]), groups: only('Sales') },
    { ...dated('Kjøkken og lager – sikkerhet', 210, 30, [modules[1]!]), groups: only('Production') },
    { ...dated('Phone scams', 170, 30, [modules[6]!]), showsScore: true },
    { ...dated('AI tools at work', 120, 45, [modules[11]!, rules[1]!]), status: 'Closed' },
    { ...dated('Trial run, do not use', 100, 10, [modules[0]!]), status: 'Cancelled' },
    { ...newcomers('Whose invoice is this?', modules[4]!), groups: only('Finance') },
    { ...newcomers('Back at the line', modules[1]!), groups: only('Production'), repeats: true },
  ];
}
