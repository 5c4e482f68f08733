import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../../errors/errors.ts';
import type { ConnectionView } from '../../../gateway/types.ts';
import { environmentId } from '../../../model/environment.ts';
import { tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { connectionParameter } from '../../schemas/query.ts';
import { instant, named, nullableInstant } from '../../schemas/registry.ts';
import { described } from '../../validate.ts';
import { adminList } from './admin-list.ts';
import { adminPage, adminPaging, filterBy } from './admin-schemas.ts';

const tags = ['Sync'];
const config = { scope: 'sync' } as const;
const params = z.object({ id: z.string().max(200) });

const levels = ['directory', 'refresh', 'full'] as const;
type Level = (typeof levels)[number];
export const jobId = z.enum(levels).describe('The jobs are fixed: GET /sync-job');

/** The day of the jobs, which come with the gateway. */
const SINCE = '2026-01-01T00:00:00.000Z';

const jobs = [
  { id: 'directory', label: 'Directory', description: 'Users, groups, memberships, roles and the account' },
  { id: 'refresh', label: 'Refresh', description: 'The directory, and what is open of training and phishing' },
  { id: 'full', label: 'Full', description: 'Everything, read anew' },
] as const satisfies readonly { readonly id: Level; readonly label: string; readonly description: string }[];

const jobObject = named(
  'SyncJob',
  z.object({
    id: z.string(),
    label: z.string(),
    description: z.string(),
    integration_name: z.literal('knowbe4'),
    environment_id: z.string(),
    created_at: instant,
    updated_at: instant,
  }),
  'One of the fixed jobs',
);

const shownJob = (job: (typeof jobs)[number]) => ({
  ...job,
  integration_name: 'knowbe4' as const,
  environment_id: environmentId,
  ...{ created_at: SINCE, updated_at: SINCE },
});

const triggerObject = named(
  'SyncJobCronTrigger',
  z.object({
    id: z.string().describe('Connection and job'),
    sync_job_id: z.string(),
    integrated_account_id: z.string(),
    status: z.enum(['active', 'inactive']),
    cron_expression: z.string().nullable().describe('null where no expression says it; spread by up to a tenth'),
    x_every_minutes: z.number().int().nullable(),
    created_at: instant,
    updated_at: instant,
  }),
  'What makes the syncs of a connection come back by themselves',
);

const cronExpression = z
  .string()
  .max(100)
  .describe('`*/15 * * * *`, `0 */6 * * *` or `0 0 * * *`: how often, not at what time');
const triggerInput = z
  .strictObject({
    sync_job_id: jobId,
    integrated_account_id: z.string().min(1).max(200),
    cron_expression: cronExpression,
    environment_id: z.string().optional().describe('Follows from the token'),
  })
  .meta({
    examples: [{ sync_job_id: 'directory', integrated_account_id: 'con_…', cron_expression: '*/30 * * * *' }],
  });
const triggerPatch = z
  .strictObject({
    cron_expression: cronExpression.optional(),
    status: z.enum(['active', 'inactive']).optional(),
    environment_id: z.string().optional().describe('Follows from the token'),
  })
  .meta({ examples: [{ status: 'inactive' }] });

const stateObject = named(
  'SyncJobRunState',
  z.object({
    state_key: z.string().describe('Connection and stream'),
    integrated_account_id: z.string(),
    value: z.object({
      status: z.string(),
      baseline_at: nullableInstant,
      last_complete_at: nullableInstant,
      last_refreshed_at: nullableInstant,
      rows: z.number().int().nullable(),
    }),
  }),
  'How far one stream of a connection is known',
);

/** Minutes between runs where the settings say nothing. */
const usual = { directory: 15, refresh: 25 } as const;
const settingOf = { directory: 'directoryEveryMinutes', refresh: 'activityEveryMinutes' } as const;
const WEEK_MINUTES = 7 * 24 * 60;

/** Jobs, what makes them come back, and how far they are, with Truto’s names. */
export function syncJobRoutes({ app, gateway, reach, as }: Door): void {
  app.get(
    '/sync-job',
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'listSyncJobs',
        summary: 'The jobs that there are',
        description: 'They are fixed: jobs of one’s own cannot be made.',
        tags,
        querystring: z.object({ id: filterBy.text('Id'), ...adminPaging }),
        response: { 200: adminPage(jobObject).describe('All of them') },
      },
    },
    async (request) => {
      const filters = { id: { kind: 'text' as const, of: (row: { id: string }) => row.id } };
      return adminList(jobs.map(shownJob), request.query as Record<string, unknown>, filters) as never;
    },
  );

  app.get(
    '/sync-job/:id',
    {
      config,
      schema: {
        operationId: 'getSyncJob',
        summary: 'One of the jobs',
        tags,
        params,
        response: { 200: jobObject.describe('The job') },
      },
    },
    async (request) => {
      const found = jobs.find(({ id }) => id === request.params.id);
      if (found !== undefined) return shownJob(found);
      throw new ForeknowError('not_found', { detail: 'No job has this id.', hint: `There are ${levels.join(', ')}.` });
    },
  );

  app.get(
    '/sync-job-cron-trigger',
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'listSyncJobCronTriggers',
        summary: 'What makes syncs come back by themselves',
        description: 'Made of the settings of the connections; PATCH /api/v1/connections changes them.',
        tags,
        querystring: z.object({
          integrated_account_id: filterBy.text('Connection'),
          sync_job_id: filterBy.text('Job'),
          status: filterBy.text('active or inactive'),
          ...adminPaging,
        }),
        response: { 200: adminPage(triggerObject).describe('Three of each connection') },
      },
    },
    async (request) => {
      const rows = (await reach.all(tokenOf(request))).flatMap(triggersOf);
      return adminList(rows, request.query as Record<string, unknown>, {
        integrated_account_id: { kind: 'text', of: (row) => row.integrated_account_id },
        sync_job_id: { kind: 'text', of: (row) => row.sync_job_id },
        status: { kind: 'text', of: (row) => row.status },
      }) as never;
    },
  );

  const trigger = async (request: FastifyRequest, id: string): Promise<Found> => {
    const all = (await reach.all(tokenOf(request))).flatMap((connection) =>
      triggersOf(connection).map((row) => ({ row, connection })),
    );
    const found = all.find(({ row }) => row.id === id);
    if (found !== undefined) return found;
    throw new ForeknowError('not_found', { detail: 'No trigger has this id.' });
  };

  app.get(
    '/sync-job-cron-trigger/:id',
    {
      config,
      schema: {
        operationId: 'getSyncJobCronTrigger',
        summary: 'One trigger of syncs',
        tags,
        params,
        response: { 200: triggerObject.describe('The trigger') },
      },
    },
    async (request) => (await trigger(request, request.params.id)).row as never,
  );

  /** @param minutes null: never by itself */
  const setEvery = async (request: FastifyRequest, { row, connection }: Found, minutes: number | null) => {
    const { sync_job_id: level, x_every_minutes: now } = row;
    if (level === 'full' && minutes !== now) throw weeklyAlone();
    const settings = level === 'full' ? connection.settings : { ...connection.settings, [settingOf[level]]: minutes };
    const changed = await as(request).connections.update(connection.id, { settings });
    reach.forget();
    return triggersOf(changed).find(({ id }) => id === row.id)!;
  };

  app.post(
    '/sync-job-cron-trigger',
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'createSyncJobCronTrigger',
        summary: 'Set how often a job of a connection comes back',
        description: 'There is one for each connection and job: made again it is changed.',
        tags,
        body: triggerInput,
        response: { 201: triggerObject.describe('The trigger') },
      },
    },
    async (request, reply) => {
      const { integrated_account_id: asked, sync_job_id: level, cron_expression: cron } = request.body;
      const minutes = minutesOf(cron);
      const { id } = await reach.one(tokenOf(request), asked, 'integrated_account_id');
      const made = await setEvery(request, await trigger(request, `${id}:${level}`), minutes);
      return reply.code(201).send(made as never);
    },
  );

  app.patch(
    '/sync-job-cron-trigger/:id',
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'updateSyncJobCronTrigger',
        summary: 'Change how often a job of a connection comes back',
        tags,
        params,
        body: triggerPatch,
        response: { 200: triggerObject.describe('The trigger as it is now') },
      },
    },
    async (request) => {
      const found = await trigger(request, request.params.id);
      const { cron_expression: cron, status } = request.body;
      const { sync_job_id: level, x_every_minutes: now } = found.row;
      const on = cron === undefined ? (now ?? usualOf(level)) : minutesOf(cron);
      return (await setEvery(request, found, status === 'inactive' ? null : on)) as never;
    },
  );

  app.delete(
    '/sync-job-cron-trigger/:id',
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'deleteSyncJobCronTrigger',
        summary: 'Let a job of a connection not come back by itself',
        tags,
        params,
        response: { 200: z.object({ id: z.string() }).describe('The trigger, which is inactive now') },
      },
    },
    async (request) => {
      const found = await trigger(request, request.params.id);
      await setEvery(request, found, null);
      return { id: found.row.id };
    },
  );

  app.post(
    '/sync-job-cron-trigger/:id/schedule',
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'scheduleSyncJobCronTrigger',
        summary: 'Let syncs of a connection come back by themselves',
        description: 'One that was switched off gets the usual interval; one that is on stays as it is.',
        tags,
        params,
        response: { 200: z.object({ success: z.literal(true) }).describe('It is scheduled') },
      },
    },
    async (request) => {
      const found = await trigger(request, request.params.id);
      const { sync_job_id: level, x_every_minutes: minutes } = found.row;
      await setEvery(request, found, minutes ?? usualOf(level));
      return { success: true as const };
    },
  );

  app.get(
    '/sync-job-run-state',
    {
      config,
      schema: {
        operationId: 'listSyncJobRunStates',
        summary: 'How far the streams of a connection are known',
        tags,
        querystring: z.object({
          state_key: z.string().max(200).optional().describe('Connection and stream, as `con_…:users`'),
          integrated_account_id: connectionParameter,
        }),
        response: {
          200: z
            .object({ result: z.array(stateObject), next_cursor: z.null(), limit: z.number().int() })
            .describe('One of each stream'),
        },
      },
    },
    async (request) => {
      const { state_key: key, integrated_account_id: asked } = request.query;
      const ofKey = key ? key.split(':')[0] : undefined;
      const { id } = await reach.one(tokenOf(request), asked ?? ofKey, 'integrated_account_id');
      const { streams } = await gateway.sync.status(id);
      const result = streams
        .map(({ stream, status, baselineAt, lastCompleteAt, lastRefreshedAt, rows }) => ({
          state_key: `${id}:${stream}`,
          integrated_account_id: id,
          value: {
            ...{ status, baseline_at: baselineAt, last_complete_at: lastCompleteAt },
            ...{ last_refreshed_at: lastRefreshedAt, rows },
          },
        }))
        .filter((state) => !key || state.state_key === key);
      return { result, next_cursor: null, limit: result.length };
    },
  );
}

