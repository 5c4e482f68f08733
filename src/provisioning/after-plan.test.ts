import { describe, expect, test } from 'vitest';
import { actionCsv } from './action-csv.ts';
import { adoptionReport } from './adoption.ts';
import { buildPlan } from './build-plan.ts';
import { diffPlans } from './diff-plans.ts';
import { driftReport } from './drift.ts';
import { explain } from './explain.ts';
import { applyPlan } from './knowbe4-model.contract.ts';
import type { Step } from './plan.ts';
import {
  aCampaign,
  aGroup,
  aLink,
  anInput,
  aPerson,
  aScimGroup,
  aScimUser,
  aTarget,
  aUser,
  wholeStore,
} from './plan-lab.contract.ts';
import type { JournalEntry } from './ports.ts';
import { closeOver } from './subset.ts';
import { buildUndoPlan } from './undo.ts';

const left = { leaver: { since: null, rule: 'leavers.when' } };
const names = (people: readonly { readonly userId: string | null; readonly key: string | null }[]) =>
  people.map(({ userId, key }) => userId ?? key);

describe('a first meeting', () => {
  const users = [
    aUser(1),
    aUser(2, { lastSignIn: '2026-11-01T00:00:00Z' }),
    aUser(3, { lastSignIn: '2026-11-01T00:00:00Z' }),
    aUser(8, { fields: { employee_number: null }, lastSignIn: '2026-11-01T00:00:00Z' }),
    aUser(1, {
      id: '2001',
      fields: { email: 'second@acme.test', employee_number: null },
      lastSignIn: '2026-11-02T00:00:00Z',
    }),
    aUser(9, { aliases: ['n3@acme.test'], lastSignIn: '2026-11-01T00:00:00Z' }),
  ];
  const target = aTarget(users, { account: { name: 'Acme', domains: [], seats: 10, admins: [] } });
  const state = { adoption: { state: 'none', planId: null, at: null }, exempt: ['1009'] } as const;
  const people = [aPerson(1), aPerson(2), aPerson(3, left), aPerson(4)];
  const input = anInput(people, target, { links: [aLink(2)], scimObjects: [], state });

  test('tells who is known, who is missing, who is nobody’s, who is there twice and whose seat is free to take', () => {
    const report = adoptionReport(input);
    expect(report.counts).toEqual({
      linked: 1,
      found: 1,
      absent: 1,
      unmanaged: 2,
      unscoped: 0,
      conflict: 0,
      duplicated: 2,
      reclaimable: 4,
      exempt: 1,
      archived_unless_carried: 3,
      archived_even_so: 0,
    });
    expect(names(report.unmanaged)).toEqual(['1008', '2001']);
    expect(report.duplicates.map(({ by, accounts }) => [by, names(accounts)])).toEqual([
      ['address', ['1003', '1009']],
      ['name', ['1001', '2001']],
    ]);
    expect(report.reclaimable.map(({ person, reason }) => [person.userId, reason])).toEqual([
      ['1003', 'left'],
      ['1009', 'doubled'],
      ['2001', 'doubled'],
      ['1001', 'never_signed_in'],
    ]);
    expect(names(report.wouldBeArchived.unlessCarried)).toEqual(['1003', '1008', '2001']);
  });

  test('has a plan that sends everybody as they are, with their groups, and changes nobody', () => {
    const grouped = aTarget(
      [
        aUser(1, { groupIds: ['g1'], fields: { manager_email: 'n2@acme.test', job_title: 'Clerk' } }),
        aUser(2, { groupIds: ['g2'] }),
      ],
      {
        groups: [aGroup('g1', 'Staff', ['1001']), aGroup('g2', 'By hand', ['1002'], { type: 'console_group' })],
      },
    );
    const people = [aPerson(1, { fields: { email: 'new@acme.test', job_title: 'Lead' } }), aPerson(2, left)];
    const testMode = (testState: 'on' | 'unknown') =>
      ({ ...state, exempt: [], testMode: { state: testState, attested: null } }) as const;
    const { plan } = buildPlan(anInput(people, grouped, { kind: 'adoption', scimObjects: [], state: testMode('on') }));
    expect(
      plan.steps.map(({ action, person, group }) => `${action} ${person?.email ?? ''} ${group?.name ?? ''}`.trim()),
    ).toEqual([
      'claim n1@acme.test',
      'claim n2@acme.test',
      'manager n1@acme.test',
      'group_create  Staff',
      'member_add n1@acme.test Staff',
    ]);
    expect(plan.steps.flatMap(({ fields }) => fields).every(({ from, to }) => from === to)).toBe(true);
    expect(plan.effects).toEqual([]);
    expect(plan.state).toBe('waiting');
    const unsure = buildPlan(
      anInput(people, grouped, { kind: 'adoption', scimObjects: [], state: testMode('unknown') }),
    ).plan;
    expect(unsure.state).toBe('blocked');
  });

  test('shows whom KnowBe4 archives although everybody is sent who can be', () => {
    const twice = aTarget([aUser(1), aUser(2, { fields: { email: 'N1@acme.test' } })]);
    const { plan } = buildPlan(
      anInput([], twice, {
        kind: 'adoption',
        scimObjects: [],
        state: { ...state, exempt: [], testMode: { state: 'on', attested: null } },
      }),
    );
    expect(plan.steps).toEqual([]);
    expect(plan.effects).toMatchObject([{ kind: 'archived_by_scim', userIds: ['1001', '1002'] }]);
    expect(plan.items.map(({ reason }) => reason)).toEqual(['carry', 'carry']);
  });
});

