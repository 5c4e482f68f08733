import { z } from 'zod';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { connectionParameter, limitUpTo } from '../schemas/query.ts';
import { runRecord } from '../schemas/sync.ts';
import { toWire } from '../wire.ts';

const tags = ['Sync'];

export function runRoutes({ app, gateway, reach }: Door): void {
  app.get(
    '/api/v1/runs',
    {
      config: { scope: 'sync' },
      schema: {
        operationId: 'listRuns',
        summary: 'Runs of a connection, newest first',
        tags,
        querystring: z.object({ connection_id: connectionParameter, limit: limitUpTo(200, 20) }),
        response: { 200: z.object({ result: z.array(runRecord) }).describe('The newest runs') },
      },
    },
    async (request) => {
      const { id } = await reach.one(tokenOf(request), request.query.connection_id, 'connection_id');
      return toWire({ result: await gateway.sync.runs(id, request.query.limit) });
    },
  );

  app.get(
    '/api/v1/runs/:id',
    {
      config: { scope: 'sync' },
      schema: {
        operationId: 'getRun',
        summary: 'One run of a sync',
        tags,
        params: z.object({ id: z.string() }),
        response: { 200: runRecord.describe('The run') },
      },
    },
    async (request) => {
      const bound = tokenOf(request).connections;
      const run = await gateway.sync.getRun(request.params.id).catch((error: unknown) => {
        throw isForeknowError(error) && error.code === 'not_found' ? noSuchRun() : error;
      });
      if (bound !== null && !bound.includes(run.connectionId)) throw noSuchRun();
      return toWire(run);
    },
  );
}

/** One text for a run that is not there and for one of another connection: a bound token cannot tell what exists. */
const noSuchRun = () => new ForeknowError('not_found', { detail: 'No run has this id.' });
