/** Days as `YYYY-MM-DD`, which sort as text. */
export type Day = string;

const DAY_MS = 86_400_000;

/** Gives the day of a moment in a time zone. */
export function dayIn(timeZone: string): (moment: Date) => Day {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (moment) => {
    const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    return `${parts.year!.padStart(4, '0')}-${parts.month}-${parts.day}`;
  };
}

/** @param by may be negative; a result outside years 1 to 9999 stays at its end */
export function shiftDay(day: Day, by: number): Day {
  const moved = Date.parse(`${day}T00:00:00Z`) + by * DAY_MS;
  if (!(moved >= -62_135_596_800_000)) return '0001-01-01';
  return moved > 253_402_214_400_000 ? '9999-12-31' : new Date(moved).toISOString().slice(0, 10);
}

export const daysBetween = (from: Day, to: Day): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

/**
 * The day that a text of a source means: `2026-11-20`, `20261120`, `20.11.2026`, a moment of ISO 8601 (`2026-11-20T08:00:00+01:00`), or of LDAP
 * (`20261120070000Z`). A moment with an offset is a day of the time zone; one without is taken as it stands.
 * @returns null for what cannot be read with certainty: `03/04/2026` is two days
 */
export function readDay(text: string, dayOf: (moment: Date) => Day): Day | null {
  const written = text.trim();
  if (written.length > 40) return null;
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(written) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(written) ?? turned(written);
  if (plain !== null) return realDay(plain[1]!, plain[2]!, plain[3]!);
  const moment = /^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(written);
  if (moment !== null) {
    if (moment[2] === undefined) return readDay(moment[1]!, dayOf);
    return dayOfMoment(`${written.slice(0, 10)}T${written.slice(11)}`, dayOf);
  }
  const ldap = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d{1,9})?Z$/.exec(written);
  if (ldap === null) return null;
  return dayOfMoment(`${ldap[1]}-${ldap[2]}-${ldap[3]}T${ldap[4]}:${ldap[5]}:${ldap[6]}Z`, dayOf);
}

/** Day first, as dots mean everywhere. */
function turned(written: string): readonly string[] | null {
  const found = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(written);
  return found === null ? null : ['', found[3]!, found[2]!.padStart(2, '0'), found[1]!.padStart(2, '0')];
}

function dayOfMoment(iso: string, dayOf: (moment: Date) => Day): Day | null {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) || realDay(...(iso.slice(0, 10).split('-') as [string, string, string])) === null
    ? null
    : dayOf(new Date(ms));
}

/** Null for 30 February. */
function realDay(year: string, month: string, day: string): Day | null {
  const written = `${year}-${month}-${day}`;
  const ms = Date.parse(`${written}T00:00:00Z`);
  return Number.isNaN(ms) || year === '0000' || new Date(ms).toISOString().slice(0, 10) !== written ? null : written;
}
