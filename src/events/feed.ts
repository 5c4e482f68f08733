import { ForeknowError } from '../errors/errors.ts';
import type { Sleep } from '../lib/sleep.ts';
import type { LoggedChange } from '../model/change.ts';
import type { Instant } from '../wire/records.ts';
import { catalogEntry, type EventFamily, type EventType, eventTypes, isEventType, kindsOf } from './catalog.ts';
import { cursorText, type Order, type Place, readCursor } from './cursor.ts';
import type { Event } from './event.ts';
import { eventsOf, placeOf } from './from-change.ts';
import { gapAt, type LogGap, lostAt, wasPutBack } from './gaps.ts';
import type { LogStore } from './ports.ts';
import { withoutNames } from './privacy.ts';

/** What a reader may see. */
export type Sight = {
  /** null = all. */
  readonly connectionIds: readonly string[] | null;
  readonly families: readonly EventFamily[];
};

export type FeedQuery = Sight & {
  /** Types or patterns such as `user.*`; empty = all. */
  readonly types: readonly string[];
  /** A cursor, or the id of an event; null = from the beginning of what is kept (`desc`: from the end). */
  readonly after: string | null;
  readonly from?: Instant;
  readonly until?: Instant;
  readonly order: Order;
  /** Most events of a page. */
  readonly limit: number;
};

export type FeedPage = {
  readonly events: readonly Event[];
  /** Where to go on, also when the page is empty. */
  readonly nextCursor: string;
  /** False at the end of what there is now. */
  readonly hasMore: boolean;
};

export type Feed = {
  /** @throws ForeknowError `invalid_cursor`, `cursor_expired`, `invalid_request` for a type that is not known */
  page(query: FeedQuery): Promise<FeedPage>;
  /** The same, but waits for an event where there is none, until one comes or the time is over. */
  wait(query: FeedQuery, waitMs: number, signal?: AbortSignal): Promise<FeedPage>;
  /** @throws ForeknowError `not_found` also for what the reader may not see */
  get(id: string, sight: Sight): Promise<Event>;
};

type Deps = {
  readonly store: Pick<LogStore, 'logEntries' | 'logBounds'>;
  readonly sleep: Sleep;
  /** ms */
  readonly now: () => number;
};

/** Numbers of the log looked at in one read, and in one page: what is filtered out must not make an answer late. */
const WINDOW = 10_000;
const WINDOWS = 20;
const BATCH = 500;
const LOOK_MS = 250;

/**
 * The log as events, in its order, without gaps: the number of a change is visible only when all before it are, so that a
 * cursor never passes one that was not there yet. Events may be read twice, never missed.
 */
export function createFeed({ store, sleep, now }: Deps): Feed {
  const page = async (query: FeedQuery): Promise<FeedPage> => {
    const wanted = wantedTypes(query);
    const bounds = await store.logBounds();
    const start = startOf(query, bounds);
    if (wanted.size === 0) return { events: [], nextCursor: cursorText(start), hasMore: false };
    const { events, place } = await read(store, query, wanted, start, bounds);
    const shown = query.families.includes('directory') ? events : events.map(withoutNames);
    return { events: shown, nextCursor: cursorText(place), hasMore: isMore(place, bounds) };
  };

  return {
    page,
    async wait(query, waitMs, signal) {
      const deadline = now() + waitMs;
      for (let after = query.after; ; ) {
        const found = await page({ ...query, after });
        if (found.events.length > 0 || now() >= deadline || signal?.aborted) return found;
        after = found.nextCursor;
        if (!found.hasMore) await nextLook(sleep, Math.min(LOOK_MS, deadline - now()), signal);
      }
    },
    async get(id, sight) {
      const place = placeOf(id);
      const { droppedTo, gaps } = await store.logBounds();
      const query = { first: place?.seq ?? 0, last: place?.seq ?? 0, order: 'asc', limit: 1 } as const;
      const [change] = place === null ? [] : await store.logEntries({ ...query, connectionIds: sight.connectionIds });
      const event = change === undefined ? undefined : eventsOf(change).find((one) => one.id === id);
      if (event === undefined || !isVisible(event, sight)) {
        throw noSuchEvent(place !== null && (place.seq <= droppedTo || gapAt(gaps, place.seq) !== null));
      }
      return sight.families.includes('directory') ? event : withoutNames(event);
    },
  };
}

/** The signal ends the waiting, not the call. */
const nextLook = (sleep: Sleep, ms: number, signal: AbortSignal | undefined): Promise<void> =>
  sleep(ms, signal).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });

const isVisible = ({ type }: Event, { families }: Sight): boolean =>
  isEventType(type) && families.includes(catalogEntry(type).family);

type Bounds = Awaited<ReturnType<LogStore['logBounds']>>;

const isMore = ({ order, seq }: Place, { head, droppedTo }: Pick<Bounds, 'head' | 'droppedTo'>): boolean =>
  order === 'asc' ? seq <= head : seq > droppedTo;

/** The types that a query asks for and its reader may see. */
function wantedTypes({ types, families }: Pick<FeedQuery, 'types' | 'families'>): ReadonlySet<EventType> {
  const asked = types.length === 0 ? eventTypes : types.flatMap(typesMatching);
  return new Set(asked.filter((type) => families.includes(catalogEntry(type).family)));
}

