import { nearest } from '../../lib/nearest.ts';
import { managedFields } from '../../model/managed-field.ts';
import type { CsvOptions } from './options.ts';
import { badFile } from './problem.ts';

/** A column that is read. `index` counts from 0. */
export type Column = { readonly attribute: string; readonly index: number; readonly separator: string | null };

export type Columns = {
  readonly headings: readonly string[];
  /** How many there are up to the last one that is not empty. */
  readonly named: number;
  readonly id: Column;
  /** What becomes an attribute, the id among it. */
  readonly attributes: readonly Column[];
  readonly groups: Column | null;
  readonly active: Column | null;
  readonly rowCount: Column | null;
};

/** What separates a person's groups. */
const GROUPS_SEPARATOR = ';';

/**
 * Which column holds what.
 * @throws ForeknowError `source_invalid` naming headings that are missing or stand twice, and the nearest that are there
 */
export function columnsOf(headings: readonly string[], options: CsvOptions): Columns {
  const { lists = {}, groups = 'groups', completeWhen, active } = options;
  const known = headings.map((heading) => heading.trim());
  const separatorOf = (attribute: string) => lists[attribute] ?? (attribute === groups ? GROUPS_SEPARATOR : null);
  const column = (attribute: string, heading: string): Column => ({
    attribute,
    index: indexOf(heading, known),
    separator: separatorOf(attribute),
  });
  const attributes = Object.entries(options.columns ?? ownNames(known)).map(([ours, theirs]) => column(ours, theirs));
  const named = (name: string): Column => attributes.find(({ attribute }) => attribute === name) ?? column(name, name);
  const ofGroups = attributes.find(({ attribute }) => attribute === groups) ?? null;
  if (ofGroups === null && options.groups !== undefined) named(groups);
  return {
    headings: known,
    named: known.findLastIndex((heading) => heading !== '') + 1,
    id: named(options.id),
    attributes,
    groups: ofGroups,
    active: active === undefined ? null : named(active.of),
    rowCount: completeWhen?.rowCountColumn === undefined ? null : named(completeWhen.rowCountColumn),
  };
}

/** Every heading by a name of its own; of two alike the first, which is refused as soon as somebody reads it. */
function ownNames(headings: readonly string[]): Record<string, string> {
  const names: Record<string, string> = {};
  for (const heading of headings) {
    const name = attributeName(heading);
    if (name !== '') names[name] ??= heading;
  }
  return names;
}

/** `Emp ID` → `emp_id`; a heading that can be an attribute's name stays as it is. */
function attributeName(heading: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]*$/.test(heading)) return heading;
  return heading
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .toLowerCase();
}

/** Letter case does not count, unless two headings differ by it alone. */
function indexOf(heading: string, headings: readonly string[]): number {
  const exact = places(headings, (one) => one === heading.trim());
  const loose = exact.length > 0 ? exact : places(headings, (one) => fold(one) === fold(heading));
  if (loose.length === 1) return loose[0]!;
  if (loose.length > 1) {
    throw badFile(
      `The heading "${heading}" stands in the columns ${loose.map((at) => at + 1).join(' and ')}.`,
      'Two columns of one name cannot be told apart: have one of them renamed. Where you need neither, name those that you need under columns.',
    );
  }
  const near =
    nearest(heading, headings) ?? headings.find((one) => fold(attributeName(one)) === fold(attributeName(heading)));
  throw badFile(
    `There is no column "${heading}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    `The headings are: ${headings.map((one) => `"${one}"`).join(', ')}.`.slice(0, 1000),
  );
}

/** Letter case, kinds and numbers of blanks, and what nobody sees, do not count. */
const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

const places = (headings: readonly string[], is: (heading: string) => boolean): number[] =>
  headings.flatMap((one, at) => (is(one) ? [at] : []));

/** What people call the fields, in the words of usual exports. */
const usual: Readonly<Record<string, readonly string[]>> = {
  email: ['mail', 'e-mail', 'email address', 'work email', 'userprincipalname', 'upn'],
  first_name: ['firstname', 'given name', 'givenname', 'forename', 'vorname', 'prénom'],
  last_name: ['lastname', 'surname', 'sn', 'family name', 'nachname', 'nom'],
  job_title: ['title', 'position', 'role', 'job'],
  employee_number: [
    'emp id',
    'employee id',
    'employeeid',
    'emp no',
    'employee no',
    'staff number',
    'personnel number',
    'personalnummer',
  ],
  manager_email: ['manager mail', 'manager e-mail', 'supervisor email', 'reports to email'],
  manager_name: ['manager', 'supervisor', 'reports to'],
  department: ['dept', 'team', 'abteilung'],
  location: ['office', 'site', 'city', 'standort'],
  organization: ['company', 'legal entity', 'firma'],
  phone_number: ['phone', 'telephone', 'work phone', 'telefon'],
  mobile_phone_number: ['mobile', 'cell phone', 'handy'],
  employee_start_date: ['start date', 'hire date', 'hired on', 'hired_on', 'eintritt'],
  language: ['locale', 'sprache'],
};

/** The field of KnowBe4 that a heading is likely to be; null when nothing is near. */
export function suggestField(heading: string): string | null {
  const wanted = fold(heading).replaceAll(/[_\s]+/g, ' ');
  for (const [field, names] of Object.entries(usual)) if (names.includes(wanted)) return field;
  const near = nearest(wanted.replaceAll(' ', '_'), managedFields);
  if (near !== null) return near;
  const all = Object.entries(usual).flatMap(([field, names]) => names.map((name) => ({ field, name })));
  const name = nearest(
    wanted,
    all.filter((one) => one.name.length > 5).map((one) => one.name),
  );
  return all.find((one) => one.name === name)?.field ?? null;
}