const journaled = (step: Step, rest: Partial<JournalEntry> = {}): JournalEntry => ({
  applicationId: 'app_1',
  planId: 'pl_1',
  connectionId: 'acme-eu',
  stepId: step.id,
  position: 0,
  action: step.action,
  state: 'verified',
  userId: step.person?.userId ?? null,
  groupId: step.group?.groupId ?? null,
  provisionalId: null,
  scimId: null,
  before: null,
  step,
  found: null,
  error: null,
  writtenAt: null,
  acceptedAt: null,
  visibleAt: null,
  verifiedAt: null,
  ...rest,
});

describe('undoing a plan', () => {
  const before = aTarget(
    [
      aUser(1, { fields: { job_title: 'Clerk' } }),
      aUser(2),
      aUser(3, { status: 'archived' }),
      aUser(4, { groupIds: ['g1'] }),
    ],
    {
      groups: [aGroup('g1', 'Auto A', ['1004'])],
    },
  );
  const people = [
    aPerson(1, { fields: { job_title: 'Lead', manager_email: 'n4@acme.test' }, groups: ['Auto A', 'Auto New'] }),
    aPerson(2, left),
    aPerson(3),
    aPerson(4),
    aPerson(5, { groups: ['Auto New'] }),
  ];
  const input = anInput(people, before, { links: [aLink(1), aLink(2), aLink(3), aLink(4)] });
  const { plan } = buildPlan(input);
  const applied = applyPlan(before, input.links, plan);
  const created = applied.links.find(({ sourceId }) => sourceId === '5')!.userId;
  const entries = plan.steps.map((step) => journaled(step, step.action === 'create' ? { userId: created } : {}));

  test('brings back all that can come back', () => {
    const undo = buildUndoPlan({ ...input, ...applied }, entries).plan;
    expect(undo.kind).toBe('undo');
    const after = applyPlan(applied.target, applied.links, undo);
    const shown = (users: readonly ReturnType<typeof aUser>[]) =>
      new Map(
        users.map(({ id, status, fields, groupIds }) => [
          id,
          { status, title: fields.job_title, manager: fields.manager_email ?? null, groupIds },
        ]),
      );
    const now = shown(after.target.users);
    for (const [id, user] of shown(before.users)) expect(now.get(id)).toEqual(user);
    expect(now.get(created)!.status).toBe('archived');
    expect(undo.steps.find(({ person }) => person?.userId === created)!.cannot[0]).toContain('nothing is ever deleted');
    expect(undo.items.map(({ text }) => text)).toEqual(['The group Auto New stays: it is not deleted']);
  });

  test('leaves what somebody else has changed since, and says what cannot come back', () => {
    const touched = {
      ...applied.target,
      users: applied.target.users.map((user) =>
        user.id === '1001' ? { ...user, fields: { ...user.fields, job_title: 'Boss' } } : user,
      ),
    };
    const undo = buildUndoPlan({ ...input, ...applied, target: touched }, entries).plan;
    expect(undo.steps.filter(({ action }) => action === 'update')).toEqual([]);
    expect(undo.items.map(({ text }) => text)).toContain('job_title was changed by somebody else since: it stays Boss');
    expect(
      buildUndoPlan(
        { ...input, ...applied },
        entries.map((entry) => ({ ...entry, state: 'skipped' })),
      ).plan.steps,
    ).toEqual([]);
    // Given up, and there all the same.
    const acceptedAt = '2026-11-21T09:15:00Z';
    const givenUp = entries.map((entry) => ({ ...entry, state: 'failed' as const, acceptedAt }));
    const whole = buildUndoPlan({ ...input, ...applied }, entries).plan;
    expect(buildUndoPlan({ ...input, ...applied }, givenUp).plan.steps).toEqual(whole.steps);
  });
});

