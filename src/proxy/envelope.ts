import { Buffer } from 'node:buffer';
import type { RawAnswer } from '../client/index.ts';
import { nextCursorOf, speaksCursors } from '../client/page-rows.ts';
import { ForeknowError } from '../errors/errors.ts';
import { type Place, placeAfter, writeCursor } from './pages.ts';
import { scanRows } from './scan-rows.ts';

/**
 * A page of the Reporting API in Truto's envelope, its rows as KnowBe4 wrote them. An object in place of a list is handed on as it
 * came: not every path that looks like a list is one.
 * @throws ForeknowError `remote_invalid`, `incomplete_read`
 */
export function wrapRows(answer: RawAnswer, place: Place): Uint8Array {
  const rows = scanRows(answer.body);
  if (rows === 'cut') throw damaged(answer);
  return rows === null ? answer.body : envelope(answer.body, rows.count, placeAfter(place, rows, saidOf(answer)));
}

/** The same of the User Event API, which has an envelope of its own; without a word about pages in it, the rows have to tell. */
export function wrapEvents(answer: RawAnswer, place: Place): Uint8Array {
  const { data, meta } = (parsed(answer) ?? {}) as { data?: unknown; meta?: { next_page?: unknown } | null };
  if (!Array.isArray(data)) return answer.body;
  const next = meta?.next_page;
  const text = Buffer.from(JSON.stringify(data));
  const first = data.length === 0 ? null : Buffer.from(JSON.stringify(data[0]));
  const after: Place | null =
    typeof next === 'number'
      ? { at: { mode: 'page', page: next }, perPage: place.perPage, before: null }
      : placeAfter(place, { count: data.length, first }, next === undefined ? 'nothing' : 'end');
  return envelope(text, data.length, after);
}

/** The end of a list, told by an answer that has no rows of its own. */
export const emptyEnvelope = (): Uint8Array => envelope(Buffer.from('[]'), 0, null);

/** Whether an answer names a place to go on from. */
export const namesNext = (answer: RawAnswer): boolean => typeof saidOf(answer) === 'object';

function envelope(rows: Uint8Array, count: number, next: Place | null): Uint8Array {
  const rest = { next_cursor: next === null ? null : writeCursor(next), prev_cursor: null, result_count: count };
  return Buffer.concat([Buffer.from('{"result":'), rows, Buffer.from(`,${JSON.stringify(rest).slice(1)}`)]);
}

/** `X-Next-Cursor`, or a `Link` to the next page; a header that is there and empty is the end. */
function saidOf({ status, headers }: RawAnswer): { readonly cursor: string } | 'end' | 'nothing' {
  const answer = { status, headers, body: null };
  const cursor = nextCursorOf(answer);
  if (cursor !== null) return { cursor };
  return speaksCursors(answer) ? 'end' : 'nothing';
}

function parsed(answer: RawAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(answer.body).toString('utf8'));
  } catch {
    throw damaged(answer);
  }
}

const damaged = ({ status, headers }: RawAnswer): ForeknowError =>
  new ForeknowError('remote_invalid', {
    detail: 'KnowBe4 answered with JSON that is cut or damaged.',
    hint: 'Try again; if it stays, check that no proxy on the way changes the answers.',
    remote: { status, requestId: headers.get('x-request-id'), body: null },
  });
