import { ForeknowError } from '../../../errors/errors.ts';

const DAY_MS = 86_400_000;
/** Longest time that one question may be about. */
const MOST_MS = 31 * DAY_MS;

/** The last time that a date can be. */
const LAST_MS = 8.64e15;

/** What part of a log a call asks for, the newest first. Times in ms. */
export type Span = { readonly from: number; readonly before: { readonly at: number; readonly id: string | null } };

type Asked = { readonly created_at?: unknown; readonly next_cursor?: string | undefined };

/**
 * Reads `created_at[gt]`, `[gte]`, `[lt]`, `[lte]` and the cursor. Without a beginning it is the month before the end.
 * @throws ForeknowError `invalid_request` for more than a month; `invalid_cursor`
 */
export function spanOf(asked: Asked, now: number): Span {
  const { gt, gte, lt, lte } = boundsOf(asked.created_at);
  const end = Math.min(
    lt ?? Number.POSITIVE_INFINITY,
    lte === undefined ? Number.POSITIVE_INFINITY : lte + 1,
    now + DAY_MS,
  );
  const from = Math.max(
    gt === undefined ? 0 : gt + 1,
    gte ?? 0,
    gt === undefined && gte === undefined ? end - MOST_MS : 0,
  );
  if (Math.min(end, now) - from > MOST_MS) {
    throw new ForeknowError('invalid_request', {
      detail: 'One call is about a month at most.',
      hint: 'Set created_at[gt] and created_at[lt] no further than 31 days apart.',
      field: 'created_at',
    });
  }
  const place = placeOf(asked.next_cursor);
  return { from, before: place ?? { at: end, id: null } };
}

/** Cursor to the rows after this one; null where the page was not full. */
export function cursorAfter(
  page: readonly { readonly at: number; readonly id: string }[],
  limit: number,
): string | null {
  const last = page.length === limit ? page.at(-1) : undefined;
  return last === undefined ? null : Buffer.from(JSON.stringify([last.at, last.id])).toString('base64url');
}

type Bounds = { readonly [Op in 'gt' | 'gte' | 'lt' | 'lte']?: number };

function boundsOf(asked: unknown): Bounds {
  if (asked === undefined || asked === '') return {};
  if (typeof asked === 'string') {
    const at = timeOf(asked, 'created_at');
    return { gte: at, lte: at };
  }
  const bounds = Object.entries(asked as Record<string, unknown>).map(([op, value]) => {
    if (!['gt', 'gte', 'lt', 'lte'].includes(op)) throw notATime(`created_at[${op.slice(0, 20)}]`);
    return [op, timeOf(value, `created_at[${op}]`)] as const;
  });
  return Object.fromEntries(bounds);
}

function timeOf(value: unknown, field: string): number {
  const isTime = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value);
  const at = isTime
    ? Date.parse(/\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(value) ? `${value.replace(' ', 'T')}Z` : value)
    : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw notATime(field);
}

function placeOf(cursor: string | undefined): Span['before'] | null {
  if (cursor === undefined || cursor === '') return null;
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Number.isInteger(at) && at >= 0 && at <= LAST_MS && typeof id === 'string' && id.length < 100)
      return { at, id };
  } catch {
    // Said below.
  }
  throw new ForeknowError('invalid_cursor', {
    detail: 'next_cursor is none that this list gave.',
    hint: 'Send it back exactly as it came; leave it out to begin.',
    field: 'next_cursor',
  });
}

const notATime = (field: string): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `${field} is not a time.`,
    hint: 'For instance created_at[gt]=2026-11-01T00:00:00Z; there are gt, gte, lt and lte.',
    field,
  });
