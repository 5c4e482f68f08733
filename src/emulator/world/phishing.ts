import { hash, pick, roll } from '../random.ts';
import { DAY, dayStart, HOUR, instant, instantOrNull, MINUTE, SECOND } from '../time.ts';
import { audienceOf, isMember } from './groups.ts';
import { browsers, categories, mailFilter, networks, templates } from './names.ts';
import type { PhishingCampaign, Recipient, SecurityTest } from './records.ts';
import { isAway, note, type Person, type PhishingState, type TestState, type World } from './state.ts';
import { placesWhere } from './views.ts';

const RECIPIENTS = 3;
const FIRST_TEST = 509_001;
export const FIRST_RECIPIENT = 3_000_001;
/** With a weekend in between. */
export const THREE_BUSINESS_DAYS = 5 * DAY;

/** What can happen to a recipient, in the order of the wire. */
export const recipientEvents = [
  'scheduled_at',
  'delivered_at',
  'opened_at',
  'clicked_at',
  'replied_at',
  'attachment_opened_at',
  'macro_enabled_at',
  'data_entered_at',
  'qr_code_scanned',
  'reported_at',
  'bounced_at',
] as const;
export type RecipientEvent = (typeof recipientEvents)[number];
const E = Object.fromEntries(recipientEvents.map((name, i) => [name, i])) as Record<RecipientEvent, number>;
const failures = [
  E.clicked_at,
  E.replied_at,
  E.attachment_opened_at,
  E.macro_enabled_at,
  E.data_entered_at,
  E.qr_code_scanned,
];
const counterOf = {
  delivered_at: 'delivered_count',
  opened_at: 'opened_count',
  clicked_at: 'clicked_count',
  replied_at: 'replied_count',
  attachment_opened_at: 'attachment_open_count',
  macro_enabled_at: 'macro_enabled_count',
  data_entered_at: 'data_entered_count',
  qr_code_scanned: 'qr_code_scanned_count',
  reported_at: 'reported_count',
  bounced_at: 'bounced_count',
} as const satisfies Partial<Record<RecipientEvent, keyof SecurityTest>>;

export type TestPlan = {
  name: string;
  start: number | null;
  durationDays: number;
  sendMs: number;
  template: number | null;
  members: (person: Person) => boolean;
  status?: string;
};

/** Adds a campaign without tests. */
export function addCampaign(
  world: World,
  about: Pick<PhishingCampaign, 'name' | 'groups' | 'frequency' | 'status'> & Partial<PhishingCampaign>,
  more: { callback?: boolean; created: number; everyMs?: number; next?: number | null },
): PhishingState {
  const state: PhishingState = {
    campaign: {
      campaign_id: 229_001 + world.phishing.length * 4,
      hidden: false,
      send_duration: '3 Business Days',
      track_duration: '3 Days',
      difficulty_filter: [4, 2],
      create_date: instant(more.created),
      ...about,
    },
    callback: more.callback ?? false,
    tests: [],
    next: more.next ?? null,
    everyMs: more.everyMs ?? 0,
    isDeleted: false,
  };
  world.phishing.push(state);
  return state;
}

/** Sends a test: its recipients are who belongs to it at that time. What they do follows from the seed. */
export function addTest(world: World, parent: PhishingState, plan: TestPlan): TestState {
  const id = FIRST_TEST + world.tests.length * 3;
  const template = plan.template === null ? null : templates[plan.template % templates.length]!;
  const close = plan.start === null ? 0 : dayStart(plan.start) + (plan.durationDays + 1) * DAY;
  const members =
    plan.start === null
      ? new Uint32Array(0)
      : placesWhere(
          world.people.length,
          (i) => belonged(world.people[i]!, plan.start!) && plan.members(world.people[i]!),
        );
  const test: TestState['test'] = {
    campaign_id: parent.campaign.campaign_id,
    pst_id: id,
    status: plan.status ?? (close <= world.live ? 'Closed' : 'Active'),
    name: plan.name,
    groups: parent.campaign.groups,
    started_at: instantOrNull(plan.start),
    duration: plan.durationDays,
    categories: plan.template === null ? [...categories] : [categories[plan.template % categories.length]!],
    template: template
      ? { id: template.id, name: template.name, difficulty: template.difficulty, type: template.type }
      : { id: null, name: null, difficulty: null, type: null },
    landing_page: { id: 0, name: 'Default' },
    scheduled_count: plan.start === null ? null : members.length,
    delivered_count: 0,
    opened_count: 0,
    clicked_count: 0,
    replied_count: 0,
    attachment_open_count: 0,
    macro_enabled_count: 0,
    data_entered_count: 0,
    qr_code_scanned_count: 0,
    reported_count: 0,
    bounced_count: 0,
  };
  const state: TestState = {
    id,
    parent,
    test,
    start: plan.start,
    close,
    sendMs: plan.sendMs,
    template: plan.template,
    members,
    failedPeople: 0,
    isDeleted: false,
    overlay: new Map(),
  };
  parent.tests.push(state);
  world.tests.push(state);
  world.version += 1;
  return state;
}

