import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody, replaceBody } from './body.ts';
import { ScimError, type ScimType } from './errors.ts';
import type { Json, ScimResource } from './json.ts';
import { applyPatch } from './patch.ts';
import { type Profile, profiles } from './profile.ts';
import { groupType, userType } from './schema.ts';
import { messageUrns, schemaUrns } from './urns.ts';

const { entra, strict } = profiles;
const enterprise = schemaUrns.enterprise;

const amara = readBody(
  userType,
  {
    schemas: [schemaUrns.user, enterprise],
    externalId: 'amara.lindqvist',
    userName: 'amara.lindqvist@example.com',
    active: true,
    displayName: 'Tomas Verne',
    title: 'Accountant',
    emails: [{ primary: true, type: 'work', value: 'amara.lindqvist@example.com' }],
    name: { formatted: 'Amara Lindqvist', givenName: 'Amara', familyName: 'Lindqvist' },
    [enterprise]: { department: 'Payroll' },
    roles: [],
    meta: { resourceType: 'User' },
  },
  strict,
);
const finance: ScimResource = {
  schemas: [schemaUrns.group],
  displayName: 'Finance – All',
  members: [{ value: 'u-17' }, { value: 'u-18' }, { value: 'u-19' }],
};

const message = (...Operations: readonly unknown[]) => ({ schemas: [messageUrns.patch], Operations });
const patchUser = (operation: unknown, profile: Profile = entra, user = amara) =>
  applyPatch(userType, user, message(operation), profile).resource;
const patchGroup = (operation: unknown, profile: Profile = entra) =>
  applyPatch(groupType, finance, message(operation), profile).resource;
const memberIds = ({ members }: ScimResource) => ((members ?? []) as { value: string }[]).map(({ value }) => value);

