/** What a change of the log is about. */
export type ChangeSubject =
  | 'account'
  | 'user'
  | 'group'
  | 'phishing_campaign'
  | 'security_test'
  | 'recipient'
  | 'training_campaign'
  | 'enrollment'
  | 'store_purchase'
  | 'policy';

/** What happened to a connection itself; these stand in the stream `connection` of the log. */
export type ConnectionChangeKind = `connection.${
  | 'created'
  | 'removed'
  | 'updated'
  | 'reconnected'
  | 'paused'
  | 'resumed'
  | 'token_refused'
  | 'token_restored'
  | 'stale'
  | 'fresh_again'
  | 'hold_opened'
  | 'hold_decided'
  | 'sync_failed'
  | 'budget_low'
  | 'budget_eaten_by_others'
  | 'budget_recovered'
  | 'deliveries_dead'
  | 'deliveries_recovered'
  | 'store_restored'}`;

/** What became of a run: written while a webhook endpoint asks for it by name. */
export type RunChangeKind = `run.${'queued' | 'started' | 'ended'}`;

/** What became of a plan of provisioning. */
export type PlanChangeKind = `plan.${'waiting' | 'approved' | 'rejected' | 'applied' | 'stopped' | 'visible' | 'late'}`;

/** How a read of a source of people ended, and who is kept out. These stand in the stream `source` of the log and belong to no connection. */
export type SourceChangeKind =
  | `source.read_${'completed' | 'incomplete' | 'quarantined' | 'accepted'}`
  | 'source.person_kept_out';

/** A score that passed a limit of the connection's settings, noted beside the change of the score itself. */
export type RiskNoticeKind = `${'user' | 'group' | 'account'}.${'risk_threshold_crossed' | 'risk_jumped'}`;

/**
 * Kinds of change. `<record>.updated` never holds measured values: these have kinds of their own.
 * `baseline` is one event for a stream's whole first pass.
 */
export type ChangeKind =
  | 'baseline'
  | `${ChangeSubject}.${'created' | 'updated' | 'deleted'}`
  | `${'user' | 'group'}.${'archived' | 'restored'}`
  | 'group.member_added'
  | 'group.member_removed'
  | 'user.risk_score_changed'
  | 'user.phish_prone_changed'
  | 'user.last_sign_in_changed'
  | 'group.risk_score_changed'
  | 'group.member_count_changed'
  | 'account.risk_score_changed'
  | RiskNoticeKind
  | ConnectionChangeKind
  | RunChangeKind
  | PlanChangeKind
  | SourceChangeKind
  | `endpoint.${'disabled' | 'enabled'}`;

export type ChangeFields = Readonly<Record<string, unknown>>;

/** One entry of the log, whatever wrote it. */
export type LoggedChange = {
  /** Position in the one ordered log of the store; grows, without meaning beyond order. */
  readonly seq: number;
  /** Empty: of none. */
  readonly connectionId: string;
  readonly kind: ChangeKind;
  readonly stream: string;
  /** Key of the record; for membership changes the group's key. */
  readonly key: string;
  readonly at: string;
  /** Normalised fields: the whole record on `created`, the changed fields otherwise. */
  readonly current: ChangeFields | null;
  /** Old values of the changed fields; the whole record on `deleted`; null on `created`. */
  readonly previous: ChangeFields | null;
  /** Who and what it is about, in short, as they were called then; absent where the fields say so themselves. */
  readonly about?: ChangeFields | null;
};
