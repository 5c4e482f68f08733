import { expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import { layOver } from './in-flight.ts';
import type { Step } from './plan.ts';
import { aCampaign, aGroup, aLink, anInput, aPerson, aTarget, aUser } from './plan-lab.contract.ts';
import type { JournalEntry } from './ports.ts';
import { provisionalId } from './provisional-id.ts';

const accepted = (step: Step, position: number): JournalEntry => ({
  ...{
    applicationId: 'app_1',
    planId: 'pl_1',
    connectionId: 'acme-eu',
    stepId: step.id,
    position,
    action: step.action,
  },
  ...{
    state: 'accepted',
    userId: step.person?.userId ?? null,
    groupId: step.group?.groupId ?? null,
    provisionalId: null,
  },
  ...{ scimId: null, before: null, step, found: null, error: null },
  ...{ writtenAt: null, acceptedAt: '2026-11-21T09:20:00Z', visibleAt: null, verifiedAt: null },
});

const target = aTarget(
  [aUser(2, { fields: { job_title: 'Clerk' } }), aUser(3), aUser(4, { status: 'archived', groupIds: ['g1'] })],
  {
    groups: [aGroup('g1', 'Auto A', ['1004'])],
    campaigns: [aCampaign('all')],
    // Nobody could tell by the address whose account it is.
    account: { name: null, domains: ['other.test'], seats: null, admins: [] },
  },
);
const people = [
  aPerson(1, {
    fields: { email: 'n1@other.test', employee_number: null, manager_email: 'n2@acme.test' },
    groups: ['Auto New'],
  }),
  aPerson(2, { fields: { job_title: 'Lead' }, groups: ['Auto New'] }),
  aPerson(3, { leaver: { since: null, rule: 'leavers' } }),
  aPerson(4),
];
const input = anInput(people, target, { links: [aLink(2), aLink(3), aLink(4)] });

test('what was accepted and is not seen yet is not planned again', () => {
  const first = buildPlan(input).plan;
  expect(first.steps.map(({ action }) => action)).toEqual([
    'restore',
    'create',
    'update',
    'manager',
    'group_create',
    'member_add',
    'member_add',
    'member_remove',
    'archive',
  ]);
  const scimObjects = input.scimObjects.map((object) => ({ ...object, active: object.targetId !== '1003' }));
  const again = buildPlan({ ...input, scimObjects, target: layOver(target, first.steps.map(accepted), []) });
  expect(again.plan.steps).toEqual([]);
  expect(again.plan.items).toEqual([]);
  expect(again.plan.effects).toEqual([]);
});

test('somebody who is being created is known by the id that we gave, and no pair is kept before KnowBe4 has given one', () => {
  const { steps } = buildPlan(input).plan;
  const overlaid = layOver(target, steps.map(accepted), []);
  const changed = [
    aPerson(1, { ...people[0], fields: { ...people[0]!.fields, job_title: 'Lead' }, groups: ['Auto New'] }),
  ];
  const scimObjects = input.scimObjects.map((object) => ({ ...object, active: object.targetId !== '1003' }));
  const { plan, links } = buildPlan({ ...anInput(changed, overlaid), scimObjects });
  expect(plan.steps.map(({ action, person }) => [action, person?.userId])).toEqual([
    ['update', provisionalId('acme-eu', 'ad:1')],
  ]);
  expect(links).toEqual([]);
  const stale = { ...aLink(1, provisionalId('acme-eu', 'ad:1')) };
  expect(buildPlan({ ...anInput([aPerson(1)], aTarget([aUser(1)])), links: [stale] }).plan.items).toEqual([]);
});
