import type { Region } from '../../wire/regions.ts';
import { printJson } from '../../wire/reporting/print-json.ts';
import type { AccountState } from '../account.ts';
import { pass, type Service, type Voice } from '../gate.ts';
import type { Incoming, Reply } from '../reply.ts';
import type { Switches } from '../switches.ts';
import type { User } from '../world/records.ts';

/** Where the tenants are. The real form of a tenant URL is not known: the console shows it. */
export const SCIM_PATH = '/scim/v2';

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
const MOST = 100;

type Asked = { readonly region: Region; readonly path: string; readonly query: URLSearchParams };
type Answer = (account: AccountState, query: URLSearchParams) => Reply;

const endpoints: Readonly<Record<string, readonly [endpoint: string, answer: Answer]>> = {
  Users: ['scim_users', (account, query) => listUsers(account, query)],
  ServiceProviderConfig: ['scim_config', () => scim('scim_config', 200, providerConfig)],
};

/** Enough of SCIM (RFC 7644) to see whether a token is good: a page of users, and what the service can do. */
export function serveScim(service: Service, incoming: Incoming, { region, path, query }: Asked): Reply {
  const [, tenant, resource = ''] = new RegExp(`^${SCIM_PATH}/([^/]+)/([A-Za-z]+)/?$`).exec(path) ?? [];
  const [endpoint, answer] = (incoming.method === 'GET' && endpoints[resource]) || ['unknown'];
  if (!answer) return scimError('unknown', 404, 'There is no such endpoint');
  return pass(service, incoming, { surface: 'scim', endpoint, region, voice }, (account) =>
    account.id === tenant ? answer(account, query) : scimError(endpoint, 404, 'There is no such tenant'),
  );
}

/** People that are managed by provisioning. Filters are not known here. */
function listUsers({ world }: AccountState, query: URLSearchParams): Reply {
  if (query.has('filter')) return scimError('scim_users', 400, 'The emulator knows no filters', 'invalidFilter');
  const managed = world.people.filter(({ hidden, user }) => !hidden && user.provisioning_guid !== null);
  const start = Math.max(1, wholeOf(query.get('startIndex')) ?? 1);
  const count = Math.min(MOST, Math.max(0, wholeOf(query.get('count')) ?? MOST));
  const page = managed.slice(start - 1, start - 1 + count);
  return scim('scim_users', 200, {
    schemas: [LIST],
    totalResults: managed.length,
    startIndex: start,
    itemsPerPage: page.length,
    Resources: page.map(({ user }) => userResource(user)),
  });
}

const userResource = ({ provisioning_guid, email, first_name, last_name, status, joined_on }: User) => ({
  schemas: [USER],
  id: provisioning_guid,
  userName: email,
  name: { givenName: first_name, familyName: last_name },
  active: status === 'active',
  meta: { resourceType: 'User', created: joined_on, lastModified: joined_on },
});

function wholeOf(text: string | null): number | undefined {
  return text !== null && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const providerConfig = {
  schemas: [CONFIG],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MOST },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    { type: 'oauthbearertoken', name: 'Bearer token', description: 'The SCIM token of the account', primary: true },
  ],
  meta: { resourceType: 'ServiceProviderConfig' },
};

const scim = (
  endpoint: string,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  endpoint,
  status,
  headers: { 'Content-Type': 'application/scim+json; charset=utf-8', ...headers },
  body: printJson(value),
});

const scimError = (
  endpoint: string,
  status: number,
  detail: string,
  scimType?: string,
  headers?: Readonly<Record<string, string>>,
): Reply => scim(endpoint, status, { schemas: [ERROR], status: String(status), scimType, detail }, headers);

const voice = (_: Switches, endpoint: string): Voice => {
  const fail: Voice['fail'] = (status, text, headers) => scimError(endpoint, status, text, undefined, headers);
  const refuseKey = () => fail(401, 'Unauthorized', { 'WWW-Authenticate': 'Bearer' });
  return {
    fail,
    refuseKey,
    refuseRegion: refuseKey,
    overLimit: (headers) => fail(429, 'Too Many Requests', headers),
    errorWith200: () => scim(endpoint, 200, { message: 'Something went wrong' }),
  };
};