type Found = { readonly row: ReturnType<typeof triggersOf>[number]; readonly connection: ConnectionView };

const usualOf = (level: Level): number => (level === 'full' ? WEEK_MINUTES : usual[level]);

function triggersOf({ id, settings, state, pausedAt, createdAt, updatedAt }: ConnectionView) {
  const isUsable = state === 'active' && pausedAt === null;
  return levels.map((level) => {
    const set = level === 'full' ? WEEK_MINUTES : settings[settingOf[level]];
    const minutes = level !== 'full' && set === undefined ? usual[level] : (set ?? null);
    return {
      id: `${id}:${level}`,
      sync_job_id: level,
      integrated_account_id: id,
      status: isUsable && minutes !== null ? ('active' as const) : ('inactive' as const),
      cron_expression: minutes === null ? null : cronOf(minutes),
      x_every_minutes: minutes,
      ...{ created_at: createdAt, updated_at: updatedAt },
    };
  });
}

/** @returns null for intervals that do not divide an hour or a day */
function cronOf(minutes: number): string | null {
  if (minutes < 60) return 60 % minutes === 0 ? `*/${minutes} * * * *` : null;
  if (minutes === WEEK_MINUTES) return '0 0 * * 0';
  const hours = minutes / 60;
  if (minutes === 24 * 60) return '0 0 * * *';
  return Number.isInteger(hours) && 24 % hours === 0 ? `0 */${hours} * * *` : null;
}

