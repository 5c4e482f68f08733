import type { Door } from '../door.ts';
import * as schemas from '../schemas/directory.ts';
import { described } from '../validate.ts';
import { unifiedResources } from './unified-resource.ts';

const model = { root: '/unified/user-directory', tag: 'Unified user directory', scope: 'directory' } as const;
const JSON_TYPE = 'application/json; charset=utf-8';

/** Users, groups, roles, role assignments and organizations, in the wire format of Truto’s unified API. */
export function unifiedRoutes(door: Door): void {
  const { app, gateway } = door;
  const { directory } = gateway;
  const { inputOf, resource } = unifiedResources(door, model);

  resource({
    path: 'users',
    singular: 'user',
    Plural: 'Users',
    Singular: 'User',
    query: schemas.userQuery,
    answers: schemas.users,
    list: directory.listUsersJson,
    get: async (input, id) => {
      const [connectionId = ''] = input.connectionIds;
      return directory.getUser(input, await gateway.provisioning.userIdOf(connectionId, id));
    },
    live: gateway.live.users,
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
    live: gateway.live.groups,
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
    live: gateway.live.roles,
    surface: 'product',
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
    live: gateway.live.roleAssignments,
    surface: 'product',
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

  resource({
    path: 'licenses',
    singular: 'license',
    Plural: 'Licenses',
    Singular: 'License',
    query: schemas.licenseQuery,
    answers: schemas.licenses,
    list: directory.listLicenses,
    get: directory.getLicense,
    stream: 'account',
  });

  app.get(
    `${model.root}/me`,
    {
      config: { scope: model.scope },
      validatorCompiler: described,
      schema: {
        operationId: 'getMe',
        summary: 'Who the key of the connection is',
        description: 'A Reporting API key belongs to the account and to no person: it is shown as a service account.',
        tags: [model.tag],
        querystring: schemas.meQuery,
        response: { 200: schemas.users.record.describe('The key, in the shape of a user') },
      },
    },
    async (request, reply) => reply.type(JSON_TYPE).send(await directory.me(await inputOf(request))),
  );
}
