import type { ListOptions, ListRead } from '../client/read-list.ts';
import type { CompletenessProof } from '../wire/proof.ts';
import type { RiskPoint } from '../wire/records.ts';
import type { SyncEnvironment } from './environment.ts';
import type { RiskPointWrite } from './ports.ts';

type Reader = Pick<SyncEnvironment, 'store' | 'client' | 'connectionId' | 'kind' | 'signal'>;

/**
 * KnowBe4's own history of one person, read when somebody asks for it and kept: one request for six months or all of it.
 * @returns the points in the order of their days
 * @throws ForeknowError `remote_not_found` when KnowBe4 has no such person, and everything a read can throw
 */
export async function fetchRiskHistory(
  environment: Omit<Reader, 'kind'>,
  userId: string,
  { full = true }: { readonly full?: boolean } = {},
): Promise<readonly RiskPoint[]> {
  const reader: Reader = { ...environment, kind: 'interactive' };
  const list = reader.client.users.riskScoreHistory(userId, { full }, optionsOf(reader));
  const points = await keep(reader, list, 'user', userId);
  return points.toSorted((a, b) => (a.date < b.date ? -1 : 1));
}

/** The account's history: a point a day. Read in whole the first time, then the last six months. */
export async function readAccountHistory(
  reader: Reader,
  { full }: { readonly full: boolean },
): Promise<{ readonly points: number; readonly proof: CompletenessProof; readonly error: unknown }> {
  const list = reader.client.account.riskScoreHistory({ full }, optionsOf(reader));
  try {
    const points = await keep(reader, list, 'account', 'account');
    return { points: points.length, proof: list.proof(), error: null };
  } catch (error) {
    return { points: 0, proof: list.proof(), error };
  }
}

const optionsOf = ({ kind, signal }: Reader): ListOptions => ({ kind, ...(signal === undefined ? {} : { signal }) });

/** A point a day for some years: a few thousand at most, so they may be held at once. */
async function keep(
  { store, connectionId }: Reader,
  list: ListRead<RiskPoint>,
  subject: RiskPointWrite['subject'],
  id: string,
): Promise<RiskPoint[]> {
  const points: RiskPoint[] = [];
  for await (const page of list.pages()) {
    const records = page.rows.map((row) => row.record);
    await store.saveRiskPoints(
      connectionId,
      records.map((record) => ({ subject, id, ...record })),
    );
    points.push(...records);
  }
  return points;
}
