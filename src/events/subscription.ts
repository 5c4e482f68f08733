import { catalogEntry, eventTypes, isEventType } from './catalog.ts';
import type { Endpoint } from './endpoint.ts';
import type { Event } from './event.ts';

/** `*`, `user.*` or a type of the catalog that is there. */
export const isPattern = (text: string): boolean =>
  text === '*' ||
  (text.endsWith('.*') && eventTypes.some((type) => type.startsWith(text.slice(0, -1)))) ||
  isEventType(text);

/** Which events an endpoint is sent: of the types it asks for, those that whoever made it may read. */
export function subscriptionOf({ types, families }: Pick<Endpoint, 'types' | 'families'>): (event: Event) => boolean {
  const wanted = new Set<string>(
    eventTypes.filter(
      (type) => families.includes(catalogEntry(type).family) && types.some((one) => matches(one, type)),
    ),
  );
  return ({ type }) => wanted.has(type);
}

const matches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
