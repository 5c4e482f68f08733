import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { Attributes, JoinedPerson } from '../../model/source-person.ts';

const value = z.union([z.string(), z.number().transform(String), z.boolean().transform(String), z.null()]);
const person = z.object({
  sourceId: z.union([z.string(), z.number().transform(String)]).optional(),
  attributes: z.record(z.string(), z.union([value, z.array(z.string())])),
  groups: z.array(z.string()).default([]),
  active: z.boolean().default(true),
});
const people = z.array(person);

const LARGEST = 100 * 1024 * 1024;

/**
 * People from a file, to try rules on: JSON, a list of `{ sourceId, attributes, groups, active }`, or CSV, whose headings name the attributes
 * (`groups` with semicolons between, `account_disabled` with true or false).
 * @throws ForeknowError `invalid_request` when it is neither
 */
export function readPeopleFile(path: string): readonly JoinedPerson[] {
  const text = textOf(path);
  const isJson = text.trimStart().startsWith('[');
  return isJson ? fromJson(path, text) : fromCsv(path, text);
}

function textOf(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= LARGEST) return text.replace(/^\uFEFF/, '');
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? 'unreadable';
    throw wrong(`${path} cannot be read (${code}).`, cause);
  }
  throw wrong(`${path} is too large.`);
}

function fromJson(path: string, text: string): readonly JoinedPerson[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw wrong(`${path} is not JSON.`, cause);
  }
  const parsed = people.safeParse(content);
  if (parsed.success) {
    return parsed.data.map(({ sourceId, attributes, groups, active }, at) =>
      joined(sourceId ?? idIn(attributes, at), attributes, groups, active),
    );
  }
  const [issue] = parsed.error.issues;
  throw wrong(`${path} is no list of people: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
}

function fromCsv(path: string, text: string): readonly JoinedPerson[] {
  let rows: readonly Record<string, string>[];
  try {
    rows = parse(text, { columns: true, skip_empty_lines: true, trim: true, delimiter: [',', ';', '\t'] });
  } catch (cause) {
    throw wrong(`${path} is neither JSON nor CSV that can be read.`, cause);
  }
  return rows.map(({ groups = '', ...attributes }, at) =>
    joined(
      idIn(attributes, at),
      attributes,
      groups
        .split(';')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      attributes.account_disabled !== 'true',
    ),
  );
}

const idIn = (attributes: Attributes, at: number): string => {
  const found = ['id', 'employee_number', 'email', 'mail'].map((name) => attributes[name]).find((one) => one);
  return typeof found === 'string' ? found : String(at + 1);
};

const joined = (
  sourceId: string,
  attributes: Attributes,
  groups: readonly string[],
  active: boolean,
): JoinedPerson => ({
  ...{ key: `file:${sourceId}`, refs: [{ source: 'file', sourceId }], attributes, from: {} },
  ...{ groups, active, absent: {} },
});

const wrong = (detail: string, cause?: unknown): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail,
    field: '--people',
    hint: 'A list such as [{ "attributes": { "mail": "a@acme.test" } }], or CSV with headings.',
    cause,
  });
