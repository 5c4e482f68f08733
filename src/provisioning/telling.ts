import type { PlanEntry, PlanEntryOf, ProvisioningStore, StoredPlan } from './ports.ts';

/** How plans are told of. */
export type Telling = {
  readonly entryOf: PlanEntryOf;
  /** Whether people are told by mail that a plan waits for them. */
  readonly isMailed: boolean;
};

/** That a plan waits for people, to be kept with what made it wait; a mail about it is due at a time. */
export const toldWaiting = (
  { entryOf, isMailed }: Telling,
  plan: Parameters<PlanEntryOf>[1],
  mailBy: Date,
): { readonly entry: PlanEntry; readonly mailBy: number | null } => ({
  entry: entryOf('plan.waiting', plan),
  mailBy: isMailed ? mailBy.getTime() : null,
});

/** Approvals of a plan count no more: it waits again, and people hear of it as they did the first time. @returns how many there were */
export function lapseApprovals(
  deps: {
    readonly store: Pick<ProvisioningStore, 'lapseApprovals'>;
    readonly telling: Telling;
    readonly now: () => Date;
  },
  plan: StoredPlan,
  reason: string,
): Promise<number> {
  const told = toldWaiting(deps.telling, { ...plan, state: 'waiting' }, deps.now());
  return deps.store.lapseApprovals(plan.id, { at: deps.now().toISOString(), reason, told });
}
