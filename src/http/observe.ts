import type { FastifyInstance } from 'fastify';
import type { ErrorCode } from '../errors/catalog.ts';
import type { Metrics } from '../metrics/ports.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the error that was answered, if one was. */
    errorCode: ErrorCode | null;
  }
}

/**
 * Logs and counts each request when its answer is out: by the route's pattern, never the address itself, which may name a
 * person. What was refused or failed is told at `info`, the rest at `debug`.
 */
export function observeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.decorateRequest('errorCode', null);
  app.addHook('onResponse', async (request, reply) => {
    const { method, errorCode } = request;
    const route = request.is404 ? null : (request.routeOptions.url ?? null);
    const status = reply.statusCode;
    metrics.request({ method, route, status, seconds: reply.elapsedTime / 1000 });
    if (errorCode !== null) metrics.error(errorCode, 'http');
    request.log[status >= 400 ? 'info' : 'debug'](
      {
        ...{ requestId: request.id, method, route, status },
        ms: Math.round(reply.elapsedTime * 10) / 10,
        tokenId: request.token?.id,
        ...(errorCode === null ? {} : { code: errorCode }),
      },
      'request',
    );
  });
}
