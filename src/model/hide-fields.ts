import { maskedAddress, replaceAddresses } from './addresses.ts';
import { fieldsOf, isTold, plainKey, type Subject, subjectInside, subjectOf } from './field-keys.ts';
import type { FieldPolicy, HiddenField } from './field-policy.ts';

/**
 * Any JSON value as a reader under a policy may see it: every door shows people through this one function. It goes by the keys, in every
 * spelling that our doors and KnowBe4 use; what stands under a key that it does not know is left out. Addresses are taken out of every
 * text besides. Applied twice it is the same as once.
 * @returns a new value; nothing of the given one is changed
 */
export function hideFields(value: unknown, policy: FieldPolicy): unknown {
  return shownValue(value, { policy, key: '', subject: 'unknown' });
}

/** A text without what a policy hides in texts: addresses. */
export function hideInText(text: string, { email }: FieldPolicy): string {
  if (email === undefined) return text;
  return replaceAddresses(text, email === 'mask' ? maskedAddress : () => NOTHING);
}

/** Stands where an address was, in the middle of a text. */
const NOTHING = '***';

type Place = {
  readonly policy: FieldPolicy;
  /** The key that the value stands under, in the plain spelling; of a list the list’s. */
  readonly key: string;
  /** What the record around it is about. */
  readonly subject: Subject;
};

function shownValue(value: unknown, place: Place): unknown {
  if (Array.isArray(value)) return value.map((item) => shownValue(item, place));
  if (typeof value === 'object' && value !== null)
    return shownRecord(value as Readonly<Record<string, unknown>>, place);
  return typeof value === 'string' ? hideInText(value, place.policy) : value;
}

function shownRecord(
  record: Readonly<Record<string, unknown>>,
  { policy, key: parent, subject: around }: Place,
): object {
  const names = Object.keys(record);
  const keys = names.map(plainKey);
  const own = subjectOf(record, keys, parent, around);
  const inside = subjectInside(record, keys, own);
  const shown = names.map((name, index) => {
    const child = record[name];
    const isNested = typeof child === 'object' && child !== null;
    const place = { policy, key: keys[index]!, subject: isNested ? inside : own };
    return [hideInText(name, policy), shownMember(child, place, parent)] as const;
  });
  return Object.fromEntries(shown);
}

/** Records that stand under keys of their own: lists of Truto’s keyed by a field, answers by resource. */
const keyed: ReadonlySet<string> = new Set(['result', 'errors']);

function shownMember(value: unknown, place: Place, parent: string): unknown {
  const { policy, subject } = place;
  // WorkOS and SCIM write `emails: [{ value }]`, ours `phones: [{ number }]`.
  const key = place.key === 'value' || place.key === 'number' ? parent : place.key;
  if (isPersonsName(key, value, subject)) return policy.name === undefined ? shownText(value, policy) : null;
  const fields = fieldsOf(key);
  const hidden = fields.filter((field) => policy[field] !== undefined);
  if (hidden.length > 0) return emptied(value, { ...place, key }, hidden);
  if (fields.length > 0 || isTold(key)) return shownValue(value, { ...place, key });
  const isRecord = typeof value === 'object' && value !== null;
  if (isRecord && keyed.has(parent)) return shownValue(value, { ...place, key: parent });
  return Array.isArray(value) ? [] : null;
}

/** A `name` is a person’s unless it is known to be something else’s. */
const isPersonsName = (key: string, value: unknown, subject: Subject): boolean =>
  key === 'name' && subject !== 'thing' && (typeof value !== 'object' || value === null);

const shownText = (value: unknown, policy: FieldPolicy): unknown =>
  typeof value === 'string' ? hideInText(value, policy) : value;

/** What is left of a hidden field: a masked address, else nothing of the same kind. */
function emptied(value: unknown, place: Place, hidden: readonly HiddenField[]): unknown {
  const { policy } = place;
  const isMasked = policy.email === 'mask' && hidden.every((field) => field === 'email');
  if (isMasked) return masked(value, place);
  return nothingOf(value, policy);
}

function nothingOf(value: unknown, policy: FieldPolicy): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value !== 'object' || value === null) return null;
  const members = Object.entries(value).map(([name, member]) => [hideInText(name, policy), nothingOf(member, policy)]);
  return Object.fromEntries(members);
}

/** What should be an address and does not look like one is not told either. */
function masked(value: unknown, place: Place): unknown {
  if (Array.isArray(value)) return value.map((item) => masked(item, place));
  if (typeof value === 'object' && value !== null)
    return shownRecord(value as Readonly<Record<string, unknown>>, place);
  if (typeof value !== 'string') return null;
  const text = replaceAddresses(value, maskedAddress);
  return text === value && !text.includes('***@') ? NOTHING : text;
}
