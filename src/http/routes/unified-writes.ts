import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ZodType, z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { UnifiedGroup } from '../../model/group.ts';
import type { UnifiedUser } from '../../model/user.ts';
import type { Plan } from '../../provisioning/plan.ts';
import type { WriteRequest } from '../../provisioning/request.ts';
import { authorOf } from '../actor.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import * as schemas from '../schemas/directory-writes.ts';
import { fieldsOf, groupAsPlanned, idsOf, tellingOf, type UserBody, userAsPlanned } from '../unified-write.ts';
import { requireUnhidden } from './plans.ts';

const root = '/unified/user-directory';
const byId = z.object({ id: z.string() });

/** What a call means. `current` and `shown` make the object as it will be. */
type Meaning = {
  readonly request: WriteRequest;
  /** The status of a write that KnowBe4 has taken. */
  readonly status: 200 | 201;
  readonly shown: (plan: Plan) => object;
};
type Call = { readonly connectionId: string; readonly id: string; readonly body: Record<string, unknown> };

type Write = {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly body?: ZodType;
  readonly means: (call: Call) => Promise<Meaning>;
};

const answer = z
  .looseObject({
    id: z.string(),
    x_foreknow: z.object({
      state: z.string().describe('`accepted`, `unchanged`, or the state of the plan'),
      plan_id: z.string().nullable().describe('Null: nothing changes, and no plan is kept'),
      review_url: z.string().nullable().describe('Where a person decides'),
    }),
  })
  .meta({ id: 'WrittenObject' });

/**
 * Changes of the directory, in Truto's spelling. Each is a plan of its own, with the effects, guards and approvals of every plan: nothing goes to
 * KnowBe4 by another way.
 */
export function unifiedWriteRoutes(door: Door): void {
  const { app, reach, as } = door;
  const originOf = (request: FastifyRequest) => door.publicUrl ?? `${request.protocol}://${request.host}`;
  for (const { method, path, operationId, summary, body, means } of writesOf(door)) {
    app.route({
      method,
      url: `${root}/${path}`,
      config: { scope: 'write' },
      schema: {
        operationId,
        summary,
        description:
          'Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync.',
        tags: ['Unified user directory'],
        ...(path.endsWith('/:id') ? { params: byId } : {}),
        querystring: schemas.writeQuery,
        ...(body === undefined ? {} : { body }),
        response: {
          200: answer.describe('KnowBe4 has taken it, or it is so already: the object as it will be'),
          201: answer.describe('KnowBe4 has taken it: the object as it will be'),
          202: answer.describe('Waits for a person, or for its turn: the object as it will be'),
        },
      },
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        requireUnhidden(request);
        const token = tokenOf(request);
        const { integrated_account_id: named } = request.query as Record<string, unknown>;
        const { id: connectionId } = await reach.one(token, named, 'integrated_account_id');
        const sent = (request.body ?? {}) as Record<string, unknown>;
        const { id = String(sent.id ?? '') } = (request.params ?? {}) as { id?: string };
        const { request: wanted, status, shown } = await means({ connectionId, id, body: sent });
        const { plan, outcome } = await as(request).provisioning.write(connectionId, wanted, authorOf(request));
        const code = outcome === 'waiting' ? 202 : outcome === 'unchanged' ? 200 : status;
        return reply.code(code).send({ ...shown(plan), ...tellingOf(plan, outcome, originOf(request)) });
      },
    });
  }
}

