import type { FastifyRequest } from 'fastify';
import { type ZodType, z } from 'zod';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import * as schemas from '../schemas/directory.ts';
import { described } from '../validate.ts';

const root = '/unified/user-directory';
const tags = ['Unified user directory'];
const config = { scope: 'directory' } as const;
const byId = z.object({ id: z.string() });
const JSON_TYPE = 'application/json; charset=utf-8';

/** Users, groups, roles, role assignments and organizations, in the wire format of Truto’s unified API. */
export function unifiedRoutes({ app, gateway, reach }: Door): void {
  const { directory } = gateway;

  /** The connection that the call is about, and the rest of its query as the directory reads it. */
  const inputOf = async (request: FastifyRequest) => {
    const { integrated_account_id: named, ...query } = request.query as Record<string, unknown>;
    const connection = await reach.one(tokenOf(request), named, 'integrated_account_id');
    return { connectionIds: [connection.id], query };
  };

  const resource = (one: {
    readonly path: string;
    readonly singular: string;
    readonly Plural: string;
    readonly Singular: string;
    readonly query: ZodType;
    readonly answers: { readonly list: ZodType; readonly record: ZodType };
    readonly list: (input: Awaited<ReturnType<typeof inputOf>>) => Promise<object>;
    readonly get: (input: Awaited<ReturnType<typeof inputOf>>, id: string) => Promise<object>;
    /** What the record is read from. */
    readonly stream: 'users' | 'groups' | 'account';
  }) => {
    app.get(
      `${root}/${one.path}`,
      {
        config,
        validatorCompiler: described,
        schema: {
          operationId: `list${one.Plural}`,
          summary: `List ${one.path.replace('_', ' ')}`,
          tags,
          querystring: one.query,
          response: { 200: one.answers.list.describe('A page') },
        },
      },
      async (request, reply) => reply.type(JSON_TYPE).send(await one.list(await inputOf(request))),
    );
    app.get(
      `${root}/${one.path}/:id`,
      {
        config,
        validatorCompiler: described,
        schema: {
          operationId: `get${one.Singular}`,
          summary: `Get one ${one.singular}`,
          tags,
          params: byId,
          querystring: schemas.getQuery,
          response: { 200: one.answers.record.describe(`The ${one.singular}`) },
        },
      },
      async (request, reply) => {
        const { id } = request.params as { id: string };
        const input = await inputOf(request);
        const record = await one.get(input, id);
        const asOf = await directory.asOf(input.connectionIds[0]!, one.stream);
        reply.header('x-foreknow-source', 'mirror');
        if (asOf !== null) reply.header('x-foreknow-as-of', asOf);
        return reply.type(JSON_TYPE).send(record);
      },
    );
  };

  resource({
    path: 'users',
    singular: 'user',
    Plural: 'Users',
    Singular: 'User',
    query: schemas.userQuery,
    answers: schemas.users,
    list: directory.listUsersJson,
    get: directory.getUser,
    stream: 'users',
  });
  resource({
    path: 'groups',
    singular: 'group',
    Plural: 'Groups',
    Singular: 'Group',
    query: schemas.groupQuery,
    answers: schemas.groups,
    list: directory.listGroups,
    get: directory.getGroup,
    stream: 'groups',
  });
  resource({
    path: 'roles',
    singular: 'role',
    Plural: 'Roles',
    Singular: 'Role',
    query: schemas.roleQuery,
    answers: schemas.roles,
    list: directory.listRoles,
    get: directory.getRole,
    stream: 'account',
  });
  resource({
    path: 'role_assignments',
    singular: 'role assignment',
    Plural: 'RoleAssignments',
    Singular: 'RoleAssignment',
    query: schemas.roleAssignmentQuery,
    answers: schemas.roleAssignments,
    list: directory.listRoleAssignments,
    get: directory.getRoleAssignment,
    stream: 'account',
  });
  resource({
    path: 'organizations',
    singular: 'organization',
    Plural: 'Organizations',
    Singular: 'Organization',
    query: schemas.organizationQuery,
    answers: schemas.organizations,
    list: directory.listOrganizations,
    get: directory.getOrganization,
    stream: 'account',
  });

  app.get(
    `${root}/me`,
    {
      config,
      validatorCompiler: described,
      schema: {
        operationId: 'getMe',
        summary: 'Who the key of the connection is',
        description: 'A Reporting API key belongs to the account and to no person: it is shown as a service account.',
        tags,
        querystring: schemas.meQuery,
        response: { 200: schemas.users.record.describe('The key, in the shape of a user') },
      },
    },
    async (request, reply) => reply.type(JSON_TYPE).send(await directory.me(await inputOf(request))),
  );
}
