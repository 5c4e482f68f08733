import type { Caller } from '../operators/operator.ts';
import type { Proof } from '../operators/operators.ts';
import type { AdoptionStep } from '../provisioning/adopt.ts';
import type { Mode } from '../provisioning/plan.ts';
import type { ProvisioningState, WorkItem } from '../provisioning/state.ts';
import type { ReadRecord } from '../sources/ports.ts';
import type { OperatorUseCases } from './operators.ts';
import type { Attested, PlanView, ProvisioningUseCases } from './provisioning-types.ts';
import type { SourceUseCases } from './sources.ts';

/** Somebody who decides, with what proves it, and where they are: wrong tries are counted by it. */
export type Decider = { readonly proof: Proof; readonly from: Caller };

/**
 * What only people decide. Each act takes the secret of one of them; a token is none, and an agent has none.
 * @throws ForeknowError `operator_refused`, `too_many_attempts`, and what the act itself throws
 */
export type DecisionUseCases = {
  approve(
    planId: string,
    approval: { readonly digest: string; readonly steps: readonly string[] | null; readonly reason: string | null },
    decider: Decider,
  ): Promise<PlanView>;
  reject(planId: string, reason: string, decider: Decider): Promise<PlanView>;
  attest(
    connection: string,
    word: { readonly attested: Attested; readonly words: string | null },
    decider: Decider,
  ): Promise<ProvisioningState>;
  configure(
    connection: string,
    settings: { readonly mode?: Mode; readonly exempt?: readonly string[] },
    decider: Decider,
  ): Promise<ProvisioningState>;
  /** After a pause or a stop. */
  resume(connection: string, decider: Decider): Promise<ProvisioningState>;
  confirmAdoption(connection: string, decider: Decider, signal: AbortSignal): Promise<AdoptionStep>;
  decide(
    itemId: string,
    decision: {
      readonly choice: NonNullable<WorkItem['decision']>['choice'];
      readonly userId: string | null;
      readonly reason: string | null;
    },
    decider: Decider,
  ): Promise<WorkItem>;
  /** Lets a quarantined read of a source in; it takes two people. */
  acceptRead(readId: string, digest: string, decider: Decider): Promise<ReadRecord>;
};

export function decisionUseCases(deps: {
  readonly operators: Pick<OperatorUseCases, 'verify'>;
  readonly provisioning: ProvisioningUseCases;
  readonly sources: Pick<SourceUseCases, 'accept'>;
}): DecisionUseCases {
  const { provisioning, sources } = deps;
  const who = ({ proof, from }: Decider) => deps.operators.verify(proof, from);
  return {
    approve: async (planId, approval, decider) => provisioning.approve(planId, approval, await who(decider)),
    reject: async (planId, reason, decider) => provisioning.reject(planId, reason, await who(decider)),
    attest: async (connection, { attested, words }, decider) =>
      provisioning.attest(connection, attested, await who(decider), words),
    async configure(connection, { mode, exempt }, decider) {
      await who(decider);
      if (exempt !== undefined) await provisioning.setExempt(connection, exempt);
      if (mode !== undefined) return provisioning.setMode(connection, mode);
      return (await provisioning.status(connection)).state;
    },
    async resume(connection, decider) {
      await who(decider);
      return provisioning.resume(connection);
    },
    async confirmAdoption(connection, decider, signal) {
      await who(decider);
      return provisioning.confirmAdoption(connection, signal);
    },
    decide: async (itemId, decision, decider) => provisioning.decide(itemId, decision, await who(decider)),
    acceptRead: async (readId, digest, decider) => sources.accept(readId, digest, await who(decider)),
  };
}
