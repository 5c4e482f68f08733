import type { Connection } from '../connections/connection.ts';
import { type ErrorCode, errorCatalog } from '../errors/catalog.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { Handler, Next } from '../jobs/job.ts';
import { isProofDue, isToBeApplied, lacking, proveAgain } from '../provisioning/adopt.ts';
import type { ApplyDeps } from '../provisioning/apply.ts';
import { type ApproveDeps, expirePlan } from '../provisioning/approve.ts';
import type { Plan } from '../provisioning/plan.ts';
import type { Application, StoredPlan } from '../provisioning/ports.ts';
import { waitsForSync } from '../provisioning/put-back.ts';
import { lateHints, verifySeen } from '../provisioning/verify.ts';
import type { RunRecord } from '../sync/ports.ts';
import type { PlanWish } from './planning.ts';
import type { ProvisioningDeps } from './provisioning.ts';
import type { Chore } from './work.ts';

export type ProvisioningWork = {
  /** Applies a plan; the job's key is its id. */
  readonly apply: Handler;
  /** Mails people that a plan waits for them, where that did not go out at once; the job's key is its id. */
  readonly mail: Handler;
  /** Builds plans that are due, ends those whose time is over, and looks for what was accepted. */
  readonly chore: Chore;
  /** Forgets plans that are long over. */
  readonly housekeeping: Chore;
  /** Compares what was sent with what a read has shown. */
  readonly afterRun: (run: RunRecord) => Promise<void>;
};

type Cases = {
  readonly applyNow: (id: string, by: string, signal: AbortSignal) => Promise<Application>;
  readonly build: (connection: Connection, wish: PlanWish) => Promise<Plan>;
  readonly approving: ApproveDeps;
  readonly applyDeps: (connection: Connection, signal: AbortSignal) => Promise<ApplyDeps>;
};

const EVERY_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long plans are kept that came to nothing, and those that were applied, with what undo needs. */
const ENDED_DAYS = 30;
const APPLIED_DAYS = 365;
/** Between two syncs of KnowBe4's own (its fair-use page): what was accepted is visible one window later. */
const WINDOW_MS = 15 * 60_000;
/** What goes on at another process, or waits for KnowBe4, is asked for again. */
const AGAIN_MS = 30_000;
/** What KnowBe4 put off, or did not answer, is gone on with. */
const GO_ON_MS = 5 * 60_000;
const OPEN = ['draft', 'blocked', 'waiting', 'approved'] as const;
const ALL = 1_000_000;
/** After the id of every plan: they begin with `pl_`. */
const LAST = 'q';
const endedWords: Readonly<Record<Application['state'], string>> = {
  running: 'is being applied.',
  applied: 'applied.',
  partial:
    'applied in part: foreknow plans steps tells what was not, and why; what KnowBe4 refused is tried again later.',
  stopped: 'stopped.',
};

