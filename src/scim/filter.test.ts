import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScimError } from './errors.ts';
import { comparisons, type Filter, parseFilter } from './filter.ts';
import type { ScimResource } from './json.ts';
import { compileFilter, equalityOf } from './match-filter.ts';
import type { Path } from './path.ts';
import { printEquality, printFilter } from './print-filter.ts';
import { profiles } from './profile.ts';
import { groupType, userType } from './schema.ts';
import { schemaUrns } from './urns.ts';

const amara: ScimResource = {
  schemas: [schemaUrns.user, schemaUrns.enterprise],
  id: 'U-1',
  externalId: 'Ext-1',
  userName: 'Amara.Lindqvist@example.com',
  name: { familyName: 'Lindqvist', givenName: 'Amara' },
  title: 'Controller "North"',
  active: true,
  emails: [
    { type: 'work', value: 'amara@example.com', primary: true },
    { type: 'home', value: 'amara@example.net' },
  ],
  meta: { resourceType: 'User', created: '2026-04-04T04:23:30Z', lastModified: '2026-05-01T10:00:00+02:00' },
  [schemaUrns.enterprise]: { department: 'Payroll', manager: { value: 'U-2' } },
  'urn:example:acme:2.0:User': { badge: 'B-7' },
};

const matches = (filter: string, resource = amara): boolean =>
  compileFilter(userType, parseFilter(filter), profiles.strict)(resource);

