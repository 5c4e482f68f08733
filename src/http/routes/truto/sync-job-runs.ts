import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError, isForeknowError } from '../../../errors/errors.ts';
import { trutoEvents, trutoRunStatus } from '../../../events/truto.ts';
import type { RunRecord } from '../../../sync/ports.ts';
import { tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { connectionParameter, limitUpTo } from '../../schemas/query.ts';
import { instant, named, nullableInstant } from '../../schemas/registry.ts';
import { isUnderWay } from '../../start-sync.ts';
import { cursorAfter, spanOf } from './newest-first.ts';
import { jobId } from './sync-jobs.ts';

const tags = ['Sync'];
const config = { scope: 'sync' } as const;
const path = '/sync-job-run';
const params = z.object({ id: z.string().max(100) });

const runState = z.enum(['created', 'running', 'completed', 'failed', 'stopped']);

const runObject = named(
  'SyncJobRun',
  z.object({
    id: z.string(),
    sync_job_id: z.string(),
    integrated_account_id: z.string(),
    status: runState,
    error: z.object({ code: z.string(), detail: z.string(), hint: z.string().nullable() }).nullable(),
    created_at: instant,
    updated_at: instant,
    completed_at: nullableInstant,
    x_status: z
      .string()
      .describe('In our words: of what is failed here, partial and parked runs go on with the next one'),
    x_trigger: z.string(),
    x_requests: z.number().int(),
    x_rows: z.number().int(),
    x_changes: z.number().int(),
  }),
  'A sync, as clients of Truto’s API know it',
);

const runEvents = trutoEvents.filter((name) => name.startsWith('sync_job_run:'));

/** What a job of another kind would take is not known here, and refused by name. */
const runInput = z
  .strictObject({
    sync_job_id: jobId,
    integrated_account_id: z.string().min(1).max(200),
    status: z.literal('created').optional(),
    args: z.strictObject({}).optional().describe('The jobs take none'),
    error_handling: z
      .enum(['fail_fast', 'ignore', 'batch'])
      .optional()
      .describe(
        'Whichever is asked: a stream that cannot be read keeps no other from being read, and the run is failed',
      ),
    ignore_previous_run: z
      .boolean()
      .optional()
      .describe('Everything anew: the same as the job full, and refused with the others'),
    force: z.boolean().optional().describe('A run that is under way is stopped first; else it is a conflict'),
    events_to_send: z
      .array(z.enum(runEvents as [string, ...string[]]))
      .optional()
      .describe('Events that there are; which ones are sent is what webhooks ask for'),
    environment_id: z.string().optional().describe('Follows from the token'),
  })
  .meta({ examples: [{ sync_job_id: 'directory', integrated_account_id: 'con_…', status: 'created' }] });

/** Syncs as runs of the fixed jobs. */
export function syncJobRunRoutes({ app, gateway, reach, as, now }: Door): void {
  const { sync } = gateway;

  /** The same answer for a run that is not there and for one of another connection. */
  const need = async (request: FastifyRequest, id: string): Promise<RunRecord> => {
    const bound = tokenOf(request).connections;
    const run = await sync.getRun(id).catch((error: unknown) => {
      throw isForeknowError(error) && error.code === 'not_found' ? noSuchRun() : error;
    });
    if (bound !== null && !bound.includes(run.connectionId)) throw noSuchRun();
    return run;
  };

  app.get(
    path,
    {
      config,
      schema: {
        operationId: 'listSyncJobRuns',
        summary: 'Syncs, newest first, with Truto’s names',
        tags,
        querystring: z.strictObject({
          integrated_account_id: connectionParameter,
          sync_job_id: jobId.optional().describe('Only of this job'),
          status: runState.optional().describe('Only in this state'),
          created_at: z
            .union([z.string(), z.record(z.string(), z.string())])
            .optional()
            .describe('`created_at[gt]=…`, `[lt]`; a month at most, the last one without it'),
          limit: limitUpTo(100, 50),
          next_cursor: z.string().max(500).optional().describe('From the page before; empty means the start'),
          environment_id: z.string().optional().describe('Follows from the token'),
        }),
        response: {
          200: z
            .object({ result: z.array(runObject), next_cursor: z.string().nullable(), limit: z.number().int() })
            .describe('A page of runs'),
        },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { integrated_account_id: asked, sync_job_id: level, status, limit } = request.query;
      const connectionIds =
        asked === undefined ? token.connections : [(await reach.one(token, asked, 'integrated_account_id')).id];
      const { from, before } = spanOf(request.query, now().getTime());
      const runs = await sync.recentRuns({
        ...{ connectionIds, from: isoOf(from), before: { at: isoOf(before.at), id: before.id }, limit },
        ...(level === undefined ? {} : { level }),
        ...(status === undefined ? {} : { statuses: runStatuses.filter((one) => trutoRunStatus[one] === status) }),
      });
      const places = runs.map(({ startedAt, id }) => ({ at: Date.parse(startedAt), id }));
      return { result: runs.map(shownRun), next_cursor: cursorAfter(places, limit), limit };
    },
  );

  app.post(
    path,
    {
      config,
      schema: {
        operationId: 'createSyncJobRun',
        summary: 'Start a sync, with Truto’s names',
        description: 'While one is under way another is a conflict, so that a call sent twice begins one run.',
        tags,
        body: runInput,
        response: { 201: runObject.describe('The run, before it begins') },
      },
    },
    async (request, reply) => {
      const { sync_job_id: level, integrated_account_id: asked, force, ignore_previous_run: anew } = request.body;
      if (anew === true && level !== 'full') throw takeFull();
      const { id } = await reach.one(tokenOf(request), asked, 'integrated_account_id');
      const cases = as(request).sync;
      const start = () => cases.start(id, { level, trigger: 'manual' });
      const run = await start().catch(async (error: unknown) => {
        const running = force === true ? (await sync.runs(id, 1)).find(isUnderWay) : undefined;
        if (running === undefined) throw error;
        await cases.stop(running.id);
        return start();
      });
      return reply.code(201).send(shownRun(run));
    },
  );

  app.get(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'getSyncJobRun',
        summary: 'One sync, with Truto’s names',
        tags,
        params,
        response: { 200: runObject.describe('The run') },
      },
    },
    async (request) => shownRun(await need(request, request.params.id)),
  );

  app.delete(
    `${path}/:id`,
    {
      config,
      schema: {
        operationId: 'stopSyncJobRun',
        summary: 'Stop a sync, with Truto’s names',
        description: 'It ends after the page it is at; what it has read stays. One that has ended stays as it ended.',
        tags,
        params,
        response: { 200: z.object({ id: z.string() }).describe('The run that is stopped') },
      },
    },
    async (request) => {
      const { id } = await need(request, request.params.id);
      await as(request).sync.stop(id);
      return { id };
    },
  );
}

const runStatuses = Object.keys(trutoRunStatus) as (keyof typeof trutoRunStatus)[];

const isoOf = (ms: number): string => new Date(Math.max(0, ms)).toISOString();

export const shownRun = (run: RunRecord) => ({
  id: run.id,
  sync_job_id: run.level,
  integrated_account_id: run.connectionId,
  status: trutoRunStatus[run.status],
  error: run.error,
  created_at: run.startedAt,
  updated_at: run.endedAt ?? run.startedAt,
  completed_at: run.endedAt,
  ...{ x_status: run.status, x_trigger: run.trigger, x_requests: run.requests },
  ...{ x_rows: run.rows, x_changes: run.changes },
});

const noSuchRun = () => new ForeknowError('not_found', { detail: 'No run has this id.' });

const takeFull = () =>
  new ForeknowError('invalid_request', {
    detail: 'The jobs directory and refresh go on from the run before.',
    hint: 'The job full reads everything anew.',
    field: 'ignore_previous_run',
  });
