import { hash } from 'node:crypto';
import type { RawRecord, RecordStream } from '../wire/records.ts';
import { isObject } from '../wire/reporting/read.ts';
import type { AnyRecord } from './rows.ts';

/** 132 bits: enough to tell rows apart, short enough to be kept for each. */
const DIGEST_LENGTH = 22;

const digestOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);

const namesPeople = (stream: RecordStream): boolean => stream === 'enrollments' || stream === 'recipients';

/**
 * Digest of a row as it came: equal means that there is nothing to do. The person inside an enrollment or a recipient counts
 * by id alone, so that one rename does not touch rows that were closed long ago.
 */
export function seenDigest(stream: RecordStream, raw: RawRecord): string {
  if (!namesPeople(stream) || !isObject(raw.user)) return digestOf(JSON.stringify(raw));
  return digestOf(JSON.stringify({ ...raw, user: raw.user.id }));
}

/**
 * Digest of a record: two mirrors of one account are equal when their keys and digests are. Readers build the keys of a
 * record in one order, so its JSON is canonical; lists that are sets are sorted.
 */
export const recordDigest = (record: AnyRecord): string => digestOf(JSON.stringify(comparable(record)));

/** The record with what does not count taken out: embedded people are their id, group ids have no order. */
function comparable(record: AnyRecord): unknown {
  const { user, groupIds } = record as { user?: { id: string | null } | null; groupIds?: readonly string[] | null };
  if (user !== undefined) return { ...record, user: user?.id ?? null };
  if (groupIds) return { ...record, groupIds: groupIds.toSorted() };
  return record;
}
