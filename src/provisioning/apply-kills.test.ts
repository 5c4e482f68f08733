import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { memoryStore } from '../store/contract/memory-store.ts';
import { applyPlan } from './apply.ts';
import { at, con, telling } from './contract/builders.ts';
import { aGroup, anAccount, aTarget, emailOf, fillRoad, planFor, readyStore, set } from './contract/lab.ts';
import { memoryRoad, type OnCall } from './contract/memory-road.ts';
import type { Plan } from './plan.ts';
import type { ProvisioningStore } from './ports.ts';
import type { Road } from './road.ts';

/* A process is killed at any call that it makes, of the store or of the road, before or after the call takes effect. */

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
const all: Wishes = [
  ...joiner('maya'),
  ...joiner('ben'),
  { action: 'group_create', into: 'New hires' },
  { action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') },
  { action: 'update', who: 'ana', fields: set('email', emailOf('ana'), 'ana.b@example.com') },
  { action: 'member_add', who: 'ana', into: 'Clerks' },
  { action: 'member_remove', who: 'tom', into: 'Clerks' },
  { action: 'restore', who: 'lena' },
  { action: 'archive', who: 'tom' },
];

/** What ends a process: it counts its calls, and no call is made after its end. */
function mortal(killAt: number | null, isAfter: boolean) {
  let calls = 0;
  let isDead = false;
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Error('killed');
    calls += 1;
    const isLast = calls === killAt;
    if (isLast && !isAfter) isDead = true;
    if (isDead) throw new Error('killed');
    const value = await work();
    if (isLast) isDead = true;
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
  return { dying, isDead: () => isDead };
}

type Kill = { readonly call: number; readonly isAfter: boolean };

async function applied(plan: Plan, kills: readonly Kill[], lost: readonly number[]) {
  const store = await memoryStore();
  let writes = 0;
  const onCall: OnCall = ({ name, when }) => {
    if (when === 'before' || /^(find|get|is|read)/.test(name)) return;
    writes += 1;
    if (lost.includes(writes)) throw new ForeknowError('remote_unavailable', { detail: 'The answer was lost.' });
  };
  let hears: OnCall = () => undefined;
  const road = memoryRoad((call) => hears(call));
  await readyStore(store, plan, await fillRoad(road, target));
  hears = onCall;
  let now = Date.parse(at(60));
  let ids = 0;
  const attempt = (process: { store: ProvisioningStore; road: Road }) =>
    applyPlan(
      {
        ...{ ...process, telling, readTarget: async () => target, now: () => new Date(now), leaseMs: LEASE_MS },
        sleep: (_, signal) => new Promise((__, reject) => signal?.addEventListener('abort', reject)),
        newId: (prefix) => `${prefix}_${++ids}`,
      },
      { planId: plan.id, by: 'priya', fourEyes: false, signal: new AbortController().signal },
    );
  for (const kill of [...kills, null, null, null, null, null, null]) {
    const process = mortal(kill?.call ?? null, kill?.isAfter ?? false);
    try {
      const ended = await attempt({ store: process.dying(store), road: process.dying(road) });
      if (ended.state !== 'stopped') return { store, road };
    } catch (error) {
      if (!process.isDead()) throw error;
      // It was killed after its last word.
      if ((await store.getPlan(plan.id))?.state === 'applied') return { store, road };
    }
    now += LEASE_MS;
  }
  throw new Error('it never ended');
}

/** What was told of the plan, oldest first. */
async function toldOf(store: Awaited<ReturnType<typeof memoryStore>>): Promise<readonly string[]> {
  const { head: last } = await store.logBounds();
  const entries = await store.logEntries({ connectionIds: [con], first: 1, last, order: 'asc', limit: 99 });
  return entries.map(({ kind }) => kind);
}

/** How each step of the plan stands at last, whichever application sent it. */
async function stepsOf(store: ProvisioningStore, plan: Plan) {
  const states = new Map<string, string>();
  const applications = await store.listApplications({ connectionIds: [con], planId: plan.id, limit: 99 });
  for (const { id } of applications.toReversed()) {
    for (const { stepId, state } of await store.journalOf(id)) {
      if (states.get(stepId) !== 'accepted') states.set(stepId, state);
    }
  }
  return Object.fromEntries(states);
}

test('killed anywhere, and told nothing of what was taken, it ends as if nothing had happened, with nobody twice', async () => {
  const kill = fc.record({ call: fc.integer({ min: 1, max: 60 }), isAfter: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([...all], { minLength: 1 }),
      fc.array(kill, { maxLength: 3 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 2 }),
      async (wishes, kills, lost) => {
        const plan = planFor(target, wishes);
        const calm = await applied(plan, [], []);
        const rough = await applied(plan, kills, lost);
        expect(rough.road.describe()).toEqual(calm.road.describe());
        expect(rough.road.users.size).toBe(calm.road.users.size);
        expect(rough.road.groups.size).toBe(calm.road.groups.size);
        expect(await stepsOf(rough.store, plan)).toEqual(await stepsOf(calm.store, plan));
        const known = async (store: ProvisioningStore) =>
          (await store.scimObjects(con)).map(({ kind, name, targetId, active }) => [kind, name, targetId, active]);
        expect((await known(rough.store)).toSorted()).toEqual((await known(calm.store)).toSorted());
        expect(await rough.store.provisionalIds(con)).toHaveLength((await calm.store.provisionalIds(con)).length);
        expect(await rough.store.getPlan(plan.id)).toMatchObject({ state: 'applied' });
        expect((await toldOf(rough.store)).filter((kind) => kind === 'plan.applied')).toHaveLength(1);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test('killed at each of its calls in turn, before and after, it ends the same, and its end is told once', async () => {
  const plan = planFor(target, all);
  const calm = await applied(plan, [], []);
  for (const isAfter of [false, true]) {
    for (let call = 1; call <= 90; call += 1) {
      const { road, store } = await applied(plan, [{ call, isAfter }], []);
      expect(road.describe()).toEqual(calm.road.describe());
      expect(await toldOf(store)).toEqual(['plan.applied']);
    }
  }
}, 60_000);