/** Whether a person was there at a time; spare people never were, those deleted since were. */
const belonged = (person: Person, at: number): boolean =>
  person.joined <= at && !isAway(person, at) && !(person.hidden && person.away.length === 0);

type Times = (number | null)[];

/** Everything that will ever happen to a recipient, as far as the seed and the person's presence say; null = never. */
function timesOf(world: World, state: TestState, place: number): Times {
  const person = world.people[state.members[place]!]!;
  const h = hash(world.seed, RECIPIENTS, state.id, person.index);
  const template = templateOf(state, h);
  const times: Times = new Array(11).fill(null);
  const scheduled = state.start! + Math.floor(roll(h, 1) * state.sendMs);
  times[E.scheduled_at] = scheduled;
  const arrived = scheduled + Math.floor((2 + roll(h, 2) * 50) * SECOND);
  if (roll(h, 3) < 0.008) times[E.bounced_at] = arrived;
  else {
    times[E.delivered_at] = arrived;
    const chance = person.prone * (1.5 - template.difficulty * 0.12) * inexperience(world, scheduled);
    reactions(times, h, arrived, Math.min(1, chance), template.action);
    if (person.prone === 1) times[E.clicked_at] ??= arrived + MINUTE;
    if (isScanned(h, template.action)) scanned(times, h, arrived);
  }
  for (let e = 1; e < times.length; e += 1) {
    const at = times[e]!;
    if (at !== null && (at >= state.close || isAway(person, at))) times[e] = null;
  }
  return times;
}

function reactions(times: Times, h: number, arrived: number, chance: number, action: string): void {
  const opened = arrived + Math.floor((1 + roll(h, 5) ** 4 * 6000) * MINUTE) + Math.floor(roll(h, 6) * MINUTE);
  const falls = roll(h, 7) < chance;
  if (falls || roll(h, 8) < 0.45) times[E.opened_at] = opened;
  if (falls) {
    const acted = opened + Math.floor((5 + roll(h, 9) * 240) * SECOND);
    const further = acted + Math.floor((9 + roll(h, 10) * 90) * SECOND);
    const deep = roll(h, 11) < 0.35 + chance / 2;
    if (action === 'reply') times[E.replied_at] = acted;
    else if (action === 'qr') times[E.qr_code_scanned] = acted;
    else if (action === 'data') times[E.clicked_at] = acted;
    else times[E.attachment_opened_at] = acted;
    if (deep && action === 'macro') times[E.macro_enabled_at] = further;
    if (deep && (action === 'data' || action === 'qr')) times[E.data_entered_at] = further;
  }
  if (roll(h, 12) < (falls ? 0.06 : 0.24)) {
    times[E.reported_at] = opened + Math.floor((20 + roll(h, 13) * 7200) * SECOND);
    times[E.opened_at] = opened;
  }
}

/** How much oftener than in the long run people fall for a test: it sinks slowly, by half of it in 300 days. */
const inexperience = (world: World, at: number): number => 0.6 + 0.5 ** ((at - world.founded) / (300 * DAY));

/** Some links are followed by a mail filter, not by the person: opened and clicked within seconds of the delivery. */
const isScanned = (h: number, action: string): boolean => action === 'data' && roll(h, 14) < 0.002;

function scanned(times: Times, h: number, arrived: number): void {
  times[E.opened_at] = arrived + Math.floor((1 + roll(h, 15) * 3) * SECOND);
  times[E.clicked_at] = times[E.opened_at]! + Math.floor((0.3 + roll(h, 16) * 2) * SECOND);
}

