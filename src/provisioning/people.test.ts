import { describe, expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import type { PlanInput } from './plan-input.ts';
import {
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

const left = (since: string | null = null) => ({ leaver: { since, rule: 'leavers.when' } });
const stepsOf = (input: PlanInput) =>
  buildPlan(input).plan.steps.map(({ action, person, group }) => `${action} ${person?.email ?? group?.name}`);
const reasonsOf = (input: PlanInput) => buildPlan(input).plan.items.map(({ kind, reason }) => `${kind} ${reason}`);
const textsOf = (input: PlanInput) => buildPlan(input).plan.items.map(({ text }) => text);

describe('a joiner', () => {
  test('is created so many days before they begin', () => {
    const people = [aPerson(1, { hiredOn: '2026-11-24' }), aPerson(2, { hiredOn: '2026-11-25' })];
    const input = anInput(people, aTarget([]));
    expect(stepsOf(input)).toEqual(['create n1@acme.test']);
    expect(textsOf(input)).toEqual(['They begin on 2026-11-25; created from 2026-11-22 on']);
  });

  test('is held without what the rules need, outside the domains, or when the address is protected', () => {
    const people = [
      aPerson(1, { fields: { first_name: null } }),
      aPerson(2, { fields: { email: 'b@other.test' } }),
      aPerson(3),
    ];
    const input = anInput(
      people,
      aTarget([], { account: { name: null, domains: ['acme.test'], seats: null, admins: ['n3@acme.test'] } }),
    );
    expect(stepsOf(input)).toEqual([]);
    expect(reasonsOf(input)).toEqual(['held data', 'held domain', 'held protected']);
  });

  test('waits for a seat, whoever began first being first, and seats freed now are for the next plan', () => {
    const people = [
      aPerson(1, { hiredOn: '2026-11-20' }),
      aPerson(2, { hiredOn: '2026-01-01' }),
      aPerson(3),
      aPerson(9, left()),
    ];
    const target = aTarget([aUser(9)], { account: { name: null, domains: [], seats: 2, admins: [] } });
    const { plan } = buildPlan(anInput(people, target, { links: [aLink(9)] }));
    expect(plan.steps.map(({ action, person }) => `${action} ${person!.key}`)).toEqual(['create ad:2', 'archive ad:9']);
    expect(plan.items.map(({ reason }) => reason)).toEqual(['seats', 'seats']);
    expect(plan.seats).toEqual({ bought: 2, now: 1, after: 1 });
    expect(plan.guards.find(({ name }) => name === 'seats')!.state).toBe('notice');
  });

  test('has fields that SCIM does not carry named, and the manager set when both are there', () => {
    const boss = aPerson(1, { fields: { employee_start_date: '2026-11-01' } });
    const { plan } = buildPlan(anInput([aPerson(2, { fields: { manager_email: 'n1@acme.test' } }), boss], aTarget([])));
    expect(plan.steps.map(({ action, needs }) => [action, needs])).toEqual([
      ['create', []],
      ['create', []],
      ['manager', ['st_001', 'st_002']],
    ]);
    expect(plan.steps[1]!.cannot).toEqual([
      'SCIM does not carry employee_start_date: set it in the console or by a CSV import',
    ]);
    expect(plan.steps[1]!.fields.map(({ name }) => name)).not.toContain('employee_start_date');
  });
});

describe('a leaver', () => {
  const target = aTarget([aUser(1), aUser(2)]);
  const links = [aLink(1)];
  // biome-ignore lint/suspicious/noThenProperty: the word of the rule file
  const settings = { leavers: { absentReads: 2, waitDays: 2, then: 'archive' } } as const;

  test('waits from the day that the source says, or from when they were first noticed', () => {
    expect(stepsOf(anInput([aPerson(1, left('2026-11-19'))], target, { links, settings }))).toEqual([
      'archive n1@acme.test',
    ]);
    expect(textsOf(anInput([aPerson(1, left('2026-11-20'))], target, { links, settings }))).toContain(
      'They have left; archived from 2026-11-22 on',
    );
    const unsaid = anInput([aPerson(1, left())], target, { links, settings });
    expect(buildPlan(unsaid)).toMatchObject({ noticed: ['leaver:ad:1'] });
    expect(reasonsOf(unsaid)).toContain('held wait');
    expect(stepsOf({ ...unsaid, noticed: new Map([['leaver:ad:1', '2026-11-19T08:00:00Z']]) })).toEqual([
      'archive n1@acme.test',
    ]);
  });

  test('is one whom enough complete reads of every source lack, and nobody else', () => {
    const gone = (completeReads: number, rest = {}) =>
      aPerson(1, { absent: { ad: { completeReads, since: '2026-11-01T00:00:00Z' } }, ...rest });
    expect(stepsOf(anInput([gone(2)], target, { links }))).toEqual(['archive n1@acme.test']);
    expect(reasonsOf(anInput([gone(1)], target, { links }))).toContain('held source_complete');
    expect(stepsOf(anInput([gone(2)], target))).toEqual([]);
    for (const state of ['unproven', 'incomplete', 'quarantined'] as const) {
      expect(stepsOf(anInput([gone(5)], target, { links, sources: [aSource({ state })] }))).toEqual([]);
    }
    const refs = [
      { source: 'ad', sourceId: '1' },
      { source: 'hr', sourceId: '1' },
    ];
    const sources = [aSource(), aSource({ name: 'hr' })];
    expect(stepsOf(anInput([gone(5, { refs })], target, { links, sources }))).toEqual([]);
  });

  test('who never had an account, has none to lose, and a protected one keeps theirs', () => {
    expect(buildPlan(anInput([aPerson(7, left())], aTarget([]))).plan.items).toEqual([]);
    const admins = aTarget([aUser(1)], { account: { name: null, domains: [], seats: null, admins: ['n1@acme.test'] } });
    expect(reasonsOf(anInput([aPerson(1, left())], admins, { links }))).toEqual(['held protected']);
  });

  test('who comes back is restored, with what is otherwise by now', () => {
    const target = aTarget([aUser(1, { status: 'archived', fields: { job_title: 'Clerk' } })]);
    const { plan } = buildPlan(anInput([aPerson(1, { fields: { job_title: 'Lead' } })], target, { links }));
    expect(plan.steps.map(({ action, needs, situation }) => [action, needs, situation])).toEqual([
      ['restore', [], 'archived'],
      ['update', ['st_001'], 'archived'],
    ]);
    // biome-ignore lint/suspicious/noThenProperty: the word of the rule file
    const hold = { rehires: { then: 'hold' } } as const;
    expect(reasonsOf(anInput([aPerson(1)], target, { links, settings: hold }))).toEqual(['held rehires']);
  });

  test('who was archived at once stays so until the sources have said that they left, and may come back after', () => {
    const target = aTarget([aUser(1, { status: 'archived' })]);
    const planned = (people: Parameters<typeof anInput>[0], noticed: readonly string[]) =>
      buildPlan(
        anInput(people, target, {
          ...{ links: [aLink(1)], archivedAtOnce: new Set(['1001']) },
          noticed: new Map(noticed.map((key) => [key, '2026-11-20T00:00:00Z'])),
        }),
      );
    const still = planned([aPerson(1)], []);
    expect(still.plan.steps).toEqual([]);
    expect(still.plan.items.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(['held urgent']);
    expect(still.noticed).toEqual([]);
    const hasLeft = planned([aPerson(1, left())], still.noticed);
    expect(hasLeft.plan.steps).toEqual([]);
    const again = planned([aPerson(1)], hasLeft.noticed);
    expect(again.plan.steps.map(({ action }) => action)).toEqual(['restore']);
    expect(planned([aPerson(1)], again.noticed).plan.steps).toHaveLength(1);
  });

  test('is left alone while earlier steps are late', () => {
    expect(reasonsOf(anInput([aPerson(1, left())], target, { links, late: 1 }))).toContain('held late');
    expect(stepsOf(anInput([aPerson(1, left())], target, { links, late: 1 }))).toEqual([]);
  });

  test('out of scope is kept, unless the rules say otherwise', () => {
    const unscoped = aPerson(1, { inScope: false, ...left() });
    expect(reasonsOf(anInput([unscoped], aTarget([aUser(1)]), { links }))).toEqual(['unscoped scope']);
    const settings = { situations: { unscoped: 'archive' } } as const;
    expect(stepsOf(anInput([unscoped], aTarget([aUser(1)]), { links, settings }))).toEqual(['archive n1@acme.test']);
    // Without a kept pair the account only looks like theirs.
    expect(stepsOf(anInput([unscoped], aTarget([aUser(1)]), { settings }))).toEqual([]);
  });

  test('exempt in the console is touched by no step, whatever sources, rules or a person in a hurry say', () => {
    const state = { exempt: ['1001'] };
    const scimObjects = [aScimUser(aUser(2))];
    const there = aTarget([aUser(1, { groupIds: ['g1'] }), aUser(2)], {
      groups: [aGroup('g1', 'Auto Sales', ['1001'])],
    });
    const changed = aPerson(1, { fields: { job_title: 'Lead' }, groups: ['Auto Else'] });
    const led = aPerson(2, { fields: { manager_email: 'n1@acme.test' } });
    for (const one of [aPerson(1, left()), changed]) {
      const input = anInput([one, led], there, {
        links,
        state,
        scimObjects: [...scimObjects, aScimGroup(there.groups[0]!)],
      });
      expect(stepsOf(input)).toEqual([]);
      expect(reasonsOf(input)).toEqual(['exempt exempt', 'held manager']);
    }
    const urgent = anInput([], there, { kind: 'urgent', who: 'n1@acme.test', state });
    expect(() => buildPlan(urgent)).toThrow(expect.objectContaining({ code: 'person_protected' }));
  });

  test('who is urgent is archived at once, with the guards and the approval of any other', () => {
    const { plan } = buildPlan(anInput([], target, { kind: 'urgent', who: 'N1@acme.test', sources: [] }));
    expect(plan.steps.map(({ action, person, because }) => [action, person?.userId, because])).toEqual([
      ['archive', '1001', ['urgent']],
    ]);
    expect(plan.approval.needed).toBe(2);
    expect(() => buildPlan(anInput([], target, { kind: 'urgent', who: 'nobody@acme.test' }))).toThrow(
      /no active account/,
    );
  });
});

describe('an address', () => {
  const renamed = (id: number, email: string) => aPerson(id, { fields: { email } });
  const links = [aLink(1), aLink(2), aLink(3)];

  test('changes only where that is known to keep the account', () => {
    const input = (state: 'keep' | 'duplicate' | 'unknown') =>
      anInput([renamed(1, 'new@acme.test')], aTarget([aUser(1)]), {
        links,
        state: { renames: { state, attested: null } },
      });
    expect(stepsOf(input('keep'))).toEqual(['update n1@acme.test']);
    expect([stepsOf(input('unknown')), reasonsOf(input('unknown'))]).toEqual([[], ['held renames_unknown']]);
    expect([stepsOf(input('duplicate')), reasonsOf(input('duplicate'))]).toEqual([[], ['held renames_duplicate']]);
  });

  test('that differs in case alone is the same', () => {
    expect(stepsOf(anInput([renamed(1, 'N1@ACME.test')], aTarget([aUser(1)]), { links }))).toEqual([]);
  });

  test('is given up before it is taken, along a chain', () => {
    const people = [renamed(1, 'n2@acme.test'), renamed(2, 'n3@acme.test'), renamed(3, 'new@acme.test')];
    const { plan } = buildPlan(anInput(people, aTarget([aUser(1), aUser(2), aUser(3)]), { links }));
    expect(plan.steps.map(({ person, needs }) => [person!.userId, needs])).toEqual([
      ['1003', []],
      ['1002', ['st_001']],
      ['1001', ['st_002']],
    ]);
  });

  test('that is passed round in a circle, or belongs to another account, is held', () => {
    const circle = [renamed(1, 'n2@acme.test'), renamed(2, 'N1@acme.test')];
    expect(reasonsOf(anInput(circle, aTarget([aUser(1), aUser(2)]), { links }))).toEqual([
      'held address_cycle',
      'held address_cycle',
    ]);
    const target = aTarget([aUser(1), aUser(2, { status: 'archived', aliases: ['old@acme.test'] })]);
    for (const email of ['N2@acme.test', 'OLD@acme.test']) {
      const input = anInput([renamed(1, email)], target, { links });
      expect([stepsOf(input), reasonsOf(input)]).toEqual([[], ['conflict address_taken']]);
    }
  });

  test('is not taken from somebody who is held for another reason', () => {
    const target = aTarget([aUser(1), aUser(2, { status: 'archived' })], {
      account: { name: null, domains: [], seats: 1, admins: [] },
    });
    const input = anInput([renamed(1, 'n2@acme.test'), renamed(2, 'new@acme.test')], target, { links });
    expect([stepsOf(input), reasonsOf(input)]).toEqual([[], ['held seats', 'held address_in_use']]);
  });

  test('that this plan frees is not given to a new person before KnowBe4 shows it', () => {
    const heir = aPerson(5, { fields: { email: 'n1@acme.test' }, keys: { email: null } });
    const input = anInput([renamed(1, 'new@acme.test'), heir], aTarget([aUser(1)]), { links });
    expect([stepsOf(input), reasonsOf(input)]).toEqual([['update n1@acme.test'], ['held address_in_use']]);
  });
});

describe('a person with an account', () => {
  test('keeps a field that a broken export would blank, and has others blanked', () => {
    const person = aPerson(1, { fields: { last_name: '', job_title: 'Lead' } });
    const target = aTarget([aUser(1, { fields: { department: 'Sales' } })]);
    expect(reasonsOf(anInput([person], target))).toEqual(['held data']);
    const { plan } = buildPlan(anInput([aPerson(1, { fields: { department: null } })], target));
    expect(plan.steps[0]!.fields).toEqual([{ name: 'department', from: 'Sales', to: null }]);
  });

  test('gets a manager only where there is one, and one line tells what SCIM does not carry', () => {
    const people = [1, 2].map((id) => aPerson(id, { fields: { manager_email: 'gone@acme.test', comment: 'x' } }));
    expect(reasonsOf(anInput(people, aTarget([aUser(1), aUser(2)])))).toEqual([
      'held road',
      'held manager',
      'held manager',
    ]);
  });

  test('may be filtered by person and by direction', () => {
    const people = [aPerson(1), aPerson(2, { groups: ['Auto A'] }), aPerson(3, left())];
    const input = anInput(people, aTarget([aUser(3)]), { links: [aLink(3)] });
    expect(stepsOf({ ...input, only: 'remove' })).toEqual(['archive n3@acme.test']);
    expect(stepsOf({ ...input, only: 'add' })).toEqual([
      'create n1@acme.test',
      'create n2@acme.test',
      'group_create Auto A',
      'member_add n2@acme.test',
    ]);
    expect(stepsOf({ ...input, who: 'e-2' })).toEqual([
      'create n2@acme.test',
      'group_create Auto A',
      'member_add n2@acme.test',
    ]);
    // Whoever is not in the SCIM store is archived by KnowBe4 as soon as anything is sent.
    const lacking = { ...input, target: aTarget([aUser(3), aUser(9)]), scimObjects: [aScimUser(aUser(3))] };
    expect(stepsOf({ ...lacking, only: 'remove' })).toEqual(['claim n9@acme.test', 'archive n3@acme.test']);
    expect(stepsOf({ ...lacking, who: 'nobody' })).toEqual([]);
  });
});

describe('a group', () => {
  const inA = aPerson(1, { groups: ['Auto A'] });

  test('of the console or of KnowBe4 is never written, nor one without the prefix, nor a protected one', () => {
    for (const type of ['console_group', 'smart_group']) {
      const target = aTarget([aUser(1), aUser(2, { groupIds: ['g1'] })], {
        groups: [aGroup('g1', 'Auto A', ['1002'], { type })],
      });
      const input = anInput([inA, aPerson(2)], target);
      expect([stepsOf(input), reasonsOf(input)]).toEqual([[], ['conflict group_type']]);
    }
    expect(reasonsOf(anInput([aPerson(1, { groups: ['Finance'] })], aTarget([aUser(1)])))).toEqual(['held not_owned']);
    expect(stepsOf(anInput([inA], aTarget([aUser(1)]), { settings: { ownedPrefix: null } }))).toEqual([]);
  });

  test('without the prefix keeps its members, though SCIM could write it', () => {
    const target = aTarget([aUser(1, { groupIds: ['g1'] })], { groups: [aGroup('g1', 'Staff', ['1001'])] });
    expect(stepsOf(anInput([aPerson(1)], target))).toEqual([]);
  });

  test('is known by its id: called otherwise in the console it gets its name back', () => {
    const group = aGroup('g1', 'Finance team', ['1001']);
    const target = aTarget([aUser(1, { groupIds: ['g1'] })], { groups: [group] });
    const scimObjects = [
      ...wholeStore(target).filter(({ kind }) => kind === 'user'),
      aScimGroup(group, { name: 'auto a' }),
    ];
    const { plan } = buildPlan(anInput([inA], target, { scimObjects }));
    expect(plan.steps.map(({ action, group: renamed }) => [action, renamed])).toEqual([
      ['group_rename', { name: 'Auto A', groupId: 'g1', was: 'Finance team' }],
    ]);
  });

  test('follows a rule that calls it otherwise by now', () => {
    const group = aGroup('g1', 'Auto Old', ['1001']);
    const target = aTarget([aUser(1, { groupIds: ['g1'] })], { groups: [group] });
    const scimObjects = [
      ...wholeStore(target).filter(({ kind }) => kind === 'user'),
      aScimGroup(group, { name: 'auto old', known: { rule: 'a' } }),
    ];
    expect(stepsOf(anInput([inA], target, { scimObjects }))).toEqual(['group_rename Auto A']);
  });

  test('is left as late as the rules say', () => {
    const target = aTarget([aUser(1, { groupIds: ['g1'] })], { groups: [aGroup('g1', 'Auto A', ['1001'])] });
    const input = anInput([aPerson(1)], target, { settings: { movers: { leaveOldGroupsAfterDays: 3 } } });
    expect([stepsOf(input), reasonsOf(input), buildPlan(input).noticed]).toEqual([[], ['held wait'], ['left:ad:1:g1']]);
    expect(stepsOf({ ...input, noticed: new Map([['left:ad:1:g1', '2026-11-18T10:00:00Z']]) })).toEqual([
      'member_remove n1@acme.test',
    ]);
  });
});
