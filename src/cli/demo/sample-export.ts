/* What the HR system of the sample company writes each night: people, titles and dates are invented. */

export const exportColumns = [
  ...(['person_id', 'employee_number', 'first_name', 'last_name', 'email', 'job_title', 'department'] as const),
  ...(['division', 'location', 'phone_number', 'manager', 'employee_type', 'status', 'hired_on'] as const),
  'terminated_on',
] as const;
export type ExportRow = Readonly<Record<(typeof exportColumns)[number], string>>;

type UserField =
  | ('employee_number' | 'first_name' | 'last_name' | 'email' | 'job_title' | 'department' | 'division')
  | ('location' | 'phone_number' | 'manager_email' | 'employee_start_date');
type User = { readonly id: number; readonly status: string; readonly groups: readonly number[] } & {
  readonly [Field in UserField]: string | null;
};
/** The company as KnowBe4 has it. */
export type Company = {
  readonly users: readonly User[];
  readonly groups: readonly { readonly id: number; readonly name: string }[];
  readonly account: { readonly admins: readonly { readonly email: string }[] };
};

const DAY_MS = 86_400_000;
/** Of a company of this size; a smaller one has fewer. */
const FULL_SIZE = 220;
const NEW = 12;
const TITLES = 4;
const DEPARTMENTS = 4;
const MANAGERS = 3;
const PLACES = 3;
const PHONES = 4;
const ADDRESSES = 1;
const LEAVERS = 4;
const DOUBTFUL = 1;
/** How many are looked at for a change. */
const SPREAD = 60;

const newcomers = [
  ...(['Maya Ortiz', 'Ben Kato', 'Lena Fischer', 'Aiko Tanaka', 'Tomas Reyes', 'Nadia Haddad'] as const),
  ...(['Oskar Nyberg', 'Priya Raman', 'Elif Demir', 'Jamal Okoro', 'Sofia Rossi', 'Viktor Hale'] as const),
] as const;

/** Everybody who is there, as they are there. */
export const settledExport = ({ users }: Pick<Company, 'users'>): readonly ExportRow[] =>
  users.filter(({ status, email }) => status === 'active' && email !== null).map(rowOf);

/**
 * The next night's: people begin, change, come back and leave, and two records have somebody else's address.
 * @param today newcomers begin on it or on one of the two days after
 */
export function nextExport(company: Company, today: Date): readonly ExportRow[] {
  const settled = settledExport(company);
  const movers = movable(company);
  const upTo = (full: number) => Math.min(full, Math.max(1, Math.round((full * settled.length) / FULL_SIZE)));
  const take = (full: number): readonly User[] => movers.splice(0, movers.length > full * 2 ? upTo(full) : 0);

  const changed = new Map<string, Partial<ExportRow>>();
  const change = (users: readonly User[], of: (user: User, at: number) => Partial<ExportRow>) => {
    for (const [at, user] of users.entries()) changed.set(idOf(user), of(user, at));
  };
  const models = take(NEW);
  change(take(TITLES), ({ job_title: title }) => ({ job_title: `Senior ${title}` }));
  change(take(DEPARTMENTS), (user, at) => placeOf(otherPlace(movers, user, at)));
  change(take(MANAGERS), (user) => ({ manager: otherPlace(movers, user, 0)?.manager_email ?? '' }));
  change(take(PLACES), ({ location }) => ({ location: location === 'Halden' ? 'Lisbon' : 'Halden' }));
  change(take(PHONES), (_, at) => ({ phone_number: `+47 555 01${String(at).padStart(2, '0')}` }));
  change(take(ADDRESSES), ({ first_name: first, email }) => ({
    last_name: 'Marchetti',
    email: `${plain(first ?? '')}.marchetti@${domainOf(email)}`,
  }));
  change(take(LEAVERS), (_, at) => ({ status: 'terminated', terminated_on: day(today, -2 - at) }));
  const holders = take(DOUBTFUL);
  change(take(DOUBTFUL), (_, at) => ({ email: holders[at]?.email ?? '' }));

  return [
    ...settled.map((row) => ({ ...row, ...changed.get(row.person_id) })),
    ...returning(company).map(rowOf),
    ...models.map((model, at) => newcomer(newcomers[at]!, at, model, today)),
  ];
}

