import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { ReportingAnswer } from '../../gateway/reporting.ts';
import type { ConnectionView } from '../../gateway/types.ts';
import type { Endpoint } from '../../reporting/endpoints.ts';
import type { Scope } from '../../tokens/token.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { ERROR_HEADER } from '../knowbe4-error.ts';
import { abandoned, tellWindow } from '../live-answer.ts';
import { described } from '../validate.ts';

type Entry = {
  readonly id: string;
  readonly scope: Scope;
  readonly summary: string;
  /** Its own parameters, beside those of pages. */
  readonly query?: Readonly<Record<string, string>>;
  readonly isList?: true;
};

const full = { full: '`true`: everything there is; else the last six months' };
const type = { campaign_type: '`callback`: the phone ones' };
const status = { status: '`active` or `archived`; both without it' };

/** What each path of the Reporting API is called here, and the scope that it needs. */
const entries: { readonly [Path in Endpoint]: Entry } = {
  '/account': { id: 'reportingAccount', scope: 'directory', summary: 'The account itself' },
  '/account/risk_score_history': {
    ...{ id: 'reportingAccountRisk', scope: 'risk', summary: 'Risk scores of the account', query: full },
  },
  '/users': {
    ...{ id: 'reportingUsers', scope: 'directory', summary: 'People of the account', isList: true },
    query: { ...status, group_id: 'Those in this group', expand: '`group`: groups as objects' },
  },
  '/users/:id': { id: 'reportingUser', scope: 'directory', summary: 'One person by their id' },
  '/users/:id/risk_score_history': {
    ...{ id: 'reportingUserRisk', scope: 'risk', summary: 'Risk scores of a person', query: full },
  },
  '/groups': {
    id: 'reportingGroups',
    scope: 'directory',
    summary: 'Groups of the account',
    query: status,
    isList: true,
  },
  '/groups/:id': { id: 'reportingGroup', scope: 'directory', summary: 'One group by its id' },
  '/groups/:id/members': {
    ...{ id: 'reportingGroupMembers', scope: 'directory', summary: 'People in a group', isList: true },
  },
  '/groups/:id/risk_score_history': {
    ...{ id: 'reportingGroupRisk', scope: 'risk', summary: 'Risk scores of a group', query: full },
  },
  '/phishing/campaigns': {
    ...{ id: 'reportingPhishingCampaigns', scope: 'phishing.aggregate', summary: 'Phishing campaigns' },
    ...{ query: type, isList: true },
  },
  '/phishing/campaigns/:id': {
    ...{ id: 'reportingPhishingCampaign', scope: 'phishing.aggregate', summary: 'One phishing campaign', query: type },
  },
  '/phishing/campaigns/:id/security_tests': {
    ...{ id: 'reportingCampaignTests', scope: 'phishing.aggregate', summary: 'Tests of a phishing campaign' },
    ...{ query: type, isList: true },
  },
  '/phishing/security_tests': {
    ...{ id: 'reportingSecurityTests', scope: 'phishing.aggregate', summary: 'Phishing tests' },
    ...{ query: type, isList: true },
  },
  '/phishing/security_tests/:id': {
    ...{ id: 'reportingSecurityTest', scope: 'phishing.aggregate', summary: 'One phishing test', query: type },
  },
  '/phishing/security_tests/:id/recipients': {
    ...{ id: 'reportingRecipients', scope: 'phishing.identified', summary: 'Who a phishing test went to' },
    ...{ query: type, isList: true },
  },
  '/phishing/security_tests/:id/recipients/:recipient_id': {
    ...{ id: 'reportingRecipient', scope: 'phishing.identified', summary: 'One recipient of a test', query: type },
  },
  '/training/store_purchases': {
    ...{ id: 'reportingStorePurchases', scope: 'training', summary: 'Training content that was bought', isList: true },
  },
  '/training/store_purchases/:id': {
    ...{ id: 'reportingStorePurchase', scope: 'training', summary: 'One piece of training content' },
  },
  '/training/policies': { id: 'reportingPolicies', scope: 'training', summary: 'Uploaded policies', isList: true },
  '/training/policies/:id': { id: 'reportingPolicy', scope: 'training', summary: 'One uploaded policy' },
  '/training/campaigns': {
    ...{ id: 'reportingTrainingCampaigns', scope: 'training', summary: 'Training campaigns', isList: true },
    query: { exclude_percentages: '`true`: without completion; else ten rows a page' },
  },
  '/training/campaigns/:id': { id: 'reportingTrainingCampaign', scope: 'training', summary: 'One training campaign' },
  '/training/enrollments': {
    ...{ id: 'reportingEnrollments', scope: 'training', summary: 'Enrollments in trainings', isList: true },
    query: {
      store_purchase_id: 'Those in this content',
      campaign_id: 'Those of this campaign, with scores',
      user_id: 'Those of this person',
      exclude_archived_users: '`true`: without archived people',
      include_campaign_id: '`true`: with `campaign_id`',
      include_store_purchase_id: '`true`: with `store_purchase_id`',
      include_employee_number: '`true`: with the person’s `employee_number`',
    },
  },
  '/training/enrollments/:id': {
    ...{ id: 'reportingEnrollment', scope: 'training', summary: 'One enrollment' },
    query: { include_campaign_id: '`true`: with `campaign_id`' },
  },
};

