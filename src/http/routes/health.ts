import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { Door, Gateway } from '../door.ts';
import { errorsPage } from '../error-docs.ts';
import { ERRORS_PAGE } from '../problem.ts';

type HealthDoor = { readonly app: Door['app']; readonly gateway: Pick<Gateway, 'whatIsNotReady'> };

const status = z.object({ status: z.literal('ok') });

export function healthRoutes({ app, gateway }: HealthDoor): void {
  let looking: ReturnType<HealthDoor['gateway']['whatIsNotReady']> | null = null;
  /** Nobody needs a token to ask, so those who ask at the same time share one look at the store. */
  const whatIsNotReady = () => {
    looking ??= gateway.whatIsNotReady().finally(() => {
      looking = null;
    });
    return looking;
  };

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
        summary: 'Can it serve: the store answers, the vault opens, it is not stopping',
        tags: ['Operation'],
        response: { 200: status.describe('It serves') },
      },
    },
    async () => {
      const problems = await whatIsNotReady();
      if (problems.length === 0) return { status: 'ok' as const };
      throw new ForeknowError('unavailable', {
        detail: problems.join(' '),
        retryAfterMs: 5000,
      });
    },
  );

  app.get(ERRORS_PAGE, { schema: { hide: true } }, async (_, reply) => {
    return reply.type('text/markdown; charset=utf-8').send(errorsPage());
  });
}
