import type { Act } from '../audit/audit.ts';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import { ForeknowError } from '../errors/errors.ts';
import type { Sleep } from '../lib/sleep.ts';
import { confirmAdoption, isToBeApplied, pushAdoption } from '../provisioning/adopt.ts';
import { adoptionReport } from '../provisioning/adoption.ts';
import { type ApplyDeps, applyPlan } from '../provisioning/apply.ts';
import { type ApproveDeps, approveByRules, approvePlan, rejectPlan } from '../provisioning/approve.ts';
import { diffPlans } from '../provisioning/diff-plans.ts';
import { planDigest } from '../provisioning/digest.ts';
import { driftReport } from '../provisioning/drift.ts';
import { explain } from '../provisioning/explain.ts';
import { haltOf } from '../provisioning/halts.ts';
import type { Plan } from '../provisioning/plan.ts';
import type { Application, JournalEntry, StoredPlan } from '../provisioning/ports.ts';
import { buildRequestPlan, type WriteRequest } from '../provisioning/request.ts';
import type { Attestation, ProvisioningState, WorkItem } from '../provisioning/state.ts';
import { buildUndoPlan } from '../provisioning/undo.ts';
import { lookBeforeApplying, requireRecentRead } from './before-applying.ts';
import { compareRules } from './comparing.ts';
import type { Notice } from './gateway.ts';
import {
  changeState,
  keep,
  type PlanningDeps,
  type PlanWish,
  planAndKeep,
  planInput,
  situationOf,
} from './planning.ts';
import { type ProvisioningAlarms, provisioningAlarms } from './provisioning-alarms.ts';
import type { Attested, PlanView, ProvisioningUseCases, StepEntry, Written } from './provisioning-types.ts';
import { type ProvisioningWork, provisioningWork } from './provisioning-work.ts';
import type { RoadOf } from './road.ts';

export type ProvisioningDeps = PlanningDeps & {
  readonly room: Pick<ConnectionRoom, 'get' | 'list'>;
  readonly roadOf: RoadOf;
  /** The rule file of a connection; null: none is configured. */
  readonly ruleFileOf: (connection: Connection) => string | null;
  readonly sourceNames: readonly string[];
  readonly hasScimKey: (connectionId: string) => Promise<boolean>;
  /** Asks for a read of the directory: what was accepted should be visible by now. */
  readonly refresh: (connectionId: string) => Promise<void>;
  readonly putApply: (planId: string, by: string) => Promise<void>;
  /** Where people decide about a plan; null: the server does not know its own address. */
  readonly reviewUrl: (planId: string) => string | null;
  /** Names of the people who may approve. */
  readonly approvers: () => Promise<readonly string[]>;
  /** Whether the mirror has an enrollment of theirs in a campaign of this name. */
  readonly isEnrolled: (connectionId: string, userId: string, campaign: string) => Promise<boolean>;
  /** When the enrollments of the mirror were last read; null: never. */
  readonly enrollmentsReadAt: (connectionId: string) => Promise<string | null>;
  /** Writes into the audit log what this process does because somebody asked before, or by itself. */
  readonly bySystem: <T>(act: Act, work: () => Promise<T>) => Promise<T>;
  readonly newId: (prefix: string) => string;
  readonly sleep: Sleep;
  /** How long a process that died keeps a connection from others that would apply. */
  readonly leaseMs: number;
  readonly notify: (notice: Notice) => void;
};

export type Provisioning = {
  readonly useCases: ProvisioningUseCases;
  readonly alarmsOf: ProvisioningAlarms['of'];
} & ProvisioningWork;

const ALL = 1_000_000;
/** Callers give up after half a minute. */
const WRITE_WITHIN_MS = 20_000;

