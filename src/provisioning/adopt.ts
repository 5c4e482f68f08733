import { ForeknowError } from '../errors/errors.ts';
import { type ApplyDeps, type ApplyRequest, applyPlan, later } from './apply.ts';
import { haltOf } from './halts.ts';
import type { Application, StoredPlan } from './ports.ts';
import { proveStore, type StoreProof } from './prove-store.ts';
import type { AdoptionState, ProvisioningState } from './state.ts';

/** What a Product API key tells of Test Mode now; `unknown` where there is none, and then what a person attested counts. */
export type TestMode = ProvisioningState['testMode']['state'];

export type AdoptionStep = {
  readonly state: ProvisioningState;
  readonly application: Application | null;
  /** Null: the push has not come to its end. */
  readonly proof: StoreProof | null;
};

/**
 * Sends everybody as they are, so that KnowBe4 takes the accounts over instead of making them again, and proves that the store is whole. Called again, it goes
 * on where it was. Nothing of it is at work before a person turns Test Mode off.
 * @param request an approved plan of the kind `adoption`
 * @returns the adoption is `pushed` when the store is whole, else `pushing`
 * @throws ForeknowError `scim_not_adopted` while Test Mode is not known to be on, `foreign_owner`, and what applying throws
 */
export async function pushAdoption(
  deps: ApplyDeps,
  request: ApplyRequest & { readonly connectionId: string; readonly testMode: TestMode },
): Promise<AdoptionStep> {
  const { connectionId, planId, testMode } = request;
  await change(deps, connectionId, (state) => {
    requireTestMode(state, testMode);
    const adoption = state.adoption.state === 'adopted' ? state.adoption : adoptionOf('pushing', planId, deps.now());
    return { ...state, adoption, testMode: { ...state.testMode, state: 'on' } };
  });
  const plan = await deps.store.getPlan(planId);
  const application = plan?.state === 'applied' ? null : await applyPlan(deps, request);
  if (application?.state === 'stopped') {
    return { state: await required(deps, connectionId), application, proof: null };
  }
  const proof = await prove(deps, connectionId, request.signal);
  const state = await change(deps, connectionId, (before) => {
    if (before.adoption.state === 'adopted') return before;
    const adoption = proof.isWhole ? adoptionOf('pushed', planId, deps.now()) : pushingAgain(deps, planId, proof);
    return { ...before, adoption };
  });
  return { state, application, proof };
}

/** Whether a plan is to be applied, or gone on with. Taking accounts over ends with the proof, after the steps of its plan. */
export async function isToBeApplied(
  { store }: Pick<ApplyDeps, 'store'>,
  { id, kind, state, connectionId }: StoredPlan,
): Promise<boolean> {
  if (state === 'approved' || state === 'applying') return true;
  if (kind !== 'adoption' || state !== 'applied') return false;
  const adoption = (await store.getProvisioning(connectionId))?.adoption;
  return adoption?.state === 'pushing' && adoption.planId === id;
}

/**
 * Test Mode is off: what was pushed is at work. The store is proven once more, so that nobody is archived because of what changed since.
 * @throws ForeknowError `scim_not_adopted` when nothing was pushed, Test Mode is not known to be off, or the store is not whole
 */
export async function confirmAdoption(
  deps: ApplyDeps,
  { connectionId, testMode, signal }: { connectionId: string; testMode: TestMode; signal: AbortSignal },
): Promise<AdoptionStep> {
  const before = await required(deps, connectionId);
  if (before.adoption.state === 'adopted') return { state: before, application: null, proof: null };
  if (before.adoption.state !== 'pushed')
    throw notYet('Nothing has been pushed to its end yet.', 'Run foreknow adopt.');
  const isOff = testMode === 'unknown' ? before.testMode.state === 'off' : testMode === 'off';
  if (!isOff) throw notYet('Test Mode is not known to be off.', 'Turn it off in KnowBe4’s console, then say so.');
  const proof = await prove(deps, connectionId, signal);
  if (!proof.isWhole) {
    const { planId } = before.adoption;
    await change(deps, connectionId, (now) => ({ ...now, adoption: pushingAgain(deps, planId, proof) }));
    throw notYet(
      `The store is not whole: ${lacking(proof)}.`,
      'Turn Test Mode on again, then send what is missing: foreknow adopt --plan.',
    );
  }
  const state = await change(deps, connectionId, (now) => ({
    ...now,
    adoption: adoptionOf('adopted', now.adoption.planId, deps.now()),
    owner: 'ours',
    testMode: { ...now.testMode, state: 'off' },
  }));
  return { state, application: null, proof };
}

const DAY_MS = 24 * 3_600_000;
const PROVE_EVERY_MS = 7 * DAY_MS;

