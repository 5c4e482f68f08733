import type { ManagedField } from '../model/managed-field.ts';
import type { SourceRef } from '../model/source-person.ts';
import type { MatchKey, Situation } from '../rules/rule-set.ts';

/** Never writes; plans wait for a person; kinds of step that the rules name apply by themselves, all else waits. */
export const modes = ['observe', 'propose', 'auto'] as const;
export type Mode = (typeof modes)[number];

/**
 * `draft`: shown only (mode observe). `blocked`: a guard or an incomplete source forbids it as a whole. `stale`: what it was computed from
 * changed for the worse. `superseded`: a newer plan of the connection took its place.
 */
export const planStates = [
  'draft',
  'blocked',
  'waiting',
  'approved',
  'applying',
  'applied',
  'stale',
  'superseded',
  'rejected',
  'expired',
] as const;
export type PlanState = (typeof planStates)[number];

/** What may follow what. */
export const nextPlanStates: Readonly<Record<PlanState, readonly PlanState[]>> = {
  draft: ['superseded', 'expired', 'stale'],
  blocked: ['superseded', 'expired', 'stale'],
  waiting: ['approved', 'stale', 'superseded', 'rejected', 'expired'],
  approved: ['waiting', 'applying', 'stale', 'superseded', 'rejected', 'expired'],
  applying: ['applied', 'approved'],
  applied: [],
  stale: [],
  superseded: [],
  rejected: [],
  expired: [],
};

export const planKinds = ['sync', 'adoption', 'undo', 'request', 'urgent'] as const;
/** `request`: a write of the unified API or of an agent. `urgent`: one leaver, at once. */
export type PlanKind = (typeof planKinds)[number];

/** In the order in which they are applied; archives alone and last. `claim` sends a person's present values so that KnowBe4 takes the account over. */
export const actions = [
  'claim',
  'restore',
  'create',
  'update',
  'manager',
  'group_create',
  'member_add',
  'member_remove',
  'group_rename',
  'archive',
] as const;
export type Action = (typeof actions)[number];

/** `written` before it is sent (the journal), `accepted` by the store, `visible` in our own read, `verified`: as it was wanted. */
export const stepStates = [
  'planned',
  'written',
  'accepted',
  'visible',
  'verified',
  'stale',
  'skipped',
  'failed',
  'late',
] as const;
export type StepState = (typeof stepStates)[number];

export type StepPerson = {
  readonly source: SourceRef | null;
  /** `JoinedPerson.key`; null for somebody whom no source knows. */
  readonly key: string | null;
  /** Null for somebody who is to be created. */
  readonly userId: string | null;
  readonly name: string;
  readonly email: string | null;
};

export type StepGroup = {
  readonly name: string;
  /** Null for a group that is to be created. */
  readonly groupId: string | null;
  /** Of a rename: the name that it has now. */
  readonly was?: string;
};

export type FieldChange = { readonly name: ManagedField; readonly from: string | null; readonly to: string | null };

export const effectKinds = [
  'auto_enrol',
  're_enrol',
  'group_enrol',
  'phishing_target',
  'archived_by_scim',
  'aliases_lost',
  'fields_lost',
  'group_emptied',
  'members_lost',
  'seat_taken',
  'seat_freed',
  'mail_sent',
  'leaves_smart_groups',
  'account_claimed',
  'put_back',
] as const;
export type EffectKind = (typeof effectKinds)[number];

/** What KnowBe4 does by itself because of a step (or of the whole plan). */
export type Effect = {
  readonly by: 'knowbe4';
  readonly kind: EffectKind;
  readonly certainty: 'certain' | 'possible';
  /** One sentence for people. */
  readonly text: string;
  readonly campaign?: { readonly id: string; readonly name: string };
  readonly group?: StepGroup;
  /** Users that it happens to beside the step's person. KnowBe4's ids. */
  readonly userIds?: readonly string[];
};

