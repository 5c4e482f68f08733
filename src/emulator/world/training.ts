import { hash, roll } from '../random.ts';
import { DAY, HOUR, instant, instantOrNull, MINUTE } from '../time.ts';
import { ALL_USERS, audienceOf, isMember } from './groups.ts';
import type { Enrollment, Policy, StorePurchase, TrainingCampaign } from './records.ts';
import {
  type EnrollmentColumns,
  isActive,
  isAway,
  note,
  type Person,
  type TrainingState,
  type World,
} from './state.ts';
import { placesWhere, type View } from './views.ts';

const ENROLLMENTS = 4;
/** How long after the due date late people still finish. */
const LATE_FOR = 28 * DAY;
export const FIRST_ENROLLMENT = 452_800_001;

export const emptyColumns = (): EnrollmentColumns => ({
  count: 0,
  person: new Uint32Array(1024),
  part: new Uint32Array(1024),
  at: new Float64Array(1024),
  removed: new Uint8Array(1024),
  overlay: new Map(),
  touched: 0,
});

function grow(columns: EnrollmentColumns): void {
  const size = columns.person.length * 2;
  const person = new Uint32Array(size);
  const part = new Uint32Array(size);
  const at = new Float64Array(size);
  const removed = new Uint8Array(size);
  person.set(columns.person);
  part.set(columns.part);
  at.set(columns.at);
  removed.set(columns.removed);
  Object.assign(columns, { person, part, at, removed });
}

export type TrainingPlan = Pick<TrainingCampaign, 'name' | 'groups' | 'duration_type'> & {
  content: (StorePurchase | Policy)[];
  start: number;
  end: number | null;
  relativeDays?: number;
  autoEnroll?: boolean;
  repeats?: boolean;
  status?: string;
  showsScore?: boolean;
  uncounted?: boolean;
};

export function addTraining(world: World, plan: TrainingPlan): TrainingState {
  const closes = plan.end === null || plan.duration_type === 'No End Date' ? plan.end : plan.end + LATE_FOR;
  const open = plan.status === undefined && (closes === null || closes > world.live);
  const state: TrainingState = {
    campaign: {
      campaign_id: 5501 + world.training.length * 3,
      name: plan.name,
      groups: plan.groups,
      status: plan.status ?? (open ? 'In Progress' : 'Completed'),
      duration_type: plan.duration_type,
      start_date: instant(plan.start),
      end_date: plan.duration_type === 'Specific End Date' ? instantOrNull(plan.end) : null,
      relative_duration: plan.relativeDays === undefined ? null : `${plan.relativeDays / 7} weeks`,
      auto_enroll: plan.autoEnroll ?? false,
      allow_multiple_enrollments: plan.repeats ?? false,
    },
    content: plan.content,
    start: plan.start,
    end: plan.end,
    closes,
    relativeMs: plan.relativeDays === undefined ? null : plan.relativeDays * DAY,
    audience: audienceOf(plan.groups),
    showsScore: plan.showsScore ?? false,
    uncounted: plan.uncounted ?? false,
    open,
    isDeleted: false,
    enrolled: new Set(),
    counted: null,
  };
  world.training.push(state);
  world.version += 1;
  return state;
}

/** Begins a campaign with an end date for everybody, with two of the parts that were bought. */
export function openTraining(world: World, name: string, now: number, days: number): TrainingState {
  const number = world.training.length;
  const content = [0, 1].map((n) => world.purchases[(number + n) % world.purchases.length]!);
  const about = { name, groups: [ALL_USERS], duration_type: 'Specific End Date', content };
  const state = addTraining(world, { ...about, start: now, end: now + days * DAY });
  const id = String(state.campaign.campaign_id);
  note(world, { at: instant(now), stream: 'training_campaigns', id, kind: 'created' });
  for (const person of world.people) if (isActive(person)) enroll(world, state, person, now, false);
  return state;
}

