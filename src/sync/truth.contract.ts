/** Comparing a mirror with the emulated truth; knows no test runner. */
import type { GroundTruth } from '../emulator/index.ts';
import type { RawRecord, RecordStream } from '../wire/records.ts';
import { isBadRow, isObject, type ReadContext, type RowReader } from '../wire/reporting/read.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { recordDigest } from './digest.ts';
import type { Mirror } from './replay.ts';
import { type AnyRecord, readStored } from './rows.ts';
import { recordKey } from './streams.ts';

export const streamsOfTruth: readonly RecordStream[] = [
  'account',
  'groups',
  'users',
  'phishing_campaigns',
  'security_tests',
  'recipients',
  'training_campaigns',
  'store_purchases',
  'policies',
  'enrollments',
];

/** Rows whose content is not the truth's. A key that KnowBe4 did not send is not compared. */
export function differingRows(
  stream: RecordStream,
  mirrored: ReadonlyMap<string, RawRecord>,
  expected: ReadonlyMap<string, TruthRow>,
): { readonly key: string; readonly have: AnyRecord; readonly wanted: AnyRecord }[] {
  return [...mirrored].flatMap(([key, raw]) => {
    const truth = expected.get(key);
    if (truth === undefined) return [];
    const wanted = readAs(stream, restricted(spelledAlike(truth.raw, raw), raw), truth.context);
    const have = readStored(stream, key, raw);
    return recordDigest(have) === recordDigest(wanted) ? [] : [{ key, have, wanted }];
  });
}

/**
 * Some answers have a word for a policy's status where others have a number, and the score of an enrollment comes only in the
 * list of its campaign: the truth knows the one way and not the other.
 */
function spelledAlike(truth: RawRecord, mirrored: RawRecord): RawRecord {
  if ('policy_id' in truth && typeof truth.status !== typeof mirrored.status) {
    return { ...truth, status: mirrored.status };
  }
  return 'enrollment_id' in truth && 'score' in mirrored ? { ...truth, score: mirrored.score } : truth;
}

export type TruthRow = { readonly raw: RawRecord; readonly context: ReadContext };

/** What the mirror's stream is to hold, by key. */
export function truthOf(truth: GroundTruth, stream: RecordStream): Map<string, TruthRow> {
  const of = (rows: readonly unknown[], context: ReadContext): TruthRow[] =>
    rows.map((raw) => ({ raw: raw as RawRecord, context }));
  const both = (email: readonly unknown[], callback: readonly unknown[]) => [
    ...of(email, { campaignType: 'email' }),
    ...of(callback, { campaignType: 'callback' }),
  ];
  const rows: { readonly [S in RecordStream]: () => TruthRow[] } = {
    account: () => of([truth.account], {}),
    users: () => of(truth.users, {}),
    groups: () => of(truth.groups, {}),
    phishing_campaigns: () => both(truth.phishing_campaigns, truth.callback_campaigns),
    security_tests: () => both(truth.security_tests, truth.callback_tests),
    recipients: () => both(truth.recipients, truth.callback_recipients),
    training_campaigns: () => of(truth.training_campaigns, {}),
    enrollments: () => of(truth.enrollments, {}),
    store_purchases: () => of(truth.store_purchases, {}),
    policies: () => of(truth.policies, {}),
  };
  return new Map(rows[stream]().map((row) => [recordKey(stream, readAs(stream, row.raw, row.context) as never), row]));
}

function readAs(stream: RecordStream, raw: RawRecord, context: ReadContext): AnyRecord {
  const read = (recordReaders[stream] as RowReader<AnyRecord>)(raw, context);
  if (isBadRow(read)) throw new Error(`the truth of ${stream} cannot be read`);
  return read.record;
}

/** The truth with only the keys that the mirror has; inside lists of objects place by place. */
function restricted(truth: RawRecord, mirrored: RawRecord): RawRecord {
  const part = (whole: unknown, have: unknown): unknown => {
    if (Array.isArray(whole) && Array.isArray(have)) return whole.map((item, place) => part(item, have[place]));
    if (!isObject(whole) || !isObject(have)) return whole;
    return Object.fromEntries(
      Object.keys(have).flatMap((key) => (key in whole ? [[key, part(whole[key], have[key])]] : [])),
    );
  };
  return part(truth, mirrored) as RawRecord;
}

/** Digests by stream and key: what two mirrors are compared by. */
export const digestsOf = (mirror: Mirror): Record<string, Record<string, string>> =>
  Object.fromEntries(
    [...mirror]
      .filter(([, rows]) => rows.size > 0)
      .map(([stream, rows]) => [
        stream,
        Object.fromEntries(
          [...rows].map(([key, record]) => [key, recordDigest(record as unknown as AnyRecord)]).toSorted(),
        ),
      ]),
  );