const templateOf = (state: TestState, h: number) =>
  state.template === null ? pick(templates, h, 4) : templates[state.template % templates.length]!;

/** Lives through a span: tells of every recipient's events with `from < time ≤ to`, and counts them. */
export function liveTest(world: World, state: TestState, from: number, to: number, quiet: boolean): void {
  if (state.isDeleted || state.start === null || state.start > to || state.close <= from) return;
  for (let place = 0; place < state.members.length; place += 1) {
    const times = timesOf(world, state, place);
    const byHand = state.overlay.get(place);
    const first = firstFailure(times, byHand);
    for (let e = 1; e < times.length; e += 1) {
      const at = times[e]!;
      if (at === null || at <= from || at > to || byHand?.has(e)) continue;
      happen(world, state, place, e, at, e === first, quiet);
    }
  }
}

function firstFailure(times: Times, byHand: ReadonlyMap<number, number> | undefined): number {
  let first = -1;
  for (const e of failures) {
    if (byHand?.has(e)) return -1;
    const at = times[e]!;
    if (at !== null && (first === -1 || at < times[first]!)) first = e;
  }
  return first;
}

function happen(
  world: World,
  state: TestState,
  place: number,
  event: number,
  at: number,
  firstFail: boolean,
  quiet: boolean,
): void {
  const name = recipientEvents[event]!;
  const person = world.people[state.members[place]!]!;
  if (name !== 'scheduled_at') state.test[counterOf[name]] += 1;
  if (event === E.delivered_at) person.delivered += 1;
  if (failures.includes(event)) {
    person.failed.push(at);
    person.failed.sort((a, b) => a - b);
    if (firstFail) state.failedPeople += 1;
  }
  const user = person.user;
  const percentage = person.delivered === 0 ? 0 : (person.failed.length / person.delivered) * 100;
  user.phish_prone_percentage = Math.round(percentage * 1000) / 1000;
  if (quiet) return;
  const id = `${state.id}/${FIRST_RECIPIENT + place}`;
  note(world, { at: instant(at), stream: 'recipients', id, kind: 'changed', changed: { [name]: [null, instant(at)] } });
}

/** Makes something happen to a recipient by hand. Nothing when it has happened already. */
export function happenByHand(world: World, state: TestState, place: number, name: RecipientEvent, at: number): void {
  const seen = seenTimes(world, state, place);
  if (seen[E[name]] !== null) return;
  const failedBefore = failures.some((e) => seen[e] !== null);
  const byHand = state.overlay.get(place) ?? new Map<number, number>();
  byHand.set(E[name], at);
  state.overlay.set(place, byHand);
  happen(world, state, place, E[name], at, failures.includes(E[name]) && !failedBefore, false);
}

/** What has happened to a recipient until now. */
function seenTimes(world: World, state: TestState, place: number): Times {
  const times = timesOf(world, state, place);
  for (let e = 1; e < times.length; e += 1) if (times[e] !== null && times[e]! > world.live) times[e] = null;
  for (const [e, at] of state.overlay.get(place) ?? []) times[e] = at;
  return times;
}

/** A recipient as the wire shows it, derived anew each time. */
export function recipientRow(world: World, state: TestState, place: number): Recipient {
  const { user, index } = world.people[state.members[place]!]!;
  const h = hash(world.seed, RECIPIENTS, state.id, index);
  const times = seenTimes(world, state, place);
  const at = (event: number) => instantOrNull(times[event]!);
  const template = templateOf(state, h);
  const failed = failures.some((e) => times[e] !== null);
  const isFilter = isScanned(h, template.action);
  const network = failed ? (isFilter ? mailFilter.network : pick(networks, h, 20)) : null;
  const browser = failed ? (isFilter ? mailFilter.browser : pick(browsers, h, 21)) : null;
  return {
    recipient_id: FIRST_RECIPIENT + place,
    pst_id: state.id,
    user: {
      id: user.id,
      provisioning_guid: user.provisioning_guid,
      first_name: user.first_name,
      last_name: user.last_name,
      email: user.email,
    },
    template: { id: template.id, name: template.name },
    scheduled_at: at(E.scheduled_at),
    delivered_at: at(E.delivered_at),
    opened_at: at(E.opened_at),
    clicked_at: at(E.clicked_at),
    replied_at: at(E.replied_at),
    attachment_opened_at: at(E.attachment_opened_at),
    macro_enabled_at: at(E.macro_enabled_at),
    data_entered_at: at(E.data_entered_at),
    qr_code_scanned: at(E.qr_code_scanned),
    reported_at: at(E.reported_at),
    bounced_at: at(E.bounced_at),
    ip: network && `${network.ip}${1 + (h % 250)}`,
    ip_location: network?.place ?? null,
    browser: browser?.browser ?? null,
    browser_version: browser?.version ?? null,
    os: browser?.os ?? null,
  };
}

