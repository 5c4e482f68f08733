import { describe, expect, test } from 'vitest';
import { buildPlan, lookAgain } from './build-plan.ts';
import type { Plan } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import {
  aCampaign,
  aGroup,
  aLink,
  anInput,
  aPerson,
  aScimGroup,
  aScimUser,
  aSource,
  aTarget,
  aUser,
  wholeStore,
} from './plan-lab.contract.ts';
import { provisionalId } from './provisional-id.ts';
import { buildRequestPlan } from './request.ts';

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

describe('a group that the SCIM store has', () => {
  const there = [aUser(1, { groupIds: ['g1'] }), aUser(2, { groupIds: ['g1'] }), aUser(3, { groupIds: ['g1'] })];
  const target = aTarget(there, { groups: [aGroup('g1', 'Auto Finance', ['1001', '1002', '1003'])] });
  const has = (...memberIds: string[]) => aScimGroup(target.groups[0]!, { known: { memberIds } });
  const members = (people: Parameters<typeof anInput>[0], scimObjects: PlanInput['scimObjects']) =>
    buildPlan(anInput(people, target, { scimObjects })).plan.steps.map(
      ({ action, person, because }) => `${action} ${person?.userId} ${because.join()}`,
    );
  const users = there.map((user) => aScimUser(user));

  test('keeps members whom it lacks as we last wrote it: KnowBe4 would take them out', () => {
    expect(members([], [...users, has('scim-1001', 'scim-1002', 'scim-1003')])).toEqual([]);
    expect(members([], [...users, has('scim-1001')])).toEqual(['member_add 1002 adoption', 'member_add 1003 adoption']);
    expect(members([], [users[0]!, users[1]!, has('scim-1001', 'scim-1002')])).toEqual([
      'claim 1003 adoption',
      'member_add 1003 adoption',
    ]);
  });

  test('does not get back whom the rules take out of it', () => {
    expect(members([aPerson(2)], [...users, has('scim-1001', 'scim-1003')])).toEqual(['member_remove 1002 movers']);
  });
});

test('who is restored comes back with groups and manager that the SCIM store does not know of', () => {
  const away = aUser(1, { status: 'archived', groupIds: ['g1', 'g2'], fields: { manager_email: 'n2@acme.test' } });
  const groups = [
    aGroup('g1', 'Auto Finance', ['1001']),
    aGroup('g2', 'Crew', ['1001']),
    aGroup('g3', 'Auto Else', []),
  ];
  const target = aTarget([away, aUser(2)], { groups });
  const known = (...memberIds: string[]) => groups.map((group) => aScimGroup(group, { known: { memberIds } }));
  const back = aPerson(1, { fields: { manager_email: 'n2@acme.test' }, groups: ['Auto Finance', 'Auto Else'] });
  const steps = (scimObjects: PlanInput['scimObjects'], people = [back, aPerson(2)]) =>
    buildPlan(anInput(people, target, { scimObjects })).plan.steps;
  const words = (all: Plan['steps']) => all.map(({ action, group }) => `${action} ${group?.name ?? ''}`.trim());
  const unknown = steps([aScimUser(aUser(2)), ...known()]);
  expect(words(unknown)).toEqual([
    'restore',
    'manager',
    'member_add Auto Else',
    'member_add Auto Finance',
    'member_add Crew',
  ]);
  expect(unknown.slice(1).map(({ needs }) => needs)).toEqual(Array(4).fill(['st_001']));
  expect(unknown[0]!.effects.map(({ kind }) => kind)).toContain('account_claimed');
  const store = [aScimUser(away), aScimUser(aUser(2)), ...known('scim-1001')];
  expect(words(steps(store))).toEqual(['restore', 'member_add Auto Else']);
  const request = { kind: 'change_user', userId: '1001', status: 'active' } as const;
  const asked = buildRequestPlan(anInput([], target, { scimObjects: [aScimUser(aUser(2)), ...known()] }), request);
  expect(words(asked.plan.steps)).toEqual(['restore', 'manager', 'member_add Auto Finance', 'member_add Crew']);
});

