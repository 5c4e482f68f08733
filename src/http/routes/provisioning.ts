import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Explanation } from '../../provisioning/explain.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import * as schemas from '../schemas/provisioning.ts';
import { connectionParameter, limitUpTo } from '../schemas/query.ts';
import { toWire } from '../wire.ts';
import { requireUnhidden } from './plans.ts';

const tags = ['Provisioning'];
const scope = 'provisioning' as const;
const byId = z.object({ id: z.string().max(100).describe('Id or name of the connection') });
const path = '/api/v1/connections/:id/provisioning';

/** How connections are provisioned. */
export function provisioningRoutes({ app, gateway, reach, as }: Door): void {
  const meant = async (request: FastifyRequest): Promise<string> => {
    requireUnhidden(request);
    const { id } = request.params as { id: string };
    return (await reach.one(tokenOf(request), id, 'id')).id;
  };

  app.get(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'getProvisioning',
        summary: 'How a connection is provisioned, and what waits for somebody',
        tags,
        params: byId,
        response: { 200: schemas.provisioningView.describe('Mode, adoption, Test Mode, the open plan') },
      },
    },
    async (request) => toWire(await gateway.provisioning.status(await meant(request))),
  );

  for (const [act, summary] of [
    ['pause', 'Apply nothing until somebody resumes it'],
    ['stop', 'Stop at once: what is being applied ends before its next write'],
  ] as const) {
    app.post(
      `${path}/${act}`,
      {
        config: { scope },
        schema: {
          operationId: `${act}Provisioning`,
          summary,
          description: 'Anybody may stop; a person lets it go on.',
          tags,
          params: byId,
          response: { 200: schemas.provisioningState.describe('The state as it is now') },
        },
      },
      async (request) => toWire(await as(request).provisioning[act](await meant(request))),
    );
  }

  app.get(
    `${path}/adoption`,
    {
      config: { scope },
      schema: {
        operationId: 'getAdoptionReport',
        summary: 'The first meeting: linked, absent, unmanaged, doubled, seats to reclaim, who would be archived',
        tags,
        params: byId,
        response: { 200: schemas.adoptionReport.describe('The report; nothing is kept of it') },
      },
    },
    async (request) => toWire(await gateway.provisioning.adoptionReport(await meant(request))),
  );

  app.get(
    `${path}/drift`,
    {
      config: { scope },
      schema: {
        operationId: 'getDrift',
        summary: 'What others changed at KnowBe4, apart from what is not applied yet',
        tags,
        params: byId,
        querystring: z.object({
          since: z.iso.datetime({ offset: true }).optional().describe('Only what was written since'),
        }),
        response: { 200: schemas.driftReport.describe('Field by field') },
      },
    },
    async (request) => toWire(await gateway.provisioning.drift(await meant(request), request.query.since ?? null)),
  );

  app.get(
    `${path}/explain`,
    {
      config: { scope },
      schema: {
        operationId: 'explainPerson',
        summary: 'Why one person changes, or does not: read, match, rules, differences, outcome',
        tags,
        params: byId,
        querystring: z.object({
          who: z.string().min(1).max(320).describe('Address, employee number, key or id'),
        }),
        response: { 200: schemas.explanation.describe('Everybody whom the word means') },
      },
    },
    async (request) =>
      toWire(explanationWire(await gateway.provisioning.explain(await meant(request), request.query.who))),
  );

  app.get(
    '/api/v1/work-items',
    {
      config: { scope },
      schema: {
        operationId: 'listWorkItems',
        summary: 'Conflicts that a person decides, open ones first',
        tags,
        querystring: z.object({ connection_id: connectionParameter, limit: limitUpTo(1000, 100) }),
        response: { 200: z.object({ result: z.array(schemas.workItem) }).describe('With both records side by side') },
      },
    },
    async (request) => {
      requireUnhidden(request);
      const { connection_id: named, limit } = request.query;
      const token = tokenOf(request);
      const reached = named === undefined ? await reach.all(token) : [await reach.one(token, named, 'connection_id')];
      return toWire({
        result: await gateway.provisioning.workItems({ connectionIds: reached.map(({ id }) => id), limit }),
      });
    },
  );
}

/** Attributes as a list: their names are the source's own, and stay as they are. */
const explanationWire = ({ who, people }: Explanation) => ({
  who,
  people: people.map((one) => ({ ...one, read: { ...one.read, person: personWire(one.read.person) } })),
});

const personWire = (person: Explanation['people'][number]['read']['person']) =>
  person && {
    key: person.key,
    active: person.active,
    groups: person.groups,
    refs: person.refs,
    attributes: Object.entries(person.attributes).map(([name, value]) => ({
      name,
      value,
      from: person.from[name] ?? null,
    })),
  };
