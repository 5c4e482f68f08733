import { hash, pick, roll, uuid } from '../random.ts';
import { DAY, dayStart, HOUR, instant } from '../time.ts';
import { findPerson } from '../world/mutate.ts';
import { isAway, type Person, type World } from '../world/state.ts';
import type { EventPayload, UserEvent, UserEventStatus, UserEventType } from './records.ts';

const EVENTS = 11;
const REQUESTS = 12;
/** How far back the first events lie. */
const HISTORY = 60 * DAY;
/** Events a person and working day, from the tools that watch the sample company. */
const RATE = 0.002;
/** Where the ids of event types begin; those seen in recordings are beyond 2³¹ too. */
const FIRST_TYPE = 2_372_000_001;
const API_KEY = 'Emulated integration';

type Stored = Omit<UserEvent, 'account_id' | 'user' | 'occurred_date' | 'event_type'> & {
  readonly person: Person;
  readonly type: UserEventType;
  /** When it occurred, ms. */
  readonly at: number;
};

type Sent = { readonly status: UserEventStatus; readonly payload: EventPayload; readonly at: number };

/** The user events of one account: those of its world, which come by themselves, and those that were posted. */
export type EventState = {
  readonly accountId: number;
  readonly types: UserEventType[];
  stored: Stored[];
  readonly sent: Sent[];
  /** How many of `sent` are processed. */
  processed: number;
  /** Until when the world's own events are there, ms. */
  lived: number;
  /** How many people there were at first: newcomers are left in peace, so that asking late gives the same events. */
  readonly people: number;
};

const kinds = [
  { name: 'Malware blocked', source: 'endpoint-protection', description: 'Download stopped by the endpoint agent' },
  { name: 'DLP block', source: 'dlp', description: 'Attachment with card numbers held back' },
  { name: 'Risky sign-in', source: 'identity', description: 'Sign-in from an unusual place' },
  { name: 'Blocked website', source: 'web-filter', description: null },
  { name: 'Suspicious message reported', source: 'mail-gateway', description: null },
] as const;

export function createEvents(world: World, accountId: number): EventState {
  const types = kinds.map(({ name }, n) => ({ id: FIRST_TYPE + n, account_id: accountId, name, description: null }));
  const lived = world.begin - HISTORY;
  return { accountId, types, stored: [], sent: [], processed: 0, lived, people: world.people.length };
}

/** Brings the events up to now: the world's own until the last full hour, the posted ones that have waited long enough. */
export function bringUp(state: EventState, world: World, now: number, delayMs: number): void {
  for (let start = dayStart(state.lived); start < world.live; start += DAY) {
    for (const event of plannedFor(state, world, start)) {
      if (event.at > state.lived && event.at <= world.live) state.stored.push(event);
    }
  }
  state.lived = world.live;
  while (state.processed < state.sent.length) {
    const sent = state.sent[state.processed]!;
    if (sent.at + delayMs > now) return;
    settleSent(state, world, sent, sent.at + delayMs);
    state.processed += 1;
  }
}

/** What the tools report on one day, whoever asks when. Nothing at the weekend. */
function plannedFor(state: EventState, world: World, start: number): Stored[] {
  const weekday = new Date(start).getUTCDay();
  if (weekday === 0 || weekday === 6) return [];
  const h = hash(world.seed, EVENTS, start / DAY);
  const found: Stored[] = [];
  const times = Math.floor(state.people * RATE + roll(h, 0));
  for (let n = 0; n < times; n += 1) {
    const at = start + 7 * HOUR + Math.floor(roll(h, 3 * n + 1) * 10 * HOUR);
    const person = world.people[Math.floor(roll(h, 3 * n + 2) * state.people)]!;
    if (wasThere(person, at)) found.push(ownEvent(state, person, at, hash(h, n), idOf(start / DAY, n, h)));
  }
  return found;
}

