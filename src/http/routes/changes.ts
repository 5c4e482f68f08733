import { z } from 'zod';
import type { ChangeKind } from '../../sync/ports.ts';
import { tokenOf } from '../authenticate.ts';
import { changeKinds, visibleKinds } from '../change-scopes.ts';
import type { Door } from '../door.ts';
import { connectionParameter, limitUpTo, listOf, wholeNumber } from '../schemas/query.ts';
import { change } from '../schemas/sync.ts';
import { toWire } from '../wire.ts';

export function changeRoutes({ app, gateway, reach }: Door): void {
  app.get(
    '/api/v1/changes',
    {
      config: { scope: 'directory' },
      schema: {
        operationId: 'listChanges',
        summary: 'The change log, oldest first',
        description:
          'Ask again with `after` set to `next_after`. A token without the scopes training, phishing or risk does not see these kinds.',
        tags: ['Changes'],
        querystring: z.object({
          connection_id: connectionParameter.describe('Only this connection; without it all that the token reaches'),
          after: wholeNumber(0, 1e15 - 1, 0).describe('Position in the log after which to begin'),
          limit: limitUpTo(1000, 100),
          kinds: listOf(z.enum(changeKinds)).optional().describe('Only these kinds'),
        }),
        response: {
          200: z
            .object({ result: z.array(change), next_after: z.number().int(), has_more: z.boolean() })
            .describe('A page of the log'),
        },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { after, limit, connection_id: named } = request.query;
      const kinds = visibleKinds(token, request.query.kinds);
      const connectionIds =
        named === undefined ? token.connections : [(await reach.one(token, named, 'connection_id')).id];
      const found = await gateway.sync.changes({ connectionIds, after, limit, kinds: kinds as readonly ChangeKind[] });
      return toWire({ result: found, nextAfter: found.at(-1)?.seq ?? after, hasMore: found.length === limit });
    },
  );
}