const LEAST_MINUTES = 5;

/**
 * The interval of an expression that says nothing else.
 * @throws ForeknowError `invalid_request` for one that names a time of the day, a day, or an interval that cannot be kept
 */
function minutesOf(cron: string): number {
  const text = cron.trim().replace(/\s+/g, ' ');
  const hourly = text === '0 * * * *' ? '0 */1 * * *' : text;
  const [, some] = /^\*\/(\d{1,2}) \* \* \* \*$/.exec(hourly) ?? [];
  const [, hours] = /^0 \*\/(\d{1,2}) \* \* \*$/.exec(hourly) ?? [];
  const minutes =
    hourly === '0 0 * * 0'
      ? WEEK_MINUTES
      : hourly === '0 0 * * *'
        ? 24 * 60
        : some === undefined
          ? Number(hours) * 60
          : Number(some);
  if (minutes >= LEAST_MINUTES && cronOf(minutes) === hourly) return minutes;
  throw new ForeknowError('invalid_request', {
    detail: 'The expression says more than how often, or an interval that does not divide the hour or the day.',
    hint: 'For instance */15 * * * * (5 minutes at least), 0 */6 * * *, or 0 0 * * *. PATCH /api/v1/connections takes any number of minutes.',
    field: 'cron_expression',
  });
}

const weeklyAlone = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'The full run of each week cannot be moved or switched off.',
    hint: 'To read nothing of a connection, pause it.',
    field: 'sync_job_id',
  });
