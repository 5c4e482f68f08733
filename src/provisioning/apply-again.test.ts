import { beforeEach, describe, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { memoryStore } from '../store/contract/memory-store.ts';
import { applyPlan } from './apply.ts';
import { at, con, telling } from './contract/builders.ts';
import {
  aGroup,
  anAccount,
  aTarget,
  emailOf,
  fillRoad,
  keepApproved,
  mirrorOf,
  planFor,
  readyStore,
  set,
} from './contract/lab.ts';
import { type MemoryRoad, memoryRoad, type OnCall } from './contract/memory-road.ts';
import type { Plan } from './plan.ts';
import type { ProvisioningStore } from './ports.ts';
import type { ScimObject } from './state.ts';
import type { Target } from './target.ts';

/* A plan is gone on with when KnowBe4 shows already what of it was taken, or when it is refused once more. */

let store: ProvisioningStore;
let road: MemoryRoad;
let target: Target;
let seen: Target;
let objects: readonly ScimObject[];
let ids: number;
let onCall: OnCall;

beforeEach(async () => {
  store = await memoryStore();
  onCall = () => undefined;
  road = memoryRoad((call) => onCall(call));
  ids = 0;
  target = aTarget(
    [anAccount('aiko'), anAccount('tom'), anAccount('ana'), anAccount('lena', { status: 'archived' })],
    [aGroup('Clerks', ['tom'])],
  );
  seen = target;
});

const ready = async (plan: Plan): Promise<void> => {
  objects = await fillRoad(road, target);
  await readyStore(store, plan, objects);
};
const apply = (plan: Plan) =>
  applyPlan(
    {
      ...{ store, road, telling, readTarget: async () => seen, now: () => new Date(at(60)) },
      sleep: (_, signal) => new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      newId: (prefix) => `${prefix}_${++ids}`,
    },
    { planId: plan.id, by: 'priya', fourEyes: false, signal: new AbortController().signal },
  );
const statesOf = async ({ id }: { id: string }) =>
  Object.fromEntries((await store.journalOf(id)).map(({ action, state }) => [action, state]));
const fails = (name: string, when: 'before' | 'after', code: 'remote_unavailable' | 'remote_rate_limited'): OnCall => {
  return (call) => {
    if (call.name === name && call.when === when) throw new ForeknowError(code, { detail: code });
  };
};

describe('when KnowBe4 shows already what was taken', () => {
  test('the other steps of the same people are not stale for it', async () => {
    const plan = planFor(target, [
      { action: 'restore', who: 'lena' },
      { action: 'update', who: 'lena', fields: set('job_title', 'Clerk', 'Lead') },
      { action: 'update', who: 'tom', fields: set('email', emailOf('tom'), 'tom.b@example.com') },
      { action: 'manager', who: 'lena', fields: set('manager_email', null, emailOf('aiko')) },
      { action: 'manager', who: 'ana', fields: set('manager_email', null, 'tom.b@example.com') },
      { action: 'member_add', who: 'lena', into: 'Clerks' },
      { action: 'archive', who: 'ana' },
    ]);
    await ready(plan);
    onCall = fails('changeMembers', 'before', 'remote_rate_limited');
    expect(await apply(plan)).toMatchObject({ state: 'stopped', stop: { code: 'remote_rate_limited' } });
    onCall = () => undefined;
    seen = mirrorOf(road, target, objects);
    expect(seen.users.find(({ id }) => id === 'ana')?.fields.manager_email).toBe('tom.b@example.com');
    const ended = await apply(plan);
    expect(await statesOf(ended)).toEqual({ member_add: 'accepted', archive: 'accepted' });
    const [, archive] = await store.journalOf(ended.id);
    expect(archive!.before).toMatchObject({ status: 'active', fields: { job_title: 'Clerk' } });
  });

  test('nor those of whoever has a manager that was renamed, or was taken over', async () => {
    const led = { fields: { ...anAccount('mo').fields, manager_email: emailOf('tom') } };
    target = aTarget([anAccount('tom'), anAccount('mo', led), anAccount('kim', { provisioningManaged: false })]);
    seen = target;
    const plan = planFor(target, [
      { action: 'claim', who: 'kim', fields: set('email', null, emailOf('kim')) },
      { action: 'update', who: 'tom', fields: set('email', emailOf('tom'), 'tom.b@example.com') },
      { action: 'archive', who: 'mo' },
      { action: 'archive', who: 'kim' },
    ]);
    await ready(plan);
    onCall = fails('setActive', 'before', 'remote_rate_limited');
    await apply(plan);
    onCall = () => undefined;
    const { users, ...rest } = mirrorOf(road, target, objects);
    const renamed = { manager_email: 'tom.b@example.com' };
    seen = {
      ...rest,
      users: users.map((user) => (user.id === 'mo' ? { ...user, fields: { ...user.fields, ...renamed } } : user)),
    };
    const ended = await apply(plan);
    expect((await store.journalOf(ended.id)).map(({ state }) => state)).toEqual(['accepted', 'accepted']);
  });

  test('what somebody else has changed since still makes a step stale', async () => {
    const plan = planFor(target, [
      { action: 'update', who: 'ana', fields: set('job_title', 'Clerk', 'Lead') },
      { action: 'archive', who: 'ana' },
    ]);
    await ready(plan);
    onCall = fails('setActive', 'before', 'remote_rate_limited');
    await apply(plan);
    onCall = () => undefined;
    const { users, ...rest } = mirrorOf(road, target, objects);
    const changed = { job_title: 'Director' };
    seen = {
      ...rest,
      users: users.map((user) => (user.id === 'ana' ? { ...user, fields: { ...user.fields, ...changed } } : user)),
    };
    expect(await statesOf(await apply(plan))).toEqual({ archive: 'stale' });
    expect(road.writes).toEqual(['updateUser ana@example.com']);
  });

  test('people who were let in take one seat each', async () => {
    target = { ...target, account: { ...target.account, seats: 6 } };
    seen = target;
    const names = ['maya', 'ben', 'mo'];
    const plan = planFor(
      target,
      names.map((who) => ({ action: 'create', who, fields: set('email', null, emailOf(who)) })),
    );
    await ready(plan);
    onCall = (call) => {
      if (road.users.size > target.users.length) fails('createUser', 'before', 'remote_rate_limited')(call);
    };
    await apply(plan);
    expect(road.users.size).toBe(target.users.length + 1);
    onCall = () => undefined;
    seen = { ...mirrorOf(road, target, objects), account: target.account };
    expect(await apply(plan)).toMatchObject({ state: 'applied' });
    expect(road.users.size).toBe(target.users.length + 3);
  });
});

test('somebody who may have been let in takes a seat', async () => {
  target = { ...target, account: { ...target.account, seats: 4 } };
  seen = target;
  const plan = planFor(
    target,
    ['maya', 'ben'].map((who) => ({ action: 'create', who, fields: set('email', null, emailOf(who)) })),
  );
  await ready(plan);
  onCall = fails('createUser', 'after', 'remote_unavailable');
  await apply(plan);
  onCall = () => undefined;
  const ended = await apply(plan);
  expect((await store.journalOf(ended.id)).map(({ state }) => state)).toEqual(['accepted', 'skipped']);
  expect(road.users.size).toBe(target.users.length + 1);
});

test('what may have been taken stays in doubt when it is refused for now', async () => {
  const plan = planFor(target, [{ action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') }]);
  await ready(plan);
  onCall = fails('updateUser', 'after', 'remote_unavailable');
  await apply(plan);
  onCall = fails('updateUser', 'before', 'remote_rate_limited');
  expect(await statesOf(await apply(plan))).toEqual({ update: 'written' });
  onCall = () => undefined;
  seen = mirrorOf(road, target, objects);
  const ended = await apply(plan);
  expect(ended).toMatchObject({ state: 'applied' });
  const [entry] = await store.journalOf(ended.id);
  expect(entry).toMatchObject({ state: 'accepted', before: { fields: { job_title: 'Clerk' } } });
});

test('what was surely not taken is begun anew, and stale where somebody changed it', async () => {
  const plan = planFor(target, [{ action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') }]);
  await ready(plan);
  onCall = fails('updateUser', 'before', 'remote_rate_limited');
  expect(await statesOf(await apply(plan))).toEqual({ update: 'planned' });
  onCall = () => undefined;
  seen = aTarget([anAccount('aiko', { fields: { ...anAccount('aiko').fields, job_title: 'Chef' } })], target.groups);
  expect(await statesOf(await apply(plan))).toEqual({ update: 'stale' });
});

test('a plan that was left in the middle and stops again keeps the next one waiting', async () => {
  const left = planFor(target, [
    { action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') },
    { action: 'update', who: 'tom', fields: set('job_title', 'Clerk', 'Lead') },
  ]);
  const next = planFor(target, [{ action: 'archive', who: 'ana' }], { id: 'pl_bbbbbbbb' });
  await ready(left);
  await keepApproved(store, next);
  // Its process ends without a word, and its lease with it.
  const application = { ...{ id: 'app_0', planId: left.id, planDigest: left.digest, connectionId: con, by: 'priya' } };
  const rest = { state: 'running', stepIds: null, startedAt: at(1), endedAt: null, resumed: 0, stop: null } as const;
  const lease = { token: 'lse_0', at: at(1), leaseUntil: at(2) };
  await store.beginApplication({ application: { ...application, ...rest }, ...lease });
  onCall = ({ name, about, when }) => {
    if (name === 'updateUser' && about === emailOf('tom') && when === 'before')
      throw new ForeknowError('remote_rate_limited', { detail: 'Later.' });
  };
  expect(await apply(next)).toMatchObject({ planId: left.id, state: 'stopped' });
  expect(await store.getPlan(next.id)).toMatchObject({ state: 'approved' });
  expect(road.writes).toEqual(['updateUser aiko@example.com']);
});

describe('of several at once', () => {
  const names = Array.from({ length: 9 }, (_, at) => `p${at}`);
  const creates = names.map((who) => ({ action: 'create' as const, who, fields: set('email', null, emailOf(who)) }));

  test('a refused key lets writes rest, whatever became of the others', async () => {
    const plan = planFor(target, creates);
    await ready(plan);
    onCall = ({ name, about, when }) => {
      if (name !== 'createUser' || when !== 'before') return;
      if (about === emailOf('p6')) throw new ForeknowError('connection_unauthorized', { detail: 'No.' });
      if (about === emailOf('p7')) throw new ForeknowError('remote_unavailable', { detail: 'Cut.' });
    };
    expect(await apply(plan)).toMatchObject({ state: 'stopped', stop: { code: 'connection_unauthorized' } });
    expect((await store.getProvisioning(con))?.quarantine).toMatchObject({ attempts: 1 });
  });

  test('who needs another one waits until they are there', async () => {
    const plan = planFor(target, creates);
    const steps = plan.steps.map((step, at) => (at === 6 ? { ...step, needs: [plan.steps[5]!.id] } : step));
    await ready({ ...plan, steps });
    onCall = ({ name, about, when }) => {
      if (name === 'createUser' && when === 'before' && about === emailOf('p5'))
        throw new ForeknowError('remote_rejected', { detail: 'No.' });
    };
    const ended = await apply(plan);
    const states = (await store.journalOf(ended.id)).map(({ state }) => state);
    expect(states.slice(5)).toEqual(['failed', 'skipped', 'accepted', 'accepted']);
  });
});
