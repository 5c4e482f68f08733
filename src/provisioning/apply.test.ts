import { beforeEach, describe, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { memoryStore } from '../store/contract/memory-store.ts';
import { type ApplyDeps, applyPlan } from './apply.ts';
import { aState, at, con, telling } from './contract/builders.ts';
import {
  aGroup,
  anAccount,
  aTarget,
  emailOf,
  fillRoad,
  keepApproved,
  personOf,
  planFor,
  readyStore,
  set,
} from './contract/lab.ts';
import { type MemoryRoad, memoryRoad, type OnCall } from './contract/memory-road.ts';
import type { Plan } from './plan.ts';
import type { ProvisioningStore } from './ports.ts';
import type { ProvisioningState } from './state.ts';
import type { Target } from './target.ts';

let store: ProvisioningStore;
let road: MemoryRoad;
let target: Target;
let now: number;
let ids: number;
let onCall: OnCall;

beforeEach(async () => {
  store = await memoryStore();
  onCall = () => undefined;
  road = memoryRoad((call) => onCall(call));
  now = Date.parse(at(60));
  ids = 0;
});

const deps = (): ApplyDeps => ({
  ...{ store, road, telling, readTarget: async () => target, now: () => new Date(now) },
  sleep: (_, signal) => new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  newId: (prefix) => `${prefix}_${++ids}`,
});
const apply = (plan: Plan, signal = new AbortController().signal) =>
  applyPlan(deps(), { planId: plan.id, by: 'priya', fourEyes: false, signal });
const ready = async (plan: Plan, state?: ProvisioningState) =>
  readyStore(store, plan, await fillRoad(road, target), state);
const statesOf = async (application: { id: string }) =>
  Object.fromEntries((await store.journalOf(application.id)).map(({ stepId, state }) => [stepId, state]));
const rejecting =
  (about: string, code: 'remote_rejected' | 'remote_unavailable' | 'connection_unauthorized'): OnCall =>
  (call) => {
    if (call.when === 'before' && call.about === about) throw new ForeknowError(code, { detail: `${code} ${about}` });
  };

/** Everything that a plan can do, in a mixed order. */
const everything = () =>
  planFor(target, [
    { action: 'archive', who: 'tom' },
    { action: 'member_add', who: 'maya', into: 'New hires', needs: ['st_2', 'st_5'] },
    { action: 'member_remove', who: 'aiko', into: 'Clerks' },
    { action: 'group_create', into: 'New hires' },
    { action: 'manager', who: 'maya', fields: set('manager_email', null, emailOf('aiko')), needs: ['st_2'] },
    { action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') },
    {
      action: 'create',
      who: 'maya',
      fields: [...set('email', null, emailOf('maya')), ...set('first_name', null, 'maya')],
    },
    { action: 'restore', who: 'lena' },
    { action: 'group_rename', into: 'Clerks', group: { name: 'Office', groupId: 'g-Clerks', was: 'Clerks' } },
  ]);

describe('an approved plan', () => {
  beforeEach(() => {
    target = aTarget(
      [anAccount('aiko'), anAccount('tom'), anAccount('lena', { status: 'archived' })],
      [aGroup('Clerks', ['aiko', 'tom'])],
    );
  });

  test('is sent in the safe order: archives alone and last', async () => {
    const plan = everything();
    await ready(plan);
    const ended = await apply(plan);
    expect(ended).toMatchObject({ state: 'applied', stop: null, by: 'priya', startedAt: at(60), endedAt: at(60) });
    expect(road.writes).toEqual([
      'setActive lena@example.com true',
      'createUser maya@example.com',
      'updateUser aiko@example.com',
      'updateUser maya@example.com',
      'createGroup New hires',
      'changeMembers New hires +1 -0',
      'changeMembers Clerks +0 -1',
      'renameGroup Office',
      'setActive tom@example.com false',
    ]);
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'applied' });
    expect(road.describe()).toMatchObject({
      groups: [
        { name: 'New hires', members: ['maya@example.com'] },
        { name: 'Office', members: ['tom@example.com'] },
      ],
      users: expect.arrayContaining([
        expect.objectContaining({ manager: 'aiko@example.com', externalId: 'hr:maya', active: true }),
      ]),
    });
  });

  test('leaves a journal with what was there before, the ledger and the id that a new person has until KnowBe4 gives one', async () => {
    const plan = everything();
    await ready(plan);
    const { id } = await apply(plan);
    const journal = await store.journalOf(id);
    expect(journal.map(({ state }) => state)).toEqual(plan.steps.map(() => 'accepted'));
    const update = journal.find(({ action }) => action === 'update')!;
    expect(update).toMatchObject({ writtenAt: at(60), acceptedAt: at(60), scimId: 'u1', userId: 'aiko' });
    expect(update.before).toMatchObject({ status: 'active', fields: { job_title: 'Clerk' }, groupIds: ['g-Clerks'] });
    const created = journal.find(({ action }) => action === 'create')!;
    expect(created).toMatchObject({ before: null, userId: null, provisionalId: expect.stringMatching(/^new_/) });
    expect(await store.provisionalIds(con)).toEqual([
      {
        connectionId: con,
        provisionalId: created.provisionalId,
        scimId: created.scimId,
        userId: null,
        at: at(60),
      },
    ]);
    const ledger = await store.scimObjects(con);
    expect(ledger.find(({ name }) => name === 'maya@example.com')).toMatchObject({ origin: 'created', targetId: null });
    expect(ledger.find(({ targetId }) => targetId === 'aiko')?.known).toMatchObject({ job_title: 'Lead' });
    expect(ledger.find(({ targetId }) => targetId === 'tom')).toMatchObject({ active: false });
    expect(ledger.find(({ targetId }) => targetId === 'g-Clerks')).toMatchObject({
      name: 'office',
      known: { memberIds: ['u2'] },
    });
  });

  test('sends only the steps that were approved', async () => {
    const other = { ...everything(), state: 'waiting' as const };
    await store.saveProvisioning(aState(), null);
    await store.saveScimObjects(con, { save: await fillRoad(road, target), drop: [] });
    await store.createPlan(other, { supersedes: [], at: at(1) });
    const step = other.steps.find(({ action }) => action === 'update')!;
    await store.addApproval(
      {
        ...{ id: 'apr_x', planId: other.id, connectionId: con, digest: other.digest, decision: 'approved' },
        ...{ steps: { [step.id]: step.digest }, operator: { id: 'op_1', name: 'priya' }, reason: null },
        ...{ at: at(2), expiresAt: at(900), lapsed: null },
      },
      { states: ['waiting'], approvals: 0, to: 'approved', end: null },
    );
    expect(await apply(other)).toMatchObject({ state: 'applied', stepIds: [step.id] });
    expect(road.writes).toEqual(['updateUser aiko@example.com']);
  });

  test('is not applied when its approval has expired: it waits again', async () => {
    const plan = everything();
    await ready(plan);
    now = Date.parse(at(90_000));
    await expect(apply(plan)).rejects.toMatchObject({ code: 'approval_needed' });
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'waiting' });
    await expect(apply(plan)).rejects.toMatchObject({ code: 'approval_needed' });
    expect(road.writes).toEqual([]);
  });

  test('applies a step of somebody who has changed meanwhile not at all, and says what was found', async () => {
    const plan = everything();
    await ready(plan);
    target = aTarget(
      [
        anAccount('aiko', { fields: { ...anAccount('aiko').fields, job_title: 'Head' } }),
        anAccount('lena', { status: 'archived' }),
        anAccount('tom'),
      ],
      [aGroup('Clerks', ['aiko', 'tom'])],
    );
    const ended = await apply(plan);
    expect(ended).toMatchObject({ state: 'partial', stop: null });
    const journal = await store.journalOf(ended.id);
    expect(journal.filter(({ state }) => state !== 'accepted')).toEqual([
      expect.objectContaining({
        ...{ action: 'update', state: 'stale', writtenAt: null },
        found: 'The account is active, job_title is "Head"',
      }),
    ]);
    expect(road.writes).not.toContain('updateUser aiko@example.com');
    expect(road.writes).toContain('setActive tom@example.com false');
  });

  test('skips what needs a step that did not go through, and sends the rest', async () => {
    const plan = everything();
    await ready(plan);
    onCall = rejecting('maya@example.com', 'remote_rejected');
    const ended = await apply(plan);
    expect(ended.state).toBe('partial');
    const byAction = Object.fromEntries(
      (await store.journalOf(ended.id)).map(({ action, state, error }) => [action, [state, error?.code]]),
    );
    expect(byAction).toMatchObject({
      create: ['failed', 'remote_rejected'],
      manager: ['skipped', 'steps_incomplete'],
      member_add: ['skipped', 'steps_incomplete'],
      group_create: ['accepted', undefined],
      archive: ['accepted', undefined],
    });
  });

  test('stops at once when the key is refused, and writes rest', async () => {
    const plan = everything();
    await ready(plan);
    onCall = rejecting('aiko@example.com', 'connection_unauthorized');
    const ended = await apply(plan);
    expect(ended).toMatchObject({ state: 'stopped', stop: { code: 'connection_unauthorized' } });
    expect(road.writes).toEqual(['setActive lena@example.com true', 'createUser maya@example.com']);
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'approved' });
    expect((await store.getProvisioning(con))?.quarantine).toMatchObject({ attempts: 1, until: at(60 + 6 * 3600) });
    await expect(apply(plan)).rejects.toMatchObject({ code: 'provisioning_halted' });
    now += 6 * 3_600_000;
    onCall = rejecting('aiko@example.com', 'connection_unauthorized');
    await apply(plan);
    expect((await store.getProvisioning(con))?.quarantine).toMatchObject({ attempts: 2, until: at(60 + 18 * 3600) });
    now += 12 * 3_600_000;
    onCall = () => undefined;
    expect(await apply(plan)).toMatchObject({ state: 'applied' });
    expect((await store.getProvisioning(con))?.quarantine).toBeNull();
    expect(road.writes.filter((write) => write.startsWith('createUser'))).toHaveLength(1);
  });

  test('goes on where a lost answer had stopped it, without doing anything twice', async () => {
    const plan = everything();
    await ready(plan);
    onCall = ({ name, when }) => {
      if (name === 'createUser' && when === 'after') throw new ForeknowError('remote_unavailable', { detail: 'cut' });
    };
    const stopped = await apply(plan);
    expect(stopped).toMatchObject({ state: 'stopped', stop: { code: 'remote_unavailable' } });
    const create = plan.steps.find(({ action }) => action === 'create')!;
    expect(await statesOf(stopped)).toMatchObject({ [create.id]: 'written' });
    onCall = () => undefined;
    const ended = await apply(plan);
    expect(ended).toMatchObject({ state: 'applied' });
    expect(road.writes.filter((write) => write.startsWith('createUser'))).toHaveLength(1);
    expect(await statesOf(stopped)).toMatchObject({ [create.id]: 'skipped' });
    expect(await statesOf(ended)).toMatchObject({ [create.id]: 'accepted' });
  });

  test('that KnowBe4 shows by then is no reason to leave out what was sent and never answered', async () => {
    const plan = planFor(target, [{ action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') }]);
    await ready(plan);
    onCall = ({ name, when }) => {
      if (name === 'updateUser' && when === 'after') throw new ForeknowError('remote_unavailable', { detail: 'cut' });
    };
    await apply(plan);
    onCall = () => undefined;
    const shown = { ...anAccount('aiko').fields, job_title: 'Lead' };
    target = aTarget([anAccount('aiko', { fields: shown }), anAccount('tom'), anAccount('lena')]);
    const ended = await apply(plan);
    expect(ended.state).toBe('applied');
    const [entry] = await store.journalOf(ended.id);
    expect(entry).toMatchObject({ state: 'accepted', before: { fields: { job_title: 'Clerk' } } });
  });

  test.each<[string, Partial<ProvisioningState>, string]>([
    ['is only observed', { mode: 'observe' }, 'observe_mode'],
    ['is not taken over', { adoption: { state: 'pushed', planId: null, at: null } }, 'scim_not_adopted'],
    ['belongs to another provisioner', { owner: 'foreign' }, 'foreign_owner'],
    ['is paused', { pausedAt: at(1) }, 'provisioning_halted'],
    ['was stopped', { stoppedAt: at(1) }, 'provisioning_halted'],
    ['is frozen', { freezes: [{ from: at(0), until: at(61), reason: 'Audit.' }] }, 'provisioning_halted'],
    ['rests', { quarantine: { until: at(61), attempts: 1, reason: 'x' } }, 'provisioning_halted'],
  ])('is not begun while the connection %s', async (_, changes, code) => {
    const plan = everything();
    await ready(plan, aState(changes));
    await expect(apply(plan)).rejects.toMatchObject({ code });
    expect(road.writes).toEqual([]);
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'approved' });
  });

  test('one urgent leaver does not wait for the end of a freeze, and does for that of a pause', async () => {
    const plan = planFor(target, [{ action: 'archive', who: 'tom' }], { kind: 'urgent' });
    const freezes = [{ from: at(0), until: at(61), reason: 'Holidays.' }];
    await ready(plan, aState({ freezes, pausedAt: at(1) }));
    await expect(apply(plan)).rejects.toMatchObject({ code: 'provisioning_halted' });
    await store.saveProvisioning(aState({ freezes, updatedAt: at(2) }), at(0));
    expect(await apply(plan)).toMatchObject({ state: 'applied' });
    expect(road.writes).toEqual(['setActive tom@example.com false']);
  });

  test('ends before its next write when it is stopped, and goes on after', async () => {
    const plan = everything();
    await ready(plan);
    onCall = ({ name, when }) => {
      if (name === 'createUser' && when === 'after') {
        void store.saveProvisioning(aState({ stoppedAt: at(61), updatedAt: at(61) }), at(0));
      }
    };
    expect(await apply(plan)).toMatchObject({ state: 'stopped', stop: { code: 'provisioning_halted' } });
    expect(road.writes).toEqual(['setActive lena@example.com true', 'createUser maya@example.com']);
    await store.saveProvisioning(aState({ updatedAt: at(62) }), at(61));
    expect(await apply(plan)).toMatchObject({ state: 'applied' });
    expect(road.writes).toHaveLength(plan.steps.length);
  });

  test.each<[string, string, Partial<ProvisioningState>]>([
    ['comes to its end', 'is paused', { pausedAt: at(61) }],
    ['ends before its next write', 'is frozen', { freezes: [{ from: at(61), until: at(999), reason: null }] }],
    ['ends before its next write', 'is only observed', { mode: 'observe' }],
  ])('%s when the connection %s meanwhile', async (how, _, changes) => {
    const plan = everything();
    await ready(plan);
    onCall = ({ name, when }) => {
      if (name !== 'createUser' || when !== 'after') return;
      now = Date.parse(at(61));
      void store.saveProvisioning(aState({ ...changes, updatedAt: at(61) }), at(0));
    };
    const isWhole = how === 'comes to its end';
    expect(await apply(plan)).toMatchObject({ state: isWhole ? 'applied' : 'stopped' });
    expect(road.writes).toHaveLength(isWhole ? plan.steps.length : 2);
    onCall = () => undefined;
    const next = planFor(target, [{ action: 'update', who: 'tom', fields: set('job_title', 'Clerk', 'Head') }]);
    await keepApproved(store, { ...next, id: 'pl_next' });
    await expect(apply({ ...next, id: 'pl_next' })).rejects.toMatchObject({
      code: expect.stringMatching(/halted|observe/),
    });
  });

  test('ends before its next write when the process is asked to end', async () => {
    const plan = everything();
    await ready(plan);
    const asked = new AbortController();
    onCall = ({ name }) => (name === 'setActive' ? asked.abort() : undefined);
    expect(await apply(plan, asked.signal)).toMatchObject({ state: 'stopped', stop: { code: 'aborted' } });
    expect(road.writes).toHaveLength(1);
  });

  test('archives nobody while an earlier step is late', async () => {
    const first = planFor(target, [{ action: 'update', who: 'tom', fields: set('job_title', 'Clerk', 'Head') }], {
      id: 'pl_first',
    });
    await ready(first);
    const { id } = await apply(first);
    const [entry] = await store.journalOf(id);
    await store.noteSeen([{ from: 'accepted', entry: { ...entry!, state: 'late' } }], {});
    const plan = planFor(target, [
      { action: 'archive', who: 'aiko' },
      { action: 'restore', who: 'lena' },
    ]);
    await keepApproved(store, plan);
    const ended = await apply(plan);
    expect(await statesOf(ended)).toEqual({ st_1: 'accepted', st_2: 'skipped' });
  });

  test('lets nobody in beyond the seats: they are left for the next window', async () => {
    target = { ...target, account: { ...target.account, seats: 3 } };
    const plan = planFor(target, [
      { action: 'create', who: 'maya' },
      { action: 'create', who: 'ben' },
      { action: 'archive', who: 'tom' },
    ]);
    await ready(plan);
    const ended = await apply(plan);
    expect(await statesOf(ended)).toEqual({ st_1: 'accepted', st_2: 'skipped', st_3: 'accepted' });
  });

  test('is not applied beside another one', async () => {
    const plan = everything();
    await ready(plan);
    const second: Promise<unknown>[] = [];
    onCall = ({ name }) => {
      if (name === 'createUser') second.push(apply(plan).catch((error: unknown) => error));
    };
    await apply(plan);
    expect(await second[0]).toMatchObject({ code: 'conflict' });
    expect(road.writes).toHaveLength(plan.steps.length);
  });

  test('writes nothing more once another process has taken over', async () => {
    const plan = everything();
    await ready(plan);
    onCall = ({ name, when }) => {
      if (name !== 'createUser' || when !== 'before') return;
      const application = { id: 'app_x', planId: plan.id, planDigest: plan.digest, connectionId: con } as never;
      void store.beginApplication({ application, token: 'other', at: at(900), leaseUntil: at(999) });
    };
    await expect(apply(plan)).rejects.toMatchObject({ code: 'conflict' });
    expect(road.writes).toEqual(['setActive lena@example.com true', 'createUser maya@example.com']);
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'applying' });
  });

  test('does not go on with what was left when its time is over or the rules are others: it waits for an approval', async () => {
    const plan = everything();
    await ready(plan);
    const dying = new AbortController();
    onCall = ({ name, when }) => {
      if (name === 'createUser' && when === 'after') dying.abort(new Error('killed'));
    };
    const leaving = { ...store, endApplication: () => Promise.reject(new Error('killed')) };
    const request = { planId: plan.id, by: 'priya', fourEyes: false };
    await expect(applyPlan({ ...deps(), store: leaving }, { ...request, signal: dying.signal })).rejects.toThrow(
      'killed',
    );
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'applying' });
    const sent = [...road.writes];
    now += 60_000;
    const whyOver = async () => 'The rules or the mapping have changed.';
    const { signal } = new AbortController();
    const other = planFor(target, [{ action: 'restore', who: 'lena' }], { id: 'pl_other' });
    await keepApproved(store, other);
    // Another plan goes on all the same.
    expect(await applyPlan({ ...deps(), whyOver }, { ...request, planId: other.id, signal })).toMatchObject({
      planId: other.id,
    });
    expect(road.writes).toEqual(sent);
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'approved' });
    now = Date.parse(plan.expiresAt);
    await expect(apply(plan)).rejects.toMatchObject({ code: 'approval_needed' });
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'waiting' });
  });

  test('does not go on a day later with what a process had left', async () => {
    const plan = everything();
    await ready(plan);
    const application = {
      ...{ id: 'app_left', planId: plan.id, planDigest: plan.digest, connectionId: con, state: 'running' as const },
      ...{ by: 'sam', stepIds: null, startedAt: at(10), endedAt: null, resumed: 0, stop: null },
    };
    await store.beginApplication({ application, token: 'gone', at: at(10), leaseUntil: at(40) });
    now = Date.parse(plan.expiresAt);
    expect(await apply(plan)).toMatchObject({ state: 'stopped', stop: { code: 'approval_needed' } });
    expect(road.writes).toEqual([]);
  });

  test('goes on at once when the clock was put back while a process held the connection and died', async () => {
    const plan = everything();
    await ready(plan);
    const application = {
      ...{ id: 'app_left', planId: plan.id, planDigest: plan.digest, connectionId: con, state: 'running' as const },
      ...{ by: 'sam', stepIds: null, startedAt: at(3600), endedAt: null, resumed: 0, stop: null },
    };
    await store.beginApplication({ application, token: 'gone', at: at(3600), leaseUntil: at(3660) });
    now = Date.parse(at(60));
    expect(await apply(plan)).toMatchObject({ state: 'applied', resumed: 1 });
  });

  test('first ends what was left of another plan', async () => {
    const left = planFor(target, [{ action: 'update', who: 'tom', fields: set('job_title', 'Clerk', 'Head') }], {
      id: 'pl_left',
    });
    await ready(left);
    const application = {
      ...{ id: 'app_left', planId: left.id, planDigest: left.digest, connectionId: con, state: 'running' as const },
      ...{ by: 'sam', stepIds: null, startedAt: at(10), endedAt: null, resumed: 0, stop: null },
    };
    await store.beginApplication({ application, token: 'gone', at: at(10), leaseUntil: at(40) });
    const plan = planFor(target, [{ action: 'restore', who: 'lena' }]);
    await keepApproved(store, plan);
    expect(await apply(plan)).toMatchObject({ planId: plan.id, state: 'applied' });
    expect(road.writes).toEqual(['updateUser tom@example.com', 'setActive lena@example.com true']);
    expect(await store.getApplication('app_left')).toMatchObject({ state: 'applied', resumed: 1 });
  });
});

