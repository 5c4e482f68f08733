import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { errorSchemaOf } from '../openapi.ts';

type Media = { schema?: unknown };
type Operation = { responses: Record<string, { content?: Record<string, Media> }> };
export type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

/** Checks that throw with the first differences from an OpenAPI document. */
export type Conformance = {
  /** An answer, against what the document says of its operation and status. */
  readonly answer: (answer: AnswerSeen) => void;
  /** A value, against one of the document's named schemas. */
  readonly schema: (name: string, value: unknown) => void;
};

type AnswerSeen = {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
};

export function conformanceOf(document: OpenApi): Conformance {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'doc');
  const patterns = Object.keys(document.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace('{path}', '.+').replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }));
  const check = (pointer: string, value: unknown, what: string): void => {
    const validate = ajv.getSchema(`doc${pointer}`) ?? ajv.compile({ $ref: `doc${pointer}` });
    if (validate(value)) return;
    throw new Error(`${what} is not as documented: ${ajv.errorsText(validate.errors?.slice(0, 5))}`);
  };
  const schema = (name: string, value: unknown) => check(`#/components/schemas/${name}`, value, name);

  return {
    schema,
    answer(answer) {
      const requested = answer.url
        .split('?')[0]!
        .replace(/^\/+/, '/')
        .replace(/(.)\/$/, '$1');
      const method = answer.method.toLowerCase();
      const path = patterns.find((one) => one.pattern.test(requested) && method in document.paths[one.path]!)?.path;
      const operation = path === undefined ? undefined : document.paths[path]?.[method];
      if (path === undefined || operation === undefined) {
        schema(errorSchemaOf(requested), answer.body);
      } else {
        check(pointerTo(path, answer, operation), answer.body, `${answer.method} ${answer.url} ${answer.status}`);
      }
    },
  };
}

function pointerTo(path: string, answer: AnswerSeen, operation: Operation): string {
  const documented = String(answer.status) in operation.responses ? String(answer.status) : 'default';
  if (answer.status < 400 && documented === 'default') throw new Error(`status ${answer.status} is not documented`);
  const type = answer.contentType.split(';')[0]!;
  if (operation.responses[documented]?.content?.[type] === undefined) {
    throw new Error(`${answer.method} ${path} ${answer.status}: ${type} is not documented`);
  }
  const parts = ['paths', path, answer.method.toLowerCase(), 'responses', documented, 'content', type, 'schema'];
  return `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
}
