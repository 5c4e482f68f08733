import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { type ErrorCode, errorCatalog } from '../errors/catalog.ts';
import { isKnowbe4Address } from './knowbe4-error.ts';
import { isScimAddress } from './scim-error.ts';
import { isTrutoAddress } from './truto-addresses.ts';

type Operation = {
  parameters?: { in: string; name: string; schema?: Record<string, unknown>; style?: string; explode?: boolean }[];
  responses: Record<string, { headers?: object }>;
  description?: string;
  security?: unknown[];
};
type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; [part: string]: unknown };
};

/** Collects every route into an OpenAPI 3.1 document and serves it. Must be registered before the routes. */
export async function documentRoutes(app: FastifyInstance, serverUrl: string): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info, servers: [{ url: serverUrl }], tags, components },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input as never);
      const { scope } = input.route.config ?? {};
      const named = scope === undefined ? schema : { ...(schema as object), ...protectedBy(schema, scope) };
      return url.endsWith('/*') ? withNamedPath(url, named as object) : { url, schema: named };
    },
    transformObject: jsonSchemaTransformObject as never,
  });
  let document: string | null = null;
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, async (_, reply) => {
    document ??= JSON.stringify(finish(app.swagger() as unknown as OpenApi));
    return reply.type('application/json; charset=utf-8').send(document);
  });
}

/** OpenAPI has no word for a path of several parts: it is a parameter like others. */
function withNamedPath(url: string, schema: { params?: { properties?: Record<string, unknown> } }) {
  const { '*': path } = schema.params?.properties ?? {};
  const params = { type: 'object', required: ['path'], properties: { path } };
  return { url: url.replace('*', ':path'), schema: { ...schema, params } as never };
}

function protectedBy(schema: unknown, scope: string | null) {
  const { description } = schema as { description?: string };
  const needs = scope === null ? 'Needs any valid token.' : `Needs the scope \`${scope}\`.`;
  return { security: [{ bearer: [] }], description: [description, needs].filter(Boolean).join(' ') };
}

/** What the routes do not say themselves: error answers, how objects are written in a query, no unused schemas. */
function finish(document: OpenApi): OpenApi {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of Object.values(operations)) {
      for (const parameter of operation.parameters ?? []) describeStyle(parameter);
      if (isScimAddress(path)) speakScim(operation);
      Object.assign(operation.responses, errorResponses(path, operation));
    }
    if (/^\/unified\/.*\{id\}$/.test(path) && operations.get)
      operations.get.responses['200']!.headers = freshnessHeaders;
  }
  dropUnused(document);
  return document;
}

/** Bodies of SCIM have a type of their own. */
function speakScim(operation: Operation): void {
  const { requestBody } = operation as { requestBody?: Answered };
  for (const one of [...Object.values(operation.responses), requestBody] as (Answered | undefined)[]) {
    if (one?.content?.['application/json'] === undefined) continue;
    one.content = { 'application/scim+json': one.content['application/json'] };
  }
}

type Answered = { content?: Record<string, unknown> };

function describeStyle(parameter: NonNullable<Operation['parameters']>[number]): void {
  if (parameter.in !== 'query') return;
  const text = JSON.stringify(parameter.schema ?? {});
  if (text.includes('"properties"') || text.includes('"propertyNames"')) {
    parameter.style = 'deepObject';
    parameter.explode = true;
  } else if (parameter.schema?.type === 'array') {
    parameter.style = 'form';
    parameter.explode = false;
  }
}

/** A record comes without an envelope: how fresh it is stands beside it. */
const freshnessHeaders = {
  'x-foreknow-source': { description: 'Where it was read', schema: { type: 'string', enum: ['mirror', 'live'] } },
  'x-foreknow-as-of': {
    description: 'When the mirror was last complete; absent before the first sync has ended',
    schema: { type: 'string', format: 'date-time' },
  },
};

/** The codes that every operation of a kind can answer with, one answer a status. */
function errorResponses(path: string, operation: Operation): Operation['responses'] {
  const codes: ErrorCode[] = ['internal'];
  if (operation.parameters !== undefined || 'requestBody' in operation) codes.push('invalid_request');
  if (operation.security !== undefined) codes.push('unauthenticated', 'rate_limited');
  if (JSON.stringify(operation.security ?? []).includes('"bearer"')) codes.push('scope_missing');
  if (path.includes('{')) codes.push('not_found');
  if ('requestBody' in operation || path.startsWith('/intake/')) codes.push('payload_too_large', 'conflict');
  if (path === '/readyz') codes.push('unavailable');
  const shape = errorSchemaOf(path);
  const type = errorTypes[shape];
  const content = {
    [type]: { schema: { $ref: `#/components/schemas/${shape}` } },
    // What the protocol itself refuses is said in its own words.
    ...(isMcpAddress(path) && { 'application/json': { schema: { $ref: '#/components/schemas/JsonRpcError' } } }),
  };
  const byStatus = codes.map((code) => [
    String(errorCatalog[code].status),
    { description: errorCatalog[code].title, content },
  ]);
  return { ...Object.fromEntries(byStatus), default: { description: 'Any other error', content } };
}

const isMcpAddress = (path: string): boolean => /^\/mcp(\/|$)/.test(path);

const errorTypes = {
  Problem: 'application/problem+json',
  UnifiedError: 'application/json',
  ReportingError: 'application/json',
  ScimError: 'application/scim+json',
} as const;

/** The schema of errors at an address. */
export function errorSchemaOf(path: string): keyof typeof errorTypes {
  if (isScimAddress(path)) return 'ScimError';
  if (isKnowbe4Address(path)) return 'ReportingError';
  return isTrutoAddress(path) ? 'UnifiedError' : 'Problem';
}

