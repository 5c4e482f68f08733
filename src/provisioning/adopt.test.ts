import { beforeEach, describe, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { memoryStore } from '../store/contract/memory-store.ts';
import {
  confirmAdoption,
  isProofDue,
  isToBeApplied,
  lacking,
  proveAgain,
  pushAdoption,
  type TestMode,
} from './adopt.ts';
import type { ApplyDeps } from './apply.ts';
import { aState, at, con, telling } from './contract/builders.ts';
import { aGroup, anAccount, aTarget, emailOf, keepApproved, planFor, set } from './contract/lab.ts';
import { type MemoryRoad, memoryRoad, type OnCall } from './contract/memory-road.ts';
import type { ProvisioningStore } from './ports.ts';
import type { ProvisioningState } from './state.ts';
import { verifySeen } from './verify.ts';

const target = aTarget(
  ['aiko', 'tom', 'boss'].map((name) => anAccount(name, { provisioningManaged: false, provisioningGuid: null })),
  [aGroup('Clerks', ['aiko', 'tom'])],
);
const claim = (who: string) => ({ action: 'claim' as const, who, fields: set('email', emailOf(who), emailOf(who)) });
/** Everybody but `boss`, whom the console exempts. */
const plan = planFor(
  target,
  [
    claim('aiko'),
    claim('tom'),
    { action: 'group_create', into: 'Clerks' },
    { action: 'member_add', who: 'aiko', into: 'Clerks' },
    { action: 'member_add', who: 'tom', into: 'Clerks' },
  ],
  { kind: 'adoption' },
);
const fresh = (changes: Partial<ProvisioningState> = {}) =>
  aState({
    ...{ adoption: { state: 'none', planId: null, at: null }, owner: 'unknown', exempt: ['boss'] },
    testMode: { state: 'unknown', attested: null },
    ...changes,
  });

let store: ProvisioningStore;
let road: MemoryRoad;
let onCall: OnCall;
let ids: number;
beforeEach(async () => {
  store = await memoryStore();
  onCall = () => undefined;
  road = memoryRoad((call) => onCall(call));
  ids = 0;
});

const deps = (): ApplyDeps => ({
  ...{ store, road, telling, readTarget: async () => target, now: () => new Date(at(60)) },
  sleep: (_, signal) => new Promise((__, reject) => signal?.addEventListener('abort', reject)),
  newId: (prefix) => `${prefix}_${++ids}`,
});
const { signal } = new AbortController();
const push = (testMode: TestMode = 'on') =>
  pushAdoption(deps(), { connectionId: con, planId: plan.id, by: 'priya', fourEyes: false, signal, testMode });
const confirm = (testMode: TestMode) => confirmAdoption(deps(), { connectionId: con, testMode, signal });
const ready = async (state = fresh()) => {
  await store.saveProvisioning(state, null);
  await keepApproved(store, plan);
};

describe('accounts are taken over', () => {
  test('only while Test Mode is known to be on: as it is read, else as somebody attested', async () => {
    const attested = { state: 'on', attested: { by: 'priya', at: at(0), words: null } } as const;
    await ready();
    for (const testMode of ['off', 'unknown'] as const) {
      await expect(push(testMode)).rejects.toMatchObject({ code: 'scim_not_adopted' });
    }
    expect(road.writes).toEqual([]);
    await store.saveProvisioning(fresh({ testMode: attested, updatedAt: at(1) }), at(0));
    await expect(push('off')).rejects.toMatchObject({ code: 'scim_not_adopted' });
    expect(road.writes).toEqual([]);
    expect((await push('unknown')).state).toMatchObject({ adoption: { state: 'pushed' }, testMode: attested });
  });

  test('its steps are over and its proof is not: it is to be gone on with until it is', async () => {
    await ready();
    const isOpen = async () => isToBeApplied({ store }, (await store.getPlan(plan.id))!);
    expect(await isOpen()).toBe(true);
    onCall = ({ name }) => {
      if (name === 'readAll') throw new ForeknowError('remote_unavailable', { detail: 'The process ended.' });
    };
    await expect(push()).rejects.toMatchObject({ code: 'remote_unavailable' });
    expect(await store.getPlan(plan.id)).toMatchObject({ state: 'applied' });
    expect(await isOpen()).toBe(true);
    onCall = () => undefined;
    expect((await push()).state.adoption.state).toBe('pushed');
    expect(await isOpen()).toBe(false);
  });

  test('never while the users belong to another provisioner', async () => {
    await ready(fresh({ owner: 'foreign' }));
    await expect(push()).rejects.toMatchObject({ code: 'foreign_owner' });
    expect(road.writes).toEqual([]);
  });

  test('with their present address, and nothing else is written before a person turned Test Mode off', async () => {
    await ready();
    const { state, application, proof } = await push();
    expect(state.adoption).toEqual({ state: 'pushed', planId: plan.id, at: at(60) });
    expect(application).toMatchObject({ state: 'applied' });
    expect(proof).toMatchObject({
      isWhole: true,
      wouldBeArchived: [],
      words: expect.stringMatching(/2 of 2 accounts/),
    });
    expect(road.writes).toEqual([
      'createUser aiko@example.com',
      'createUser tom@example.com',
      'createGroup Clerks',
      'changeMembers Clerks +2 -0',
    ]);
    expect((await store.scimObjects(con)).map(({ targetId, origin }) => [targetId, origin])).toEqual([
      ['g-Clerks', 'adopted'],
      ['aiko', 'adopted'],
      ['tom', 'adopted'],
    ]);
    for (const testMode of ['on', 'unknown'] as const) {
      await expect(confirm(testMode)).rejects.toMatchObject({ code: 'scim_not_adopted' });
    }
    expect((await confirm('off')).state).toMatchObject({
      ...{ adoption: { state: 'adopted' }, owner: 'ours', testMode: { state: 'off' } },
    });
    expect(await store.getProvisioning(con)).toMatchObject({ adoption: { state: 'adopted' } });
  });

  test('and the push goes on where it was cut', async () => {
    await ready();
    onCall = ({ about, when, name }) => {
      if (name === 'createUser' && about === emailOf('tom') && when === 'after') {
        throw new ForeknowError('remote_unavailable', { detail: 'cut' });
      }
    };
    expect(await push()).toMatchObject({
      ...{ application: { state: 'stopped' }, proof: null, state: { adoption: { state: 'pushing' } } },
    });
    await expect(confirm('off')).rejects.toMatchObject({ code: 'scim_not_adopted' });
    onCall = () => undefined;
    expect((await push()).state.adoption.state).toBe('pushed');
    expect(road.users.size).toBe(2);
    const again = await push();
    expect(again).toMatchObject({
      application: null,
      proof: { isWhole: true },
      state: { adoption: { state: 'pushed' } },
    });
  });
});

describe('a store is not whole', () => {
  const lose = (name: string) => {
    const [id] = [...road.users].find(([, { fields }]) => fields.email === emailOf(name))!;
    return id;
  };
  /** Lists answer with something changed. */
  const listsWith = (change: object): void => {
    const { readAll } = road as { readAll(kind: string, of: AbortSignal): Promise<object> };
    Object.assign(road, {
      readAll: async (kind: string, of: AbortSignal) => ({ ...(await readAll(kind, of)), ...change }),
    });
  };
  const notWhole = async (changes: object, words: string) => {
    await expect(confirm('off')).rejects.toMatchObject({
      ...{ code: 'scim_not_adopted', detail: expect.stringContaining(words) },
    });
    const { proof, state } = await push();
    expect(proof).toMatchObject({ isWhole: false, ...changes });
    expect(state.adoption).toMatchObject({ state: 'pushing', lacks: words });
    expect(lacking(proof!)).toBe(words);
    await expect(confirm('off')).rejects.toMatchObject({ detail: 'Nothing has been pushed to its end yet.' });
  };
  /** What the next plan of this kind does not find in the ledger it sends. */
  const ledger = async () => (await store.scimObjects(con)).map(({ targetId }) => targetId);
  beforeEach(async () => {
    await ready();
    await push();
  });

  test('when somebody is missing, asked for directly', async () => {
    road.users.delete(lose('tom'));
    await notWhole({ wouldBeArchived: ['tom'] }, '1 people would be archived');
    expect(await ledger()).toEqual(['g-Clerks', 'aiko']);
  });

  test('never because somebody has another id there by now', async () => {
    const id = lose('tom');
    const tom = road.users.get(id)!;
    road.users.delete(id);
    road.users.set('u99', { ...tom, id: 'u99' });
    for (const group of road.groups.values()) group.members.add('u99');
    expect((await push()).proof).toMatchObject({ isWhole: true });
  });

  test('when two users of it stand for one account: nobody can say which', async () => {
    const [object] = (await store.scimObjects(con)).filter(({ targetId }) => targetId === 'tom');
    await store.saveScimObjects(con, { save: [{ ...object!, scimId: 'u99' }], drop: [] });
    await notWhole({ unclear: ['tom'] }, '1 people are in it more than once, or as somebody else');
  });

  test('when somebody is not active in it', async () => {
    const id = lose('tom');
    road.users.set(id, { ...road.users.get(id)!, active: false });
    await notWhole({ wouldBeArchived: ['tom'] }, '1 people would be archived');
    expect(await ledger()).toEqual(['g-Clerks', 'aiko']);
  });

  test('when it holds somebody whom KnowBe4 would make', async () => {
    await road.createUser({ externalId: null, active: true, fields: { email: 'who@example.com' }, managerId: null });
    await notWhole({ wouldBeCreated: ['who@example.com'] }, '1 people would be made');
  });

  test('when a member is missing', async () => {
    const [group] = [...road.groups.values()];
    group!.members.delete(lose('tom'));
    await notWhole({ missingMembers: [{ groupId: 'g-Clerks', userId: 'tom' }] }, '1 members would leave their group');
    expect(await ledger()).toEqual(['aiko', 'tom']);
  });

  test('when a group is missing', async () => {
    road.groups.clear();
    await notWhole({ missingGroups: ['Clerks'] }, '1 groups are not in it');
    expect(await ledger()).toEqual(['aiko', 'tom']);
  });

  test('when the service does not prove that it showed everybody', async () => {
    listsWith({ complete: false });
    await notWhole({ wouldBeArchived: [] }, 'the service did not prove that it showed everybody');
  });

  test('and is looked through once a week, while nothing is in flight; what is gone the next plan sends anew', async () => {
    await confirm('off');
    const due = (days: number) =>
      isProofDue({ store, now: () => new Date(Date.parse(at(60)) + days * 86_400_000) }, con);
    expect(await due(30)).toBe(false);
    await verifySeen(deps(), target);
    expect([await due(6), await due(7)]).toEqual([false, true]);
    const again = () => proveAgain(deps(), { connectionId: con, signal });
    expect(await again()).toMatchObject({ isWhole: true });
    const stateNow = async () => (await store.getProvisioning(con))!.adoption;
    expect(await stateNow()).toMatchObject({ state: 'adopted', provenAt: at(60) });
    expect(await stateNow()).not.toHaveProperty('lacks');

    onCall = ({ name }) => {
      if (name === 'readAll') throw new ForeknowError('remote_unavailable', { detail: 'Not now.' });
    };
    await expect(again()).rejects.toMatchObject({ code: 'remote_unavailable' });
    expect([await due(0.9), await due(1)]).toEqual([false, true]);
    onCall = () => undefined;
    road.users.delete(lose('tom'));
    expect(await again()).toMatchObject({ isWhole: false, wouldBeArchived: ['tom'] });
    expect(await stateNow()).toMatchObject({ state: 'adopted', lacks: '1 people would be archived' });
    expect(await ledger()).toEqual(['g-Clerks', 'aiko']);
    expect([await due(0.9), await due(1)]).toEqual([false, true]);
    const before = (await store.getProvisioning(con))!;
    await store.saveProvisioning({ ...before, pausedAt: at(61), updatedAt: at(61) }, before.updatedAt);
    expect(await due(30)).toBe(false);
  });

  test('never because a list is cut: who is not in it is asked for', async () => {
    listsWith({ resources: [] });
    expect((await push()).proof).toMatchObject({ isWhole: true, wouldBeArchived: [], missingMembers: [] });
  });
});
