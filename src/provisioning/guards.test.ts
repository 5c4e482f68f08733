import { describe, expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import type { GuardName } from './plan.ts';
import type { PlanInput, RecentStep } from './plan-input.ts';
import { aGroup, aLink, anInput, aPerson, aScimUser, aSource, aTarget, aUser, NOW } from './plan-lab.contract.ts';
import { buildRequestPlan } from './request.ts';

const many = <T>(count: number, make: (id: number) => T): T[] => Array.from({ length: count }, (_, id) => make(id + 1));
const guardOf = (input: PlanInput, name: GuardName) =>
  buildPlan(input).plan.guards.find((guard) => guard.name === name)!;
const left = { leaver: { since: null, rule: 'leavers.when' } };
const done = (action: RecentStep['action'], groupId: string | null = null): RecentStep => ({
  action,
  userId: '1',
  groupId,
  fields: [],
});
const everybody = aTarget(many(100, (id) => aUser(id)));
const links = many(100, (id) => aLink(id));

describe('a guard', () => {
  test('asks for two people when more than a share and more than a handful are archived', () => {
    const leaving = (count: number) =>
      anInput(
        many(100, (id) => aPerson(id, id <= count ? left : {})),
        everybody,
        { links },
      );
    expect(guardOf(leaving(3), 'archive_share').state).toBe('ok');
    const tripped = guardOf(leaving(4), 'archive_share');
    expect(tripped).toMatchObject({ state: 'tripped', value: 0.04, limit: 0.02 });
    expect(tripped.stepIds).toHaveLength(4);
    const { plan } = buildPlan(leaving(4));
    expect(plan.steps[0]!.approval).toEqual({ needed: 2, reasons: ['archive', 'guard:archive_share'] });
  });

  test('counts what was done in the last 24 hours: a slow leak is one, too', () => {
    const input = anInput(
      many(100, (id) => aPerson(id, id === 1 ? left : {})),
      everybody,
      { links, recent: many(3, () => done('archive')) },
    );
    expect(guardOf(input, 'archive_share').state).toBe('tripped');
    expect(guardOf({ ...input, recent: many(2, () => done('archive')) }, 'archive_share').state).toBe('ok');
  });

  test('looks at one group at a time, and names its steps alone', () => {
    const ids = many(10, (id) => String(1000 + id));
    const target = aTarget(
      many(20, (id) => aUser(id, { groupIds: id <= 10 ? ['g1'] : ['g2'] })),
      {
        groups: [
          aGroup('g1', 'Auto A', ids),
          aGroup(
            'g2',
            'Auto B',
            many(10, (id) => String(1010 + id)),
          ),
        ],
      },
    );
    const people = (leaving: number) =>
      many(20, (id) => aPerson(id, { groups: id <= leaving ? [] : [id <= 10 ? 'Auto A' : 'Auto B'] }));
    const input = anInput(people(5), target);
    expect(guardOf(input, 'group_shrink').state).toBe('ok');
    const tripped = guardOf(anInput(people(6), target), 'group_shrink');
    expect(tripped).toMatchObject({ state: 'tripped', value: 0.6 });
    expect(tripped.stepIds).toHaveLength(6);
    expect(guardOf({ ...input, recent: [done('member_remove', 'g1')] }, 'group_shrink').state).toBe('tripped');
    expect(guardOf({ ...input, recent: [done('member_remove', 'g2')] }, 'group_shrink').state).toBe('ok');
  });

  test('sees many small groups that lose their people together', () => {
    const groupOf = (id: number) => Math.ceil(id / 4);
    const target = aTarget(
      many(20, (id) => aUser(id, { groupIds: [`g${groupOf(id)}`] })),
      {
        groups: many(5, (group) =>
          aGroup(
            `g${group}`,
            `Auto ${group}`,
            many(4, (at) => String(1000 + (group - 1) * 4 + at)),
          ),
        ),
      },
    );
    const leaving = (count: number) =>
      anInput(
        many(20, (id) => aPerson(id, { groups: id <= count ? [] : [`Auto ${groupOf(id)}`] })),
        target,
      );
    expect(guardOf(leaving(6), 'group_shrink').state).toBe('ok');
    const tripped = guardOf(leaving(7), 'group_shrink');
    expect(tripped).toMatchObject({ state: 'tripped', value: 0.35 });
    expect(tripped.stepIds).toHaveLength(7);
    // Also one after another, by plans of their own.
    const recent = many(8, (at) => done('member_remove', `g${2 + (at % 3)}`));
    expect(guardOf({ ...leaving(1), recent }, 'group_shrink')).toMatchObject({ state: 'tripped', stepIds: ['st_001'] });
    expect(guardOf({ ...leaving(0), recent }, 'group_shrink').state).toBe('ok');
  });

  test('sees a burst of new people', () => {
    const people = many(111, (id) => aPerson(id));
    expect(guardOf(anInput(people.slice(0, 110), everybody, { links }), 'create_burst').state).toBe('ok');
    expect(guardOf(anInput(people, everybody, { links }), 'create_burst')).toMatchObject({
      state: 'tripped',
      limit: 0.1,
    });
    expect(buildPlan(anInput(people, everybody, { links })).plan.steps[0]!.approval).toEqual({
      needed: 2,
      reasons: ['create', 'guard:create_burst'],
    });
    expect(guardOf(anInput(people.slice(0, 3), aTarget([])), 'create_burst').state).toBe('ok');
    expect(guardOf(anInput(people.slice(0, 4), aTarget([])), 'create_burst').state).toBe('tripped');
  });

  test('sees a field that is blank or otherwise for very many, and names the steps of that field', () => {
    const titled = aTarget(many(100, (id) => aUser(id, { fields: { job_title: 'Clerk', department: 'Sales' } })));
    const blanked = (count: number, job_title: string | null) =>
      anInput(
        many(100, (id) =>
          aPerson(id, {
            fields: { job_title: id <= count ? job_title : 'Clerk', department: id === 100 ? 'IT' : 'Sales' },
          }),
        ),
        titled,
        { links },
      );
    expect(guardOf(blanked(5, null), 'data').state).toBe('ok');
    expect(guardOf(blanked(6, null), 'data').stepIds).toHaveLength(6);
    expect(guardOf(blanked(20, 'Lead'), 'data').state).toBe('ok');
    expect(guardOf(blanked(21, 'Lead'), 'data').stepIds).toHaveLength(21);
  });

  test('counts changes of fields over 24 hours, whoever asked for them: plan after plan, requests, an undo', () => {
    const sold = aTarget(many(100, (id) => aUser(id, { fields: { department: 'Sales' } })));
    const moved = (id: number): RecentStep => ({
      ...{ action: 'update', userId: String(1000 + id), groupId: null },
      fields: [{ name: 'department', from: 'Sales', to: 'IT' }],
    });
    const people = many(100, (id) => aPerson(id, { fields: { department: id <= 11 ? 'IT' : 'Sales' } }));
    const input = (recent: readonly RecentStep[]) => anInput(people, sold, { links, recent });
    expect(guardOf(input(many(9, (at) => moved(at + 50))), 'data').state).toBe('ok');
    const tripped = guardOf(input(many(10, (at) => moved(at + 50))), 'data');
    expect(tripped).toMatchObject({ state: 'tripped', value: 0.21 });
    expect(tripped.stepIds).toHaveLength(11);
    // The same people once more are the same people, and what is sent as it was changes nobody.
    expect(guardOf(input(many(11, moved)), 'data').state).toBe('ok');
    const asItWas = many(90, (at) => ({ ...moved(at), action: 'claim' as const }));
    expect(guardOf(input(asItWas), 'data').state).toBe('ok');
    const carried = many(90, (at): RecentStep => {
      const fields = [{ name: 'manager_email' as const, from: 'boss@acme.test', to: 'boss@acme.test' }];
      return { action: 'manager', userId: String(1000 + at), groupId: null, fields };
    });
    expect(guardOf(input(carried), 'data').state).toBe('ok');
    const request = { kind: 'change_user', userId: '1001', fields: { department: 'IT' } } as const;
    const asked = (recent: readonly RecentStep[]) =>
      buildRequestPlan(anInput([], sold, { recent }), request).plan.guards.find(({ name }) => name === 'data');
    expect(asked(many(19, (at) => moved(at + 50)))).toMatchObject({ state: 'ok' });
    expect(asked(many(20, (at) => moved(at + 50)))).toMatchObject({ state: 'tripped', stepIds: ['st_001'] });
    // Nothing more of that field is done: there is nothing to ask anybody for.
    const other = { kind: 'change_user', userId: '1001', fields: { job_title: 'Lead' } } as const;
    const plan = buildRequestPlan(anInput([], sold, { recent: many(40, (at) => moved(at + 50)) }), other).plan;
    expect(plan.guards.find(({ name }) => name === 'data')).toMatchObject({ state: 'notice', stepIds: [] });
  });

  test('counts whom KnowBe4 archives by itself, and lets nothing of such a plan go without a person', () => {
    const input = (lost: number) =>
      anInput(
        many(100, (id) => aPerson(id, { fields: id === 100 ? { job_title: 'Lead' } : {} })),
        everybody,
        {
          links,
          state: { mode: 'auto' },
          scimObjects: everybody.users.map((user, at) => aScimUser(user, { active: at >= lost })),
        },
      );
    expect(buildPlan(input(0)).plan.approval.needed).toBe(0);
    expect(guardOf(input(3), 'archive_share').state).toBe('ok');
    expect(buildPlan(input(3)).plan.approval.needed).toBe(1);
    expect(guardOf(input(4), 'archive_share')).toMatchObject({ state: 'tripped', value: 0.04, stepIds: ['st_001'] });
    expect(buildPlan(input(4)).plan.approval).toEqual({ needed: 2, reasons: ['update', 'guard:archive_share'] });
  });

  test('holds back removals after a broken read, and blocks the plan after a shrunk one', () => {
    const input = anInput([aPerson(1, left)], aTarget([aUser(1)]), {
      links: [aLink(1)],
      sources: [aSource({ state: 'incomplete' })],
    });
    expect(guardOf(input, 'source_complete').state).toBe('notice');
    expect(buildPlan(input).plan.items.map(({ reason }) => reason)).toEqual(['source_complete']);
    const shrunk = { ...input, sources: [aSource({ state: 'quarantined' })] };
    expect(guardOf(shrunk, 'source_shrink').state).toBe('blocked');
    expect(buildPlan(shrunk).plan.state).toBe('blocked');
  });

  test('blocks what another provisioner owns and what rests after failures; a freeze and a pause are told', () => {
    const state = (changes: Partial<PlanInput['state']>) => anInput([aPerson(1)], aTarget([]), { state: changes });
    expect(guardOf(state({ owner: 'foreign' }), 'foreign_owner').state).toBe('blocked');
    const quarantine = { until: '2026-11-21T16:00:00Z', attempts: 1, reason: 'the key was refused' };
    expect(guardOf(state({ quarantine }), 'quarantine').state).toBe('blocked');
    const over = { ...quarantine, until: '2026-11-21T09:14:03Z' };
    expect(guardOf(state({ quarantine: over }), 'quarantine').state).toBe('ok');
    const freezes = [{ from: '2026-11-21T00:00:00Z', until: '2026-11-22T00:00:00Z', reason: 'audit' }];
    expect(guardOf(state({ freezes }), 'freeze').state).toBe('notice');
    expect(guardOf(state({ freezes: [{ ...freezes[0]!, until: '2026-11-21T09:00:00Z' }] }), 'freeze').state).toBe('ok');
    expect(guardOf(state({ pausedAt: NOW.toISOString() }), 'paused').state).toBe('notice');
  });

  test('asks nobody in mode auto where the rules do not, and somebody in any other', () => {
    const input = (mode: 'auto' | 'propose') =>
      anInput([aPerson(1, { fields: { job_title: 'Lead' } })], aTarget([aUser(1)]), { state: { mode } });
    expect(buildPlan(input('auto')).plan.approval).toEqual({ needed: 0, reasons: [] });
    expect(buildPlan(input('propose')).plan.approval).toEqual({ needed: 1, reasons: ['update'] });
  });
});
