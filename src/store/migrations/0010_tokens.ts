/** Kinds of tokens, what they were derived from, field policies; the scope `phishing` becomes two. */
export const tokens = (): readonly string[] => [
  `alter table api_tokens add column kind text not null default 'api'`,
  'alter table api_tokens add column parent_id text',
  // JSON lists and objects; null = none.
  'alter table api_tokens add column tags text',
  'alter table api_tokens add column field_policy text',
  'alter table api_tokens add column settings text',
  // The secret before the present one, which works until then.
  'alter table api_tokens add column previous_hash text',
  'alter table api_tokens add column previous_until text',
  'create unique index api_tokens_previous on api_tokens (previous_hash)',
  'alter table webhook_endpoints add column field_policy text',
  `update api_tokens set scopes = replace(scopes, '"phishing"', '"phishing.identified"')`,
  `update webhook_endpoints set families = replace(families, '"phishing"', '"phishing.aggregate","phishing.identified"')`,
];