const paging = {
  page: 'From 1',
  per_page: '1 to 500; default 100',
  cursor: '`true` begins; then `x-next-cursor` of the answer before, which is absent at the end',
};

const record = z.record(z.string(), z.unknown()).describe('A record in KnowBe4’s own keys');
const listOrOne = z.union([z.array(z.unknown()), record]).describe('As KnowBe4 answers');

/**
 * KnowBe4's Reporting API at the root, for clients with a setting for its base address: the token is the key. Live and without a field policy
 * the bytes are KnowBe4's own.
 */
export function knowbe4Routes({ app, gateway, reach }: Door): void {
  const { reporting } = gateway;

  const send = async (request: FastifyRequest, reply: FastifyReply, endpoint: Endpoint) => {
    const { id, recipient_id: other } = request.params as { id?: string; recipient_id?: string };
    // Ids are whole numbers: whatever else stands there is no address of KnowBe4's, and is not sent on.
    if (![id, other].every((one) => one === undefined || /^\d{1,15}$/.test(one))) throw noSuchAddress();
    if (!acceptsJson(request.headers.accept)) return notAcceptable(reply);
    const token = tokenOf(request);
    const connection = await onlyOne(reach.one(token, undefined, 'connection'));
    const path = endpoint.replace(':id', id ?? '').replace(':recipient_id', other ?? '');
    const query = request.url.split('?').slice(1).join('?').split('#', 1)[0]!;
    const source = token.settings.source ?? 'live';
    const call = { connection, endpoint, path, id: id ?? '', query, source, signal: abandoned(reply) };
    const answer = await reporting.read(call).catch(async (error: unknown) => {
      tellWindow(reply, await leftOf(connection));
      throw error;
    });
    if (token.fieldPolicy !== null && !isJson(answer)) throw notTold(answer);
    // A refused token is known to the next call.
    if (answer.status === 401) reach.forget();
    tellWindow(reply, answer.window);
    if (answer.remoteRequestId !== null) reply.header('x-remote-request-id', answer.remoteRequestId);
    reply.header('x-foreknow-source', answer.asOf === null ? 'live' : 'mirror');
    if (answer.asOf !== null) reply.header('x-foreknow-as-of', answer.asOf);
    return reply.code(answer.status).headers(answer.headers).send(answer.body);
  };

  const leftOf = (connection: ConnectionView) => reporting.window(connection).catch(() => null);

  for (const [endpoint, entry] of Object.entries(entries) as [Endpoint, Entry][]) {
    const { id: operationId, scope, summary, isList } = entry;
    const words = { ...entry.query, ...(isList ? paging : {}) };
    const query = z.looseObject(
      Object.fromEntries(Object.entries(words).map(([name, text]) => [name, z.string().optional().describe(text)])),
    );
    const names = [...endpoint.matchAll(/:(\w+)/g)].map((match) => match[1]!);
    app.get(
      `/v1${endpoint}`,
      {
        config: { scope, live: isLive },
        validatorCompiler: described,
        schema: {
          ...{ operationId, summary, tags: ['Reporting API'] },
          description: 'As KnowBe4’s Reporting API answers it, for the one connection that the token reaches.',
          ...(names.length === 0
            ? {}
            : { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
          querystring: query,
          response: { 200: listOrOne },
        },
      },
      (request, reply) => send(request, reply, endpoint),
    );
  }
}

/** A token that is set to the mirror seldom costs a request. */
const isLive = (request: FastifyRequest): boolean => tokenOf(request).settings.source !== 'mirror';

/** There is no parameter of KnowBe4's that could say which connection is meant. */
const onlyOne = (found: Promise<ConnectionView>): Promise<ConnectionView> =>
  found.catch((error: unknown) => {
    if (!isForeknowError(error) || error.code !== 'invalid_request') throw error;
    throw new ForeknowError('connection_not_allowed', {
      detail: 'The token reaches none or several connections, and these addresses are for one.',
      hint: 'Use an account token, or an API token that is bound to one connection: foreknow keys account CONNECTION.',
    });
  });

const isJson = ({ headers }: ReportingAnswer): boolean => /[/+]json\b/.test(headers['content-type'] ?? '');

/** In what is no JSON nothing can be hidden. */
const notTold = ({ status, remoteRequestId: requestId }: ReportingAnswer): ForeknowError =>
  new ForeknowError('remote_invalid', {
    detail: 'KnowBe4 answered something that is no JSON, which the token’s field policy keeps back.',
    remote: { status, requestId, body: null },
  });

/** KnowBe4 has nothing but JSON, and says so. */
const acceptsJson = (accept: string | undefined): boolean =>
  accept === undefined || /(^|[,\s])(\*\/\*|application\/\*|application\/json)/i.test(accept);

const notAcceptable = (reply: FastifyReply): FastifyReply =>
  reply
    .code(406)
    .header(ERROR_HEADER, 'invalid_request')
    .type('application/json; charset=utf-8')
    .send({ error: 'Not Acceptable', message: '406 Not Acceptable' });

const noSuchAddress = (): ForeknowError =>
  new ForeknowError('not_found', { detail: 'Ids of KnowBe4 are whole numbers.' });
