import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { tokenOf } from '../authenticate.ts';
import { type Asked, type Get, inOrder, runBatch } from '../batch/batch.ts';
import type { Door } from '../door.ts';
import { abandoned } from '../live-answer.ts';
import { connectionParameter } from '../schemas/query.ts';

const MOST_RESOURCES = 200;
/** Clients give up after 30 s. */
const WITHIN_MS = 22_000;
const bounds = { calls: 1000, rows: 20_000, bytes: 24 * 1024 * 1024 };

const name = z.string().min(1).max(100);
const call = z.looseObject({
  resource: z
    .string()
    .regex(/^[\w-]{1,60}(\/[\w-]{1,60}){0,6}$/, 'must be words with slashes between them, such as user-directory/users')
    .describe('`user-directory/users`, `lms/courses`, or a path of KnowBe4’s own'),
  method: z.string().describe('list or get: a batch only reads'),
  name: name.optional(),
  id: z.union([z.string().min(1).max(300), z.int()]).optional(),
  query: z.record(z.string(), z.unknown()).optional(),
  depends_on: name.optional().describe('Once for each record of this resource'),
  loop_on: z.string().max(200).optional().describe('Once for each element of this argument'),
  persist: z.boolean().optional().describe('false: for what depends on it alone'),
  response_format: z.string().max(40).optional(),
});
const input = z.looseObject({
  integrated_account_id: connectionParameter,
  resources: z.array(call).min(1).max(MOST_RESOURCES),
  args: z.record(z.string(), z.unknown()).optional(),
});

const outcome = z
  .object({
    result: z.record(z.string(), z.array(z.unknown())),
    errors: z.record(z.string(), z.array(z.unknown())),
    is_partial_response: z.literal(true).optional(),
    x_unfinished: z
      .array(z.looseObject({ because: z.string() }))
      .optional()
      .describe('What was not done, and why; sent as `resources` it goes on'),
  })
  .describe('Records and errors by resource');

/** Several reads in one call, in Truto’s words. */
export function batchRoutes({ app, reach }: Door): void {
  app.post(
    '/batch-request',
    {
      config: { scope: null },
      schema: {
        operationId: 'batchRequest',
        summary: 'Make several reads at once',
        description:
          'Each is made as if it had been sent by itself, with the same token, scopes, limits and field policy. Lists are followed to their ends, ' +
          'as far as 22 seconds, 1,000 calls, 20,000 records and 24 MB go.',
        tags: ['Unified user directory'],
        body: input.meta({
          examples: [
            { integrated_account_id: 'acme', resources: [{ resource: 'user-directory/groups', method: 'list' }] },
          ],
        }),
        response: { 200: outcome },
      },
    },
    async (request, reply) => {
      const { integrated_account_id: account, resources, args = {} } = request.body;
      resources.forEach(refuseOther);
      const connection = await reach.one(tokenOf(request), account, 'integrated_account_id');
      const signal = AbortSignal.any([abandoned(reply), AbortSignal.timeout(WITHIN_MS)]);
      const get = asCaller(request, connection.id, signal);
      const done = await runBatch(inOrder(resources as Asked[]), args, get, {
        ...bounds,
        hasTime: () => !signal.aborted,
      });
      return reply.send(done as never);
    },
  );

  /**
   * Calls of the batch go through the whole door, so that nothing that holds for a call from outside is forgotten for one from here: token,
   * scopes, limits, field policy, log. The header that names the caller is handed on within the process.
   */
  function asCaller(outer: FastifyRequest, connectionId: string, signal: AbortSignal): Get {
    let count = 0;
    return async (path, query) => {
      count += 1;
      const search = new URLSearchParams([
        ...Object.entries(query).flatMap(([key, value]) => pairs(key, value)),
        ['integrated_account_id', connectionId],
      ]);
      const headers = {
        authorization: outer.headers.authorization,
        'x-request-id': `${outer.id.slice(0, 90)}.${count}`,
      };
      const sent = app.inject({ method: 'GET', url: `${path}?${search}`, headers, remoteAddress: outer.ip, signal });
      const answer = await sent.catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (answer === null) return null;
      const wait = Number(answer.headers['retry-after']);
      return {
        status: answer.statusCode,
        body: JSON.parse(answer.payload),
        bytes: answer.rawPayload.length,
        retryAfter: Number.isFinite(wait) ? wait : null,
      };
    };
  }
}

/** A parameter as an address has it: `created_at[gt]=…`, `emails[]=…`. */
function pairs(name: string, value: unknown): [string, string][] {
  // The connection is that of the batch.
  if (value === undefined || value === null || name === 'integrated_account_id') return [];
  if (Array.isArray(value)) return value.flatMap((item) => pairs(`${name}[]`, item));
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, item]) => pairs(`${name}[${key}]`, item));
}

/** @throws ForeknowError for what is no read */
function refuseOther(one: z.output<typeof call>, index: number): void {
  const refuse = (field: string, detail: string, hint: string) =>
    new ForeknowError('invalid_request', { detail, hint, field: `resources[${index}].${field}` });
  if (one.type !== undefined && one.type !== 'request') {
    throw refuse('type', 'Only requests can be in a batch.', 'Leave type out.');
  }
  if (one.method !== 'list' && one.method !== 'get') {
    throw new ForeknowError('writes_not_enabled', {
      detail: `resources[${index}].method is ${JSON.stringify(one.method.slice(0, 40))}: a batch only reads.`,
      hint: 'There are list and get.',
      field: `resources[${index}].method`,
    });
  }
  if (one.method === 'get' && one.id === undefined && one.resource !== 'user-directory/me') {
    throw refuse('id', `resources[${index}].id is missing: get reads one record.`, 'Name it, or use list.');
  }
  if (one.method === 'list' && one.id !== undefined) {
    throw refuse('id', `resources[${index}] has an id, and list reads many records.`, 'Use get.');
  }
}
