import {
  buildSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  getOperationAST,
  parse,
  print,
  validate,
} from 'graphql';
import type { AccountState } from '../account.ts';
import { hash, hashText, uuid } from '../random.ts';
import { purge } from '../scim/edit.ts';
import type { SyncReport } from '../scim/report.ts';
import { forceSync } from '../scim/windows.ts';
import { groupById } from '../world/groups.ts';
import { changeByHand, findPerson } from '../world/mutate.ts';
import type { GroupState } from '../world/state.ts';
import {
  cursorOf,
  groupsWanted,
  type NamedArguments,
  type PageArguments,
  rolesWanted,
  type UserArguments,
  usersWanted,
} from './lists.ts';
import { type ItemArguments, itemsWanted, syncReports } from './reports.ts';
import { type Context, fieldsOf, type Token, theAccount, tokensOf, webhooksOf } from './resolve.ts';
import { rolesOf } from './roles.ts';
import { schemaText } from './schema.ts';

/** How long a query may be, in lines as the library prints it. */
const MOST_LINES = 150;
const MOST_TOKENS = 10_000;

const schema = buildSchema(schemaText);

/** What a body of `POST /graphql` may hold. */
export type QueryRequest = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
};

type Outcome = { readonly data?: unknown; readonly errors?: readonly GraphQLError[] };

/** Answers one query of an account at a time: data, errors, or both. Errors are no matter of the status here. */
export function runQuery(account: AccountState, request: QueryRequest, now: number): Outcome {
  let document: DocumentNode;
  try {
    document = parse(request.query, { maxTokens: MOST_TOKENS });
  } catch (error) {
    return { errors: [error instanceof GraphQLError ? error : new GraphQLError('The query cannot be read')] };
  }
  const refused = refusal(account, document, request);
  if (refused) return { errors: [new GraphQLError(refused)] };
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors };
  // Every resolver is synchronous, so that the answer is no promise.
  return execute({
    schema,
    document,
    rootValue: {},
    contextValue: { account, now } satisfies Context,
    variableValues: { ...request.variables },
    operationName: request.operationName ?? null,
    fieldResolver: resolveField,
  }) as Outcome;
}

function refusal(account: AccountState, document: DocumentNode, request: QueryRequest): string | null {
  if (print(document).split('\n').length > MOST_LINES) return 'Query is too large';
  const operation = getOperationAST(document, request.operationName ?? null);
  const writes = operation?.operation === 'mutation' && account.switches.productAccess === 'read';
  return writes ? 'The token is read only' : null;
}

const resolveField: GraphQLFieldResolver<unknown, Context> = (source, args, context, { parentType, fieldName }) => {
  const root = roots[parentType.name]?.[fieldName];
  if (root) return root(context, args as never);
  const field = fieldsOf[parentType.name]?.[fieldName];
  return field ? field(source as never, context) : (source as Record<string, unknown>)[fieldName];
};

type Roots = Readonly<Record<string, (context: Context, args: never) => unknown>>;
type ById = { readonly id: number };

const queries: Roots = {
  account: ({ account }, { id }: { readonly id?: number | null }) =>
    id === undefined || id === null || id === account.number ? theAccount : missing('Account', id),
  users: ({ account }, args: UserArguments) => cursorOf(usersWanted(account, args), args),
  user: ({ account }, { id }: ById) =>
    (account.switches.anonymised ? undefined : findPerson(account.world, id)) ?? missing('User', id),
  groups: ({ account }, args: NamedArguments) => cursorOf(groupsWanted(account, args), args),
  group: ({ account }, { id }: ById) => groupById(account.world, id) ?? missing('Group', id),
  securityRoles: ({ account }, args: NamedArguments) => cursorOf(rolesWanted(account, args), args),
  securityRole: ({ account }, { id }: ById) =>
    rolesOf(account).find((role) => role.id === id) ?? missing('SecurityRole', id),
  ldapSyncReports: ({ account }, args: PageArguments & { readonly source: string }) =>
    cursorOf(
      syncReports(account).filter(({ source }) => args.source === 'ALL' || args.source === source),
      args,
    ),
  ldapSyncReport: ({ account }, { id }: ById) => reportOf(account, id),
  ldapSyncReportItems: ({ account }, args: ItemArguments) =>
    cursorOf(itemsWanted(reportOf(account, args.ldapSyncReportId), args), args),
  apiTokens: ({ account }, args: PageArguments) => cursorOf(tokensOf(account), args),
  webhooks: ({ account }, args: PageArguments) => cursorOf(webhooksOf(account), args),
};

const mutations: Roots = {
  groupCreate: (
    { account },
    { attributes: { name } }: { readonly attributes: { readonly name?: string | null } },
  ): Payload<GroupState> => {
    const wanted = name?.trim() ?? '';
    if (wanted.length < 4) return fails('name', wanted === '' ? 'blank' : 'too_short');
    if (account.world.groups.some(({ isDeleted, group }) => !isDeleted && group.name === wanted)) {
      return fails('name', 'taken');
    }
    const id = changeByHand(account.world, { kind: 'add-group', name: wanted });
    return { node: groupById(account.world, id)!, errors: null };
  },
  apiTokensCreate: (
    { account },
    { attributes: { name, userId, scopes } }: { readonly attributes: Omit<Token, 'id' | 'jwt'> & { userId: number } },
  ): Payload<Token> => {
    if (!findPerson(account.world, userId)) return fails('userId', 'invalid');
    const jwt = `emulated-product-${uuid(hash(account.world.seed, hashText(name)))}`;
    return { node: { id: 7002, name, scopes: scopes ?? ['kmsat'], jwt }, errors: null };
  },
  forceSyncScim: ({ account, now }): Payload<SyncReport> => ({ node: forceSync(account, now), errors: null }),
  purgeScimV2: ({ account, now }, { type }: { readonly type: 'ALL' | 'GROUPS' | 'USERS' }) => {
    purge(account, type, now);
    return { success: true, errors: null };
  },
};

function reportOf(account: AccountState, id: number): SyncReport {
  return syncReports(account).find((report) => report.id === id) ?? missing('LdapSyncReport', id);
}

const roots: Readonly<Record<string, Roots>> = { Query: queries, Mutation: mutations };

/** A mutation that fails says so inside its payload, with status 200. */
type Payload<Node> = {
  node: Node | null;
  errors: { field: string; placeholders: null; reason: string; recordId: null }[] | null;
};

const fails = (field: string, reason: string) => ({
  node: null,
  errors: [{ field, placeholders: null, reason, recordId: null }],
});

function missing(what: string, id: number): never {
  throw new GraphQLError(`${what} ${id} was not found`);
}