/** @throws ForeknowError `invalid_request` when no type matches */
function typesMatching(pattern: string): readonly EventType[] {
  const prefix = pattern.endsWith('*') && (pattern === '*' || pattern.endsWith('.*')) ? pattern.slice(0, -1) : null;
  const found = eventTypes.filter((type) => (prefix === null ? type === pattern : type.startsWith(prefix)));
  if (found.length > 0) return found;
  throw new ForeknowError('invalid_request', {
    detail: `There is no event type ${JSON.stringify(pattern.slice(0, 60))}.`,
    hint: 'GET /api/v1/events/types (foreknow events --list-types) lists them; user.* stands for all that begin so.',
    field: 'types',
  });
}

function startOf({ after, order }: FeedQuery, { head, droppedTo, gaps }: Bounds): Place {
  if (after === null)
    return order === 'asc' ? { order, seq: droppedTo + 1, done: 0 } : { order, seq: head, done: null };
  const place = readCursor(after, order);
  if (place.seq > (order === 'asc' ? head + 1 : head)) throw beyondTheLog();
  if (order === 'asc' && place.seq <= droppedTo) throw expired(droppedTo);
  const lost = lostAt(gaps, newestSeen(place));
  if (lost !== null) throw wasPutBack(cursorText({ order: 'asc', seq: lost.until + 1, done: 0 }));
  return place;
}

/** The newest entry of which a reader who stands there has seen anything; backwards: the one that comes next. */
const newestSeen = ({ order, seq, done }: Place): number => (order === 'desc' || (done ?? 0) > 0 ? seq : seq - 1);

/** Nothing is in a gap; it may be a million windows long. */
function overGap(place: Place, gaps: readonly LogGap[]): Place {
  const gap = gapAt(gaps, place.seq);
  if (gap === null) return place;
  return place.order === 'asc' ? beyond('asc', gap.until) : beyond('desc', gap.after + 1);
}

async function read(
  store: Deps['store'],
  query: FeedQuery,
  wanted: ReadonlySet<EventType>,
  start: Place,
  { head, droppedTo, gaps }: Bounds,
): Promise<{ readonly events: readonly Event[]; readonly place: Place }> {
  const { connectionIds, order, limit } = query;
  const filter = {
    ...{ connectionIds, order, limit: Math.min(BATCH, Math.max(limit, 50)), kinds: kindsOf([...wanted]) },
    ...(query.from === undefined ? {} : { from: query.from }),
    ...(query.until === undefined ? {} : { until: query.until }),
  };
  const events: Event[] = [];
  let place = overGap(start, gaps);
  for (
    let windows = 0;
    windows < WINDOWS && isMore(place, { head, droppedTo }) && events.length < limit;
    windows += 1, place = overGap(place, gaps)
  ) {
    const span =
      order === 'asc'
        ? { first: place.seq, last: Math.min(head, place.seq + WINDOW - 1) }
        : { first: Math.max(droppedTo + 1, place.seq - WINDOW + 1), last: place.seq };
    const changes = await store.logEntries({ ...filter, ...span });
    place = take(changes, wanted, limit, place, events);
    const isRead = events.length < limit && changes.length < filter.limit;
    if (isRead) place = order === 'asc' ? beyond('asc', span.last) : beyond('desc', span.first);
  }
  return { events, place };
}

const beyond = (order: Order, seq: number): Place =>
  order === 'asc' ? { order, seq: seq + 1, done: 0 } : { order, seq: seq - 1, done: null };

/** Adds the wanted events of the changes until the page is full. Returns where it stopped. */
function take(
  changes: readonly LoggedChange[],
  wanted: ReadonlySet<EventType>,
  limit: number,
  start: Place,
  into: Event[],
): Place {
  const { order } = start;
  let place = start;
  for (const change of changes) {
    const done = change.seq === start.seq ? start.done : null;
    const all = eventsOf(change);
    const left = order === 'asc' ? all.slice(done ?? 0) : all.slice(0, done ?? all.length).toReversed();
    for (const [index, event] of left.entries()) {
      if (into.length >= limit) {
        const given = order === 'asc' ? (done ?? 0) + index : left.length - index;
        return { order, seq: change.seq, done: given };
      }
      if (wanted.has(event.type as EventType)) into.push(event);
    }
    place = beyond(order, change.seq);
  }
  return place;
}

const beyondTheLog = (): ForeknowError =>
  new ForeknowError('invalid_cursor', {
    detail: 'The cursor is beyond the end of the log.',
    hint: 'The store may have been put back from a copy. Read the directory again and go on from the newest event.',
    field: 'after',
  });

const expired = (droppedTo: number): ForeknowError =>
  new ForeknowError('cursor_expired', {
    detail: 'The events that follow this cursor are not kept any more: some of them are lost to this reader.',
    hint: `Read the directory again, then go on from the oldest event that is kept: after=${cursorText({ order: 'asc', seq: droppedTo + 1, done: 0 })}`,
    field: 'after',
  });

const noSuchEvent = (isDropped: boolean): ForeknowError =>
  new ForeknowError('not_found', {
    detail: isDropped ? 'This event is not kept any more.' : 'There is no event with this id.',
    hint: 'GET /api/v1/events lists those that are kept.',
  });
