import fc from 'fast-check';
import type { GroundTruth } from '../emulator/index.ts';
import type { Effect, EffectKind, Plan, Step } from '../provisioning/plan.ts';
import { type ProvisioningLab, type Row, RULES } from './provisioning-lab.contract.ts';

/* Random stories of a company, and what of KnowBe4's own doings can be seen in them. */

/** Rules of different companies; those of the other two fill groups that campaigns of the emulated account go to. */
const ruleFiles = [
  RULES,
  RULES.replace('prefix: "Auto "', 'prefix: "Fin"')
    .replace('for_each: department', 'when: { department: { in: [Finance, Payroll, Sales] } }')
    .replace('"Auto {department}"', '"Finance"')
    .replace('  department: department\n', '  department: department\n  manager_email: manager\n'),
  RULES.replace('prefix: "Auto "', 'prefix: "Prod"')
    .replace('for_each: department', 'when: { department: { not: Sales } }')
    .replace('"Auto {department}"', '"Production"')
    .replace('  department: department\n', '  department: department\n  employee_number: employee_number\n')
    .replace('match: [employee_number, email]', 'match: [email, employee_number]'),
] as const;

const kinds = [
  ...['join', 'join_loud', 'join_bare', 'join_double', 'join_again', 'move', 'rename', 'marry', 'loud', 'leave'],
  // What leads to most of what KnowBe4 does comes more often.
  ...['move', 'move', 'leave', 'return', 'rename'],
  ...['drop', 'return', 'number', 'manager', 'console_add', 'console_archive', 'console_title', 'console_member'],
] as const;
export type Turn = { readonly kind: string; readonly who: number; readonly what: number };

const turn = (among: readonly string[]): fc.Arbitrary<Turn> =>
  fc.record({ kind: fc.constantFrom(...among), who: fc.nat({ max: 10_000 }), what: fc.nat({ max: 10_000 }) });
/** The same without what happens in the console. */
export const turnsOfTheFile = fc.array(turn(kinds.filter((kind) => !kind.startsWith('console'))), {
  ...{ minLength: 2, maxLength: 7 },
});
/** What happens between two files. */
export const turns = fc.array(turn(kinds), { minLength: 2, maxLength: 7 });
export const company = fc.record({
  seed: fc.nat({ max: 100_000 }),
  people: fc.integer({ min: 15, max: 40 }),
  rules: fc.constantFrom(...ruleFiles),
  renames: fc.constantFrom('keep', 'keep', 'duplicate', 'unknown' as const),
});
export type Company = typeof company extends fc.Arbitrary<infer Value> ? Value : never;

const turned = (kind: string, who: number, what = 0): Turn => ({ kind, who, what });
/** Stories in which everything happens that is to be seen, whatever else is drawn; the first file only fills the groups. */
export const alwaysTold: readonly (readonly [Company, Turn[][]])[] = (['keep', 'duplicate'] as const).map(
  (renames, at) => [
    { seed: 7, people: 30, rules: ruleFiles[at === 0 ? 2 : 1], renames },
    [
      [],
      [turned('move', 4, 2), turned('move', 9, 3), turned('leave', 6), turned('drop', 8), turned('rename', 10, 5)],
      [turned('return', 0), turned('marry', 12, 1), turned('manager', 5, 3), turned('join', 3, 2)],
    ],
  ],
);

const departments = ['Finance', 'Payroll', 'Sales', 'Production', 'Quality'];
const titles = ['Buyer', 'Team Coach', 'Accountant', 'Night Lead'];
const names = ['Novak', 'Ødegård', "O'Hara", 'Łukasz', 'da Silva', 'Smith "Bo"', 'Müller, Dr.'];
const of = <T>(list: readonly T[], number: number): T => list[number % list.length]!;

/** The file after what has happened; what happened in the console has then happened. */
export function afterTurns(lab: ProvisioningLab, rows: readonly Row[], all: readonly Turn[]): Row[] {
  let file = [...rows];
  for (const one of all) file = afterTurn(lab, file, one);
  return file;
}