/** Day and number make it unique: a hash of 32 bits would not, in a large account. */
const idOf = (day: number, n: number, h: number): string =>
  `${(day * 0x10000 + n).toString(16).padStart(8, '0')}${uuid(hash(h, n)).slice(8)}`;

const wasThere = (person: Person, at: number): boolean =>
  person.joined <= at && !isAway(person, at) && !(person.hidden && person.away.length === 0);

function ownEvent(state: EventState, person: Person, at: number, h: number, id: string): Stored {
  const kind = Math.floor(roll(h, 1) * kinds.length);
  const { source, description } = kinds[kind]!;
  return {
    id,
    person,
    type: state.types[kind]!,
    at,
    external_id: h % 3 === 0 ? `case-${1000 + (h % 9000)}` : null,
    source,
    description,
    risk: h % 5 === 0 ? { level: null, decay_mode: null, expire_date: null } : { level: level(h), ...lasting },
    metadata: null,
  };
}

const lasting = { decay_mode: 0, expire_date: null };
const level = (h: number): number => pick([1, 2, 3, 5, 8], h, 2);

/** Takes a well-formed body in. @returns the id of the request */
export function take(state: EventState, world: World, payload: EventPayload, now: number): string {
  const id = uuid(hash(world.seed, REQUESTS, state.sent.length));
  const status = { id, details: { events: [], failures: [] }, processed: null, api_key: API_KEY };
  state.sent.push({ status, payload, at: now });
  return id;
}

function settleSent(state: EventState, world: World, { status, payload, at }: Sent, processed: number): void {
  status.processed = instant(processed);
  const person = targetOf(world, payload.target_user);
  if (!person) {
    status.details.failures.push({ errors: { target_user: ['was not found'] }, payload });
    return;
  }
  const id = uuid(hash(world.seed, EVENTS, REQUESTS, state.processed));
  status.details.events.push(id);
  state.stored.push({
    id,
    person,
    type: typeNamed(state, payload.event_type),
    at: payload.occurred_date === undefined ? at : Date.parse(payload.occurred_date),
    external_id: payload.external_id ?? null,
    source: payload.source ?? null,
    description: payload.description ?? null,
    risk: {
      level: payload.risk_level ?? null,
      decay_mode: payload.risk_decay_mode ?? null,
      expire_date: payload.risk_expire_date ?? null,
    },
    metadata: null,
  });
}

/** By id, or by address in any letter case; of two that differ only by case the one that is written so. */
function targetOf(world: World, target: string): Person | undefined {
  if (/^\d{1,15}$/.test(target)) return findPerson(world, Number(target));
  const wanted = target.toLowerCase();
  const found = world.people.filter(({ hidden, user }) => !hidden && user.email.toLowerCase() === wanted);
  return found.find(({ user }) => user.email === target) ?? found[0];
}

/** A name that nobody used yet makes a type. */
function typeNamed(state: EventState, name: string): UserEventType {
  const known = state.types.find((type) => type.name === name);
  if (known) return known;
  const type = { id: FIRST_TYPE + state.types.length, account_id: state.accountId, name, description: null };
  state.types.push(type);
  return type;
}

/** @returns false when there is no such event */
export function removeEvent(state: EventState, id: string): boolean {
  const before = state.stored.length;
  state.stored = state.stored.filter((event) => event.id !== id);
  return state.stored.length < before;
}

/** The newest first; of the same moment the one that came later. */
export const newestFirst = ({ stored }: EventState): Stored[] => stored.toReversed().sort((a, b) => b.at - a.at);

export function eventRow({ accountId }: EventState, event: Stored): UserEvent {
  const { id, person, type, at, external_id, source, description, risk, metadata } = event;
  const { email, id: user, status } = person.user;
  return {
    id,
    account_id: accountId,
    user: { email, id: user, archived: person.hidden || status === 'archived' },
    external_id,
    source,
    description,
    occurred_date: instant(at),
    risk,
    metadata,
    event_type: { id: type.id, name: type.name, description: type.description },
  };
}
