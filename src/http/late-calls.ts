import type { FastifyInstance } from 'fastify';
import { ForeknowError } from '../errors/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How long the route may work, ms; absent: as long as all. */
    workMs?: number;
  }
}

/**
 * Answers 503 (a change: 500) to a call that is worked at for too long, and hangs up on who does not take its answer. The framework's own
 * limit (`handlerTimeout`, Fastify 5.12) ends when the body has been read: a call with a body would have none.
 */
export function endLateCalls(app: FastifyInstance, workMs: number): void {
  app.addHook('onRequest', async (request, reply) => {
    const timer = setTimeout(() => {
      if (reply.raw.headersSent) reply.raw.destroy();
      else reply.send(tooLate(request.method));
    }, request.routeOptions.config.workMs ?? workMs);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}

/** Of a change nobody knows whether it is made yet: the status is one after which clients do not ask again by themselves. */
const tooLate = (method: string): ForeknowError =>
  new ForeknowError(method === 'GET' || method === 'HEAD' ? 'unavailable' : 'internal', {
    detail: 'The answer took too long.',
    hint: 'What was begun may still be done: look before you try again.',
  });
