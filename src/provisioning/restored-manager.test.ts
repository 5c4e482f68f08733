import { expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import { memoryRoad } from './contract/memory-road.ts';
import { anInput, aPerson, aTarget, aUser } from './plan-lab.contract.ts';
import { createLedger } from './scim-ledger.ts';
import { sendStep } from './send-steps.ts';
import { indexTarget } from './target-index.ts';

test('whoever comes back keeps the manager that KnowBe4 has for them, where the store knows that one', async () => {
  const fields = { manager_email: 'n1@acme.test' };
  const target = aTarget([aUser(1), aUser(2, { status: 'archived', fields })]);
  const [road, index] = [memoryRoad(), indexTarget(target)];
  const at = () => '2026-11-21T09:20:00.000Z';
  const ledger = createLedger([], index, road, 'acme-eu', at);
  const deps = { connectionId: 'acme-eu', road, index, at, ledger };
  const email = 'n1@acme.test';
  const { resource } = await road.createUser({ externalId: 'e1', active: true, fields: { email }, managerId: null });
  const { steps } = buildPlan(anInput([aPerson(1), aPerson(2, { fields })], target)).plan;
  const restore = steps.find(({ action }) => action === 'restore')!;
  expect(steps.filter(({ action }) => action === 'manager')).toEqual([]);
  const { object } = await sendStep(deps, restore);
  expect((await road.getUser(object.scimId))!.managerId).toBe(resource.id);
});
