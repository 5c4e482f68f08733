import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Call, CallType } from '../calls/call.ts';
import type { CallLog } from '../calls/call-log.ts';
import { type CallNotes, inCall } from '../calls/context.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a call at an address where data is read. */
    call: (CallNotes & { resultCount: number | null }) | null;
  }
}

const doors: readonly (readonly [RegExp, CallType])[] = [
  [/^\/unified\//, 'unified'],
  [/^\/proxy\//, 'proxy'],
  [/^\/custom\//, 'custom'],
  [/^\/batch-request$/, 'batch'],
  [/^\/v1\//, 'knowbe4'],
  [/^\/mcp(\/|$)/, 'mcp'],
];

/** Remembers every call at an address where data is read, when its answer is out. */
export function logCalls(app: FastifyInstance, log: Pick<CallLog, 'note'>, now: () => number): void {
  app.decorateRequest('call', null);
  app.addHook('preHandler', (request, _reply, done) => {
    if (typeOf(request) === null) return done();
    request.call = { connectionId: null, upstreamMs: null, resultCount: null };
    inCall(request.call, done);
  });
  app.addHook('onSend', async (request, _reply, payload) => {
    if (request.call !== null) request.call.resultCount = countIn(payload);
    return payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    const type = typeOf(request);
    const { token, method: verb, errorCode } = request;
    if (type === null || token === null) return;
    const durationMs = reply.elapsedTime;
    const only = token.connections?.length === 1 ? token.connections[0]! : null;
    log.note({
      ...{ at: Math.round(now() - durationMs), type, tokenId: token.id, requestId: request.id },
      ...{ verb, status: reply.statusCode, error: errorCode, durationMs: Math.round(durationMs * 100) / 100 },
      connectionId: request.call?.connectionId ?? only,
      upstreamMs: request.call?.upstreamMs ?? null,
      resultCount: reply.statusCode < 400 ? (request.call?.resultCount ?? null) : null,
      needsReauth: errorCode === 'connection_unauthorized',
      ...(type === 'mcp' ? ofMessage(request.body) : ofAddress(type, request)),
    });
  });
}

function typeOf(request: FastifyRequest): CallType | null {
  const route = request.is404 ? undefined : request.routeOptions.url;
  return route === undefined ? null : (doors.find(([pattern]) => pattern.test(route))?.[1] ?? null);
}

type What = Pick<Call, 'resource' | 'method' | 'tool' | 'clientName' | 'clientVersion'>;

const noClient = { tool: null, clientName: null, clientVersion: null } as const;

/** POST that reads. */
const readers: Readonly<Record<string, string>> = { '/batch-request': 'batch', '/proxy/graphql': 'query' };
const methods: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };

function ofAddress(type: CallType, request: FastifyRequest): What {
  const all = writtenOut(request);
  const isOne = all.at(-1) === ID;
  const parts = type === 'unified' && isOne ? all.slice(0, -1) : all;
  const method = readers[request.routeOptions.url ?? ''] ?? methods[request.method] ?? (isOne ? 'get' : 'list');
  return { resource: parts.length === 0 ? null : parts.join('/'), method, ...noClient };
}

const ID = '{id}';

/** What addresses are made of; whatever else stands in one may be the id, or the address, of a person. */
const words = new Set(
  (
    'account users groups members risk_score_history phishing campaigns security_tests recipients ' +
    'callback training store_purchases policies enrollments graphql events event_types statuses ' +
    'user-directory lms roles role_assignments organizations me meta courses course-items ' +
    'course-enrollments activities licenses workspaces remove-user list get create update delete'
  ).split(' '),
);

/** The parts of the address behind the door, with everything that is no word of it left out. */
function writtenOut(request: FastifyRequest): readonly string[] {
  const parameters = (request.params ?? {}) as Readonly<Record<string, string>>;
  const [, ...parts] = (request.routeOptions.url ?? '').split('/').filter((part) => part !== '');
  return parts
    .flatMap((part) => {
      if (part === '*') return String(parameters['*'] ?? '').split('/');
      return part.startsWith(':') ? [String(parameters[part.slice(1)] ?? '')] : [part];
    })
    .filter((part) => part !== '')
    .slice(0, 12)
    .map((part) => (words.has(part) ? part : ID));
}

const NAME = /^[\w./@ -]{1,60}$/;

/** A message of the Model Context Protocol; of several the first. */
function ofMessage(body: unknown): What {
  const message = (Array.isArray(body) ? body[0] : body) as Message | null | undefined;
  const { method, params } = typeof message === 'object' && message !== null ? message : {};
  const client = params?.clientInfo ?? params?._meta?.['io.modelcontextprotocol/clientInfo'];
  return {
    resource: null,
    method: nameOf(method) ?? 'unknown',
    tool: method === 'tools/call' ? nameOf(params?.name) : null,
    clientName: nameOf(client?.name),
    clientVersion: nameOf(client?.version),
  };
}

type Message = {
  readonly method?: unknown;
  readonly params?: {
    readonly name?: unknown;
    readonly clientInfo?: Client;
    readonly _meta?: { readonly 'io.modelcontextprotocol/clientInfo'?: Client };
  };
};
type Client = { readonly name?: unknown; readonly version?: unknown };

const nameOf = (value: unknown): string | null => (typeof value === 'string' && NAME.test(value) ? value : null);

/** Lists say how many they are at their end. */
function countIn(payload: unknown): number | null {
  if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) return null;
  const end =
    typeof payload === 'string' ? payload.slice(-2000) : Buffer.from(payload.subarray(-2000)).toString('latin1');
  const place = end.lastIndexOf('"result_count":');
  const found = place === -1 ? null : /^\d+/.exec(end.slice(place + '"result_count":'.length));
  return found === null ? null : Number(found[0]);
}
