import { ForeknowError } from '../../errors/errors.ts';
import type { Read } from '../../wire/records.ts';
import { isBadRow, type ReadContext, type RowReader } from '../../wire/reporting/read.ts';
import type { CallOptions, ListDeps } from '../read-list.ts';

/** What the endpoint groups are built on. */
export type ApiDeps = ListDeps;

export type Id = string | number;

/** History endpoints of single groups answer 500, some of them for good: two tries are enough to tell. */
export const HISTORY_TRIES = 2;

/** A flag that is only understood as the literal `true`; false is said by leaving it out. */
export const flag = (on: boolean | undefined): 'true' | undefined => (on ? 'true' : undefined);

/** An id as a path segment. */
export function segment(id: Id): string {
  if (/^\d+$/.test(String(id))) return String(id);
  throw new ForeknowError('invalid_request', { detail: 'Ids of KnowBe4 are whole numbers.', field: 'id' });
}

/**
 * Reads one record. Some details come as an array of one, which is unwrapped.
 * @throws ForeknowError `remote_not_found`; `remote_invalid` when the answer holds no such record
 */
export async function readOne<R>(
  api: ApiDeps,
  call: {
    readonly endpoint: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, string | undefined>>;
    readonly read: RowReader<R>;
    readonly context?: ReadContext;
  },
  options: CallOptions = {},
): Promise<Read<R>> {
  const { body } = await api.get({ ...call, query: call.query ?? {} }, options);
  if (Array.isArray(body) && body.length === 0) {
    throw new ForeknowError('remote_not_found', {
      detail: `KnowBe4 answered ${call.endpoint} with an empty list.`,
      hint: 'Ids and tokens are good in one region only: check the region.',
    });
  }
  const row = call.read(Array.isArray(body) && body.length === 1 ? body[0] : body, call.context);
  if (!isBadRow(row)) return row;
  throw new ForeknowError('remote_invalid', {
    detail: `KnowBe4 answered ${call.endpoint} with something that is no such record (${row.bad}).`,
  });
}