describe('people who do not touch one another', () => {
  test('go four at a time, once the first five have gone alone; one that is refused keeps nobody else out', async () => {
    const names = Array.from({ length: 13 }, (_, index) => `p${index}`);
    target = aTarget([anAccount('aiko')]);
    const plan = planFor(
      target,
      names.map((who) => ({ action: 'create', who, person: personOf(who, true) })),
    );
    await ready(plan);
    const { createUser } = road;
    const underWay: number[] = [];
    let count = 0;
    road = {
      ...road,
      async createUser(user) {
        count += 1;
        underWay.push(count);
        await new Promise(setImmediate);
        count -= 1;
        if (user.fields.email === emailOf('p7')) throw new ForeknowError('remote_rejected', { detail: 'No.' });
        return createUser(user);
      },
    };
    const states = Object.entries(await statesOf(await apply(plan)));
    expect(underWay).toEqual([1, 1, 1, 1, 1, 1, 2, 3, 4, 1, 2, 3, 4]);
    expect(states.filter(([, state]) => state !== 'accepted')).toEqual([['st_8', 'failed']]);
  });

  test('are all known to be open after a crash, and sent once', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `p${index}`);
    target = aTarget([anAccount('aiko')]);
    const plan = planFor(
      target,
      names.map((who) => ({ action: 'create', who, person: personOf(who, true) })),
    );
    await ready(plan);
    onCall = ({ name, about, when }) => {
      const isLost = name === 'createUser' && when === 'after' && about !== emailOf('p0') && road.users.size > 6;
      if (isLost) throw new ForeknowError('remote_unavailable', { detail: 'No answer.', isOpen: true });
    };
    const cut = await apply(plan);
    expect(cut.state).toBe('stopped');
    expect(Object.values(await statesOf(cut)).filter((state) => state === 'written').length).toBeGreaterThan(1);
    onCall = () => undefined;
    expect(await apply(plan)).toMatchObject({ state: 'applied' });
    expect(road.users.size).toBe(names.length + 1);
  });
});