/** The first three of a company are admins, whom no step touches; they stay as they are so that what happens tells more. */
function afterTurn(lab: ProvisioningLab, rows: Row[], { kind, who, what }: Turn): Row[] {
  const at = 3 + (who % Math.max(1, rows.length - 3));
  const row = rows[at];
  if (row === undefined) return rows;
  const change = (changes: Partial<Row>): Row[] => rows.with(at, { ...row, ...changes });
  const domain = rows[0]!.email.slice(rows[0]!.email.lastIndexOf('@') + 1).toLowerCase();
  const number = String(900_000 + ((who * 31 + what) % 90_000));
  const newcomer: Row = {
    ...{
      id: `n${number}`,
      employee_number: number,
      email: `new.${number}@${domain}`,
      first_name: of(['Mira', 'Jo'], who),
    },
    ...{ last_name: of(names, what), job_title: of(titles, who), department: of(departments, what), status: 'here' },
    manager: of(rows, what).email,
  };
  if (rows.some(({ id }) => id === newcomer.id)) return rows;
  switch (kind) {
    case 'join':
      return [...rows, newcomer];
    case 'join_loud':
      return [...rows, { ...newcomer, email: newcomer.email.toUpperCase() }];
    case 'join_bare':
      return [...rows, { ...newcomer, employee_number: '', ...(what % 2 === 0 && { email: '' }) }];
    case 'join_double':
      return [
        ...rows,
        { ...newcomer, email: what % 2 === 0 ? row.email.toUpperCase() : row.email, employee_number: '' },
      ];
    case 'join_again':
      return [...rows, { ...newcomer, employee_number: row.employee_number }];
    case 'move':
      return change({ department: of(departments, what), job_title: of(titles, what) });
    case 'rename':
      return change({ email: `renamed.${number}@${domain}` });
    case 'marry':
      return change({ last_name: of(names, what), email: `married.${number}@${domain}` });
    case 'loud':
      return change({ email: what % 2 === 0 ? row.email.toUpperCase() : row.email.toLowerCase() });
    case 'leave':
      return change({ status: 'left' });
    case 'drop':
      return rows.toSpliced(at, 1);
    case 'return':
      return rows.map((one) => (one.status === 'left' ? { ...one, status: 'here' } : one));
    case 'number':
      return change({ employee_number: what % 3 === 0 ? '' : number });
    case 'manager':
      return change({ manager: what % 4 === 0 ? '' : of(rows, what).email });
    default:
      inConsole(lab, kind, { who, what });
      return rows;
  }
}

function inConsole({ emulator }: ProvisioningLab, kind: string, { who, what }: Omit<Turn, 'kind'>): void {
  const { users, groups, account } = emulator.truth();
  const admins = new Set(account.admins.map(({ id }) => id));
  const active = users.filter(({ id, status }) => status === 'active' && !admins.has(id));
  const { id: user, provisioning_managed: isManaged } = of(active, who);
  const managed = groups.filter(
    ({ group_type: type, status }) => type === 'provisioning_managed_group' && status === 'active',
  );
  if (kind === 'console_add') {
    emulator.mutate({ kind: 'add-user', fields: { email: `console.${who}.${what}@${account.domains[0]}` } });
  } else if (kind === 'console_archive' && !isManaged) emulator.mutate({ kind: 'archive-user', user });
  else if (kind === 'console_title') {
    emulator.mutate({ kind: 'change-user', user, fields: { job_title: of(titles, what) } });
  } else if (kind === 'console_member' && managed.length > 0) {
    emulator.mutate({ kind: 'add-member', group: of(managed, what).id, user });
  }
}

/** `KIND\nWHO\nCAMPAIGN` of what is certain, and of what may be. */
type Announced = { readonly certain: ReadonlySet<string>; readonly possible: ReadonlySet<string> };

