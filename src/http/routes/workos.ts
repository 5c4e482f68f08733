import { z } from 'zod';
import { type DsyncType, dsyncTypes } from '../../events/workos/dsync.ts';
import { connectionOf } from '../../events/workos/ids.ts';
import type { ListQuery } from '../../events/workos/lists.ts';
import type { ApiToken } from '../../tokens/token.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { instantParameter } from '../schemas/events.ts';
import { limitUpTo, listOf } from '../schemas/query.ts';
import * as schema from '../schemas/workos.ts';

const tags = ['WorkOS'];

const listQuery = z.object({
  after: z.string().max(300).optional().describe('Id of the last record of the page before'),
  before: z.string().max(300).optional().describe('Id of the first record of the page after'),
  limit: limitUpTo(100, 10),
  order: z.enum(['asc', 'desc', 'normal']).default('desc').describe('By id'),
});
const id = z.object({ id: z.string().max(300) });
const config = { scope: 'directory' } as const;

/**
 * The directory in the lists and events of WorkOS Directory Sync (workos.com/docs/reference/directory-sync, read in November
 * 2026). Its libraries can be told another host, but no path before theirs: so the same is served at the root as well.
 */
export function workosRoutes(door: Door): void {
  addRoutes(door, '/workos', false);
  addRoutes(door, '', true);
}

function addRoutes({ app, gateway, reach }: Door, base: '' | '/workos', hide: boolean): void {
  const described = (operationId: string, summary: string) => ({ operationId, summary, tags, hide });
  const listOptions = (query: z.infer<typeof listQuery>): ListQuery => ({
    ...{ limit: query.limit, order: query.order === 'asc' ? 'asc' : 'desc' },
    ...(query.after === undefined ? {} : { after: query.after }),
    ...(query.before === undefined ? {} : { before: query.before }),
  });
  const reached = (token: ApiToken) => reach.all(token);

  app.get(
    `${base}/events`,
    {
      config,
      schema: {
        ...described('listWorkosEvents', 'Directory events in the shape of WorkOS'),
        description:
          'Oldest first. A connection begins with `created` for everybody who was there at the first pass. Ask again with the id of the last event.',
        querystring: z.object({
          events: listOf(z.enum(dsyncTypes)).describe('Types of events'),
          after: z.string().max(600).optional().describe('Id of the last event that is known'),
          organization_id: z.string().max(300).optional().describe('Only this organization: one connection'),
          limit: limitUpTo(100, 10),
          order: z.literal('asc').default('asc').describe('Oldest first'),
          range_start: instantParameter.describe('Only what was seen at this time or later'),
          range_end: instantParameter.describe('Only what was seen before this time'),
        }),
        response: { 200: schema.eventList.describe('A page of events') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const {
        events: types,
        after,
        organization_id: named,
        limit,
        range_start: from,
        range_end: until,
      } = request.query;
      const one = named === undefined ? null : connectionOf(named);
      const isSeen = one === null || token.connections === null || token.connections.includes(one);
      const page = await gateway.workos.events({
        ...{ types: types as readonly DsyncType[], after: after || null, limit },
        connectionIds: one === null ? token.connections : isSeen ? [one] : [],
        ...(from === undefined ? {} : { from }),
        ...(until === undefined ? {} : { until }),
      });
      return { object: 'list', data: page.events, list_metadata: { before: null, after: page.after } } as never;
    },
  );

  app.get(
    `${base}/directories`,
    {
      config,
      schema: {
        ...described('listWorkosDirectories', 'Connections as directories'),
        querystring: listQuery.extend({
          organization_id: z.string().max(300).optional().describe('Only this organization: one connection'),
        }),
        response: { 200: schema.directoryList.describe('A page of directories') },
      },
    },
    async (request) => {
      const all = await reached(tokenOf(request));
      const { organization_id: named } = request.query;
      const own = named === undefined ? all : all.filter((connection) => connection.id === connectionOf(named));
      return gateway.workos.directories(own, listOptions(request.query)) as never;
    },
  );

  app.get(
    `${base}/directories/:id`,
    {
      config,
      schema: {
        ...described('getWorkosDirectory', 'A directory by its id'),
        params: id,
        response: { 200: schema.directory.describe('The directory') },
      },
    },
    async (request) => gateway.workos.directory(await reached(tokenOf(request)), request.params.id) as never,
  );

  app.get(
    `${base}/directory_users`,
    {
      config,
      schema: {
        ...described('listWorkosUsers', 'People of a directory, or of a group'),
        querystring: listQuery.extend({
          directory: z.string().max(300).optional().describe('Id of the directory'),
          group: z.string().max(300).optional().describe('Only members of this group'),
        }),
        response: { 200: schema.userList.describe('A page of people') },
      },
    },
    async (request) => {
      const { directory, group, ...query } = request.query;
      const where = { ...(directory === undefined ? {} : { directory }), ...(group === undefined ? {} : { group }) };
      return (await gateway.workos.users(await reached(tokenOf(request)), where, listOptions(query))) as never;
    },
  );

  app.get(
    `${base}/directory_users/:id`,
    {
      config,
      schema: {
        ...described('getWorkosUser', 'A person by their id'),
        params: id,
        response: { 200: schema.userWithGroups.describe('The person') },
      },
    },
    async (request) => (await gateway.workos.user(await reached(tokenOf(request)), request.params.id)) as never,
  );

  app.get(
    `${base}/directory_groups`,
    {
      config,
      schema: {
        ...described('listWorkosGroups', 'Groups of a directory, or of a person'),
        querystring: listQuery.extend({
          directory: z.string().max(300).optional().describe('Id of the directory'),
          user: z.string().max(300).optional().describe('Only groups of this person'),
        }),
        response: { 200: schema.groupList.describe('A page of groups') },
      },
    },
    async (request) => {
      const { directory, user, ...query } = request.query;
      const where = { ...(directory === undefined ? {} : { directory }), ...(user === undefined ? {} : { user }) };
      return (await gateway.workos.groups(await reached(tokenOf(request)), where, listOptions(query))) as never;
    },
  );

  app.get(
    `${base}/directory_groups/:id`,
    {
      config,
      schema: {
        ...described('getWorkosGroup', 'A group by its id'),
        params: id,
        response: { 200: schema.group.describe('The group') },
      },
    },
    async (request) => (await gateway.workos.group(await reached(tokenOf(request)), request.params.id)) as never,
  );
}