describe('a second look at a plan', () => {
  const cost = { writes: 0, verifyReads: 0, scimWindows: 0, visibleBy: null };
  const leaver = { leaver: { since: null, rule: 'leavers.when' } };
  const target = aTarget([aUser(1), aUser(2), aUser(3)]);
  const links = [aLink(1), aLink(2), aLink(3)];
  const people = [aPerson(1, leaver), aPerson(2, { fields: { job_title: 'Lead' } }), aPerson(3), aPerson(4)];
  const before = anInput(people, target, { links });
  const { plan } = buildPlan(before);
  const left = (now: PlanInput) => {
    const { unasked } = lookAgain(now, plan.steps, cost);
    return plan.steps.filter(({ id }) => unasked.has(id)).map(({ action, person }) => `${action} ${person?.email}`);
  };

  test('finds what nobody asks for any more: who has come back, who does not begin, a value that is another one', () => {
    expect(left(before)).toEqual([]);
    const changed = [aPerson(1), aPerson(2, { fields: { job_title: 'Head' } }), aPerson(3)];
    expect(left(anInput(changed, target, { links }))).toEqual([
      'create n4@acme.test',
      'update n2@acme.test',
      'archive n1@acme.test',
    ]);
  });

  test('takes nobody out because of an earlier read while the last one is broken', () => {
    expect(left({ ...before, sources: [aSource({ state: 'incomplete' })] })).toEqual(['archive n1@acme.test']);
  });

  test('knows a step again when what it needs is there by now', () => {
    const input = (there: Parameters<typeof aTarget>[0], groups: ReturnType<typeof aGroup>[]) =>
      anInput([aPerson(1, { groups: ['Auto New'] })], aTarget(there, { groups }));
    const { plan: first } = buildPlan(input([], []));
    expect(first.steps.map(({ action }) => action)).toEqual(['create', 'group_create', 'member_add']);
    const rest = first.steps.slice(2);
    const laidOver = { id: provisionalId('acme-eu', 'ad:1'), provisioningGuid: 'ad:1' };
    for (const [id, group] of [
      [laidOver.id, provisionalId('acme-eu', 'group auto new')],
      ['1001', 'g7'],
    ] as const) {
      const now = input([aUser(1, { ...laidOver, id })], [aGroup(group, 'Auto New', [])]);
      expect(lookAgain(now, rest, cost).unasked).toEqual(new Set());
    }
  });

  test('fears for nobody and no group whose answer was lost, and whom KnowBe4 shows already', () => {
    const input = (there: Parameters<typeof aTarget>[0], groups: ReturnType<typeof aGroup>[]) => ({
      ...anInput([aPerson(1, { groups: ['Auto New'] })], aTarget(there, { groups })),
      scimObjects: [],
    });
    const { plan: first } = buildPlan(input([], []));
    const now = input([aUser(1)], [aGroup('g7', 'Auto New', [])]);
    const feared = ({ effects }: Pick<Plan, 'effects'>) => effects.filter(({ kind }) => kind === 'archived_by_scim');
    expect(feared(lookAgain(now, first.steps, cost))).toEqual([]);
    expect(feared(lookAgain(now, [], cost))).toHaveLength(2);
  });

  test('counts the guards over the steps of the plan alone, with what was done within a day', () => {
    const many = Array.from({ length: 20 }, (_, at) => at + 1);
    const crowd = aTarget(many.map((id) => aUser(id)));
    const leaving = (count: number) =>
      anInput(
        many.map((id) => aPerson(id, id <= count ? leaver : {})),
        crowd,
        { links: many.map((id) => aLink(id)) },
      );
    const { plan: two } = buildPlan(leaving(2));
    const archives = (input: PlanInput) =>
      lookAgain(input, two.steps, cost).guards.find(({ name }) => name === 'archive_share')!.state;
    expect(archives(leaving(9))).toBe('ok');
    const recent = [3, 4].map((id) => ({
      ...{ action: 'archive' as const, userId: String(id) },
      groupId: null,
      fields: [],
    }));
    expect(archives({ ...leaving(9), recent })).toBe('tripped');
  });

  test('tells what a campaign that is new by now does, also of what somebody asked for', () => {
    const request = { kind: 'create_user', fields: { email: 'n9@acme.test' } } as const;
    const asked = anInput([], target, {});
    const { steps } = buildRequestPlan(asked, request).plan;
    const kinds = (campaigns: ReturnType<typeof aCampaign>[]) =>
      lookAgain({ ...asked, kind: 'request', target: { ...target, campaigns } }, steps, cost).steps[0]!.effects.map(
        ({ kind }) => kind,
      );
    expect(kinds([])).toEqual(['seat_taken']);
    expect(kinds([aCampaign('new')])).toContain('auto_enrol');
  });
});

const none = { state: 'none', planId: null, at: null } as const;

test('a second plan that takes accounts over sends the manager of those whose manager the first one could not send', () => {
  const [boss, user] = [aUser(1), aUser(2, { fields: { manager_email: 'n1@acme.test' } })];
  const stepsWith = (known: object) =>
    buildPlan(
      anInput([], aTarget([boss, user]), { kind: 'adoption', scimObjects: [aScimUser(user, { known: { ...known } })] }),
    ).plan.steps.map(({ action, person, needs }) => [action, person!.userId, needs]);
  expect(stepsWith({})).toEqual([
    ['claim', boss.id, []],
    ['manager', user.id, ['st_001']],
  ]);
  expect(stepsWith({ managerId: 'scim-1001' })).toEqual([['claim', boss.id, []]]);
});
