import { z } from 'zod';

/** What the data of events is made of. Keys are in `snake_case`; `null` means that KnowBe4 says none. */

const text = z.string().nullable();
const instant = z.string().describe('ISO 8601 UTC').nullable();

/** A person in short. The name and the address are left out where the reader may not see them. */
const user = z
  .object({
    id: text,
    email: text.optional(),
    first_name: text.optional(),
    last_name: text.optional(),
  })
  .nullable()
  .describe('The person, as they were called then; null where KnowBe4 named none');
const named = z.object({ id: text, name: text });
const fields = z.record(z.string(), z.unknown());
const record = z.looseObject({ id: z.string() }).describe('The whole record, without its long lists');
const test = z.object({ id: z.string(), campaign_type: z.enum(['email', 'callback']) });

const moved = {
  attributes: fields.describe('The new values of the fields that changed'),
  previous_attributes: fields.describe('Their old values'),
};

export const userWhole = z.object({ user: record });
export const userMoved = z.object({ user, ...moved });
export const groupWhole = z.object({ group: record });
export const groupMoved = z.object({ group: named, ...moved });
export const membership = z.object({ group: named, user });
export const accountMoved = z.object({ account: z.object({ name: text }), ...moved });
export const role = z.object({ role: z.object({ id: z.string(), name: text }), assignment_id: z.string(), user });
export const signedIn = z.object({ user, signed_in_at: z.string(), previous_signed_in_at: instant });
export const baseline = z.object({
  stream: z.string(),
  rows: z.number().nullable(),
  digest: z.string().nullable().describe('SHA-256 over the keys and digests of its rows'),
});

const enrollmentHead = {
  enrollment: z.looseObject({ id: z.string() }),
  user,
  campaign: named,
  module: z.object({ name: text, content_type: text }),
  status: text,
};
export const enrollmentWhole = z.object(enrollmentHead);
export const enrollmentMoved = z.object({ ...enrollmentHead, ...moved });
export const campaignWhole = z.object({ campaign: record });
export const campaignMoved = z.object({ campaign: named, ...moved });
export const contentWhole = z.object({ content: record });
export const contentMoved = z.object({ content: named, ...moved });
export const testWhole = z.object({ test: record });
export const testMoved = z.object({ test: named.extend({ campaign_type: test.shape.campaign_type }), ...moved });

const recipientHead = { user, test, template: named.nullable() };
export const recipientStep = z.object({ ...recipientHead, at: z.string() });
export const recipientFailed = recipientStep.extend({
  failure: z.enum(['clicked', 'replied', 'attachment_opened', 'macro_enabled', 'data_entered', 'qr_code_scanned']),
  first: z.boolean().describe('Whether it is the first failure of this person in this test'),
});
export const recipientTakenBack = z.object({
  ...recipientHead,
  withdrawn: z.array(z.string()).describe('What KnowBe4 no longer says: clicked, reported, …'),
});
export const recipientGone = z.object(recipientHead);

const scored = {
  subject: z.enum(['user', 'group', 'account']),
  user: user.optional(),
  group: named.optional(),
  account: z.object({ name: text }).optional(),
};
export const scoreChanged = z.object({
  ...scored,
  risk_score: z.number().nullable(),
  previous_risk_score: z.number().nullable(),
});
export const thresholdCrossed = scoreChanged.extend({ threshold: z.number(), direction: z.enum(['up', 'down']) });
export const scoreJumped = scoreChanged.extend({ delta: z.number() });
export const phishProneChanged = z.object({
  user,
  phish_prone_percent: z.number().nullable(),
  previous_phish_prone_percent: z.number().nullable(),
});

const connection = z.object({
  id: z.string(),
  name: text,
  tenant: z.string().optional().describe('Left out where it belongs to none'),
});
export const connectionEvent = z.object({ connection });
export const connectionUpdated = z.object({
  connection,
  changed: z.array(z.string()).describe('Names of what was changed'),
});
export const run = z.object({
  connection,
  run: z.looseObject({
    id: z.string(),
    level: z.string(),
    trigger: z.string(),
    status: z.string(),
    started_at: z.string(),
    ended_at: text,
  }),
});
export const runStarted = run.extend({ was_queued: z.boolean().describe('run.queued was told before') });
export const connectionError = z.object({
  connection,
  error: z.object({ code: z.string(), detail: z.string(), hint: text }).nullable(),
});
export const syncFailed = connectionError.extend({ run_id: z.string(), level: z.string() });
export const plan = z.object({
  connection,
  plan: z.looseObject({
    id: z.string(),
    kind: z.string(),
    state: z.string(),
    digest: z.string(),
    counts: z.record(z.string(), z.number()).describe('Steps by action, and what is not done'),
    approvals_needed: z.number(),
    expires_at: instant,
  }),
  review_url: text.describe('Where people decide; the message itself decides nothing'),
});
export const planDecided = plan.extend({ by: z.string().describe('Who decided; their reason stands at the plan') });
export const planProgress = plan.extend({
  steps: z.number().describe('How many steps it is about'),
  detail: text,
});
const sourceReadHead = {
  source: z.object({ name: z.string(), kind: z.string() }),
  read: z.looseObject({
    id: z.string(),
    state: z.string(),
    proof: z.object({ state: z.string(), words: z.string() }).nullable(),
    people: z.number(),
    added: z.number(),
    changed: z.number(),
    gone: z.number(),
    counts: z.boolean().describe('Whether people whom it does not show are one read more absent'),
    digest: text,
    by: z.string(),
    started_at: z.string(),
    ended_at: text,
  }),
};
export const sourceRead = z.object(sourceReadHead);
export const sourcePerson = z.object({
  source: sourceReadHead.source,
  person: z.object({ id: z.string().describe('The id that the provider was given') }),
});
export const sourceReadBroken = z.object({
  ...sourceReadHead,
  error: z.object({ code: z.string(), detail: z.string(), hint: text }).nullable(),
});
export const sourceReadDoubted = z.object({
  ...sourceReadHead,
  findings: z
    .array(z.looseObject({ guard: z.string(), attribute: text, words: z.string() }))
    .describe('What looks wrong, without a word about anybody'),
});
export const sourceReadAccepted = sourceReadDoubted.extend({
  approvals: z.array(z.object({ name: z.string(), at: z.string() })).describe('Who let it in'),
});
export const staleness = z.object({
  connection,
  stream: z.string(),
  last_refreshed_at: instant,
});
export const hold = z.object({
  connection,
  hold: z.object({
    id: z.string(),
    stream: z.string(),
    scope: z.string(),
    kind: z.string(),
    state: z.string(),
    live: z.number(),
    absent: z.number(),
  }),
});
export const alerted = z.object({ connection, detail: z.string() });
export const endpoint = z.looseObject({ endpoint: z.looseObject({ id: z.string() }) });
