import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PersonPart } from '../../directory/person.ts';
import type { ApiToken, Scope } from '../../tokens/token.ts';
import { hasScope, requireScope, tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { personList, personQuery, personRecord } from '../schemas/directory.ts';
import { connectionParameter } from '../schemas/query.ts';
import { described } from '../validate.ts';
import { toWire } from '../wire.ts';

const tags = ['People'];
const path = '/api/v1/people';
const byId = z.object({ id: z.string() });
const onConnection = z.object({ connection_id: connectionParameter });

const riskHistory = z.object({
  result: z.array(z.object({ date: z.string(), risk_score: z.number() })),
});

export function peopleRoutes({ app, gateway, reach }: Door): void {
  /** The connections that the call is about: the named one, or all that the token reaches. */
  const inputOf = async (request: FastifyRequest) => {
    const { connection_id: named, ...query } = request.query as Record<string, unknown>;
    const token = tokenOf(request);
    const connections =
      named === undefined || named === '' ? await reach.all(token) : [await reach.one(token, named, 'connection_id')];
    return { connectionIds: connections.map(({ id }) => id), query };
  };

  app.get(
    path,
    {
      config: { scope: 'directory' },
      validatorCompiler: described,
      schema: {
        operationId: 'listPeople',
        summary: 'People with their risk, training and phishing totals',
        description:
          'Of all connections that the token reaches, or of one. `risk`, `training` and `phishing` are there when the token has the scopes risk, training and phishing.identified.',
        tags,
        querystring: personQuery,
        response: { 200: personList.describe('A page') },
      },
    },
    async (request) => (await gateway.directory.listPeople(await inputOf(request), partsOf(tokenOf(request)))) as never,
  );

  app.get(
    `${path}/:id`,
    {
      config: { scope: 'directory' },
      validatorCompiler: described,
      schema: {
        operationId: 'getPerson',
        summary: 'One person with current enrollments, last tests and risk points',
        tags,
        params: byId,
        querystring: onConnection,
        response: { 200: personRecord.describe('The person') },
      },
    },
    async (request) => {
      const { id } = request.params as { id: string };
      return (await gateway.directory.getPerson(await inputOf(request), id, partsOf(tokenOf(request)))) as never;
    },
  );

  app.get(
    `${path}/:id/risk-history`,
    {
      config: { scope: 'risk', live: true },
      schema: {
        operationId: 'getRiskHistory',
        summary: 'Risk history of one person, read from KnowBe4 now',
        description:
          'Costs one request to KnowBe4; what comes is kept in the mirror. Needs the scope `directory` as well.',
        tags,
        params: byId,
        querystring: onConnection,
        response: { 200: riskHistory.describe('Oldest first') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      requireScope(token, 'directory', 'this address');
      const connection = await reach.one(token, request.query.connection_id, 'connection_id');
      return toWire({ result: await gateway.sync.fetchRiskHistory(connection.id, request.params.id) });
    },
  );
}

const scopeOfPart = {
  risk: 'risk',
  training: 'training',
  phishing: 'phishing.identified',
} as const satisfies Record<PersonPart, Scope>;
const parts = Object.keys(scopeOfPart) as PersonPart[];

/** The parts of a person that the token may see. */
const partsOf = (token: ApiToken) => new Set(parts.filter((part) => hasScope(token, scopeOfPart[part])));
