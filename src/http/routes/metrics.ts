import { z } from 'zod';
import type { Door, Gateway } from '../door.ts';

export function metricsRoutes({
  app,
  gateway,
}: {
  readonly app: Door['app'];
  readonly gateway: Pick<Gateway, 'metrics'>;
}): void {
  app.get(
    '/metrics',
    {
      config: { scope: 'metrics' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Figures of this process and of the store, for Prometheus',
        tags: ['Operation'],
        produces: ['text/plain'],
        response: { 200: z.string().describe('Text format of Prometheus') },
      },
    },
    async (_, reply) => {
      const { contentType, text } = await gateway.metrics.scrape();
      return reply.type(contentType).send(text);
    },
  );
}
