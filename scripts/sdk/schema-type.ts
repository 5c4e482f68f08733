/** The parts of JSON Schema 2020-12 that the documents of this project use. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly default?: unknown;
};

const REF = '#/components/schemas/';

/** A schema as a TypeScript type. What it does not know is `unknown`: wider than the truth, never narrower. */
export function typeOf(schema: Schema | undefined, indent = ''): string {
  if (schema === undefined) return 'unknown';
  if (schema.$ref !== undefined) return schema.$ref.slice(REF.length);
  if ('const' in schema) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return union(several.map((one) => typeOf(one, indent)));
  if (schema.allOf !== undefined) return schema.allOf.map((one) => inParens(typeOf(one, indent))).join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((type: string) => typeOf({ ...schema, type }, indent)));
  if (schema.type === 'array') return arrayType(schema, indent);
  if (schema.type === 'object') return objectType(schema, indent);
  return (typeof schema.type === 'string' && plain[schema.type]) || 'unknown';
}

const plain: Readonly<Record<string, string>> = {
  ...{ string: 'string', boolean: 'boolean', null: 'null', number: 'number', integer: 'number' },
};

function arrayType({ items, prefixItems }: Schema, indent: string): string {
  if (prefixItems !== undefined) return `readonly [${prefixItems.map((one) => typeOf(one, indent)).join(', ')}]`;
  return `readonly ${inParens(typeOf(items, indent))}[]`;
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, schema]) =>
    member(name, schema, { isRequired: required.includes(name), indent: inner }),
  );
  const known = typeof additionalProperties === 'object' ? typeOf(additionalProperties, inner) : 'unknown';
  const isOpen = additionalProperties === undefined ? members.length === 0 : additionalProperties !== false;
  // Beside known keys anything may stand: a narrower index would contradict them.
  if (isOpen) members.push(`${inner}readonly [key: string]: ${members.length === 0 ? known : 'unknown'};\n`);
  return members.length === 0 ? 'Nothing' : `{\n${members.join('')}${indent}}`;
}

/** One line of an object type, with what is said about it. */
export function member(
  name: string,
  schema: Schema,
  { isRequired, indent, comment = schema.description }: { isRequired: boolean; indent: string; comment?: string },
): string {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
  return `${docOf(comment, indent)}${indent}readonly ${key}${isRequired ? '' : '?'}: ${typeOf(schema, indent)};\n`;
}

/** A comment above a declaration; nothing where there is nothing to say. */
export function docOf(text: string | undefined, indent = ''): string {
  if (text === undefined || text === '') return '';
  return `${indent}/** ${text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ')} */\n`;
}

const literal = (value: unknown): string =>
  typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`
    : JSON.stringify(value);

const union = (types: readonly string[]): string => {
  const distinct = [...new Set(types)];
  return distinct.includes('unknown')
    ? 'unknown'
    : distinct.map((one) => (one.includes(' & ') ? `(${one})` : one)).join(' | ');
};

const inParens = (type: string): string => (/ [|&] |^readonly /.test(outside(type)) ? `(${type})` : type);

/** A type without what stands in braces, where unions need no parentheses. */
function outside(type: string): string {
  let depth = 0;
  return [...type]
    .filter((letter) => {
      if (letter === '{') depth += 1;
      if (letter === '}') depth -= 1;
      return depth === 0;
    })
    .join('');
}
