import type { AdoptionStep } from '../provisioning/adopt.ts';
import type { AdoptionReport } from '../provisioning/adoption.ts';
import type { PlanComparison } from '../provisioning/compare-plans.ts';
import type { PlanDiff } from '../provisioning/diff-plans.ts';
import type { DriftReport } from '../provisioning/drift.ts';
import type { Explanation } from '../provisioning/explain.ts';
import type { Mode, Plan, PlanItem, PlanKind, PlanState, Step } from '../provisioning/plan.ts';
import type { Application, Approval, Approver, JournalEntry, StoredPlan } from '../provisioning/ports.ts';
import type { WriteRequest } from '../provisioning/request.ts';
import type { ProvisioningState, WorkItem } from '../provisioning/state.ts';

/** How a connection is provisioned, and what waits for somebody. */
export type ProvisioningView = {
  readonly state: ProvisioningState;
  /** The file of its rules; null: none is configured, and then nothing can be planned from sources. */
  readonly rules: string | null;
  readonly sources: readonly string[];
  readonly hasScimKey: boolean;
  /** The plan that waits, or is being applied. */
  readonly openPlan: StoredPlan | null;
  readonly openItems: number;
  /** Steps that KnowBe4 has taken and that are not seen yet, and those of them that are late. */
  readonly inFlight: number;
  readonly late: number;
  /** Steps that KnowBe4 refused and that wait for their next try, and those of them that people have to look at. */
  readonly refused: number;
  readonly givenUp: number;
};

export type PlanRequest = {
  /** Default `sync`. `urgent`: one leaver, at once. */
  readonly kind?: Extract<PlanKind, 'sync' | 'adoption' | 'urgent'>;
  /** Address, employee number, key or id: only this person. */
  readonly person?: string;
  readonly only?: 'add' | 'remove';
  /** Another rule file than the connection's, for a look: such a plan is a `draft`. */
  readonly rules?: { readonly file: string; readonly text: string };
};

/** Other rules than the connection's, to be held against those. */
export type ComparisonRequest = Pick<PlanRequest, 'person' | 'only'> & Required<Pick<PlanRequest, 'rules'>>;

/** A plan with what happened to it. */
export type PlanView = {
  readonly plan: StoredPlan;
  readonly approvals: readonly Approval[];
  /** Newest first. */
  readonly applications: readonly Application[];
};

/** A step with how far it is; `entry` null: not begun. */
export type StepView = { readonly step: Step & { readonly position: number }; readonly entry: StepEntry | null };

/** How far a step is, of what the journal keeps of it. */
export type StepEntry = Pick<
  JournalEntry,
  | 'state'
  | 'applicationId'
  | 'userId'
  | 'groupId'
  | 'provisionalId'
  | 'found'
  | 'error'
  | 'writtenAt'
  | 'acceptedAt'
  | 'visibleAt'
  | 'verifiedAt'
>;

/** What somebody says that no API tells. */
export type Attested =
  | 'test_mode_on'
  | 'test_mode_off'
  | 'other_provisioner_off'
  | 'renames_keep'
  | 'renames_duplicate';

/**
 * What became of a write. `unchanged`: it is so already, and nothing is kept. `waiting`: for a person, or for its turn. `accepted`: KnowBe4 has
 * taken it, and shows it after its next sync.
 */
export type Written = { readonly plan: Plan; readonly outcome: 'unchanged' | 'waiting' | 'accepted' };

