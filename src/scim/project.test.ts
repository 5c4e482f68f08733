import { expect, test } from 'vitest';
import { resourceTypeList, schemaList, schemaNamed, serviceProviderConfig } from './discovery.ts';
import { readScimErrorBody, ScimError, scimErrorBody } from './errors.ts';
import { projection } from './project.ts';
import { userType } from './schema.ts';
import { schemaUrns } from './urns.ts';

const enterprise = schemaUrns.enterprise;
const user = {
  schemas: [schemaUrns.user, enterprise],
  id: 'U-1',
  userName: 'amara@example.com',
  name: { givenName: 'Amara', familyName: 'Lindqvist' },
  emails: [
    { type: 'work', value: 'amara@example.com' },
    { type: 'home', value: 'amara@example.net' },
  ],
  [enterprise]: { department: 'Payroll', manager: { value: 'U-2' } },
};
const head = { schemas: user.schemas, id: 'U-1' };

test.each([
  [['userName'], { ...head, userName: 'amara@example.com' }],
  [['USERNAME', 'name.givenname'], { ...head, userName: 'amara@example.com', name: { givenName: 'Amara' } }],
  [['name.givenName', 'name.familyName'], { ...head, name: user.name }],
  [['emails.type'], { ...head, emails: [{ type: 'work' }, { type: 'home' }] }],
  [['emails.type', 'emails.value'], { ...head, emails: user.emails }],
  [[enterprise], { ...head, [enterprise]: user[enterprise] }],
  [[`${enterprise}:department`], { ...head, [enterprise]: { department: 'Payroll' } }],
  [['thereIsNone'], head],
])('attributes %j', (attributes, expected) => {
  expect(projection(userType, { attributes })(user)).toEqual(expected);
});

test('what is excluded is left out, but never the id', () => {
  const excludedAttributes = ['id', 'schemas', 'emails.value', 'name', `${enterprise}:manager.value`];
  expect(projection(userType, { excludedAttributes })(user)).toEqual({
    ...head,
    userName: 'amara@example.com',
    emails: [{ type: 'work' }, { type: 'home' }],
    [enterprise]: { department: 'Payroll', manager: {} },
  });
  expect(projection(userType, {})(user)).toBe(user);
});

test('a name that cannot be one is refused', () => {
  expect(() => projection(userType, { attributes: ['a b'] })).toThrow(ScimError);
});

test('discovery is made of the table that everything goes by', () => {
  const base = 'https://gateway.example.com/scim/v2/okta';
  expect(resourceTypeList(base).Resources.map(({ id }) => id)).toEqual(['User', 'Group']);
  expect(schemaList(base).Resources.map(({ id }) => id)).toEqual([
    schemaUrns.user,
    schemaUrns.enterprise,
    schemaUrns.knowbe4,
    schemaUrns.group,
  ]);
  const attributes = schemaNamed(schemaUrns.user.toUpperCase(), base)?.attributes as Record<string, unknown>[];
  expect(attributes.find(({ name }) => name === 'userName')).toEqual({
    name: 'userName',
    type: 'string',
    multiValued: false,
    description: expect.any(String),
    required: true,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'server',
  });
  expect(attributes.find(({ name }) => name === 'password')).toMatchObject({
    mutability: 'writeOnly',
    returned: 'never',
  });
  expect(schemaNamed('urn:none', base)).toBeUndefined();
  expect(serviceProviderConfig({ base, etag: true, maxResults: 50 })).toMatchObject({
    filter: { supported: true, maxResults: 50 },
    etag: { supported: true },
    bulk: { supported: false },
  });
});

test('an error has its status as a text, and others are read as they come', () => {
  expect(scimErrorBody(409, 'It is there already', 'uniqueness')).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '409',
    scimType: 'uniqueness',
    detail: 'It is there already',
  });
  expect(readScimErrorBody({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: 409 })).toEqual({});
  expect(readScimErrorBody({ scimType: 'Uniqueness', detail: 'x', status: '409' })).toEqual({
    scimType: 'uniqueness',
    detail: 'x',
  });
  expect(readScimErrorBody('<html>')).toBeUndefined();
  expect(readScimErrorBody({ message: 'x' })).toBeUndefined();
});
