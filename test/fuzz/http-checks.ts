import { ERROR_HEADER } from '../../src/http/knowbe4-error.ts';
import { includesScope } from '../../src/tokens/token.ts';
import type { HttpInput } from './http-inputs.ts';
import type { Answer, Exchange } from './lane.ts';
import type { Operation, Role, World } from './world.ts';

/** Nothing that is not documented to wait takes longer, ms. */
export const LONGEST_MS = 5000;

/** Said of KnowBe4, which is out of reach for made-up accounts: no failure of ours. */
const remoteCodes = /^(remote_|incomplete_read)/;

/** The operations that ask for no token of ours: this list, and not what the server says of itself. */
const open = new Set(['GET /healthz', 'GET /readyz', 'POST /intake/knowbe4/{connection}']);

/** What is wrong with the way an input was answered; empty when nothing is. */
export function problemsOf(input: HttpInput, exchange: Exchange, world: World, paths: readonly string[]): string[] {
  const { answers, closed, timedOut } = exchange;
  const problems = answers.flatMap((answer, index) => problemsOfAnswer(input, answer, index, world, paths));
  if (timedOut && input.whole) problems.push(`no answer within ${LONGEST_MS} ms`);
  const cut = answers.at(-1)?.headers.connection === 'close';
  if (input.whole && !timedOut && answers.length < input.methods.length && !cut) {
    problems.push(closed ? 'the connection was closed without an answer' : 'an answer is missing');
  }
  return problems;
}

function problemsOfAnswer(
  input: HttpInput,
  answer: Answer,
  index: number,
  world: World,
  paths: readonly string[],
): string[] {
  const { status, headers, text } = answer;
  const problems: string[] = [];
  const body = parsed(answer);
  if (!(status >= 200 && status <= 599)) problems.push(`status ${status}`);
  if (body === undefined) problems.push('a body that says JSON and is none');
  const code = headers[ERROR_HEADER] ?? codeOf(body);
  // What SCIM knows and we do not offer.
  const isNotOffered = status === 501 && (headers['content-type'] ?? '').startsWith('application/scim+json');
  if (status >= 500 && !isNotOffered && !remoteCodes.test(code)) problems.push(`status ${status} ${code}`);
  const isHead = input.methods[index] === 'HEAD';
  if (status >= 400 && !isHead) problems.push(...problemsOfError(answer, body, world));
  if (headers['x-content-type-options'] !== 'nosniff') problems.push('no x-content-type-options');
  if (!headers['x-request-id']) problems.push('no request id');
  if (status < 400 && input.operation !== null) problems.push(...problemsOfAccess(input.role, input.operation));
  if (status < 400 && input.operation !== null && !isHead) problems.push(...asDocumented(input, answer, body, world));
  if (input.isForged && status < 400) problems.push('a page that follows from a cursor that was altered');
  const own = (body as { secret?: unknown } | null | undefined)?.secret;
  if (status < 300 && typeof own === 'string') world.secrets.add(own);
  const all = `${JSON.stringify(headers)}${text}`;
  if ('x-injected' in headers) problems.push('a header that the input made up');
  for (const secret of secretsOf(input, world)) {
    if (secret !== own && all.includes(secret.slice(0, TELLING))) problems.push('a secret in the answer');
  }
  for (const path of paths) if (all.includes(path)) problems.push(`a path of the machine in the answer: ${path}`);
  problems.push(...problemsOfLength(input, body));
  if (input.role.bound) {
    const seen = world.beta().filter((word) => text.includes(word) && !input.bytes.includes(word));
    if (seen.length > 0) problems.push(`something of another connection in the answer: ${seen.join(', ')}`);
  }
  return problems;
}

/** So much of a secret must not be told either: the beginnings of tokens are alike for fewer letters. */
const TELLING = 16;

/** What must not come back: secrets of the server, and the token that was sent, valid or not. */
const secretsOf = ({ role }: HttpInput, { secrets }: World): readonly string[] =>
  role.secret === null || secrets.has(role.secret) ? [...secrets] : [...secrets, role.secret];

function problemsOfAccess({ scopes, pushes }: Role, { method, path, scope }: Operation): string[] {
  if (path.startsWith('/scim/')) return pushes ? [] : ['data without the token of the source'];
  if (open.has(`${method} ${path}`)) return [];
  if (scopes.length === 0) return ['data without a token'];
  const isAllowed = scope === null || includesScope(scopes, scope);
  return isAllowed ? [] : [`data without the scope ${scope}`];
}

/** No page is longer than was asked for, nor than any page may be. */
function problemsOfLength({ bytes, operation }: HttpInput, body: unknown): string[] {
  const { result } = (body ?? {}) as { result?: unknown };
  if (!Array.isArray(result) || operation === null || !operation.query.includes('limit')) return [];
  const line = bytes.split('\r\n', 1)[0]!;
  const [, limit] = /[?&]limit=(\d{1,4})[& ]/.exec(line) ?? [];
  const most = limit === undefined || line.includes('ignore_limit') ? 1000 : Number(limit);
  return result.length <= most ? [] : [`a page of ${result.length} where ${most} were asked for`];
}

/** @returns undefined when the body is not what its type says */
function parsed({ headers, text }: Answer): unknown {
  if (!headers['content-type']?.includes('json') || text === '' || headers['content-type'].includes('ndjson'))
    return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const codeOf = (body: unknown): string => {
  const { code, details } = (body ?? {}) as { code?: string; details?: { code?: string } };
  return code ?? details?.code ?? 'without a code';
};

function problemsOfError({ status, headers, text }: Answer, body: unknown, world: World): string[] {
  // KnowBe4's own addresses: its errors, and ours in its shape.
  const isTruto = Object.hasOwn((body ?? {}) as object, 'statusCode');
  if (headers[ERROR_HEADER] !== undefined || (headers['x-foreknow-source'] !== undefined && !isTruto)) {
    return JSON.stringify(Object.keys(body ?? {})) === '["error","message"]'
      ? []
      : [`another error: ${text.slice(0, 200)}`];
  }
  const isProblem = headers['content-type']?.startsWith('application/problem+json') ?? false;
  const isJsonRpc = Object.hasOwn((body ?? {}) as object, 'jsonrpc');
  const isScim = headers['content-type']?.startsWith('application/scim+json') ?? false;
  const name = isScim ? 'ScimError' : isProblem ? 'Problem' : isJsonRpc ? 'JsonRpcError' : 'UnifiedError';
  try {
    world.conforms.schema(name, body);
  } catch (error) {
    return [`${(error as Error).message}: ${text.slice(0, 200)}`];
  }
  if (isJsonRpc) return [];
  if (isScim && Number((body as { status: string }).status) === status) return [];
  const said = isProblem ? (body as { status: number }).status : (body as { statusCode: number }).statusCode;
  return said === status ? [] : [`status ${status} and a body that says ${said}`];
}

function asDocumented(input: HttpInput, answer: Answer, body: unknown, world: World): string[] {
  const contentType = answer.headers['content-type'] ?? '';
  if (!contentType.includes('json') || contentType.includes('ndjson')) return [];
  const { path, method } = input.operation!;
  try {
    world.conforms.answer({ method, url: path.replace(/\{\w+\}/g, 'x'), status: answer.status, contentType, body });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
