import type { FastifyInstance } from 'fastify';
import { ForeknowError } from '../errors/errors.ts';

const RETRY_AFTER_MS = 5000;

/**
 * While the server closes, requests that are under way are answered; those that still come over open connections are told to
 * come again, except the question whether the process is alive.
 * @returns aborted when the server begins to close: whoever holds a call then answers what there is
 */
export function refuseWhenStopping(app: FastifyInstance): AbortSignal {
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  app.addHook('onRequest', async (request) => {
    if (!stopping.signal.aborted || request.routeOptions.url === '/healthz') return;
    throw new ForeknowError('unavailable', {
      detail: 'The server is stopping.',
      hint: 'Try again in a moment.',
      retryAfterMs: RETRY_AFTER_MS,
    });
  });
  // Otherwise the connection would stay open, and the server with it, until the caller lets go.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping.signal.aborted) reply.header('connection', 'close');
  });
  return stopping.signal;
}
