import { z } from 'zod';
import {
  actions,
  effectKinds,
  guardNames,
  itemKinds,
  modes,
  planKinds,
  planStates,
  stepStates,
} from '../../provisioning/plan.ts';
import { applicationStates } from '../../provisioning/ports.ts';
import { workItemKinds } from '../../provisioning/state.ts';
import { situations } from '../../rules/rule-set.ts';
import { instant, named, nullableInstant } from './registry.ts';

const text = z.string().nullable();
const digest = z.string().describe('`sha256:` and 64 hexadecimal digits');

const stepPerson = z.object({
  source: z.object({ source: z.string(), source_id: z.string() }).nullable(),
  key: text,
  user_id: text.describe('KnowBe4’s id; null: to be created'),
  name: z.string(),
  email: text,
});
const stepGroup = z.object({ name: z.string(), group_id: text });
const fieldChange = z.object({ name: z.string(), from: text, to: text });
const effect = z.object({
  by: z.literal('knowbe4'),
  kind: z.enum(effectKinds),
  certainty: z.enum(['certain', 'possible']),
  text: z.string(),
  campaign: z.object({ id: z.string(), name: z.string() }).optional(),
  group: stepGroup.optional(),
  user_ids: z.array(z.string()).optional(),
});
const needs = z.object({ needed: z.int().min(0).max(2), reasons: z.array(z.string()) });

const step = named(
  'PlanStep',
  z.object({
    id: z.string(),
    action: z.enum(actions),
    situation: z.enum(situations).nullable(),
    person: stepPerson.nullable(),
    group: stepGroup.nullable(),
    matched_on: text,
    fields: z.array(fieldChange),
    because: z.array(z.string()),
    road: z.literal('scim'),
    reversible: z.boolean(),
    cannot: z.array(z.string()),
    needs: z.array(z.string()),
    assumes: z.string(),
    effects: z.array(effect),
    approval: needs,
    digest,
    position: z.int().optional(),
  }),
  'One change, and what KnowBe4 does because of it.',
);

export const stepProgress = z.object({
  step,
  entry: z
    .object({
      state: z.enum(stepStates),
      application_id: z.string(),
      user_id: text,
      group_id: text,
      provisional_id: text,
      found: text.describe('Of a stale step: what was there instead'),
      error: z.object({ code: z.string(), detail: z.string() }).nullable(),
      written_at: nullableInstant,
      accepted_at: nullableInstant,
      visible_at: nullableInstant,
      verified_at: nullableInstant,
    })
    .nullable()
    .describe('How far it is; null: not begun'),
});

export const planItem = named(
  'PlanItem',
  z.object({
    kind: z.enum(itemKinds),
    person: stepPerson.nullable(),
    group: stepGroup.nullable(),
    reason: z.string(),
    text: z.string(),
    others: z.array(stepPerson),
    position: z.int().optional(),
  }),
  'What a plan saw and does nothing about.',
);

const guard = z.object({
  name: z.enum(guardNames),
  value: z.number(),
  limit: z.number(),
  state: z.enum(['ok', 'notice', 'tripped', 'blocked']),
  text: z.string(),
  step_ids: z.array(z.string()),
});

export const plan = named(
  'Plan',
  z.object({
    id: z.string(),
    connection_id: z.string(),
    kind: z.enum(planKinds),
    state: z.enum(planStates),
    mode: z.enum(modes),
    author: z.string(),
    built_at: instant,
    expires_at: instant,
    digest: digest.describe('What an approval binds to'),
    basis: z.object({
      sources: z.array(
        z.object({
          name: z.string(),
          read: z.string(),
          people: z.int(),
          state: z.enum(['complete', 'unproven', 'incomplete', 'quarantined']),
          proof: z.string(),
          read_at: instant,
        }),
      ),
      target: z.object({ active: z.int(), archived: z.int(), as_of: nullableInstant }),
      rules: z.object({ file: text, digest, commit: text }).nullable(),
    }),
    counts: z.record(z.string(), z.int()).describe('Steps by action, and what is not done'),
    seats: z.object({ bought: z.int().nullable(), now: z.int(), after: z.int() }),
    cost: z.object({ writes: z.int(), verify_reads: z.int(), scim_windows: z.int(), visible_by: nullableInstant }),
    guards: z.array(guard),
    approval: needs,
    effects: z.array(effect),
    steps: z.array(step).optional().describe('Only of a plan that was just built'),
    items: z.array(planItem).optional(),
    changed_at: instant.optional(),
    end: z.object({ at: instant, by: z.string(), reason: z.string() }).nullable().optional(),
  }),
  'What would be done at KnowBe4, and what KnowBe4 would then do by itself.',
);

