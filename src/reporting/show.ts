import type { RawRecord } from '../wire/records.ts';
import { isObject } from '../wire/reporting/read.ts';
import type { KeptRow } from './ports.ts';

/** A person's id → the person as they are kept now. */
export type People = ReadonlyMap<string, RawRecord>;

/** Keys of an enrollment that come only when they are asked for. */
const asked = {
  campaign_id: 'include_campaign_id',
  store_purchase_id: 'include_store_purchase_id',
} as const;

/** What the parameters of the call leave of a kept enrollment. The score comes with the filter by campaign alone. */
export function shownEnrollment(row: RawRecord, people: People, query: URLSearchParams): RawRecord {
  const { score: _, ...shown }: Record<string, unknown> = withPersonNow(row, people);
  for (const [key, parameter] of Object.entries(asked)) if (query.get(parameter) !== 'true') delete shown[key];
  if (query.get('include_employee_number') === 'true' || !isObject(shown.user)) return shown;
  const { employee_number: _number, ...user } = shown.user;
  return { ...shown, user };
}

const clientKeys = ['ip', 'ip_location', 'browser', 'browser_version', 'os'] as const;

/** What of a recipient is not kept is null. */
export function shownRecipient(row: RawRecord, people: People): RawRecord {
  const shown: Record<string, unknown> = { ...withPersonNow(row, people) };
  for (const key of clientKeys) shown[key] ??= null;
  return shown;
}

const ofPeople = ['first_name', 'last_name', 'email', 'employee_number', 'provisioning_guid'] as const;

/**
 * The person inside a row as they are now: a row is kept as it was when it changed itself, and somebody may have been renamed since.
 * Whoever is gone stays as they were.
 */
function withPersonNow(row: RawRecord, people: People): RawRecord {
  const { user } = row;
  const now = isObject(user) ? people.get(String(user.id)) : undefined;
  if (now === undefined) return row;
  const changed = ofPeople.filter((key) => key in (user as RawRecord) && key in now);
  const values = changed.map((key) => [key, ofSameType((user as RawRecord)[key], now[key])]);
  return { ...row, user: { ...(user as RawRecord), ...Object.fromEntries(values) } };
}

/** A number that stands elsewhere as a text stays one. */
const ofSameType = (before: unknown, now: unknown): unknown => (String(before) === String(now) ? before : now);

/** The person that a row is about, as an id. */
export function personIn(row: RawRecord): string | null {
  const id = isObject(row.user) ? row.user.id : undefined;
  return typeof id === 'number' || typeof id === 'string' ? String(id) : null;
}

export const parsedRow = ({ raw }: KeptRow): RawRecord => JSON.parse(raw) as RawRecord;
