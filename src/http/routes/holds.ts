import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { ApiToken } from '../../tokens/token.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { connectionParameter } from '../schemas/query.ts';
import { hold } from '../schemas/sync.ts';
import { toWire } from '../wire.ts';

const tags = ['Sync'];

export function holdRoutes({ app, gateway, reach, as }: Door): void {
  const holdsOf = async (token: ApiToken, named: string | undefined) => {
    const connections = named === undefined ? await reach.all(token) : [await reach.one(token, named, 'connection_id')];
    return (await Promise.all(connections.map(({ id }) => gateway.sync.holds(id)))).flat();
  };

  app.get(
    '/api/v1/holds',
    {
      config: { scope: 'sync' },
      schema: {
        operationId: 'listHolds',
        summary: 'Removals that a sync found and did not make',
        tags,
        querystring: z.object({ connection_id: connectionParameter }),
        response: { 200: z.object({ result: z.array(hold) }).describe('Holds of all connections, or of one') },
      },
    },
    async (request) => toWire({ result: await holdsOf(tokenOf(request), request.query.connection_id) }),
  );

  for (const decision of ['confirm', 'dismiss'] as const) {
    app.post(
      `/api/v1/holds/:id/${decision}`,
      {
        config: { scope: 'sync' },
        schema: {
          operationId: `${decision}Hold`,
          summary: decision === 'confirm' ? 'Make the removals' : 'Keep the rows',
          tags,
          params: z.object({ id: z.string() }),
          response: { 200: hold.describe('The hold as it is now') },
        },
      },
      async (request) => {
        const token = tokenOf(request);
        const found = (await holdsOf(token, undefined)).find(({ id }) => id === request.params.id);
        if (!found) throw new ForeknowError('not_found', { detail: 'No hold has this id.' });
        return toWire(await as(request).sync.decideHold(found.id, decision, `token ${token.name}`));
      },
    );
  }
}
