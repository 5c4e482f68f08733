import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { COMMAND_TOKEN } from '../../tokens/token.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { callerOf } from '../operator-caller.ts';
import { toWire } from '../wire.ts';

/** What a person typed on a terminal to prove who they are. */
const proofBody = z.strictObject({
  name: z.string().min(1).max(64),
  secret: z.string().min(1).max(1024),
  code: z.string().max(20).nullable().default(null),
});
const newOperator = z.strictObject({
  name: z.string().min(1).max(64),
  secret: z.string().min(1).max(1024),
  totp: z.boolean().default(false),
  voucher: proofBody.nullable().default(null),
});
const byName = z.object({ name: z.string().min(1).max(64) });

/**
 * People who approve, for commands beside the server: they ask the person on the terminal. No part of the API: a token must not be able to make somebody
 * who approves, and then approve as them.
 */
export function operatorRoutes({ app, gateway, as }: Door): void {
  const config = { scope: 'admin', takesSecret: true } as const;

  app.get('/api/v1/operators', { config, schema: { hide: true } }, async (request) => {
    requireCommand(request);
    return toWire({ result: await gateway.operators.list() });
  });

  app.post('/api/v1/operators', { config, schema: { hide: true, body: newOperator } }, async (request, reply) => {
    requireCommand(request);
    const { voucher, ...input } = request.body;
    return reply.code(201).send(toWire(await as(request).operators.add(input, voucher, callerOf(request))));
  });

  app.post(
    '/api/v1/operators/:name/reset',
    { config, schema: { hide: true, params: byName, body: newOperator.omit({ name: true }) } },
    async (request) => {
      requireCommand(request);
      const { voucher, ...input } = request.body;
      const named = { ...input, name: request.params.name };
      return toWire(await as(request).operators.reset(named, voucher, callerOf(request)));
    },
  );

  app.post(
    '/api/v1/operators/:name/disable',
    {
      config,
      schema: { hide: true, params: byName, body: z.strictObject({ voucher: proofBody.nullable().default(null) }) },
    },
    async (request) => {
      requireCommand(request);
      const { name } = request.params;
      return toWire(await as(request).operators.disable(name, request.body.voucher, callerOf(request)));
    },
  );
}

/**
 * Only a command beside the server, which has asked somebody.
 * @throws ForeknowError `token_kind_not_allowed`
 */
function requireCommand(request: FastifyRequest): void {
  if (tokenOf(request).name === COMMAND_TOKEN) return;
  throw new ForeknowError('token_kind_not_allowed', {
    detail: 'People who approve are looked after in the terminal of the machine, never with an API token.',
    hint: 'Run foreknow operators on the machine of the gateway.',
  });
}
