import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ZodType, z } from 'zod';
import type { FreshStream } from '../../directory/freshness.ts';
import type { ListInput } from '../../directory/list-query.ts';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { Scope } from '../../tokens/token.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door, Gateway } from '../door.ts';
import { abandoned, tellWindow } from '../live-answer.ts';
import { getQuery, liveGetQuery } from '../schemas/directory.ts';
import { described } from '../validate.ts';

const byId = z.object({ id: z.string() });
const JSON_TYPE = 'application/json; charset=utf-8';

/** One of Truto’s unified models. */
type Model = { readonly root: string; readonly tag: string; readonly scope: Scope };

type Resource = {
  readonly path: string;
  readonly singular: string;
  readonly Plural: string;
  readonly Singular: string;
  readonly query: ZodType;
  readonly answers: { readonly list: ZodType; readonly record: ZodType };
  readonly list: (input: ListInput) => Promise<object>;
  readonly get: (input: ListInput, id: string) => Promise<object>;
  /** How KnowBe4 itself is asked for them, where it can be. */
  readonly live?: Gateway['live']['users'];
  /** The API that answers then; default the Reporting API. */
  readonly surface?: 'reporting' | 'product';
  /** What the record is read from. */
  readonly stream: FreshStream;
};

/** The list and the record of a resource, in the wire format of Truto’s unified API. */
export function unifiedResources({ app, gateway, reach }: Door, { root, tag, scope }: Model) {
  const { directory } = gateway;
  const config = { scope };
  /** Limited as a call to KnowBe4 where it is one. */
  const configOf = (live: object | undefined) => (live === undefined ? config : { ...config, live: asksLive });

  /** What KnowBe4 is asked itself: its answer, with what it left of the budget; of a refused token the next call knows. */
  const ofKnowBe4 = async (
    reply: FastifyReply,
    { connectionIds }: ListInput,
    surface: 'reporting' | 'product' | undefined,
    work: Promise<object>,
  ): Promise<object> => {
    const left = async () =>
      gateway.proxy.window(await gateway.connections.get(connectionIds[0]!), surface ?? 'reporting');
    const window = () => left().catch(() => null);
    try {
      const answer = await work;
      tellWindow(reply, await window());
      return answer;
    } catch (error) {
      tellWindow(reply, await window());
      if (isForeknowError(error) && error.code === 'connection_unauthorized') reach.forget();
      throw error;
    }
  };

  /** The connection that the call is about, and the rest of its query as the directory reads it. */
  const inputOf = async (request: FastifyRequest): Promise<ListInput> => {
    const { integrated_account_id: named, x_source: _, ...query } = request.query as Record<string, unknown>;
    const connection = await reach.one(tokenOf(request), named, 'integrated_account_id');
    return { connectionIds: [connection.id], query };
  };

  const resource = (one: Resource): void => {
    app.get(
      `${root}/${one.path}`,
      {
        config: configOf(one.live),
        validatorCompiler: described,
        schema: {
          operationId: `list${one.Plural}`,
          summary: `List ${one.path.replace(/[_-]/, ' ')}`,
          tags: [tag],
          querystring: one.query,
          response: { 200: one.answers.list.describe('A page') },
        },
      },
      async (request, reply) => {
        const input = await inputOf(request);
        const live = liveOf(one.live, request);
        if (live === null) return reply.type(JSON_TYPE).send(await one.list(input));
        return reply
          .type(JSON_TYPE)
          .send(await ofKnowBe4(reply, input, one.surface, live.list(input, abandoned(reply))));
      },
    );
    app.get(
      `${root}/${one.path}/:id`,
      {
        config: configOf(one.live),
        validatorCompiler: described,
        schema: {
          operationId: `get${one.Singular}`,
          summary: `Get one ${one.singular}`,
          tags: [tag],
          params: byId,
          querystring: one.live === undefined ? getQuery : liveGetQuery,
          response: { 200: one.answers.record.describe(`The ${one.singular}`) },
        },
      },
      async (request, reply) => {
        const { id } = request.params as { id: string };
        const input = await inputOf(request);
        const live = liveOf(one.live, request);
        if (live !== null) {
          reply.header('x-foreknow-source', 'live');
          return reply
            .type(JSON_TYPE)
            .send(await ofKnowBe4(reply, input, one.surface, live.get(input, id, abandoned(reply))));
        }
        const record = await one.get(input, id);
        const asOf = await directory.asOf(input.connectionIds[0]!, one.stream);
        reply.header('x-foreknow-source', 'mirror');
        if (asOf !== null) reply.header('x-foreknow-as-of', asOf);
        return reply.type(JSON_TYPE).send(record);
      },
    );
  };

  return { inputOf, resource };
}

/** Also before the query is read: then its words stand in `values`. */
function asksLive({ query }: FastifyRequest): boolean {
  const { values, x_source: source } = query as { values?: { x_source?: unknown }; x_source?: unknown };
  return (source ?? values?.x_source) === 'live';
}

/**
 * What the call is to be answered from; null: the mirror.
 * @throws ForeknowError `invalid_request` for a source that there is not
 */
function liveOf<Live>(live: Live | undefined, request: FastifyRequest): Live | null {
  const { x_source: source, truto_super_query: copy } = request.query as Record<string, unknown>;
  if (source === undefined || source === '' || source === 'mirror') return null;
  const refuse = (detail: string, hint: string) =>
    new ForeknowError('invalid_request', { detail, hint, field: 'x_source' });
  if (source !== 'live') throw refuse('x_source must be mirror or live.', 'Without it the mirror answers.');
  if (live === undefined) throw refuse('Only users, groups and roles can be read live.', 'Leave x_source out.');
  if (copy === undefined || copy === '') return live;
  throw refuse('truto_super_query asks for the kept copy, and x_source=live for none.', 'Send one of them.');
}
