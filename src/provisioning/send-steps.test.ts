import { describe, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { buildPlan } from './build-plan.ts';
import { memoryRoad } from './contract/memory-road.ts';
import { aGroup, anInput, aPerson, aTarget, aUser } from './plan-lab.contract.ts';
import { createLedger } from './scim-ledger.ts';
import { type SendDeps, sendStep } from './send-steps.ts';
import type { Target } from './target.ts';
import { indexTarget } from './target-index.ts';

const at = () => '2026-11-21T09:20:00.000Z';
const depsFor = (target: Target): SendDeps => {
  const [road, index] = [memoryRoad(), indexTarget(target)];
  return { connectionId: 'acme-eu', road, index, at, ledger: createLedger([], index, road, 'acme-eu', at) };
};

test('who is taken over keeps the GUID that KnowBe4 has; who has none is known by the key of the sources', async () => {
  const target = aTarget([aUser(1, { provisioningGuid: 'guid-1' }), aUser(2)]);
  const input = anInput([aPerson(1), aPerson(2)], target, { kind: 'adoption', scimObjects: [] });
  const deps = depsFor(target);
  const sent = [];
  for (const step of buildPlan(input).plan.steps) sent.push((await sendStep(deps, step)).object.externalId);
  expect(sent).toEqual(['guid-1', 'ad:2']);
});

describe('another program filled the store before', () => {
  const target = aTarget([aUser(1), aUser(2, { provisioningGuid: 'of-another' })], {
    groups: [aGroup('g1', 'Auto A', [])],
  });
  const { steps } = buildPlan(anInput([aPerson(1)], target, { kind: 'adoption', scimObjects: [] })).plan;
  const claim = steps.find(({ action, person }) => action === 'claim' && person!.key === 'ad:1')!;
  const group = steps.find(({ action }) => action === 'group_create')!;
  /** As the client answers when a name is linked to another key. */
  const linked = async (externalId: string | null) => {
    const deps = depsFor(target);
    const { road } = deps;
    const fields = { email: 'N1@acme.test', job_title: 'Old' };
    const { resource } = await road.createUser({ externalId, active: false, fields, managerId: null });
    await road.createGroup({ name: 'Auto A', externalId: 'okta-g1' });
    const taken = async () => Promise.reject(new ForeknowError('conflict', { detail: 'linked to another key' }));
    return { deps: { ...deps, road: { ...road, createUser: taken, createGroup: taken } }, scimId: resource.id };
  };

  test('an account is taken over under the key that the store has for its address', async () => {
    const { deps, scimId } = await linked('okta-1');
    const { object } = await sendStep(deps, claim);
    expect(object).toMatchObject({ scimId, targetId: '1001', externalId: 'okta-1', active: true, origin: 'adopted' });
    expect(object.known).toMatchObject({ first_name: claim.fields.find(({ name }) => name === 'first_name')!.to });
    expect((await sendStep(deps, group)).object).toMatchObject({ targetId: 'g1', externalId: 'okta-g1' });
  });

  test('never under the key of another account, and nobody new is made out of somebody who is there', async () => {
    const { deps } = await linked('of-another');
    await expect(sendStep(deps, claim)).rejects.toMatchObject({ code: 'conflict' });
    const { deps: own } = await linked('okta-1');
    const create = { ...claim, action: 'create' as const, person: { ...claim.person!, userId: null } };
    await expect(sendStep(own, create)).rejects.toMatchObject({ code: 'conflict' });
    const made = { ...group, group: { name: 'Auto A', groupId: null } };
    await expect(sendStep(own, made)).rejects.toMatchObject({ code: 'conflict' });
  });
});

test('a group remembers the rule that made it, so that it is renamed when the rule calls it otherwise', async () => {
  const person = aPerson(1, { groups: ['Auto A'] });
  const before = aTarget([aUser(1)]);
  const { steps } = buildPlan(anInput([person], before)).plan;
  const made = await sendStep(depsFor(before), steps.find(({ action }) => action === 'group_create')!);
  expect(made.object.known).toMatchObject({ rule: 'a' });

  const target = aTarget([aUser(1, { groupIds: ['g1'] })], { groups: [aGroup('g1', 'Auto A', ['1001'])] });
  const renamed = { ...person, groups: [{ group: 'Auto Alpha', rule: 'a' }] };
  const input = anInput([renamed], target);
  const known = { ...made.object.known, memberIds: ['scim-1001'] };
  const group = { ...made.object, targetId: 'g1', known };
  const scimObjects = [...input.scimObjects.filter(({ kind }) => kind === 'user'), group];
  expect(
    buildPlan({ ...input, scimObjects }).plan.steps.map(({ action, group }) => [action, group?.name, group?.was]),
  ).toEqual([['group_rename', 'Auto Alpha', 'Auto A']]);
});
