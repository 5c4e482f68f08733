import { describe, expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import type { Effect } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import {
  aCampaign,
  aGroup,
  aLink,
  anInput,
  aPerson,
  aScimUser,
  aTarget,
  aUser,
  wholeStore,
} from './plan-lab.contract.ts';
import type { TargetCampaign } from './target.ts';

const words = ({ kind, certainty, campaign }: Effect) => `${certainty} ${kind}${campaign ? ` ${campaign.id}` : ''}`;
const effectsOf = (input: PlanInput) =>
  buildPlan(input).plan.steps.map(({ action, effects }) => [action, ...effects.map(words)]);
const left = { leaver: { since: null, rule: 'leavers.when' } };

describe('what KnowBe4 does by itself', () => {
  const campaigns = [
    aCampaign('all'),
    aCampaign('by-hand', { autoEnroll: false }),
    aCampaign('over', { open: false }),
    aCampaign('soon', { status: 'Created', groupIds: ['0'] }),
    aCampaign('group', { groupIds: ['g1'] }),
    aCampaign('phish', { kind: 'phishing', autoEnroll: false }),
  ];

  test('enrols a new person in every open campaign for all, and in those of the groups they come into', () => {
    const target = aTarget([], { campaigns, groups: [aGroup('g1', 'Auto A', [])] });
    expect(effectsOf(anInput([aPerson(1, { groups: ['Auto A'] })], target))).toEqual([
      [
        'create',
        'certain seat_taken',
        'certain auto_enrol all',
        'possible auto_enrol soon',
        'possible phishing_target phish',
        'possible mail_sent',
      ],
      ['member_add', 'certain group_enrol group', 'possible mail_sent'],
    ]);
  });

  test('enrols nobody in a campaign that is over by date, and promises nothing of one that is over soon', () => {
    const over = aCampaign('over', { endsAt: '2026-11-21T09:00:00Z' });
    const soon = aCampaign('soon', { endsAt: '2026-11-22T09:00:00Z' });
    const later = aCampaign('later', { endsAt: '2026-11-23T09:00:00Z' });
    expect(effectsOf(anInput([aPerson(1)], aTarget([], { campaigns: [over, soon, later] })))).toEqual([
      ['create', 'certain seat_taken', 'possible auto_enrol soon', 'certain auto_enrol later', 'possible mail_sent'],
    ]);
  });

  test('may enrol somebody again who is there already, where repeats are allowed', () => {
    const campaign = aCampaign('c', {
      groupIds: ['g1'],
      allowMultipleEnrollments: true,
      everEnrolled: new Set(['1001']),
    });
    const target = aTarget([aUser(1)], { groups: [aGroup('g1', 'Auto A', [])], campaigns: [campaign] });
    expect(effectsOf(anInput([aPerson(1, { groups: ['Auto A'] })], target))).toEqual([
      ['member_add', 'possible re_enrol c', 'possible mail_sent'],
    ]);
  });

  test('archives a provisioning-managed group that its store lacks and this plan does not send', () => {
    const group = aGroup('g1', 'Staff', []);
    const input = anInput([], aTarget([aUser(1)], { groups: [group] }), { scimObjects: [], only: 'remove' });
    expect(buildPlan(input).plan.effects).toMatchObject([{ userIds: ['1001'] }, { group: { groupId: 'g1' } }]);
    expect(buildPlan({ ...input, only: null }).plan.effects).toEqual([]);
  });

  test('promises nothing while Test Mode is on', () => {
    const input = anInput([aPerson(1)], aTarget([], { campaigns: [aCampaign('all')] }), {
      state: { testMode: { state: 'on', attested: null } },
    });
    expect(effectsOf(input)).toEqual([
      ['create', 'certain seat_taken', 'possible auto_enrol all', 'possible mail_sent'],
    ]);
  });

  test('enrols who is restored again where repeats are allowed, and perhaps where nobody can say who was enrolled', () => {
    const again = aCampaign('again', { allowMultipleEnrollments: true });
    const once = (id: string, everEnrolled: TargetCampaign['everEnrolled']) =>
      aCampaign(id, everEnrolled === undefined ? {} : { everEnrolled });
    const target = aTarget([aUser(1, { status: 'archived', groupIds: ['g9'] })], {
      groups: [aGroup('g9', 'By hand', ['1001'], { type: 'console_group' })],
      campaigns: [
        again,
        once('unknown', undefined),
        once('before', new Set(['1001'])),
        once('never', new Set()),
        aCampaign('group', { groupIds: ['g9'], allowMultipleEnrollments: true }),
      ],
    });
    expect(effectsOf(anInput([aPerson(1)], target, { links: [aLink(1)] }))).toEqual([
      [
        'restore',
        'certain seat_taken',
        'certain re_enrol again',
        'possible auto_enrol unknown',
        'certain auto_enrol never',
        'certain re_enrol group',
        'possible mail_sent',
      ],
    ]);
  });

  test('enrols a present person once, whichever group of a campaign they come into', () => {
    const groups = [aGroup('g1', 'Auto A', []), aGroup('g2', 'Auto B', []), aGroup('g3', 'Auto C', ['1001'])];
    const target = aTarget([aUser(1, { groupIds: ['g3'] })], {
      groups,
      campaigns: [
        aCampaign('two', { groupIds: ['g1', 'g2'], everEnrolled: new Set() }),
        aCampaign('there', { groupIds: ['g1', 'g3'] }),
      ],
    });
    expect(effectsOf(anInput([aPerson(1, { groups: ['Auto A', 'Auto B', 'Auto C'] })], target))).toEqual([
      ['member_add', 'certain group_enrol two', 'possible mail_sent'],
      ['member_add'],
    ]);
  });

  test('archives whom its SCIM store lacks, but for people whom the console exempts', () => {
    const [kept, stopped, exempt] = [aUser(1), aUser(2), aUser(3)];
    const target = aTarget([kept, stopped, exempt]);
    const scimObjects = [aScimUser(kept), aScimUser(stopped, { active: false })];
    const changing = aPerson(1, { fields: { job_title: 'Lead' } });
    const { plan } = buildPlan(anInput([changing], target, { scimObjects, state: { exempt: [exempt.id] } }));
    expect(plan.effects).toMatchObject([{ kind: 'archived_by_scim', certainty: 'certain', userIds: [stopped.id] }]);
    const idle = buildPlan(anInput([aPerson(1)], target, { scimObjects, state: { exempt: [exempt.id] } })).plan;
    expect(idle.effects).toMatchObject([{ kind: 'archived_by_scim', certainty: 'possible' }]);
    const { plan: unadopted } = buildPlan(
      anInput([aPerson(1)], target, {
        scimObjects: [],
        state: { adoption: { state: 'none', planId: null, at: null } },
      }),
    );
    expect(unadopted.effects).toEqual([]);
  });

  test('has a campaign without people when its group loses the last one', () => {
    const target = aTarget([aUser(1, { groupIds: ['g1'] }), aUser(2, { groupIds: ['g1'] })], {
      groups: [aGroup('g1', 'Auto A', ['1001', '1002'])],
      campaigns: [aCampaign('c', { groupIds: ['g1'] })],
    });
    const input = (people: ReturnType<typeof aPerson>[]) => anInput(people, target, { links: [aLink(1), aLink(2)] });
    const kinds = (people: ReturnType<typeof aPerson>[]) => buildPlan(input(people)).plan.effects.map(words);
    expect(kinds([aPerson(1), aPerson(2, left)])).toEqual(['certain group_emptied c']);
    expect(kinds([aPerson(1), aPerson(2, { groups: ['Auto A'] })])).toEqual([]);
    expect(kinds([aPerson(1), aPerson(2), aPerson(3, { groups: ['Auto A'] })])).toEqual([]);
  });

  test('may move anybody through smart groups, whose criteria nobody can read', () => {
    const smart = aGroup('s1', 'High risk', [], { type: 'smart_group' });
    const target = aTarget([], { groups: [smart], campaigns: [aCampaign('c', { groupIds: ['s1'] })] });
    const { plan } = buildPlan(anInput([aPerson(1)], target));
    expect(plan.steps[0]!.effects.map(words)).toEqual([
      'certain seat_taken',
      'possible leaves_smart_groups',
      'possible auto_enrol c',
      'possible mail_sent',
    ]);
  });

  test('loses aliases, and what SCIM does not carry, of who is taken over', () => {
    const user = aUser(1, { aliases: ['old@acme.test'], fields: { comment: 'Night shift' } });
    const input = anInput([], aTarget([user]), { kind: 'adoption', scimObjects: [] });
    expect(effectsOf(input)).toEqual([
      ['claim', 'certain account_claimed', 'possible aliases_lost', 'possible fields_lost'],
    ]);
    const renamed = anInput([aPerson(1, { fields: { email: 'new@acme.test' } })], aTarget([user]), {
      scimObjects: wholeStore(aTarget([user])),
    });
    expect(effectsOf(renamed)).toEqual([['update', 'possible aliases_lost']]);
  });

  test('may empty managers whom SCIM cannot name, and take out of a group whom its store lacks', () => {
    const managed = (id: number, manager_email: string, groupIds: string[] = []) =>
      aUser(id, { groupIds, fields: { manager_email } });
    const users = [
      managed(1, 'n2@acme.test', ['g1']),
      managed(2, 'n4@acme.test', ['g1']),
      managed(3, 'n5@acme.test'),
      aUser(4, { status: 'archived', groupIds: ['g1'] }),
      aUser(5, { groupIds: ['g1'] }),
    ];
    const target = aTarget(users, { groups: [aGroup('g1', 'Staff', ['1001', '1002', '1004', '1005'])] });
    const state = { exempt: ['1005'], testMode: { state: 'on', attested: null } } as const;
    const { plan } = buildPlan(anInput([], target, { kind: 'adoption', scimObjects: [], state }));
    const lost = plan.steps.flatMap(({ person, effects }) =>
      effects
        .filter(({ kind }) => kind === 'fields_lost' || kind === 'members_lost')
        .map(({ certainty, userIds, text }) => [
          person?.userId,
          certainty,
          userIds,
          text.match(/n\d@\S+?(?=,)|\d \w+/)?.[0],
        ]),
    );
    expect(lost).toEqual([
      ['1002', 'possible', undefined, 'n4@acme.test'],
      ['1003', 'possible', undefined, 'n5@acme.test'],
      [undefined, 'possible', ['1005'], '1 people'],
      [undefined, 'possible', ['1004'], '1 archived'],
    ]);
    // Nobody is sent a manager who is not in the store: that step could only fail.
    expect(plan.steps.filter(({ action }) => action === 'manager').map(({ person }) => person?.userId)).toEqual([
      '1001',
    ]);
  });
});

test('taking over says that whoever was erased here is archived, where the account still has them', () => {
  const ofPlan = (kind: 'adoption' | 'sync', erased: number) =>
    buildPlan({ ...anInput([], aTarget([aUser(1)])), kind, erased }).plan.effects.map(({ text }) => text);
  expect(ofPlan('adoption', 2)).toEqual(['archives 2 people who were erased here, where it still has them']);
  expect(ofPlan('adoption', 0)).toEqual([]);
  expect(ofPlan('sync', 2)).toEqual([]);
});
