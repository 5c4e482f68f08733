/** What a sync did, or in Test Mode would do, to one account, group or membership. */
export type ReportRow = {
  readonly action: 'ARCHIVED' | 'CHANGED' | 'CLAIMED' | 'CREATED' | 'DELETED' | 'UNARCHIVED';
  readonly type: 'USER' | 'GROUP' | 'MEMBERSHIP';
  readonly email?: string | null;
  readonly guid?: string | null;
  readonly group?: string | null;
  readonly manager?: string | null;
  readonly message?: string | null;
  /** Why it was not done. */
  readonly error?: string;
};

export type SyncReport = {
  readonly id: number;
  readonly source: 'ADI' | 'SCIM_V2';
  /** When the sync was asked for. ms */
  readonly at: number;
  /** When it is to run, or ran. ms */
  due: number;
  status: 'PENDING' | 'COMPLETED' | 'SKIPPED';
  testMode: boolean;
  rows: readonly ReportRow[];
  /** Figures without rows: of syncs before the world began, which are invented. */
  readonly invented?: { readonly users: Counted; readonly memberships: Counted };
};

export type Counted = { readonly [Action in Lowercase<ReportRow['action']>]?: number | undefined };

/** Counts of one kind of record as GraphQL shows them. */
export type Updates = Required<Counted> & { readonly errors: number; readonly success: number };

export function updatesOf(report: SyncReport, type: ReportRow['type']): Updates {
  if (report.invented) {
    return updates(type === 'USER' ? report.invented.users : type === 'GROUP' ? {} : report.invented.memberships, 0);
  }
  const counts: Record<string, number> = {};
  let errors = 0;
  for (const row of report.rows) {
    if (row.type !== type) continue;
    if (row.error !== undefined) errors += 1;
    else counts[row.action.toLowerCase()] = (counts[row.action.toLowerCase()] ?? 0) + 1;
  }
  return updates(counts, errors);
}

function updates(counts: Counted, errors: number): Updates {
  const { archived = 0, changed = 0, claimed = 0, created = 0, deleted = 0, unarchived = 0 } = counts;
  const success = archived + changed + claimed + created + deleted + unarchived;
  return { archived, changed, claimed, created, deleted, unarchived, errors, success };
}

/** In the second half of its wait a sync is at work. */
export const statusOf = (report: SyncReport, now: number): SyncReport['status'] | 'PROCESSING' =>
  report.status === 'PENDING' && now >= (report.at + report.due) / 2 && now > report.at ? 'PROCESSING' : report.status;
