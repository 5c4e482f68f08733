import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type Media = { schema?: unknown };
type Operation = { responses: Record<string, { content?: Record<string, Media> }> };
export type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

/**
 * Holds answers against an OpenAPI document.
 * @returns a check that throws with the first differences when an answer is not as documented
 */
export function conformanceOf(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'doc');
  const patterns = Object.keys(document.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }));

  return (answer: { method: string; url: string; status: number; contentType: string; body: unknown }): void => {
    const requested = answer.url
      .split('?')[0]!
      .replace(/^\/+/, '/')
      .replace(/(.)\/$/, '$1');
    const path = patterns.find(({ pattern }) => pattern.test(requested))?.path;
    const operation = path === undefined ? undefined : document.paths[path]?.[answer.method.toLowerCase()];
    const problemSchema = requested.startsWith('/unified') ? 'UnifiedError' : 'Problem';
    const pointer =
      operation === undefined ? `#/components/schemas/${problemSchema}` : pointerTo(path!, answer, operation);
    const validate = ajv.compile({ $ref: `doc${pointer}` });
    if (!validate(answer.body)) {
      const differences = ajv.errorsText(validate.errors?.slice(0, 5));
      throw new Error(`${answer.method} ${answer.url} ${answer.status} is not as documented: ${differences}`);
    }
  };
}

function pointerTo(
  path: string,
  answer: { method: string; status: number; contentType: string },
  operation: Operation,
): string {
  const documented = String(answer.status) in operation.responses ? String(answer.status) : 'default';
  if (answer.status < 400 && documented === 'default') throw new Error(`status ${answer.status} is not documented`);
  const type = answer.contentType.split(';')[0]!;
  if (operation.responses[documented]?.content?.[type] === undefined) {
    throw new Error(`${answer.method} ${path} ${answer.status}: ${type} is not documented`);
  }
  const parts = ['paths', path, answer.method.toLowerCase(), 'responses', documented, 'content', type, 'schema'];
  return `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
}
