import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLimiter, createScimClient, noLimits } from '../client/index.ts';
import type { Emulator, GroundTruth } from '../emulator/index.ts';
import { anEmulator } from '../emulator/lab.contract.ts';
import { type FieldValues, type ManagedField, managedFields } from '../model/managed-field.ts';
import { buildPlan } from '../provisioning/build-plan.ts';
import type { Effect, Plan, Step } from '../provisioning/plan.ts';
import type { PlanInput } from '../provisioning/plan-input.ts';
import { anInput, aPerson } from '../provisioning/plan-lab.contract.ts';
import type { Road } from '../provisioning/road.ts';
import type { IdentityLink, ScimObject } from '../provisioning/state.ts';
import type { Target, TargetUser } from '../provisioning/target.ts';
import type { EvaluatedPerson } from '../rules/rule-set.ts';
import { roadOver } from './road.ts';

/* What plans announce, held against the emulator, which knows nothing of plans. */

const WINDOW = 20 * 60_000;
const NOW = new Date('2026-11-16T09:00:00Z');

function roadTo(emulator: Emulator): Road {
  const clock = { now: 0 };
  const sleep = async (ms: number) => {
    clock.now += ms;
  };
  const world = { now: () => clock.now, sleep, random: () => 0.5 };
  const limiter = createLimiter({ limits: noLimits, ...world });
  return roadOver(
    createScimClient({ tenantUrl: emulator.addresses.scim, token: emulator.tokens.scim, limiter, ...world }),
  );
}

/** The account as planning sees it, from what the emulator holds. */
function targetOf({ users, groups, training_campaigns: trainings, phishing_campaigns: phishing }: GroundTruth): Target {
  const people = users.map((user): TargetUser => {
    const values = user as unknown as Record<ManagedField, string | null>;
    return {
      id: String(user.id),
      status: user.status === 'archived' ? 'archived' : 'active',
      fields: Object.fromEntries(managedFields.map((name) => [name, values[name]])),
      aliases: user.aliases,
      provisioningManaged: user.provisioning_managed,
      provisioningGuid: user.provisioning_guid,
      groupIds: user.groups.map(String),
      archivedAt: user.archived_at,
      lastSignIn: user.last_sign_in,
    };
  });
  const groupIds = (refs: readonly { group_id: number }[]) => refs.map(({ group_id: id }) => String(id));
  return {
    connectionId: 'acme-eu',
    asOf: NOW.toISOString(),
    users: people,
    groups: groups.map(({ id, name, group_type: type, status, provisioning_guid: guid }) => ({
      id: String(id),
      name,
      type,
      status: status === 'archived' ? 'archived' : 'active',
      provisioningGuid: guid,
      memberIds: new Set(people.filter((user) => user.groupIds.includes(String(id))).map((user) => user.id)),
    })),
    campaigns: [
      ...trainings.map((campaign) => ({
        id: String(campaign.campaign_id),
        kind: 'training' as const,
        name: campaign.name,
        status: campaign.status,
        open: ['Created', 'Enrolling', 'In Progress'].includes(campaign.status),
        autoEnroll: campaign.auto_enroll,
        allowMultipleEnrollments: campaign.allow_multiple_enrollments,
        groupIds: groupIds(campaign.groups),
        endsAt: campaign.end_date,
      })),
      ...phishing.map((campaign) => ({
        id: String(campaign.campaign_id),
        kind: 'phishing' as const,
        name: campaign.name,
        status: campaign.status,
        open: campaign.status !== 'Closed',
        autoEnroll: false,
        allowMultipleEnrollments: false,
        groupIds: groupIds(campaign.groups),
      })),
    ],
    account: { name: null, domains: [], seats: null, admins: [] },
  };
}

const storeOf = (truth: GroundTruth): readonly ScimObject[] => {
  const base = { connectionId: 'acme-eu', origin: 'adopted', known: {}, updatedAt: NOW.toISOString() } as const;
  return [
    ...truth.scim_users.map((user) => ({
      ...{ ...base, kind: 'user' as const, scimId: user.id, externalId: user.external_id, active: user.active },
      ...{ targetId: user.user_id === null ? null : String(user.user_id), name: user.user_name.toLowerCase() },
    })),
    ...truth.scim_groups.map((group) => ({
      ...{ ...base, kind: 'group' as const, scimId: group.id, externalId: group.external_id, active: true },
      ...{ targetId: group.group_id === null ? null : String(group.group_id), name: group.name.toLowerCase() },
      known: { memberIds: group.member_ids },
    })),
  ];
};

