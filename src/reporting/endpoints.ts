import type { RecordStream } from '../wire/records.ts';
import type { RowsWanted } from './ports.ts';

/**
 * All paths of the Reporting API below `/v1`; a part with a colon is an id. Source: developer.knowbe4.com/rest/reporting (25 Sep 2025),
 * and recorded calls of clients for the phishing campaigns.
 */
export const endpoints = [
  '/account',
  '/account/risk_score_history',
  '/users',
  '/users/:id',
  '/users/:id/risk_score_history',
  '/groups',
  '/groups/:id',
  '/groups/:id/members',
  '/groups/:id/risk_score_history',
  '/phishing/campaigns',
  '/phishing/campaigns/:id',
  '/phishing/campaigns/:id/security_tests',
  '/phishing/security_tests',
  '/phishing/security_tests/:id',
  '/phishing/security_tests/:id/recipients',
  '/phishing/security_tests/:id/recipients/:recipient_id',
  '/training/store_purchases',
  '/training/store_purchases/:id',
  '/training/policies',
  '/training/policies/:id',
  '/training/campaigns',
  '/training/campaigns/:id',
  '/training/enrollments',
  '/training/enrollments/:id',
] as const;
export type Endpoint = (typeof endpoints)[number];

/** A call as far as the mirror looks at it. */
export type Asked = {
  /** The id in the path; empty where there is none. */
  readonly id: string;
  readonly query: URLSearchParams;
};

/** A row that has to be live for an answer to make sense: what a list is below of, or filtered by. */
type Needed = { readonly stream: RecordStream; readonly key: string };

/** What the mirror can say of an endpoint. */
export type Mirrored = {
  readonly stream: RecordStream;
  /** Parameters that it understands, and their values; everything else is KnowBe4's to answer. */
  readonly takes: Readonly<Record<string, RegExp>>;
  /** Without this one it is KnowBe4's to answer as well. */
  readonly has?: string;
  /** What must have been read to its end. */
  readonly scope: (asked: Asked) => string;
  readonly needs?: (asked: Asked) => Needed | null;
} & (
  | { readonly key: (asked: Asked) => string }
  | { readonly rows: (asked: Asked) => Partial<Pick<RowsWanted, 'keys' | Filter>> }
);
type Filter = 'status' | 'groupId' | 'campaignKey' | 'userId';

const status = /^(active|archived)$/;
const id = /^\d{1,15}$/;
const yes = /^true$/;
const ofCampaigns = { campaign_type: /^callback$/ };
const ofEnrollments = { include_campaign_id: yes, include_store_purchase_id: yes, include_employee_number: yes };
const whole = { scope: () => 'all' };

const typeOf = ({ query }: Asked): 'callback' | 'email' => (query.has('campaign_type') ? 'callback' : 'email');
/** Phone campaigns and tests have ids of their own. */
const keyOf = (asked: Asked): string => (typeOf(asked) === 'callback' ? `callback:${asked.id}` : asked.id);
/** Ids are digits, which stand before letters. `;` follows the colon. */
const keysOf = (asked: Asked) =>
  typeOf(asked) === 'callback' ? { from: 'callback:', to: 'callback;' } : { from: '', to: 'callback:' };
const ofType = { takes: ofCampaigns, scope: (asked: Asked) => `type:${typeOf(asked)}` };

const value = (query: URLSearchParams, name: string, as: Filter) => {
  const text = query.get(name);
  return text === null ? {} : { [as]: text };
};
const one = (stream: RecordStream, takes: Mirrored['takes'] = {}): Mirrored => ({
  ...{ stream, takes, ...whole },
  key: (asked) => asked.id,
});
const all = (stream: RecordStream): Mirrored => ({ ...{ stream, takes: {}, ...whole }, rows: () => ({}) });

/**
 * What is not here is not kept as KnowBe4 would answer it: risk histories, completion in percent, and single phishing records, which some
 * accounts send in a list and some do not. The same goes for groups that are expanded, and for enrollments by campaign (their score comes
 * with that filter alone), by store purchase, or without archived people.
 */
export const mirrored: { readonly [Path in Endpoint]?: Mirrored } = {
  '/account': { ...one('account'), key: () => 'account' },
  '/users': {
    ...{ stream: 'users', takes: { status, group_id: id }, ...whole },
    needs: ({ query }) => (query.has('group_id') ? { stream: 'groups', key: query.get('group_id')! } : null),
    rows: ({ query }) => ({ ...value(query, 'status', 'status'), ...value(query, 'group_id', 'groupId') }),
  },
  '/users/:id': one('users'),
  '/groups': {
    ...{ stream: 'groups', takes: { status }, ...whole },
    rows: ({ query }) => value(query, 'status', 'status'),
  },
  '/groups/:id': one('groups'),
  '/groups/:id/members': {
    ...{ stream: 'users', takes: {}, ...whole },
    needs: (asked) => ({ stream: 'groups', key: asked.id }),
    rows: (asked) => ({ groupId: asked.id }),
  },
  '/phishing/campaigns': { ...{ stream: 'phishing_campaigns', ...ofType }, rows: (asked) => ({ keys: keysOf(asked) }) },
  '/phishing/campaigns/:id/security_tests': {
    ...{ stream: 'security_tests', ...ofType },
    needs: (asked) => ({ stream: 'phishing_campaigns', key: keyOf(asked) }),
    rows: (asked) => ({ campaignKey: keyOf(asked) }),
  },
  '/phishing/security_tests': {
    ...{ stream: 'security_tests', ...ofType },
    rows: (asked) => ({ keys: keysOf(asked) }),
  },
  '/phishing/security_tests/:id/recipients': {
    ...{ stream: 'recipients', takes: ofCampaigns },
    scope: (asked) => `test:${keyOf(asked)}`,
    needs: (asked) => ({ stream: 'security_tests', key: keyOf(asked) }),
    // A recipient's key is its test's, a slash, and its own; `0` follows the slash.
    rows: (asked) => ({ keys: { from: `${keyOf(asked)}/`, to: `${keyOf(asked)}0` } }),
  },
  '/training/store_purchases': all('store_purchases'),
  '/training/store_purchases/:id': one('store_purchases'),
  '/training/policies': all('policies'),
  '/training/policies/:id': one('policies'),
  '/training/campaigns': {
    ...all('training_campaigns'),
    ...{ takes: { exclude_percentages: yes }, has: 'exclude_percentages' },
  },
  '/training/enrollments': {
    ...{ stream: 'enrollments', takes: { ...ofEnrollments, user_id: id }, ...whole },
    needs: ({ query }) => (query.has('user_id') ? { stream: 'users', key: query.get('user_id')! } : null),
    rows: ({ query }) => value(query, 'user_id', 'userId'),
  },
  '/training/enrollments/:id': one('enrollments', { include_campaign_id: yes }),
};
