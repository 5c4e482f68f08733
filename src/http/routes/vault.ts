import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { toWire } from '../wire.ts';

export function vaultRoutes({ app, as }: Door): void {
  app.post(
    '/api/v1/vault/rotate',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'rotateVault',
        summary: 'Seal every KnowBe4 token anew under a new key',
        description: 'Keys from before stay in the ring, because backups need them. Needs a token for all connections.',
        tags: ['Connections'],
        response: {
          200: z.object({ resealed: z.number().int(), keys: z.number().int() }).describe('Sealed anew'),
        },
      },
    },
    async (request) => {
      if (tokenOf(request).connections !== null) {
        throw new ForeknowError('connection_not_allowed', {
          detail: 'The token is bound to named connections, and the vault holds those of all.',
          hint: 'Use a token that reaches all connections.',
        });
      }
      return toWire(await as(request).vault.rotate());
    },
  );
}
