import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Decider } from '../../gateway/deciding.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { callerOf } from '../operator-caller.ts';
import * as schemas from '../schemas/provisioning.ts';
import { sourceRead } from '../schemas/sources.ts';
import { toWire } from '../wire.ts';
import { planFinder, requireUnhidden } from './plans.ts';
import { requireAll } from './sources.ts';

const tags = ['Provisioning'];
const config = { scope: 'provisioning', takesSecret: true } as const;
const byId = z.object({ id: z.string().max(100) });
const connectionPath = '/api/v1/connections/:id/provisioning';
const PERSON = 'Takes the secret of a person who decides beside the token: a token alone decides nothing.';

type Proven = {
  readonly operator: { readonly name: string; readonly secret: string; readonly code?: string | null | undefined };
};

const deciderOf = (request: FastifyRequest): Decider => {
  const { name, secret, code = null } = (request.body as Proven).operator;
  return { proof: { name, secret, code }, from: callerOf(request) };
};

/** What only people decide. */
export function decisionRoutes(door: Door): void {
  const { app, reach, as, stopping } = door;
  const planOf = planFinder(door);
  const meant = async (request: FastifyRequest): Promise<string> => {
    requireUnhidden(request);
    const { id } = request.params as { id: string };
    return (await reach.one(tokenOf(request), id, 'id')).id;
  };

  app.post(
    '/api/v1/plans/:id/approve',
    {
      bodyLimit: schemas.LONG_BODY,
      config,
      schema: {
        operationId: 'approvePlan',
        summary: 'Approve a plan, or some of its steps',
        description: `${PERSON} Only the plan whose digest is named is approved.`,
        tags,
        params: byId,
        body: schemas.approveRequest,
        response: { 200: schemas.planView.describe('The plan as it is now: two people may be needed') },
      },
    },
    async (request) => {
      await planOf(request, request.params.id);
      const { digest, steps = null, reason = null } = request.body;
      const { decisions } = as(request);
      return toWire(await decisions.approve(request.params.id, { digest, steps, reason }, deciderOf(request)));
    },
  );

  app.post(
    '/api/v1/plans/:id/reject',
    {
      config,
      schema: {
        operationId: 'rejectPlan',
        summary: 'Refuse a plan: it is over',
        description: PERSON,
        tags,
        params: byId,
        body: schemas.rejectRequest,
        response: { 200: schemas.planView.describe('The plan as it is now') },
      },
    },
    async (request) => {
      await planOf(request, request.params.id);
      return toWire(await as(request).decisions.reject(request.params.id, request.body.reason, deciderOf(request)));
    },
  );

  app.post(
    `${connectionPath}/attest`,
    {
      config,
      schema: {
        operationId: 'attestProvisioning',
        summary: 'Say what no API tells: Test Mode, another provisioner, what a mail change does',
        description: PERSON,
        tags,
        params: byId,
        body: schemas.attestRequest,
        response: { 200: schemas.provisioningState.describe('The state as it is now') },
      },
    },
    async (request) => {
      const { attested, words = null } = request.body;
      const { decisions } = as(request);
      return toWire(await decisions.attest(await meant(request), { attested, words }, deciderOf(request)));
    },
  );

  app.patch(
    connectionPath,
    {
      bodyLimit: schemas.LONG_BODY,
      config,
      schema: {
        operationId: 'configureProvisioning',
        summary: 'Set the mode, or whom the console exempts',
        description: PERSON,
        tags,
        params: byId,
        body: schemas.settingsRequest,
        response: { 200: schemas.provisioningState.describe('The state as it is now') },
      },
    },
    async (request) => {
      const { mode, exempt } = request.body;
      const settings = { ...(mode && { mode }), ...(exempt && { exempt }) };
      return toWire(await as(request).decisions.configure(await meant(request), settings, deciderOf(request)));
    },
  );

  app.post(
    `${connectionPath}/resume`,
    {
      config,
      schema: {
        operationId: 'resumeProvisioning',
        summary: 'Let plans be applied again, after a pause or a stop',
        description: PERSON,
        tags,
        params: byId,
        body: schemas.byOperator,
        response: { 200: schemas.provisioningState.describe('The state as it is now') },
      },
    },
    async (request) => toWire(await as(request).decisions.resume(await meant(request), deciderOf(request))),
  );

  app.post(
    `${connectionPath}/adoption/confirm`,
    {
      config: { ...config, live: true },
      schema: {
        operationId: 'confirmAdoption',
        summary: 'Test Mode is off: what was sent is at work, once the store is proven whole again',
        description: PERSON,
        tags,
        params: byId,
        body: schemas.byOperator,
        response: { 200: schemas.provisioningState.describe('The state as it is now') },
      },
    },
    async (request) => {
      const { decisions } = as(request);
      const { state } = await decisions.confirmAdoption(await meant(request), deciderOf(request), stopping);
      return toWire(state);
    },
  );

  app.post(
    '/api/v1/work-items/:id/decide',
    {
      config,
      schema: {
        operationId: 'decideWorkItem',
        summary: 'Decide a conflict; the decision is kept',
        description: PERSON,
        tags,
        params: byId,
        body: schemas.decideRequest,
        response: { 200: schemas.workItem.describe('The conflict as it is now') },
      },
    },
    async (request) => {
      requireUnhidden(request);
      const item = await door.gateway.provisioning.workItem(request.params.id);
      await reach.one(tokenOf(request), item.connectionId, 'id');
      const { choice, user_id: userId = null, reason = null } = request.body;
      return toWire(await as(request).decisions.decide(item.id, { choice, userId, reason }, deciderOf(request)));
    },
  );

  app.post(
    '/api/v1/source-reads/:id/accept',
    {
      config,
      schema: {
        operationId: 'acceptSourceRead',
        summary: 'Let a quarantined read of a source in; it takes two people',
        description: PERSON,
        tags,
        params: byId,
        body: schemas.acceptRequest,
        response: { 200: sourceRead.describe('The read as it is now') },
      },
    },
    async (request) => {
      requireAll(request);
      const { decisions } = as(request);
      return toWire(await decisions.acceptRead(request.params.id, request.body.digest, deciderOf(request)));
    },
  );
}