export type Step = {
  /** `st_` and a number, in the order of the plan. Within a plan only. */
  readonly id: string;
  readonly action: Action;
  /** Null for steps about a group alone. */
  readonly situation: Situation | null;
  readonly person: StepPerson | null;
  readonly group: StepGroup | null;
  readonly matchedOn: MatchKey | 'link' | 'scim' | 'decision' | null;
  /** Field by field; for a `restore` or `archive`: none. */
  readonly fields: readonly FieldChange[];
  /** Rules that caused it: `map.email`, `groups.new hires`, `leavers`. */
  readonly because: readonly string[];
  readonly road: 'scim';
  readonly reversible: boolean;
  /** What cannot be carried, and what is offered instead; empty mostly. */
  readonly cannot: readonly string[];
  /** Ids of steps of the plan that must come first: the group, the person, the manager. */
  readonly needs: readonly string[];
  /** Digest of what the touched record is now; a step whose record differs is `stale`. */
  readonly assumes: string;
  readonly effects: readonly Effect[];
  /** Approvals it needs, and why: `archive`, `guard:archive_share`. */
  readonly approval: { readonly needed: 0 | 1 | 2; readonly reasons: readonly string[] };
  /** `sha256:` over person or group, fields, action, effects: what an approval of this step binds to. */
  readonly digest: string;
};

export const itemKinds = [
  'ambiguous',
  'doubled',
  'conflict',
  'vanished',
  'foreign',
  'held',
  'unscoped',
  'unmanaged',
  'carried',
  'exempt',
] as const;
/** What the plan saw and does nothing about. Never hidden. */
export type PlanItem = {
  readonly kind: (typeof itemKinds)[number];
  readonly person: StepPerson | null;
  readonly group: StepGroup | null;
  /** `data`, `domain`, `seats`, `protected`, `lead`, `source_complete` …, or the situation. */
  readonly reason: string;
  readonly text: string;
  /** For a conflict: the accounts or people that meet. */
  readonly others: readonly StepPerson[];
};

export const guardNames = [
  'source_complete',
  'source_shrink',
  'archive_share',
  'group_shrink',
  'create_burst',
  'seats',
  'protected',
  'foreign_owner',
  'domain',
  'data',
  'budget',
  'quarantine',
  'freeze',
  // Of the connection itself: KnowBe4 was never read whole, its SCIM store is not taken over, Test Mode is not known to be on, it rests, a step is late.
  'target_read',
  'adoption',
  'test_mode',
  'paused',
  'late',
] as const;
export type GuardName = (typeof guardNames)[number];

export type Guard = {
  readonly name: GuardName;
  /** Share or number, as the limit is. */
  readonly value: number;
  readonly limit: number;
  /** `tripped`: the named steps need two people. `blocked`: the plan cannot be approved. */
  readonly state: 'ok' | 'notice' | 'tripped' | 'blocked';
  readonly text: string;
  readonly stepIds: readonly string[];
};

export type SourceBasis = {
  readonly name: string;
  readonly read: string;
  readonly people: number;
  readonly state: 'complete' | 'unproven' | 'incomplete' | 'quarantined';
  readonly proof: string;
  readonly readAt: string;
};

export type Plan = {
  /** `pl_` and 8 characters. */
  readonly id: string;
  readonly connectionId: string;
  readonly kind: PlanKind;
  readonly state: PlanState;
  readonly mode: Mode;
  /** Who asked: an operator, a token, or `schedule`. */
  readonly author: string;
  readonly builtAt: string;
  readonly expiresAt: string;
  /** `sha256:` over connection, account, road, and the digests of all steps. */
  readonly digest: string;
  readonly basis: {
    readonly sources: readonly SourceBasis[];
    readonly target: { readonly active: number; readonly archived: number; readonly asOf: string | null };
    readonly rules: { readonly file: string | null; readonly digest: string; readonly commit: string | null } | null;
  };
  readonly counts: Readonly<Record<Action | 'conflict' | 'held' | 'unscoped' | 'unmanaged' | 'unchanged', number>>;
  readonly seats: { readonly bought: number | null; readonly now: number; readonly after: number };
  readonly cost: {
    readonly writes: number;
    readonly verifyReads: number;
    readonly scimWindows: number;
    readonly visibleBy: string | null;
  };
  readonly guards: readonly Guard[];
  readonly approval: { readonly needed: 0 | 1 | 2; readonly reasons: readonly string[] };
  /** Effects of the plan as a whole: who is archived because they were not sent, say. */
  readonly effects: readonly Effect[];
  readonly steps: readonly Step[];
  readonly items: readonly PlanItem[];
};
