import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { actions, planStates } from '../../provisioning/plan.ts';
import { authorOf } from '../actor.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import * as schemas from '../schemas/provisioning.ts';
import { connectionParameter, limitUpTo } from '../schemas/query.ts';
import { toWire } from '../wire.ts';

const tags = ['Provisioning'];
const scope = 'provisioning' as const;
const path = '/api/v1/plans';
const params = z.object({ id: z.string().max(100) });
const after = z.coerce.number().int().min(-1).optional().describe('`position` of the last one seen');
const inParts = { after, limit: limitUpTo(1000, 100) };

/** Of a token whose field policy hides something: a plan is made of what it may not be told. */
export function requireUnhidden(request: FastifyRequest): void {
  if (tokenOf(request).fieldPolicy === null) return;
  throw new ForeknowError('field_hidden', {
    detail: 'Plans tell of people field by field, and the token’s field policy hides some of it.',
    hint: 'Use a token without a field policy.',
  });
}

/** What would be done at KnowBe4. A token builds plans and has approved ones applied; people alone approve. */
export function planRoutes(door: Door): void {
  const { app, gateway, reach, as } = door;
  const planOf = planFinder(door);

  app.get(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'listPlans',
        summary: 'Plans, the newest first',
        tags,
        querystring: z.object({
          connection_id: connectionParameter,
          state: z.enum(planStates).optional().describe('Only plans in this state'),
          limit: limitUpTo(100, 20),
        }),
        response: { 200: z.object({ result: z.array(schemas.plan) }).describe('Without their steps') },
      },
    },
    async (request) => {
      requireUnhidden(request);
      const { connection_id: named, state, limit } = request.query;
      const token = tokenOf(request);
      const reached = named === undefined ? await reach.all(token) : [await reach.one(token, named, 'connection_id')];
      const query = { connectionIds: reached.map(({ id }) => id), limit, ...(state && { states: [state] }) };
      return toWire({ result: await gateway.provisioning.plans(query) });
    },
  );

  app.post(
    path,
    {
      bodyLimit: schemas.LONG_BODY,
      config: { scope },
      schema: {
        operationId: 'buildPlan',
        summary: 'Build a plan from the sources and the rules; nothing is sent',
        tags,
        querystring: z.object({ connection_id: connectionParameter }),
        body: schemas.planRequest,
        response: { 201: schemas.plan.describe('The plan, with its steps') },
      },
    },
    async (request, reply) => {
      requireUnhidden(request);
      const token = tokenOf(request);
      const { id } = await reach.one(token, request.query.connection_id, 'connection_id');
      const { kind, person, only, rules } = request.body;
      const wish = { ...(kind && { kind }), ...(person && { person }), ...(only && { only }), ...(rules && { rules }) };
      const plan = await as(request).provisioning.build(id, wish, authorOf(request));
      return reply.code(201).send(toWire(plan));
    },
  );

  app.post(
    `${path}/compare`,
    {
      config: { scope },
      bodyLimit: schemas.LONG_BODY,
      schema: {
        operationId: 'comparePlans',
        summary: 'What other rules would do otherwise than those in force; nothing is kept or sent',
        tags,
        querystring: z.object({ connection_id: connectionParameter }),
        body: schemas.comparisonRequest,
        response: { 200: schemas.planComparison.describe('Both plans, and what is otherwise') },
      },
    },
    async (request) => {
      requireUnhidden(request);
      const token = tokenOf(request);
      const { id } = await reach.one(token, request.query.connection_id, 'connection_id');
      const { person, only, rules } = request.body;
      const wish = { rules, ...(person && { person }), ...(only && { only }) };
      return toWire(await as(request).provisioning.compare(id, wish, authorOf(request)));
    },
  );

  app.get(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'getPlan',
        summary: 'A plan, who approved it, and how it was applied',
        tags,
        params,
        response: { 200: schemas.planView.describe('Without its steps') },
      },
    },
    async (request) => toWire(await planOf(request, request.params.id)),
  );

  app.get(
    `${path}/:id/steps`,
    {
      config: { scope },
      schema: {
        operationId: 'listPlanSteps',
        summary: 'Steps of a plan in their order, each with how far it is',
        tags,
        params,
        querystring: z.object({ ...inParts, action: z.enum(actions).optional().describe('Only steps that do this') }),
        response: { 200: z.object({ result: z.array(schemas.stepProgress) }).describe('Steps') },
      },
    },
    async (request) => {
      await planOf(request, request.params.id);
      const { action, after: seen, limit } = request.query;
      const query = { limit, ...(seen !== undefined && { after: seen }), ...(action && { actions: [action] }) };
      return toWire({ result: await gateway.provisioning.steps(request.params.id, query) });
    },
  );

  app.get(
    `${path}/:id/items`,
    {
      config: { scope },
      schema: {
        operationId: 'listPlanItems',
        summary: 'What a plan saw and does nothing about: conflicts, who is held, who is not managed',
        tags,
        params,
        querystring: z.object(inParts),
        response: { 200: z.object({ result: z.array(schemas.planItem) }).describe('Items') },
      },
    },
    async (request) => {
      await planOf(request, request.params.id);
      const { after: seen, limit } = request.query;
      const query = { limit, ...(seen !== undefined && { after: seen }) };
      return toWire({ result: await gateway.provisioning.items(request.params.id, query) });
    },
  );

  app.get(
    `${path}/:id/diff/:other`,
    {
      config: { scope },
      schema: {
        operationId: 'diffPlans',
        summary: 'What another plan does otherwise',
        tags,
        params: params.extend({ other: z.string().max(100).describe('Id of the later plan') }),
        response: { 200: schemas.planDiff.describe('Steps by what became of them') },
      },
    },
    async (request) => {
      const { id, other } = request.params;
      await planOf(request, id);
      await planOf(request, other);
      return toWire(await gateway.provisioning.diff(id, other));
    },
  );

  app.post(
    `${path}/:id/apply`,
    {
      config: { scope },
      schema: {
        operationId: 'applyPlan',
        summary: 'Have an approved plan applied',
        description: 'Nothing is sent that people have not approved. What becomes of it is told at `getPlan`.',
        tags,
        params,
        response: { 202: schemas.planView.describe('It is begun in the background') },
      },
    },
    async (request, reply) => {
      await planOf(request, request.params.id);
      const view = await as(request).provisioning.apply(request.params.id, authorOf(request));
      return reply.code(202).send(toWire(view));
    },
  );

  app.post(
    '/api/v1/plan-applications/:id/undo',
    {
      config: { scope },
      schema: {
        operationId: 'undoPlan',
        summary: 'Build a plan that puts back what an application changed',
        description: 'It waits for people like any other, and says what cannot come back.',
        tags,
        params: z.object({
          id: z.string().max(100).describe('Id of the application, or of the plan: all that was done of it'),
        }),
        response: { 201: schemas.plan.describe('The plan, with its steps') },
      },
    },
    async (request, reply) => {
      requireUnhidden(request);
      const token = tokenOf(request);
      const { id } = request.params;
      const { connectionId } = id.startsWith('pl_')
        ? (await gateway.provisioning.plan(id)).plan
        : await gateway.provisioning.application(id);
      await reach.one(token, connectionId, 'id');
      const plan = await as(request).provisioning.undo(id, authorOf(request));
      return reply.code(201).send(toWire(plan));
    },
  );
}

/** The plan, where the token reaches its connection; for others it is not there. */
export const planFinder =
  ({ gateway, reach }: Pick<Door, 'gateway' | 'reach'>) =>
  async (request: FastifyRequest, id: string) => {
    requireUnhidden(request);
    const view = await gateway.provisioning.plan(id);
    const reached = await reach.all(tokenOf(request));
    if (reached.some((connection) => connection.id === view.plan.connectionId)) return view;
    throw new ForeknowError('not_found', { detail: `There is no plan ${id}.` });
  };
