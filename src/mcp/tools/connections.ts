import { z } from 'zod';
import { eventFamilies } from '../../events/catalog.ts';
import { may, refuseHidden } from '../caller.ts';
import { daysBefore, tool } from '../tool.ts';

const number = z.number().optional();
const text = z.string().optional();

export const connectionsTool = tool({
  name: 'list_connections',
  title: 'List KnowBe4 accounts',
  description:
    'KnowBe4 accounts that the caller reaches: name, region, tags, state, when people were last read whole, what is left of the request budget of the day. total: active people.',
  scopes: [],
  isForAll: true,
  also: {
    id: z.string().optional(),
    region: text,
    state: text,
    tags: z.array(z.string()).optional(),
    paused: z.boolean().optional(),
    budget: z.looseObject({ per_day: number, used_last_day: number, free_for_sync: number }).optional(),
    open_holds: number,
    open_alerts: number,
    next_sync_at: text,
  },
  async read({ gateway, account }) {
    const query = { status: 'active' };
    const head = {
      as_of: await gateway.directory.asOf(account.id, 'users'),
      total: await gateway.directory.countPeople({ connectionIds: [account.id], query }, new Set()),
      ...{ id: account.id, region: account.region, state: account.state, tags: account.tags },
      paused: account.pausedAt === null ? null : true,
    };
    const { budget, openHolds, openAlerts, nextSyncAt } = await gateway.sync.status(account.id);
    return {
      ...head,
      budget: {
        ...{ per_day: budget.limits.perDay, used_last_day: budget.usedLastDay, free_for_sync: budget.freeForSync },
        blocked_until: budget.blockedUntil,
      },
      open_holds: openHolds.length || null,
      open_alerts: openAlerts.length || null,
      next_sync_at: nextSyncAt,
    };
  },
});

export const changesTool = tool({
  name: 'list_changes',
  title: 'What changed since',
  description:
    'Events since a time or a cursor, oldest first: people and groups created, changed, archived, joined or left, scores, tests, trainings. total: events of this page; next_cursor goes on, also later.',
  scopes: ['directory', 'training', 'phishing.aggregate', 'risk', 'connections'],
  narrow: 'types, since',
  input: {
    since: z.string().max(40).optional().describe('ISO time; default 7 days ago'),
    types: z.array(z.string().max(60)).max(20).optional().describe('Such as user.archived or group.*'),
  },
  rows: ['events', { type: z.string(), at: z.string(), data: z.looseObject({}).optional() }],
  async read({ gateway, caller, account, args, limit, cursor, now }) {
    const families = eventFamilies.filter((family) => may(caller, family));
    const { events, nextCursor } = await gateway.events.page({
      ...{ connectionIds: [account.id], families, types: args.types ?? [], after: cursor ?? null },
      ...(cursor === undefined ? { from: args.since ?? daysBefore(now, 7) } : {}),
      ...{ order: 'asc', limit },
    });
    return {
      as_of: await gateway.directory.asOf(account.id, 'users'),
      total: events.length,
      events: events.map(({ type, at, data }) => ({ type, at, data })),
      next_cursor: nextCursor,
    };
  },
});

export const readTool = tool({
  name: 'read_knowbe4',
  title: 'Read from KnowBe4 itself',
  description:
    'One GET of KnowBe4’s Reporting API, now, for what the other tools do not have: costs a request of the daily budget. Paths such as users/123/risk_score_history or training/enrollments/9.',
  scopes: ['proxy'],
  isLive: true,
  input: {
    path: z.string().min(1).max(300).describe('Below /v1, without a query'),
    query: z.record(z.string().max(60), z.string().max(200)).optional(),
  },
  rows: ['rows', {}],
  async read({ gateway, caller, account, args, limit, cursor, signal }) {
    refuseHidden(caller.fieldPolicy, { path: args.path, ...args.query });
    const query = new URLSearchParams(args.query);
    query.set('limit', String(limit));
    if (cursor !== undefined) query.set('next_cursor', cursor);
    const path = `/${args.path.replace(/^\/+/, '')}`;
    const { body } = await gateway.proxy.reporting({
      ...{ connection: account, method: 'GET', path, query: String(query), mayWrite: false },
      ...(signal === undefined ? {} : { signal }),
    });
    const read: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const { result, next_cursor: next } = read as { result?: unknown; next_cursor?: string | null };
    const rows = Array.isArray(result) ? result : Array.isArray(read) ? read : [read];
    return { as_of: new Date().toISOString(), total: rows.length, rows, next_cursor: next ?? null };
  },
});
