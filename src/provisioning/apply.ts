import { ForeknowError } from '../errors/errors.ts';
import type { Sleep } from '../lib/sleep.ts';
import { applySteps, type Ended } from './apply-steps.ts';
import { standing } from './approvals.ts';
import { haltOf, isRefusedKey, quarantineAfter } from './halts.ts';
import { layOver } from './in-flight.ts';
import type { Plan } from './plan.ts';
import type { Application, ApplyLease, JournalEntry, ProvisioningStore, StoredPlan } from './ports.ts';
import type { Road } from './road.ts';
import type { ProvisioningState } from './state.ts';
import type { Target } from './target.ts';
import { lapseApprovals, type Telling } from './telling.ts';

export type ApplyDeps = {
  readonly store: ProvisioningStore;
  /** The road of the connection; one for each application. */
  readonly road: Road;
  /** The connection as the mirror has it, with nothing laid over it. */
  readonly readTarget: () => Promise<Target>;
  readonly telling: Telling;
  /** Why nothing may be written beside what the state of provisioning says; asked before each write. Default: nothing. */
  readonly halt?: () => Promise<ForeknowError | null>;
  /** Whether the road leads to where a plan was made for; default: it does. */
  readonly leadsTo?: (plan: Digested) => boolean;
  /** Why what a process had left is not gone on with, in words: it was approved upon other rules, say; null: it is. Default: nothing. */
  readonly whyOver?: (plan: StoredPlan) => Promise<string | null>;
  readonly now: () => Date;
  readonly sleep: Sleep;
  /** An id with this prefix, as `app_…`. */
  readonly newId: (prefix: string) => string;
  /** How long a process that died keeps the connection from others; default 60 s. */
  readonly leaseMs?: number;
};

export type ApplyRequest = {
  readonly planId: string;
  /** An operator's name, or `schedule`. */
  readonly by: string;
  readonly fourEyes: boolean;
  /**
   * Looks at what was approved once more, right before it is begun; default: nothing does.
   * @returns ids of steps that nobody asks for any more
   * @throws ForeknowError `approval_needed` when the approval has lapsed
   */
  readonly look?: () => Promise<ReadonlySet<string>>;
  /** Ends it before the next write. */
  readonly signal: AbortSignal;
};

type Digested = Pick<Plan, 'connectionId' | 'kind' | 'steps' | 'effects' | 'guards' | 'digest'>;

const LEASE_MS = 60_000;
const ALL_STEPS = 1_000_000;

/**
 * Sends the approved steps of a plan, in the safe order, each written to the journal before and after. What another process had begun and left for
 * the connection is ended first. Called again after a crash, or after it was stopped, it goes on where it was.
 * @returns the application as it ended; `stop` says why it did not get to its end
 * @throws ForeknowError `not_found`, `approval_needed`, `plan_closed`, `conflict` (somebody is applying), `observe_mode`, `scim_not_adopted`, `foreign_owner`,
 *   `provisioning_halted`, and what `deps.halt` says
 */
export async function applyPlan(deps: ApplyDeps, request: ApplyRequest): Promise<Application> {
  const plan = await requirePlan(deps, request.planId);
  const halt = await haltNow(deps, plan);
  if (halt !== null) throw halt;
  for (;;) {
    // After each time: what another plan had left to do counts with what this one is to do.
    const unasked = await request.look?.();
    const stepIds = await approvedSteps(deps, plan, request.fourEyes);
    const lease = { connectionId: plan.connectionId, token: deps.newId('lse') };
    const begun = await begin(deps, plan, lease, stepIds, request.by);
    const { application } = begun;
    const isOwn = application.planId === plan.id;
    const ended = await held(deps, lease, request.signal, (signal) =>
      run(deps, lease, { application, unasked: (isOwn && unasked) || new Set() }, signal),
    );
    // What another plan had left and may not go on with keeps nobody back.
    const isOver = ended.state !== 'stopped' || ended.stop?.code === 'approval_needed';
    if (begun.outcome !== 'unfinished' || !isOver) return ended;
  }
}

const haltNow = async (
  deps: ApplyDeps,
  { connectionId, kind }: StoredPlan,
  isBegun = false,
): Promise<ForeknowError | null> =>
  haltOf(await deps.store.getProvisioning(connectionId), kind, deps.now(), isBegun) ?? (await deps.halt?.()) ?? null;

async function requirePlan({ store }: ApplyDeps, planId: string): Promise<StoredPlan> {
  const plan = await store.getPlan(planId);
  if (plan !== null) return plan;
  throw new ForeknowError('not_found', { detail: `There is no plan ${planId}.` });
}

