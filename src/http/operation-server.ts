import Fastify, { type FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ForeknowError } from '../errors/errors.ts';
import type { Gateway } from './door.ts';
import { sendError } from './problem.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { validatorCompiler } from './validate.ts';

/**
 * A second, small door for the machinery around the process: health always, metrics where asked, nothing else. It asks for
 * no token, so it listens on the loopback or on a network that only the machinery reaches.
 */
export async function createOperationServer(
  gateway: Pick<Gateway, 'metrics' | 'whatIsNotReady'>,
  { metrics }: { readonly metrics: boolean },
): Promise<FastifyInstance> {
  const app = Fastify({ logger: false, requestTimeout: 10_000, bodyLimit: 1024, frameworkErrors: sendError });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(() => {
    throw new ForeknowError('not_found', { detail: 'Nothing is served at this address.' });
  });
  const door = { app: app.withTypeProvider<ZodTypeProvider>(), gateway };
  healthRoutes(door);
  if (metrics) metricsRoutes(door);
  await app.ready();
  return app;
}
