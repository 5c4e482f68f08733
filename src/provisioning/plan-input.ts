import type { ManagedField } from '../model/managed-field.ts';
import type { EvaluatedPerson, Evaluation, Settings } from '../rules/rule-set.ts';
import type { Action, Plan, PlanKind, SourceBasis, Step } from './plan.ts';
import type { IdentityLink, ProvisioningState, Refusal, ScimObject, WorkItem } from './state.ts';
import type { Target } from './target.ts';

/** A step that was accepted in the last 24 hours: guards count it with the steps of the plan. */
export type RecentStep = {
  readonly action: Action;
  readonly userId: string | null;
  readonly groupId: string | null;
  readonly fields: Step['fields'];
};

/** Everything a plan is computed from. Nothing else is looked at, not even a clock. */
export type PlanInput = {
  /** `pl_` and 8 characters. */
  readonly id: string;
  readonly kind: PlanKind;
  /** An operator, a token, or `schedule`. */
  readonly author: string;
  readonly now: Date;
  /** IANA name in which days begin. */
  readonly timeZone: string;
  readonly connection: {
    readonly id: string;
    /** What tells this account from others, whatever the connection is called; the digest binds it. */
    readonly accountKey: string | null;
  };
  readonly state: ProvisioningState;
  readonly sources: readonly SourceBasis[];
  readonly rules: {
    readonly file: string | null;
    readonly digest: string;
    readonly commit: string | null;
    readonly settings: Settings;
  };
  readonly evaluation: Evaluation;
  /** Records of the sources that a person has decided to leave out: they are not among the people. @default none */
  readonly leftOut?: readonly EvaluatedPerson[];
  /** With steps in flight laid over it (`layOver`). */
  readonly target: Target;
  readonly links: readonly IdentityLink[];
  /** Conflicts that were met before; decided ones are obeyed while their records stay the same. */
  readonly workItems: readonly WorkItem[];
  readonly scimObjects: readonly ScimObject[];
  readonly recent: readonly RecentStep[];
  /** How many steps are accepted and not visible in time: while there is one, nobody is archived. */
  readonly late: number;
  /**
   * What was noticed by earlier plans, and since when (ISO): somebody who has left without a day saying so, a group that somebody no longer
   * belongs to. Waiting times are counted from it.
   */
  readonly noticed: ReadonlyMap<string, string>;
  /** Accounts that somebody archived at once (a plan of the kind `urgent`). @default none */
  readonly archivedAtOnce?: ReadonlySet<string>;
  /** Steps that KnowBe4 refused; while one is not due it is listed, not planned. */
  readonly refusals: readonly Refusal[];
  /** Fields that the road carries. */
  readonly carries: ReadonlySet<ManagedField>;
  /** Requests that background reads may still spend today; null: not known. */
  readonly readsLeft: number | null;
  readonly only: 'add' | 'remove' | null;
  /** Only steps about this person: key, address, employee number, or id of a source or of KnowBe4. */
  readonly who: string | null;
  /** How many people of the account were erased here, so that nobody knows whether it still has them; @default none */
  readonly erased?: number;
  /** @default 24 hours */
  readonly expiresInMs?: number;
};

export type PlanResult = {
  readonly plan: Plan;
  /** Every conflict met, open or decided, for `meetWorkItems`. */
  readonly workItems: readonly WorkItem[];
  /** Pairs that were found and are not kept yet. */
  readonly links: readonly IdentityLink[];
  /** Everything noticed now: keys that are new begin to count at `now`, kept ones that are not among them are to be dropped. */
  readonly noticed: readonly string[];
  /** Aims of refused steps that are still wanted; the others are to be forgotten. */
  readonly refused: readonly string[];
};
