import { hash, pick, roll, uuid } from '../random.ts';
import { DAY, day, instant, instantOrNull, MINUTE } from '../time.ts';
import { type Department, departments, firstNames, lastNames, locations } from './names.ts';
import type { User } from './records.ts';
import type { Person, World } from './state.ts';

const FIRST_ID = 41_000_001;
const PEOPLE = 1;
/** Places near the front that stay free, so that a row can appear before the place where a reader is. */
const SPARES = { from: 3, to: 11 };
/** People who were deleted before the world began; their test results are still there. */
const DELETED = { from: 20, to: 25 };
/** Share of the people who came with the first import. */
const IMPORTED = 0.72;
const FOREVER = Number.MAX_SAFE_INTEGER;

/** What a person is to be, where it does not follow from the seed. */
export type Wish = Partial<Omit<User, 'id'>> & { prone?: number; manual?: number[] };

/**
 * Fills an empty world with people and the four odd ones that every account has.
 * @param people how many ordinary ones the lists show
 */
export function settlePeople(world: World, people: number, created: number): void {
  const places = people + (people > 30 ? SPARES.to - SPARES.from + DELETED.to - DELETED.from : 0);
  const span = world.begin - created - 2 * DAY;
  for (let i = 0; i < places; i += 1) {
    const late = (i - places * IMPORTED) / (places * (1 - IMPORTED));
    const joined = created + (late <= 0 ? i * 40 : DAY + Math.floor(late * span));
    const person = addPerson(world, joined, {});
    if (people > 30) hideFormer(world, person);
    if (!person.hidden && i > 30 && roll(hash(world.seed, PEOPLE, i), 40) < 0.07) leaveBefore(world, person);
  }
  if (people > 30) for (const odd of oddPeople) addOdd(world, odd);
}

function hideFormer(world: World, person: Person): void {
  const { index } = person;
  if (index >= SPARES.from && index < SPARES.to) person.hidden = true;
  if (index >= DELETED.from && index < DELETED.to) {
    person.hidden = true;
    person.away = [world.begin - (index - 10) * 9 * DAY, FOREVER];
  }
}

function leaveBefore(world: World, person: Person): void {
  const h = hash(world.seed, PEOPLE, person.index);
  const left = person.joined + Math.floor(roll(h, 41) * (world.begin - person.joined - DAY));
  archiveSilently(person, Math.max(left, person.joined + MINUTE));
}

function archiveSilently(person: Person, at: number): void {
  person.user.status = 'archived';
  person.user.archived_at = instant(at);
  person.away = [at, FOREVER];
}

type Odd = Wish & { archivedDaysAgo?: number };

/** Rows that a careful reader must survive; every account of some size has them. */
const oddPeople: readonly Odd[] = [
  { first_name: 'Ola', last_name: 'Berg', email: 'ola.berg@', archivedDaysAgo: 200, employee_number: '000731' },
  { first_name: 'Ola', last_name: 'Berg', email: 'Ola.Berg@', employee_number: '0000731' },
  {
    first_name: '',
    last_name: null,
    email: 'meeting-room-3@',
    job_title: null,
    department: null,
    location: null,
    language: null,
    provisioning_managed: false,
    provisioning_guid: null,
    last_sign_in: null,
    employee_number: null,
    manager_name: null,
    manager_email: null,
  },
  { first_name: 'Bo “Clicky”', last_name: 'Ødegaard & Sons', email: 'bo.odegaard.clicky@', prone: 1, manual: [81036] },
];

function addOdd(world: World, odd: Odd): void {
  const { archivedDaysAgo, ...wish } = odd;
  const joined = world.begin - 400 * DAY;
  const person = addPerson(world, joined, { ...wish, email: `${wish.email}${world.domain}` });
  if (archivedDaysAgo !== undefined) archiveSilently(person, world.begin - archivedDaysAgo * DAY);
}

/** Adds a person behind all others. Its groups are still empty apart from `manual`. */
export function addPerson(world: World, joined: number, wish: Wish): Person {
  const index = world.people.length;
  const h = hash(world.seed, PEOPLE, index);
  const { prone, manual, ...fields } = wish;
  const person: Person = {
    index,
    user: { ...aUser(world, h, index, joined, fields), ...fields },
    hidden: false,
    joined,
    away: [],
    manual: manual ?? manualGroups(h),
    prone: prone ?? proneness(h),
    ...diligence(h),
    delivered: 0,
    failed: [],
  };
  world.people.push(person);
  return person;
}