/** The use cases of provisioning over what the rooms give, and the work that processes share. */
export function createProvisioning(deps: ProvisioningDeps): Provisioning {
  const { store, room, now } = deps;
  const alarms = provisioningAlarms(deps);
  const approving: ApproveDeps = { store, now, telling: deps.telling, newId: () => deps.newId('apr') };
  const planOf = async (id: string): Promise<StoredPlan> => {
    const plan = await store.getPlan(id);
    if (plan !== null) return plan;
    throw new ForeknowError('not_found', {
      detail: `There is no plan ${id}.`,
      hint: 'foreknow plans list shows them.',
    });
  };
  const viewOf = async (id: string): Promise<PlanView> => {
    const plan = await planOf(id);
    const [approvals, applications] = await Promise.all([
      store.approvalsOf(id),
      store.listApplications({ connectionIds: [plan.connectionId], planId: id, limit: 100 }),
    ]);
    return { plan, approvals, applications };
  };
  const applicationOf = async (id: string): Promise<Application> => {
    const application = await store.getApplication(id);
    if (application !== null) return application;
    throw new ForeknowError('not_found', { detail: `Nothing was applied as ${id}.` });
  };
  const workItemOf = async (id: string): Promise<WorkItem> => {
    const item = await store.getWorkItem(id);
    if (item !== null) return item;
    throw new ForeknowError('not_found', { detail: `There is no conflict ${id}.` });
  };
  /** Rules may have become unreadable since; then the stricter way holds. */
  const fourEyesOf = (connection: Connection): Promise<boolean> =>
    deps.rulesOf(connection, null).then(
      ({ set }) => set.settings.fourEyes,
      () => true,
    );
  const wholePlan = async (id: string): Promise<Plan & StoredPlan> => ({
    ...(await planOf(id)),
    steps: await store.planSteps(id, { limit: ALL }),
    items: await store.planItems(id, { limit: ALL }),
  });
  const inputOf = async (connection: Connection, wish: Partial<PlanWish>) => {
    const situation = await situationOf(deps, connection);
    const whole = { kind: 'sync', author: 'schedule', who: null, only: null, draft: null, ...wish } as const;
    return { situation, ...(await planInput(deps, situation, whole)) };
  };
  const change = async (name: string, how: Parameters<typeof changeState>[2]) =>
    changeState(deps, await room.get(name), how);

  /** What the rules let happen by itself in mode auto. */
  const approveAutomatically = async (plan: Plan): Promise<void> => {
    if (plan.mode !== 'auto' || plan.state !== 'waiting') return;
    const stepIds = await approveByRules(approving, plan.id);
    if (stepIds.length > 0) await deps.putApply(plan.id, 'schedule');
  };

  const build = async (connection: Connection, wish: PlanWish): Promise<Plan> => {
    const { plan, groups } = await planAndKeep(deps, connection, wish);
    if (wish.draft !== null) return plan;
    alarms.learn(connection.id, groups);
    await approveAutomatically(plan);
    return plan;
  };

  /** What came out of the rules is not gone on with by others; what somebody asked for is. */
  const otherRules = async (connection: Connection, { kind, basis }: StoredPlan): Promise<string | null> => {
    if (kind !== 'sync' || basis.rules === null) return null;
    const digest = await deps.rulesOf(connection, null).then(
      ({ set }) => set.digest,
      () => null,
    );
    return digest === basis.rules.digest ? null : 'The rules or the mapping have changed.';
  };

  const applyDeps = async (connection: Connection, signal: AbortSignal): Promise<ApplyDeps> => {
    const road = await deps.roadOf(connection, { signal });
    const destination = await deps.destinationOf(await room.get(connection.id));
    return {
      ...{ store, now, telling: deps.telling, sleep: deps.sleep, newId: deps.newId, leaseMs: deps.leaseMs, road },
      readTarget: () => deps.readTarget(connection.id),
      halt: async () => ((await room.get(connection.id)).pausedAt === null ? null : connectionPaused(connection)),
      leadsTo: (plan) => planDigest(plan, destination) === plan.digest,
      whyOver: (plan) => otherRules(connection, plan),
    };
  };

  const applyNow = async (id: string, by: string, signal: AbortSignal): Promise<Application> => {
    const plan = await planOf(id);
    const connection = await room.get(plan.connectionId);
    const look = async () => lookBeforeApplying({ ...deps, approving }, connection, await wholePlan(id));
    const request = { planId: id, by, fourEyes: await fourEyesOf(connection), signal };
    const applying = await applyDeps(connection, signal);
    if (plan.kind !== 'adoption') return applyPlan(applying, { ...request, look });
    await look();
    if (plan.state === 'approved') await requireRecentRead(deps, connection);
    const { testMode } = await deps.scimStatus(connection, signal);
    const { state, application } = await pushAdoption(applying, { ...request, connectionId: connection.id, testMode });
    const { lacks } = state.adoption;
    if (lacks !== undefined) {
      const message = `Plan ${id} was sent, and the SCIM store is not whole: ${lacks}. Send what is missing: foreknow adopt --plan.`;
      deps.notify({ level: 'warn', connectionId: connection.id, message });
    }
    const [last] = await store.listApplications({ connectionIds: [connection.id], planId: id, limit: 1 });
    return application ?? last!;
  };

  const write = async (connection: Connection, request: WriteRequest, author: string): Promise<Written> => {
    const state = await changeState(deps, connection, (kept) => kept);
    const halt = haltOf(state, 'request', now());
    if (halt !== null && halt.code !== 'provisioning_halted') throw halt;
    const { input } = await inputOf(connection, { kind: 'request', author });
    const result = buildRequestPlan(input, request);
    if (result.plan.steps.length === 0) {
      if (result.plan.items.length > 0) throw notPossible(result.plan);
      return { plan: result.plan, outcome: 'unchanged' };
    }
    // Nobody could approve it: whoever asks is told so, and not that it waits.
    if (result.plan.state === 'blocked') throw blockedBy(result.plan);
    const plan = await keep(deps, result, { isWhole: false });
    const isWhole = plan.mode === 'auto' && plan.state === 'waiting' && halt === null;
    const stepIds = isWhole ? await approveByRules(approving, plan.id) : [];
    if (stepIds.length === 0) return { plan, outcome: 'waiting' };
    // Whoever is being applied already, or a service that does not answer or puts it off, makes it wait for its turn.
    const ended = await applyNow(plan.id, author, AbortSignal.timeout(WRITE_WITHIN_MS)).catch(() => null);
    if (ended === null || ended.state === 'stopped') await deps.putApply(plan.id, author);
    const isDone = ended?.state === 'applied' && stepIds.length === plan.steps.length;
    return { plan, outcome: isDone ? 'accepted' : 'waiting' };
  };

  /** @throws ForeknowError `invalid_request` for what would decide nothing */
  const requireDecidable = async (
    { kind, connectionId }: WorkItem,
    choice: NonNullable<WorkItem['decision']>['choice'],
    userId: string | null,
  ): Promise<void> => {
    if (kind === 'join' && choice !== 'ignore') {
      throw new ForeknowError('invalid_request', {
        detail: 'Of records that cannot be joined one can only be left out: ignore.',
        hint: 'Decide it for the record that is not theirs; the others are joined then.',
        field: 'choice',
      });
    }
    if (choice !== 'link') return;
    const isThere = userId !== null && (await deps.readTarget(connectionId)).users.some(({ id }) => id === userId);
    if (isThere) return;
    throw new ForeknowError('invalid_request', {
      detail: userId === null ? 'No account is named.' : `There is no account ${userId}.`,
      hint: 'Name one of the accounts of the conflict by its id.',
      field: 'user_id',
    });
  };

  /** The pair that somebody named is kept like any other, and outranks what was found otherwise. */
  const linkByDecision = async ({ connectionId, about }: WorkItem, userId: string, linkedAt: string): Promise<void> => {
    const key = about.replace(/^person:/, '');
    const refs = (await deps.people()).people.find((person) => person.key === key)?.refs ?? [];
    const save = refs.map((ref) => ({ connectionId, ...ref, userId, matchedOn: 'decision' as const, linkedAt }));
    if (save.length > 0) await store.saveIdentityLinks(connectionId, { save, drop: [] });
  };

  const useCases: ProvisioningUseCases = {
    async status(name) {
      const connection = await room.get(name);
      const state = await changeState(deps, connection, (kept) => kept);
      const [open, items, inFlight, hasScimKey, refusals] = await Promise.all([
        store.listPlans({
          ...{ connectionIds: [connection.id], limit: 1 },
          states: ['draft', 'blocked', 'waiting', 'approved', 'applying'],
        }),
        store.workItems({ connectionIds: [connection.id], states: ['open'], limit: ALL }),
        store.journaled({ connectionId: connection.id, states: ['accepted', 'visible', 'late'] }),
        deps.hasScimKey(connection.id),
        store.refusals(connection.id),
      ]);
      return {
        state,
        rules: deps.ruleFileOf(connection),
        sources: deps.sourceNames,
        hasScimKey,
        openPlan: open[0] ?? null,
        openItems: items.length,
        inFlight: inFlight.length,
        late: inFlight.filter((entry) => entry.state === 'late').length,
        refused: refusals.length,
        givenUp: refusals.filter(({ nextAt }) => nextAt === null).length,
      };
    },
    async setMode(name, mode) {
      const connection = await room.get(name);
      const ofFile = deps.settingsOf(connection).mode;
      if (ofFile !== null && ofFile !== mode) {
        throw new ForeknowError('conflict', {
          detail: `The configuration file sets the mode of ${connection.name} to ${ofFile}.`,
          hint: 'Change it there.',
        });
      }
      return changeState(deps, connection, (state) => ({ ...state, mode }));
    },
    attest: (name, attested, operator, words) =>
      change(name, (state) => attestedState(state, attested, { by: operator.name, at: now().toISOString(), words })),
    setExempt: (name, userIds) => change(name, (state) => ({ ...state, exempt: [...new Set(userIds)].toSorted() })),
    pause: (name) => change(name, (state) => ({ ...state, pausedAt: state.pausedAt ?? now().toISOString() })),
    stop: (name) => change(name, (state) => ({ ...state, stoppedAt: state.stoppedAt ?? now().toISOString() })),
    resume: (name) => change(name, (state) => ({ ...state, pausedAt: null, stoppedAt: null, quarantine: null })),

    async adoptionReport(name) {
      const { input } = await inputOf(await room.get(name), {});
      return adoptionReport(input);
    },
    async confirmAdoption(name, signal) {
      const connection = await room.get(name);
      await requireRecentRead(deps, connection);
      const { testMode } = await deps.scimStatus(connection, signal);
      return confirmAdoption(await applyDeps(connection, signal), { connectionId: connection.id, testMode, signal });
    },
    async drift(name, since) {
      const { input, situation } = await inputOf(await room.get(name), {});
      return driftReport(input, situation.seen, since);
    },
    async explain(name, who) {
      const { input, rules, people } = await inputOf(await room.get(name), {});
      const options = { now: input.now, timeZone: input.timeZone };
      return explain(input, who, (key) => rules.set.explain(key, people.people, options));
    },

    async build(name, { kind = 'sync', person, only, rules }, author) {
      const wish = { kind, author, who: person ?? null, only: only ?? null, draft: rules ?? null };
      return build(await room.get(name), wish);
    },
    async compare(name, { person, only, rules }, author) {
      const wish = { kind: 'sync', author, who: person ?? null, only: only ?? null, draft: rules } as const;
      return compareRules(deps, await room.get(name), wish);
    },
    plans: (query) => store.listPlans(query),
    plan: viewOf,
    wholePlan,
    async steps(id, query) {
      const { applications } = await viewOf(id);
      const steps = await store.planSteps(id, query);
      const entries = new Map<string, StepEntry>();
      for (const { id: applicationId } of applications.toReversed()) {
        for (const entry of await store.journalOf(applicationId)) entries.set(entry.stepId, stepEntry(entry));
      }
      return steps.map((step) => ({ step, entry: entries.get(step.id) ?? null }));
    },
    async items(id, query) {
      await planOf(id);
      return store.planItems(id, query);
    },
    async diff(a, b) {
      const [before, after] = await Promise.all([wholePlan(a), wholePlan(b)]);
      return diffPlans(before.steps, after.steps);
    },
    async approve(id, { digest, steps, reason }, operator) {
      const connection = await room.get((await planOf(id)).connectionId);
      const { approvalsExpireMs: expiresInMs } = deps.settingsOf(connection);
      const fourEyes = await fourEyesOf(connection);
      await approvePlan(approving, { planId: id, digest, steps, reason, operator, fourEyes, expiresInMs });
      return viewOf(id);
    },
    async requestApproval(id) {
      const plan = await planOf(id);
      return { plan, url: deps.reviewUrl(id), approvers: await deps.approvers() };
    },
    async reject(id, reason, operator) {
      await rejectPlan(approving, { planId: id, reason, operator });
      return viewOf(id);
    },
    async apply(id, by) {
      const plan = await planOf(id);
      if (!(await isToBeApplied({ store }, plan))) throw notApplicable(plan);
      // Whoever asks hears at once why it cannot be; it is looked at once more when it begins.
      const connection = await room.get(plan.connectionId);
      await lookBeforeApplying({ ...deps, approving }, connection, await wholePlan(id));
      const halt = haltOf(await store.getProvisioning(connection.id), plan.kind, now());
      if (halt !== null) throw halt;
      await deps.putApply(id, by);
      return viewOf(id);
    },
    applyNow,
    async undo(id, author) {
      const applications = id.startsWith('pl_') ? (await viewOf(id)).applications : [await applicationOf(id)];
      const [last] = applications;
      if (last === undefined) throw neverApplied(id);
      const { input } = await inputOf(await room.get(last.connectionId), { kind: 'undo', author });
      const journals = await Promise.all(applications.toReversed().map((one) => store.journalOf(one.id)));
      return keep(deps, buildUndoPlan(input, journals.flat()), { isWhole: true });
    },
    write: async (name, request, author) => write(await room.get(name), request, author),

    async userIdOf(connectionId, id) {
      if (!id.startsWith('new_')) return id;
      return (await store.provisionalId(connectionId, id))?.userId ?? id;
    },
    application: applicationOf,
    workItem: workItemOf,
    workItems: (query) => store.workItems(query),
    async decide(itemId, { choice, userId, reason }, operator) {
      const item = await workItemOf(itemId);
      await requireDecidable(item, choice, userId);
      const decision = { choice, userId, reason, by: operator.name, at: now().toISOString() };
      if (!(await store.decideWorkItem(itemId, item.digest, decision))) {
        throw new ForeknowError('conflict', {
          detail: 'The records of this conflict have changed meanwhile, or it is decided already.',
          hint: 'Look at it again.',
        });
      }
      if (choice === 'link' && userId !== null) await linkByDecision(item, userId, decision.at);
      return (await store.getWorkItem(itemId))!;
    },
  };
  return { useCases, alarmsOf: alarms.of, ...provisioningWork(deps, { applyNow, build, approving, applyDeps }) };
}