/** What was approved; null: all. A plan that is being applied was approved when that began. */
async function approvedSteps(deps: ApplyDeps, plan: StoredPlan, fourEyes: boolean): Promise<readonly string[] | null> {
  const { store, now } = deps;
  if (plan.state === 'applying') return null;
  if (plan.state === 'waiting') throw notApproved(plan, 'It waits for somebody.');
  if (plan.state !== 'approved') {
    throw new ForeknowError('plan_closed', {
      detail: `Plan ${plan.id} is ${plan.state}.`,
      hint: 'Look at the newest plan of the connection.',
    });
  }
  const steps = await store.planSteps(plan.id, { limit: ALL_STEPS });
  const then = standing(plan, steps, await store.approvalsOf(plan.id), { now: now(), fourEyes });
  if (then.isApproved) return then.stepIds;
  const reason = 'Its approval has expired.';
  await lapseApprovals(deps, plan, reason);
  throw notApproved(plan, reason);
}

const notApproved = ({ id }: StoredPlan, why: string) =>
  new ForeknowError('approval_needed', {
    detail: `Plan ${id} is not approved. ${why}`,
    hint: `Let somebody approve it: foreknow approve ${id}.`,
  });

async function begin(
  { store, now, newId, leaseMs = LEASE_MS }: ApplyDeps,
  plan: StoredPlan,
  { token }: ApplyLease,
  stepIds: readonly string[] | null,
  by: string,
) {
  const at = now();
  const application: Application = {
    ...{ id: newId('app'), planId: plan.id, planDigest: plan.digest, connectionId: plan.connectionId },
    ...{ state: 'running', by, stepIds, startedAt: at.toISOString(), endedAt: null, resumed: 0, stop: null },
  };
  const leaseUntil = new Date(at.getTime() + leaseMs).toISOString();
  const begun = await store.beginApplication({ application, token, at: at.toISOString(), leaseUntil });
  if (begun.outcome === 'busy') {
    throw new ForeknowError('conflict', {
      detail: 'A plan of this connection is being applied.',
      hint: 'Two plans are never applied at once: wait for it to end.',
    });
  }
  if (begun.application === null) throw notApproved(plan, 'It has changed.');
  return begun;
}

/** Keeps the lease while `work` goes on; whoever loses it is told to end. */
async function held(
  { store, now, sleep, leaseMs = LEASE_MS }: ApplyDeps,
  lease: ApplyLease,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Application>,
): Promise<Application> {
  const over = new AbortController();
  const lost = new AbortController();
  const keep = async (): Promise<void> => {
    for (;;) {
      await sleep(leaseMs / 3, over.signal).catch(() => undefined);
      if (over.signal.aborted) return;
      const until = new Date(now().getTime() + leaseMs).toISOString();
      // While the store does not answer the lease goes on until its end; the journal is fenced by it anyway.
      if (!(await store.renewApplyLease(lease, until).catch(() => true))) lost.abort(lostLease());
    }
  };
  const kept = keep();
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    over.abort();
    await kept;
  }
}

const lostLease = () =>
  new ForeknowError('conflict', {
    detail: 'Another process has taken over applying plans of this connection, or it was removed.',
    hint: 'Look at the application: what it had begun is gone on with there.',
  });

