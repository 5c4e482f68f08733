import type { ErrorCode } from '../errors/catalog.ts';

/** What the process ends with. */
export const exitCodes = {
  done: 0,
  failed: 1,
  steps: 2,
  waiting: 3,
  blocked: 4,
  usage: 64,
  remote: 69,
  parked: 75,
  notAllowed: 77,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const { failed, usage, remote, parked, notAllowed } = exitCodes;

/** The exit code of every error the project can throw. */
const exitCodeOf: Readonly<Record<ErrorCode, ExitCode>> = {
  invalid_request: usage,
  invalid_cursor: usage,
  cursor_expired: failed,
  unauthenticated: notAllowed,
  scope_missing: notAllowed,
  field_hidden: notAllowed,
  token_kind_not_allowed: notAllowed,
  connection_not_allowed: notAllowed,
  origin_not_allowed: notAllowed,
  writes_not_enabled: notAllowed,
  not_sent_on: notAllowed,
  not_found: failed,
  method_not_allowed: failed,
  conflict: failed,
  idempotency_key_reused: usage,
  payload_too_large: failed,
  link_invalid: failed,
  link_expired: failed,
  link_used: failed,
  link_revoked: failed,
  too_many_attempts: parked,
  rate_limited: parked,
  internal: failed,
  unavailable: failed,
  connection_paused: failed,
  connection_unauthorized: remote,
  connection_forbidden: remote,
  wrong_region: remote,
  wrong_product: remote,
  different_account: failed,
  host_not_allowed: notAllowed,
  remote_not_found: remote,
  remote_rate_limited: parked,
  quota_exhausted: parked,
  remote_rejected: remote,
  remote_unavailable: remote,
  remote_maintenance: remote,
  remote_invalid: remote,
  incomplete_read: remote,
  source_unreachable: remote,
  source_unauthorized: notAllowed,
  source_rejected: failed,
  source_invalid: failed,
  aborted: failed,
  observe_mode: notAllowed,
  scim_not_adopted: notAllowed,
  foreign_owner: notAllowed,
  second_person_needed: notAllowed,
  person_protected: notAllowed,
  operator_refused: notAllowed,
  terminal_needed: notAllowed,
  approval_needed: notAllowed,
  steps_incomplete: usage,
  group_not_writable: usage,
  field_not_writable: usage,
  provisioning_halted: failed,
  plan_stale: failed,
  plan_blocked: failed,
  plan_closed: failed,
  rules_invalid: usage,
  config_invalid: usage,
  store_locked: failed,
  store_newer: failed,
  store_failed: failed,
  key_missing: failed,
};

/** @param code a code of the catalog, or one that a newer server knows and we do not */
export const exitCodeFor = (code: string): ExitCode =>
  Object.hasOwn(exitCodeOf, code) ? exitCodeOf[code as ErrorCode] : failed;

/** What help and docs/cli.md say about them. */
export const exitCodeWords: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.done, 'done'],
  [exitCodes.failed, 'failed'],
  [exitCodes.steps, 'a plan has steps, and none of them has to be approved'],
  [exitCodes.waiting, 'waiting: people have to approve first'],
  [exitCodes.blocked, 'a plan is blocked by a guard or an incomplete source'],
  [exitCodes.usage, 'the command was not understood'],
  [exitCodes.remote, 'KnowBe4 is unreachable or refuses'],
  [exitCodes.parked, 'parked: the request budget is spent, try later'],
  [exitCodes.notAllowed, 'not allowed'],
];
