import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { memoryStore } from '../store/contract/memory-store.ts';
import { applyPlan } from './apply.ts';
import { aState, at, con, telling } from './contract/builders.ts';
import { aGroup, anAccount, aTarget, emailOf, fillRoad, mirrorOf, planFor, readyStore, set } from './contract/lab.ts';
import { memoryRoad, type OnCall } from './contract/memory-road.ts';
import type { Plan, Step } from './plan.ts';
import type { ProvisioningStore } from './ports.ts';
import type { Road } from './road.ts';
import { verifySeen } from './verify.ts';

/* A process is killed, or told to end, at any call that it makes, of the store or of the road, before or after the call takes effect. */

const LEASE_MS = 60_000;
const target = aTarget(
  ['aiko', 'tom', 'ana'].map((name) => anAccount(name)).concat(anAccount('lena', { status: 'archived' })),
  [aGroup('Clerks', ['aiko', 'tom'])],
);
type Wishes = Parameters<typeof planFor>[1];
const joiner = (who: string): Wishes => [
  { action: 'create', who, fields: [...set('email', null, emailOf(who)), ...set('first_name', null, who)] },
  { action: 'manager', who, fields: set('manager_email', null, emailOf('aiko')) },
  { action: 'member_add', who, into: 'New hires' },
];
/** Enough of them go several at a time. */
const joiners = ['maya', 'ben', 'mo', 'kim', 'ida', 'uli', 'eva', 'jan', 'lou', 'pia'].map(joiner);
const others: readonly Wishes[] = [
  [{ action: 'group_create', into: 'New hires' }],
  [{ action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') }],
  [
    { action: 'update', who: 'ana', fields: set('email', emailOf('ana'), 'ana.b@example.com') },
    { action: 'manager', who: 'tom', fields: set('manager_email', null, 'ana.b@example.com') },
  ],
  [{ action: 'member_add', who: 'ana', into: 'Clerks' }],
  [{ action: 'member_remove', who: 'tom', into: 'Clerks' }],
  [{ action: 'group_rename', into: 'Clerks', group: { name: 'Office', groupId: 'g-Clerks', was: 'Clerks' } }],
  [
    { action: 'restore', who: 'lena' },
    { action: 'update', who: 'lena', fields: set('job_title', 'Clerk', 'Lead') },
  ],
  [{ action: 'archive', who: 'tom' }],
];
const all = [...joiners, ...others];

/** A plan in which steps need what they stand on: the person, and the group, that the plan makes. */
function planOf(wishes: readonly Wishes[]): Plan {
  const plan = planFor(target, wishes.flat());
  const needs = (step: Step): readonly string[] =>
    plan.steps.flatMap(({ id, action, person, group }) => {
      const isPerson = action === 'create' && step.action !== 'create' && person?.key === step.person?.key;
      const isGroup = action === 'group_create' && step.action === 'member_add' && group?.name === step.group?.name;
      return isPerson || isGroup ? [id] : [];
    });
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, needs: needs(step) })) };
}

/** What happens to a process at one of its calls: it dies before or after it, it is asked to end, or somebody stops all writes. */
type Blow = { readonly kind: 'dies' | 'dies-after' | 'abort' | 'stop'; readonly call: number };

/** What ends a process: it counts its calls, and no call is made after its end. */
function mortal(blow: Blow | null, hears: { readonly abort: () => void; readonly stop: () => Promise<unknown> }) {
  let calls = 0;
  let isDead = false;
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Error('killed');
    calls += 1;
    const kind = calls === blow?.call ? blow.kind : null;
    if (kind === 'dies') isDead = true;
    if (isDead) throw new Error('killed');
    if (kind === 'abort') hears.abort();
    if (kind === 'stop') await hears.stop();
    const value = await work();
    if (kind === 'dies-after') isDead = true;
    if (isDead) throw new Error('killed');
    return value;
  };
  const dying = <T extends object>(of: T): T =>
    new Proxy(of, {
      get: (whole, name) => {
        const value = Reflect.get(whole, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => around(() => (value as (...all: unknown[]) => Promise<unknown>)(...args));
      },
    });
  return { dying, isDead: () => isDead, calls: () => calls };
}

