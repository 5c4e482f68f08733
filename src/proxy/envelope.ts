import { Buffer } from 'node:buffer';
import type { RawAnswer } from '../client/index.ts';
import { nextCursorOf, speaksCursors } from '../client/page-rows.ts';
import { ForeknowError } from '../errors/errors.ts';
import { type Place, placeAfter, writeCursor } from './pages.ts';

/**
 * A page of the Reporting API in Truto's envelope, its rows as KnowBe4 wrote them. An object in place of a list is handed on as it
 * came: not every path that looks like a list is one.
 * @throws ForeknowError `remote_invalid`, `incomplete_read`
 */
export function wrapRows(answer: RawAnswer, place: Place): Uint8Array {
  const rows = parsed(answer);
  return Array.isArray(rows) ? envelope(answer.body, rows, placeAfter(place, rows, saidOf(answer))) : answer.body;
}

/** The same of the User Event API, which has an envelope of its own; without a word about pages in it, the rows have to tell. */
export function wrapEvents(answer: RawAnswer, place: Place): Uint8Array {
  const { data, meta } = (parsed(answer) ?? {}) as { data?: unknown; meta?: { next_page?: unknown } | null };
  if (!Array.isArray(data)) return answer.body;
  const next = meta?.next_page;
  const after: Place | null =
    typeof next === 'number'
      ? { at: { mode: 'page', page: next }, perPage: place.perPage, before: null }
      : placeAfter(place, data, next === undefined ? 'nothing' : 'end');
  return envelope(Buffer.from(JSON.stringify(data)), data, after);
}

/** The end of a list, told by an answer that has no rows of its own. */
export const emptyEnvelope = (): Uint8Array => envelope(Buffer.from('[]'), [], null);

/** Whether an answer names a place to go on from. */
export const namesNext = (answer: RawAnswer): boolean => typeof saidOf(answer) === 'object';

function envelope(rows: Uint8Array, list: readonly unknown[], next: Place | null): Uint8Array {
  const rest = { next_cursor: next === null ? null : writeCursor(next), prev_cursor: null, result_count: list.length };
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
    throw new ForeknowError('remote_invalid', {
      detail: 'KnowBe4 answered with JSON that is cut or damaged.',
      hint: 'Try again; if it stays, check that no proxy on the way changes the answers.',
      remote: { status: answer.status, requestId: answer.headers.get('x-request-id'), body: null },
    });
  }
}
