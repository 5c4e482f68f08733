import { ForeknowError } from '../../errors/errors.ts';
import type { Instant } from '../../wire/records.ts';
import { gapAt, type LogGap, lostAt, wasPutBack } from '../gaps.ts';
import type { LogStore } from '../ports.ts';
import { eventsOfBaseline } from './baseline.ts';
import { type DsyncEvent, type DsyncType, eventsOfSteps, kindsOfTypes, type Step, stepsOf } from './dsync.ts';
import { eventIdOf, type Place, placeOf } from './ids.ts';

export type DsyncQuery = {
  /** null = of all connections. */
  readonly connectionIds: readonly string[] | null;
  readonly types: readonly DsyncType[];
  /** Id of the last event that the reader has; null = from the beginning of what is kept. */
  readonly after: string | null;
  readonly from?: Instant;
  readonly until?: Instant;
  readonly limit: number;
};

export type DsyncPage = {
  readonly events: readonly DsyncEvent[];
  /** Null at the end of what there is now. */
  readonly after: string | null;
};

/** Numbers of the log looked at in one read, and in one page. */
const WINDOW = 10_000;
const WINDOWS = 20;

/**
 * The log as WorkOS events, oldest first. Events are made on reading: ids, types and what they tell are always the same, as
 * long as the people they are about are not erased.
 * @throws ForeknowError `invalid_cursor`, `cursor_expired`
 */
export async function dsyncPage(store: LogStore, query: DsyncQuery): Promise<DsyncPage> {
  const { head, droppedTo, gaps } = await store.logBounds();
  let place = startOf(query.after, { head, droppedTo, gaps });
  const events: DsyncEvent[] = [];
  for (let windows = 0; windows < WINDOWS && place.seq <= head && events.length < query.limit; windows += 1) {
    const gap = gapAt(gaps, place.seq);
    if (gap !== null) place = { seq: gap.until + 1, part: null };
    const last = Math.min(head, place.seq + WINDOW - 1);
    const read = await readWindow(store, query, place, last, query.limit - events.length);
    events.push(...read.events);
    place = read.place;
  }
  const isEnd = place.seq > head && place.part === null;
  const reached = place.part === null ? { seq: place.seq - 1, part: null } : place;
  return { events, after: isEnd ? null : eventIdOf(reached) };
}

/** Reads on from a place: the change it names has been told up to its part, or not at all when it names none. */
async function readWindow(
  store: LogStore,
  query: DsyncQuery,
  start: Place,
  last: number,
  limit: number,
): Promise<{ readonly events: readonly DsyncEvent[]; readonly place: Place }> {
  const { connectionIds, types, from, until } = query;
  const changes = await store.logEntries({
    ...{ connectionIds, kinds: kindsOfTypes(types), first: start.seq, last, order: 'asc', limit },
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  });
  const wanted = new Set(types);
  const steps: Step[] = [];
  let place = start;
  for (const change of changes) {
    const told = change.seq === start.seq ? start.part : null;
    if (change.kind === 'baseline') {
      // What came before it must be told first.
      if (steps.length > 0) return { events: await eventsOfSteps(store, steps), place };
      const { events, isDone, last: reached } = await eventsOfBaseline(store, change, told, wanted, limit);
      if (events.length > 0 || !isDone) {
        return { events, place: isDone ? { seq: change.seq + 1, part: null } : { seq: change.seq, part: reached } };
      }
    } else {
      for (const step of stepsOf(change)) {
        const isTold = told?.user !== undefined && step.part?.user !== undefined && step.part.user <= told.user;
        if (isTold || !wanted.has(step.type)) continue;
        if (steps.length >= limit) return { events: await eventsOfSteps(store, steps), place };
        steps.push(step);
        if (step.part !== null) place = { seq: change.seq, part: step.part };
      }
    }
    place = { seq: change.seq + 1, part: null };
  }
  const isRead = changes.length < limit;
  return { events: await eventsOfSteps(store, steps), place: isRead ? { seq: last + 1, part: null } : place };
}

type Bounds = { readonly head: number; readonly droppedTo: number; readonly gaps: readonly LogGap[] };

function startOf(after: string | null, { head, droppedTo, gaps }: Bounds): Place {
  if (after === null) return { seq: droppedTo + 1, part: null };
  const place = placeOf(after);
  if (place === null || place.seq > head) {
    throw new ForeknowError('invalid_cursor', {
      detail: place === null ? 'after is no id of an event.' : 'The event is beyond the end of the log.',
      hint: 'Send the id of the last event you have, or start again without one.',
      field: 'after',
    });
  }
  const lost = lostAt(gaps, place.seq);
  if (lost !== null) throw wasPutBack(eventIdOf({ seq: lost.until, part: null }));
  const next: Place = place.part === null ? { seq: place.seq + 1, part: null } : place;
  if (next.seq > droppedTo) return next;
  throw new ForeknowError('cursor_expired', {
    detail: 'The events that follow this one are not kept any more: some of them are lost to this reader.',
    hint: `Read the directory again, then go on from the oldest event that is kept: after=${eventIdOf({ seq: droppedTo, part: null })}`,
    field: 'after',
  });
}