const approval = z.object({
  id: z.string(),
  plan_id: z.string(),
  connection_id: z.string(),
  digest,
  steps: z.record(z.string(), z.string()).nullable().describe('Digests of the approved steps; null: all'),
  decision: z.enum(['approved', 'rejected']),
  operator: z.object({ id: z.string(), name: z.string() }),
  reason: text,
  at: instant,
  expires_at: instant,
  lapsed: z.object({ at: instant, reason: z.string() }).nullable(),
});

const application = named(
  'PlanApplication',
  z.object({
    id: z.string().describe('What an undo is asked for by'),
    plan_id: z.string(),
    plan_digest: digest,
    connection_id: z.string(),
    state: z.enum(applicationStates),
    by: z.string(),
    step_ids: z.array(z.string()).nullable(),
    started_at: instant,
    ended_at: nullableInstant,
    resumed: z.int(),
    stop: z.object({ code: z.string(), reason: z.string() }).nullable(),
  }),
  'One time of applying a plan.',
);

export const planView = z.object({
  plan,
  approvals: z.array(approval),
  applications: z.array(application).describe('The newest first'),
});

const attestation = z.object({ by: z.string(), at: instant, words: text }).nullable();
export const provisioningState = named(
  'ProvisioningState',
  z.object({
    connection_id: z.string(),
    mode: z.enum(modes),
    adoption: z.object({
      state: z.enum(['none', 'pushing', 'pushed', 'adopted']),
      plan_id: text,
      at: nullableInstant,
      lacks: z
        .string()
        .optional()
        .describe('What the SCIM store lacked when it was looked at last; not there where nothing is missing'),
      proven_at: instant.optional().describe('When the whole SCIM store was looked through last'),
    }),
    owner: z.enum(['unknown', 'ours', 'foreign']),
    owner_attested: attestation,
    test_mode: z.object({ state: z.enum(['unknown', 'on', 'off']), attested: attestation }),
    renames: z.object({ state: z.enum(['unknown', 'keep', 'duplicate']), attested: attestation }),
    exempt: z.array(z.string()),
    paused_at: nullableInstant,
    stopped_at: nullableInstant,
    freezes: z.array(z.object({ from: instant, until: instant, reason: text })),
    quarantine: z.object({ until: instant, attempts: z.int(), reason: z.string() }).nullable(),
    updated_at: instant,
  }),
  'How a connection is provisioned.',
);

export const provisioningView = z.object({
  state: provisioningState,
  rules: text.describe('The rule file; null: none'),
  sources: z.array(z.string()),
  has_scim_key: z.boolean(),
  open_plan: plan.nullable(),
  open_items: z.int().describe('Conflicts that wait for a decision'),
  in_flight: z.int().describe('Steps that KnowBe4 has taken and that are not seen yet'),
  late: z.int(),
  refused: z.int().describe('Steps that KnowBe4 refused and that wait for their next try'),
  given_up: z.int().describe('Those of them that are not tried by themselves any more'),
});

export const workItem = named(
  'WorkItem',
  z.object({
    id: z.string(),
    connection_id: z.string(),
    kind: z.enum(workItemKinds).describe('`join`: records of the sources that cannot be joined; one can be left out'),
    about: z.string(),
    records: z.array(z.record(z.string(), z.unknown())).describe('Both records side by side'),
    digest,
    state: z.enum(['open', 'decided', 'closed']),
    decision: z
      .object({
        choice: z.enum(['link', 'create', 'ignore', 'keep_apart']),
        user_id: text,
        by: z.string(),
        at: instant,
        reason: text,
      })
      .nullable(),
    opened_at: instant,
  }),
  'A conflict that a person decides.',
);

const people = z.array(stepPerson);
export const adoptionReport = z.object({
  connection_id: z.string(),
  built_at: instant,
  as_of: nullableInstant,
  seats: z.object({ bought: z.int().nullable(), now: z.int() }),
  counts: z.record(z.string(), z.int()),
  found: z.array(z.object({ person: stepPerson, by: z.string() })),
  absent: people,
  unmanaged: people,
  conflicts: z.array(planItem),
  duplicates: z.array(z.object({ by: z.enum(['address', 'employee_number', 'name']), accounts: people })),
  reclaimable: z.array(z.object({ person: stepPerson, reason: z.enum(['left', 'doubled', 'never_signed_in']) })),
  exempt: people,
  would_be_archived: z.object({ unless_carried: people, even_so: people }),
});

const verdict = z.enum(['changed_by_others', 'not_yet_applied']);
export const driftReport = z.object({
  connection_id: z.string(),
  as_of: nullableInstant,
  since: nullableInstant,
  drifts: z.array(
    z.object({
      person: stepPerson.nullable().describe('Null: about a group alone'),
      group: stepGroup.nullable().describe('Whose member or name it is; null: about a person alone'),
      what: z.string().describe('A field, `status`, `member` or `name`'),
      ...{ wanted: text, written: text, found: text, verdict },
    }),
  ),
  missing: z.array(z.object({ kind: z.enum(['user', 'group']), name: z.string(), scim_id: z.string(), verdict })),
  compared: z.int(),
});

