import type { ConnectionView } from '../../../gateway/types.ts';

type Property = { readonly type: string; readonly description: string; readonly enum?: readonly string[] };
type JsonSchema = {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
};

/** A list of KnowBe4's that the proxy reads. */
type Resource = {
  /** Its path below `/proxy`. */
  readonly resource: string;
  /** The key of the connection that opens it. */
  readonly key: 'reporting' | 'events';
  /** What it is called within the name of a tool. */
  readonly plural: string;
  readonly singular: string;
  /** Finishes "List …" and "Get one …". */
  readonly what: string;
  readonly one: string;
  readonly tags: readonly string[];
  readonly filters?: Readonly<Record<string, Property>>;
  readonly documentation: string;
};

/** The guides that KnowBe4 publishes. */
const reporting = 'https://developer.knowbe4.com/rest/reporting';
const userEvents = 'https://developer.knowbe4.com/rest/userEvents';

const text = (description: string, ...words: string[]): Property => ({
  ...{ type: 'string', description },
  ...(words.length > 0 && { enum: words }),
});
const status = text('Without it active and archived ones', 'active', 'archived');
const callback = text('callback: phone tests instead of those by mail', 'callback');
const isTrue = (description: string) => text(description, 'true');

/** Read on 25 September 2025 in KnowBe4's guides. Lists within another record (members, recipients) have no place in Truto's form. */
const resources: readonly Resource[] = [
  {
    ...{ resource: 'users', key: 'reporting', plural: 'users', singular: 'user', documentation: reporting },
    ...{
      what: 'people with their groups, risk score and phish-prone percentage',
      one: 'person',
      tags: ['directory', 'risk'],
    },
    filters: {
      status,
      group_id: text('Members of this group'),
      expand: text('Whole groups instead of their ids', 'group'),
    },
  },
  {
    ...{ resource: 'groups', key: 'reporting', plural: 'groups', singular: 'group', documentation: reporting },
    ...{
      what: 'groups with their size and risk score',
      one: 'group',
      tags: ['directory', 'risk'],
      filters: { status },
    },
  },
  {
    ...{
      resource: 'phishing/campaigns',
      key: 'reporting',
      plural: 'phishing_campaigns',
      singular: 'phishing_campaign',
    },
    ...{ what: 'phishing campaigns', one: 'phishing campaign', tags: ['phishing'], documentation: reporting },
    filters: { campaign_type: callback },
  },
  {
    ...{ resource: 'phishing/security_tests', key: 'reporting', plural: 'phishing_security_tests' },
    ...{
      singular: 'phishing_security_test',
      what: 'phishing tests with the counts of who clicked, replied and reported',
    },
    ...{ one: 'phishing test', tags: ['phishing'], documentation: reporting, filters: { campaign_type: callback } },
  },
  {
    ...{
      resource: 'training/store_purchases',
      key: 'reporting',
      plural: 'store_purchases',
      singular: 'store_purchase',
    },
    ...{ what: 'training content that the account owns', one: 'piece of training content', tags: ['training'] },
    documentation: reporting,
  },
  {
    ...{
      resource: 'training/policies',
      key: 'reporting',
      plural: 'policies',
      singular: 'policy',
      documentation: reporting,
    },
    ...{ what: 'policies that people are asked to accept', one: 'policy', tags: ['training'] },
  },
  {
    ...{
      resource: 'training/campaigns',
      key: 'reporting',
      plural: 'training_campaigns',
      singular: 'training_campaign',
    },
    ...{ what: 'training campaigns', one: 'training campaign', tags: ['training'], documentation: reporting },
    filters: { exclude_percentages: isTrue('Leaves the completion out; without it KnowBe4 sends ten a page') },
  },
  {
    ...{ resource: 'training/enrollments', key: 'reporting', plural: 'training_enrollments' },
    ...{ singular: 'training_enrollment', what: 'enrollments: who has to do which training, and how far they are' },
    ...{ one: 'enrollment', tags: ['training'], documentation: reporting },
    filters: {
      user_id: text('Of this person'),
      campaign_id: text('Of this training campaign'),
      store_purchase_id: text('Of this content'),
      exclude_archived_users: isTrue('Without people who are archived'),
      include_campaign_id: isTrue('With the id of the campaign'),
      include_store_purchase_id: isTrue('With the id of the content'),
      include_employee_number: isTrue('With the employee number'),
    },
  },
  {
    ...{ resource: 'events', key: 'events', plural: 'user_events', singular: 'user_event', documentation: userEvents },
    ...{ what: 'user events that other systems have told KnowBe4', one: 'user event', tags: ['events', 'risk'] },
    filters: {
      event_type: text('Of this type'),
      target_user: text('About this person'),
      source: text('From this source'),
      external_id: text('With this id of the source'),
    },
  },
  {
    ...{ resource: 'event_types', key: 'events', plural: 'event_types', singular: 'event_type' },
    ...{ what: 'types of user events', one: 'type of user events', tags: ['events'], documentation: userEvents },
    filters: { name: text('With this name') },
  },
];

export type Method = {
  readonly resource: string;
  readonly method: 'list' | 'get';
  readonly tool: string;
  readonly description: string;
  readonly query: JsonSchema;
  readonly tags: readonly string[];
  readonly documentation: string;
  readonly key: Resource['key'];
};

const paging = {
  limit: { type: 'integer', description: 'Rows a page, 1 to 500 (user events to 100); default 100' },
  next_cursor: { type: 'string', description: 'From the answer before; empty begins' },
};

const methods: readonly Method[] = resources.flatMap(
  ({ plural, singular, what, one, filters, ...rest }): readonly Method[] => [
    {
      ...{ ...rest, method: 'list', tool: `list_all_knowbe4_${plural}`, description: `List ${what}.` },
      query: { type: 'object', properties: { ...paging, ...filters }, required: [] },
    },
    {
      ...{
        ...rest,
        method: 'get',
        tool: `get_single_knowbe4_${singular}_by_id`,
        description: `Get one ${one} by its id.`,
      },
      query: { type: 'object', properties: { id: text(`Id of the ${one}`) }, required: ['id'] },
    },
  ],
);

/** What can be read through the proxy; of one account: with the keys that it has. */
export function proxyMethods(connection?: Pick<ConnectionView, 'tokens'>): readonly Method[] {
  const held = new Set<string>(connection?.tokens.map(({ kind }) => kind));
  return connection === undefined ? methods : methods.filter(({ key }) => held.has(key));
}

/** Whether one of Truto's words for methods names this one: `read`, `write`, `custom` or its own. */
export const isMethod = (method: Method['method'], words: readonly string[]): boolean =>
  words.includes(method) || words.includes('read');
