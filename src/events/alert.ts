import type { Instant } from '../wire/records.ts';

/**
 * What an operator should look at. `stream_stale` (subject: the stream), `token_refused`, `budget_low` and
 * `budget_eaten_by_others` (subject empty), `deliveries_dead` (subject: the endpoint), `steps_late` (subject: the plan), `campaign_silent`
 * (subject: the campaign and the group).
 */
export const alertKinds = [
  'stream_stale',
  'token_refused',
  'budget_low',
  'budget_eaten_by_others',
  'deliveries_dead',
  'steps_late',
  'campaign_silent',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** One state of affairs, from the look that found it to the one that found it over. */
export type Alert = {
  /** `alr_` and 16 random characters. */
  readonly id: string;
  readonly connectionId: string;
  readonly kind: AlertKind;
  readonly subject: string;
  /** One sentence, as it was when it was opened. */
  readonly detail: string;
  readonly openedAt: Instant;
  /** Null while it lasts. */
  readonly closedAt: Instant | null;
  readonly mailedAt: Instant | null;
};
