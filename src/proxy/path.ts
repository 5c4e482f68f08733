import { ForeknowError } from '../errors/errors.ts';

/** A path that may be put behind a base address: it begins with a slash, or is empty, and leads nowhere else. */
export type SafePath = { readonly path: string; readonly segments: readonly string[] };

const MOST_SEGMENTS = 12;
/** KnowBe4's paths are words and ids; everything with a meaning of its own in an address is left out. */
const SEGMENT = /^[\w.~@+-]{1,200}$/;

/**
 * Reads a path as a caller wrote it, still encoded. One slash at its start and one at its end are forgiven.
 * @throws ForeknowError `invalid_request` for whatever could leave the place below the base: empty segments, dots, slashes,
 *   backslashes and percent signs in any encoding, control characters, whole addresses
 */
export function safePath(written: string): SafePath {
  const inner = written.replace(/^\//, '').replace(/\/$/, '');
  if (inner === '') return { path: '', segments: [] };
  const segments = inner.split('/').map(plain);
  if (segments.length > MOST_SEGMENTS) throw refused('It has too many parts');
  return { path: segments.map((segment) => `/${encodeURIComponent(segment)}`).join(''), segments };
}

function plain(segment: string): string {
  const text = decoded(segment);
  if (text === null || !SEGMENT.test(text) || /^\.+$/.test(text)) {
    throw refused('It holds a part that is empty, leads elsewhere, or has characters that no path of KnowBe4 has');
  }
  return text;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

const refused = (why: string): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `The path is not sent on. ${why}.`,
    hint: 'Write it as in the guide of the API, for instance users/12345 or phishing/security_tests.',
    field: 'path',
  });

/** Numbers, and the UUIDs of user events: what follows a list and names one of it. */
export const isId = (segment: string): boolean =>
  /^\d+$/.test(segment) || /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(segment);

const eventLists = new Set(['events', 'event_types', 'statuses']);

/** Of the User Event API: nothing, or an id, is about events; the other lists are named. */
export function eventsPath(written: string): SafePath {
  const inner = safePath(written);
  return eventLists.has(inner.segments[0] ?? '') ? inner : safePath(`/events${inner.path}`);
}
