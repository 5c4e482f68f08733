import { expect, test } from 'vitest';
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

test('a group remembers the rule that made it, so that it is renamed when the rule calls it otherwise', async () => {
  const person = aPerson(1, { groups: ['Auto A'] });
  const before = aTarget([aUser(1)]);
  const { steps } = buildPlan(anInput([person], before)).plan;
  const made = await sendStep(depsFor(before), steps.find(({ action }) => action === 'group_create')!);
  expect(made.object.known).toMatchObject({ rule: 'a' });

  const target = aTarget([aUser(1, { groupIds: ['g1'] })], { groups: [aGroup('g1', 'Auto A', ['1001'])] });
  const renamed = { ...person, groups: [{ group: 'Auto Alpha', rule: 'a' }] };
  const input = anInput([renamed], target);
  const scimObjects = [...input.scimObjects.filter(({ kind }) => kind === 'user'), { ...made.object, targetId: 'g1' }];
  expect(
    buildPlan({ ...input, scimObjects }).plan.steps.map(({ action, group }) => [action, group?.name, group?.was]),
  ).toEqual([['group_rename', 'Auto Alpha', 'Auto A']]);
});
