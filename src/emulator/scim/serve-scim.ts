import { readBody, replaceBody } from '../../scim/body.ts';
import {
  resourceTypeList,
  resourceTypeNamed,
  schemaList,
  schemaNamed,
  serviceProviderConfig,
} from '../../scim/discovery.ts';
import { ScimError } from '../../scim/errors.ts';
import type { ScimResource } from '../../scim/json.ts';
import { readProjectionQuery } from '../../scim/list.ts';
import { applyPatch } from '../../scim/patch.ts';
import { projection } from '../../scim/project.ts';
import type { Region } from '../../wire/regions.ts';
import type { AccountState } from '../account.ts';
import type { Fault } from '../faults.ts';
import { pass, type Service, type Voice } from '../gate.ts';
import type { Incoming, Reply } from '../reply.ts';
import type { Switches } from '../switches.ts';
import { etagOf, locationOf, rendered, scim, scimError } from './answer.ts';
import { add, edit, type Kind, remove } from './edit.ts';
import { list, MOST, profile, textsOf, typeOf } from './look-up.ts';
import type { Stored } from './shelf.ts';
import { bringUpScim } from './state.ts';

/** Where the tenants are. The real form of a tenant URL is not known: the console shows it. */
export const SCIM_PATH = '/scim/v2';

type Asked = { readonly region: Region; readonly path: string; readonly query: URLSearchParams };

type Call = {
  readonly account: AccountState;
  readonly endpoint: string;
  readonly incoming: Incoming;
  readonly query: URLSearchParams;
  /** What stands in the path behind the resource; `''` for nothing. */
  readonly id: string;
  readonly fault: Fault | null;
  readonly now: number;
};
type Handler = (call: Call) => Reply;

/** SCIM 2.0 (RFC 7643, 7644): a store of users and groups that syncs apply to the account. */
export function serveScim(service: Service, incoming: Incoming, { region, path, query }: Asked): Reply {
  const [, tenant, resource = '', id = ''] =
    new RegExp(`^${SCIM_PATH}/([^/]+)/([A-Za-z]+)(?:/([^/]+))?/?$`).exec(path) ?? [];
  const [endpoint, handler] = handlerFor(incoming.method, resource, id);
  if (!handler) return scimError('unknown', 404, 'There is no such endpoint');
  return pass(service, incoming, { surface: 'scim', endpoint, region, voice }, (account, fault, now) => {
    if (account.id !== tenant) return scimError(endpoint, 404, 'There is no such tenant');
    return answered(handler, { account, endpoint, incoming, query, id: decoded(id), fault, now });
  });
}

