export type Retry = 'soon' | 'later' | 'never';

export type CatalogEntry = {
  /** HTTP status of our doors. */
  readonly status: number;
  readonly title: string;
  readonly retry: Retry;
};

const entry = (status: number, retry: Retry, title: string): CatalogEntry => ({ status, retry, title });

/** Every code this project can throw. `docs/errors.md` has a section for each. */
export const errorCatalog = {
  // What the caller sent
  invalid_request: entry(400, 'never', 'The request is not valid'),
  invalid_cursor: entry(400, 'never', 'The cursor is not valid'),
  cursor_expired: entry(410, 'never', 'What follows the cursor is not kept any more'),
  unauthenticated: entry(401, 'never', 'The token is missing or not valid'),
  scope_missing: entry(403, 'never', 'The token lacks a scope'),
  field_hidden: entry(403, 'never', 'The token’s field policy hides this'),
  token_kind_not_allowed: entry(403, 'never', 'This kind of token cannot be used here'),
  connection_not_allowed: entry(403, 'never', 'The token does not reach this connection'),
  origin_not_allowed: entry(403, 'never', 'Pages of another origin cannot use this address'),
  writes_not_enabled: entry(403, 'never', 'Changes are not enabled'),
  not_sent_on: entry(403, 'never', 'The proxy does not send this on'),
  not_found: entry(404, 'never', 'Nothing is there'),
  method_not_allowed: entry(405, 'never', 'The method is not allowed here'),
  conflict: entry(409, 'never', 'The request conflicts with what is there'),
  idempotency_key_reused: entry(422, 'never', 'The key came with another call before'),
  payload_too_large: entry(413, 'never', 'The body is too large'),
  link_invalid: entry(404, 'never', 'The link or code is not valid'),
  link_expired: entry(410, 'never', 'The link has expired'),
  link_used: entry(409, 'never', 'The link was used already'),
  link_revoked: entry(410, 'never', 'The link was withdrawn'),
  too_many_attempts: entry(429, 'later', 'Too many attempts'),
  rate_limited: entry(429, 'soon', 'Too many requests'),
  internal: entry(500, 'soon', 'Something broke on our side'),
  unavailable: entry(503, 'soon', 'Not ready'),
  // The connection
  connection_paused: entry(409, 'never', 'The connection is paused'),
  connection_unauthorized: entry(401, 'never', 'KnowBe4 refused the token'),
  connection_forbidden: entry(403, 'never', 'KnowBe4 does not allow this'),
  wrong_region: entry(422, 'never', 'The token belongs to another region'),
  wrong_product: entry(422, 'never', 'The token belongs to another product'),
  different_account: entry(409, 'never', 'The token belongs to another account'),
  host_not_allowed: entry(422, 'never', 'The address is not allowed'),
  // KnowBe4
  remote_not_found: entry(404, 'never', 'KnowBe4 has no such record'),
  remote_rate_limited: entry(429, 'soon', 'KnowBe4 asks to slow down'),
  quota_exhausted: entry(429, 'later', 'The request budget of the day is spent'),
  remote_rejected: entry(502, 'never', 'KnowBe4 refused the request'),
  remote_unavailable: entry(502, 'soon', 'KnowBe4 did not answer properly'),
  remote_maintenance: entry(503, 'later', 'KnowBe4 is in maintenance'),
  remote_invalid: entry(502, 'soon', 'KnowBe4 answered something that cannot be read'),
  incomplete_read: entry(502, 'soon', 'The read was not complete'),
  aborted: entry(499, 'never', 'The call was cancelled'),
  // Provisioning and the people who approve
  observe_mode: entry(403, 'never', 'The connection is only observed'),
  scim_not_adopted: entry(403, 'never', 'KnowBe4’s SCIM store has not been taken over yet'),
  foreign_owner: entry(403, 'never', 'The users belong to another provisioner'),
  provisioning_halted: entry(409, 'never', 'Provisioning is paused, stopped or frozen'),
  approval_needed: entry(409, 'never', 'The plan is not approved'),
  second_person_needed: entry(403, 'never', 'Another person has to approve'),
  plan_stale: entry(409, 'never', 'The plan is not what it was'),
  plan_blocked: entry(409, 'never', 'A guard blocks the plan'),
  plan_closed: entry(409, 'never', 'The plan is not open any more'),
  steps_incomplete: entry(422, 'never', 'The chosen steps need others'),
  group_not_writable: entry(422, 'never', 'Members of this group cannot be set'),
  field_not_writable: entry(422, 'never', 'This field cannot be set'),
  person_protected: entry(403, 'never', 'This person is protected'),
  operator_refused: entry(401, 'never', 'Name, secret or code is wrong'),
  terminal_needed: entry(403, 'never', 'A person has to answer on a terminal'),
  // Sources of people
  source_unreachable: entry(502, 'soon', 'The source did not answer properly'),
  source_unauthorized: entry(502, 'never', 'The source refused the credentials'),
  source_rejected: entry(502, 'never', 'The source refused the request'),
  source_invalid: entry(502, 'never', 'The source gave something that cannot be read'),
  rules_invalid: entry(422, 'never', 'The rule file is not valid'),
  // The machine and the operator
  config_invalid: entry(500, 'never', 'The configuration is not valid'),
  store_locked: entry(503, 'never', 'Another server holds this data folder'),
  store_newer: entry(500, 'never', 'The store was written by a newer version'),
  store_failed: entry(503, 'soon', 'The store could not be read or written'),
  key_missing: entry(500, 'never', 'No key opens this secret'),
} as const satisfies Record<string, CatalogEntry>;

export type ErrorCode = keyof typeof errorCatalog;
