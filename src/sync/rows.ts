import type { CampaignType, RawRecord, RecordOf, RecordStream } from '../wire/records.ts';
import { isBadRow, type ReadContext, type RowReader } from '../wire/reporting/read.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import type { Scope } from './ports.ts';
import { testKey } from './streams.ts';

export type AnyRecord = RecordOf[RecordStream];

/** Which part of its stream a row belongs to: absence is judged there. Rows that do not say are in the pass's own scope. */
export function scopeOf(stream: RecordStream, record: AnyRecord, passScope: Scope): Scope {
  if (stream === 'enrollments') {
    const { campaignId } = record as RecordOf['enrollments'];
    return campaignId === null ? passScope : `campaign:${campaignId}`;
  }
  if (stream === 'recipients') {
    const { campaignType, testId } = record as RecordOf['recipients'];
    return `test:${testKey(campaignType, testId)}`;
  }
  if (stream === 'phishing_campaigns' || stream === 'security_tests') {
    return `type:${(record as { campaignType: CampaignType }).campaignType}`;
  }
  return 'all';
}

/** Reads a stored row again. Its key says what the row itself does not. */
export function readStored(stream: RecordStream, key: string, raw: RawRecord): AnyRecord {
  const read = (recordReaders[stream] as RowReader<AnyRecord>)(raw, contextOf(stream, key));
  if (isBadRow(read)) throw new TypeError(`the stored row ${key} of ${stream} cannot be read (${read.bad})`);
  return read.record;
}

function contextOf(stream: RecordStream, key: string): ReadContext {
  const campaignType = key.startsWith('callback:') ? 'callback' : 'email';
  if (stream !== 'recipients') return { campaignType };
  return { campaignType, testId: key.slice(campaignType === 'callback' ? 'callback:'.length : 0, key.indexOf('/')) };
}

const clientKeys = ['ip', 'ip_location', 'browser', 'browser_version', 'os'] as const;

/** A recipient without the address, the place, the browser and the system they used. */
export function withoutClient(raw: RawRecord): RawRecord {
  const kept = { ...raw };
  for (const key of clientKeys) delete kept[key];
  return kept;
}

/** The account without the admins that `isLeftOut` names. */
export function withoutAdmins(raw: RawRecord, isLeftOut: (userId: string) => boolean): RawRecord {
  if (!Array.isArray(raw.admins)) return raw;
  return { ...raw, admins: raw.admins.filter((admin) => !isLeftOut(String((admin as { id?: unknown } | null)?.id))) };
}
