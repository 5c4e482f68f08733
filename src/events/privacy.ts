import { catalogEntry, type EventFamily, isEventType } from './catalog.ts';
import type { Event } from './event.ts';

/** What names a person beside their id. */
const names = new Set(['email', 'first_name', 'last_name', 'employee_number', 'provisioning_guid']);

/** An event whose people are ids alone. Directory and connection events are about names and stay as they are. */
export function withoutNames(event: Event): Event {
  if (!isEventType(event.type) || !nameless.has(catalogEntry(event.type).family)) return event;
  const { user } = event.data;
  if (user === null || typeof user !== 'object') return event;
  const kept = Object.fromEntries(Object.entries(user).filter(([key]) => !names.has(key)));
  return { ...event, data: { ...event.data, user: kept } };
}

const nameless: ReadonlySet<EventFamily> = new Set(['training', 'phishing.identified', 'risk']);