/** Only what nothing else tells: each word of a person has its time and their name. */
function attestedState(state: ProvisioningState, attested: Attested, word: Attestation): ProvisioningState {
  switch (attested) {
    case 'test_mode_on':
      return { ...state, testMode: { state: 'on', attested: word } };
    case 'test_mode_off':
      return { ...state, testMode: { state: 'off', attested: word } };
    case 'other_provisioner_off':
      return { ...state, owner: 'ours', ownerAttested: word };
    case 'renames_keep':
      return { ...state, renames: { state: 'keep', attested: word } };
    case 'renames_duplicate':
      return { ...state, renames: { state: 'duplicate', attested: word } };
  }
}

const stepEntry = (entry: JournalEntry): StepEntry => {
  const { state, applicationId, userId, groupId, provisionalId, found, error } = entry;
  const { writtenAt, acceptedAt, visibleAt, verifiedAt } = entry;
  return {
    ...{ state, applicationId, userId, groupId, provisionalId, found, error },
    ...{ writtenAt, acceptedAt, visibleAt, verifiedAt },
  };
};

const connectionPaused = ({ name }: Connection): ForeknowError =>
  new ForeknowError('connection_paused', {
    detail: `Connection ${name} is paused: nothing is sent.`,
    hint: `Let it go on: foreknow connections resume ${name}.`,
  });

