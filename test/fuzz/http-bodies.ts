import type { Random } from '../support/random.ts';
import { oddJson, oddText, oddValue } from './words.ts';
import type { Operation, Schema, World } from './world.ts';

/** The header lines that say what the body is, and the body. */
export function bodyOf(
  random: Random,
  world: World,
  operation: Operation,
  method: string,
): { readonly headers: readonly string[]; readonly body: string | null } {
  const wantsBody = operation.body !== null || random.chance(0.1);
  if (!wantsBody || (method === 'GET' && random.chance(0.9))) return { headers: [], body: null };
  const type = random.chance(0.8)
    ? 'application/json'
    : random.pick([
        'text/plain;charset=UTF-8',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        ';;;',
        '*/*',
        'application/json; charset=utf-16',
        'a'.repeat(200),
      ]);
  const encoding = random.chance(0.02) ? [`content-encoding: ${random.pick(['gzip', 'br', 'identity', 'x'])}`] : [];
  return { headers: [`content-type: ${type}`, ...encoding], body: textOf(random, world, operation) };
}

/** What providers push is of the form that SCIM has, in the places that hold the most. */
function textOf(random: Random, world: World, operation: Operation): string {
  if (!operation.path.startsWith('/scim/') || random.chance(0.3)) return bodyText(random, world, operation.body);
  const value = random.pick<() => unknown>([
    () => oddValue(random, 0),
    () => random.pick(['False', 'True', '', null, 'ada@example.com']),
    () => [{ value: random.pick(world.pushed()), $ref: null }],
    () => ({ active: 'False', 'name.familyName': oddText(random), [oddText(random)]: oddValue(random, 2) }),
  ])();
  const path = random.pick([
    ...['active', 'members', 'userName', 'name.familyName', 'emails[type eq "work"].value', 'members[value eq "x"]'],
    ...['id', '__proto__', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager', oddText(random)],
  ]);
  const op = random.pick(['add', 'Replace', 'remove', oddText(random)]);
  const named = {
    userName: oddText(random),
    displayName: oddText(random),
    externalId: oddText(random),
    members: value,
  };
  return JSON.stringify(
    operation.method === 'PATCH'
      ? { Operations: [{ op, value, ...(random.chance(0.7) && { path }) }] }
      : { ...named, filter: `${path} eq "${oddText(random)}"`, [path]: value },
  );
}

/** Every second body is one that the server takes, so that what lies behind its checks is reached as well. */
function bodyText(random: Random, world: World, schema: Schema | null): string {
  if (random.chance(0.004)) return `"${'x'.repeat(random.int(250_000, 400_000))}"`;
  if (schema === null || random.chance(0.25)) return oddJson(random);
  const odd = random.chance(0.6) ? 0 : 0.1;
  return JSON.stringify(valueFor({ random, world, odd }, schema, 0));
}

type Making = {
  readonly random: Random;
  readonly world: World;
  /** Share of the parts that are not what the schema says. */
  readonly odd: number;
};

function valueFor(making: Making, given: Schema, depth: number): unknown {
  const { random, world, odd } = making;
  if (random.chance(odd)) return oddValue(random, depth);
  const schema = given.$ref === undefined ? given : (world.schemas[given.$ref.split('/').at(-1)!] ?? {});
  if (depth > 6) return null;
  if (schema.anyOf) return valueFor(making, random.pick(schema.anyOf), depth + 1);
  if (schema.enum) return random.pick(schema.enum);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object') return objectFor(making, schema, depth);
  if (type === 'array') {
    const length = random.int(schema.minItems ?? 0, 3);
    return Array.from({ length }, () => valueFor(making, schema.items ?? {}, depth + 1));
  }
  if (type === 'integer' || type === 'number') return random.pick([0, 1, 5, 60, 0.5, -1, 1e6]);
  if (type === 'boolean') return random.chance(0.5);
  if (type === 'null') return null;
  return schema.format === 'date-time' ? '2027-01-01T00:00:00Z' : textFor(making);
}

const textFor = ({ random, world }: Making): string =>
  random.pick([...world.known(), 'us', 'eu', 'gamma', '2027-01-01T00:00:00Z', 'Europe/Berlin', 'https://192.0.2.1/x']);

function objectFor(making: Making, { properties = {}, required = [] }: Schema, depth: number): object {
  const { random, world, odd } = making;
  const entries = Object.entries(properties).filter(
    ([name]) => (required.includes(name) && !random.chance(odd)) || random.chance(0.4),
  );
  const made = entries.map(([name, part]) => {
    if (name === 'reporting_token') return [name, random.chance(0.3) ? world.reportingToken : world.madeUpToken];
    if (name === 'connections' && random.chance(0.7)) return [name, ['acme']];
    return [name, valueFor(making, part, depth + 1)];
  });
  if (random.chance(odd)) made.push([oddText(random), oddValue(random, depth)]);
  return Object.fromEntries(made) as object;
}