describe('members', () => {
  test('travel together; one that is refused keeps nobody else out', async () => {
    const names = ['a1', 'a2', 'a3', 'a4', 'a5'];
    target = aTarget(
      names.map((name) => anAccount(name)),
      [aGroup('Clerks')],
    );
    const plan = planFor(
      target,
      names.map((who) => ({ action: 'member_add', who, into: 'Clerks' })),
    );
    await ready(plan);
    onCall = ({ name, about, when }) => {
      if (name === 'changeMembers' && when === 'before' && about.includes('a4')) {
        throw new ForeknowError('remote_rejected', { detail: 'No.' });
      }
    };
    const ended = await apply(plan);
    expect(await statesOf(ended)).toEqual({
      ...{ st_1: 'accepted', st_2: 'accepted', st_3: 'accepted', st_4: 'failed', st_5: 'accepted' },
    });
    expect(road.describe()).toMatchObject({
      groups: [{ members: ['a1@example.com', 'a2@example.com', 'a3@example.com', 'a5@example.com'] }],
    });
    expect((await store.scimObjects(con)).find(({ kind }) => kind === 'group')?.known).toEqual({
      memberIds: ['u1', 'u2', 'u3', 'u5'],
    });
  });

  test('of one group are one call, in whatever order the plan names them', async () => {
    const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
    target = aTarget(
      names.map((name) => anAccount(name)),
      [aGroup('Clerks'), aGroup('Office')],
    );
    const into = (place: number) => (place % 2 === 0 ? 'Clerks' : 'Office');
    const plan = planFor(
      target,
      names.map((who, place) => ({ action: 'member_add', who, into: into(place) })),
    );
    await ready(plan);
    expect(await apply(plan)).toMatchObject({ state: 'applied' });
    expect(road.writes).toEqual(['changeMembers Clerks +3 -0', 'changeMembers Office +3 -0']);
  });

  test('and people who are not in the store are not guessed at', async () => {
    target = aTarget([anAccount('a1'), anAccount('a2')], [aGroup('Clerks')]);
    const plan = planFor(target, [
      { action: 'member_add', who: 'a1', into: 'Clerks' },
      { action: 'member_add', who: 'a2', into: 'Clerks' },
      { action: 'archive', who: 'a2' },
    ]);
    await ready(plan);
    const gone = [...road.users.values()].find(({ fields }) => fields.email === emailOf('a2'))!;
    road.users.delete(gone.id);
    await store.saveScimObjects(con, { save: [], drop: [{ kind: 'user', scimId: gone.id }] });
    const ended = await apply(plan);
    expect(await statesOf(ended)).toEqual({ st_1: 'accepted', st_2: 'failed', st_3: 'failed' });
  });
});

