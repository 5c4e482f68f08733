import { docOf, member, type Schema, typeOf } from './schema-type.ts';

type Media = Readonly<Record<string, { readonly schema?: Schema }>>;
type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
  readonly description?: string;
};
type Operation = {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Media };
  readonly responses: Readonly<Record<string, { readonly content?: Media }>>;
};
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const HEAD = `/**
 * Types of the API, written from its OpenAPI document by \`node scripts/sdk-types.ts\`: not to be edited.
 * A test fails when they are stale.
 */

/** An object without fields. */
export type Nothing = { readonly [key: string]: never };
`;

/** The module of types and addresses that the SDK is built on, from an OpenAPI document. */
export function sdkTypes({ paths, components }: Document): string {
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, one]) => ({ path, method, one })))
    .sort((a, b) => (a.one.operationId < b.one.operationId ? -1 : 1));
  const names = Object.entries(components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    HEAD,
    ...names.map(([name, schema]) => `${docOf(schema.description)}export type ${name} = ${typeOf(schema)};\n`),
    '/** What each operation is asked with, and what it answers. */',
    `export type Operations = {\n${operations.map(operationType).join('')}};\n`,
    '/** Method and path of each operation. */',
    'export const operations = {',
    ...operations.map(({ path, method, one }) => `  ${one.operationId}: ['${method.toUpperCase()}', '${path}'],`),
    '} as const satisfies { readonly [Id in keyof Operations]: readonly [method: string, path: string] };\n',
  ].join('\n');
}

function operationType({ path, method, one }: { path: string; method: string; one: Operation }): string {
  const of = (place: string) => (one.parameters ?? []).filter((parameter) => parameter.in === place);
  const body = Object.values(one.requestBody?.content ?? {})[0]?.schema;
  const input = [
    part('params', of('path')),
    part('query', of('query')),
    body === undefined ? '' : member('body', body, { isRequired: isNeeded(one, body), indent: '      ', comment: '' }),
  ].join('');
  const words = [one.summary && `${one.summary}.`, one.description].filter(Boolean).join(' ');
  return [
    docOf(`\`${method.toUpperCase()} ${path}\` ${words}`, '  '),
    `  readonly ${one.operationId}: {\n`,
    `    readonly input: ${input === '' ? 'Nothing' : `{\n${input}    }`};\n`,
    `    readonly answer: ${answerOf(one)};\n`,
    '  };\n',
  ].join('');
}

/** A body with a default of its own may be left out. */
const isNeeded = (one: Operation, body: Schema): boolean => one.requestBody?.required === true && !('default' in body);

function part(name: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const members = parameters.map((one) =>
    member(one.name, asGiven(one), {
      isRequired: one.required === true,
      indent: '        ',
      comment: one.description ?? '',
    }),
  );
  const optional = parameters.every(({ required }) => required !== true) ? '?' : '';
  return `      readonly ${name}${optional}: {\n${members.join('')}      };\n`;
}

/** What a caller writes: flags are words in an address, and truth values in a program. */
const asGiven = ({ schema = {} }: Parameter): Schema =>
  schema.enum?.includes('true') && schema.enum.includes('false') ? { type: 'boolean' } : schema;

/** What a call that went well gives: JSON where there is some, else text. */
function answerOf({ responses }: Operation): string {
  const types = Object.entries(responses)
    .filter(([status]) => /^2\d\d$/.test(status))
    .flatMap(([, { content = {} }]) => Object.entries(content))
    .map(([type, { schema }]) => (/[/+]json\b/.test(type) ? typeOf(schema, '    ') : 'string'));
  return [...new Set(types)].join(' | ') || 'Nothing';
}
