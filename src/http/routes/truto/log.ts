import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Call, CallType } from '../../../calls/call.ts';
import { type CallFilter, callFilters } from '../../../calls/ports.ts';
import { ForeknowError } from '../../../errors/errors.ts';
import { type Delivery, type DeliveryState, deliveryStates } from '../../../events/endpoint.ts';
import { snakeCase } from '../../../lib/case.ts';
import { environmentId } from '../../../model/environment.ts';
import type { RunRecord } from '../../../sync/ports.ts';
import { tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { isWithin } from '../../endpoint-reach.ts';
import { limitUpTo } from '../../schemas/query.ts';
import { instant, named } from '../../schemas/registry.ts';
import { cursorAfter, type Span, spanOf } from './newest-first.ts';
import { shownRun } from './sync-job-runs.ts';

const logTypes = ['unified_proxy_api', 'rapid_bridge', 'webhook', 'sync_job_cron_trigger', 'mcp'] as const;

const logEntry = named(
  'LogEntry',
  z.looseObject({
    id: z.string(),
    log_type: z.enum(logTypes),
    created_at: instant,
    integrated_account_id: z.string().nullable(),
    environment_id: z.string(),
  }),
  'A call, a delivery or a run, as far as it is remembered: no value of a query and no body.',
);

const dataTypes: readonly CallType[] = ['unified', 'proxy', 'custom', 'batch', 'knowbe4'];

type Entry = { readonly at: number; readonly id: string; readonly shown: Readonly<Record<string, unknown>> };
type Filters = Readonly<Record<string, string>>;
type Question = Span & {
  readonly connectionIds: readonly string[] | null;
  readonly filters: Filters;
  readonly limit: number;
};

/** What happened lately, with Truto’s names. */
export function logRoutes({ app, gateway, reach, now }: Door): void {
  const { callLog, sync, webhooks } = gateway;

  const calls = async (types: readonly CallType[], question: Question): Promise<readonly Entry[]> => {
    const { connectionIds, from, before, limit, filters } = question;
    const where = Object.fromEntries(
      Object.entries(filters).flatMap(([name, value]) => {
        const filter = callFilters.find((one) => snake(one) === name);
        if (filter === undefined) throw unknownFilter(name, callFilters.map(snake));
        return [[filter, filter === 'status' ? numberOf(value) : value]];
      }),
    );
    return (await callLog.list({ types, connectionIds, from, before, where, limit })).map(entryOfCall);
  };

  const runs = async (trigger: 'schedule' | undefined, question: Question): Promise<readonly Entry[]> => {
    const { connectionIds, from, before, limit, filters } = question;
    for (const name of Object.keys(filters)) throw unknownFilter(name, []);
    const found = await sync.recentRuns({
      ...{ connectionIds, limit, from: isoOf(from), before: { at: isoOf(before.at), id: before.id } },
      ...(trigger === undefined ? {} : { trigger }),
    });
    return found.map(entryOfRun);
  };

  const deliveries = async (request: FastifyRequest, question: Question): Promise<readonly Entry[]> => {
    const { webhook_id: endpointId, state, ...others } = question.filters;
    for (const name of Object.keys(others)) throw unknownFilter(name, ['webhook_id', 'state']);
    const wanted = state === undefined ? {} : { state: stateOf(state) };
    const { at, id } = question.before;
    // Of several endpoints: what is as new as the last one shown is asked for again, and left out by its id.
    const before = { firstAt: at, eventId: id === null ? '' : `${id.split(' ')[0]}~` };
    const visible = (await webhooks.list()).filter((one) => isWithin(tokenOf(request), one));
    const pages = await Promise.all(
      visible
        .filter((one) => endpointId === undefined || one.id === endpointId)
        .map((one) => webhooks.deliveries({ endpointId: one.id, ...wanted, before, limit: question.limit + 1 })),
    );
    return pages
      .flat()
      .filter(({ firstAt }) => firstAt >= question.from)
      .map(entryOfDelivery)
      .filter((entry) => id === null || entry.at < at || entry.id < id)
      .toSorted((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1))
      .slice(0, question.limit);
  };

  app.get(
    '/log',
    {
      config: { scope: 'audit' },
      schema: {
        operationId: 'listLog',
        summary: 'Calls, deliveries and runs of the last weeks, newest first',
        description:
          'Calls are kept for 30 days, and are there about a second after their answer. A token that is bound to connections sees what is about these.',
        tags: ['Log'],
        querystring: z.strictObject({
          log_type: z.enum(logTypes).default('unified_proxy_api').describe('What of'),
          created_at: z
            .union([z.string(), z.record(z.string(), z.string())])
            .optional()
            .describe('`created_at[gt]=…`, `[lt]`; a month at most, the last one without it'),
          integrated_account_id: z.string().max(200).optional().describe('Only of this connection'),
          log_type_filter: z
            .record(z.string(), z.string().max(200))
            .optional()
            .describe(
              `Of calls ${callFilters.map(snake).join(', ')}, of deliveries webhook_id and state, as \`log_type_filter[status]=404\``,
            ),
          limit: limitUpTo(100, 50),
          next_cursor: z.string().max(500).optional().describe('From the page before; empty means the start'),
          environment_id: z.string().optional().describe('Follows from the token'),
        }),
        response: {
          200: z
            .object({ result: z.array(logEntry), next_cursor: z.string().nullable(), limit: z.number().int() })
            .describe('A page'),
        },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { log_type: type, limit, integrated_account_id: named, log_type_filter: filters = {} } = request.query;
      const one = named ? await reach.one(token, named, 'integrated_account_id') : null;
      const connectionIds = one === null ? token.connections : [one.id];
      const question = { ...spanOf(request.query, now().getTime()), connectionIds, filters, limit };
      const entries = await entriesOf(request, type, question);
      // Deliveries are read by their endpoints: a page may be shorter than asked for and still have a cursor.
      const result = entries
        .filter(({ shown }) => connectionIds?.includes(String(shown.integrated_account_id)) ?? true)
        .map(({ at, id, shown }) => ({
          ...{ id, log_type: type, created_at: isoOf(at), environment_id: environmentId },
          ...shown,
        }));
      return { result: result as never, next_cursor: cursorAfter(entries, limit), limit };
    },
  );

  const entriesOf = (request: FastifyRequest, type: (typeof logTypes)[number], question: Question) => {
    if (type === 'unified_proxy_api') return calls(dataTypes, question);
    if (type === 'mcp') return calls(['mcp'], question);
    if (type === 'webhook') return deliveries(request, question);
    return runs(type === 'sync_job_cron_trigger' ? 'schedule' : undefined, question);
  };
}

const isoOf = (ms: number): string => new Date(Math.max(0, ms)).toISOString();

const snake = (filter: CallFilter): string => Object.keys(snakeCase({ [filter]: null }) as object)[0]!;

const entryOfCall = ({ id, at, connectionId, type, status, ...call }: Call): Entry => ({
  id,
  at,
  shown: {
    integrated_account_id: connectionId,
    request_type: type,
    status,
    status_class: `${Math.floor(status / 100)}xx`,
    ...(snakeCase(call) as object),
  },
});

function entryOfRun(run: RunRecord): Entry {
  const { id, created_at: _, ...shown } = shownRun(run);
  return { id, at: Date.parse(run.startedAt), shown };
}

/** An event may go to several endpoints: the id holds both. */
const entryOfDelivery = (delivery: Delivery): Entry => {
  const { endpointId, eventId, connectionId, type, state, failures, firstAt, attempts } = delivery;
  const last = attempts.at(-1);
  return {
    id: `${eventId} ${endpointId}`,
    at: firstAt,
    shown: {
      integrated_account_id: connectionId === '' ? null : connectionId,
      ...{ webhook_id: endpointId, event_id: eventId, event: type, state, failures, tries: attempts.length },
      ...{ status: last?.status ?? null, error: last?.error ?? null, duration_ms: last?.durationMs ?? null },
    },
  };
};

function numberOf(value: string): number {
  if (/^\d{3}$/.test(value)) return Number(value);
  throw new ForeknowError('invalid_request', {
    detail: 'log_type_filter[status] is a status of HTTP, such as 404.',
    field: 'log_type_filter[status]',
  });
}

function stateOf(value: string): DeliveryState {
  const found = deliveryStates.find((state) => state === value);
  if (found !== undefined) return found;
  throw new ForeknowError('invalid_request', {
    detail: `log_type_filter[state] is one of ${deliveryStates.join(', ')}.`,
    field: 'log_type_filter[state]',
  });
}

const unknownFilter = (name: string, known: readonly string[]): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `This log has no filter ${JSON.stringify(name.slice(0, 40))}.`,
    hint: known.length === 0 ? 'It has integrated_account_id and created_at.' : `It has ${known.join(', ')}.`,
    field: `log_type_filter[${name.slice(0, 40)}]`,
  });