/** What the service does with one of the writes: it takes it and says nothing, or it takes none for now. */
type Trouble = { readonly kind: 'lost' | 'limited' | 'refused-key'; readonly write: number };
type Story = {
  /** One for each process, until none is left. */
  readonly blows: readonly Blow[];
  readonly troubles: readonly Trouble[];
  /** Whether KnowBe4 has applied what was sent, and we have read it, before the next process begins. */
  readonly shows: readonly boolean[];
};
const calm: Story = { blows: [], troubles: [], shows: [] };

const told = {
  lost: { when: 'after', code: 'remote_unavailable' },
  limited: { when: 'before', code: 'remote_rate_limited' },
  'refused-key': { when: 'before', code: 'connection_unauthorized' },
} as const;

async function applied(plan: Plan, { blows, troubles, shows }: Story) {
  const store = await memoryStore();
  const writes = { before: 0, after: 0 };
  const onCall: OnCall = ({ name, when }) => {
    if (/^(find|get|is|read)/.test(name)) return;
    writes[when] += 1;
    const trouble = troubles.find(({ kind, write }) => told[kind].when === when && write === writes[when]);
    if (trouble !== undefined) throw new ForeknowError(told[trouble.kind].code, { detail: trouble.kind });
  };
  let hears: OnCall = () => undefined;
  const road = memoryRoad((call) => hears(call));
  const objects = await fillRoad(road, target);
  await readyStore(store, plan, objects);
  hears = onCall;
  let now = Date.parse(at(60));
  let ids = 0;
  let seen = target;
  const world = {
    ...{ telling, readTarget: async () => seen, now: () => new Date(now), leaseMs: LEASE_MS },
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((__, reject) => signal?.addEventListener('abort', reject)),
    newId: (prefix: string) => `${prefix}_${++ids}`,
  };
  const attempt = (process: { store: ProvisioningStore; road: Road }, signal: AbortSignal) =>
    applyPlan({ ...world, ...process }, { planId: plan.id, by: 'priya', fourEyes: false, signal });
  const change = async (changes: Parameters<typeof aState>[0]) => {
    const { updatedAt } = (await store.getProvisioning(con))!;
    now += 1;
    await store.saveProvisioning(aState({ ...changes, updatedAt: new Date(now).toISOString() }), updatedAt);
  };
  const look = async (): Promise<void> => {
    seen = mirrorOf(road, target, objects);
    await verifySeen({ store, telling, now: world.now }, seen);
  };
  for (let round = 0; round < 12; round += 1) {
    const asked = new AbortController();
    const hearing = { abort: () => asked.abort(), stop: () => change({ stoppedAt: at(61) }) };
    const process = mortal(blows[round] ?? null, hearing);
    try {
      const ended = await attempt({ store: process.dying(store), road: process.dying(road) }, asked.signal);
      if (ended.state !== 'stopped') return { store, road, look, calls: process.calls() };
    } catch (error) {
      // It was killed after its last word, or stopped before its first.
      if ((await store.getPlan(plan.id))?.state === 'applied') return { store, road, look, calls: process.calls() };
      if (!process.isDead() && blows[round]?.kind !== 'stop') throw error;
    }
    now += LEASE_MS;
    if (shows[round]) await look();
    // A person lets it go on.
    await change({});
  }
  throw new Error('it never ended');
}
type Applied = Awaited<ReturnType<typeof applied>>;

/** What was told of the plan, oldest first. */
async function toldOf(store: Awaited<ReturnType<typeof memoryStore>>): Promise<readonly string[]> {
  const { head: last } = await store.logBounds();
  const entries = await store.logEntries({ connectionIds: [con], first: 1, last, order: 'asc', limit: 99 });
  return entries.map(({ kind }) => kind);
}

