import { describe, expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import type { PlanInput } from './plan-input.ts';
import { aGroup, aLink, anInput, aPerson, aScimGroup, aScimUser, aTarget, aUser } from './plan-lab.contract.ts';

const stepsOf = (input: PlanInput) =>
  buildPlan(input).plan.steps.map(({ action, person, effects }) => ({
    ...{ step: `${action} ${person?.key ?? person?.userId}` },
    isPutBack: effects.some(({ kind }) => kind === 'put_back'),
  }));
const itemsOf = (input: PlanInput) =>
  buildPlan(input).plan.items.flatMap(({ reason, person, text }) =>
    reason === 'put_back' ? [[person!.userId, text] as const] : [],
  );

describe('a step that the store has already', () => {
  const lead = aPerson(1, { fields: { job_title: 'Lead' } });
  const input = (known: object, fields = { job_title: 'Clerk' }) => {
    const user = aUser(1, { fields });
    return anInput([lead], aTarget([user]), {
      links: [aLink(1)],
      scimObjects: [aScimUser(user, { known: { ...known } })],
    });
  };

  test('waits for the next sync of KnowBe4, which it says; one that changes the store asks for it', () => {
    expect(stepsOf(input({ job_title: 'Lead' }))).toEqual([{ step: 'update ad:1', isPutBack: true }]);
    expect(stepsOf(input({ job_title: 'Clerk' }))).toEqual([{ step: 'update ad:1', isPutBack: false }]);
    expect(stepsOf(input({}))).toEqual([{ step: 'update ad:1', isPutBack: false }]);
    expect(buildPlan(input({ job_title: 'Lead' })).plan.steps[0]!.effects).toEqual([
      expect.objectContaining({ certainty: 'possible', text: expect.stringContaining('Force Sync Now') }),
    ]);
  });

  test('restores and memberships too', () => {
    const back = aUser(1, { status: 'archived' });
    const restored = (active: boolean) =>
      anInput([aPerson(1)], aTarget([back]), { links: [aLink(1)], scimObjects: [aScimUser(back, { active })] });
    expect(stepsOf(restored(true))).toEqual([{ step: 'restore ad:1', isPutBack: true }]);
    expect(stepsOf(restored(false))).toEqual([{ step: 'restore ad:1', isPutBack: false }]);

    const user = aUser(1);
    const group = aGroup('g1', 'Auto Clerks', []);
    const member = (memberIds: readonly string[]) =>
      anInput([aPerson(1, { groups: ['Auto Clerks'] })], aTarget([user], { groups: [group] }), {
        links: [aLink(1)],
        scimObjects: [aScimUser(user), aScimGroup(group, { known: { memberIds } })],
      });
    expect(stepsOf(member([aScimUser(user).scimId]))).toEqual([{ step: 'member_add ad:1', isPutBack: true }]);
    expect(stepsOf(member([]))).toEqual([{ step: 'member_add ad:1', isPutBack: false }]);
  });

  test('and managers', () => {
    const boss = aUser(2);
    const user = aUser(1, { fields: { manager_email: null } });
    const managed = (managerId: string) =>
      anInput([aPerson(1, { fields: { manager_email: 'n2@acme.test' } }), aPerson(2)], aTarget([user, boss]), {
        links: [aLink(1), aLink(2)],
        scimObjects: [aScimUser(user, { known: { managerId } }), aScimUser(boss)],
      });
    expect(stepsOf(managed(aScimUser(boss).scimId))).toEqual([{ step: 'manager ad:1', isPutBack: true }]);
    expect(stepsOf(managed('scim-other'))).toEqual([{ step: 'manager ad:1', isPutBack: false }]);
  });
});

describe('what the console changed', () => {
  const user = aUser(1, { fields: { job_title: 'Clerk', department: 'Sales' } });
  const known = { job_title: 'Lead', department: 'Sales', division: null, manager_name: 'Boss', language: null };

  test('of people whom no step touches is listed: KnowBe4 puts it back', () => {
    const input = (rest: Partial<PlanInput> = {}) =>
      anInput([], aTarget([user]), { scimObjects: [aScimUser(user, { known })], ...rest });
    expect(itemsOf(input())).toEqual([
      ['1001', 'Otherwise in the SCIM store: job_title; KnowBe4 puts back what the console changed with its next sync'],
    ]);
    const same = { ...known, job_title: 'Clerk' };
    expect(itemsOf(input({ scimObjects: [aScimUser(user, { known: same })] }))).toEqual([]);
    const exempt = anInput([], aTarget([user]), {
      ...{ scimObjects: [aScimUser(user, { known })], state: { exempt: ['1001'] } },
    });
    expect(itemsOf(exempt)).toEqual([]);
  });

  const gone = aUser(1, { status: 'archived' });
  const archived = (rest: Parameters<typeof anInput>[2] = {}, users = [gone]) =>
    anInput([], aTarget(users), { scimObjects: [aScimUser(gone, { active: true })], ...rest });

  test('is an archive: the store is told, or the next sync would restore them; no seat is freed by it', () => {
    const { plan } = buildPlan(archived());
    expect(plan.steps).toEqual([
      expect.objectContaining({ action: 'archive', situation: 'archived', because: ['console'], effects: [] }),
    ]);
    expect(plan.seats).toMatchObject({ now: 0, after: 0 });
    expect(plan.approval.needed).toBeGreaterThan(0);
    expect(buildPlan(archived({ scimObjects: [aScimUser(gone)] })).plan.steps).toEqual([]);
  });

  test('never of somebody whose user of the store may stand for another account by now', () => {
    const other = aUser(1, { id: '2001', provisioningGuid: 'guid-1' });
    const renamed = aScimUser(gone, { active: true, name: 'new.name@acme.test' });
    expect(stepsOf(archived({ scimObjects: [renamed] }))).toEqual([]);
    const kept = (object: object) => [aScimUser(gone, { active: true, ...object }), aScimUser(other)];
    expect(stepsOf(archived({ scimObjects: kept({}) }, [gone, other]))).toEqual([]);
    const elsewhere = { ...other, fields: { ...other.fields, email: 'x@acme.test' } };
    expect(stepsOf(archived({ scimObjects: kept({ externalId: 'guid-1' }) }, [gone, elsewhere]))).toEqual([]);
  });

  test('never of protected people, nor before the store is taken over', () => {
    const account = { name: null, domains: ['acme.test'], seats: null, admins: ['n1@acme.test'] };
    const input = anInput([], aTarget([gone], { account }), { scimObjects: [aScimUser(gone, { active: true })] });
    expect(buildPlan(input).plan.items.map(({ reason }) => reason)).toEqual(['protected']);
    expect(stepsOf(input)).toEqual([]);
    expect(stepsOf(archived({ state: { adoption: { state: 'pushed', planId: null, at: null } } }))).toEqual([]);
  });
});
