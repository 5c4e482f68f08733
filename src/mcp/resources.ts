import {
  type ListResourcesResult,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { isForeknowError } from '../errors/errors.ts';
import { type Caller, reachedBy } from './caller.ts';
import { type Context, completions } from './complete.ts';
import { oneLine, present } from './present.ts';
import { addressOf, type ResourceKind, resourceKinds, resourcesFor } from './resource-kinds.ts';
import { problemOf, type ResultLimits, type Run, runTool } from './run-tool.ts';

export function offerResources(server: McpServer, first: Caller, context: Context): void {
  for (const kind of resourcesFor(first)) {
    const { name, title, description, uri, names } = kind;
    const complete = completions(context);
    const template = new ResourceTemplate(uri, {
      // Accounts are few. People and groups are found with the tools.
      list: names === null ? () => listAccounts(context) : undefined,
      complete: { connection: complete('connection'), ...(names === null ? {} : { [names]: complete(names) }) },
    });
    const read = async (address: URL, variables: Readonly<Record<string, unknown>>, signal: AbortSignal) => {
      const run = await context();
      const args = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, decoded(value, address)]));
      const text = await readResource(kind, args, { ...run, signal }).catch((error: unknown) => {
        throw protocolError(error, run.caller, address.href);
      });
      return { contents: [{ uri: address.href, mimeType: JSON_TYPE, text }] };
    };
    server.registerResource(
      name,
      template,
      { title, description, mimeType: JSON_TYPE },
      (address, variables, { mcpReq }) => read(address, variables, mcpReq.signal),
    );
  }
}

const JSON_TYPE = 'application/json';

/** What an address holds, as JSON: the answer of its tool for the one account. */
export async function readResource(
  { tool }: ResourceKind,
  args: Readonly<Record<string, string>>,
  run: Run,
): Promise<string> {
  const { connections } = await runTool(tool, args, run);
  return JSON.stringify(connections[0]);
}

async function listAccounts(context: Context): Promise<ListResourcesResult> {
  const { gateway, caller, limits } = await context();
  const reached = reachedBy(await gateway.connections.list(), caller).slice(0, mostListed(limits));
  return {
    resources: reached.map(({ id, name }) => ({
      uri: addressOf(resourceKinds[0]!, { connection: id }),
      name: oneLine(name),
      title: oneLine(name),
    })),
  };
}

const mostListed = ({ rows }: ResultLimits): number => rows;

function decoded(value: unknown, { href }: URL): string {
  try {
    return decodeURIComponent(String(value));
  } catch {
    throw new ResourceNotFoundError(href);
  }
}

/** An error in the protocol’s words, for what is no call of a tool; under the caller’s field policy as everything else. */
export function protocolError(error: unknown, { fieldPolicy }: Caller, uri?: string): ProtocolError {
  if (ProtocolError.isInstance(error)) return error;
  if (uri !== undefined && isForeknowError(error) && error.code === 'not_found') return new ResourceNotFoundError(uri);
  const problem = present(problemOf(error), fieldPolicy);
  const code = isForeknowError(error) ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, [problem.detail, problem.hint].filter(Boolean).join(' '), problem);
}
