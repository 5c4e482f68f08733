import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { ShownSecret } from '../../gateway/types.ts';
import { addressOf, networkOf } from '../address.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { nullableInstant } from '../schemas/registry.ts';
import { toWire } from '../wire.ts';

const tags = ['Connections'];
const byId = z.object({ id: z.string().describe('Id or name of the connection') });
const path = '/api/v1/connections/:id/intake';
const scope = 'connections' as const;

const intakeView = z.object({
  connection_id: z.string(),
  enabled: z.boolean().describe('False until a secret is made'),
  path: z.string().describe('Where KnowBe4 is to send its webhooks, below the address of this server'),
  in_query: z.boolean().describe('Whether the secret may come in the query as well'),
  created_at: nullableInstant.describe('When the secret was made'),
  calls: z.number(),
  last_call_at: nullableInstant,
});
const renewed = intakeView.extend({ secret: z.string().describe('Shown once') });
const intakeInput = z
  .strictObject({
    in_query: z
      .boolean()
      .optional()
      .describe('Let the secret come as ?api_key= too, for senders that can do nothing else: it may end in their logs'),
  })
  .optional();

/** The address of KnowBe4's own webhooks: making, showing and closing it, and the calls themselves. */
export function intakeRoutes(door: Door): void {
  const { app, gateway, reach } = door;
  const idOf = async (request: FastifyRequest): Promise<string> =>
    (await reach.one(tokenOf(request), (request.params as { id: string }).id, 'id')).id;

  app.get(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'getIntake',
        summary: 'Where KnowBe4’s own webhooks may call for a connection',
        tags,
        params: byId,
        response: { 200: intakeView.describe('Without the secret') },
      },
    },
    async (request) => toWire(await gateway.intake.show(await idOf(request))),
  );

  app.post(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'renewIntake',
        summary: 'Take the address into use, or give it a new secret',
        description: 'The secret before stops to work at once.',
        tags,
        params: byId,
        body: intakeInput,
        response: { 201: renewed.describe('With the secret, which is shown once') },
      },
    },
    async (request, reply) => {
      const inQuery = request.body?.in_query ?? false;
      return reply.code(201).send(toWire(await door.as(request).intake.renew(await idOf(request), { inQuery })));
    },
  );

  app.delete(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'disableIntake',
        summary: 'Take the address out of use',
        tags,
        params: byId,
        response: { 200: intakeView.describe('As it is now') },
      },
    },
    async (request) => toWire(await door.as(request).intake.disable(await idOf(request))),
  );

  void app.register(async (scoped) => takeCalls({ ...door, app: scoped as unknown as Door['app'] }));
}

/** What a webhook can hold; the body is only a hint. */
const BODY_LIMIT = 64 * 1024;
/** Calls of one connection, a minute: a burst of events is a few hundred. */
const CALLS_PER_MINUTE = 600;
const WINDOW_MS = 60_000;

const accepted = z.object({ accepted: z.literal(true), repeated: z.boolean() });

/** Bodies are taken as bytes, whatever they are: nothing in them is believed, so nothing in them can be wrong. */
function takeCalls({ app, gateway, failuresPerMinute }: Door): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  const admitted = new WeakMap<FastifyRequest, string>();
  const countFailure = app.createRateLimit({
    max: failuresPerMinute,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => networkOf(addressOf(request)),
  });
  const countCall = app.createRateLimit({
    max: CALLS_PER_MINUTE,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => admitted.get(request) ?? '',
  });

  app.post(
    '/intake/knowbe4/:connection',
    {
      bodyLimit: BODY_LIMIT,
      // Before the body is read.
      onRequest: async (request) => {
        const { connection } = request.params as { connection: string };
        const connectionId = await gateway.intake.admit(connection, secretsOf(request));
        if (connectionId === null) throw refusal(await countFailure(request));
        admitted.set(request, connectionId);
        const count = await countCall(request);
        if (!count.isAllowed && count.isExceeded) throw tooManyCalls(count.ttl);
      },
      schema: {
        operationId: 'receiveWebhook',
        summary: 'A webhook of KnowBe4’s own: wakes the sync of the connection',
        description:
          'Authenticated by the secret of the intake: as Bearer or Basic password, as header X-API-Key, or, where that was allowed, as ?api_key=. The body is any up to 64 kB; what has changed is read from KnowBe4, never taken from it.',
        tags: ['Intake'],
        security: [{ intakeBearer: [] }, { intakeBasic: [] }, { intakeKey: [] }],
        params: z.object({ connection: z.string().describe('Id or name of the connection') }),
        response: { 202: accepted.describe('Taken; `repeated` when the same body came in the last ten minutes') },
      },
    },
    async (request, reply) => {
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const outcome = await gateway.intake.accept(admitted.get(request)!, body);
      return reply.code(202).send({ accepted: true, repeated: outcome === 'repeated' });
    },
  );
}

/** Everything in a call that may be the secret: how a sender is told to show one differs. */
function secretsOf({ headers, query }: FastifyRequest): ShownSecret[] {
  const [, scheme = '', value = ''] =
    /^(bearer|basic) +([\x21-\x7e]{1,1024}) *$/i.exec(headers.authorization ?? '') ?? [];
  const password = Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
  const shown = scheme.toLowerCase() === 'basic' ? password : value;
  const key = headers['x-api-key'];
  const { values } = query as { values?: Record<string, unknown> };
  const found: ShownSecret[] = [];
  if (shown !== '') found.push({ value: shown, inQuery: false });
  if (typeof key === 'string') found.push({ value: key, inQuery: false });
  if (typeof values?.api_key === 'string') found.push({ value: values.api_key, inQuery: true });
  return found;
}

type Count = { readonly isAllowed: boolean };

/** One text for an unknown connection, an intake out of use and a wrong secret. */
function refusal(count: Count & { readonly isExceeded?: boolean; readonly ttl?: number }): ForeknowError {
  if (!count.isAllowed && count.isExceeded) {
    return new ForeknowError('rate_limited', {
      detail: 'Too many calls with a wrong secret came from this address.',
      hint: 'Wait, then send the secret of the connection’s intake.',
      retryAfterMs: count.ttl ?? WINDOW_MS,
    });
  }
  return new ForeknowError('unauthenticated', {
    detail: 'There is no such intake, or the secret is not its own.',
    hint: 'Make a secret with foreknow connections intake NAME --renew, and give it to the webhook.',
  });
}

const tooManyCalls = (retryAfterMs: number): ForeknowError =>
  new ForeknowError('rate_limited', {
    detail: `More than ${CALLS_PER_MINUTE} webhooks of one connection came in a minute.`,
    hint: 'Nothing is lost: the sync that the others have asked for reads what has changed.',
    retryAfterMs,
  });
