import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { catalogEntry, type EventFamily, type EventType } from '../../events/catalog.ts';
import type { Event } from '../../events/event.ts';
import type { ApiToken } from '../../tokens/token.ts';
import { hasScope, tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { instantParameter } from '../schemas/events.ts';
import { connectionParameter, limitUpTo, listOf } from '../schemas/query.ts';
import { named } from '../schemas/registry.ts';

const tags = ['Unified user directory'];
const config = { scope: 'directory' } as const;
const root = '/unified/user-directory/activities';

/** Truto's words where it has one, else our own. */
const actions = {
  'user.signed_in': 'login',
  'user.created': 'user_created',
  'user.updated': 'user_updated',
  'user.archived': 'user_deactivated',
  'user.restored': 'user_reactivated',
  'user.deleted': 'user_deleted',
  'group.member_added': 'group_member_added',
  'group.member_removed': 'group_member_removed',
  'risk_score.changed': 'risk_score_changed',
} as const satisfies Partial<Record<EventType, string>>;
const types = Object.keys(actions) as (keyof typeof actions)[];
const words = [...new Set(Object.values(actions))] as [string, ...string[]];

const activity = named(
  'Activity',
  z.object({
    id: z.string(),
    actor: z.object({ type: z.enum(['user', 'system']), user: z.object({ id: z.string() }).nullable() }),
    organization: z.string(),
    group: z.string().nullable(),
    description: z.string(),
    action: z.string(),
    entity: z.string().nullable(),
    entity_type: z.enum(['user', 'group', 'account']),
    context: z.record(z.string(), z.unknown()).describe('As the event has it: GET /api/v1/events/types'),
    created_at: z.string().describe('When it was; of what a sync found, when it was seen'),
  }),
  'A sign-in, or what a sync found changed',
);

const time = z
  .union([
    instantParameter,
    z.object({ gt: instantParameter, gte: instantParameter, lt: instantParameter, lte: instantParameter }).partial(),
  ])
  .optional();

/** What people did and what changed of them, in Truto's words: the log of events. */
export function activityRoutes({ app, gateway, reach }: Door): void {
  const sight = (token: ApiToken, connectionId: string) => ({
    families: (['directory', 'risk'] as const satisfies readonly EventFamily[]).filter((family) =>
      hasScope(token, family),
    ),
    connectionIds: [connectionId],
  });

  app.get(
    root,
    {
      config,
      schema: {
        operationId: 'listActivities',
        summary: 'List activities, the newest first',
        description: 'Sign-ins and what syncs found changed. Risk scores need the scope risk as well.',
        tags,
        querystring: z.looseObject({
          integrated_account_id: connectionParameter,
          limit: limitUpTo(500, 100),
          next_cursor: z.string().max(200).optional().describe('From the page before; empty means the start'),
          action: listOf(z.enum(words)).optional().describe('Only these actions'),
          created_at: time.describe('When it was seen: a time with an operator'),
          sort_by: z
            .object({ created_at: z.enum(['asc', 'desc']) })
            .optional()
            .describe('Default: the newest first'),
        }),
        response: {
          200: z
            .object({
              result: z.array(activity),
              next_cursor: z.string().nullable(),
              prev_cursor: z.null(),
              result_count: z.number().int(),
            })
            .describe('A page'),
        },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const {
        integrated_account_id: account,
        limit,
        next_cursor: cursor,
        action,
        created_at: at,
        sort_by,
      } = request.query;
      const connection = await reach.one(token, account, 'integrated_account_id');
      const asked = action === undefined ? types : types.filter((type) => action.includes(actions[type]));
      const seen = sight(token, connection.id);
      const wanted = asked.filter((type) => seen.families.some((family) => family === catalogEntry(type).family));
      const order = sort_by?.created_at ?? 'desc';
      const page =
        wanted.length === 0
          ? null
          : await gateway.events.page({ ...seen, types: wanted, after: cursor || null, order, limit, ...between(at) });
      const result = page?.events.map(toActivity) ?? [];
      return {
        result,
        next_cursor: page?.hasMore === true ? page.nextCursor : null,
        prev_cursor: null,
        result_count: result.length,
      } as never;
    },
  );

  app.get(
    `${root}/:id`,
    {
      config,
      schema: {
        operationId: 'getActivity',
        summary: 'Get one activity',
        tags,
        params: z.object({ id: z.string().max(200) }),
        querystring: z.looseObject({ integrated_account_id: connectionParameter }),
        response: { 200: activity.describe('The activity') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const connection = await reach.one(token, request.query.integrated_account_id, 'integrated_account_id');
      const event = await gateway.events.get(request.params.id, sight(token, connection.id));
      if (!(event.type in actions)) throw noActivity(request.params.id);
      return toActivity(event) as never;
    },
  );
}

/** A moment of its own is none that is asked for: times are compared. */
function between(at: z.output<typeof time>): { readonly from?: string; readonly until?: string } {
  if (at === undefined || typeof at === 'string') return at === undefined ? {} : { from: at, until: next(at) };
  const from = at.gte ?? (at.gt === undefined ? undefined : next(at.gt));
  const until = at.lt ?? (at.lte === undefined ? undefined : next(at.lte));
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

/** The next moment that times of the log can tell. */
const next = (at: string): string => new Date(Date.parse(at) + 1).toISOString();

function toActivity({ id, type, connectionId, at, data }: Event) {
  const user = idIn(data.user);
  const group = idIn(data.group);
  const isSignIn = type === 'user.signed_in';
  const signedIn = typeof data.signed_in_at === 'string' ? data.signed_in_at : at;
  return {
    id,
    actor: isSignIn && user !== null ? { type: 'user', user: { id: user } } : { type: 'system', user: null },
    organization: connectionId,
    group,
    description: catalogEntry(type as EventType).when,
    action: actions[type as keyof typeof actions],
    entity: user ?? group ?? connectionId,
    entity_type: user !== null ? 'user' : group !== null ? 'group' : 'account',
    context: data,
    created_at: isSignIn ? signedIn : at,
  };
}

function idIn(value: unknown): string | null {
  const { id } = (value ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : null;
}

const noActivity = (id: string): ForeknowError =>
  new ForeknowError('not_found', { detail: `There is no activity ${id.slice(0, 80)} in this connection.` });