function answered(handler: Handler, call: Call): Reply {
  bringUpScim(call.account.scim, call.account.world);
  try {
    return handler(call);
  } catch (error) {
    if (error instanceof ScimError) return scimError(call.endpoint, error.status, error.message, error.scimType);
    throw error;
  }
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

type Named = readonly [endpoint: string, handler: Handler | undefined];

const handlers: Readonly<Record<string, Handler>> = {
  'GET Users': (call) => list(call.account, 'users', call.endpoint, call.query, call.fault),
  'POST Users': (call) => create(call, 'users'),
  'GET Users/': (call) => read(call, 'users'),
  'PUT Users/': (call) => replace(call, 'users'),
  'PATCH Users/': (call) => patch(call, 'users'),
  'DELETE Users/': (call) => destroy(call, 'users'),
  'GET Groups': (call) => list(call.account, 'groups', call.endpoint, call.query, call.fault),
  'POST Groups': (call) => create(call, 'groups'),
  'GET Groups/': (call) => read(call, 'groups'),
  'PUT Groups/': (call) => replace(call, 'groups'),
  'PATCH Groups/': (call) => patch(call, 'groups'),
  'DELETE Groups/': (call) => destroy(call, 'groups'),
  'GET ServiceProviderConfig': ({ account, endpoint }) => {
    const facts = { base: account.addresses.scim, maxResults: MOST, etag: true };
    return scim(endpoint, 200, serviceProviderConfig(facts));
  },
  'GET Schemas': ({ account, endpoint }) => scim(endpoint, 200, schemaList(account.addresses.scim)),
  'GET Schemas/': ({ account, endpoint, id }) => found(endpoint, schemaNamed(id, account.addresses.scim)),
  'GET ResourceTypes': ({ account, endpoint }) => scim(endpoint, 200, resourceTypeList(account.addresses.scim)),
  'GET ResourceTypes/': ({ account, endpoint, id }) => found(endpoint, resourceTypeNamed(id, account.addresses.scim)),
};

const endpoints: Readonly<Record<string, string>> = {
  Users: 'user',
  Groups: 'group',
  ServiceProviderConfig: 'config',
  Schemas: 'schema',
  ResourceTypes: 'resource_type',
};
const verbs: Readonly<Record<string, string>> = {
  POST: '_create',
  PUT: '_replace',
  PATCH: '_patch',
  DELETE: '_delete',
};

/** `scim_users`, `scim_user`, `scim_user_create`, `scim_group_patch` and so on are what counts and faults call them. */
function handlerFor(method: string, resource: string, id: string): Named {
  const one = `${method} ${resource}${id === '' ? '' : '/'}`;
  const handler = Object.hasOwn(handlers, one) ? handlers[one] : undefined;
  if (!handler) return ['unknown', undefined];
  const isList = method === 'GET' && id === '' && resource !== 'ServiceProviderConfig';
  return [`scim_${endpoints[resource]}${isList ? 's' : (verbs[method] ?? '')}`, handler];
}

const found = (endpoint: string, value: unknown): Reply =>
  value === undefined ? scimError(endpoint, 404, 'There is no such thing') : scim(endpoint, 200, value);

/** @throws ScimError 404 */
function storedOf({ account, id }: Call, kind: Kind): Stored {
  const stored = account.scim[kind].get(id);
  if (!stored) throw new ScimError(404, `There is no ${kind === 'users' ? 'user' : 'group'} ${id}`);
  return stored;
}

function read(call: Call, kind: Kind): Reply {
  const stored = storedOf(call, kind);
  if (call.incoming.headers['if-none-match'] === etagOf(stored)) {
    return scim(call.endpoint, 304, null, { ETag: etagOf(stored) });
  }
  return whole(call, kind, stored, 200);
}

function whole(call: Call, kind: Kind, stored: Stored, status: 200 | 201): Reply {
  const shorten = projection(typeOf(kind), readProjectionQuery(textsOf(call.query)));
  const resource = shorten(rendered(call.account, kind, stored, call.fault));
  return scim(call.endpoint, status, resource, {
    ETag: etagOf(stored),
    ...(status === 201 && { Location: locationOf(call.account, kind, stored) }),
  });
}

function create(call: Call, kind: Kind): Reply {
  if (call.fault?.kind === 'conflict') throw new ScimError(409, 'It is already in use', 'uniqueness');
  const resource = withoutGroups(readBody(typeOf(kind), bodyOf(call), profile));
  return whole(call, kind, add(call.account, kind, resource, call.now), 201);
}

function replace(call: Call, kind: Kind): Reply {
  const stored = storedOf(call, kind);
  requireMatch(call, stored);
  change(call, kind, stored, replaceBody(typeOf(kind), stored.resource, bodyOf(call), profile));
  return whole(call, kind, stored, 200);
}

function patch(call: Call, kind: Kind): Reply {
  const stored = storedOf(call, kind);
  requireMatch(call, stored);
  change(call, kind, stored, applyPatch(typeOf(kind), stored.resource, bodyOf(call), profile));
  const status = profile.patchStatus[kind === 'users' ? 'User' : 'Group'];
  return status === 200 ? whole(call, kind, stored, 200) : scim(call.endpoint, 204, null, { ETag: etagOf(stored) });
}

function change(call: Call, kind: Kind, stored: Stored, made: { resource: ScimResource; changed: boolean }): void {
  if (made.changed) edit(call.account, kind, stored, withoutGroups(made.resource), call.now);
}

/** A user's groups follow from the groups. */
const withoutGroups = ({ groups: _, id: __, meta: ___, ...resource }: ScimResource): ScimResource => resource;

function destroy(call: Call, kind: Kind): Reply {
  const stored = storedOf(call, kind);
  requireMatch(call, stored);
  remove(call.account, kind, stored, call.now);
  return scim(call.endpoint, 204, null);
}

/** @throws ScimError 412 when somebody has changed it meanwhile */
function requireMatch({ incoming }: Call, stored: Stored): void {
  const wanted = incoming.headers['if-match'];
  if (wanted === undefined || wanted === '*' || wanted.split(',').some((tag) => tag.trim() === etagOf(stored))) return;
  throw new ScimError(412, 'It has been changed meanwhile');
}

function bodyOf({ incoming }: Call): unknown {
  try {
    return JSON.parse(incoming.body ?? '') as unknown;
  } catch {
    throw new ScimError(400, 'The body is no JSON', 'invalidSyntax');
  }
}

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