/** Attributes stand in a list: their names are the source's own. */
export const explanation = z.object({
  who: z.string(),
  people: z.array(
    z.object({
      read: z.object({
        person: z
          .object({
            key: z.string(),
            active: z.boolean(),
            groups: z.array(z.string()),
            refs: z.array(z.object({ source: z.string(), source_id: z.string() })),
            attributes: z.array(
              z.object({ name: z.string(), value: z.union([z.string(), z.array(z.string())]).nullable(), from: text }),
            ),
          })
          .nullable(),
        sources: z.array(
          z.object({
            name: z.string(),
            state: z.string(),
            shows: z.boolean(),
            complete_reads_without: z.int(),
          }),
        ),
      }),
      match: z.object({
        situation: z.string(),
        account: stepPerson.nullable(),
        status: text,
        matched_on: text,
        text,
      }),
      rules: z.object({
        in_scope: z.boolean(),
        traces: z.array(
          z.object({
            rule: z.string(),
            holds: z.boolean(),
            because: z.array(z.object({ test: z.string(), holds: z.boolean(), value: text })),
          }),
        ),
        groups: z.array(z.string()),
        problems: z.array(z.string()),
      }),
      differences: z.array(fieldChange),
      outcome: z.object({ steps: z.array(step), items: z.array(planItem), guards: z.array(guard) }),
    }),
  ),
});

export const planDiff = z.object({
  added: z.array(step),
  dropped: z.array(step),
  changed: z.array(z.object({ before: step, after: step })),
  same: z.int(),
});

/** Letters of a rule file, as the rules take them. */
const MOST_RULES = 512 * 1024;
/** Bytes of a body that holds a whole rule file, or a hundred thousand ids: more than other calls are given. */
export const LONG_BODY = 5 * 1024 * 1024;

export const planComparison = z.object({
  current: plan.describe('By the rules in force; without its steps'),
  draft: plan.describe('By the other rules; without its steps'),
  steps: planDiff,
  items: z.object({ added: z.array(planItem), dropped: z.array(planItem), same: z.int() }),
  unseen: z
    .array(z.string())
    .describe(
      'Attributes that only the other rules name and that nobody has: sources keep what the rules in force read',
    ),
});

const otherRules = z.strictObject({ file: z.string().min(1).max(500), text: z.string().max(MOST_RULES) });
const part = {
  person: z.string().min(1).max(320).optional().describe('Address, employee number, key or id: only this person'),
  only: z.enum(['add', 'remove']).optional(),
};

export const planRequest = z.strictObject({
  kind: z.enum(['sync', 'adoption', 'urgent']).optional().describe('Default `sync`; `urgent`: one leaver, at once'),
  ...part,
  rules: otherRules.optional().describe('Another rule file, for a look: such a plan is a draft and is not kept'),
});
export const comparisonRequest = z.strictObject({ ...part, rules: otherRules });

/** Somebody who decides. Tokens decide nothing. */
const operatorProof = z
  .strictObject({
    name: z.string().min(1).max(64),
    secret: z.string().min(1).max(256),
    code: z.string().max(16).nullable().optional().describe('From an authenticator app, where one is asked for'),
  })
  .describe('The person who decides, and their secret');
const reason = z.string().max(1000).nullable().optional();
export const approveRequest = z.strictObject({
  digest: z.string().min(1).max(100).describe('Of the plan as it was seen'),
  steps: z.array(z.string().max(40)).max(100_000).nullable().optional().describe('Ids of steps; default all'),
  reason,
  operator: operatorProof,
});
export const rejectRequest = z.strictObject({ reason: z.string().min(1).max(1000), operator: operatorProof });
export const attestRequest = z.strictObject({
  attested: z.enum(['test_mode_on', 'test_mode_off', 'other_provisioner_off', 'renames_keep', 'renames_duplicate']),
  words: reason,
  operator: operatorProof,
});
export const settingsRequest = z.strictObject({
  mode: z.enum(modes).optional(),
  exempt: z
    .array(z.string().max(40))
    .max(100_000)
    .optional()
    .describe('KnowBe4’s ids of people whom the console exempts'),
  operator: operatorProof,
});
export const byOperator = z.strictObject({ operator: operatorProof });
export const decideRequest = z.strictObject({
  choice: z.enum(['link', 'create', 'ignore', 'keep_apart']),
  user_id: z.string().max(40).nullable().optional(),
  reason,
  operator: operatorProof,
});
export const acceptRequest = z.strictObject({ digest: z.string().min(1).max(100), operator: operatorProof });
