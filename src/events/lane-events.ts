import type { LoggedChange } from '../model/change.ts';
import type { Event } from './event.ts';
import type { LogStore } from './ports.ts';

/** Events of one connection in their order, whole changes at a time. */
export type LanePage = {
  readonly events: readonly Event[];
  /** Up to this number of the log the page says everything. */
  readonly through: number;
  /** Whether the log goes on. */
  readonly more: boolean;
};

/** What a change is told as. */
type EventsOf = (change: LoggedChange) => readonly Event[];

/** Reads what follows a place in the log. */
export async function eventsAfter(
  log: Pick<LogStore, 'logEntries' | 'logBounds'>,
  connectionId: string,
  after: number,
  limit: number,
  eventsOf: EventsOf,
): Promise<LanePage> {
  const { head } = await log.logBounds();
  const range = { connectionIds: [connectionId], first: after + 1, last: head, order: 'asc', limit } as const;
  const entries = head > after ? await log.logEntries(range) : [];
  const more = entries.length === limit;
  return { events: entries.flatMap(eventsOf), through: more ? entries.at(-1)!.seq : Math.max(head, after), more };
}

/** One event by its place; null when the log does not hold it any more. */
export async function eventAt(
  log: Pick<LogStore, 'logEntries'>,
  { connectionId, seq, eventId }: { readonly connectionId: string; readonly seq: number; readonly eventId: string },
  eventsOf: EventsOf,
): Promise<Event | null> {
  const range = { connectionIds: [connectionId], first: seq, last: seq, order: 'asc', limit: 1 } as const;
  const [entry] = await log.logEntries(range);
  return (entry === undefined ? [] : eventsOf(entry)).find(({ id }) => id === eventId) ?? null;
}
