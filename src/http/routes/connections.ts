import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isForeknowError } from '../../errors/errors.ts';
import type { ConnectInput } from '../../gateway/types.ts';
import { sleep } from '../../lib/sleep.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { mayConnect, mayShareBudget } from '../may-connect.ts';
import {
  connectInput,
  connectionPatch,
  connectionView,
  connectResult,
  keyInput,
  keyKind,
  keyResult,
  replaceTokenInput,
} from '../schemas/connection.ts';
import { flag } from '../schemas/query.ts';
import { connectionStatus, runRecord, startedRun, syncEstimate, syncInput, syncLevel } from '../schemas/sync.ts';
import { isUnderWay, startSync } from '../start-sync.ts';
import { fromWire, toWire } from '../wire.ts';

const tags = ['Connections'];
const byId = z.object({ id: z.string().describe('Id or name of the connection') });
const path = '/api/v1/connections';
const scope = 'connections' as const;

export function connectionRoutes(door: Door): void {
  const { app, gateway, reach } = door;
  const { connections, sync } = gateway;
  const act = (request: FastifyRequest) => door.as(request).connections;
  const idOf = async (request: FastifyRequest): Promise<string> =>
    (await reach.one(tokenOf(request), (request.params as { id: string }).id, 'id')).id;
  /** Runs a change of connections, after which nothing remembered may be used. */
  const changed = async <T>(work: Promise<T>): Promise<T> => work.finally(reach.forget);

  app.get(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'listConnections',
        summary: 'Connections that the token reaches',
        tags,
        response: { 200: z.object({ result: z.array(connectionView) }).describe('All of them, by name') },
      },
    },
    async (request) => toWire({ result: await reach.all(tokenOf(request)) }),
  );

  app.post(
    path,
    {
      config: { scope, live: true },
      schema: {
        operationId: 'connect',
        summary: 'Connect a KnowBe4 account',
        description:
          'Proves the token against KnowBe4 before the connection becomes active. Needs a token for all connections.',
        tags,
        body: connectInput,
        response: { 201: connectResult.describe('Connected') },
      },
    },
    async (request, reply) => {
      mayConnect(request);
      const result = await changed(act(request).connect(fromWire<ConnectInput>(request.body)));
      return reply.code(201).header('location', `${path}/${result.connection.id}`).send(toWire(result));
    },
  );

  app.get(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'getConnection',
        summary: 'One connection',
        tags,
        params: byId,
        response: { 200: connectionView.describe('The connection') },
      },
    },
    async (request) => toWire(await connections.get(await idOf(request))),
  );

  app.patch(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'updateConnection',
        summary: 'Change name, tenant, tags or settings',
        tags,
        params: byId,
        body: connectionPatch,
        response: { 200: connectionView.describe('The connection as it is now') },
      },
    },
    async (request) => {
      const connection = await reach.one(tokenOf(request), request.params.id, 'id');
      mayShareBudget(request, request.body.settings?.account_key, connection.settings.accountKey);
      return toWire(await changed(act(request).update(connection.id, fromWire(request.body))));
    },
  );

  app.delete(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'removeConnection',
        summary: 'Remove a connection and its tokens',
        tags,
        params: byId,
        querystring: z.object({ purge: flag.describe('Also remove everything mirrored, its runs and its changes') }),
        response: {
          200: z
            .object({
              id: z.string(),
              notes: z.array(z.string()).optional().describe('What goes on at KnowBe4 after it'),
            })
            .describe('Removed'),
        },
      },
    },
    async (request) => {
      const { purge = false } = request.query;
      const id = await idOf(request).catch((error: unknown) => {
        // What a removed connection left behind is named by its id alone.
        if (purge && isForeknowError(error) && error.code === 'not_found') return request.params.id;
        throw error;
      });
      return toWire(await changed(act(request).remove(id, { purge })));
    },
  );

  app.post(
    `${path}/:id/token`,
    {
      config: { scope, live: true },
      schema: {
        operationId: 'replaceToken',
        summary: 'Replace the Reporting API token',
        description: 'The new token is proven first and must belong to the same account.',
        tags,
        params: byId,
        body: replaceTokenInput,
        response: { 200: connectResult.describe('Replaced') },
      },
    },
    async (request) => toWire(await changed(act(request).replaceToken(await idOf(request), fromWire(request.body)))),
  );

  app.post(
    `${path}/:id/check`,
    {
      config: { scope, live: true },
      schema: {
        operationId: 'checkConnection',
        summary: 'Prove the stored token again',
        tags,
        params: byId,
        response: { 200: connectResult.describe('The token works') },
      },
    },
    async (request) => toWire(await changed(act(request).check(await idOf(request)))),
  );

  const byKind = byId.extend({ kind: keyKind.describe('What the key is for') });
  app.put(
    `${path}/:id/keys/:kind`,
    {
      config: { scope, live: true },
      schema: {
        operationId: 'putKey',
        summary: 'Add a key for another API of the account',
        description:
          'Proves it with one request, and keeps it sealed in the place of one of the same kind: `scim` for provisioning, `events` for the User Event API, `product` for GraphQL.',
        tags,
        params: byKind,
        body: keyInput,
        response: { 200: keyResult.describe('The key works and is kept') },
      },
    },
    async (request) => {
      const id = await idOf(request);
      return toWire(await changed(act(request).addKey(id, request.params.kind, fromWire(request.body))));
    },
  );

  app.delete(
    `${path}/:id/keys/:kind`,
    {
      config: { scope },
      schema: {
        operationId: 'removeKey',
        summary: 'Forget a key of the connection',
        tags,
        params: byKind,
        response: { 200: connectionView.describe('The connection as it is now') },
      },
    },
    async (request) => toWire(await changed(act(request).removeKey(await idOf(request), request.params.kind))),
  );

  for (const verb of ['pause', 'resume'] as const) {
    app.post(
      `${path}/:id/${verb}`,
      {
        config: { scope },
        schema: {
          operationId: `${verb}Connection`,
          summary: verb === 'pause' ? 'Send nothing more to KnowBe4' : 'Go on after a pause',
          tags,
          params: byId,
          response: { 200: connectionView.describe('The connection as it is now') },
        },
      },
      async (request) => toWire(await changed(act(request)[verb](await idOf(request)))),
    );
  }

  app.get(
    `${path}/:id/status`,
    {
      config: { scope },
      schema: {
        operationId: 'getConnectionStatus',
        summary: 'Streams, request budget, holds and runs of a connection',
        tags,
        params: byId,
        response: { 200: connectionStatus.describe('How the connection stands') },
      },
    },
    async (request) => toWire(await sync.status(await idOf(request))),
  );

  app.get(
    `${path}/:id/estimate`,
    {
      config: { scope: 'sync' },
      schema: {
        operationId: 'estimateSync',
        summary: 'What a sync would cost, before it runs',
        tags: ['Sync'],
        params: byId,
        querystring: z.object({ level: syncLevel.optional().describe('Default refresh') }),
        response: { 200: syncEstimate.describe('Requests and time') },
      },
    },
    async (request) => toWire(await sync.estimate(await idOf(request), request.query)),
  );

  app.post(
    `${path}/:id/sync`,
    {
      config: { scope: 'sync', live: true },
      schema: {
        operationId: 'syncConnection',
        summary: 'Start a sync',
        description:
          'Puts a run in the queue and answers 202 with its id; a process that does the work begins it at once. With `wait=true` the call is held until the run ends, at most 25 s, and then answers 200 with the run record.',
        tags: ['Sync'],
        params: byId,
        querystring: z.object({ wait: flag.describe('Hold the call until the run ends') }),
        body: syncInput,
        response: { 200: runRecord.describe('The run has ended'), 202: startedRun.describe('The run goes on') },
      },
    },
    async (request, reply) => {
      const run = await startSync({
        sync: door.as(request).sync,
        connectionId: await idOf(request),
        input: fromWire(request.body ?? {}),
        waitMs: request.query.wait ? door.waitMs : 0,
        sleep,
        signal: door.stopping,
      });
      return isUnderWay(run)
        ? reply.code(202).send(toWire({ runId: run.id, status: run.status }))
        : reply.code(200).send(toWire(run));
    },
  );

  app.delete(
    `${path}/:id/people/:userId`,
    {
      config: { scope },
      schema: {
        operationId: 'erasePerson',
        summary: 'Erase one person everywhere',
        description:
          'Removes rows, memberships, changes and risk points of the person from the mirror, and keeps the person out of later syncs. A keyed hash of the id stays for that.',
        tags,
        params: byId.extend({ userId: z.string().min(1) }),
        response: { 200: z.object({ rows: z.number(), changes: z.number() }).describe('How much went') },
      },
    },
    async (request) => toWire(await act(request).erasePerson(await idOf(request), request.params.userId)),
  );

  app.post(
    `${path}/:id/people/:userId/readmit`,
    {
      config: { scope },
      schema: {
        operationId: 'readmitPerson',
        summary: 'Let an erased person in again',
        description: 'The next sync that reads the person brings them back.',
        tags,
        params: byId.extend({ userId: z.string().min(1) }),
        response: { 200: z.object({ readmitted: z.boolean() }).describe('False when the person was not kept out') },
      },
    },
    async (request) => toWire(await act(request).readmitPerson(await idOf(request), request.params.userId)),
  );
}