/** Sends the steps as they stand, without any of what applying has beside it. */
async function send(emulator: Emulator, { steps }: Plan): Promise<void> {
  const road = roadTo(emulator);
  const truth = emulator.truth();
  const users = new Map(truth.scim_users.map((user) => [String(user.user_id), user.id]));
  const emails = new Map(truth.scim_users.map((user) => [user.user_name.toLowerCase(), user.id]));
  const groups = new Map(truth.scim_groups.map((group) => [group.name, group.id]));
  const fieldsOf = ({ fields }: Step): FieldValues =>
    Object.fromEntries(fields.filter(({ name }) => name !== 'manager_email').map(({ name, to }) => [name, to]));
  const idOf = ({ person }: Step) => users.get(person!.userId ?? '') ?? emails.get(person!.email!.toLowerCase())!;
  for (const step of steps) {
    const { action, person, group } = step;
    if (action === 'claim' || action === 'create' || (action === 'restore' && idOf(step) === undefined)) {
      const fields = { email: person!.email, ...fieldsOf(step) };
      const { resource } = await road.createUser({ externalId: person!.key, active: true, fields, managerId: null });
      if (person!.userId !== null) users.set(person!.userId, resource.id);
      emails.set(person!.email!.toLowerCase(), resource.id);
    } else if (action === 'update') await road.updateUser(idOf(step), { fields: fieldsOf(step) });
    else if (action === 'manager') {
      await road.updateUser(idOf(step), { fields: {}, managerId: emails.get(step.fields[0]!.to ?? '') ?? null });
    } else if (action === 'restore' || action === 'archive') await road.setActive(idOf(step), action === 'restore');
    else if (action === 'group_create') {
      groups.set(group!.name, (await road.createGroup({ name: group!.name, externalId: null })).resource.id);
    } else if (action === 'group_rename') await road.renameGroup(groups.get(group!.was!)!, group!.name);
    else {
      const member = [idOf(step)];
      const add = action === 'member_add';
      await road.changeMembers(groups.get(group!.name)!, { add: add ? member : [], remove: add ? [] : member });
    }
  }
}

/** Enrollments by user and campaign. */
function enrolled({ enrollments }: GroundTruth): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { user, campaign_name: name } of enrollments) {
    found.set(`${user.id} ${name}`, (found.get(`${user.id} ${name}`) ?? 0) + 1);
  }
  return found;
}

const enrolling = new Set(['auto_enrol', 're_enrol', 'group_enrol']);
const isEnrolling = ({ kind }: Effect): boolean => enrolling.has(kind);

/** Holds what was announced against what has come about. @returns what the two met in */
function compare(plan: Plan, before: GroundTruth, after: GroundTruth): readonly string[] {
  const [had, has] = [enrolled(before), enrolled(after)];
  const idByEmail = new Map(after.users.map(({ email, id }) => [email.toLowerCase(), String(id)]));
  const idOf = ({ person }: Step) => person!.userId ?? idByEmail.get(person!.email!.toLowerCase());
  const announced = (certainty: Effect['certainty'] | null) =>
    new Set(
      plan.steps.flatMap((step) =>
        step.effects
          .filter((effect) => isEnrolling(effect) && (certainty === null || effect.certainty === certainty))
          .map(({ campaign }) => `${idOf(step)} ${campaign!.name}`),
      ),
    );
  const observed = [...has].filter(([key, count]) => count > (had.get(key) ?? 0)).map(([key]) => key);
  for (const key of announced('certain')) expect(observed).toContain(key);
  const either = announced(null);
  for (const key of observed) expect(either).toContain(key);

  const statusBefore = new Map(before.users.map(({ id, status }) => [String(id), status]));
  const isNewlyArchived = ({ id, status }: GroundTruth['users'][number]) =>
    status === 'archived' && statusBefore.get(String(id)) === 'active';
  const gone = new Set(after.users.filter(isNewlyArchived).map(({ id }) => String(id)));
  const byScim = plan.effects.filter(({ kind }) => kind === 'archived_by_scim');
  const certain = byScim.filter(({ certainty }) => certainty === 'certain').flatMap(({ userIds }) => userIds ?? []);
  const archives = plan.steps.filter(({ action }) => action === 'archive').map(({ person }) => person!.userId!);
  for (const id of [...archives, ...certain]) expect(gone).toContain(id);
  const foreseen = new Set([...archives, ...byScim.flatMap(({ userIds }) => userIds ?? [])]);
  for (const id of gone) expect(foreseen).toContain(id);
  const lost = losses(before, after);
  const told = new Set(
    plan.steps.flatMap(({ action, person, group, effects }) => [
      ...(action === 'member_remove' ? [`${person!.userId} ${group!.groupId}`] : []),
      ...effects.flatMap(({ kind, group: of, userIds = [] }) =>
        kind === 'members_lost' ? userIds.map((id) => `${id} ${of!.groupId}`) : [],
      ),
      ...(effects.some(({ kind }) => kind === 'fields_lost') ? [`${person!.userId} manager`] : []),
    ]),
  );
  // Who is archived because the store lacks them is in no group of it either.
  const archived = (one: string): boolean => gone.has(one.split(' ')[0]!);
  for (const one of lost) if (!archived(one)) expect(told).toContain(one);
  const kinds = plan.steps.flatMap(({ effects }) =>
    effects.filter(isEnrolling).map(({ kind, certainty }) => `${certainty} ${kind}`),
  );
  return [
    ...kinds,
    ...byScim.map(({ certainty, kind }) => `${certainty} ${kind}`),
    ...(observed.length > 0 ? ['observed'] : []),
    ...(lost.some((one) => one.endsWith(' manager')) ? ['manager lost'] : []),
  ];
}