/** Enrolls a person in every part of a campaign. */
function enroll(world: World, state: TrainingState, person: Person, at: number, quiet: boolean): void {
  const campaign = world.training.indexOf(state);
  for (let content = 0; content < state.content.length; content += 1) {
    appendEnrollment(world, person.index, campaign, content, at);
    if (!quiet) {
      const id = String(FIRST_ENROLLMENT + world.enrollments.count - 1);
      note(world, { at: instant(at), stream: 'enrollments', id, kind: 'created' });
    }
  }
  if (state.campaign.auto_enroll) state.enrolled.add(person.index);
}

export function appendEnrollment(world: World, person: number, campaign: number, content: number, at: number): void {
  const columns = world.enrollments;
  if (columns.count === columns.person.length) grow(columns);
  columns.person[columns.count] = person;
  columns.part[columns.count] = campaign * 16 + content;
  columns.at[columns.count] = at;
  columns.count += 1;
  world.version += 1;
}

/**
 * Enrolls a person in every open campaign that takes newcomers and that the person now belongs to.
 * @param again whether the person comes back: campaigns that allow repeats then begin anew
 */
export function enrollNewcomer(world: World, person: Person, at: number, again = false): void {
  for (const state of world.training) {
    const { auto_enroll, allow_multiple_enrollments } = state.campaign;
    if (!state.open || !auto_enroll || (state.end !== null && at >= state.end)) continue;
    if (state.enrolled.has(person.index) && !(again && allow_multiple_enrollments)) continue;
    if (isMember(person, state.audience)) enroll(world, state, person, at, false);
  }
}

const partOf = (world: World, place: number) => {
  const part = world.enrollments.part[place]!;
  const state = world.training[part >> 4]!;
  return { state, item: state.content[part & 15]! };
};

type Times = { start: number | null; completion: number | null; due: number | null };

/** When an enrollment is begun, finished and due, as far as the seed and the person's presence say; null = never. */
function timesOf(world: World, place: number): Times {
  const columns = world.enrollments;
  const { state } = partOf(world, place);
  const at = columns.at[place]!;
  const due = dueAt(state, at);
  const byHand = columns.overlay.get(place);
  if (byHand) return { start: byHand.start, completion: byHand.completion, due };
  const person = world.people[columns.person[place]!]!;
  const h = hash(world.seed, ENROLLMENTS, place);
  const window = (due ?? state.end ?? at + 60 * DAY) - at;
  const inTime = roll(h, 1) < person.diligent;
  const late = !inTime && due !== null && roll(h, 2) >= person.stubborn;
  const lasts = Math.floor((4 + roll(h, 3) * 40) * MINUTE);
  let completion: number | null = null;
  if (inTime) completion = at + HOUR + Math.floor(roll(h, 4) ** 1.6 * (window - 2 * HOUR));
  else if (late) completion = at + window + HOUR + Math.floor(roll(h, 5) ** 2 * (LATE_FOR - 2 * HOUR));
  let start = completion === null ? null : completion - lasts - (roll(h, 6) < 0.2 ? DAY : 0);
  if (completion === null && roll(h, 7) < 0.4) start = at + Math.floor(roll(h, 8) * window);
  if (start !== null && !isOdd(h)) start = Math.max(start, at + MINUTE);
  if (completion !== null && isOdd(h)) {
    completion = at - Math.floor(roll(h, 9) * 20 * DAY) - HOUR;
    start = completion - lasts;
  }
  const missed = (time: number | null) =>
    time !== null && ((state.closes !== null && time >= state.closes) || isAway(person, time));
  if (missed(start)) start = null;
  if (missed(completion) || start === null) completion = null;
  return { start, completion, due };
}

/** When an enrollment of that time is due; null where the campaign has no such date. */
function dueAt(state: TrainingState, at: number): number | null {
  if (state.relativeMs !== null) return at + state.relativeMs;
  return state.campaign.duration_type === 'No End Date' ? null : state.end;
}

/** A few people had finished before they were enrolled. */
const isOdd = (h: number): boolean => h % 397 === 0;

type Seen = { start: number | null; completion: number | null; status: string };

function seenAt(times: Times, item: StorePurchase | Policy, now: number): Seen {
  const start = times.start !== null && times.start <= now ? times.start : null;
  const completion = times.completion !== null && times.completion <= now ? times.completion : null;
  const pastDue = times.due !== null && times.due <= now;
  const done = item.content_type === 'Store Purchase' && item.type === 'Assessment' ? 'Passed' : 'Completed';
  const waiting = pastDue ? 'Past Due' : start === null ? 'Not Started' : 'In Progress';
  return { start, completion, status: completion === null ? waiting : done };
}