describe('undoing changes of address', () => {
  const mail = (name: string) => `${name}@acme.test`;
  /** The first gets the address of the second, who gets another one; the third has the first as manager. */
  const before = aTarget([aUser(1), aUser(2), aUser(3, { fields: { manager_email: mail('n2') } }), aUser(4)]);
  const people = [
    aPerson(1, { fields: { email: mail('n2') } }),
    aPerson(2, { fields: { email: mail('other') } }),
    aPerson(3, { fields: { manager_email: mail('n4') } }),
    aPerson(4),
  ];
  const input = anInput(people, before, { links: [aLink(1), aLink(2), aLink(3), aLink(4)] });
  const { plan } = buildPlan(input);
  const applied = applyPlan(before, input.links, plan);
  const entries = plan.steps.map((step) => journaled(step));
  const undoOf = (target = applied.target, taken = entries) =>
    buildUndoPlan({ ...input, ...applied, target }, taken).plan;

  test('goes back in the order in which the addresses get free, and none of it goes without what it needs', () => {
    expect(plan.steps.map(({ action, person }) => `${action} ${person?.userId}`)).toEqual([
      'update 1002',
      'update 1001',
      'manager 1003',
    ]);
    const { steps, items } = undoOf();
    expect(steps.map(({ id, person, fields: [field], needs }) => [id, person?.userId, field?.to, needs])).toEqual([
      ['st_001', '1001', mail('n1'), []],
      ['st_002', '1002', mail('n2'), ['st_001']],
      ['st_003', '1003', mail('n2'), ['st_002']],
    ]);
    expect(items).toEqual([]);
    const after = applyPlan(applied.target, applied.links, undoOf());
    const emails = (users: typeof before.users) => users.map(({ id, fields }) => [id, fields.email]);
    expect(emails(after.target.users)).toEqual(emails(before.users));
  });

  test('is refused in words where somebody keeps the address', () => {
    const isFirst = ({ person }: Step) => person?.userId === '1001';
    const withoutFirst = entries.map((entry) => (isFirst(entry.step) ? { ...entry, state: 'failed' as const } : entry));
    const { steps, items } = undoOf(applied.target, withoutFirst);
    // The manager is who had the address then, whatever they are called now.
    expect(steps.map(({ person, fields: [field] }) => [person?.userId, field?.to])).toEqual([['1003', mail('other')]]);
    expect(items.map(({ text }) => text)).toEqual([`email: ${mail('n2')} belongs to another account by now`]);
    const archived = applied.target.users.map((user) =>
      user.id === '1001' || user.id === '1002' ? { ...user, status: 'archived' as const } : user,
    );
    const since = undoOf({ ...applied.target, users: archived }, withoutFirst);
    expect(since.steps).toEqual([]);
    expect(since.items.map(({ text }) => text)).toEqual([
      `email: ${mail('n2')} belongs to another account, which is archived`,
      `manager_email: ${mail('n2')} has no active account`,
    ]);
  });
});

test('undoing an archive gives the person their groups only once they are there again', () => {
  const target = aTarget([aUser(1, { groupIds: ['g1'] }), aUser(2)], { groups: [aGroup('g1', 'Auto A', ['1001'])] });
  const input = anInput([aPerson(1, left), aPerson(2)], target, { links: [aLink(1), aLink(2)] });
  const { plan } = buildPlan(input);
  const member = { ...plan.steps[0]!, id: 'st_900', action: 'member_remove' as const };
  const group = { name: 'Auto A', groupId: 'g1' };
  const applied = applyPlan(target, input.links, plan);
  const users = applied.target.users.map((user) => ({ ...user, groupIds: [] }));
  const entries = [journaled({ ...member, group }), ...plan.steps.map((step) => journaled(step))];
  const undo = buildUndoPlan({ ...input, ...applied, target: { ...applied.target, users } }, entries).plan;
  expect(undo.steps.map(({ action, needs }) => [action, needs])).toEqual([
    ['restore', []],
    ['member_add', ['st_001']],
  ]);
});