/** With a line at the end that tells how many there are, so that a file cut short is known as such. */
export function exportText(rows: readonly ExportRow[]): string {
  const lines = [exportColumns, ...rows.map((row) => exportColumns.map((column) => row[column]))];
  return `${lines.map((cells) => cells.map(quoted).join(',')).join('\n')}\n#END rows=${rows.length}\n`;
}

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** HR's own number of somebody; an employee number is not given to all. */
const idOf = ({ id }: User): string => `HR-${id}`;

const rowOf = (user: User): ExportRow => ({
  ...{ person_id: idOf(user), employee_number: user.employee_number ?? '', first_name: user.first_name ?? '' },
  ...{ last_name: user.last_name ?? '', email: user.email ?? '', job_title: user.job_title ?? '' },
  ...{ department: user.department ?? '', division: user.division ?? '', location: user.location ?? '' },
  ...{ phone_number: user.phone_number ?? '', manager: user.manager_email ?? '', employee_type: 'employee' },
  ...{ status: 'employed', hired_on: user.employee_start_date?.slice(0, 10) ?? '', terminated_on: '' },
});

function newcomer(name: string, at: number, model: User, today: Date): ExportRow {
  const [first = '', last = ''] = name.split(' ');
  return {
    ...rowOf(model),
    ...{ person_id: `HR-N${at + 1}`, employee_number: `N${String(at + 1).padStart(5, '0')}` },
    ...{ first_name: first, last_name: last, email: `${plain(name)}@${domainOf(model.email)}` },
    ...{ phone_number: '', hired_on: day(today, at % 3) },
  };
}

/** Who may change without anybody else changing: no admin, nobody protected, nobody's manager; spread over the company. */
function movable({ users, groups, account }: Company): User[] {
  const protectedGroup = groups.find(({ name }) => name === 'Board & assistants')?.id;
  const aside = new Set([...account.admins.map(({ email }) => email), ...users.map((user) => user.manager_email)]);
  const found = users.filter(
    (user) =>
      user.status === 'active' &&
      user.email !== null &&
      user.employee_number !== null &&
      user.job_title !== null &&
      !user.job_title.startsWith('Head of ') &&
      user.department !== null &&
      user.manager_email !== null &&
      !user.groups.some((id) => id === protectedGroup) &&
      !aside.has(user.email),
  );
  const stride = Math.max(1, Math.floor(found.length / SPREAD));
  return found.filter((_, at) => at % stride === 0);
}

/** Active people whose manager has no active account: nothing that is carried could name them. */
export function managerless({ users }: Pick<Company, 'users'>): readonly number[] {
  const active = users.filter(({ status }) => status === 'active');
  const known = new Set(active.map(({ email }) => email));
  return active.filter(({ manager_email: manager }) => manager !== null && !known.has(manager)).map(({ id }) => id);
}

/** One who was archived and is employed again. */
const returning = ({ users }: Company): readonly User[] =>
  users
    .filter((user) => user.status === 'archived' && user.email !== null && user.employee_number !== null)
    .slice(0, 1);

const otherPlace = (users: readonly User[], { department, manager_email: manager }: User, at: number) =>
  users.filter((one) => one.department !== department && one.manager_email !== manager)[at];

const placeOf = (user: User | undefined): Partial<ExportRow> =>
  user === undefined
    ? {}
    : {
        ...{ department: user.department ?? '', division: user.division ?? '', job_title: user.job_title ?? '' },
        manager: user.manager_email ?? '',
      };

const domainOf = (email: string | null): string => email?.split('@')[1] ?? '';
const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^a-zA-Z ]/g, '')
    .toLowerCase()
    .replaceAll(' ', '.');
const day = (today: Date, days: number): string => new Date(today.getTime() + days * DAY_MS).toISOString().slice(0, 10);