/** Who has left a provisioning-managed group, and who has no manager any more. */
function losses(before: GroundTruth, after: GroundTruth): readonly string[] {
  const [was, is] = [targetOf(before), targetOf(after)];
  const managed = new Set(was.groups.filter(({ type }) => type === 'provisioning_managed_group').map(({ id }) => id));
  const now = new Map(is.users.map((user) => [user.id, user]));
  return was.users.flatMap(({ id, groupIds, fields }) => {
    const user = now.get(id);
    if (user === undefined) return [];
    const left = groupIds.filter((group) => managed.has(group) && !user.groupIds.includes(group));
    const isAlone = fields.manager_email && !user.fields.manager_email;
    return [...left.map((group) => `${id} ${group}`), ...(isAlone ? [`${id} manager`] : [])];
  });
}

/** Everybody of the account as the sources know them, with what is to become of some of them. */
function peopleOf(target: Target, wishes: readonly { who: number; wish: string }[]): readonly EvaluatedPerson[] {
  const managed = new Map(
    target.groups
      .filter(({ type, status }) => type === 'provisioning_managed_group' && status === 'active')
      .map(({ id, name }) => [id, name]),
  );
  const names = [...managed.values()];
  const wishOf = new Map(wishes.map(({ who, wish }) => [who % target.users.length, wish]));
  const known = target.users.flatMap((user, at) => {
    const wish = wishOf.get(at);
    if (wish === 'unknown' || (user.status === 'archived' && wish !== 'restore')) return [];
    const groups = new Set(user.groupIds.flatMap((id) => managed.get(id) ?? []));
    if (wish === 'join') groups.add(names[at % names.length]!);
    // A campaign that allows repeats goes to them.
    if (wish === 'restore') groups.add('Production');
    if (wish === 'leave') groups.clear();
    const fields = { ...user.fields, ...(wish === 'change' && { job_title: 'Head of Change', department: 'Finance' }) };
    return [
      aPerson(user.id, {
        fields,
        groups: [...groups],
        leaver: wish === 'archive' ? { since: null, rule: 'leavers' } : null,
      }),
    ];
  });
  const made = wishes.flatMap(({ who, wish }) =>
    wish === 'create'
      ? [
          aPerson(`new${who}`, {
            fields: { employee_number: null },
            groups: [names[who % names.length]!, 'Night shift'],
          }),
        ]
      : [],
  );
  return [...known, ...new Map(made.map((person) => [person.person.key, person])).values()];
}

function inputOf(
  emulator: Emulator,
  people: (target: Target) => readonly EvaluatedPerson[],
  more: Partial<PlanInput>,
  testMode: 'on' | 'off',
): PlanInput {
  const truth = emulator.truth();
  const target = targetOf(truth);
  const links = target.users.map(
    ({ id }): IdentityLink => ({
      connectionId: 'acme-eu',
      source: 'ad',
      sourceId: id,
      userId: id,
      matchedOn: 'created',
      linkedAt: NOW.toISOString(),
    }),
  );
  return {
    ...anInput(people(target), target, {
      settings: { ownedPrefix: '', joiners: { leadDays: 0, need: ['email'], otherwise: 'hold' } },
      state: { testMode: { state: testMode, attested: null } },
      now: NOW,
      links,
    }),
    scimObjects: storeOf(truth),
    ...more,
  };
}

