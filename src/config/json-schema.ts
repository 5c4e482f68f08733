import { z } from 'zod';
import type { Path } from './problem.ts';
import { fileSchema } from './schema.ts';

type Node = {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
  readonly const?: unknown;
};

/** The file's form as JSON Schema (2020-12), for editors. */
export function configJsonSchema(streams: readonly string[]): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema(streams), { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'foreknow.yaml', description: 'Configuration of Foreknow, a gateway for KnowBe4.' };
}

/** The names that a map of the file may hold. Where its form depends on its kind, that kind's. */
export function keysAt(streams: readonly string[], path: Path, content: unknown): readonly string[] {
  let value = content as Record<string | number, unknown> | undefined;
  let node = formOf(configJsonSchema(streams) as Node, value);
  for (const step of path) {
    value = value?.[step] as typeof value;
    node = formOf(typeof step === 'number' ? node?.items : node?.properties?.[step], value);
  }
  return Object.keys(node?.properties ?? {});
}

function formOf(node: Node | undefined, value: { readonly kind?: unknown } | undefined): Node | undefined {
  const forms = node?.oneOf ?? node?.anyOf;
  return forms?.find((one) => one.properties?.kind?.const === value?.kind) ?? node;
}
