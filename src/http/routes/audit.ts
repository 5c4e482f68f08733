import { Readable } from 'node:stream';
import { z } from 'zod';
import { csvHead, csvLine } from '../../audit/csv.ts';
import type { AuditStore, StoredAuditEntry } from '../../audit/ports.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { connectionParameter, limitUpTo, listOf, wholeNumber } from '../schemas/query.ts';
import { instant, named } from '../schemas/registry.ts';
import { toWire } from '../wire.ts';

const auditEntry = named(
  'AuditEntry',
  z.object({
    seq: z.number().int().describe('Place in the log, without gaps'),
    at: instant,
    actor: z.object({
      kind: z.enum(['token', 'operator', 'person', 'system', 'link']),
      id: z.string().describe('Id of the token, or the user of the machine'),
      name: z.string().nullable(),
      door: z.enum(['http', 'cli', 'internal']),
      from: z.string().nullable().describe('Address of the caller'),
      request_id: z.string().nullable(),
    }),
    action: z.string().meta({ examples: ['connection.removed'] }),
    target: z.string().nullable(),
    connection_id: z.string().nullable(),
    outcome: z
      .enum(['begun', 'done', 'refused', 'failed'])
      .describe('`begun`: it takes several steps, and a further entry says how it ended'),
    error: z.string().nullable().describe('Code of the error'),
    details: z.record(z.string(), z.unknown()),
  }),
  'One administrative act. Holds no secret.',
);

const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .optional();
const words = listOf(z.string().min(1).max(100)).optional();

/** Entries read at a time for an export. */
const EXPORT_PAGE = 1000;
const EXPORT_MS = 600_000;

export function auditRoutes({ app, gateway, reach }: Door): void {
  app.get(
    '/api/v1/audit',
    {
      config: { scope: 'audit', workMs: EXPORT_MS },
      schema: {
        operationId: 'listAudit',
        summary: 'Who did what: administrative acts, oldest first',
        description:
          'Ask again with `after` set to `next_after`. With `format=ndjson` or `csv` the whole selection is streamed as a file. A token bound to connections sees what was done to these.',
        tags: ['Audit'],
        querystring: z.object({
          after: wholeNumber(0, 1e15 - 1, 0).describe('Number after which to begin'),
          limit: limitUpTo(1000, 100),
          connection_id: connectionParameter.describe('Only this connection'),
          actions: words.describe('Only these actions'),
          actors: words.describe('Only these actors, by id'),
          from: time.describe('Not before this time'),
          until: time.describe('Before this time'),
          format: z.enum(['json', 'ndjson', 'csv']).default('json').describe('`ndjson` and `csv` stream all of it'),
        }),
        response: {
          200: z
            .object({ result: z.array(auditEntry), next_after: z.number().int(), has_more: z.boolean() })
            .describe('A page of the log'),
        },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request);
      const { after, limit, connection_id: named, actions, actors, from, until, format } = request.query;
      const query: Parameters<AuditStore['auditEntries']>[0] = {
        after,
        limit,
        connectionIds: named === undefined ? token.connections : [(await reach.one(token, named, 'connection_id')).id],
        ...(actions === undefined ? {} : { actions }),
        ...(actors === undefined ? {} : { actorIds: actors }),
        ...(from === undefined ? {} : { from }),
        ...(until === undefined ? {} : { until }),
      };
      if (format !== 'json') {
        const { type, head, line } = formats[format];
        reply.type(type).header('content-disposition', `attachment; filename="foreknow-audit.${format}"`);
        return reply.send(Readable.from(exported(gateway.audit.entries, query, head, line)) as never);
      }
      const found = await gateway.audit.entries(query);
      return toWire({ result: found, nextAfter: found.at(-1)?.seq ?? after, hasMore: found.length === limit });
    },
  );
}

const formats = {
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    head: '',
    line: (entry: StoredAuditEntry) => `${JSON.stringify(toWire(entry))}\n`,
  },
  csv: { type: 'text/csv; charset=utf-8', head: csvHead, line: csvLine },
} as const;

async function* exported(
  read: AuditStore['auditEntries'],
  query: Parameters<AuditStore['auditEntries']>[0],
  head: string,
  line: (entry: StoredAuditEntry) => string,
): AsyncGenerator<string> {
  if (head !== '') yield head;
  for (let after = query.after; ; ) {
    const page = await read({ ...query, after, limit: EXPORT_PAGE });
    if (page.length > 0) yield page.map(line).join('');
    if (page.length < EXPORT_PAGE) return;
    after = page.at(-1)!.seq;
  }
}
