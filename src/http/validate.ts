import type { FastifySchemaCompiler } from 'fastify';
import type { ZodType, z } from 'zod';
import { ForeknowError, type Issue } from '../errors/errors.ts';
import { REQUIRED } from './problem.ts';

/** Parses a part of the request with its zod schema; every problem is named at once. */
export const validatorCompiler: FastifySchemaCompiler<ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const parsed = schema.safeParse(data ?? undefined);
    return parsed.success ? { value: parsed.data } : { error: invalid(parsed.error, data ?? undefined, httpPart) };
  };

/** For queries that a use case reads itself: the schema describes them, and they pass as they are. */
export const described: FastifySchemaCompiler<unknown> = () => (data: unknown) => ({ value: data });

function invalid(error: z.ZodError, data: unknown, part: string | undefined): ForeknowError {
  const issues = error.issues.slice(0, 20).flatMap((issue) => issuesOf(issue, data));
  const first = issues[0]!;
  const where = first.field === '' ? `The ${part ?? 'request'}` : first.field;
  return new ForeknowError('invalid_request', {
    detail: first.reason === REQUIRED ? `${where} is missing.` : `${where}: ${first.reason}.`,
    hint: 'GET /api/v1/openapi.json describes every parameter.',
    field: first.field === '' ? undefined : first.field,
    issues,
  });
}

function issuesOf(issue: z.core.$ZodIssue, data: unknown): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: fieldOf([...issue.path, key.slice(0, 80)]),
      reason: 'is not known here',
    }));
  }
  const missing = issue.code === 'invalid_type' && valueAt(data, issue.path) === undefined;
  return [{ field: fieldOf(issue.path), reason: missing ? REQUIRED : plain(issue.message) }];
}

/** `['emails', 0, 'email']` → `emails[0].email`. */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part], data);

/** Zod's sentence, without its name for what is at fault. */
const plain = (message: string): string => message.replace(/^Invalid input: /, '').replace(/\.$/, '');