/** How each step of the plan stands at last, and what was there before it, whichever application sent it. */
async function stepsOf(store: ProvisioningStore, plan: Plan) {
  const ends = new Map<string, { state: string; before: unknown }>();
  const applications = await store.listApplications({ connectionIds: [con], planId: plan.id, limit: 99 });
  for (const { id } of applications.toReversed()) {
    for (const { stepId, state, before } of await store.journalOf(id)) {
      const isTaken = ['accepted', 'verified'].includes(ends.get(stepId)?.state ?? '');
      if (!isTaken) ends.set(stepId, JSON.parse(JSON.stringify({ state, before }, filled)));
    }
  }
  return Object.fromEntries(ends);
}

/** What is empty is not there. */
const filled = (_: string, value: unknown): unknown => (value === null ? undefined : value);

/** Everything that is left of it once KnowBe4 shows it. */
async function endOf({ store, road, look }: Applied, plan: Plan) {
  await look();
  const objects = await store.scimObjects(con);
  return {
    ...{ store: road.describe(), people: road.users.size, groups: road.groups.size },
    steps: await stepsOf(store, plan),
    known: objects.map((one) => JSON.stringify([one.kind, one.name, one.targetId !== null, one.active])).toSorted(),
    provisional: (await store.provisionalIds(con)).map(({ userId }) => userId !== null),
    plan: (await store.getPlan(plan.id))?.state,
    told: (await toldOf(store)).filter((kind) => kind === 'plan.applied'),
  };
}

test('killed and stopped anywhere, told nothing of what was taken, and whatever is shown meanwhile, it ends as if nothing had happened', async () => {
  const blow = fc.record({
    kind: fc.constantFrom<Blow['kind'][]>('dies', 'dies-after', 'abort', 'stop'),
    call: fc.integer({ min: 1, max: 70 }),
  });
  const trouble = fc.record({
    kind: fc.constantFrom<Trouble['kind'][]>('lost', 'limited', 'refused-key'),
    write: fc.integer({ min: 1, max: 30 }),
  });
  const story = fc.record({
    blows: fc.array(blow, { maxLength: 4 }),
    troubles: fc.uniqueArray(trouble, { maxLength: 3, selector: ({ write }) => write }),
    shows: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.subarray([...all], { minLength: 1 }), story, async (wishes, one) => {
      const plan = planOf(wishes);
      expect(await endOf(await applied(plan, one), plan)).toEqual(await endOf(await applied(plan, calm), plan));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('killed at each of its calls in turn, before and after, it ends the same, and its end is told once', async () => {
  const plan = planOf(all);
  const whole = await applied(plan, calm);
  const end = await endOf(whole, plan);
  expect(new Set(Object.values(end.steps).map(({ state }) => state))).toEqual(new Set(['verified']));
  // Its last call ends the application: who is killed right after it has told it.
  for (let call = 1; call <= whole.calls; call += 1) {
    const either = call % 2 === 0 ? (['dies'] as const) : (['dies-after'] as const);
    for (const kind of call > whole.calls - 6 ? (['dies', 'dies-after'] as const) : either) {
      const one = await applied(plan, { blows: [{ kind, call }], troubles: [], shows: [call % 3 === 0] });
      expect(await endOf(one, plan)).toEqual(end);
    }
  }
}, 60_000);

test('what one process leaves in doubt stays so when the next one is refused, until KnowBe4 shows it', async () => {
  const plan = planOf(all);
  const end = await endOf(await applied(plan, calm), plan);
  for (let write = 1; write <= 24; write += 1) {
    const troubles: Trouble[] = [
      { kind: 'lost', write },
      { kind: 'limited', write: write + 1 },
      { kind: 'refused-key', write: write + 2 },
    ];
    const one = await applied(plan, { blows: [], troubles, shows: [false, true, true] });
    expect(await endOf(one, plan)).toEqual(end);
  }
}, 60_000);
