import type { ChangeFields, PlanChangeKind } from '../model/change.ts';
import type { SourceRef } from '../model/source-person.ts';
import type { Action, Plan, PlanItem, PlanKind, PlanState, Step, StepState } from './plan.ts';
import type { IdentityLink, ProvisioningState, Refusal, ScimObject, WorkItem } from './state.ts';

/** A plan without the long lists, which are read in parts. */
export type PlanHead = Omit<Plan, 'steps' | 'items'>;

/** What became of a plan that ended otherwise than by being applied, for people. */
export type PlanEnd = { readonly at: string; readonly by: string; readonly reason: string };

/** What is kept of a plan beside itself. */
export type StoredPlan = PlanHead & {
  /** When its state last changed. */
  readonly changedAt: string;
  /** Why it was rejected, stale or superseded; null for the others. */
  readonly end: PlanEnd | null;
};

/** What is told of a plan, as it stands in the log: kept in the transaction of what it tells, so that no end of a process loses it. */
export type PlanEntry = {
  readonly connectionId: string;
  readonly kind: PlanChangeKind;
  /** Id of the plan. */
  readonly key: string;
  readonly at: string;
  readonly current: ChangeFields;
};

/** Makes the entry of a plan; `more`: what its kind tells beside the plan. */
export type PlanEntryOf = (
  kind: PlanChangeKind,
  plan: Omit<PlanHead, 'effects' | 'guards' | 'basis' | 'cost' | 'seats'>,
  more?: Readonly<Record<string, string | number | null>>,
) => PlanEntry;

/** A person of the room `operators`. Nobody else approves: tokens and agents have none. */
export type Approver = { readonly id: string; readonly name: string };

/** A decision of one person about a plan as it was when they saw it. */
export type Approval = {
  /** `apr_` and random characters. */
  readonly id: string;
  readonly planId: string;
  readonly connectionId: string;
  /** Digest of the plan that they saw. */
  readonly digest: string;
  /** Digests of the steps that they approved, by step id; null: all of the plan. */
  readonly steps: Readonly<Record<string, string>> | null;
  readonly decision: 'approved' | 'rejected';
  readonly operator: Approver;
  readonly reason: string | null;
  readonly at: string;
  readonly expiresAt: string;
  /** Since when it counts no more, and why; null while it does. */
  readonly lapsed: { readonly at: string; readonly reason: string } | null;
};

export const applicationStates = ['running', 'applied', 'partial', 'stopped'] as const;

/**
 * One time of applying a plan. `applied`: every step was sent. `partial`: some were stale, refused, or left for later. `stopped`: it ended
 * before its last step, because of `stop`.
 */
export type Application = {
  /** `app_` and random characters. What `foreknow undo` takes. */
  readonly id: string;
  readonly planId: string;
  readonly planDigest: string;
  readonly connectionId: string;
  readonly state: (typeof applicationStates)[number];
  /** Who asked for it: an operator's name, or `schedule`. */
  readonly by: string;
  /** Steps that were approved and are to be sent; null: all. */
  readonly stepIds: readonly string[] | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Times that it was taken up again after a process had ended. */
  readonly resumed: number;
  readonly stop: { readonly code: string; readonly reason: string } | null;
};

/** A step of an application and how far it is: the journal. */
export type JournalEntry = {
  readonly applicationId: string;
  readonly planId: string;
  readonly connectionId: string;
  readonly stepId: string;
  /** In the order of the plan. */
  readonly position: number;
  readonly action: Action;
  readonly state: StepState;
  /** KnowBe4's id of the person or group; null until it is known. */
  readonly userId: string | null;
  readonly groupId: string | null;
  /** Of a person who is created: what they are called until KnowBe4 has given an id. */
  readonly provisionalId: string | null;
  readonly scimId: string | null;
  /** What was there before the write, whole enough to be put back: fields, whether active, membership. */
  readonly before: Readonly<Record<string, unknown>> | null;
  /** The step as it was applied: what is wanted to be seen. */
  readonly step: Step;
  /** Of a stale step: what was found instead of what it assumed, in words. */
  readonly found: string | null;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly writtenAt: string | null;
  readonly acceptedAt: string | null;
  readonly visibleAt: string | null;
  readonly verifiedAt: string | null;
};

/** What a created person was called at first, and for ever may be called. */
export type ProvisionalId = {
  readonly connectionId: string;
  readonly provisionalId: string;
  readonly scimId: string | null;
  readonly userId: string | null;
  readonly at: string;
};

/** Holds a connection's writes for one process. */
export type ApplyLease = { readonly connectionId: string; readonly token: string };