/** Every use case of provisioning. Connections are named by id or name, plans by id. People who decide are operators; a token never is one. */
export type ProvisioningUseCases = {
  status(connection: string): Promise<ProvisioningView>;
  setMode(connection: string, mode: Mode): Promise<ProvisioningState>;
  attest(connection: string, attested: Attested, operator: Approver, words: string | null): Promise<ProvisioningState>;
  setExempt(connection: string, userIds: readonly string[]): Promise<ProvisioningState>;
  pause(connection: string): Promise<ProvisioningState>;
  resume(connection: string): Promise<ProvisioningState>;
  /** What is being applied ends before its next write, and nothing begins, until `resume`. */
  stop(connection: string): Promise<ProvisioningState>;

  adoptionReport(connection: string): Promise<AdoptionReport>;
  /** Test Mode is off: what was pushed is at work, once the store is proven whole again. @throws ForeknowError `scim_not_adopted` */
  confirmAdoption(connection: string, signal: AbortSignal): Promise<AdoptionStep>;
  drift(connection: string, since: string | null): Promise<DriftReport>;
  explain(connection: string, who: string): Promise<Explanation>;

  /** @param author an operator, a token or `schedule` */
  build(connection: string, request: PlanRequest, author: string): Promise<Plan>;
  /** What other rules would do otherwise than those in force; nothing is kept. */
  compare(connection: string, request: ComparisonRequest, author: string): Promise<PlanComparison>;
  plans(query: {
    readonly connectionIds: readonly string[] | null;
    readonly states?: readonly PlanState[];
    readonly limit: number;
  }): Promise<readonly StoredPlan[]>;
  plan(id: string): Promise<PlanView>;
  /** With all steps and items. */
  wholePlan(id: string): Promise<Plan>;
  steps(
    id: string,
    query: { readonly actions?: readonly Step['action'][]; readonly after?: number; readonly limit: number },
  ): Promise<readonly StepView[]>;
  items(
    id: string,
    query: { readonly after?: number; readonly limit: number },
  ): Promise<readonly (PlanItem & { readonly position: number })[]>;
  diff(a: string, b: string): Promise<PlanDiff>;
  /** @param digest of the plan that was seen */
  approve(
    id: string,
    approval: { readonly digest: string; readonly steps: readonly string[] | null; readonly reason: string | null },
    operator: Approver,
  ): Promise<PlanView>;
  /**
   * Somebody who cannot approve asks those who can.
   * @returns where they decide (null: the server does not know its own address), and who may
   */
  requestApproval(
    id: string,
    by: string,
  ): Promise<{ readonly plan: StoredPlan; readonly url: string | null; readonly approvers: readonly string[] }>;
  reject(id: string, reason: string, operator: Approver): Promise<PlanView>;
  /** Asks for an approved plan to be applied; a process that does the work begins at once. */
  apply(id: string, by: string): Promise<PlanView>;
  /** Applies in this process, to the end. */
  applyNow(id: string, by: string, signal: AbortSignal): Promise<Application>;
  /** A plan that puts back what an application changed, or all that was done of a plan, as far as it can come back. */
  undo(applicationOrPlanId: string, author: string): Promise<Plan>;
  /**
   * A write of the unified API or of an agent, as a plan of its own; in mode auto what the rules name is applied by itself.
   * @throws ForeknowError `observe_mode`, `foreign_owner`, `scim_not_adopted`, `plan_blocked`, `not_found`, `conflict`, `group_not_writable`, `field_not_writable`, `person_protected`, `invalid_request`
   */
  write(connection: string, request: WriteRequest, author: string): Promise<Written>;

  /** @throws ForeknowError `not_found` */
  application(id: string): Promise<Application>;
  /** @throws ForeknowError `not_found` */
  workItem(id: string): Promise<WorkItem>;
  /** KnowBe4's id of somebody who may be named by the provisional one; the same id where it is none, or is not known yet. */
  userIdOf(connectionId: string, id: string): Promise<string>;
  workItems(query: {
    readonly connectionIds: readonly string[] | null;
    readonly limit: number;
  }): Promise<readonly WorkItem[]>;
  decide(
    itemId: string,
    decision: {
      readonly choice: NonNullable<WorkItem['decision']>['choice'];
      readonly userId: string | null;
      readonly reason: string | null;
    },
    operator: Approver,
  ): Promise<WorkItem>;
};
