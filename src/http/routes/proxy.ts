import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Method } from '../../client/index.ts';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { ProxyAnswer, ProxyCall, ProxySurface } from '../../gateway/proxy.ts';
import { hasScope, tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { refuseHiddenParameters } from '../hidden-parameters.ts';
import { abandoned, tellWindow } from '../live-answer.ts';
import { described } from '../validate.ts';

const tags = ['Proxy'];
const config = { scope: 'proxy', live: true } as const;
const JSON_TYPE = 'application/json; charset=utf-8';

const account = z.string().optional().describe('Id or name of the connection; left out where the token reaches one');
const listQuery = z.looseObject({
  integrated_account_id: account,
  limit: z.string().optional().describe('Rows a page: 1 to 500, of user events to 100; default 100'),
  next_cursor: z.string().optional().describe('Of the answer before; empty begins'),
});
const wildcard = z.object({
  '*': z.string().describe('As in KnowBe4’s guide: users, users/12345, events, event_types'),
});

const list = z
  .looseObject({
    result: z.array(z.unknown()),
    next_cursor: z.string().nullable(),
    prev_cursor: z.null(),
    result_count: z.number(),
  })
  .describe('Of a list');
const one = z.record(z.string(), z.unknown()).describe('Of one record, as KnowBe4 sent it');
const several = z.array(z.unknown()).describe('Of one record that KnowBe4 sends as a list');

/** The APIs of KnowBe4 one to one, within the budget of the account. */
export function proxyRoutes({ app, as, reach, gateway }: Door): void {
  const { window } = gateway.proxy;

  const callOf = async (request: FastifyRequest, reply: FastifyReply) => {
    const { integrated_account_id: named } = request.query as Record<string, unknown>;
    const token = tokenOf(request);
    const connection = await reach.one(token, named, 'integrated_account_id');
    return { connection, mayWrite: hasScope(token, 'proxy.write'), signal: abandoned(reply) };
  };

  const send = (reply: FastifyReply, { status, body, remoteRequestId, window }: ProxyAnswer) => {
    tellWindow(reply, window);
    if (remoteRequestId !== null) reply.header('x-remote-request-id', remoteRequestId);
    return reply.code(status).type(JSON_TYPE).send(body);
  };

  /** What an error leaves of the budget stands beside it; a refused token is known to the next call. */
  const asked = async (
    reply: FastifyReply,
    connection: ProxyCall['connection'],
    surface: ProxySurface,
    work: Promise<ProxyAnswer>,
  ) => {
    try {
      return send(reply, await work);
    } catch (error) {
      tellWindow(reply, await window(connection, surface).catch(() => null));
      if (isForeknowError(error) && error.remote?.requestId)
        reply.header('x-remote-request-id', error.remote.requestId);
      if (isForeknowError(error) && error.code === 'connection_unauthorized') reach.forget();
      throw error;
    }
  };

  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const { path, query } = writtenAddress(request);
    const { surface, rest } = surfaceOf(path);
    if (surface === 'events') refusePolicy(request);
    const call = {
      ...(await callOf(request, reply)),
      ...{ path: rest, query, body: request.body },
      method: (request.method === 'HEAD' ? 'GET' : request.method) as Method,
    };
    return asked(reply, call.connection, surface, as(request).proxy[surface](call).then(named(rest)));
  };

  /** What the body says of the call holds in the place of what the call is, and is judged like it. */
  const handleCustom = async (request: FastifyRequest, reply: FastifyReply) => {
    const written = writtenAddress(request);
    const { methodConfig, body } = customBody(request.body);
    const method = methodConfig.method ?? ((request.method === 'HEAD' ? 'GET' : request.method) as Method);
    const path = (methodConfig.path ?? written.path).replace(/^\/?(?:v1\/)?/, '/');
    refuseHidden(request, methodConfig);
    const query = new URLSearchParams(written.query);
    for (const [name, value] of Object.entries(methodConfig.query ?? {})) query.set(name, String(value));
    const call = { ...(await callOf(request, reply)), method, query: String(query), body };
    const { proxy } = as(request);
    if (path === '/graphql') {
      refusePolicy(request);
      return asked(reply, call.connection, 'product', proxy.graphql(call).then(inCustomEnvelope));
    }
    const { surface, rest } = surfaceOf(path);
    if (surface === 'events') refusePolicy(request);
    const work = proxy[surface]({ ...call, path: rest })
      .then(named(rest))
      .then(inCustomEnvelope);
    return asked(reply, call.connection, surface, work);
  };

  for (const [method, operationId, summary] of [
    ['GET', 'customRead', 'Read from KnowBe4 by any path'],
    ['POST', 'customPost', 'Call KnowBe4 by any path'],
    ['PUT', 'customPut', 'Call KnowBe4 by any path with PUT'],
    ['PATCH', 'customPatch', 'Call KnowBe4 by any path with PATCH'],
    ['DELETE', 'customDelete', 'Call KnowBe4 by any path with DELETE'],
  ] as const) {
    app.route({
      method,
      url: '/custom/*',
      config,
      validatorCompiler: described,
      schema: {
        operationId,
        summary,
        description:
          'As the proxy, in the envelope of Truto’s custom API. `methodConfig` in the body names another verb, path or query, and is judged as what it names: only what reads is sent on unless changes are enabled.',
        tags,
        params: wildcard,
        querystring: listQuery,
        ...(method === 'GET' ? {} : { body: z.looseObject({ methodConfig: methodConfigSchema.optional() }).nullish() }),
        response: { 200: customEnvelope.describe('What KnowBe4 has'), 201: customEnvelope.describe('Made') },
      },
      handler: handleCustom,
    });
  }

  app.get(
    '/proxy/*',
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'proxyRead',
        summary: 'Read from KnowBe4 itself',
        description:
          'A path of the Reporting API, or `events`, `event_types`, `statuses` of the User Event API where the connection holds its key. Lists come in an envelope, records as KnowBe4 sends them. Parameters that are not ours are sent on.',
        tags,
        params: wildcard,
        querystring: listQuery,
        response: { 200: z.union([list, one, several]).describe('What KnowBe4 has') },
      },
    },
    handle,
  );

  for (const [method, operationId, summary] of [
    ['POST', 'proxyCreate', 'Make something at KnowBe4'],
    ['PUT', 'proxyReplace', 'Replace something at KnowBe4'],
    ['PATCH', 'proxyUpdate', 'Change something at KnowBe4'],
    ['DELETE', 'proxyRemove', 'Remove something at KnowBe4'],
  ] as const) {
    app.route({
      method,
      url: '/proxy/*',
      config,
      validatorCompiler: described,
      schema: {
        operationId,
        summary,
        description:
          'User events alone: the Reporting API only reads. Needs a switch of the operator and the scope `proxy.write`.',
        tags,
        params: wildcard,
        querystring: z.looseObject({ integrated_account_id: account }),
        ...(method === 'DELETE' ? {} : { body: z.unknown() }),
        response: {
          200: one.describe('As KnowBe4 sent it'),
          201: one.describe('Made; user events take effect later'),
        },
      },
      handler: handle,
    });
  }

  app.post(
    '/proxy/graphql',
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'proxyGraphql',
        summary: 'Ask KnowBe4 in GraphQL',
        description:
          'Where the connection holds a key of the Product API. Queries alone, without fields about tokens, keys and webhooks; errors inside the answer are handed on with it.',
        tags,
        querystring: z.looseObject({ integrated_account_id: account }),
        body: z
          .object({
            query: z.string(),
            variables: z.record(z.string(), z.unknown()).nullish(),
            operationName: z.string().nullish(),
          })
          .meta({ examples: [{ query: '{ account { displayName } }' }] }),
        response: { 200: one.describe('As KnowBe4 sent it: data, errors, or both') },
      },
    },
    async (request, reply) => {
      refusePolicy(request);
      const call = { ...(await callOf(request, reply)), body: request.body };
      return asked(reply, call.connection, 'product', as(request).proxy.graphql(call));
    },
  );
}

