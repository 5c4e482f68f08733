import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { ScimInAnswer, ScimInCall, ScimInlet } from '../../gateway/scim-in.ts';
import {
  resourceTypeList,
  resourceTypeNamed,
  schemaList,
  schemaNamed,
  serviceProviderConfig,
} from '../../scim/discovery.ts';
import { ScimError } from '../../scim/errors.ts';
import type { ResourceName } from '../../scim/schema.ts';
import { addressOf, networkOf } from '../address.ts';
import type { Door } from '../door.ts';
import { described } from '../validate.ts';

const tags = ['SCIM'];
const security = [{ scimBearer: [] }];
const root = '/scim/v2/:source';
const TYPE = 'application/scim+json; charset=utf-8';

/** A group of twenty thousand members fits. */
const BODY_LIMIT = 1024 * 1024;
/** Requests of a source, a minute: four times what Entra asks a server to take. */
const CALLS_PER_MINUTE = 6000;
const WINDOW_MS = 60_000;

const ofSource = z.object({ source: z.string().describe('Name of the source in the configuration') });
const ofOne = ofSource.extend({ id: z.string().describe('Id that this server gave') });
const text = z.string().optional();
const shape = {
  attributes: text.describe('What is answered, separated by commas; id and schemas always are'),
  excludedAttributes: text.describe('What is left out, separated by commas'),
};
const listShape = {
  startIndex: text.describe('From 1'),
  count: text.describe('At most 200'),
  filter: text.describe('A filter of RFC 7644, as userName eq "a@example.com"'),
};
const one = z.looseObject({ schemas: z.array(z.string()), id: z.string() });
const list = z.looseObject({
  schemas: z.array(z.string()),
  totalResults: z.int(),
  startIndex: z.int(),
  itemsPerPage: z.int(),
  Resources: z.array(z.looseObject({})),
});
const body = z.looseObject({}).describe('As RFC 7643 and RFC 7644 have it, or as Entra and Okta write it');
const nothing = z.null().describe('Done, without a body');

/** Identity providers push people and groups here, as to any SCIM application. */
export function scimInRoutes(door: Door): void {
  void door.app.register(async (scoped) => {
    const app = scoped as unknown as Door['app'];
    const inlets = new WeakMap<FastifyRequest, ScimInlet>();
    letIn({ ...door, app }, inlets);
    const callOf = (request: FastifyRequest, kind: ResourceName): ScimInCall => ({
      ...inlets.get(request)!,
      ...{ kind, base: baseOf(door, request), query: request.query as Readonly<Record<string, unknown>> },
      ...(request.headers['if-match'] !== undefined && { ifMatch: request.headers['if-match'] }),
    });
    for (const kind of ['User', 'Group'] as const) addKind({ ...door, app }, kind, callOf);
    addDiscovery({ ...door, app });
  });
}

/** Tokens are those of the source; nothing else of the API is open to them. Refused before a body is read. */
function letIn({ app, gateway, failuresPerMinute }: Door, inlets: WeakMap<FastifyRequest, ScimInlet>): void {
  const keyGenerator = (request: FastifyRequest) => networkOf(addressOf(request));
  const countFailure = app.createRateLimit({ max: failuresPerMinute, timeWindow: WINDOW_MS, keyGenerator });
  const countCall = app.createRateLimit({
    max: CALLS_PER_MINUTE,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => inlets.get(request)?.source ?? '',
  });
  app.addHook('onRequest', async (request) => {
    const { source } = request.params as { source: string };
    const secret = /^bearer +([\x21-\x7e]{1,512}) *$/i.exec(request.headers.authorization ?? '')?.[1];
    const inlet = secret === undefined ? null : await gateway.scimIn.tokens.admit(source, secret);
    if (inlet === null) {
      if (secret !== undefined) gateway.audit.failedLogin(keyGenerator(request));
      const count = await countFailure(request);
      throw count.isAllowed || !count.isExceeded
        ? refusal()
        : tooMany('Too many requests without its token', count.ttl);
    }
    inlets.set(request, inlet);
    const count = await countCall(request);
    if (!count.isAllowed && count.isExceeded)
      throw tooMany(`More than ${CALLS_PER_MINUTE} requests a minute`, count.ttl);
  });
}

/** One text for a source that is not there, a wrong token and one that has ended. */
const refusal = (): ForeknowError =>
  new ForeknowError('unauthenticated', {
    detail: 'There is no such source, or the token is not its own.',
    hint: 'Make a token with foreknow sources token NAME, and give it to the provider.',
  });

const tooMany = (what: string, retryAfterMs: number): ForeknowError =>
  new ForeknowError('rate_limited', { detail: `${what} came from there.`, retryAfterMs });

type CallOf = (request: FastifyRequest, kind: ResourceName) => ScimInCall;

