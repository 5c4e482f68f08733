import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../../errors/errors.ts';
import type { ConnectionView } from '../../../gateway/types.ts';
import type { VerifiedToken } from '../../../tokens/tokens.ts';
import { requireScope, tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { mayConnect, mayShareBudget } from '../../may-connect.ts';
import { described } from '../../validate.ts';
import {
  accountPatch,
  bulkInput,
  connectInputOf,
  credentialsInput,
  importInput,
  ownPatch,
  patchOf,
  refuseRepeated,
  secretOf,
} from './account-input.ts';
import { accountFilters, integratedAccount, shown } from './account-view.ts';
import { adminList } from './admin-list.ts';
import { adminPage, adminPaging, filterBy } from './admin-schemas.ts';

const tags = ['Accounts'];
const path = '/integrated-account';
const scope = 'connections' as const;
const byId = z.object({ id: z.string().describe('Id or name of the account') });
const succeeded = z.object({ success: z.literal(true) });
const mine = z.object({
  integrated_account_id: z.string().optional().describe('Only where the token reaches several accounts'),
});

/** Connections as Truto’s clients know them: an integrated account is a connection and has its id. */
export function accountRoutes(door: Door): void {
  const { app, reach, gateway } = door;
  const act = (request: FastifyRequest) => door.as(request).connections;
  const named = (request: FastifyRequest, id: unknown): Promise<ConnectionView> =>
    reach.one(tokenOf(request), id, 'id');
  /** Runs a change of connections, after which nothing remembered may be used. */
  const changed = async <T>(work: Promise<T>): Promise<T> => work.finally(reach.forget);

  /** The account of an account token, which needs no scope for it; of other tokens the one that they reach. */
  const own = async (request: FastifyRequest): Promise<ConnectionView> => {
    const token = tokenOf(request);
    if (token.kind !== 'account') requireScope(token, scope, 'this address');
    const { integrated_account_id: id } = request.query as { integrated_account_id?: string };
    return reach.one(token, id || undefined, 'integrated_account_id');
  };

  /** An account token does nothing that whoever made it could not: changing an account is the scope `connections`. */
  const requireMaker = async ({ kind, parentId }: VerifiedToken): Promise<void> => {
    if (kind !== 'account' || parentId === null) return;
    requireScope(await gateway.tokens.standing(parentId), scope, 'changing the account by a token made with it');
  };

  app.get(
    path,
    {
      config: { scope },
      validatorCompiler: described,
      schema: {
        operationId: 'listIntegratedAccounts',
        summary: 'Accounts that the token reaches',
        tags,
        querystring: z.object({
          tenant_id: filterBy.text('Tenant'),
          integration: filterBy.text('There is knowbe4'),
          status: filterBy.text('connecting, active, validation_error or needs_reauth'),
          is_sandbox: filterBy.flag('There are none'),
          created_at: filterBy.time('A time, or an object with operators'),
          updated_at: filterBy.time('A time, or an object with operators'),
          ...adminPaging,
        }),
        response: { 200: adminPage(integratedAccount).describe('A page, the oldest first') },
      },
    },
    async (request) => {
      const rows = (await reach.all(tokenOf(request))).map(shown);
      return adminList(rows, request.query as Record<string, unknown>, accountFilters) as never;
    },
  );

  app.post(
    path,
    {
      config: { scope, live: true },
      schema: {
        operationId: 'importIntegratedAccount',
        summary: 'Connect a KnowBe4 account by its token',
        description:
          'The token is proven before anything is kept. The same call a second time is a 409 and makes nothing. Needs a token for all accounts.',
        tags,
        body: importInput,
        response: { 201: integratedAccount.describe('Connected') },
      },
    },
    async (request, reply) => {
      mayConnect(request);
      const input = connectInputOf(request.body);
      refuseRepeated(await gateway.connections.list(), input);
      const { connection } = await changed(act(request).connect(input));
      return reply.code(201).header('location', `${path}/${connection.id}`).send(shown(connection));
    },
  );

  app.post(
    `${path}/token`,
    {
      config: { scope: null },
      schema: {
        operationId: 'createIntegratedAccountToken',
        summary: 'A token for one connection’s data, for 15 minutes',
        description: 'As Truto’s clients ask for it; POST /api/v1/tokens says more.',
        tags: ['Tokens'],
        body: z.object({ integrated_account_id: z.string().min(1).max(200).describe('Id or name of the connection') }),
        response: { 200: z.object({ integrated_account_token: z.string() }).describe('Shown this once') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { id, name } = await reach.one(token, request.body.integrated_account_id, 'integrated_account_id');
      const input = { kind: 'account', name: `account ${name}`.slice(0, 100), connections: [id] } as const;
      return { integrated_account_token: (await door.as(request).tokens.derive(input, token)).secret };
    },
  );

  app.post(
    `${path}/refresh-credentials`,
    {
      config: { scope, live: true },
      schema: {
        operationId: 'refreshCredentials',
        summary: 'Prove the stored token again',
        description:
          'KnowBe4’s tokens do not expire by themselves and cannot be refreshed: an account that was refused is tried anew.',
        tags,
        body: z.object({ id: z.string().min(1).max(200) }),
        response: { 200: succeeded.describe('The token works') },
      },
    },
    async (request) => {
      const { id } = await named(request, request.body.id);
      await changed(act(request).check(id));
      return { success: true as const };
    },
  );

  app.post(
    `${path}/bulk-delete`,
    {
      config: { scope },
      schema: {
        operationId: 'bulkDeleteIntegratedAccounts',
        summary: 'Remove several accounts, by id or tenant',
        description: 'An id that the token does not reach is refused before any account goes. What was mirrored stays.',
        tags,
        body: bulkInput,
        response: { 200: succeeded.extend({ ids: z.array(z.string()) }).describe('Removed') },
      },
    },
    async (request) => {
      const going = await meant(request);
      for (const { id } of going) await changed(act(request).remove(id, { purge: false }));
      return { success: true as const, ids: going.map(({ id }) => id) };
    },
  );

  /** @throws ForeknowError `invalid_request` unless either ids or a tenant are named */
  const meant = async (request: FastifyRequest): Promise<readonly ConnectionView[]> => {
    const { ids, tenant_id: tenant } = request.body as z.output<typeof bulkInput>;
    if ((ids === undefined) === (tenant === undefined)) throw oneOf();
    if (ids === undefined) return (await reach.all(tokenOf(request))).filter((one) => one.tenant === tenant);
    const found = await Promise.all(ids.map((id) => named(request, id)));
    return [...new Map(found.map((one) => [one.id, one])).values()];
  };

  app.get(
    `${path}/me`,
    {
      config: { scope: null },
      schema: {
        operationId: 'getOwnIntegratedAccount',
        summary: 'The account of an account token',
        description: 'Other tokens need the scope `connections`.',
        tags,
        querystring: mine,
        response: { 200: integratedAccount.describe('The account') },
      },
    },
    async (request) => shown(await own(request)),
  );

  app.patch(
    `${path}/me`,
    {
      config: { scope: null },
      schema: {
        operationId: 'updateOwnIntegratedAccount',
        summary: 'Change name and tags of an account token’s account',
        description:
          'Nothing else: no host, no region, no secret. Whoever made the account token needs the scope `connections`, and so do other tokens.',
        tags,
        querystring: mine,
        body: ownPatch,
        response: { 200: integratedAccount.describe('The account as it is now') },
      },
    },
    async (request) => {
      const present = await own(request);
      await requireMaker(tokenOf(request));
      return shown(await changed(act(request).update(present.id, patchOf(request.body, present))));
    },
  );

  app.get(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'getIntegratedAccount',
        summary: 'One account',
        tags,
        params: byId,
        response: { 200: integratedAccount.describe('The account') },
      },
    },
    async (request) => shown(await gateway.connections.get((await named(request, request.params.id)).id)),
  );

  app.patch(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'updateIntegratedAccount',
        summary: 'Change tenant, name, tags or settings',
        description: 'What is not named stays as it is, secrets too; `context.settings` are replaced as a whole.',
        tags,
        params: byId,
        body: accountPatch,
        response: { 200: integratedAccount.describe('The account as it is now') },
      },
    },
    async (request) => {
      const present = await named(request, request.params.id);
      const patch = patchOf(request.body, present);
      mayShareBudget(request, patch.settings?.accountKey, present.settings.accountKey);
      return shown(await changed(act(request).update(present.id, patch)));
    },
  );

  app.patch(
    `${path}/:id/credentials`,
    {
      config: { scope, live: true },
      schema: {
        operationId: 'updateCredentials',
        summary: 'Put another token in the place of the stored one',
        description: 'It is proven first, and must belong to the same account.',
        tags,
        params: byId,
        body: credentialsInput,
        response: { 200: integratedAccount.describe('Replaced') },
      },
    },
    async (request) => {
      const { region } = request.body;
      const input = { reportingToken: secretOf(request.body), ...(region && { region }) };
      const { id } = await named(request, request.params.id);
      return shown((await changed(act(request).replaceToken(id, input))).connection);
    },
  );

  app.delete(
    `${path}/:id`,
    {
      config: { scope },
      schema: {
        operationId: 'deleteIntegratedAccount',
        summary: 'Remove an account and its tokens',
        description: 'What was mirrored stays; DELETE /api/v1/connections/{id}?purge=true removes that as well.',
        tags,
        params: byId,
        response: { 200: z.object({ id: z.string() }).describe('Removed') },
      },
    },
    async (request) => {
      const { id } = await named(request, request.params.id);
      return changed(act(request).remove(id, { purge: false }));
    },
  );
}

const oneOf = (): ForeknowError =>
  new ForeknowError('invalid_request', { detail: 'Name ids or tenant_id, and not both.', field: 'ids' });
