import { AndFilter, type Filter, FilterParser } from 'ldapts';
import { ForeknowError } from '../../errors/errors.ts';

export const flavours = ['ad', 'openldap'] as const;
export type Flavour = (typeof flavours)[number];

/** Ordinary accounts of people: computers, trusts and contacts have another type, and built-in accounts are critical. */
const people: Readonly<Record<Flavour, string>> = {
  ad: '(&(sAMAccountType=805306368)(!(isCriticalSystemObject=TRUE)))',
  openldap: '(objectClass=person)',
};

const groups: Readonly<Record<Flavour, string>> = {
  ad: '(objectClass=group)',
  openldap: '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))',
};

/** @throws ForeknowError `config_invalid`, field `filter` */
export const peopleFilter = (flavour: Flavour, own: string | null): Filter => both(people[flavour], own, 'filter');

/** @throws ForeknowError `config_invalid`, field `groups.filter` */
export const groupsFilter = (flavour: Flavour, own: string | null): Filter =>
  both(groups[flavour], own, 'groups.filter');

const both = (usual: string, own: string | null, field: string): Filter =>
  own === null
    ? FilterParser.parseString(usual)
    : new AndFilter({ filters: [FilterParser.parseString(usual), parsed(own, field)] });

/**
 * A filter as RFC 4515 writes it. Spaces between its parts are allowed. Letters beyond ASCII stand as themselves: escaped bytes of them
 * would be sent as other letters and match nobody, and whom a filter does not match would seem to be gone.
 */
function parsed(written: string, field: string): Filter {
  const text = written
    .trim()
    .replace(/\)\s+(?=[()])/g, ')')
    .replace(/\(\s*([&|!])\s*(?=\()/g, '($1');
  if (/\\[89a-f][\da-f]/i.test(text))
    throw notAFilter(field, 'it has escaped bytes beyond ASCII: write the letters themselves');
  if (text.length > MOST_LETTERS) throw notAFilter(field, `it has more than ${MOST_LETTERS} letters`);
  try {
    return FilterParser.parseString(text);
  } catch {
    throw notAFilter(field, 'its brackets or attributes cannot be read');
  }
}

const MOST_LETTERS = 4000;

const notAFilter = (field: string, why: string): ForeknowError =>
  new ForeknowError('config_invalid', {
    detail: `The filter is not one of LDAP: ${why}.`,
    hint: 'Write it as (&(department=*)(!(title=Contractor))).',
    field,
  });