const wish = fc.record({
  who: fc.nat({ max: 79 }),
  wish: fc.constantFrom('archive', 'restore', 'change', 'join', 'leave', 'create', 'unknown'),
});

/** Each wish for some of the people, so that every kind of effect is met. */
const seenAlways = Array.from({ length: 64 }, (_, who) => ({
  who,
  wish: who % 8 === 0 ? 'create' : who % 9 === 0 ? 'archive' : 'restore',
}));

test('what is announced as certain comes about, and nothing that was not at least possible', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { minLength: 4, maxLength: 12 }), fc.boolean(), async (wishes, loses) => {
      const emulator = await anEmulator({ people: 60, provisioner: 'none', switches: { scimSeats: 'allow' } });
      const adoption = buildPlan(inputOf(emulator, () => [], { kind: 'adoption' }, 'on')).plan;
      const first = emulator.truth();
      await send(emulator, adoption);
      emulator.advance(WINDOW);
      expect(emulator.truth().users.filter(({ status }) => status === 'active')).toHaveLength(
        first.users.filter(({ status }) => status === 'active').length,
      );
      emulator.mutate({ kind: 'scim-test-mode', on: false });
      emulator.advance(WINDOW);
      for (const word of compare(adoption, first, emulator.truth())) met.add(`adoption: ${word}`);

      // Somebody is made in the console: with `loses`, another plan is sent than the one that would carry them.
      if (loses) emulator.mutate({ kind: 'add-user', fields: { email: 'by.hand@halden.example' } });
      const before = emulator.truth();
      const leaver = String(before.users.find(({ status }) => status === 'active')!.id);
      const urgent = { kind: 'urgent', who: leaver } as const;
      const input = inputOf(emulator, (target) => peopleOf(target, wishes), loses ? urgent : {}, 'off');
      const { plan } = buildPlan(input);
      await send(emulator, plan);
      emulator.advance(WINDOW);
      for (const word of compare(plan, before, emulator.truth())) met.add(word);
    }),
    {
      numRuns: 10,
      examples: [
        [seenAlways, false],
        [seenAlways, true],
      ],
    },
  );
  // The comparison was about something.
  for (const word of [
    'certain auto_enrol',
    'certain re_enrol',
    'possible auto_enrol',
    'certain archived_by_scim',
    'observed',
    'adoption: manager lost',
  ]) {
    expect(met).toContain(word);
  }
}, 120_000);

test('a change of address leaves one account with its history, or is refused beforehand', async () => {
  const renaming = (target: Target) =>
    target.users
      .filter(({ status }) => status === 'active')
      .map((user, at) => {
        const email = at % 3 === 0 ? `moved.${user.id}@haldenfoods.example` : user.fields.email!;
        return aPerson(user.id, { fields: { ...user.fields, email } });
      });
  for (const renames of ['keep', 'duplicate'] as const) {
    const emulator = await anEmulator({ people: 30, provisioner: 'none', switches: { scimRenameById: renames } });
    await send(emulator, buildPlan(inputOf(emulator, () => [], { kind: 'adoption' }, 'on')).plan);
    emulator.mutate({ kind: 'scim-test-mode', on: false });
    emulator.advance(WINDOW);
    const before = emulator.truth();
    const input = inputOf(emulator, renaming, {}, 'off');
    const { plan } = buildPlan({ ...input, state: { ...input.state, renames: { state: renames, attested: null } } });
    const moves = plan.steps.filter(({ fields }) => fields.some(({ name }) => name === 'email'));
    expect(moves.length > 0).toBe(renames === 'keep');
    expect(plan.items.some(({ reason }) => reason === 'renames_duplicate')).toBe(renames === 'duplicate');
    await send(emulator, plan);
    emulator.advance(WINDOW);
    const after = emulator.truth();
    expect(after.users.map(({ id, status }) => [id, status])).toEqual(
      before.users.map(({ id, status }) => [id, status]),
    );
    expect(enrolled(after)).toEqual(enrolled(before));
    for (const { person, fields } of moves) {
      const { to } = fields.find(({ name }) => name === 'email')!;
      expect(after.users.filter(({ email }) => email === to).map(({ id }) => String(id))).toEqual([person!.userId]);
    }
  }
}, 60_000);
