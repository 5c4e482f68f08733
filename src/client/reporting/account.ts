import type { AccountRecord, Read, RiskPoint } from '../../wire/records.ts';
import { readAccount, readRiskPoint } from '../../wire/reporting/directory.ts';
import { type CallOptions, type ListOptions, type ListRead, readList } from '../read-list.ts';
import { type ApiDeps, flag, HISTORY_TRIES, readOne } from './api.ts';

/** `full`: everything there is; else the last six months. One point a day. */
export type HistoryFilter = { readonly full?: boolean };

export type AccountApi = {
  get(options?: CallOptions): Promise<Read<AccountRecord>>;
  riskScoreHistory(filter?: HistoryFilter, options?: ListOptions): ListRead<RiskPoint>;
};

export const accountApi = (api: ApiDeps): AccountApi => ({
  get: (options) => readOne(api, { endpoint: '/v1/account', path: '/v1/account', read: readAccount }, options),
  riskScoreHistory: (filter, options) =>
    readHistory(api, '/v1/account/risk_score_history', '/v1/account/risk_score_history', filter, options),
});

/** Histories come in pages or as a whole, depending on the version; both are read. */
export const readHistory = (
  api: ApiDeps,
  endpoint: string,
  path: string,
  filter: HistoryFilter = {},
  options?: ListOptions,
): ListRead<RiskPoint> =>
  readList(
    api,
    {
      endpoint,
      path,
      query: { full: flag(filter.full) },
      read: readRiskPoint,
      keyOf: (point) => point.date,
      mayBeWhole: true,
      tries: HISTORY_TRIES,
    },
    options,
  );
