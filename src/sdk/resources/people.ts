import type { CallOperation, Query } from '../call.ts';
import { cursorList } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** People with groups, roles, risk, training and phishing in one record. */
export const peopleOf = (call: CallOperation) => ({
  /** People who pass the filters: `{ overdue: true, department: 'Sales' }`. */
  list: (query: Omit<Query<'listPeople'>, 'next_cursor'> = {}, options?: CallOptions) =>
    cursorList((next_cursor) =>
      call('listPeople', { query: { ...query, ...(next_cursor !== undefined && { next_cursor }) } }, options),
    ),
  get: (id: string, query: Query<'getPerson'> = {}, options?: CallOptions) =>
    call('getPerson', { params: { id }, query }, options),
  /** A year of risk scores; one request to KnowBe4, then kept. */
  riskHistory: (id: string, query: Query<'getRiskHistory'> = {}, options?: CallOptions) =>
    call('getRiskHistory', { params: { id }, query }, options),
});
