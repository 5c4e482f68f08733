import type { FastifyRequest } from 'fastify';
import { type ZodType, z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import * as schemas from '../schemas/directory-writes.ts';

const root = '/unified/user-directory';
const byId = z.object({ id: z.string() });

type Write = {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly body?: ZodType;
};

const writes: readonly Write[] = [
  { method: 'POST', path: 'users', operationId: 'createUser', summary: 'Create a user', body: schemas.newUser },
  {
    ...{ method: 'PATCH', path: 'users/:id', operationId: 'updateUser', summary: 'Change a user' },
    body: schemas.changedUser,
  },
  {
    ...{
      method: 'PATCH',
      path: 'users',
      operationId: 'updateUserByBody',
      summary: 'Change the user that the body names',
    },
    body: schemas.changedUserById,
  },
  { method: 'DELETE', path: 'users/:id', operationId: 'archiveUser', summary: 'Archive a user' },
  { method: 'POST', path: 'groups', operationId: 'createGroup', summary: 'Create a group', body: schemas.newGroup },
  {
    ...{ method: 'PATCH', path: 'groups/:id', operationId: 'updateGroup', summary: 'Change a group' },
    body: schemas.changedGroup,
  },
  {
    ...{
      method: 'PATCH',
      path: 'groups',
      operationId: 'updateGroupByBody',
      summary: 'Change the group that the body names',
    },
    body: schemas.changedGroupById,
  },
  { method: 'DELETE', path: 'groups/:id', operationId: 'deleteGroup', summary: 'Remove a group' },
  {
    ...{ method: 'POST', path: 'groups/add-user', operationId: 'addGroupUser', summary: 'Put a user into a group' },
    body: schemas.membership,
  },
  {
    ...{ method: 'POST', path: 'groups/remove-user', operationId: 'removeGroupUser' },
    ...{ summary: 'Take a user out of a group', body: schemas.membership },
  },
  {
    ...{ method: 'DELETE', path: 'role_assignments/:id', operationId: 'deleteRoleAssignment' },
    summary: 'Take a role away',
  },
];

/**
 * Changes of the directory, in Truto's spelling: they are checked whole, and then refused. One push over SCIM can archive a company, so there is
 * no way to change KnowBe4 directly.
 */
export function unifiedWriteRoutes({ app, reach }: Door): void {
  for (const { method, path, operationId, summary, body } of writes) {
    app.route({
      method,
      url: `${root}/${path}`,
      config: { scope: 'write' },
      schema: {
        operationId,
        summary,
        description: 'Checked, then refused with 403 `writes_not_enabled`: nothing is changed directly.',
        tags: ['Unified user directory'],
        ...(path.endsWith('/:id') ? { params: byId } : {}),
        querystring: schemas.writeQuery,
        ...(body === undefined ? {} : { body }),
        response: { 403: z.looseObject({}).describe('Refused') },
      },
      handler: async (request: FastifyRequest) => {
        const { integrated_account_id: named } = request.query as Record<string, unknown>;
        await reach.one(tokenOf(request), named, 'integrated_account_id');
        throw notDirectly(summary);
      },
    });
  }
}

const notDirectly = (what: string): ForeknowError =>
  new ForeknowError('writes_not_enabled', {
    detail: `${what}: the call is valid, and nothing is changed at KnowBe4 directly.`,
    hint: 'Changes go through provisioning alone: planned, shown and approved before anything is sent. It is not set up here.',
  });
