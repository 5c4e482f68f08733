import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Invited, LinkView, NewInvitation } from '../../gateway/types.ts';
import { makerOf } from '../actor.ts';
import type { Door } from '../door.ts';
import { invitation, invitationInput, invited, linkKind, linkState } from '../schemas/links.ts';
import { fromWire, toWire } from '../wire.ts';

const tags = ['Connections'];
const path = '/api/v1/invitations';
const scope = 'connections' as const;
const byId = z.object({ id: z.string().max(100) });

/** Asking a co-worker to connect an account. */
export function invitationRoutes({ app, gateway, as }: Door): void {
  const { links } = gateway;

  app.post(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'createInvitation',
        summary: 'Ask a co-worker to connect an account',
        description:
          'Makes a link and a code for 72 hours, of which the first key that KnowBe4 accepts uses both up. Both are shown this once, and mailed where a mail server is configured. Whoever asks never sees the token.',
        tags,
        body: invitationInput,
        response: { 201: invited.describe('With link and code, which are shown once') },
      },
    },
    async (request, reply) => {
      const made = await as(request).links.invite(fromWire<NewInvitation>(request.body), makerOf(request));
      return reply.code(201).header('location', `${path}/${made.link.id}`).send(shownInvited(request, made));
    },
  );

  app.get(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'listInvitations',
        summary: 'Invitations, the newest first',
        description: 'A token that is bound to connections or tags sees those that were made with it.',
        tags,
        querystring: z.object({
          kind: linkKind.default('invitation').describe('link_token: what POST /link-token made'),
          state: linkState.optional().describe('Only those that are in this state now'),
          limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most so many'),
        }),
        response: { 200: z.object({ result: z.array(invitation) }).describe('Without links and codes') },
      },
    },
    async (request) => {
      const { kind, state, limit } = request.query;
      const query = { kind, limit, ...(state === undefined ? {} : { state }) };
      return toWire({ result: (await links.list(query, makerOf(request))).map(shown) });
    },
  );

  app.get(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'getInvitation',
        summary: 'One invitation',
        tags,
        params: byId,
        response: { 200: invitation.describe('Without link and code') },
      },
    },
    async (request) => toWire(shown(await links.get(request.params.id, makerOf(request)))),
  );

  app.post(
    `${path}/:id/resend`,
    {
      config: { scope },
      schema: {
        operationId: 'resendInvitation',
        summary: 'Send an invitation again, with a new link and a new code',
        description: 'The old ones end; the time at which it expires stays.',
        tags,
        params: byId,
        response: { 200: invited.describe('With link and code, which are shown once') },
      },
    },
    async (request) => shownInvited(request, await as(request).links.resend(request.params.id, makerOf(request))),
  );

  app.delete(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'revokeInvitation',
        summary: 'Withdraw an invitation at once',
        tags,
        params: byId,
        response: { 200: invitation.describe('As it is now') },
      },
    },
    async (request) => toWire(shown(await as(request).links.revoke(request.params.id, makerOf(request)))),
  );
}

/** Without what only links of programs have. */
const shown = ({ context: _, origins: __, redirectUri: ___, ...link }: LinkView) => link;

const shownInvited = (request: FastifyRequest, { link, url, code, mailed }: Invited) =>
  toWire({ invitation: shown(link), url: absolute(request, url), code, mailed });

/** Where the operator tells no address of the server, the one that the caller used. */
const absolute = ({ protocol, host }: FastifyRequest, url: string): string =>
  URL.parse(url, `${protocol}://${host}`)?.href ?? url;