/** Whether it is time to look whether the store still holds everybody: once a week, or the day after something lacked, while nothing is in flight. */
export async function isProofDue(
  { store, now }: Pick<ApplyDeps, 'store' | 'now'>,
  connectionId: string,
): Promise<boolean> {
  const state = await store.getProvisioning(connectionId);
  if (state?.adoption.state !== 'adopted' || haltOf(state, 'sync', now()) !== null) return false;
  const { at, provenAt = at, lacks } = state.adoption;
  const every = lacks === undefined ? PROVE_EVERY_MS : DAY_MS;
  if (provenAt !== null && now().getTime() - Date.parse(provenAt) < every) return false;
  return (await store.journaled({ connectionId, states: ['written', 'accepted', 'late'] })).length === 0;
}

/** Looks through the whole store and writes nothing: what is gone from it, by a hand in the console say, the next plan sends anew. */
export async function proveAgain(
  deps: ApplyDeps,
  { connectionId, signal }: { readonly connectionId: string; readonly signal: AbortSignal },
): Promise<StoreProof> {
  const time = deps.now().getTime();
  const provenAt = new Date(time).toISOString();
  // First, so that no other process looks as well; what fails is tried again the next day.
  const tomorrow = new Date(time - PROVE_EVERY_MS + DAY_MS).toISOString();
  await change(deps, connectionId, (state) => ({ ...state, adoption: { ...state.adoption, provenAt: tomorrow } }));
  const proof = await prove(deps, connectionId, signal);
  await change(deps, connectionId, ({ adoption: { lacks: _, ...adoption }, ...state }) => ({
    ...state,
    adoption: { ...adoption, provenAt, ...(!proof.isWhole && { lacks: lacking(proof) }) },
  }));
  return proof;
}

/** In words, with numbers. */
export function lacking(proof: StoreProof): string {
  const { wouldBeArchived, wouldBeCreated, missingGroups, missingMembers, unclear } = proof;
  const parts = [
    [wouldBeArchived.length, 'people would be archived'],
    [wouldBeCreated.length, 'people would be made'],
    [missingGroups.length, 'groups are not in it'],
    [missingMembers.length, 'members would leave their group'],
    [unclear.length, 'people are in it more than once, or as somebody else'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return said.length === 0 ? 'the service did not prove that it showed everybody' : said.join(', ');
}

async function prove(deps: ApplyDeps, connectionId: string, signal: AbortSignal): Promise<StoreProof> {
  const { store, road, now } = deps;
  const target = await deps.readTarget();
  if (target.asOf === null) throw notYet('KnowBe4 was never read whole.', 'Let a sync end first.');
  const { exempt, adoption } = await required(deps, connectionId);
  const scimObjects = await store.scimObjects(connectionId);
  const proof = await proveStore({ road, now }, { target, scimObjects, exempt, signal });
  const drop = [...proof.toSendAgain, ...(adoption.state === 'adopted' ? [] : proof.inactive)];
  if (drop.length > 0) await store.saveScimObjects(connectionId, { save: [], drop });
  return proof;
}

/** What is read counts more than what was said; who says nothing reads nothing. */
function requireTestMode({ testMode, owner }: ProvisioningState, read: TestMode): void {
  if (owner === 'foreign') {
    throw new ForeknowError('foreign_owner', {
      detail: 'The users of this account belong to another provisioner.',
      hint: 'Switch it off, then say so.',
    });
  }
  const isOn = read === 'unknown' ? testMode.state === 'on' : read === 'on';
  if (isOn) return;
  throw notYet(
    'Test Mode is not known to be on: accounts are only taken over while KnowBe4 changes nothing.',
    'Turn Test Mode on in KnowBe4’s console, under Account Integrations, SCIM, then say so.',
  );
}

const notYet = (detail: string, hint: string) => new ForeknowError('scim_not_adopted', { detail, hint });

/** The next plan of this kind sends what is missing. */
const pushingAgain = ({ now }: ApplyDeps, planId: string | null, proof: StoreProof): ProvisioningState['adoption'] => ({
  ...adoptionOf('pushing', planId, now()),
  lacks: lacking(proof),
});

const adoptionOf = (state: AdoptionState, planId: string | null, now: Date): ProvisioningState['adoption'] => ({
  ...{ state, planId, at: now.toISOString() },
});

async function required({ store }: ApplyDeps, connectionId: string): Promise<ProvisioningState> {
  const state = await store.getProvisioning(connectionId);
  if (state !== null) return state;
  throw new ForeknowError('observe_mode', {
    detail: 'The connection is in mode observe: nothing is written.',
    hint: 'Set its mode to propose.',
  });
}

async function change(
  deps: ApplyDeps,
  connectionId: string,
  how: (state: ProvisioningState) => ProvisioningState,
): Promise<ProvisioningState> {
  for (;;) {
    const before = await required(deps, connectionId);
    const changed = how(before);
    if (changed === before) return before;
    const state = { ...changed, updatedAt: later(before.updatedAt, deps.now()) };
    if (await deps.store.saveProvisioning(state, before.updatedAt)) return state;
  }
}