function scimTypeOf(action: () => unknown): ScimType | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ScimError) return error.scimType;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('as Entra sends it', () => {
  test.each([
    { op: 'Replace', path: 'active', value: 'False' },
    { op: 'replace', path: 'active', value: false },
    { op: 'Add', path: 'active', value: 'false' },
    { op: 'Replace', value: { active: 'False' } },
    { op: 'replace', value: { active: false } },
    { OP: 'replace', Path: 'ACTIVE', Value: 'FALSE' },
    { op: 'Replace', path: 'active', value: [{ $ref: null, value: 'False' }] },
  ])('%j ends a person', (operation) => {
    expect(patchUser(operation).active).toBe(false);
  });

  test('a simple value in its older way is taken as it is meant, and nothing else that is no text', () => {
    const named = (value: Json) => patchUser({ op: 'Add', path: 'nickName', value });
    expect(named([{ $ref: null, value: 'Babs' }]).nickName).toBe('Babs');
    for (const value of [[{ value: { value: 'x' } }], { display: 'x', value: 'y' }, [['x']], { $ref: 'x' }]) {
      expect(() => named(value as Json)).toThrow('nickName is no string');
    }
    const operation = { op: 'add', path: 'nickName', value: { value: 'x' } };
    const message = { schemas: [messageUrns.patch], Operations: [operation] };
    expect(() => applyPatch(userType, amara, message, strict)).toThrow('nickName is no string');
  });

  test('a user is created with active as text', () => {
    expect(readBody(userType, { userName: 'a@example.com', active: 'True' }, entra).active).toBe(true);
  });

  test('dotted and URN names without a path', () => {
    const changed = patchUser({
      op: 'replace',
      value: {
        title: 'Controller',
        'name.familyName': 'Lindqvist-Rau',
        [`${enterprise}:department`]: 'Controlling',
        'emails[type eq "work"].value': 'amara.rau@example.com',
        [`${enterprise}:manager`]: 'U-9',
      },
    });
    expect(changed).toMatchObject({
      title: 'Controller',
      name: { formatted: 'Amara Lindqvist', givenName: 'Amara', familyName: 'Lindqvist-Rau' },
      [enterprise]: { department: 'Controlling', manager: { value: 'U-9' } },
      emails: [{ primary: true, type: 'work', value: 'amara.rau@example.com' }],
    });
  });

  test('one mail is replaced, and the others stay', () => {
    const two = patchUser({ op: 'Add', path: 'emails', value: [{ type: 'home', value: 'amara@example.net' }] });
    const changed = patchUser(
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@example.com' },
      entra,
      two,
    );
    expect(changed.emails).toEqual([
      { primary: true, type: 'work', value: 'new@example.com' },
      { type: 'home', value: 'amara@example.net' },
    ]);
  });

  test.each(['Add', 'Replace'])('%s of a number where there is none makes one', (op) => {
    expect(patchUser({ op, path: 'phoneNumbers[type eq "mobile"].value', value: '+43 1 000' }).phoneNumbers).toEqual([
      { type: 'mobile', value: '+43 1 000' },
    ]);
  });

  test.each(['Add', 'Replace'])('%s of a mail where there is none makes one', (op) => {
    const bare = patchUser({ op: 'Remove', path: 'emails' });
    expect(bare.emails).toBeUndefined();
    expect(patchUser({ op, path: 'emails[type eq "work"].value', value: 'b@example.com' }, entra, bare).emails).toEqual(
      [{ type: 'work', value: 'b@example.com' }],
    );
  });

  test('the number that is removed takes its entry along', () => {
    const with1 = patchUser({ op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' });
    expect(
      patchUser({ op: 'Remove', path: 'phoneNumbers[type eq "mobile"].value' }, entra, with1).phoneNumbers,
    ).toBeUndefined();
  });

  test.each([
    ['U-9', { value: 'U-9' }],
    [
      [{ $ref: 'https://example.com/Users/U-9', value: 'U-9' }],
      { $ref: 'https://example.com/Users/U-9', value: 'U-9' },
    ],
    [{ value: 'U-9', displayName: 'not theirs to say' }, { value: 'U-9' }],
    ['', undefined],
    [null, undefined],
    [[], undefined],
  ])('the manager %j is %j', (value, expected) => {
    const managed = patchUser({ op: 'Add', path: `${enterprise}:manager`, value: 'U-1' });
    const changed = patchUser({ op: 'Replace', path: `${enterprise}:manager`, value }, entra, managed);
    expect((changed[enterprise] as ScimResource).manager).toEqual(expected);
  });

  test('a manager who is named anew does not keep the address of the one before', () => {
    const managed = patchUser({
      op: 'Add',
      path: `${enterprise}:manager`,
      value: { value: 'U-1', $ref: '../Users/U-1' },
    });
    expect((managed[enterprise] as ScimResource).manager).toEqual({ value: 'U-1', $ref: '../Users/U-1' });
    const changed = patchUser({ op: 'Replace', path: `${enterprise}:manager`, value: 'U-9' }, entra, managed);
    expect((changed[enterprise] as ScimResource).manager).toEqual({ value: 'U-9' });
  });

  test('an empty manager value takes the manager away', () => {
    const managed = patchUser({ op: 'Add', path: `${enterprise}:manager`, value: 'U-1' });
    const changed = patchUser({ op: 'Replace', path: `${enterprise}:manager.value`, value: '' }, entra, managed);
    expect(changed[enterprise]).toEqual({ department: 'Payroll' });
  });

  test('members that are removed by their values are those alone', () => {
    expect(memberIds(patchGroup({ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'u-17' }] }))).toEqual([
      'u-18',
      'u-19',
    ]);
    expect(memberIds(patchGroup({ op: 'Remove', path: 'members', value: [{ value: 'u-17' }] }, strict))).toEqual([
      'u-18',
      'u-19',
    ]);
    expect(memberIds(patchGroup({ op: 'remove', path: 'members', value: [] }))).toEqual(['u-17', 'u-18', 'u-19']);
    expect(memberIds(patchGroup({ op: 'remove', path: 'members', value: [{ value: 'u-404' }] }))).toHaveLength(3);
    expect(scimTypeOf(() => patchGroup({ op: 'Remove', path: 'members', value: null }))).toBe('invalidValue');
    expect(scimTypeOf(() => patchGroup({ op: 'Remove', path: 'members', value: [{ $ref: 'x' }] }))).toBe(
      'invalidValue',
    );
  });

  test('a member is added once, and removed by its path', () => {
    const operation = { op: 'Add', path: 'members', value: [{ $ref: null, value: 'u-17' }, { value: 'u-20' }] };
    expect(memberIds(patchGroup(operation))).toEqual(['u-17', 'u-18', 'u-19', 'u-20']);
    expect(memberIds(patchGroup({ op: 'remove', path: 'members[value eq "u-17"]' }))).toEqual(['u-18', 'u-19']);
    expect(memberIds(patchGroup({ op: 'remove', path: 'members[value eq "u-404"]' }))).toHaveLength(3);
  });

  test('the schema that Entra adds to groups is not kept', () => {
    const body = {
      schemas: [schemaUrns.group, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'Finance – All',
      meta: { resourceType: 'Group' },
    };
    expect(readBody(groupType, body, entra)).toEqual({
      schemas: [schemaUrns.group],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'Finance – All',
    });
  });
});

describe('as Okta sends it', () => {
  test('a user is created, without the password', () => {
    const made = readBody(
      userType,
      {
        schemas: [schemaUrns.user],
        userName: 'noor.haddad@example.com',
        name: { givenName: 'Noor', familyName: 'Haddad' },
        emails: [{ primary: true, value: 'noor.haddad@example.com', type: 'work' }],
        displayName: 'Noor Haddad',
        locale: 'en-US',
        externalId: '00u7c1',
        groups: [],
        password: 'invented-1',
        active: true,
      },
      entra,
    );
    expect(made).not.toHaveProperty('password');
    expect(made).not.toHaveProperty('groups');
    expect(made).toMatchObject({ externalId: '00u7c1', active: true });
    expect(JSON.stringify(patchUser({ op: 'replace', value: { password: 'invented-2' } }))).not.toContain('invented');
    expect(JSON.stringify(patchUser({ op: 'replace', path: 'password', value: 'invented-2' }))).not.toContain(
      'invented',
    );
  });

  test('a PUT that echoes id, meta and groups changes what it says', () => {
    const stored = { ...amara, id: 'U-1', meta: { resourceType: 'User', version: 'W/"1"' } };
    const { resource, changed } = replaceBody(
      userType,
      stored,
      { ...stored, id: 'other', meta: { version: 'x' }, groups: [{ value: 'G' }], title: null, active: false },
      strict,
    );
    expect(changed).toBe(true);
    expect(resource).toEqual({ ...stored, title: undefined, active: false });
    expect(replaceBody(userType, stored, stored, strict).changed).toBe(false);
  });

  test('a PUT takes away what it does not say, but neither members nor the state of a person', () => {
    const { resource } = replaceBody(
      userType,
      { ...amara, active: false },
      { userName: 'amara.lindqvist@example.com' },
      entra,
    );
    expect(resource).toEqual({ schemas: [schemaUrns.user], userName: 'amara.lindqvist@example.com', active: false });
    expect(memberIds(replaceBody(groupType, finance, { displayName: 'F' }, entra).resource)).toHaveLength(3);
    expect(memberIds(replaceBody(groupType, finance, { displayName: 'F', members: [] }, entra).resource)).toEqual([]);
    expect(
      memberIds(replaceBody(groupType, finance, { displayName: 'F', members: [{ value: 'u-9' }] }, entra).resource),
    ).toEqual(['u-9']);
  });

  test('a group is renamed without a path, with its id', () => {
    const renamed = patchGroup({ op: 'replace', value: { id: 'G-1', displayName: 'Finance' } });
    expect(renamed).toMatchObject({ displayName: 'Finance', members: finance.members });
    expect(renamed).not.toHaveProperty('id');
  });

  test('the whole list of members is replaced', () => {
    expect(
      memberIds(
        patchGroup({ op: 'replace', path: 'members', value: [{ value: 'u-18', display: 'x' }, { value: 'u-30' }] }),
      ),
    ).toEqual(['u-18', 'u-30']);
  });
});

describe('by the RFC', () => {
  test.each<[ScimType, unknown]>([
    ['noTarget', { op: 'replace', path: 'emails[type eq "home"].value', value: 'x' }],
    ['noTarget', { op: 'remove' }],
    ['invalidSyntax', { op: 'move', path: 'title', value: 'x' }],
    ['invalidSyntax', 'text'],
    ['invalidSyntax', { path: 'title', value: 'x' }],
    ['invalidValue', { op: 'replace', path: 'title' }],
    ['invalidValue', { op: 'replace', path: 'active', value: 'False' }],
    ['invalidValue', { op: 'replace', path: 'title', value: 7 }],
    ['invalidValue', { op: 'replace', path: 'name', value: 'Amara' }],
    ['invalidValue', { op: 'replace', path: `${enterprise}:manager`, value: 'U-9' }],
    ['invalidValue', { op: 'replace', value: 'text' }],
    ['invalidPath', { op: 'replace', path: 'thereIsNone', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'name.thereIsNone', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'emails[thereIsNone eq "x"]', value: {} }],
    ['invalidPath', { op: 'replace', path: 'emails[type eq', value: {} }],
    ['invalidPath', { op: 'replace', path: 'title[type eq "x"]', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 7, value: 'x' }],
    ['invalidPath', { op: 'replace', path: '__proto__.polluted', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'constructor', value: 'x' }],
    ['invalidPath', { op: 'replace', path: 'urn:example:acme:2.0:User:badge', value: 'x' }],
    ['mutability', { op: 'replace', path: 'id', value: 'x' }],
    ['mutability', { op: 'replace', path: 'groups', value: [] }],
    ['mutability', { op: 'replace', path: 'meta.created', value: 'x' }],
    ['mutability', { op: 'replace', value: { id: 'x' } }],
    ['mutability', { op: 'replace', path: `${enterprise}:manager.displayName`, value: 'x' }],
    ['mutability', { op: 'remove', path: 'userName' }],
    ['mutability', { op: 'replace', path: 'userName', value: '' }],
  ])('%s: %j', (scimType, operation) => {
    expect(scimTypeOf(() => patchUser(operation, strict))).toBe(scimType);
  });

  test.each([null, 'text', [], {}, { Operations: [] }, { schemas: [], Operations: [{ op: 'remove', path: 'title' }] }])(
    'the message %j is refused',
    (body) => {
      expect(scimTypeOf(() => applyPatch(userType, amara, body, strict))).toBe('invalidSyntax');
    },
  );

  test('more than a thousand operations are too many', () => {
    const operation = { op: 'remove', path: 'title' };
    expect(scimTypeOf(() => applyPatch(userType, amara, message(...Array(1_001).fill(operation)), strict))).toBe(
      'tooMany',
    );
  });

  test('when the second operation is broken nothing is applied', () => {
    const before = JSON.stringify(finance);
    const broken = message({ op: 'remove', path: 'members' }, { op: 'replace', path: 'thereIsNone', value: 1 });
    expect(scimTypeOf(() => applyPatch(groupType, finance, broken, strict))).toBe('invalidPath');
    expect(JSON.stringify(finance)).toBe(before);
  });

  test('names of a path may be in any letter case', () => {
    expect(patchUser({ op: 'add', path: 'NAME.FAMILYNAME', value: 'R' }, strict).name).toMatchObject({
      familyName: 'R',
    });
    expect(
      patchUser({ op: 'add', path: `${enterprise.toUpperCase()}:Department`, value: 'R' }, strict)[enterprise],
    ).toEqual({ department: 'R' });
  });

  test('a new primary takes the place of the old', () => {
    const value = [{ type: 'home', value: 'amara@example.net', primary: true }];
    expect(patchUser({ op: 'add', path: 'emails', value }, strict).emails).toEqual([
      { primary: false, type: 'work', value: 'amara.lindqvist@example.com' },
      { type: 'home', value: 'amara@example.net', primary: true },
    ]);
    const two = patchUser({ op: 'add', path: 'emails', value: { type: 'home', value: 'h' } }, strict);
    const changed = patchUser({ op: 'add', path: 'emails[type eq "home"].primary', value: true }, strict, two);
    expect((changed.emails as ScimResource[]).map(({ primary }) => primary)).toEqual([false, true]);
  });

  test('null removes, and so does the last value that is removed', () => {
    expect(patchUser({ op: 'replace', path: 'title', value: null }, strict)).not.toHaveProperty('title');
    expect(patchUser({ op: 'replace', value: { name: { formatted: null } } }, strict).name).toEqual({
      givenName: 'Amara',
      familyName: 'Lindqvist',
    });
    expect(patchUser({ op: 'remove', path: 'emails[type eq "work"]' }, strict)).not.toHaveProperty('emails');
    const bare = patchUser({ op: 'remove', path: `${enterprise}:department` }, strict);
    expect(bare).not.toHaveProperty(enterprise);
    expect(bare.schemas).toEqual([schemaUrns.user]);
  });

  test('what is the same changes nothing', () => {
    const again = message(
      { op: 'add', path: 'emails', value: [{ type: 'work', value: 'amara.lindqvist@example.com' }] },
      { op: 'replace', path: 'title', value: 'Accountant' },
    );
    expect(applyPatch(userType, amara, again, strict)).toEqual({ resource: amara, changed: false });
  });

  test('a removal of all members without a value empties the group, and so does null in their place', () => {
    expect(memberIds(patchGroup({ op: 'replace', path: 'members', value: null }, strict))).toEqual([]);
    expect(memberIds(patchGroup({ op: 'remove', path: 'members' }, strict))).toEqual([]);
  });

  test('who a member is cannot be changed', () => {
    expect(scimTypeOf(() => patchGroup({ op: 'replace', path: 'members[value eq "u-17"].value', value: 'u-99' }))).toBe(
      'mutability',
    );
  });
});

test('a schema of the client is kept by a lenient profile, with simple values', () => {
  const urn = 'urn:example:acme:2.0:User';
  const made = readBody(userType, { userName: 'a', [urn]: { badge: 'B-7', floors: [1, 2], none: null } }, entra);
  expect(made[urn]).toEqual({ badge: 'B-7', floors: [1, 2] });
  const changed = patchUser({ op: 'replace', path: `${urn}:badge`, value: 'B-8' }, entra, made);
  expect(changed[urn]).toEqual({ badge: 'B-8', floors: [1, 2] });
  expect(scimTypeOf(() => readBody(userType, { userName: 'a', [urn]: { deep: { er: 1 } } }, entra))).toBe(
    'invalidValue',
  );
  expect(
    readBody(userType, { schemas: [schemaUrns.user], userName: 'a', [urn]: { badge: 1 } }, strict),
  ).not.toHaveProperty(urn);
});

test.each([
  [userType, {}],
  [userType, { userName: ' ' }],
  [groupType, { members: [] }],
  [groupType, { displayName: 'G', members: [{ display: 'no value' }] }],
  [userType, { userName: {} }],
  [userType, { userName: 'a', [schemaUrns.knowbe4]: { customDate1: 'soon' } }],
])('%o: the body %j is refused', (type, body) => {
  expect(scimTypeOf(() => readBody(type, body, entra))).toBe('invalidValue');
});

test.each([
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"name":{"__proto__":{"polluted":1}}}',
  '{"urn:example:acme:2.0:User":{"__proto__":{"polluted":1}}}',
])('the name of a prototype is refused: %s', (text) => {
  expect(scimTypeOf(() => patchUser({ op: 'add', value: JSON.parse(text) }))).toMatch(/^invalid/);
  expect(scimTypeOf(() => readBody(userType, JSON.parse(text), entra))).toMatch(/^invalid(Path|Value)/);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('a thousand members are added to twenty thousand, and removed one by one, in milliseconds', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => ({ value: `u-${index}` }));
  const group: ScimResource = { schemas: [schemaUrns.group], displayName: 'All', members: many };
  const some = many.slice(5_000, 6_000);
  const began = performance.now();
  const removed = applyPatch(
    groupType,
    group,
    message(...some.map(({ value }) => ({ op: 'remove', path: `members[value eq "${value}"]` }))),
    entra,
  );
  const added = applyPatch(groupType, removed.resource, message({ op: 'add', path: 'members', value: some }), entra);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(memberIds(removed.resource)).toHaveLength(19_000);
  expect(memberIds(added.resource)).toHaveLength(20_000);
});

