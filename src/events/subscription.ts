import type { LoggedChange } from '../model/change.ts';
import { catalogEntry, eventTypes, isEventType } from './catalog.ts';
import type { Endpoint } from './endpoint.ts';
import type { Event } from './event.ts';
import { eventsOf } from './from-change.ts';
import { asTrutoEvents, trutoSubscription } from './truto.ts';

/** `*`, `user.*` or a type of the catalog that is there. */
export const isPattern = (text: string): boolean =>
  text === '*' ||
  (text.endsWith('.*') && eventTypes.some((type) => type.startsWith(text.slice(0, -1)))) ||
  isEventType(text);

/** The events that a change makes, as an endpoint is told them. */
export const eventsFor = ({ format }: Pick<Endpoint, 'format'>): ((change: LoggedChange) => readonly Event[]) =>
  format === 'truto' ? (change) => eventsOf(change).flatMap(asTrutoEvents) : eventsOf;

/** Which events an endpoint is sent: of the types it asks for, those that whoever made it may read. */
export function subscriptionOf({
  types,
  families,
  format,
}: Pick<Endpoint, 'types' | 'families' | 'format'>): (event: Event) => boolean {
  if (format === 'truto') return trutoSubscription(types, families);
  const wanted = new Set<string>(
    eventTypes.filter(
      (type) => families.includes(catalogEntry(type).family) && types.some((one) => matches(one, type)),
    ),
  );
  return ({ type }) => wanted.has(type);
}

const matches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
