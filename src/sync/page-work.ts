import type { Day, Instant, RawRecord, Read, RecordStream } from '../wire/records.ts';
import { created, differences, membershipsOf } from './diff.ts';
import { recordDigest, seenDigest } from './digest.ts';
import type { SyncEnvironment } from './environment.ts';
import type { NewChange, PageCommit, RiskPointWrite, RowWrite, Scope, StoredHead, StoredRow } from './ports.ts';
import { withRiskNotices } from './risk-notices.ts';
import { type AnyRecord, readStored, scopeOf, withoutAdmins, withoutClient } from './rows.ts';
import { recordKey } from './streams.ts';

/** A row of a page with what it is known by. */
export type KeyedRow = Read<AnyRecord> & { readonly key: string; readonly seenDigest: string };

export type PageContext = {
  readonly stream: RecordStream;
  readonly scope: Scope;
  readonly at: Instant;
  /** The day that scores seen now belong to. */
  readonly today: Day;
  /** The stream has no baseline yet: rows are written, changes are not. */
  readonly baseline: boolean;
  readonly dropRecipientClient: boolean;
  readonly isErased?: SyncEnvironment['isErased'];
  readonly riskRules?: SyncEnvironment['riskRules'];
};

export type PageWork = Pick<
  PageCommit,
  'rows' | 'changes' | 'membershipsAdded' | 'membershipsRemoved' | 'riskPoints' | 'seenKeys'
>;

/** Keys and digests of a page's rows, to be compared with the stored heads. Rows about erased people are left out. */
export function keyed(context: PageContext, rows: readonly Read<AnyRecord>[]): KeyedRow[] {
  const { stream, isErased } = context;
  const kept = isErased === undefined ? rows : rows.filter((row) => !isAbout(stream, row.record, isErased));
  return kept.map((row) => {
    const key = recordKey(stream, row.record as never);
    const raw = trimmed(context, row.raw);
    const record = raw === row.raw ? row.record : readStored(stream, key, raw);
    return { record, raw, key, seenDigest: seenDigest(stream, raw) };
  });
}

/** The rows that differ from what is stored, or are not there, or come back. */
export function moved(rows: readonly KeyedRow[], heads: readonly StoredHead[]): KeyedRow[] {
  const known = new Map(heads.map((head) => [head.key, head]));
  return rows.filter((row) => {
    const head = known.get(row.key);
    return head === undefined || head.deletedAt !== null || head.seenDigest !== row.seenDigest;
  });
}

/** What one page writes. `stored` holds the stored rows among the moved ones. */
export function pageWork(
  context: PageContext,
  page: readonly KeyedRow[],
  movedRows: readonly KeyedRow[],
  stored: readonly StoredRow[],
): PageWork {
  const before = new Map(stored.map((row) => [row.key, row]));
  const results = movedRows.map((row) => rowWork(context, row, before.get(row.key)));
  const changes = results.flatMap((result) => result.changes);
  return {
    rows: results.map((result) => result.row),
    changes: context.baseline ? [] : changes,
    seenKeys: page.map((row) => row.key),
    membershipsAdded: membershipsOf(changes, 'added'),
    membershipsRemoved: membershipsOf(changes, 'removed'),
    riskPoints: results.flatMap((result) => result.riskPoint ?? []),
  };
}

type RowResult = {
  readonly row: RowWrite;
  readonly changes: readonly NewChange[];
  readonly riskPoint: RiskPointWrite | null;
};

function rowWork(context: PageContext, row: KeyedRow, stored: StoredRow | undefined): RowResult {
  const { stream, at } = context;
  const { key } = row;
  const isBack = stored !== undefined && stored.deletedAt !== null;
  const known = stored === undefined || isBack ? null : trimmed(context, stored.raw);
  // A key that an answer leaves out keeps its old value.
  const raw = known === null ? row.raw : { ...known, ...row.raw };
  const before = known === null ? null : readStored(stream, key, known);
  const record = known === null ? row.record : readStored(stream, key, raw);
  const found =
    before === null ? created({ stream, key, at }, record) : differences({ stream, key, at }, before, record);
  const rules = context.baseline ? undefined : context.riskRules;
  const { changes, told } = withRiskNotices(found, rules, before === null ? null : (stored?.riskTold ?? null));
  return {
    row: {
      key,
      scope: scopeOf(stream, record, context.scope),
      raw,
      record,
      digest: recordDigest(record),
      seenDigest: row.seenDigest,
      changed: !context.baseline && changes.length > 0,
      riskTold: told,
    },
    changes,
    riskPoint: riskPointOf(context, key, before, record),
  };
}

const scored: { readonly [S in RecordStream]?: RiskPointWrite['subject'] } = {
  account: 'account',
  users: 'user',
  groups: 'group',
};

/** A point when the score moved or was seen for the first time. */
function riskPointOf(
  context: PageContext,
  key: string,
  before: AnyRecord | null,
  record: AnyRecord,
): RiskPointWrite | null {
  const subject = scored[context.stream];
  const { riskScore } = record as { riskScore?: number | null };
  if (subject === undefined || riskScore === undefined || riskScore === null) return null;
  if (before !== null && (before as { riskScore?: number | null }).riskScore === riskScore) return null;
  return { subject, id: key, date: context.today, riskScore };
}

function isAbout(stream: RecordStream, record: AnyRecord, isPerson: (userId: string) => boolean): boolean {
  const { id, user } = record as { id?: string; user?: { id: string | null } | null };
  const userId = stream === 'users' ? id : user?.id;
  return userId !== undefined && userId !== null && isPerson(userId);
}

/** A raw row without what is not to be kept of it. */
function trimmed({ stream, dropRecipientClient, isErased }: PageContext, raw: RawRecord): RawRecord {
  if (stream === 'account' && isErased !== undefined) return withoutAdmins(raw, isErased);
  return dropRecipientClient && stream === 'recipients' ? withoutClient(raw) : raw;
}