const notPossible = ({ items: [first] }: Plan): ForeknowError =>
  new ForeknowError('plan_blocked', {
    detail: `${first!.text}.`,
    hint: 'What holds it back is told by the plan of the connection: foreknow plan.',
  });

const blockedBy = ({ guards }: Plan): ForeknowError =>
  new ForeknowError('plan_blocked', {
    detail: guards.flatMap(({ state, text }) => (state === 'blocked' ? [`${text}.`] : [])).join(' '),
    hint: 'Nothing was planned: ask again when it is mended.',
  });

const neverApplied = (id: string): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `Plan ${id} was never applied: there is nothing to take back.`,
    hint: `foreknow plans show ${id} tells what became of it.`,
  });

const notApplicable = ({ id, state }: StoredPlan): ForeknowError =>
  state === 'waiting' || state === 'draft'
    ? new ForeknowError('approval_needed', {
        detail: `Plan ${id} is not approved.`,
        hint: `Let somebody approve it: foreknow approve ${id}.`,
      })
    : new ForeknowError(state === 'blocked' ? 'plan_blocked' : 'plan_closed', {
        detail: `Plan ${id} is ${state}.`,
        hint:
          state === 'blocked'
            ? `What blocks it: foreknow plans show ${id}.`
            : 'Look at the newest plan of the connection.',
      });
