import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FirstCall, KeptAnswers } from '../calls/kept-answers.ts';
import { ForeknowError } from '../errors/errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while a call with an `Idempotency-Key` is worked at that nobody made before. */
    once: FirstCall | null;
  }
  interface FastifyContextConfig {
    /** A person proves themselves in the body: each call is tried by itself, and nothing that their secret could be guessed by is kept. */
    takesSecret?: boolean;
  }
}

const KEY = /^[\x20-\x7e]{1,255}$/;

/** What only reads, messages of a protocol that repeats by its own rules, and calls of somebody who has no token. */
const without = /^\/(mcp|intake|batch-request)(\/|$)|^\/proxy\/graphql$/;

/** What goes through to KnowBe4 may have taken effect there although an error came back. */
const throughToKnowBe4 = /^\/(proxy|custom)\//;

/**
 * A POST or PATCH with an `Idempotency-Key` takes effect once: whoever repeats it is given the answer of the first. Token, scope and field
 * policy are looked at before, as they are now.
 */
export function answerOnce(app: FastifyInstance, answers: KeptAnswers): void {
  app.decorateRequest('once', null);

  app.addHook('preHandler', async (request, reply) => {
    const call = onceCallOf(request);
    if (call === null) return;
    const found = await answers.begin(call);
    if ('first' in found) {
      request.once = found.first;
      return;
    }
    const { status, contentType, body } = found.again;
    return reply.code(status).type(contentType).header('idempotent-replayed', 'true').send(body);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { once } = request;
    if (once === null) return payload;
    request.once = null;
    try {
      await settle(once, request, reply.statusCode, {
        payload,
        contentType: String(reply.getHeader('content-type') ?? ''),
      });
    } catch (error) {
      // The call has taken effect: its answer is worth more than the right to ask for it again.
      request.log.error({ err: error, requestId: request.id }, 'answer not kept');
    }
    return payload;
  });
}

/** @throws ForeknowError `invalid_request` for a key that is none */
function onceCallOf(request: FastifyRequest) {
  const key = request.headers['idempotency-key'];
  const { method, token } = request;
  if (key === undefined || token === null || (method !== 'POST' && method !== 'PATCH')) return null;
  if (request.routeOptions.config.takesSecret === true) return null;
  if (request.is404 || without.test(request.routeOptions.url ?? '')) return null;
  if (typeof key !== 'string' || !KEY.test(key)) throw notAKey();
  const asked = JSON.stringify([request.query ?? null, request.body ?? null]);
  return { tokenId: token.id, method, path: request.url.split('?')[0]!, key, asked };
}

type Sent = { readonly payload: unknown; readonly contentType: string };

/**
 * Success is kept. What was refused had no effect and may be tried again, and so may what failed before anything was done. Of what broke on
 * our side, or on the way through to KnowBe4, nobody knows: the key stays taken.
 */
async function settle(once: FirstCall, request: FastifyRequest, status: number, sent: Sent): Promise<void> {
  if (status < 400) return once.keep({ status, contentType: sent.contentType, body: textOf(sent.payload) });
  const mayHaveDone =
    request.errorCode === 'internal' ||
    request.errorCode === 'store_failed' ||
    (status >= 500 && throughToKnowBe4.test(request.routeOptions.url ?? ''));
  if (!mayHaveDone) await once.release();
}

const textOf = (payload: unknown): string =>
  payload instanceof Uint8Array ? Buffer.from(payload).toString('utf8') : typeof payload === 'string' ? payload : '';

const notAKey = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'Idempotency-Key is 1 to 255 plain characters.',
    hint: 'A new random UUID for every call that is to take effect once.',
    field: 'Idempotency-Key',
  });
