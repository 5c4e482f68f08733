import { type Attribute, binary, complex, flag, instant, list, reference, text } from './attributes.ts';
import { schemaUrns } from './urns.ts';

/** The schemas of RFC 7643 and KnowBe4's extension as one table: reading, filters, PATCH, projection and discovery go by it. */
export type Schema = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
};

export type ResourceName = 'User' | 'Group';

export type ResourceType = {
  readonly name: ResourceName;
  readonly endpoint: '/Users' | '/Groups';
  readonly description: string;
  readonly schema: Schema;
  readonly extensions: readonly Schema[];
};

const userSchema: Schema = {
  id: schemaUrns.user,
  name: 'User',
  description: 'A person',
  attributes: [
    text('userName', 'The name that identifies the person at the service.', { required: true, uniqueness: 'server' }),
    complex('name', 'The parts of the name.', [
      text('formatted', 'The whole name.'),
      text('familyName', 'The family name.'),
      text('givenName', 'The given name.'),
      text('middleName', 'The middle name.'),
      text('honorificPrefix', 'What stands before the name.'),
      text('honorificSuffix', 'What stands behind the name.'),
    ]),
    text('displayName', 'The name as it is shown.'),
    text('nickName', 'How the person is called.'),
    reference('profileUrl', 'A page about the person.', ['external']),
    text('title', 'The title, as "Vice President".'),
    text('userType', 'How the person belongs to the organization, as "Contractor".'),
    text('preferredLanguage', 'The preferred language, as in Accept-Language.'),
    text('locale', 'The locale, as "en-US".'),
    text('timezone', 'The time zone, as "Europe/Vienna".'),
    flag('active', 'Is the person active?'),
    text('password', 'Never kept and never answered.', { mutability: 'writeOnly', returned: 'never', caseExact: true }),
    list('emails', 'Addresses for mail.', ['work', 'home', 'other'], text('value', 'The address.')),
    list(
      'phoneNumbers',
      'Telephone numbers.',
      ['work', 'home', 'mobile', 'fax', 'pager', 'other'],
      text('value', 'The number.'),
    ),
    list('ims', 'Names for instant messages.', [], text('value', 'The name.')),
    list('photos', 'Pictures.', ['photo', 'thumbnail'], reference('value', 'Where the picture is.', ['external'])),
    complex(
      'addresses',
      'Where the person is found.',
      [
        text('formatted', 'The whole address.'),
        text('streetAddress', 'Street and number.'),
        text('locality', 'The city.'),
        text('region', 'The region.'),
        text('postalCode', 'The postal code.'),
        text('country', 'The country.'),
        text('type', 'What kind of address it is.', { canonicalValues: ['work', 'home', 'other'] }),
        flag('primary', 'The preferred one; at most one is.'),
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'The groups that the person is in. Changed at the groups.',
      [
        text('value', 'The id of the group.', { mutability: 'readOnly', caseExact: true }),
        reference('$ref', 'Where the group is.', ['Group'], { mutability: 'readOnly' }),
        text('display', 'The name of the group.', { mutability: 'readOnly' }),
        text('type', 'Direct or through another group.', {
          mutability: 'readOnly',
          canonicalValues: ['direct', 'indirect'],
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    list('entitlements', 'What the person is entitled to.', [], text('value', 'The entitlement.')),
    list('roles', 'Roles of the person.', [], text('value', 'The role.')),
    list('x509Certificates', 'Certificates.', [], binary('value', 'The certificate, in base64.')),
  ],
};

const enterpriseSchema: Schema = {
  id: schemaUrns.enterprise,
  name: 'EnterpriseUser',
  description: 'A person of an organization',
  attributes: [
    text('employeeNumber', 'The number of the person in the organization.'),
    text('costCenter', 'The cost center.'),
    text('organization', 'The organization.'),
    text('division', 'The division.'),
    text('department', 'The department.'),
    complex('manager', 'The manager.', [
      text('value', 'The id of the manager.', { caseExact: true }),
      reference('$ref', 'Where the manager is.', ['User']),
      text('displayName', 'The name of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
};

/** As Microsoft's tutorial for KnowBe4 and KnowBe4's own guide for Entra name the attributes. */
const knowbe4Schema: Schema = {
  id: schemaUrns.knowbe4,
  name: 'KnowBe4User',
  description: 'What KnowBe4 keeps of a person beside the core and the enterprise schema',
  attributes: [
    text('customField1', 'Custom field 1.'),
    text('customField2', 'Custom field 2.'),
    text('customField3', 'Custom field 3.'),
    text('customField4', 'Custom field 4.'),
    instant('customDate1', 'Custom date 1.'),
    instant('customDate2', 'Custom date 2.'),
    instant('outOfOfficeEnd', 'When the person is back.'),
    text('phishingLanguage', 'The language of phishing tests.'),
    text('trainingLanguage', 'The language of training.'),
    text('userRole', 'The role.'),
    text('hostname', 'The host.'),
    instant('lastPasswordChangeDateTime', 'When the password was changed.'),
    text('companyName', 'The company.'),
    text('country', 'The country.'),
    text('mailNickName', 'The nickname of the mailbox.'),
    text('onPremisesSamAccountName', 'The name in the local directory.'),
    text('onPremisesSecurityIdentifier', 'The SID in the local directory.'),
    text('userPrincipalName', 'The user principal name.'),
  ],
};

const groupSchema: Schema = {
  id: schemaUrns.group,
  name: 'Group',
  description: 'A group of people',
  attributes: [
    text('displayName', 'The name of the group.', { required: true }),
    complex(
      'members',
      'Who is in the group.',
      [
        text('value', 'The id of the member.', { mutability: 'immutable', caseExact: true }),
        reference('$ref', 'Where the member is.', ['User', 'Group'], { mutability: 'immutable' }),
        text('type', 'A person or a group.', { mutability: 'immutable', canonicalValues: ['User', 'Group'] }),
        text('display', 'The name of the member.', { mutability: 'readOnly' }),
      ],
      { multiValued: true },
    ),
  ],
};

/** What every resource has beside its schemas (RFC 7643 section 3.1). Discovery does not list them. */
const common: readonly Attribute[] = [
  text('id', 'The id that the service gave.', {
    mutability: 'readOnly',
    returned: 'always',
    caseExact: true,
    uniqueness: 'server',
  }),
  text('externalId', 'The id that the client gave.', { caseExact: true }),
  reference('schemas', 'The schemas that are used.', ['uri'], {
    mutability: 'readOnly',
    returned: 'always',
    multiValued: true,
  }),
  complex(
    'meta',
    'About the resource.',
    [
      text('resourceType', 'User or Group.', { mutability: 'readOnly', caseExact: true }),
      instant('created', 'When it was made.', { mutability: 'readOnly' }),
      instant('lastModified', 'When it was changed last.', { mutability: 'readOnly' }),
      reference('location', 'Where it is.', ['uri'], { mutability: 'readOnly' }),
      text('version', 'The ETag.', { mutability: 'readOnly', caseExact: true }),
    ],
    { mutability: 'readOnly' },
  ),
];

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: 'People',
  schema: userSchema,
  extensions: [enterpriseSchema, knowbe4Schema],
};

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Groups',
  schema: groupSchema,
  extensions: [],
};

type ByName = ReadonlyMap<string, Attribute>;
const byName = (attributes: readonly Attribute[]): ByName =>
  new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]));

const core: Readonly<Record<ResourceName, ByName>> = {
  User: byName([...common, ...userSchema.attributes]),
  Group: byName([...common, ...groupSchema.attributes]),
};
const extensionsOf: Readonly<Record<ResourceName, ReadonlyMap<string, ByName>>> = {
  User: new Map(userType.extensions.map(({ id, attributes }) => [id, byName(attributes)])),
  Group: new Map(),
};
const parts = new WeakMap<Attribute, ByName>();

/** An attribute by its name in any letter case. @param schema the core schema when absent */
export function attributeOf(type: ResourceType, name: string, schema?: string): Attribute | undefined {
  const attributes =
    schema === undefined || schema === type.schema.id ? core[type.name] : extensionsOf[type.name].get(schema);
  return attributes?.get(name.toLowerCase());
}

/** A part of a complex attribute by its name in any letter case. */
export function partOf(attribute: Attribute, name: string): Attribute | undefined {
  if (!attribute.subAttributes) return undefined;
  let found = parts.get(attribute);
  if (!found) {
    found = byName(attribute.subAttributes);
    parts.set(attribute, found);
  }
  return found.get(name.toLowerCase());
}

export const isExtension = (type: ResourceType, schema: string): boolean => extensionsOf[type.name].has(schema);

/** Values that are compared, and told apart, by their `value` alone: a set of references. */
export const isKeyed = (attribute: Attribute): boolean =>
  attribute.multiValued && attribute.type === 'complex' && partOf(attribute, 'value')?.mutability === 'immutable';
