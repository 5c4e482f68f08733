type Schema = Readonly<Record<string, unknown>>;
type Media = { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
type Operation = {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly description?: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: Media;
  readonly responses?: Readonly<Record<string, Media>>;
};
/** The OpenAPI document that is made of the routes. */
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
};

/** What a method of a unified resource takes and gives, in Truto's words. */
export type Meta = {
  readonly method: string;
  /** Of the record. */
  readonly schema: Schema;
  readonly response_schema: Schema;
  readonly query_schema: Schema;
  readonly body_schema: Schema | null;
  readonly documentation_link: string | null;
  readonly x_description: string;
};

const GUIDE = 'https://developer.knowbe4.com/rest/reporting';
const verbs: Readonly<Record<string, readonly [verb: string, place: string]>> = {
  list: ['get', ''],
  get: ['get', '/{id}'],
  create: ['post', ''],
  update: ['patch', '/{id}'],
  delete: ['delete', '/{id}'],
};

/** @returns null where there is no such method */
export function metaOf(document: Document, model: string, resource: string, method: string): Meta | null {
  const at = (place: string, verb: string): Operation | undefined => {
    const path = `/unified/${model}/${resource}${place}`;
    return Object.hasOwn(document.paths, path) ? document.paths[path]![verb] : undefined;
  };
  const known = Object.hasOwn(verbs, method) ? verbs[method] : undefined;
  const [verb, place] = known ?? ['post', `/${method}`];
  // What is one record alone has no id.
  const operation = at(place, verb) ?? (method === 'get' && at('', 'post') === undefined ? at('', 'get') : undefined);
  if (operation === undefined || (method === 'list' && isAlone(document, model, resource))) return null;
  const whole = (schema: Schema): Schema => resolved(schema, document, []) as Schema;
  const record = whole(recordOf(at('/{id}', 'get') ?? at('', 'get')) ?? {});
  const body = schemaIn(operation.requestBody);
  return {
    method,
    schema: record,
    response_schema: record,
    query_schema: whole(queryOf(operation)),
    body_schema: body === null ? null : whole(body),
    documentation_link: verb === 'get' ? GUIDE : null,
    x_description: [operation.summary, operation.description].filter(Boolean).join('. '),
  };
}

/** Every method of a model by its resource, in the order of the routes. */
export function modelMeta(
  document: Document,
  model: string,
): readonly { readonly resource: string; readonly methods: readonly Meta[] }[] {
  const root = `/unified/${model}/`;
  const own = Object.keys(document.paths).filter((path) => path.startsWith(root));
  const resources = [...new Set(own.map((path) => path.slice(root.length).split('/')[0]!))];
  return resources.map((resource) => {
    const custom = own
      .filter((path) => path.startsWith(`${root}${resource}/`) && document.paths[path]!.post !== undefined)
      .map((path) => path.slice(`${root}${resource}/`.length));
    const methods = [...Object.keys(verbs), ...custom].flatMap(
      (method) => metaOf(document, model, resource, method) ?? [],
    );
    return { resource, methods };
  });
}

/** `me` is a record, and no list of any. */
const isAlone = ({ paths }: Document, model: string, resource: string): boolean =>
  paths[`/unified/${model}/${resource}/{id}`] === undefined;

function queryOf({ parameters = [] }: Operation): Schema {
  const asked = parameters.filter((one) => one.in === 'query');
  const properties = asked.map(({ name, description, schema }) => [
    name,
    { ...schema, ...(description === undefined ? {} : { description }) },
  ]);
  const required = asked.filter((one) => one.required === true).map(({ name }) => name);
  return { type: 'object', properties: Object.fromEntries(properties), ...(required.length === 0 ? {} : { required }) };
}

/** The record as it is without flags: the first of its forms. */
function recordOf(operation: Operation | undefined): Schema | null {
  const schema = schemaIn(operation?.responses?.['200']);
  const forms = schema?.anyOf as readonly Schema[] | undefined;
  return forms?.[0] ?? schema;
}

const schemaIn = (media: Media | undefined): Schema | null => media?.content?.['application/json']?.schema ?? null;

/** With every reference put in its place. */
function resolved(value: unknown, document: Document, within: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, document, within));
  if (typeof value !== 'object' || value === null) return value;
  const name = /^#\/components\/schemas\/(.+)$/.exec(String((value as { $ref?: unknown }).$ref))?.[1];
  if (name !== undefined) {
    const schema = within.includes(name) ? {} : document.components?.schemas?.[name];
    return resolved(schema ?? {}, document, [...within, name]);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, document, within)]));
}

/** The same to be read by people. */
export function metaPage(model: string, resources: ReturnType<typeof modelMeta>): string {
  const lines = resources.flatMap(({ resource, methods }) => [
    `## ${resource}`,
    '',
    ...methods.flatMap((meta) => [
      `### ${meta.method}`,
      '',
      meta.x_description,
      '',
      ...table('Parameters', meta.query_schema),
      ...(meta.body_schema === null ? [] : table('Body', meta.body_schema)),
    ]),
    ...(methods[0] === undefined ? [] : table('Fields', methods[0].schema)),
  ]);
  return [`# ${model}`, '', ...lines].join('\n');
}

function table(title: string, schema: Schema): readonly string[] {
  const fields = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>);
  if (fields.length === 0) return [];
  const cell = (text: unknown) => String(text ?? '').replace(/[|\n]/g, ' ');
  const typeOf = (field: Schema): unknown =>
    (field.type === undefined ? undefined : [field.type].flat().join(' or ')) ??
    (field.anyOf as readonly Schema[] | undefined)?.map(({ type }) => type ?? 'any').join(' or ');
  const rows = fields.map(([name, field]) => `| \`${name}\` | ${cell(typeOf(field))} | ${cell(field.description)} |`);
  return [`| ${title} | type | |`, '|---|---|---|', ...rows, ''];
}

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (mark) => marks[mark]!);

/** The page for a browser, which needs nothing but itself. */
export const metaHtml = (model: string, resources: ReturnType<typeof modelMeta>): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(model)}</title><pre>${escaped(metaPage(model, resources))}</pre></html>\n`;
