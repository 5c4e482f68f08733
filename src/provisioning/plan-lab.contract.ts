/** Builders for tests of planning: a small account, people of one source, rules that map everything straight. */
import { type FieldValues, type ManagedField, managedFields } from '../model/managed-field.ts';
import type { JoinedPerson } from '../model/source-person.ts';
import type { EvaluatedPerson, Evaluation, Settings } from '../rules/rule-set.ts';
import type { SourceBasis } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import type { IdentityLink, ProvisioningState, ScimObject } from './state.ts';
import type { Target, TargetCampaign, TargetGroup, TargetUser } from './target.ts';

export const NOW = new Date('2026-11-21T09:14:03Z');

const settings: Settings = {
  match: ['provisioning_guid', 'employee_number', 'email', 'alias'],
  ownedPrefix: 'Auto ',
  joiners: { leadDays: 3, need: ['email', 'first_name', 'last_name'], otherwise: 'hold' },
  movers: { leaveOldGroupsAfterDays: 0 },
  // biome-ignore lint/suspicious/noThenProperty: the word of the rule file
  leavers: { absentReads: 2, waitDays: 0, then: 'archive' },
  // biome-ignore lint/suspicious/noThenProperty: the word of the rule file
  rehires: { then: 'restore' },
  situations: {},
  guards: {
    source_shrink: { share: 0.05, people: 5 },
    archive_share: { share: 0.02, people: 3 },
    group_shrink: { share: 0.3, people: 5 },
    create_burst: { share: 0.1 },
    data: { blank: 0.05, changed: 0.2 },
    protected: [],
  },
  approval: {
    create: 1,
    update: 0,
    restore: 1,
    archive: 2,
    group_create: 0,
    group_rename: 1,
    member_add: 0,
    member_remove: 1,
    tripped_guard: 2,
  },
  fourEyes: false,
};

const aState = (rest: Partial<ProvisioningState> = {}): ProvisioningState => ({
  connectionId: 'acme-eu',
  mode: 'propose',
  adoption: { state: 'adopted', planId: null, at: NOW.toISOString() },
  owner: 'ours',
  ownerAttested: null,
  testMode: { state: 'off', attested: null },
  renames: { state: 'keep', attested: null },
  exempt: [],
  pausedAt: null,
  stoppedAt: null,
  freezes: [],
  quarantine: null,
  updatedAt: NOW.toISOString(),
  ...rest,
});

export const aSource = (rest: Partial<SourceBasis> = {}): SourceBasis => ({
  name: 'ad',
  read: 'rd_1',
  people: 10,
  state: 'complete',
  proof: 'paged read ended by server',
  readAt: NOW.toISOString(),
  ...rest,
});

type PersonParts = Partial<Omit<EvaluatedPerson, 'person' | 'groups' | 'keys'>> & {
  readonly groups?: readonly string[];
  readonly keys?: Partial<EvaluatedPerson['keys']>;
  readonly absent?: JoinedPerson['absent'];
  readonly refs?: JoinedPerson['refs'];
};

/** Somebody of the source `ad`: number N, `nN@acme.test`. */
export function aPerson(
  id: number | string,
  { groups = [], keys, absent = {}, refs, ...rest }: PersonParts = {},
): EvaluatedPerson {
  const fields: FieldValues = {
    email: `n${id}@acme.test`,
    first_name: `First${letters(id)}`,
    last_name: `Last${letters(id)}`,
    employee_number: `E-${id}`,
    ...rest.fields,
  };
  return {
    person: {
      key: `ad:${id}`,
      refs: refs ?? [{ source: 'ad', sourceId: String(id) }],
      attributes: {},
      from: {},
      groups: [],
      active: true,
      absent,
    },
    inScope: true,
    because: Object.fromEntries(Object.keys(fields).map((name) => [name, `map.${name}`])),
    leaver: null,
    hiredOn: null,
    problems: [],
    ...rest,
    fields,
    keys: {
      guid: null,
      employeeNumber: fields.employee_number ?? null,
      email: fields.email?.toLowerCase() ?? null,
      aliases: [],
      ...keys,
    },
    groups: groups.map((group) => ({ group, rule: group.replace('Auto ', '').toLowerCase() })),
  };
}

/** Names differ in letters, as those of people do. */
const letters = (id: number | string): string => String(id).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!);

