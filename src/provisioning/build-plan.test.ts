import { describe, expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import type { Plan } from './plan.ts';
import { aGroup, aLink, anInput, aPerson, aScimUser, aTarget, aUser, wholeStore } from './plan-lab.contract.ts';

const actionsOf = ({ steps }: Plan) => steps.map(({ action, person, group }) => [action, person?.email ?? group?.name]);
const reasonsOf = ({ items }: Plan) => items.map(({ kind, reason }) => `${kind}:${reason}`);

describe('a plan', () => {
  test('has nothing to do when everybody is as the rules want them', () => {
    const target = aTarget([aUser(1), aUser(2)]);
    const { plan } = buildPlan(anInput([aPerson(1), aPerson(2)], target));
    expect(plan.steps).toEqual([]);
    expect(plan.items).toEqual([]);
    expect(plan.state).toBe('draft');
    expect(plan.counts.unchanged).toBe(2);
  });

  test('creates who is missing, updates who differs, archives who has left, in this order', () => {
    const left = aPerson(3, { leaver: { since: null, rule: 'leavers.when' } });
    const target = aTarget([aUser(2, { fields: { job_title: 'Clerk' } }), aUser(3)]);
    const people = [left, aPerson(2, { fields: { job_title: 'Lead' } }), aPerson(1)];
    const { plan } = buildPlan(anInput(people, target, { links: [aLink(2), aLink(3)] }));
    expect(actionsOf(plan)).toEqual([
      ['create', 'n1@acme.test'],
      ['update', 'n2@acme.test'],
      ['archive', 'n3@acme.test'],
    ]);
    expect(plan.steps[1]!.fields).toEqual([{ name: 'job_title', from: 'Clerk', to: 'Lead' }]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['st_001', 'st_002', 'st_003']);
    expect(plan.state).toBe('waiting');
    expect(plan.approval).toEqual({ needed: 2, reasons: ['create', 'update', 'archive'] });
    expect(plan.counts).toMatchObject({ create: 1, update: 1, archive: 1, conflict: 0, held: 0 });
  });

  test('is a draft while the connection is only observed, and blocked until the SCIM store is taken over', () => {
    const observed = buildPlan(anInput([aPerson(1)], aTarget([]), { state: { mode: 'observe', adoption: none } })).plan;
    expect(observed.state).toBe('draft');
    const { plan } = buildPlan(anInput([aPerson(1)], aTarget([]), { state: { adoption: none } }));
    expect(plan.state).toBe('blocked');
    expect(plan.steps).toHaveLength(1);
    expect(plan.guards.find(({ name }) => name === 'adoption')!.text).toContain('scim_not_adopted');
  });

  test('waits for the group and the person before the membership', () => {
    const { plan } = buildPlan(anInput([aPerson(1, { groups: ['Auto New hires'] })], aTarget([])));
    expect(plan.steps.map(({ action, needs }) => [action, needs])).toEqual([
      ['create', []],
      ['group_create', []],
      ['member_add', ['st_001', 'st_002']],
    ]);
  });

  test('leaves somebody alone whose records in the sources contradict each other, even when they seem to have left', () => {
    const left = aPerson(1, { leaver: { since: null, rule: 'leavers.when' } });
    const moved = aPerson(2, { fields: { job_title: 'Lead' } });
    const people = [left, moved].map((one) => ({ ...one, person: { ...one.person, joinConflict: 'shown twice' } }));
    const users = [aUser(1), aUser(2, { fields: { job_title: 'Clerk' }, groupIds: ['g1'] })];
    const target = aTarget(users, { groups: [aGroup('g1', 'Auto Clerks', ['1002'])] });
    const { plan } = buildPlan(anInput(people, target, { links: [aLink(1), aLink(2)] }));
    expect(plan.steps).toEqual([]);
    expect(reasonsOf(plan)).toEqual(['conflict:join', 'conflict:join']);
  });

  test('makes no steps from a mirror that was never read whole', () => {
    const { plan } = buildPlan(anInput([aPerson(1)], aTarget([], { asOf: null })));
    expect(plan.state).toBe('blocked');
    expect(plan.steps).toEqual([]);
  });

  test('carries active accounts that the SCIM store lacks, so that KnowBe4 does not archive them', () => {
    const [known, unknown, exempt] = [aUser(1), aUser(2), aUser(3)];
    const input = anInput([aPerson(1)], aTarget([known, unknown, exempt]), {
      scimObjects: [aScimUser(known)],
      state: { exempt: [exempt.id] },
    });
    const { plan } = buildPlan(input);
    expect(actionsOf(plan)).toEqual([['claim', 'n2@acme.test']]);
    expect(reasonsOf(plan)).toEqual(['unmanaged:unmanaged', 'exempt:exempt']);
    expect(plan.effects).toEqual([]);
  });

  test('takes members by difference and leaves others of the group alone', () => {
    const there = [aUser(1, { groupIds: ['g1'] }), aUser(2), aUser(9, { groupIds: ['g1'] })];
    const target = aTarget(there, { groups: [aGroup('g1', 'Auto Finance', ['1001', '1009'])] });
    const people = [aPerson(1, { groups: ['Auto Sales'] }), aPerson(2, { groups: ['Auto Finance'] })];
    const { plan } = buildPlan(anInput(people, target, { scimObjects: wholeStore(target) }));
    expect(plan.steps.map(({ action, person, group }) => [action, person?.userId, group?.name])).toEqual([
      ['group_create', undefined, 'Auto Sales'],
      ['member_add', '1001', 'Auto Sales'],
      ['member_add', '1002', 'Auto Finance'],
      ['member_remove', '1001', 'Auto Finance'],
    ]);
  });
});

const none = { state: 'none', planId: null, at: null } as const;