function writesOf({ gateway }: Door): readonly Write[] {
  const { directory } = gateway;
  const input = (connectionId: string) => ({ connectionIds: [connectionId], query: {} });
  const userOf = async ({ connectionId, id }: Call) => {
    const known = await gateway.provisioning.userIdOf(connectionId, id);
    return (await directory.getUser(input(connectionId), known)) as UnifiedUser;
  };
  const groupOf = async ({ connectionId }: Call, id: string) =>
    (await directory.getGroup(input(connectionId), id)) as UnifiedGroup;

  const createUser = async ({ body }: Call): Promise<Meaning> => {
    const { groups, ...rest } = body as UserBody;
    const groupIds = idsOf(groups);
    const request: WriteRequest = { kind: 'create_user', fields: fieldsOf(rest, null), ...(groupIds && { groupIds }) };
    return { request, status: 201, shown: (plan) => userAsPlanned(null, plan) };
  };
  const changeUser = async (call: Call): Promise<Meaning> => {
    const current = await userOf(call);
    const { groups, status, ...rest } = call.body as UserBody;
    const groupIds = idsOf(groups);
    return {
      request: {
        ...{ kind: 'change_user', userId: current.id, fields: fieldsOf(rest, current) },
        ...(status && { status: status === 'inactive' ? 'archived' : 'active' }),
        ...(groupIds && { groupIds }),
      },
      status: 200,
      shown: (plan) => userAsPlanned(current, plan),
    };
  };
  const archiveUser = async (call: Call): Promise<Meaning> => {
    const current = await userOf(call);
    const request: WriteRequest = { kind: 'change_user', userId: current.id, status: 'archived' };
    return { request, status: 200, shown: (plan) => userAsPlanned(current, plan) };
  };
  const createGroup = async ({ body }: Call): Promise<Meaning> => ({
    request: { kind: 'create_group', name: String(body.name) },
    status: 201,
    shown: (plan) => groupAsPlanned(null, plan),
  });
  const changeGroup = async (call: Call): Promise<Meaning> => {
    const current = await groupOf(call, call.id);
    const { name } = call.body as { name?: string };
    const request: WriteRequest = { kind: 'change_group', groupId: current.id, ...(name !== undefined && { name }) };
    return { request, status: 200, shown: (plan) => groupAsPlanned(current, plan) };
  };
  const change =
    (key: 'add' | 'remove') =>
    async (call: Call): Promise<Meaning> => {
      const groupId = String(call.body.group_id ?? call.body.id);
      const current = await groupOf(call, groupId);
      const request: WriteRequest = {
        ...{ kind: 'change_members', groupId: current.id, add: [], remove: [] },
        [key]: [String(call.body.user_id)],
      };
      return { request, status: 200, shown: (plan) => groupAsPlanned(current, plan) };
    };
  const never = (code: 'group_not_writable' | 'field_not_writable', detail: string, hint: string) => async () => {
    throw new ForeknowError(code, { detail, hint });
  };

  return [
    ...users(createUser, changeUser, archiveUser),
    {
      ...{ method: 'POST', path: 'groups', operationId: 'createGroup', summary: 'Create a group' },
      ...{ body: schemas.newGroup, means: createGroup },
    },
    {
      ...{ method: 'PATCH', path: 'groups/:id', operationId: 'updateGroup', summary: 'Change a group' },
      ...{ body: schemas.changedGroup, means: changeGroup },
    },
    {
      ...{ method: 'PATCH', path: 'groups', operationId: 'updateGroupByBody' },
      ...{ summary: 'Change the group that the body names', body: schemas.changedGroupById, means: changeGroup },
    },
    {
      ...{ method: 'DELETE', path: 'groups/:id', operationId: 'deleteGroup', summary: 'Remove a group' },
      means: never('group_not_writable', 'Groups are not deleted: their history would go.', 'Take its members out.'),
    },
    {
      ...{ method: 'POST', path: 'groups/add-user', operationId: 'addGroupUser', summary: 'Put a user into a group' },
      ...{ body: schemas.membership, means: change('add') },
    },
    {
      ...{ method: 'POST', path: 'groups/remove-user', operationId: 'removeGroupUser' },
      ...{ summary: 'Take a user out of a group', body: schemas.membership, means: change('remove') },
    },
    {
      ...{ method: 'DELETE', path: 'role_assignments/:id', operationId: 'deleteRoleAssignment' },
      summary: 'Take a role away',
      means: never('field_not_writable', 'Roles are given and taken in KnowBe4’s console.', 'Change it there.'),
    },
  ];
}

const users = (create: Write['means'], change: Write['means'], archive: Write['means']): readonly Write[] => [
  {
    ...{ method: 'POST', path: 'users', operationId: 'createUser', summary: 'Create a user' },
    ...{ body: schemas.newUser, means: create },
  },
  {
    ...{ method: 'PATCH', path: 'users/:id', operationId: 'updateUser', summary: 'Change a user' },
    ...{ body: schemas.changedUser, means: change },
  },
  {
    ...{ method: 'PATCH', path: 'users', operationId: 'updateUserByBody' },
    ...{ summary: 'Change the user that the body names', body: schemas.changedUserById, means: change },
  },
  {
    ...{ method: 'DELETE', path: 'users/:id', operationId: 'archiveUser', summary: 'Archive a user', means: archive },
  },
];
