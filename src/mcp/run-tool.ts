import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { ConnectionView } from '../gateway/types.ts';
import { accountsOf, type Caller, may, type Named, reachedBy } from './caller.ts';
import { present } from './present.ts';
import type { Call, McpGateway, Told, Tool } from './tool.ts';

/** How much an answer may hold. */
export type ResultLimits = {
  /** Most rows an account. */
  readonly rows: number;
  /** Bytes of the answer’s JSON; 20,000 stay below 8,000 tokens. */
  readonly bytes: number;
};

export const usualLimits: ResultLimits = { rows: 100, bytes: 20_000 };

export type Run = {
  readonly gateway: McpGateway;
  readonly caller: Caller;
  readonly limits: ResultLimits;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
};

type Answer = Readonly<Record<string, unknown>>;
type Args = Named & { readonly limit?: number; readonly cursor?: string };

const ROWS = 25;

/**
 * Asks every connection that the call is about; one that fails says so and hides no other.
 * @returns what a result holds, under the caller’s field policy
 * @throws ForeknowError when the call itself cannot be, or its only connection fails
 */
export async function runTool(tool: Tool, args: Args, run: Run): Promise<{ readonly connections: readonly Answer[] }> {
  const { gateway, caller, limits } = run;
  if (tool.scopes.length > 0 && !tool.scopes.some((scope) => may(caller, scope))) throw notAllowed(tool);
  const reached = reachedBy(await gateway.connections.list(), caller);
  const accounts = accountsOf(reached, args, tool.isForAll === true);
  if (args.cursor !== undefined && accounts.length > 1) throw ambiguousCursor();
  const bytes = Math.floor((limits.bytes - 40) / Math.max(1, accounts.length));
  const limit = Math.min(args.limit ?? ROWS, limits.rows);
  const answers: Answer[] = [];
  for (const account of accounts) {
    run.signal?.throwIfAborted();
    const call: Call = { ...run, account, args, limit, cursor: args.cursor };
    answers.push(
      await fitting(tool, call, bytes).catch((error: unknown) => failed(account, caller, error, accounts.length)),
    );
  }
  return { connections: answers };
}

/** Asks with fewer rows until the answer fits. */
async function fitting(tool: Tool, call: Call, bytes: number): Promise<Answer> {
  const { account, caller } = call;
  const show = (told: Told): Answer =>
    present({ connection: account.name, ...withHint(tool, told) }, caller.fieldPolicy);
  const fits = (answer: Answer) => Buffer.byteLength(JSON.stringify(answer)) <= bytes;
  let told = await tool.read(call);
  let answer = show(told);
  for (let { limit } = call; tool.rows !== null && !fits(answer) && limit > 1; ) {
    limit = Math.ceil(limit / 2);
    told = tool.isLive === true ? cut(tool.rows, told, limit, tool.rest) : await tool.read({ ...call, limit });
    answer = show(told);
  }
  if (tool.rows === null || fits(answer)) return answer;
  return show({
    as_of: told.as_of,
    total: told.total,
    more: 'Too long to be shown here: name one connection, or narrow it.',
  });
}

/** What was read from KnowBe4 is not read again: the rest is asked for in smaller pages. */
function cut(word: string, told: Told, limit: number, rest = `repeat with limit=${limit}`): Told {
  const rows = (told[word] as readonly unknown[]).slice(0, limit);
  return {
    ...told,
    [word]: rows,
    next_cursor: null,
    more: `Cut: ${rows.length} of ${told.total} rows; ${rest}.`,
  };
}

function withHint({ rows, narrow }: Tool, told: Told): Told {
  if (rows === null || told.more != null || told.next_cursor == null || rows === 'events') return told;
  const shown = (told[rows] as readonly unknown[]).length;
  const narrower = narrow === undefined ? '' : `, or narrow by ${narrow}`;
  return { ...told, more: `${shown} shown; repeat with cursor=next_cursor${narrower}` };
}

function failed({ name }: ConnectionView, caller: Caller, error: unknown, accounts: number): Answer {
  if (accounts === 1) throw error;
  return present({ connection: name, error: problemOf(error) }, caller.fieldPolicy);
}

/** What an agent is told of an error: the code, and what to do. */
export function problemOf(error: unknown): {
  readonly code: string;
  readonly detail: string;
  readonly hint: string | null;
} {
  if (!isForeknowError(error)) return { code: 'internal', detail: 'Something broke on our side.', hint: null };
  return { code: error.code, detail: error.detail, hint: error.hint ?? null };
}

const notAllowed = ({ scopes }: Tool): ForeknowError =>
  new ForeknowError('scope_missing', { detail: `The token lacks the scope ${scopes.join(' or ')}.` });

const ambiguousCursor = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'A cursor goes on in one connection: send connection as well.',
    field: 'cursor',
  });