const methodConfigSchema = z.strictObject({
  method: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .optional(),
  path: z.string().max(500).optional(),
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
const customEnvelope = z.looseObject({
  result: z.unknown(),
  next_cursor: z.string().nullable(),
  prev_cursor: z.null(),
});

/** @throws ForeknowError `invalid_request` */
function customBody(body: unknown): { methodConfig: z.output<typeof methodConfigSchema>; body: unknown } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { methodConfig: {}, body };
  const { methodConfig, ...rest } = body as Record<string, unknown>;
  const parsed = methodConfigSchema.safeParse(methodConfig ?? {});
  if (parsed.success) return { methodConfig: parsed.data, body: Object.keys(rest).length === 0 ? undefined : rest };
  throw new ForeknowError('invalid_request', {
    detail: 'methodConfig holds method, path and query, and nothing else.',
    hint: 'For instance {"methodConfig": {"method": "GET", "path": "users", "query": {"status": "active"}}}.',
    field: 'methodConfig',
  });
}

/** What a field policy lets nobody ask in an address, it lets nobody ask in a body. */
function refuseHidden(request: FastifyRequest, { path, query }: z.output<typeof methodConfigSchema>): void {
  const { fieldPolicy } = tokenOf(request);
  if (fieldPolicy === null) return;
  refuseHiddenParameters({ query: query ?? {}, params: { path }, routeOptions: request.routeOptions }, fieldPolicy);
}

/** A list has its envelope already; a record gets one. */
function inCustomEnvelope(answer: ProxyAnswer): ProxyAnswer {
  const start = Buffer.from(answer.body.buffer, answer.body.byteOffset, Math.min(10, answer.body.length)).toString();
  if (start === '{"result":') return answer;
  const parts = ['{"result":', answer.body, ',"next_cursor":null,"prev_cursor":null}'];
  return { ...answer, body: Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))) };
}

/** What was removed is told by its id, where KnowBe4 says nothing. */
const named =
  (path: string) =>
  (answer: ProxyAnswer): ProxyAnswer => {
    if (answer.body.length > 0) return answer;
    const id = path.replace(/\/$/, '').split('/').at(-1);
    return { ...answer, status: 200, body: Buffer.from(JSON.stringify({ id })) };
  };

/** Path and query as they were written: parameters that a router decoded could mean something else than what was sent. */
function writtenAddress({ url }: FastifyRequest): { path: string; query: string } {
  const [, path = '', query = ''] = /^\/(?:proxy|custom)([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  return { path, query };
}

function surfaceOf(path: string): { surface: 'reporting' | 'events'; rest: string } {
  const [, list, rest = ''] = /^\/(events|event_types|statuses)(\/.*)?$/s.exec(path) ?? [];
  if (list === undefined) return { surface: 'reporting', rest: path };
  return { surface: 'events', rest: list === 'events' ? rest : path };
}

/** Nobody knows what stands where in these answers, so nothing could be hidden in them. */
function refusePolicy(request: FastifyRequest): void {
  if (tokenOf(request).fieldPolicy === null) return;
  throw new ForeknowError('not_sent_on', {
    detail: 'The token has a field policy, and nothing could be hidden in an answer of this API.',
    hint: 'Use a token without a field policy.',
  });
}