describe('drift', () => {
  const written = aUser(1, { fields: { job_title: 'Lead' } });
  const object = aScimUser(written, { known: { ...written.fields, managerId: 'scim-2' } });
  const people = [aPerson(1, { fields: { job_title: 'Lead' } })];
  const seen = aTarget([aUser(1, { fields: { job_title: 'Boss' } })]);

  test('is what others changed, apart from what is under way', () => {
    const input = anInput(people, seen, { links: [aLink(1)], scimObjects: [object] });
    expect(driftReport(input, seen, null).drifts).toMatchObject([
      { what: 'job_title', wanted: 'Lead', written: 'Lead', found: 'Boss', verdict: 'changed_by_others' },
    ]);
    expect(driftReport({ ...input, target: aTarget([written]) }, seen, null).drifts).toMatchObject([
      { verdict: 'not_yet_applied' },
    ]);
    expect(driftReport(input, aTarget([written]), null).drifts).toEqual([]);
    expect(driftReport(input, seen, '2026-12-01T00:00:00Z').compared).toBe(0);
  });

  test('is an account that was archived in the console, or is gone', () => {
    const archived = aTarget([{ ...written, status: 'archived' }]);
    const input = anInput(people, archived, { links: [aLink(1)], scimObjects: [object] });
    expect(driftReport(input, archived, null).drifts).toMatchObject([
      { what: 'status', written: 'active', found: 'archived', verdict: 'changed_by_others' },
    ]);
    const gone = anInput(people, aTarget([]), { scimObjects: [object] });
    expect(driftReport(gone, aTarget([]), null).missing).toEqual([
      { kind: 'user', name: 'n1@acme.test', scimId: 'scim-1001', verdict: 'changed_by_others' },
    ]);
  });

  test('is a member whom somebody else took out of a group or put into it, apart from what is under way', () => {
    const ids = ['1001', '1002', '1003', '1004'];
    const crew = [1, 2, 3, 4].map((id) => aPerson(id, { groups: id === 1 ? ['Auto Sales'] : [] }));
    const accounts = [
      ...[1, 2, 3].map((id) => aUser(id)),
      aUser(4, { status: 'archived', fields: { email: 'n4@acme.test' } }),
    ];
    const members = (...memberIds: string[]) =>
      aTarget(accounts, { groups: [aGroup('g1', 'Auto Sales', memberIds), aGroup('g2', 'Auto Else', [])] });
    const store = accounts.map((user) => aScimUser(user));
    const written = (...memberIds: string[]) =>
      aScimGroup(aGroup('g1', 'Auto Sales', []), { known: { memberIds: memberIds.map((id) => `scim-${id}`) } });
    const report = (shown: string[], laidOver: string[], known: string[]) =>
      driftReport(
        anInput(crew, members(...laidOver), { scimObjects: [...store, written(...known)] }),
        members(...shown),
        null,
      );
    expect(report(ids.slice(0, 2), ids.slice(0, 2), ids.slice(0, 2))).toMatchObject({ drifts: [], compared: 5 });
    expect(report(['1002'], ['1002'], ['1001', '1004']).drifts).toMatchObject([
      { what: 'member', group: { groupId: 'g1' }, person: { userId: '1001' }, wanted: 'member', written: 'member' },
      { what: 'member', person: { userId: '1002' }, wanted: null, written: null, found: 'member' },
    ]);
    // Of 1003 the step is under way; nobody knows what a list says that we never wrote.
    expect(report([], ['1003'], ['1003']).drifts).toMatchObject([{ found: null, verdict: 'not_yet_applied' }]);
    const unknown = { ...written(), known: {} };
    const input = anInput(crew, members('1001'), { scimObjects: [...store, unknown] });
    expect(driftReport(input, members('1001'), null).drifts).toEqual([]);
  });

  test('is a group that is called otherwise, or is not there any more', () => {
    const object = aScimGroup(aGroup('g1', 'Auto Sales', []), { known: { memberIds: [] } });
    const shows = (group: ReturnType<typeof aGroup>) => {
      const target = aTarget([], { groups: [group] });
      return driftReport(anInput([], target, { scimObjects: [object] }), target, null);
    };
    expect(shows(aGroup('g1', 'Auto SALES', [])).drifts).toEqual([]);
    expect(shows(aGroup('g1', 'Sellers', [])).drifts).toMatchObject([
      { what: 'name', person: null, group: { name: 'Sellers' }, written: 'auto sales', found: 'Sellers' },
    ]);
    expect(shows(aGroup('g1', 'Auto Sales', [], { status: 'archived' })).missing).toEqual([
      { kind: 'group', name: 'auto sales', scimId: 'scim-g1', verdict: 'changed_by_others' },
    ]);
  });
});