describe('too many failures', () => {
  test('are no chance: the first five in a row end it', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `p${index}`);
    target = aTarget([anAccount('aiko')]);
    const plan = planFor(
      target,
      names.map((who) => ({ action: 'create', who, person: personOf(who, true) })),
    );
    await ready(plan);
    onCall = ({ name, when }) => {
      if (name === 'createUser' && when === 'before') throw new ForeknowError('remote_rejected', { detail: 'No.' });
    };
    const ended = await apply(plan);
    expect(ended).toMatchObject({ state: 'stopped', stop: { reason: '5 of 5 steps failed.' } });
    expect(Object.keys(await statesOf(ended))).toHaveLength(5);
    expect((await store.getProvisioning(con))?.quarantine).toMatchObject({ reason: '5 of 5 steps failed.' });
  });

  test('over 40 % of at least 50 end it', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `p${index}`);
    target = aTarget([anAccount('aiko')]);
    const plan = planFor(
      target,
      names.map((who) => ({ action: 'create', who })),
    );
    await ready(plan);
    let calls = 0;
    onCall = ({ name, when }) => {
      if (name !== 'createUser' || when !== 'before') return;
      calls += 1;
      if (calls % 2 === 0) throw new ForeknowError('remote_rejected', { detail: 'No.' });
    };
    // Five alone, then four at a time: it is looked at after each of them.
    expect(await apply(plan)).toMatchObject({ stop: { reason: '26 of 53 steps failed.' } });
  });
});