const ids = fc.uniqueArray(fc.integer({ min: 0, max: 50 }).map((number) => `u-${number}`));

test('what is added and then removed leaves a group as it was', () => {
  fc.assert(
    fc.property(ids, ids, fc.boolean(), (there, extra, legacy) => {
      const added = extra.filter((id) => !there.includes(id));
      const group: ScimResource = {
        schemas: [schemaUrns.group],
        displayName: 'G',
        ...(there.length > 0 && { members: there.map((value) => ({ value })) }),
      };
      const value = added.map((id) => ({ value: id }));
      const removals = legacy
        ? [{ op: 'Remove', path: 'members', value }]
        : [
            { op: 'remove', path: 'title' },
            ...added.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
          ].slice(1);
      fc.pre(removals.length > 0);
      const larger = applyPatch(groupType, group, message({ op: 'add', path: 'members', value }), entra).resource;
      expect(memberIds(larger)).toEqual([...there, ...added]);
      expect(applyPatch(groupType, larger, message(...removals), entra).resource).toEqual(group);
    }),
  );
});

test('an attribute that is added and then removed leaves a person as they were', () => {
  const places = fc.constantFrom(
    'nickName',
    'name.middleName',
    'phoneNumbers[type eq "work"].value',
    'addresses[type eq "work"].formatted',
    `${schemaUrns.knowbe4}:customField1`,
    `${enterprise}:manager`,
  );
  fc.assert(
    fc.property(places, fc.string({ minLength: 1 }), (path, value) => {
      const added = patchUser({ op: 'add', path, value });
      expect(added).not.toEqual(amara);
      expect(patchUser({ op: 'remove', path }, entra, added)).toEqual(amara);
    }),
  );
});