describe('an explanation', () => {
  const traces = [{ rule: 'scope.include', holds: true, because: [] }];
  const target = aTarget([aUser(1, { fields: { job_title: 'Clerk' } }), aUser(8)]);
  const input = anInput([aPerson(1, { fields: { job_title: 'Lead' } }), aPerson(2, { hiredOn: '2027-01-01' })], target);

  test('tells what was read, matched, ruled, found otherwise, and what happens', () => {
    const { people } = explain(input, 'N1@acme.test', () => traces);
    expect(people).toHaveLength(1);
    expect(people[0]).toMatchObject({
      read: { sources: [{ name: 'ad', state: 'complete', shows: true }] },
      match: { situation: 'found', matchedOn: 'employee_number', status: 'active' },
      rules: { inScope: true, traces },
      differences: [{ name: 'job_title', from: 'Clerk', to: 'Lead' }],
      outcome: { steps: [{ action: 'update' }], items: [] },
    });
  });

  test('tells why nothing happens, also about who is known to nobody', () => {
    expect(explain(input, 'e-2', () => traces).people[0]!.outcome.items).toMatchObject([{ reason: 'lead' }]);
    expect(explain(input, '1008', () => traces).people[0]).toMatchObject({
      match: { situation: 'unmanaged' },
      outcome: { items: [{ kind: 'unmanaged' }] },
    });
    expect(explain(input, 'nobody', () => traces).people).toEqual([]);
  });
});

describe('two plans', () => {
  test('differ in steps that came, went or say otherwise', () => {
    const target = aTarget([aUser(1, { fields: { job_title: 'Clerk' } }), aUser(2)]);
    const planOf = (people: ReturnType<typeof aPerson>[]) => buildPlan(anInput(people, target)).plan.steps;
    const before = planOf([aPerson(1, { fields: { job_title: 'Lead' } }), aPerson(3), aPerson(4)]);
    const after = planOf([aPerson(1, { fields: { job_title: 'Boss' } }), aPerson(3), aPerson(5)]);
    const diff = diffPlans(before, after);
    expect(diff.added.map(({ person }) => person!.key)).toEqual(['ad:5']);
    expect(diff.dropped.map(({ person }) => person!.key)).toEqual(['ad:4']);
    expect(
      diff.changed.map(({ before: { fields }, after: { fields: later } }) => [fields[0]!.to, later[0]!.to]),
    ).toEqual([['Lead', 'Boss']]);
    expect(diff.same).toBe(1);
  });
});

describe('steps', () => {
  const target = aTarget([], { campaigns: [aCampaign('all')] });
  const { steps } = buildPlan(
    anInput([aPerson(1, { groups: ['Auto A'], fields: { first_name: '=HYPERLINK("x")' } })], target, {
      scimObjects: wholeStore(target),
    }),
  ).plan;

  test('bring those with them that they need', () => {
    expect(closeOver(steps, ['st_003', 'st_999'])).toEqual({
      stepIds: ['st_001', 'st_002', 'st_003'],
      added: ['st_001', 'st_002'],
    });
    expect(closeOver(steps, ['st_001'])).toEqual({ stepIds: ['st_001'], added: [] });
    // Whoever is not in the SCIM store is archived: what sends them goes with any part.
    const carrying = [...steps, { ...steps[1]!, id: 'st_009', because: ['adoption'], needs: [] }];
    expect(closeOver(carrying, ['st_001'])).toEqual({ stepIds: ['st_001', 'st_009'], added: ['st_009'] });
    expect(closeOver(carrying, ['st_999'])).toEqual({ stepIds: [], added: [] });
  });

  test('are a file of actions in which no name is a formula', () => {
    const lines = actionCsv(steps).split('\r\n');
    expect(lines[0]).toMatch(/^step,action,situation,email,name,user_id/);
    expect(lines).toContain(
      `st_001,create,absent,n1@acme.test,"'=HYPERLINK(""x"") Lastb",,ad,1,,first_name,,"'=HYPERLINK(""x"")",map.email; map.first_name; map.last_name; map.employee_number,1,"takes a seat; enrols them in ""Campaign all"" (auto-enrol); may send its mails about the enrolment"`,
    );
    expect(lines.filter((line) => line.startsWith('st_003,'))).toHaveLength(1);
  });
});