export function provisioningWork(
  deps: ProvisioningDeps,
  { applyNow, build, approving, applyDeps }: Cases,
): ProvisioningWork {
  const { store, room, now, notify } = deps;
  const time = () => now().getTime();

  const apply: Handler = async ({ key, payload }, signal): Promise<Next> => {
    const plan = await store.getPlan(key);
    if (plan === null || !(await isToBeApplied({ store }, plan))) return null;
    try {
      const by = String(payload.by ?? 'schedule');
      const act = { action: 'plan.applied', target: key, connectionId: plan.connectionId, details: { by } };
      const application = await deps.bySystem(act, () => applyNow(key, by, signal));
      tellApplied(plan, application);
      // Where this process ends, another one goes on at once.
      if (application.stop !== null && signal.aborted) throw signal.reason;
      // What another plan had left was to be ended before.
      const isOwn = application.planId === key;
      const goesOn = !isOwn || (application.stop !== null && (await timeMends(plan, application.stop.code)));
      return goesOn ? { dueAt: time() + GO_ON_MS } : null;
    } catch (error) {
      if (signal.aborted) throw error;
      if (isForeknowError(error) && error.code === 'conflict') return { dueAt: time() + AGAIN_MS };
      if (!isForeknowError(error) || error.retry !== 'never') throw error;
      if (await timeMends(plan, error.code)) return { dueAt: time() + GO_ON_MS };
      const message = `Plan ${key} was not applied: ${error.detail}`;
      notify({ level: 'warn', connectionId: plan.connectionId, message });
      return null;
    }
  };

  const mail: Handler = async ({ key }) => {
    const plan = await store.getPlan(key);
    if (plan?.state !== 'waiting') return null;
    try {
      await deps.mailWaiting.send(plan);
    } catch (cause) {
      throw new ForeknowError('unavailable', { detail: `The mail about plan ${key} could not be sent.`, cause });
    }
    return null;
  };

  /** A freeze and a rest end by themselves; a pause, an emergency stop and a refused key take a person. */
  const timeMends = async ({ connectionId }: StoredPlan, code: string): Promise<boolean> => {
    if (code !== 'provisioning_halted')
      return code in errorCatalog && errorCatalog[code as ErrorCode].retry !== 'never';
    const state = await store.getProvisioning(connectionId);
    return state !== null && state.pausedAt === null && state.stoppedAt === null;
  };

  const tellApplied = ({ id, connectionId }: StoredPlan, { state, stop }: Application): void =>
    notify({
      level: state === 'applied' ? 'info' : 'warn',
      connectionId,
      message: stop === null ? `Plan ${id}: ${endedWords[state]}` : `Plan ${id} stopped: ${stop.reason}`,
    });

  const expire = async (): Promise<void> => {
    const plans = await store.listPlans({ connectionIds: null, states: OPEN, limit: ALL });
    for (const plan of plans) if (Date.parse(plan.expiresAt) <= time()) await expirePlan(approving, plan);
  };

  /** A plan is due when its time has come and something was read since the last one. */
  const planIfDue = async (connection: Connection): Promise<void> => {
    const { everyMinutes } = deps.settingsOf(connection);
    if (everyMinutes === null || deps.ruleFileOf(connection) === null || connection.pausedAt !== null) return;
    // One of the future is of a clock that was put back since.
    const before = { builtAt: now().toISOString(), id: LAST };
    const [last] = await store.listPlans({ connectionIds: [connection.id], kinds: ['sync'], before, limit: 1 });
    if (last !== undefined && time() < Date.parse(last.builtAt) + everyMinutes * 60_000) return;
    await build(connection, { kind: 'sync', author: 'schedule', who: null, only: null, draft: null });
  };

  /** What is of the future is of a clock that was put back since. */
  const isWithinWindow = (at: number): boolean => at <= time() && time() < at + WINDOW_MS;

  /** What should be visible by now is looked for, once a window. */
  const lookFor = async (connection: Connection): Promise<void> => {
    const inFlight = await store.journaled({ connectionId: connection.id, states: ['accepted', 'late'] });
    const oldest = inFlight
      .filter(({ step }) => !waitsForSync(step))
      .map(({ acceptedAt }) => Date.parse(acceptedAt ?? ''))
      .toSorted((a, b) => a - b)[0];
    if (oldest === undefined || isWithinWindow(oldest)) return;
    const { asOf } = await deps.readTarget(connection.id);
    if (asOf === null || !isWithinWindow(Date.parse(asOf))) await deps.refresh(connection.id);
  };

  /** A read of people or groups may show what was accepted. */
  const verify = async ({ connectionId, streams }: RunRecord): Promise<void> => {
    if (!streams.some(({ stream }) => stream === 'users' || stream === 'groups')) return;
    const flying = await store.journaled({ connectionId, states: ['accepted', 'visible', 'late'] });
    if (flying.length === 0) return;
    const lastSyncAt = async (): Promise<string | null> => {
      const status = await deps.scimStatus(await room.get(connectionId)).catch(() => null);
      return status?.lastSync?.completedAt ?? status?.lastSync?.createdAt ?? null;
    };
    const verifying = { store, now, telling: deps.telling, lastSyncAt };
    const { late, givenUp } = await verifySeen(verifying, await deps.readTarget(connectionId));
    if (late.length + givenUp.length === 0) return;
    const state = await store.getProvisioning(connectionId);
    const hints = state === null ? [] : lateHints(state, [...late, ...givenUp], await lastSyncAt());
    const message = [`${late.length + givenUp.length} steps are not visible in time.`, ...hints].join(' ');
    notify({ level: 'warn', connectionId, message });
  };

  /** The SCIM store is looked through once a week: KnowBe4 archives whoever is gone from it. */
  const proveStore = async (connection: Connection, signal: AbortSignal): Promise<void> => {
    if (!(await isProofDue({ store, now }, connection.id)) || !(await deps.hasScimKey(connection.id))) return;
    const proof = await proveAgain(await applyDeps(connection, signal), { connectionId: connection.id, signal });
    if (proof.isWhole) return;
    const message = `The SCIM store of ${connection.name} is not whole: ${lacking(proof)}. The next plan sends what is missing.`;
    notify({ level: 'warn', connectionId: connection.id, message });
  };

  const each = [
    ['No plan could be built', planIfDue],
    ['What was sent could not be looked for', lookFor],
    ['The SCIM store could not be looked through', proveStore],
  ] as const;
  return {
    apply,
    mail,
    chore: {
      everyMs: EVERY_MS,
      async run(signal) {
        await expire();
        for (const connection of await room.list()) {
          if (signal.aborted) return;
          for (const [what, work] of each) {
            await work(connection, signal).catch((error: unknown) => {
              const why = isForeknowError(error) ? error.detail : 'Something broke on our side.';
              notify({ level: 'warn', connectionId: connection.id, message: `${what}: ${why}` });
            });
          }
        }
      },
    },
    housekeeping: {
      everyMs: DAY_MS,
      async run() {
        const ago = (days: number) => new Date(time() - days * DAY_MS).toISOString();
        await store.dropPlans({ endedBefore: ago(ENDED_DAYS), appliedBefore: ago(APPLIED_DAYS) });
      },
    },
    afterRun: verify,
  };
}
