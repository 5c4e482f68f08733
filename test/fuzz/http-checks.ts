import type { HttpInput } from './http-inputs.ts';
import type { Answer, Exchange } from './lane.ts';
import type { World } from './world.ts';

/** Nothing that is not documented to wait takes longer, ms. */
export const LONGEST_MS = 5000;

/** Said of KnowBe4, which is out of reach for made-up accounts: no failure of ours. */
const remoteCodes = /^(remote_|incomplete_read)/;

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
  const code = codeOf(body);
  if (status >= 500 && !remoteCodes.test(code)) problems.push(`status ${status} ${code}`);
  const isHead = input.methods[index] === 'HEAD';
  if (status >= 400 && !isHead) problems.push(...problemsOfError(answer, body, world));
  if (headers['x-content-type-options'] !== 'nosniff') problems.push('no x-content-type-options');
  if (!headers['x-request-id']) problems.push('no request id');
  if (status < 400 && input.operation?.open === false && isWithoutToken(input)) problems.push('data without a token');
  if (status < 400 && input.operation !== null && !isHead) problems.push(...asDocumented(input, answer, body, world));
  const own = (body as { secret?: unknown } | null | undefined)?.secret;
  if (status === 201 && typeof own === 'string') world.secrets.add(own);
  for (const secret of world.secrets)
    if (secret !== own && text.includes(secret)) problems.push('a secret in the answer');
  for (const path of paths) if (text.includes(path)) problems.push(`a path of the machine in the answer: ${path}`);
  if (input.role.bound) {
    const seen = world.beta().filter((word) => text.includes(word) && !input.bytes.includes(word));
    if (seen.length > 0) problems.push(`something of another connection in the answer: ${seen.join(', ')}`);
  }
  return problems;
}

const isWithoutToken = ({ role }: HttpInput): boolean => ['nobody', 'made up', 'revoked'].includes(role.name);

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
  const isProblem = headers['content-type']?.startsWith('application/problem+json') ?? false;
  const name = isProblem ? 'Problem' : 'UnifiedError';
  try {
    world.conforms.schema(name, body);
  } catch (error) {
    return [`${(error as Error).message}: ${text.slice(0, 200)}`];
  }
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