/** The account of the person of this number, as KnowBe4 has it. */
export const aUser = (id: number | string, rest: Partial<TargetUser> = {}): TargetUser => ({
  id: String(1000 + Number(id)),
  status: 'active',
  aliases: [],
  provisioningManaged: true,
  provisioningGuid: null,
  groupIds: [],
  archivedAt: null,
  lastSignIn: null,
  ...rest,
  fields: { ...aPerson(id).fields, ...rest.fields },
});

export const aGroup = (
  id: string,
  name: string,
  memberIds: readonly string[],
  rest: Partial<TargetGroup> = {},
): TargetGroup => ({
  id,
  name,
  type: 'provisioning_managed_group',
  status: 'active',
  provisioningGuid: null,
  memberIds: new Set(memberIds),
  ...rest,
});

export const aCampaign = (id: string, rest: Partial<TargetCampaign> = {}): TargetCampaign => ({
  id,
  kind: 'training',
  name: `Campaign ${id}`,
  status: 'In Progress',
  open: true,
  autoEnroll: true,
  allowMultipleEnrollments: false,
  groupIds: [],
  ...rest,
});

export const aTarget = (users: readonly TargetUser[], rest: Partial<Target> = {}): Target => ({
  connectionId: 'acme-eu',
  asOf: '2026-11-21T09:10:40Z',
  users,
  groups: [],
  campaigns: [],
  ...rest,
  account: { name: 'Acme', domains: ['acme.test'], seats: null, admins: [], ...rest.account },
});

export const aLink = (
  id: number | string,
  userId = String(1000 + Number(id)),
  rest: Partial<IdentityLink> = {},
): IdentityLink => ({
  connectionId: 'acme-eu',
  source: 'ad',
  sourceId: String(id),
  userId,
  matchedOn: 'employee_number',
  linkedAt: '2026-01-01T00:00:00Z',
  ...rest,
});

export const aScimUser = (user: TargetUser, rest: Partial<ScimObject> = {}): ScimObject => ({
  connectionId: 'acme-eu',
  kind: 'user',
  scimId: `scim-${user.id}`,
  targetId: user.id,
  externalId: null,
  name: user.fields.email?.toLowerCase() ?? '',
  origin: 'adopted',
  known: {},
  active: user.status === 'active',
  updatedAt: NOW.toISOString(),
  ...rest,
});

export const aScimGroup = (group: TargetGroup, rest: Partial<ScimObject> = {}): ScimObject => ({
  ...aScimUser({ id: group.id, fields: { email: group.name }, status: 'active' } as TargetUser),
  kind: 'group',
  ...rest,
});

/** Everything at KnowBe4 is in the SCIM store. */
export const wholeStore = ({ users, groups }: Target): readonly ScimObject[] => [
  ...users.map((user) => aScimUser(user)),
  ...groups.filter(({ type }) => type === 'provisioning_managed_group').map((group) => aScimGroup(group)),
];

const uncarried: ReadonlySet<ManagedField> = new Set(['employee_start_date', 'extension', 'comment']);
const carries: ReadonlySet<ManagedField> = new Set(managedFields.filter((field) => !uncarried.has(field)));

const evaluationOf = (people: readonly EvaluatedPerson[]): Evaluation => ({
  people,
  groups: [
    ...Map.groupBy(
      people.flatMap(({ groups, person }) => groups.map((group) => ({ ...group, key: person.key }))),
      ({ group }) => group,
    ),
  ].map(([name, members]) => ({
    name,
    rule: members[0]!.rule,
    members: new Set(members.map(({ key }) => key)),
    expect: null,
  })),
});

type InputParts = Omit<Partial<PlanInput>, 'rules' | 'evaluation' | 'target' | 'state'> & {
  readonly settings?: Partial<Settings>;
  readonly state?: Partial<ProvisioningState>;
};

export function anInput(
  people: readonly EvaluatedPerson[],
  target: Target,
  { settings: changed, state, ...rest }: InputParts = {},
): PlanInput {
  return {
    id: 'pl_7q2k4m9x',
    kind: 'sync',
    author: 'schedule',
    now: NOW,
    timeZone: 'Europe/Berlin',
    connection: { id: 'acme-eu', accountKey: 'acme' },
    state: aState(state),
    sources: [aSource({ people: people.length })],
    rules: { file: 'rules/acme.yaml', digest: 'sha256:a41f', commit: 'a41f9c2', settings: { ...settings, ...changed } },
    evaluation: evaluationOf(people),
    target,
    links: [],
    workItems: [],
    scimObjects: wholeStore(target),
    recent: [],
    late: 0,
    noticed: new Map(),
    refusals: [],
    carries,
    readsLeft: null,
    only: null,
    who: null,
    ...rest,
  };
}
