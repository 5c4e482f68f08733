import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Gateway } from './door.ts';
import { newInstance } from './instance.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';

/**
 * A second, small door for the machinery around the process: health always, metrics where asked, nothing else. It asks for
 * no token, so it listens on the loopback or on a network that only the machinery reaches.
 */
export async function createOperationServer(
  gateway: Pick<Gateway, 'metrics' | 'whatIsNotReady'>,
  { metrics }: { readonly metrics: boolean },
): Promise<FastifyInstance> {
  const app = await newInstance({ bodyLimit: 1024 });
  const door = { app: app.withTypeProvider<ZodTypeProvider>(), gateway };
  healthRoutes(door);
  if (metrics) metricsRoutes(door);
  await app.ready();
  return app;
}