/** What is kept with a write of the journal, in the same transaction. */
export type JournalWrite = {
  readonly entries: readonly JournalEntry[];
  readonly scimObjects?: readonly ScimObject[];
  /** Objects that the store behind the road does not have any more. */
  readonly goneScimObjects?: readonly Pick<ScimObject, 'kind' | 'scimId'>[];
  /** Steps that were refused, and those that were taken at last, by their aim. */
  readonly refusals?: readonly Refusal[];
  readonly taken?: readonly string[];
  readonly links?: readonly IdentityLink[];
  readonly provisionalIds?: readonly ProvisionalId[];
};

export type PlanQuery = {
  /** Null: all. */
  readonly connectionIds: readonly string[] | null;
  readonly states?: readonly PlanState[];
  readonly kinds?: readonly PlanKind[];
  /** Plans built before this one. */
  readonly before?: { readonly builtAt: string; readonly id: string };
  readonly limit: number;
};

export type StepQuery = {
  readonly actions?: readonly Action[];
  readonly stepIds?: readonly string[];
  /** By KnowBe4's id, by the key of the joined person, or by address. */
  readonly person?: string;
  /** Position of the last step seen; default -1: from the start. */
  readonly after?: number;
  readonly limit: number;
};

/** Storage of the room. Every function is one transaction; times are ISO 8601 UTC. */
export type ProvisioningStore = {
  getProvisioning(connectionId: string): Promise<ProvisioningState | null>;
  listProvisioning(): Promise<readonly ProvisioningState[]>;
  /**
   * @param before `updatedAt` of the state that it was made from; null: none was there
   * @returns false, having done nothing, when another one changed it meanwhile
   */
  saveProvisioning(state: ProvisioningState, before: string | null): Promise<boolean>;

  identityLinks(connectionId: string): Promise<readonly IdentityLink[]>;
  /** A link replaces the one of the same source and person. */
  saveIdentityLinks(
    connectionId: string,
    change: { readonly save: readonly IdentityLink[]; readonly drop: readonly SourceRef[] },
  ): Promise<void>;

  /** The ledger of what stands behind the road. */
  scimObjects(connectionId: string): Promise<readonly ScimObject[]>;
  saveScimObjects(
    connectionId: string,
    change: {
      readonly save: readonly ScimObject[];
      readonly drop: readonly { readonly kind: ScimObject['kind']; readonly scimId: string }[];
    },
  ): Promise<void>;

  /** Open ones first, then the newest. */
  workItems(query: {
    readonly connectionIds: readonly string[] | null;
    readonly states?: readonly WorkItem['state'][];
    readonly limit: number;
  }): Promise<readonly WorkItem[]>;
  getWorkItem(id: string): Promise<WorkItem | null>;
  /**
   * What a plan met of conflicts, all of them: new ones are opened, a decided one whose records have another digest is opened again, open ones
   * that are not met any more are closed, all else stays as it is.
   */
  meetWorkItems(connectionId: string, items: readonly WorkItem[]): Promise<void>;
  /** @returns false when its records have changed meanwhile, or it is not open */
  decideWorkItem(id: string, digest: string, decision: NonNullable<WorkItem['decision']>): Promise<boolean>;

  /** What was noticed by earlier plans, and since when. */
  noticed(connectionId: string): Promise<ReadonlyMap<string, string>>;
  /** What is noticed now, all of it: new keys begin at that time, others keep theirs, and what is not among them is forgotten. */
  keepNoticed(connectionId: string, keys: readonly string[], at: string): Promise<void>;

  /** Steps that were refused, by what was wanted. */
  refusals(connectionId: string): Promise<readonly Refusal[]>;
  /** Forgets all but these: nobody wants the others any more. */
  keepRefusals(connectionId: string, aims: readonly string[]): Promise<void>;

  /**
   * Keeps a plan; open ones of the connection and of these kinds become `superseded`, unless they are approved or being applied. When an open one of the same
   * kind, state and digest is there, it stays and nothing is kept.
   * @returns the id of the plan that now stands, and those that were superseded
   */
  createPlan(
    plan: Plan,
    options: {
      readonly supersedes: readonly PlanKind[];
      readonly at: string;
      /** Told only when the plan is new; `mailBy`: a job `mail` is due then, ms, for whoever has not been told by mail before. Null: nothing. */
      readonly told?: { readonly entry: PlanEntry; readonly mailBy: number | null } | null;
    },
  ): Promise<{ readonly planId: string; readonly isNew: boolean; readonly superseded: readonly string[] }>;
  getPlan(id: string): Promise<StoredPlan | null>;
  /** Newest first. */
  listPlans(query: PlanQuery): Promise<readonly StoredPlan[]>;
  /** In the order of the plan. */
  planSteps(planId: string, query: StepQuery): Promise<readonly (Step & { readonly position: number })[]>;
  planItems(
    planId: string,
    query: { readonly kinds?: readonly PlanItem['kind'][]; readonly after?: number; readonly limit: number },
  ): Promise<readonly (PlanItem & { readonly position: number })[]>;
  /** @returns false, having done nothing, when the plan is in none of these states */
  movePlan(
    id: string,
    move: {
      readonly from: readonly PlanState[];
      readonly to: PlanState;
      readonly at: string;
      readonly end: PlanEnd | null;
    },
  ): Promise<boolean>;

  /**
   * Keeps a decision about a plan, and moves the plan in the same transaction.
   * @param expects the decision counts for a plan of its digest, in these states, with so many approvals that count, alone
   * @returns false, having done nothing, when it is another one by now
   */
  addApproval(
    approval: Approval,
    expects: {
      readonly states: readonly PlanState[];
      readonly approvals: number;
      readonly to: PlanState | null;
      readonly end: PlanEnd | null;
      readonly entry?: PlanEntry | null;
    },
  ): Promise<boolean>;
  approvalsOf(planId: string): Promise<readonly Approval[]>;
  /** Approvals that still count become void, and the plan `waiting` again, if it was approved. @returns how many */
  lapseApprovals(
    planId: string,
    lapsed: {
      readonly at: string;
      readonly reason: string;
      /** Told only when the plan waits again; see `createPlan`. */
      readonly told?: { readonly entry: PlanEntry; readonly mailBy: number | null } | null;
    },
  ): Promise<number>;

  /**
   * Takes the connection for applying, and moves the plan on. `resumed`: an application of this plan that a process had left; it is gone on with.
   * `unfinished`: one of another plan was left and has to be gone on with first. `busy`: somebody holds the connection. `not_approved`: the plan is in another state.
   */
  beginApplication(begin: {
    readonly application: Application;
    readonly token: string;
    readonly at: string;
    readonly leaseUntil: string;
  }): Promise<
    | { readonly outcome: 'begun' | 'resumed' | 'unfinished'; readonly application: Application }
    | { readonly outcome: 'busy' | 'not_approved'; readonly application: null }
  >;
  /** @returns false when the lease is not this one any more: nothing may be written then */
  renewApplyLease(lease: ApplyLease, until: string): Promise<boolean>;
  /**
   * Writes to the journal, with what follows from it.
   * @returns false, having written nothing, when the lease is not this one any more
   */
  journal(lease: ApplyLease, write: JournalWrite): Promise<boolean>;
  /**
   * Ends the application and the lease, moves the plan to `applied`, or back to `approved` where it is to be gone on with, and tells it.
   * @returns false when the lease is not this one any more
   */
  endApplication(
    lease: ApplyLease,
    application: Application,
    then: { readonly planState: 'applied' | 'approved'; readonly entry: PlanEntry | null },
  ): Promise<boolean>;
  getApplication(id: string): Promise<Application | null>;
  /** Newest first. */
  listApplications(query: {
    readonly connectionIds: readonly string[] | null;
    readonly planId?: string;
    readonly states?: readonly Application['state'][];
    readonly limit: number;
  }): Promise<readonly Application[]>;
  /** In the order of the plan. */
  journalOf(applicationId: string): Promise<readonly JournalEntry[]>;
  /** What was sent for a connection, oldest first: what is in flight, or what counts for guards over a day. */
  journaled(query: {
    readonly connectionId: string;
    readonly states?: readonly StepState[];
    /** Accepted at or after this time. */
    readonly acceptedSince?: string;
  }): Promise<readonly JournalEntry[]>;
  /** What the mirror showed of steps that were accepted; needs no lease. Only steps that are still in the state `from` are changed. */
  noteSeen(
    seen: readonly { readonly from: StepState; readonly entry: JournalEntry }[],
    also: Omit<JournalWrite, 'entries'>,
    told?: readonly PlanEntry[],
  ): Promise<void>;

  /** Who a provisional id became; null when there is no such id. */
  provisionalId(connectionId: string, provisionalId: string): Promise<ProvisionalId | null>;
  provisionalIds(connectionId: string): Promise<readonly ProvisionalId[]>;

  /** Drops plans that ended without being applied, and applications with theirs, that are older than these times. @returns plans dropped */
  dropPlans(drop: { readonly endedBefore: string; readonly appliedBefore: string }): Promise<number>;
};