/** What is seen now; what was done by hand is seen at once. */
function seen(world: World, place: number): Seen {
  const times = timesOf(world, place);
  const now = world.enrollments.overlay.has(place) ? Number.MAX_SAFE_INTEGER : world.live;
  return seenAt(times, partOf(world, place).item, now);
}

/** Lives through a span: tells of every start, completion and missed date with `from < time ≤ to`. */
export function liveTraining(world: World, from: number, to: number): void {
  for (let campaign = 0; campaign < world.training.length; campaign += 1) {
    if (!world.training[campaign]!.open) continue;
    for (const place of enrollmentPlaces(world, { campaign_id: world.training[campaign]!.campaign.campaign_id })) {
      if (!world.enrollments.overlay.has(place)) tellEnrollment(world, place, from, to);
    }
  }
}

function tellEnrollment(world: World, place: number, from: number, to: number): void {
  const times = timesOf(world, place);
  const { item } = partOf(world, place);
  for (const at of [times.start, times.completion, times.due]) {
    if (at === null || at <= from || at > to) continue;
    noteEnrollment(world, place, at, seenAt(times, item, at - 1), seenAt(times, item, at));
  }
}

function noteEnrollment(world: World, place: number, at: number, before: Seen, after: Seen): void {
  const changed: Record<string, readonly [unknown, unknown]> = {};
  if (before.start !== after.start) changed.start_date = [null, instantOrNull(after.start)];
  if (before.completion !== after.completion) changed.completion_date = [null, instantOrNull(after.completion)];
  if (before.status !== after.status) changed.status = [before.status, after.status];
  if (Object.keys(changed).length === 0) return;
  const id = String(FIRST_ENROLLMENT + place);
  note(world, { at: instant(at), stream: 'enrollments', id, kind: 'changed', changed });
}

/** Finishes an enrollment by hand. Nothing when it is finished. */
export function completeByHand(world: World, place: number, at: number): void {
  const before = seen(world, place);
  if (before.completion !== null) return;
  world.enrollments.touched += 1;
  world.enrollments.overlay.set(place, { start: before.start ?? at - 20 * MINUTE, completion: at });
  noteEnrollment(world, place, at, before, seen(world, place));
}

/** Removes every enrollment of a deleted person. */
export function removeEnrollments(world: World, person: number, at: number): void {
  const columns = world.enrollments;
  for (let place = 0; place < columns.count; place += 1) {
    if (columns.person[place] === person) removeEnrollment(world, place, at);
  }
}

export function removeEnrollment(world: World, place: number, at: number): void {
  const columns = world.enrollments;
  if (columns.removed[place] === 1) return;
  columns.removed[place] = 1;
  columns.touched += 1;
  note(world, { at: instant(at), stream: 'enrollments', id: String(FIRST_ENROLLMENT + place), kind: 'deleted' });
}

/** Takes a campaign and its enrollments out of the lists. */
export function deleteTraining(world: World, state: TrainingState, at: number): void {
  state.isDeleted = true;
  state.open = false;
  const { campaign_id } = state.campaign;
  for (const place of enrollmentPlaces(world, { campaign_id })) removeEnrollment(world, place, at);
  note(world, { at: instant(at), stream: 'training_campaigns', id: String(campaign_id), kind: 'deleted' });
}

export type EnrollmentFilter = {
  campaign_id?: number;
  user_id?: number;
  store_purchase_id?: number;
  exclude_archived_users?: boolean;
};