const enrolling: ReadonlySet<EffectKind> = new Set(['auto_enrol', 're_enrol', 'group_enrol']);

/** What a plan says of the kinds that can be seen. People who are made are named by their address. */
export function announcedBy({ steps, effects }: Pick<Plan, 'steps' | 'effects'>): Announced {
  const said = { certain: new Set<string>(), possible: new Set<string>() };
  const note = (effect: Effect, who: string): void => {
    const kind = enrolling.has(effect.kind) ? 'enrolled' : effect.kind;
    if (seen.has(kind)) said[effect.certainty].add([kind, who, effect.campaign?.id ?? ''].join('\n'));
  };
  for (const step of steps) if (step.person !== null) for (const effect of step.effects) note(effect, whoOf(step));
  for (const effect of effects) for (const id of effect.userIds ?? []) note(effect, id);
  return said;
}

const seen: ReadonlySet<string> = new Set(['enrolled', 'archived_by_scim', 'aliases_lost', 'seat_taken', 'seat_freed']);

const whoOf = ({ person, fields, action }: Step): string =>
  person!.userId !== null && action !== 'create'
    ? person!.userId
    : (fields.find(({ name }) => name === 'email')?.to ?? person!.email ?? '').toLowerCase();

/** What KnowBe4 has done between two looks, in the same words. `seat_freed` are those whom a step archives, by `steps`. */
export function observedBetween(before: GroundTruth, after: GroundTruth, steps: readonly Step[]): ReadonlySet<string> {
  const found = new Set<string>();
  const earlier = new Map(before.users.map((user) => [user.id, user]));
  const nameOf = new Map(after.users.map(({ id, email }) => [id, earlier.has(id) ? String(id) : email.toLowerCase()]));
  const archived = new Set(steps.flatMap(({ action, person }) => (action === 'archive' ? [person!.userId] : [])));
  const known = new Set(before.enrollments.map(({ enrollment_id: id }) => id));
  for (const { enrollment_id: id, user, campaign_id: campaign } of after.enrollments) {
    if (!known.has(id)) found.add(['enrolled', nameOf.get(user.id)!, campaign].join('\n'));
  }
  for (const { id, status, aliases } of after.users) {
    const old = earlier.get(id);
    const who = nameOf.get(id)!;
    if (status === 'active' && old?.status !== 'active') found.add(['seat_taken', who, ''].join('\n'));
    if (status === 'archived' && old?.status === 'active') {
      found.add([archived.has(who) ? 'seat_freed' : 'archived_by_scim', who, ''].join('\n'));
    }
    if (old !== undefined && old.aliases.length > 0 && aliases.length === 0) {
      found.add(['aliases_lost', who, ''].join('\n'));
    }
  }
  return found;
}

/** Each account with what its history hangs on: it is the same one while its id and its enrolments are. */
export function lostHistory(before: GroundTruth, after: GroundTruth): readonly string[] {
  const ids = new Set(after.users.map(({ id }) => id));
  const enrolments = new Set(after.enrollments.map(({ enrollment_id: id, user }) => `${id} of ${user.id}`));
  return [
    ...before.users.flatMap(({ id, email }) => (ids.has(id) ? [] : [email])),
    ...before.enrollments
      .map(({ enrollment_id: id, user }) => `${id} of ${user.id}`)
      .filter((enrolment) => !enrolments.has(enrolment)),
  ];
}

/** Addresses that two active accounts have. */
export function sharedAddresses({ users }: GroundTruth): readonly string[] {
  const active = users.filter(({ status }) => status === 'active');
  const by = Map.groupBy(active, ({ email }) => email.toLowerCase());
  return [...by].flatMap(([email, holders]) => (holders.length > 1 ? [email] : []));
}