function dropUnused(document: OpenApi): void {
  const { schemas } = document.components;
  for (let before = -1; before !== Object.keys(schemas).length; ) {
    before = Object.keys(schemas).length;
    const text = JSON.stringify(document);
    for (const name of Object.keys(schemas)) {
      if (!text.includes(`"#/components/schemas/${name}"`)) delete schemas[name];
    }
  }
}

export const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const info = {
  title: 'Foreknow',
  version,
  description:
    'A self-hosted gateway for KnowBe4: a mirrored account as one unified user directory, and people with their risk, ' +
    'training and phishing context. Not affiliated with KnowBe4.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

const tags = [
  {
    name: 'Unified user directory',
    description: 'Users, groups and roles in Truto’s wire format, read from the mirror',
  },
  { name: 'Accounts', description: 'Connections as clients of Truto’s API know them, and what they offer' },
  { name: 'Unified LMS', description: 'Courses and enrollments in Truto’s wire format, read from the mirror' },
  { name: 'Log', description: 'Calls, deliveries and runs of the last weeks' },
  { name: 'Proxy', description: 'KnowBe4’s own APIs one to one, within the budget of the account' },
  {
    name: 'Reporting API',
    description: 'KnowBe4’s Reporting API in its own shapes, for clients with a base address to set',
  },
  { name: 'People', description: 'A person with groups, roles, risk, training and phishing context' },
  { name: 'Connections', description: 'KnowBe4 accounts and how they are read' },
  { name: 'Sync', description: 'Runs, their cost, and removals that wait for a decision' },
  { name: 'Changes', description: 'The ordered log of everything that changed' },
  { name: 'Events', description: 'What happened, for those who want to be told' },
  { name: 'WorkOS', description: 'The directory in the shapes of WorkOS Directory Sync' },
  { name: 'Agents', description: 'The Model Context Protocol' },
  { name: 'Webhooks', description: 'Endpoints that events are pushed to, and what became of each delivery' },
  { name: 'Tokens', description: 'Tokens of this API' },
  { name: 'Audit', description: 'Who did what, by which door, from where' },
  { name: 'Sources', description: 'Places that know who works here, and how they were read' },
  {
    name: 'Provisioning',
    description: 'What would be changed at KnowBe4, who decides about it, and what became of it',
  },
  { name: 'SCIM', description: 'Identity providers push people and groups of a source here' },
  { name: 'Intake', description: 'Webhooks of KnowBe4’s own, which make a sync due' },
  { name: 'Operation', description: 'For load balancers and monitors' },
];

const text = { type: 'string' };
const issues = {
  type: 'array',
  items: { type: 'object', required: ['field', 'reason'], properties: { field: text, reason: text } },
};

const components = {
  securitySchemes: {
    bearer: { type: 'http' as const, scheme: 'bearer', description: 'An API token: `Authorization: Bearer fk_…`' },
    intakeBearer: { type: 'http' as const, scheme: 'bearer', description: 'The secret of a connection’s intake' },
    intakeBasic: { type: 'http' as const, scheme: 'basic', description: 'The same as password, with any user' },
    scimBearer: { type: 'http' as const, scheme: 'bearer', description: 'The token of a source' },
    intakeKey: { type: 'apiKey' as const, in: 'header', name: 'X-API-Key', description: 'The same' },
  },
  schemas: {
    Problem: {
      type: 'object',
      description: 'RFC 9457. `type` links to the section of the code.',
      required: ['type', 'title', 'status', 'code', 'detail', 'retry', 'request_id'],
      properties: {
        type: text,
        title: text,
        status: { type: 'integer' },
        code: { type: 'string', enum: Object.keys(errorCatalog) },
        detail: text,
        hint: text,
        field: text,
        issues,
        retry: { type: 'string', enum: ['soon', 'later', 'never'] },
        remote: {
          type: 'object',
          properties: { status: { type: 'integer' }, request_id: { type: ['string', 'null'] } },
        },
        request_id: text,
      },
    },
    ReportingError: {
      type: ['object', 'array'],
      description: 'Ours beside the header `x-foreknow-error`, which names the code; else as KnowBe4 sent it.',
      properties: { error: text, message: text },
    },
    ScimError: {
      type: 'object',
      description: 'RFC 7644, section 3.12.',
      required: ['schemas', 'status', 'detail'],
      properties: { schemas: { type: 'array', items: text }, status: text, scimType: text, detail: text },
    },
    JsonRpcError: {
      type: 'object',
      description: 'JSON-RPC 2.0, with the codes of the Model Context Protocol.',
      required: ['jsonrpc', 'error'],
      properties: {
        jsonrpc: { const: '2.0' },
        id: { type: ['string', 'number', 'null'] },
        error: {
          type: 'object',
          required: ['code', 'message'],
          properties: { code: { type: 'integer' }, message: text, data: {} },
        },
      },
    },
    UnifiedError: {
      type: 'object',
      required: ['statusCode', 'error', 'message', 'details'],
      properties: {
        statusCode: { type: 'integer' },
        error: text,
        message: text,
        details: {
          type: 'object',
          required: ['code', 'request_id'],
          properties: {
            code: { type: 'string', enum: Object.keys(errorCatalog) },
            hint: text,
            field: text,
            failures: issues,
            request_id: text,
          },
        },
        truto_error_insight: { type: 'object', additionalProperties: { type: 'object' } },
        truto_is_remote_error: { type: 'boolean' },
        raw_response: {},
      },
    },
  },
} as never;