async function run(
  deps: ApplyDeps,
  lease: ApplyLease,
  { application, unasked }: { readonly application: Application; readonly unasked: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<Application> {
  const { store, road } = deps;
  const plan = await requirePlan(deps, application.planId);
  const all = await store.planSteps(plan.id, { limit: ALL_STEPS });
  if (deps.leadsTo?.({ ...plan, steps: all }) === false)
    return end(deps, lease, { plan, application, ended: stoppedFor(ELSEWHERE) });
  const over = application.resumed === 0 ? null : await whyOver(deps, plan);
  if (over !== null) return end(deps, lease, { plan, application, ended: stoppedFor(over) });
  const chosen = application.stepIds === null ? null : new Set(application.stepIds);
  const steps = all.filter(({ id }) => chosen?.has(id) ?? true);
  const { done, open, flying } = await begunBefore(store, plan, application);
  const index = layOver(await deps.readTarget(), flying, await store.provisionalIds(plan.connectionId));
  const ended = await applySteps({
    ...{ store, road, lease, plan, application, steps, done, open, signal, now: deps.now, target: index, unasked },
    halt: () => haltNow(deps, plan, true),
    // One urgent leaver does not wait for others.
    isAnyLate: plan.kind !== 'urgent' && flying.some(({ state }) => state === 'late'),
    scimObjects: await store.scimObjects(plan.connectionId),
    refusals: await store.refusals(plan.connectionId),
  });
  if (ended.isLost) throw signal.aborted ? signal.reason : lostLease();
  await noteHealth(deps, plan, ended);
  return end(deps, lease, { plan, application, ended });
}

/** What was approved and begun is not for ever: whoever takes it up days later, or with other rules, does not send the rest. */
async function whyOver(deps: ApplyDeps, plan: StoredPlan): Promise<string | null> {
  if (Date.parse(plan.expiresAt) <= deps.now().getTime()) return `It was approved until ${plan.expiresAt}.`;
  return (await deps.whyOver?.(plan)) ?? null;
}

/** Another account, or another key, than the plan was made and approved for. */
const ELSEWHERE = 'The connection has another account or another SCIM key by now.';

const stoppedFor = (reason: string): Pick<Ended, 'states' | 'stop'> => ({
  states: new Map(),
  stop: { code: 'approval_needed', reason },
});

type Begun = {
  readonly done: ReadonlyMap<string, JournalEntry>;
  /** Written, and nobody knows whether they were taken. */
  readonly open: ReadonlyMap<string, JournalEntry>;
  /** What other plans have in flight. */
  readonly flying: readonly JournalEntry[];
};

async function begunBefore(store: ProvisioningStore, plan: StoredPlan, application: Application): Promise<Begun> {
  const { connectionId } = plan;
  const earlier = await store.listApplications({ connectionIds: [connectionId], planId: plan.id, limit: 1000 });
  const done = new Map<string, JournalEntry>();
  const open = new Map<string, JournalEntry>();
  for (const { id } of earlier.toReversed()) {
    for (const entry of await store.journalOf(id)) {
      if (isTaken(entry) || (id === application.id && isOver(entry))) done.set(entry.stepId, entry);
      if (entry.state === 'written') open.set(entry.stepId, entry);
      else open.delete(entry.stepId);
    }
  }
  const inFlight = await store.journaled({ connectionId, states: ['accepted', 'visible', 'late'] });
  return { done, open, flying: inFlight.filter(({ planId }) => planId !== plan.id) };
}

const isTaken = ({ state }: JournalEntry): boolean => ['accepted', 'visible', 'verified', 'late'].includes(state);
/** Decided in this application already. */
const isOver = ({ state }: JournalEntry): boolean => ['stale', 'skipped', 'failed'].includes(state);

/** Writes rest after a refused key or too many failures; an application that was well ends a rest. */
async function noteHealth(
  { store, now }: ApplyDeps,
  { connectionId }: StoredPlan,
  { stop, isSick }: Ended,
): Promise<void> {
  const isBad = isSick || (stop !== null && isRefusedKey(stop.code));
  for (;;) {
    const state = await store.getProvisioning(connectionId);
    if (state === null) return;
    const quarantine = isBad ? quarantineAfter(state.quarantine, stop!.reason, now()) : null;
    if ((!isBad && stop !== null) || (quarantine === null && state.quarantine === null)) return;
    const changed: ProvisioningState = { ...state, quarantine, updatedAt: later(state.updatedAt, now()) };
    if (await store.saveProvisioning(changed, state.updatedAt)) return;
  }
}

/** Each state has another time than the one before, however fast they follow each other. */
export const later = (before: string, now: Date): string =>
  new Date(Math.max(now.getTime(), Date.parse(before) + 1)).toISOString();

/** What became of it is told in the transaction that ends it: whoever is killed here has told it, or goes on. */
async function end(
  { store, telling, now }: ApplyDeps,
  lease: ApplyLease,
  {
    plan,
    application,
    ended: { stop, states },
  }: { readonly plan: StoredPlan; readonly application: Application; readonly ended: Pick<Ended, 'stop' | 'states'> },
): Promise<Application> {
  const isWhole = [...states.values()].every((state) => state === 'accepted');
  const ended: Application = {
    ...application,
    state: stop === null ? (isWhole ? 'applied' : 'partial') : 'stopped',
    stop,
    endedAt: now().toISOString(),
  };
  const planState = stop === null ? 'applied' : 'approved';
  const taken = (await store.journalOf(application.id)).filter(({ acceptedAt }) => acceptedAt !== null);
  const entry = telling.entryOf(
    stop === null ? 'plan.applied' : 'plan.stopped',
    { ...plan, state: planState },
    { steps: taken.length, detail: stop?.reason ?? refusedWords(states) },
  );
  if (await store.endApplication(lease, ended, { planState, entry })) return ended;
  throw lostLease();
}

function refusedWords(states: Ended['states']): string | null {
  const refused = [...states.values()].filter((state) => state === 'failed').length;
  return refused === 0 ? null : `KnowBe4 refused ${refused} of ${states.size} steps: they are tried again later.`;
}
