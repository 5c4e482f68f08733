import type { RiskPoint, SecurityTestRecord, TrainingCampaignRecord } from '../wire/records.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import type { DirectoryStore, Slice } from './ports.ts';
import { readRow } from './rows.ts';

/** A part of a list with how long all of it is, and how fresh. */
export type Part<Row> = {
  readonly rows: readonly Row[];
  readonly total: number;
  /** End of the last complete pass; null before the first. */
  readonly asOf: string | null;
};

/** Enrollments by their state, as KnowBe4 writes it; `Unknown` where it says none. */
export type Progress = Readonly<Record<string, number>>;

type Deps = { readonly store: DirectoryStore };

/** Training campaigns of a connection, the last begun first, with how far their people are. */
export const listTrainingCampaigns =
  ({ store }: Deps) =>
  async (
    connectionId: string,
    slice: Slice,
  ): Promise<Part<{ readonly campaign: TrainingCampaignRecord; readonly progress: Progress }>> => {
    const { completeAt } = await store.stamp(connectionId);
    const { rows, total } = await store.trainingCampaigns(connectionId, slice);
    const campaigns = rows.map((row) => readRow(row, recordReaders.training_campaigns).record);
    const counts = await store.enrollmentCounts(
      connectionId,
      campaigns.map(({ id }) => id),
    );
    const progressOf = (id: string): Progress =>
      Object.fromEntries(
        counts
          .filter(({ campaignId }) => campaignId === id)
          .map(({ status, count }) => [status ?? 'Unknown', count] as const),
      );
    return {
      rows: campaigns.map((campaign) => ({ campaign, progress: progressOf(campaign.id) })),
      total,
      asOf: completeAt.enrollments ?? null,
    };
  };

/** Phishing tests of a connection, the last begun first. The key is what filters of people take. */
export const listSecurityTests =
  ({ store }: Deps) =>
  async (
    connectionId: string,
    slice: Slice,
  ): Promise<Part<{ readonly key: string; readonly test: SecurityTestRecord }>> => {
    const { completeAt } = await store.stamp(connectionId);
    const { rows, total } = await store.securityTests(connectionId, slice);
    return {
      rows: rows.map((row) => {
        const context = { campaignType: row.key.startsWith('callback:') ? ('callback' as const) : ('email' as const) };
        return { key: row.key, test: readRow(row, recordReaders.security_tests, context).record };
      }),
      total,
      asOf: completeAt.security_tests ?? null,
    };
  };

/** Risk points that are kept, oldest first. @param id of the person or group; of the account the connection’s */
export const riskHistory =
  ({ store }: Deps) =>
  (connectionId: string, subject: 'account' | 'user' | 'group', id: string): Promise<readonly RiskPoint[]> =>
    store.riskPoints(connectionId, subject, id);