function addKind({ app, gateway }: Door, kind: ResourceName, callOf: CallOf): void {
  const { resources } = gateway.scimIn;
  const path = `${root}/${kind}s`;
  const of = (verb: string, summary: string) => ({ operationId: `scim${verb}${kind}`, summary, tags, security });
  const word = kind === 'User' ? 'user' : 'group';
  const idOf = (request: FastifyRequest) => (request.params as { id: string }).id;
  const options = { validatorCompiler: described, bodyLimit: BODY_LIMIT } as const;

  app.get(
    path,
    {
      ...options,
      schema: {
        ...of('List', `The ${word}s that were pushed, or those that fulfil a filter`),
        params: ofSource,
        querystring: z.object({ ...listShape, ...shape }),
        response: { 200: list.describe('A page of them, the oldest first') },
      },
    },
    async (request, reply) => {
      const { query, ...where } = callOf(request, kind);
      return say(reply, await resources.list(where, query));
    },
  );

  app.post(
    `${path}/.search`,
    {
      ...options,
      schema: {
        ...of('Search', `The same as the list of ${word}s, asked for in a body`),
        params: ofSource,
        body: z.looseObject(listShape),
        response: { 200: list.describe('A page of them, the oldest first') },
      },
    },
    async (request, reply) => {
      const { query: _, ...where } = callOf(request, kind);
      return say(reply, await resources.list(where, (request.body ?? {}) as Record<string, unknown>));
    },
  );

  app.post(
    path,
    {
      ...options,
      schema: {
        ...of('Create', `Push a ${word}`),
        params: ofSource,
        querystring: z.object(shape),
        body,
        response: { 201: one.describe('As it is kept') },
      },
    },
    async (request, reply) => send(reply, await resources.create(callOf(request, kind), request.body)),
  );

  app.get(
    `${path}/:id`,
    {
      ...options,
      schema: {
        ...of('Get', `One ${word} as it was pushed`),
        params: ofOne,
        querystring: z.object(shape),
        response: { 200: one.describe('As it is kept; 304 where If-None-Match names its version') },
      },
    },
    async (request, reply) => {
      const answer = await resources.get(callOf(request, kind), idOf(request));
      const known = request.headers['if-none-match'];
      return send(reply, known === answer.etag ? { ...answer, status: 304, resource: null } : answer);
    },
  );

  app.put(
    `${path}/:id`,
    {
      ...options,
      schema: {
        ...of('Replace', `Replace a ${word}`),
        description: 'What is not said goes, but neither members nor whether a user is active.',
        params: ofOne,
        querystring: z.object(shape),
        body,
        response: { 200: one.describe('As it is kept') },
      },
    },
    async (request, reply) => send(reply, await resources.replace(callOf(request, kind), idOf(request), request.body)),
  );

  app.patch(
    `${path}/:id`,
    {
      ...options,
      schema: {
        ...of('Patch', `Change a ${word}`),
        description: 'As a whole or not at all.',
        params: ofOne,
        querystring: z.object(shape),
        body,
        response: { 200: one.describe('As it is kept'), 204: nothing },
      },
    },
    async (request, reply) => send(reply, await resources.patch(callOf(request, kind), idOf(request), request.body)),
  );

  app.delete(
    `${path}/:id`,
    {
      ...options,
      schema: {
        ...of('Delete', `Say that a ${word} is gone`),
        description: 'A user who is deleted is kept as one who has left: what follows is planned like everything else.',
        params: ofOne,
        response: { 204: nothing },
      },
    },
    async (request, reply) => send(reply, await resources.remove(callOf(request, kind), idOf(request))),
  );
}

const say = (reply: FastifyReply, told: unknown): FastifyReply => reply.type(TYPE).send(told);

type Sent = Omit<ScimInAnswer, 'status'> & { readonly status: number };

function send(reply: FastifyReply, { status, resource, etag, location }: Sent): FastifyReply {
  if (etag !== null) reply.header('etag', etag);
  if (status === 201 && location !== null) reply.header('location', location);
  return resource === null ? reply.code(status).send() : reply.code(status).type(TYPE).send(resource);
}

/** What the service can do; told to whoever may push. */
function addDiscovery(door: Door): void {
  const { app } = door;
  const tell = (path: string, operationId: string, summary: string, answer: (base: string, id: string) => unknown) =>
    app.get(
      `${root}/${path}`,
      {
        validatorCompiler: described,
        schema: {
          ...{ operationId, summary, tags, security },
          params: path.includes(':') ? ofOne : ofSource,
          response: { 200: z.looseObject({ schemas: z.array(z.string()) }).describe('As RFC 7643 has it') },
        },
      },
      async (request, reply) => {
        const { id = '' } = request.params as { id?: string };
        const told = answer(baseOf(door, request), id);
        if (told === undefined) throw new ScimError(404, 'There is none of this name');
        return say(reply, told);
      },
    );
  tell('ServiceProviderConfig', 'scimServiceProviderConfig', 'What this service can do', (base) =>
    serviceProviderConfig({ base, etag: true }),
  );
  tell('Schemas', 'scimListSchemas', 'The attributes of users and groups', (base) => schemaList(base));
  tell('Schemas/:id', 'scimGetSchema', 'The attributes of one schema', (base, id) => schemaNamed(id, base));
  tell('ResourceTypes', 'scimListResourceTypes', 'What can be pushed', (base) => resourceTypeList(base));
  tell('ResourceTypes/:id', 'scimGetResourceType', 'One kind of what can be pushed', (base, id) =>
    resourceTypeNamed(id, base),
  );
  tell('Me', 'scimMe', 'Not offered: a token is nobody’s own', () => {
    throw new ScimError(501, 'A token of a source is nobody');
  });
}

/** The address that the provider was given. */
function baseOf({ publicUrl }: Door, request: FastifyRequest): string {
  const { source } = request.params as { source: string };
  const origin = publicUrl ?? `${request.protocol}://${request.host}`;
  return `${origin.replace(/\/$/, '')}/scim/v2/${encodeURIComponent(source)}`;
}