const thrownBy = (action: () => unknown): ScimError => {
  try {
    action();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

test.each([
  ['userName eq "amara.lindqvist@EXAMPLE.com"', true],
  ['USERNAME EQ "amara.lindqvist@example.com"', true],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "amara"', true],
  ['URN:ietf:params:scim:schemas:core:2.0:user:username co "LINDQ"', true],
  ['userName ew ".com"', true],
  ['userName ne "somebody"', true],
  ['id eq "U-1"', true],
  ['id eq "u-1"', false],
  ['externalId eq "ext-1"', false],
  ['title eq "Controller \\"North\\""', true],
  ['title eq "Controller \\u0022North\\u0022"', true],
  ['nickName pr', false],
  ['nickName eq null', true],
  ['title ne null', true],
  ['nickName ne "x"', true],
  ['name.familyName eq "lindqvist"', true],
  ['name.middleName eq "x"', false],
  ['active eq true', true],
  ['active eq "True"', true],
  ['active ne true', false],
  ['emails co "example.net"', true],
  ['emails.type eq "home"', true],
  ['emails[type eq "work" and value co "example.net"]', false],
  ['emails[type eq "home" and value co "example.net"]', true],
  ['emails[type eq "work"].value eq "AMARA@example.com"', true],
  ['emails[type eq "work"].value eq "amara@example.net"', false],
  ['emails[not (type eq "work")]', true],
  ['emails[type eq "fax"]', false],
  ['phoneNumbers[type eq "work"].value eq "1"', false],
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "payroll"', true],
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "U-2"', true],
  ['urn:ietf:params:scim:schemas:extension:knowbe4:kmsat:2.0:User:customField1 pr', false],
  ['urn:example:acme:2.0:User:badge eq "b-7"', true],
  ['meta.created eq "2026-04-04T06:23:30+02:00"', true],
  ['meta.lastModified gt "2026-05-01T07:59:59Z"', true],
  ['meta.lastModified le "2026-05-01T08:00:00.000Z"', true],
  ['meta.lastModified lt "2026-05-01T08:00:00.000Z"', false],
  ['userName eq "x" and active eq true or title pr', true],
  ['title pr or userName eq "x" and userName eq "y"', true],
  ['(title pr or userName eq "x") and userName eq "y"', false],
  ['userName pr and not (active eq false)', true],
  ['not(active eq true)', false],
])('%s is %s', (filter, expected) => {
  expect(matches(filter)).toBe(expected);
});

test('members of a group are compared by their value', () => {
  const group: ScimResource = { id: 'G-1', displayName: 'Finance', members: [{ value: 'U-17' }] };
  const asked = (filter: string) => compileFilter(groupType, parseFilter(filter))(group);
  expect(asked('id eq "G-1" and members eq "U-17"')).toBe(true);
  expect(asked('members[value eq "U-18"]')).toBe(false);
});

test('Entra asks for a manager without the schema that it is of', () => {
  const asked = (manager: string) =>
    compileFilter(userType, parseFilter(`userName pr and manager eq "${manager}"`), profiles.entra)(amara);
  expect([asked('U-2'), asked('U-3')]).toEqual([true, false]);
  for (const profile of [profiles.entra, profiles.strict]) {
    const name = profile.lenient ? 'shoeSize' : 'manager';
    expect(() => compileFilter(userType, parseFilter(`${name} eq "U-2"`), profile)).toThrow(ScimError);
  }
});

test('a profile compares externalId without its letter case', () => {
  expect(compileFilter(userType, parseFilter('externalId eq "ext-1"'), profiles.entra)(amara)).toBe(true);
});

test.each([
  '',
  ' ',
  'userName',
  'userName eq',
  'userName xx "a"',
  'userName eq "a',
  'userName eq a',
  'userName eq "a" and',
  'userName eq "a" "b"',
  '(userName pr',
  'userName pr)',
  'emails[type eq "work"',
  'emails[emails[type pr]]',
  'emails[]',
  'not userName pr',
  'and',
  'a.b.c pr',
  '"userName" eq "a"',
  'userName eq "\\x"',
  'userName eq 1x',
  'urn:ietf:params:scim:schemas:core:2.0:User pr',
  'urn: pr',
  '__proto__ pr',
  'name.constructor pr',
  'emails[prototype pr]',
  'thereIsNone eq "x"',
  'name eq "x"',
  'name.thereIsNone eq "x"',
  'emails[thereIsNone eq "x"]',
  'active gt true',
  'active eq "perhaps"',
  'meta.created gt "yesterday"',
  'userName gt null',
  `${'('.repeat(33)}userName pr${')'.repeat(33)}`,
  `userName eq "${'a'.repeat(2_000)}"`,
])('%s is refused as invalidFilter', (filter) => {
  expect(thrownBy(() => matches(filter))).toMatchObject({ status: 400, scimType: 'invalidFilter' });
});

test('a text that is never closed takes no longer than its length', () => {
  const text = `userName eq "${'\\'.repeat(1_980)}`;
  const began = performance.now();
  for (let round = 0; round < 50; round += 1) thrownBy(() => parseFilter(text));
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('a missing branch, or one of another shape, fulfils nothing and never throws', () => {
  const shapes: ScimResource[] = [
    {},
    { emails: 'text' },
    { emails: [null, 'text', 7] as never },
    { name: [] as never },
    { meta: { created: 7 } },
  ];
  for (const shape of shapes) {
    expect(matches('emails[type eq "work"].value eq "a"', shape)).toBe(false);
    expect(matches('name.familyName co "a"', shape)).toBe(false);
    expect(matches('meta.created gt "2026-01-01T00:00:00Z"', shape)).toBe(false);
  }
});

test('an equality that a store can look up is found in a filter that demands it', () => {
  const found = (filter: string) => equalityOf(parseFilter(filter), 'userName');
  expect(found('userName eq "a@example.com"')).toBe('a@example.com');
  expect(found('active eq true and USERNAME eq "b"')).toBe('b');
  expect(found('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "c"')).toBe('c');
  expect(found('userName eq "a" or active eq true')).toBeUndefined();
  expect(found('not (userName eq "a")')).toBeUndefined();
  expect(found('userName sw "a"')).toBeUndefined();
  expect(found('urn:example:acme:2.0:User:userName eq "a"')).toBeUndefined();
});

const names = fc.constantFrom('userName', 'title', 'nickName', 'displayName', 'externalId');
const path: fc.Arbitrary<Path> = fc.oneof(
  names.map((attribute) => ({ attribute })),
  fc.constantFrom<Path>(
    { attribute: 'name', part: 'familyName' },
    { schema: schemaUrns.enterprise, attribute: 'department' },
    { attribute: 'emails', where: { kind: 'present', path: { attribute: 'type' } }, part: 'value' },
  ),
);
const literal = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null));
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  path.map((one) => ({ kind: 'present' as const, path: one })),
  fc
    .tuple(path, fc.constantFrom(...comparisons), literal)
    .map(([one, comparison, value]) => ({ kind: 'compare' as const, path: one, comparison, value })),
);
const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('filter').map((filter) => ({ kind: 'not' as const, filter })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('filter'), { minLength: 2, maxLength: 3 }))
      .map(([kind, all]) => ({ kind, filters: all })),
  ),
})).filter;

test('a filter that is printed is read as the same filter', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      const text = printFilter(filter);
      fc.pre(text.length <= 2_000);
      expect(parseFilter(text)).toEqual(filter);
    }),
  );
});

test('a value is printed so that it cannot leave its quotes', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(equalityOf(parseFilter(printEquality('userName', value)), 'userName')).toBe(value);
    }),
  );
});

test('whatever text comes as a filter, nothing but a ScimError is thrown', () => {
  const pieces = fc.constantFrom(
    'userName',
    ' ',
    '"',
    '\\',
    '[',
    ']',
    '(',
    ')',
    'and',
    'not',
    'eq',
    'pr',
    '.',
    ':',
    'urn:',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(typeof matches(text)).toBe('boolean');
      } catch (error) {
        if (!(error instanceof ScimError)) throw error;
        expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
      }
    }),
    { numRuns: 1_000 },
  );
});