/** What accounts say that is theirs alone; the rest follows from it, or from what KnowBe4 does. */
const OWN_FIELDS = [
  ...['email', 'first_name', 'last_name', 'job_title', 'department', 'division', 'location', 'organization'],
  ...[
    'employee_number',
    'manager_email',
    'manager_name',
    'phone_number',
    'mobile_phone_number',
    'extension',
    'comment',
  ],
  ...['language', 'employee_start_date', 'custom_field_1', 'custom_field_2', 'custom_field_3', 'custom_field_4'],
  ...['custom_date_1', 'custom_date_2'],
] as const;
type OwnField = (typeof OWN_FIELDS)[number] & keyof GroundTruth['users'][number];

/**
 * What has changed of accounts that were there before, and that no step says: values of fields, and groups of provisioning.
 * @param settled as KnowBe4 last showed what was sent: it overwrites with it what was changed in the console since
 * @param steps managers whom their effects say may be emptied may be
 */
export function changedOtherwise(
  settled: GroundTruth,
  before: GroundTruth,
  after: GroundTruth,
  steps: readonly Step[],
): readonly string[] {
  const byUser = Map.groupBy(steps, ({ person }) => person?.userId ?? '');
  const sent = new Map(settled.users.map((user) => [user.id, user]));
  const now = new Map(after.users.map((user) => [user.id, user]));
  const addresses = new Map(
    before.users.map(({ id, email }) => [email.toLowerCase(), now.get(id)?.email.toLowerCase()]),
  );
  const names = new Map(before.users.map(({ id, email }) => [email.toLowerCase(), nameOf(now.get(id))] as const));
  const groupsOf = ({ groups }: GroundTruth, ids: readonly number[]): readonly string[] =>
    groups.flatMap(({ id, name, group_type: type }) =>
      type === 'provisioning_managed_group' && ids.includes(id) ? [name.toLowerCase()] : [],
    );
  return before.users.flatMap((user) => {
    const is = now.get(user.id);
    if (is === undefined) return [`${user.email} is gone`];
    const mine = byUser.get(String(user.id)) ?? [];
    const told = new Map(mine.flatMap(({ fields }) => fields.map(({ name, to }) => [name as string, to] as const)));
    const said = (name: OwnField): readonly (string | null | undefined)[] => {
      if (told.has(name)) return [told.get(name)];
      const manager = (told.get('manager_email') ?? user.manager_email)?.toLowerCase() ?? '';
      const moved =
        name === 'manager_email' ? [addresses.get(manager)] : name === 'manager_name' ? [names.get(manager)] : [];
      const emptied = name.startsWith('manager_') && mine.some(mayEmptyManager) ? [null] : [];
      return [
        user[name] as string | null,
        sent.get(user.id)?.[name] as string | null | undefined,
        ...moved,
        ...emptied,
      ];
    };
    const isSame = (name: OwnField): boolean =>
      said(name).some((value) => (value ?? '').toLowerCase() === ((is[name] as string | null) ?? '').toLowerCase());
    const fields = OWN_FIELDS.filter((name) => !isSame(name as OwnField)).map(
      (name) =>
        `${user.email} ${name}: ${JSON.stringify(user[name as OwnField])} became ${JSON.stringify(is[name as OwnField])}`,
    );
    const wanted = new Set(groupsOf(before, user.groups));
    for (const { action, group } of mine) {
      if (action === 'member_add') wanted.add(group!.name.toLowerCase());
      if (action === 'member_remove') wanted.delete(group!.name.toLowerCase());
    }
    const groups = [...wanted].toSorted().join();
    const found = groupsOf(after, is.groups).toSorted().join();
    return groups === found ? fields : [...fields, `${user.email} is in ${found} instead of ${groups}`];
  });
}

const nameOf = (user: GroundTruth['users'][number] | undefined): string =>
  [user?.first_name, user?.last_name].filter(Boolean).join(' ');

const mayEmptyManager = ({ effects }: Step): boolean =>
  effects.some(({ kind, text }) => kind === 'fields_lost' && text.startsWith('may empty their manager'));