const fraction = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1000) / 1000);

export const testRow = (state: TestState): SecurityTest => {
  const { campaign_id, pst_id, status, name, groups, ...rest } = state.test;
  const phish_prone_percentage = fraction(state.failedPeople, state.test.delivered_count);
  return { campaign_id, pst_id, status, name, groups, phish_prone_percentage, ...rest };
};

export function phishingCampaignRow({ campaign, tests: all }: PhishingState): PhishingCampaign {
  const tests = all.filter((one) => !one.isDeleted);
  const psts = tests.map((one) => ({
    pst_id: one.id,
    status: one.test.status,
    start_date: one.test.started_at,
    users_count: one.start === null ? null : one.members.length,
    phish_prone_percentage: fraction(one.failedPeople, one.test.delivered_count),
  }));
  const ran = tests.filter((one) => one.start !== null);
  return {
    campaign_id: campaign.campaign_id,
    name: campaign.name,
    groups: campaign.groups,
    last_phish_prone_percentage: psts.findLast((one) => one.start_date !== null)?.phish_prone_percentage ?? 0,
    last_run: ran.at(-1)?.test.started_at ?? null,
    status: campaign.status,
    hidden: campaign.hidden,
    send_duration: campaign.send_duration,
    track_duration: campaign.track_duration,
    frequency: campaign.frequency,
    difficulty_filter: campaign.difficulty_filter,
    create_date: campaign.create_date,
    psts_count: psts.length,
    psts,
  };
}

/** Closes tests whose time is over and sends those that are due. Called at the start of a day. */
export function turnPhishing(world: World, now: number): void {
  for (const state of world.tests) {
    if (state.isDeleted || state.test.status !== 'Active' || state.close > now) continue;
    state.test.status = 'Closed';
    noteTest(world, state, now, 'changed', { status: ['Active', 'Closed'] });
  }
  for (const parent of world.phishing) {
    if (parent.next === null || parent.next > now) continue;
    sendTest(world, parent, now, dayStart(now) + 8 * HOUR);
    parent.next = now + parent.everyMs;
  }
}

/** Sends the next test of a campaign to the groups of the campaign. */
export function sendTest(world: World, parent: PhishingState, now: number, start: number): TestState {
  const name = `${parent.campaign.name} ${instant(start).slice(0, 7)}`;
  const template = hash(world.seed, RECIPIENTS, parent.tests.length) % templates.length;
  const audience = audienceOf(parent.campaign.groups);
  const members = (person: Person) => isMember(person, audience);
  const plan = { name, start, durationDays: 14, sendMs: THREE_BUSINESS_DAYS, template, members };
  const state = addTest(world, parent, plan);
  noteTest(world, state, now, 'created');
  return state;
}

/** Takes a test and its recipients out of the lists. */
export function deleteTest(world: World, state: TestState, now: number): void {
  state.isDeleted = true;
  noteTest(world, state, now, 'deleted');
}

/** Takes a campaign and its tests out of the lists. */
export function deleteCampaign(world: World, state: PhishingState, now: number): void {
  state.isDeleted = true;
  state.next = null;
  for (const test of state.tests) if (!test.isDeleted) deleteTest(world, test, now);
  const id = String(state.campaign.campaign_id);
  note(world, { at: instant(now), stream: 'phishing_campaigns', id, kind: 'deleted' });
}

function noteTest(
  world: World,
  state: TestState,
  now: number,
  kind: 'created' | 'changed' | 'deleted',
  changed?: Record<string, readonly [unknown, unknown]>,
): void {
  const at = instant(now);
  note(world, { at, stream: 'security_tests', id: String(state.id), kind, ...(changed && { changed }) });
}
