import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { Door } from '../door.ts';
import { errorsPage } from '../error-docs.ts';
import { ERRORS_PAGE } from '../problem.ts';

const status = z.object({ status: z.literal('ok') });

export function healthRoutes({ app, gateway }: Door): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Is the process alive',
        tags: ['Operation'],
        response: { 200: status.describe('It answers') },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Can it serve: the store is open and readable',
        tags: ['Operation'],
        response: { 200: status.describe('It serves') },
      },
    },
    async (request) => {
      try {
        await gateway.connections.list();
      } catch (cause) {
        request.log.error({ err: cause }, 'not ready');
        throw new ForeknowError('unavailable', { detail: 'The store cannot be read.', cause, retryAfterMs: 5000 });
      }
      return { status: 'ok' as const };
    },
  );

  app.get(ERRORS_PAGE, { schema: { hide: true } }, async (_, reply) => {
    return reply.type('text/markdown; charset=utf-8').send(errorsPage());
  });
}
