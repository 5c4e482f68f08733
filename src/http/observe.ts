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
 * person. A refusal is told at `info`, our own fault at `error`, the rest at `debug`.
 */
export function observeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.decorateRequest('errorCode', null);
  app.addHook('onResponse', async (request, reply) => {
    const { method, errorCode } = request;
    const route = request.is404 ? null : (request.routeOptions.url ?? null);
    const status = reply.statusCode;
    metrics.request({ method, route, status, seconds: reply.elapsedTime / 1000 });
    if (errorCode !== null) metrics.error(errorCode, 'http');
    request.log[levelOf(status)](
      {
        ...{ requestId: request.id, method, route, status },
        ms: Math.round(reply.elapsedTime * 10) / 10,
        token: request.token?.id,
        ...(errorCode === null ? {} : { code: errorCode }),
      },
      'request',
    );
  });
}

const levelOf = (status: number): 'debug' | 'info' | 'error' => {
  if (status >= 500) return 'error';
  return status >= 400 ? 'info' : 'debug';
};
