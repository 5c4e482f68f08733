/** Reset values from here on are seconds since 1970, smaller ones are a delay. */
const FIRST_EPOCH_SECOND = 1_000_000_000;

/** No limit of KnowBe4 looks further back: a longer wait is a slip, and it would be kept and hold for all callers. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/**
 * How long an answer asks to wait. KnowBe4 documents neither `Retry-After` nor reset headers; both are honoured if they come.
 * @param now ms
 * @returns ms, a day at most, null when nothing readable is there
 */
export function retryAfterMs(headers: { get(name: string): string | null }, now: number): number | null {
  const asked = askedMs(headers, now);
  return asked === null ? null : Math.min(asked, LONGEST_MS);
}

function askedMs(headers: { get(name: string): string | null }, now: number): number | null {
  const retryAfter = headers.get('retry-after');
  if (retryAfter !== null) return seconds(retryAfter) ?? untilDate(retryAfter, now);
  const reset = seconds(headers.get('x-ratelimit-reset') ?? '');
  if (reset === null) return null;
  return reset >= FIRST_EPOCH_SECOND * 1000 ? Math.max(0, reset - now) : reset;
}

const seconds = (text: string): number | null => (/^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) * 1000 : null);

/** An HTTP date, such as `Wed, 21 Oct 2026 07:28:00 GMT`. */
function untilDate(text: string, now: number): number | null {
  const time = /GMT\s*$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : Math.max(0, time - now);
}