function aUser(world: World, h: number, index: number, joined: number, wish: Wish): User {
  const department = departmentOf(h);
  const place = pick(locations, h, 3);
  const first = wish.first_name ?? pick(firstNames, h, 1);
  const last = wish.last_name ?? pick(lastNames, h, 2);
  const manager = index === 0 ? null : (headOf(world, department) ?? world.people[0]!);
  const managed = roll(h, 4) < 0.92;
  const born = Math.floor(Date.UTC(1962, 0, 1) + roll(h, 5) * 40 * 365 * DAY);
  return {
    id: FIRST_ID + index * 3 + (h % 3),
    employee_number: roll(h, 6) < 0.05 ? null : String(100 + index * 7).padStart(6, '0'),
    first_name: first,
    last_name: last,
    job_title: manager === null || index < 14 ? `Head of ${department.name}` : pick(department.titles, h, 7),
    email: wish.email ?? newAddress(world, first, last),
    phish_prone_percentage: 0,
    phone_number: roll(h, 8) < 0.6 ? `${place.phone} ${String(h % 10000).padStart(4, '0')}` : null,
    extension: roll(h, 9) < 0.1 ? String(1000 + (h % 9000)) : null,
    mobile_phone_number: roll(h, 10) < 0.3 ? `${place.phone} ${String(mixed(h)).padStart(4, '0')}` : null,
    location: place.name,
    division: department.division,
    manager_name: manager === null ? null : `${manager.user.first_name} ${manager.user.last_name}`,
    manager_email: manager?.user.email ?? null,
    provisioning_managed: managed,
    provisioning_guid: managed ? uuid(h) : null,
    groups: [],
    current_risk_score: 0,
    aliases: h % 9 === 0 ? [`${asciiName(first).slice(0, 1)}${asciiName(last)}${index}@${world.domain}`] : [],
    joined_on: instant(joined),
    last_sign_in: instantOrNull(roll(h, 11) < 0.15 ? null : lastSeen(world, h, joined)),
    status: 'active',
    organization: world.account.name,
    department: department.name,
    language: roll(h, 12) < 0.3 ? 'English - United States' : place.language,
    comment: h % 53 === 0 ? 'Leave of absence until further notice; see ticket <HR-1042> & reply' : null,
    employee_start_date: roll(h, 13) < 0.8 ? instant(joined - Math.floor(roll(h, 14) * 900) * DAY) : null,
    archived_at: null,
    custom_field_1: `Cost centre ${4400 + (h % 40)}`,
    custom_field_2: h % 4 === 0 ? 'Shift B' : null,
    custom_field_3: null,
    custom_field_4: h % 31 === 0 ? '' : null,
    custom_date_1: h % 6 === 0 ? day(born) : null,
    custom_date_2: null,
  };
}

const mixed = (h: number): number => Math.floor(roll(h, 15) * 10000);

const lastSeen = (world: World, h: number, joined: number): number =>
  Math.max(joined, world.begin - Math.floor(roll(h, 16) ** 2 * 120 * DAY));

function departmentOf(h: number): Department {
  let left = roll(h, 0) * 100;
  for (const one of departments) {
    left -= one.share;
    if (left < 0) return one;
  }
  return departments[0]!;
}

/** The first person of a department leads it. */
function headOf(world: World, department: Department): Person | undefined {
  const scan = Math.min(world.people.length, 200);
  for (let i = 1; i < scan; i += 1) if (world.people[i]!.user.department === department.name) return world.people[i];
  return undefined;
}

/** Most people fall for a test now and then, a few again and again. */
const proneness = (h: number): number =>
  roll(h, 32) < 0.06 ? 0.25 + 0.4 * roll(h, 30) : 0.008 + 0.09 * roll(h, 30) ** 2;

/** Whoever is late is so by some weeks; the same few people leave things lying again and again. */
const diligence = (h: number): Pick<Person, 'diligent' | 'stubborn'> =>
  roll(h, 33) < 0.02
    ? { diligent: 0.3 + 0.4 * roll(h, 31), stubborn: 0.6 }
    : { diligent: 0.86 + 0.14 * roll(h, 31), stubborn: 0 };

/** Console groups have the ids 81001 to 81010, archived ones 81036 to 81038. */
function manualGroups(h: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < 10; i += 1) if (roll(h, 50 + i) < 0.03 + 0.01 * i) found.push(81001 + i);
  if (roll(h, 60) < 0.03) found.push(81036 + (h % 3));
  return found;
}

const plain: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', æ: 'ae', ı: 'i' };

/** How a name looks in an address: `Łukasz` → `lukasz`. */
export const asciiName = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[øłđæı]/g, (letter) => plain[letter]!)
    .replace(/[^a-z]/g, '');

/** An address that nobody of the account has. */
function newAddress(world: World, first: string, last: string): string {
  const local = `${asciiName(first)}.${asciiName(last)}`;
  const taken = world.addresses.get(local) ?? 0;
  world.addresses.set(local, taken + 1);
  return `${local}${taken === 0 ? '' : taken + 1}@${world.domain}`;
}
