import { type ErrorCode, errorCatalog } from '../errors/catalog.ts';

type Entry = { readonly why: string; readonly todo: string };

/** Why each code is answered and what to do about it. `docs/errors.md` is made of this table and the catalog. */
const entries: Readonly<Record<ErrorCode, Entry>> = {
  invalid_request: {
    why: 'A parameter, the path or the body is missing, has the wrong form or an unknown name. `field` and `issues` say which.',
    todo: 'Correct the named field. `GET /api/v1/openapi.json` describes every parameter.',
  },
  invalid_cursor: {
    why: 'The cursor was changed on the way, cut, or belongs to another list, filter, order or connection.',
    todo: 'Send cursors back exactly as they came, with the same filters and order; start again without a cursor.',
  },
  cursor_expired: {
    why: 'The log of events was cut at its retention, and the cursor stands before that place: some events are lost to this reader.',
    todo: 'Read the directory again, then go on from the cursor that the hint names.',
  },
  unauthenticated: {
    why: 'The request carries no API token, or one that is unknown, expired or revoked. The answer is the same for all of these.',
    todo: 'Send `Authorization: Bearer fk_…`. Create a token with `foreknow keys create`.',
  },
  scope_missing: {
    why: 'The token is valid, but has no scope for this call. The answer names the scope.',
    todo: 'Create a token that has the scope; scopes of a token cannot be changed.',
  },
  field_hidden: {
    why: 'The token has a field policy, and the call filters, sorts or searches by a field that it hides, or asks for an answer in which nothing can be hidden.',
    todo: 'Ask by id, or use a token without this field policy.',
  },
  token_kind_not_allowed: {
    why: 'Account tokens reach the data of their connection alone (`/unified`, `/proxy`, `/custom`, `/v1` and `/integrated-account/me`), tokens for MCP only `/mcp`.',
    todo: 'Use an API token.',
  },
  connection_not_allowed: {
    why: 'The token is bound to other connections. Whether the named one exists is not told.',
    todo: 'Use a token that is bound to this connection, or to all.',
  },
  origin_not_allowed: {
    why: 'A browser sent the call for a page of another origin. Tools of agents are not for pages.',
    todo: 'Call from a program, or from a page of the gateway’s own origin.',
  },
  writes_not_enabled: {
    why: 'The call would change something at KnowBe4. Through the proxy that takes a switch of the operator and the scope `proxy.write`; other changes come with provisioning.',
    todo: 'Read, or ask the operator for `--proxy-writes` and a token with `proxy.write`.',
  },
  not_sent_on: {
    why: 'GraphQL that touches tokens, keys or webhooks of the account is never sent on, and neither is GraphQL or a User Events call of a token with a field policy: nothing could be hidden in the answer.',
    todo: 'Use KnowBe4’s console, or a token without a field policy.',
  },
  not_found: {
    why: 'There is no such address, or no record with this id in the mirror. Deleted records are hidden unless asked for.',
    todo: 'Check the id and the connection; a new record appears after the next sync.',
  },
  method_not_allowed: {
    why: 'The address exists, but not with this method. `Allow` lists the methods.',
    todo: 'Use an allowed method. The unified directory is read-only.',
  },
  conflict: {
    why: 'The call does not fit what is there: a name is taken, or a sync of this connection is running.',
    todo: 'Look at what is there, then change the call. The same call gives the same answer.',
  },
  idempotency_key_reused: {
    why: 'The `Idempotency-Key` came before with another query or body at the same address.',
    todo: 'Send a new key with every new call; the same key only with the same call.',
  },
  payload_too_large: {
    why: 'The body is larger than the address takes: 256 kB, 1 MB where providers push, 5 MB for rule files and lists of steps, 64 MB for files of people.',
    todo: 'Send less; `detail` says how much is taken.',
  },
  link_invalid: {
    why: 'No connect link has this secret, or no open one this code. Of a code the answer is the same for one that is wrong, used, withdrawn or expired.',
    todo: 'Copy the link or the code again from the mail; ask whoever sent it for a new one.',
  },
  link_expired: {
    why: 'The connect link was not used in time: link tokens live for 7 days, invitations for 72 hours.',
    todo: 'Ask whoever sent it for a new one.',
  },
  link_used: {
    why: 'A connect link makes one connection, and this one has made its own.',
    todo: 'Ask whoever sent it for a new one if the account is not connected.',
  },
  link_revoked: {
    why: 'The connect link was withdrawn, or the token that it was made with has ended, or its connection was removed.',
    todo: 'Ask whoever sent it for a new one.',
  },
  too_many_attempts: {
    why: 'Too many wrong codes came from this network or from everywhere, or too many keys were tried with one link, in the last hour.',
    todo: 'Wait as long as `Retry-After` says. The link in the mail works without the code.',
  },
  rate_limited: {
    why: 'The token, or the address without a valid token, made too many requests.',
    todo: 'Wait as long as `Retry-After` says. Calls that make KnowBe4 answer are limited much sooner than reads of the mirror.',
  },
  internal: {
    why: 'A fault of Foreknow itself.',
    todo: 'Try again. If it stays, look in the log for the `request_id` and report it.',
  },
  unavailable: {
    why: 'The server starts, stops or cannot read its store.',
    todo: 'Wait as long as `Retry-After` says.',
  },
  connection_paused: {
    why: 'Somebody paused the connection: nothing is sent to KnowBe4.',
    todo: 'Resume it with `foreknow connections resume NAME` or `POST /api/v1/connections/{id}/resume`.',
  },
  connection_unauthorized: {
    why: 'KnowBe4 refused the connection’s token: it was revoked or mistyped, or belongs to another region or product.',
    todo: 'Compare the region with the address of the console, then create a new Reporting API token there and replace the stored one.',
  },
  connection_forbidden: {
    why: 'KnowBe4 accepted the token but does not allow this read: the plan has no API access, or the API is switched off.',
    todo: 'Check the plan (Platinum or Diamond) and the API section of the account settings.',
  },
  wrong_region: {
    why: 'The token works, but in another region than the one that was given.',
    todo: 'Connect with the region that the answer names.',
  },
  wrong_product: {
    why: 'The token is not one of the Reporting API.',
    todo: 'Create a Reporting API token in the console: Account Settings, API.',
  },
  different_account: {
    why: 'The new token belongs to another KnowBe4 account than the connection.',
    todo: 'Use a token of the same account, or make a new connection.',
  },
  host_not_allowed: {
    why: 'An address other than KnowBe4’s own was given, and the operator does not allow it.',
    todo: 'Leave the address out, or let the operator allow base addresses.',
  },
  remote_not_found: {
    why: 'KnowBe4 itself says that the record does not exist.',
    todo: 'Sync the connection: the record was probably removed there.',
  },
  remote_rate_limited: {
    why: 'KnowBe4 asks to slow down, usually because another tool uses the same account.',
    todo: 'Wait as long as `Retry-After` says; lower the connection’s limits if it happens often.',
  },
  quota_exhausted: {
    why: 'The request budget of the rolling day is spent, or what is left is kept for interactive calls.',
    todo: 'Nothing: syncs go on by themselves when requests are free again. `Retry-After` says when.',
  },
  remote_rejected: {
    why: 'KnowBe4 refused a request as not valid.',
    todo: 'Report it: either a setting of the connection is odd or KnowBe4 changed its API.',
  },
  remote_unavailable: {
    why: 'KnowBe4 did not answer, or answered with an error of its own, after all retries.',
    todo: 'Try again in a minute; check the network, the proxy and status.knowbe4.com.',
  },
  remote_maintenance: { why: 'KnowBe4 says that it is in maintenance.', todo: 'Wait; syncs go on by themselves.' },
  remote_invalid: {
    why: 'The answer was not what the API documents: not JSON, cut, or of another shape.',
    todo: 'Check whether a proxy stands between; try again.',
  },
  incomplete_read: {
    why: 'A list could not be read to its end, so nothing may be concluded from what is absent in it.',
    todo: 'Nothing is lost: the next sync reads it again.',
  },
  aborted: { why: 'The caller or a shutdown cancelled the call.', todo: 'Call again.' },
  observe_mode: {
    why: 'The call would change something at KnowBe4, and the connection is in mode observe: plans are shown and nothing is written.',
    todo: 'Look at the plan, then set the mode of the connection to propose, or have it approved in the console of the gateway.',
  },
  scim_not_adopted: {
    why: 'KnowBe4 archives whoever is not in its SCIM store. Until everybody has been sent there while Test Mode was on, and the store is proven whole, nothing else is written.',
    todo: 'Turn on Test Mode in KnowBe4’s console and run `foreknow adopt`.',
  },
  foreign_owner: {
    why: 'KnowBe4 says that another provisioner looks after these users. Two of them would undo each other’s work, and could archive everybody.',
    todo: 'Switch the other one off, then say so: `foreknow adopt --owner-off`.',
  },
  provisioning_halted: {
    why: 'Somebody paused or stopped provisioning of this connection, or a freeze is on: nothing is written meanwhile.',
    todo: 'Wait for the end of the freeze, or let it go on with `foreknow provisioning resume`.',
  },
  approval_needed: {
    why: 'A plan is applied only once the people whom it needs have approved exactly this plan. API tokens and agents cannot.',
    todo: 'Let a person approve it: `foreknow approve PLAN`, or the page that the plan names.',
  },
  second_person_needed: {
    why: 'A guard tripped, or the rules ask for two people, and this person has approved already, or is the one who asked for the plan.',
    todo: 'Let somebody else look at it and approve.',
  },
  plan_stale: {
    why: 'The plan that is named is not the one that was seen: its digest differs, or rules, mapping, effects or guards have changed for the worse since.',
    todo: 'Look at the plan of now and decide about that one.',
  },
  plan_blocked: {
    why: 'A guard forbids the plan as a whole: a source shrank, say, or a field went blank for many people.',
    todo: 'Look at the guard in the plan and mend what it names; `foreknow sources accept READ` releases a read that is right after all.',
  },
  plan_closed: {
    why: 'The plan was applied, rejected or superseded, or has expired, and cannot be decided about any more.',
    todo: 'Look at the newest plan of the connection.',
  },
  steps_incomplete: {
    why: 'The chosen steps need others that are not among them: the group before its member, the person before their manager. The answer names them.',
    todo: 'Choose these too, or leave out what needs them.',
  },
  group_not_writable: {
    why: 'Members of console groups and smart groups are set in KnowBe4; provisioning reaches provisioning-managed groups alone.',
    todo: 'Use a provisioning-managed group, or change the group in KnowBe4’s console.',
  },
  field_not_writable: {
    why: 'SCIM does not carry this field, or it is worked out by KnowBe4.',
    todo: 'Leave it out, or change it in KnowBe4’s console.',
  },
  person_protected: {
    why: 'Admins of the console, and people whom the rules name as protected, are touched by no plan.',
    todo: 'Change them in KnowBe4’s console, or take them off the list in the rules.',
  },
  operator_refused: {
    why: 'The name, the secret or the one-time code is wrong, or the operator is disabled. The answer is the same for all of these.',
    todo: 'Try again; whoever looks after the gateway can set a new secret with `foreknow operators reset`.',
  },
  terminal_needed: {
    why: 'A secret of a person is only taken from a terminal, so that no program and no agent can answer for them.',
    todo: 'Run the command yourself in a terminal, or use the page that the plan names.',
  },
  source_unreachable: {
    why: 'A source of people could not be reached, its certificate did not hold, or the connection broke off. Nobody counts as gone because of it.',
    todo: 'Look at the address, the network and the certificate; `foreknow sources test NAME` says how far it gets. The next read comes by itself.',
  },
  source_unauthorized: {
    why: 'A source of people does not take the user, key or password of its settings.',
    todo: 'Correct the secret that the settings name, then run `foreknow sources test NAME`.',
  },
  source_rejected: {
    why: 'A source of people answers, and refuses what is asked: a base or path that is not there, a right that is missing, a limit.',
    todo: 'Read what it says in `foreknow sources test NAME`, and correct the settings or the rights of its account.',
  },
  source_invalid: {
    why: 'What a source of people gave is not what its settings say: not the format, the column or the path that was expected.',
    todo: 'Compare the settings of the source with what it gives: `foreknow sources test NAME` shows a sample.',
  },
  rules_invalid: {
    why: 'A rule file cannot be used. All problems are listed, each with file, line and column.',
    todo: 'Correct them; `foreknow rules check FILE` looks again.',
  },
  config_invalid: {
    why: 'A setting of the server is not valid. All problems are listed.',
    todo: 'Correct the settings.',
  },
  store_locked: {
    why: 'Another Foreknow server holds the data folder.',
    todo: 'Stop that server, or use another folder with `--data`.',
  },
  store_newer: {
    why: 'The store was written by a newer version of Foreknow.',
    todo: 'Run that version or a later one; or restore the copy that was made before the migration.',
  },
  store_failed: {
    why: 'The database could not be read or written: disk full, rights, a damaged file, or a Postgres that cannot be reached.',
    todo: 'Check disk and rights of the data folder, or the database server; `detail` names the cause. The next call finds a server that is back by itself.',
  },
  key_missing: {
    why: 'No key of the key ring opens a stored token.',
    todo: 'Put the old key back into the key file, or replace the connection’s token.',
  },
};

const retries = {
  soon: 'yes, after seconds',
  later: 'yes, after minutes or hours',
  never: 'no: the same call gives the same answer',
} as const;

/** The page of all error codes, as Markdown. */
export function errorsPage(): string {
  const sections = (Object.keys(errorCatalog) as ErrorCode[]).map((code) => {
    const { status, title, retry } = errorCatalog[code];
    const { why, todo } = entries[code];
    return `## ${code}\n\n${title}. HTTP status ${status}. Worth a retry: ${retries[retry]}.\n\n**Why:** ${why}\n\n**What to do:** ${todo}\n`;
  });
  return `${intro}\n${sections.join('\n')}`;
}

const intro = `# Errors

Every door of Foreknow answers errors with one of these codes. Under \`/api/v1\` an error is \`application/problem+json\`
(RFC 9457) with \`code\`, \`detail\`, \`hint\`, \`field\`, \`issues\` and \`request_id\`, and its \`type\` links to a section of this page.
Under \`/unified\` it is \`{statusCode, error, message, details, truto_error_insight}\` with the same code in \`details.code\`.
The command line prints \`detail\` and \`hint\`. A \`request_id\` is also in the header \`x-request-id\` and in the log.
`;