test('whatever message comes, nothing but a ScimError is thrown, what was given stays, and no prototype is touched', () => {
  const names = fc.constantFrom(
    'active',
    'emails',
    'emails[type eq "work"]',
    'emails[type eq "work"].value',
    'name.givenName',
    'members',
    'members[value eq "u-17"]',
    'manager',
    enterprise,
    `${enterprise}:manager`,
    '__proto__',
    'constructor.prototype',
    'urn:example:acme:2.0:User:badge',
    'id',
    'schemas',
    'password',
  );
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.dictionary(names, fc.jsonValue({ maxDepth: 2 })),
    fc.constant(JSON.parse('{"__proto__":{"polluted":true}}')),
    fc.array(
      fc.record({
        value: fc.oneof(fc.string(), fc.constant('u-17')),
        type: fc.constantFrom('work', 'home'),
        primary: fc.boolean(),
      }),
    ),
  );
  const operation = fc.record(
    { op: fc.constantFrom('add', 'Replace', 'REMOVE', 'other'), path: fc.oneof(names, fc.string()), value },
    { requiredKeys: ['op'] },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(userType, groupType),
      fc.constantFrom(...Object.values(profiles)),
      fc.oneof(
        fc.array(operation, { maxLength: 4 }).map((all) => message(...all)),
        fc.jsonValue(),
      ),
      (type, profile, body) => {
        const before = type === userType ? amara : finance;
        const text = JSON.stringify(before);
        for (const action of [
          () => applyPatch(type, before, body, profile).resource,
          () => readBody(type, body, profile),
          () => replaceBody(type, before, body, profile).resource,
        ]) {
          try {
            expect(action()).not.toHaveProperty('password');
          } catch (error) {
            if (!(error instanceof ScimError)) throw error;
          }
        }
        expect(JSON.stringify(before)).toBe(text);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      },
    ),
    { numRuns: 2_000 },
  );
});
