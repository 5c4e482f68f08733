import type { Instant, RecordStream } from '../wire/records.ts';

/** A row as it is kept. */
export type KeptRow = {
  readonly key: string;
  /** The raw object as JSON text. */
  readonly raw: string;
  readonly firstSeenAt: Instant;
  readonly deletedAt: Instant | null;
};

/** Which live rows of a stream are wanted, in the order of their keys. */
export type RowsWanted = {
  readonly connectionId: string;
  readonly stream: RecordStream;
  /** Keys from the first on, up to the second and without it. */
  readonly keys?: { readonly from: string; readonly to: string };
  /** Only rows behind this key; null: from the beginning. */
  readonly after: string | null;
  readonly offset: number;
  readonly limit: number;
  /** Of people and groups. */
  readonly status?: string;
  /** Of people: who is in this group. */
  readonly groupId?: string;
  /** Of security tests: those of this campaign. */
  readonly campaignKey?: string;
  /** Of enrollments: those of this person. */
  readonly userId?: string;
};

/** Reads of the mirror for answers in the shapes of KnowBe4. */
export type ReportingStore = {
  /** End of the last complete read of a scope (`all`, `type:email`, `test:KEY`); null: it was never read to its end. */
  completeAt(connectionId: string, stream: RecordStream, scope: string): Promise<Instant | null>;
  keptRows(wanted: RowsWanted): Promise<readonly KeptRow[]>;
  /** Deleted ones too; null: it was never seen. */
  keptRow(connectionId: string, stream: RecordStream, key: string): Promise<KeptRow | null>;
  /**
   * Who was ever enrolled in each of these training campaigns, by the ids of campaigns and people; those who were removed from it too.
   * @returns null while enrollments were never read to their end, or where KnowBe4 does not tell their campaigns' ids
   */
  everEnrolled(
    connectionId: string,
    campaignIds: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlySet<string>> | null>;
  /** Live people among the ids, in any order. */
  keptPeople(connectionId: string, ids: readonly string[]): Promise<readonly KeptRow[]>;
};