/** Places of the enrollments that pass a filter, computed once until the world changes. */
export function enrollmentPlaces(world: World, filter: EnrollmentFilter): View {
  const { campaign_id, user_id, store_purchase_id, exclude_archived_users } = filter;
  const columns = world.enrollments;
  const key = `enrollments ${campaign_id ?? ''} ${user_id ?? ''} ${store_purchase_id ?? ''} ${exclude_archived_users ?? ''}`;
  return world.views.get(key, world.version, () =>
    placesWhere(columns.count, (place) => {
      if (columns.removed[place] === 1) return false;
      const { state, item } = partOf(world, place);
      if (campaign_id !== undefined && state.campaign.campaign_id !== campaign_id) return false;
      if (store_purchase_id !== undefined && purchaseId(item) !== store_purchase_id) return false;
      const person = world.people[columns.person[place]!]!;
      if (user_id !== undefined && person.user.id !== user_id) return false;
      return !(exclude_archived_users && !isActive(person));
    }),
  );
}

const purchaseId = (item: StorePurchase | Policy): number | null =>
  item.content_type === 'Store Purchase' ? item.store_purchase_id : null;

/** An enrollment as the wire shows it, with every key that can be asked for. */
export function enrollmentRow(world: World, place: number): Enrollment {
  const columns = world.enrollments;
  const { state, item } = partOf(world, place);
  const { user } = world.people[columns.person[place]!]!;
  const { start, completion, status } = seen(world, place);
  const isPolicy = item.content_type === 'Uploaded Policy';
  return {
    enrollment_id: FIRST_ENROLLMENT + place,
    content_type: item.content_type,
    module_name: item.name,
    user: {
      id: user.id,
      first_name: user.first_name,
      last_name: user.last_name,
      email: user.email,
      employee_number: user.employee_number,
    },
    campaign_name: state.campaign.name,
    campaign_id: state.campaign.campaign_id,
    store_purchase_id: purchaseId(item),
    enrollment_date: instant(columns.at[place]!),
    start_date: instantOrNull(start),
    completion_date: instantOrNull(completion),
    status,
    time_spent: start === null ? 0 : Math.floor(((completion ?? start + 7 * MINUTE) - start) / 1000) % 7200,
    policy_acknowledged: isPolicy && completion !== null,
  };
}

/** The score of a finished enrollment, for campaigns that show it; null otherwise. */
export function scoreOf(world: World, place: number): number | null {
  if (!partOf(world, place).state.showsScore || seen(world, place).completion === null) return null;
  return 70 + Math.floor(roll(hash(world.seed, ENROLLMENTS, place), 30) * 31);
}

/** @param counted whether to compute the percentage, which looks at every enrollment of the campaign */
export function trainingCampaignRow(world: World, state: TrainingState, counted: true): TrainingCampaign;
export function trainingCampaignRow(
  world: World,
  state: TrainingState,
  counted: boolean,
): Omit<TrainingCampaign, 'completion_percentage'>;
export function trainingCampaignRow(world: World, state: TrainingState, counted: boolean) {
  const { campaign_id, name, groups, status, ...rest } = state.campaign;
  const content = state.content.map((item) => (item.content_type === 'Store Purchase' ? item : withoutStatus(item)));
  const row = { campaign_id, name, groups, status, content, ...rest };
  return counted ? { ...row, completion_percentage: completion(world, state) } : row;
}

const withoutStatus = ({ status: _, ...policy }: Policy) => policy;

function completion(world: World, state: TrainingState): number {
  if (state.uncounted) return -1;
  const stamp = state.open ? `open ${world.version}` : `closed ${world.enrollments.touched}`;
  if (state.counted?.stamp !== stamp) state.counted = { stamp, percentage: countCompleted(world, state) };
  return state.counted.percentage;
}

function countCompleted(world: World, state: TrainingState): number {
  const places = enrollmentPlaces(world, { campaign_id: state.campaign.campaign_id });
  let done = 0;
  for (const place of places) if (seen(world, place).completion !== null) done += 1;
  return places.length === 0 ? 0 : Math.round((done / places.length) * 100);
}

/** Closes campaigns in which nobody can finish any more. Called at the start of a day. */
export function turnTraining(world: World, now: number): void {
  for (const state of world.training) {
    if (!state.open || state.closes === null || state.closes > now) continue;
    const before = state.campaign.status;
    state.open = false;
    state.campaign.status = 'Completed';
    const id = String(state.campaign.campaign_id);
    const changed = { status: [before, 'Completed'] as const };
    note(world, { at: instant(now), stream: 'training_campaigns', id, kind: 'changed', changed });
  }
}
