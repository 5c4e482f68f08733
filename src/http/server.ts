import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ForeknowError } from '../errors/errors.ts';
import { actorOf, auditRefusals } from './actor.ts';
import { guard } from './authenticate.ts';
import { answerClientError, answerOddRequests, requireHost } from './client-error.ts';
import type { Gateway } from './door.ts';
import { defaultLimits, type Limits, limitByToken } from './limits.ts';
import { allowedMethods } from './methods.ts';
import { observeRequests } from './observe.ts';
import { documentRoutes } from './openapi.ts';
import { sendError } from './problem.ts';
import { parseQuery } from './query-string.ts';
import { createReach } from './reach.ts';
import { auditRoutes } from './routes/audit.ts';
import { changeRoutes } from './routes/changes.ts';
import { connectionRoutes } from './routes/connections.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { holdRoutes } from './routes/holds.ts';
import { intakeRoutes } from './routes/intake.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { peopleRoutes } from './routes/people.ts';
import { runRoutes } from './routes/runs.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { unifiedRoutes } from './routes/unified.ts';
import { vaultRoutes } from './routes/vault.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { workosRoutes } from './routes/workos.ts';
import { refuseWhenStopping } from './stopping.ts';
import { traceRequests } from './trace.ts';
import { validatorCompiler } from './validate.ts';

export type ServerOptions = {
  readonly gateway: Gateway;
  /** A pino logger (see `createLogger`); without one nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  readonly now?: () => Date;
  /** Addresses of the proxies whose `X-Forwarded-*` headers are believed; `true` believes everyone. */
  readonly trustProxy?: boolean | string | readonly string[];
  /** PEM texts. Without them the server speaks plain HTTP: keep it on the loopback or behind a proxy. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly limits?: Partial<Limits>;
  readonly patience?: Partial<Patience>;
  /** Address that callers use, when a proxy stands in front: named in the OpenAPI document. */
  readonly publicUrl?: string;
};

/** How long a request may take to arrive, in ms. */
type Patience = {
  /** All of its headers. */
  readonly headersMs: number;
  /** All of it. */
  readonly requestMs: number;
  /** Between two looks at who is late. */
  readonly lookMs: number;
};
const defaultPatience: Patience = { headersMs: 10_000, requestMs: 30_000, lookMs: 2000 };

const BODY_LIMIT = 256 * 1024;
/** No handler takes longer than this, ms: `wait=true` holds a call for 25 s, proving a token takes 10 s a region. */
const HANDLER_MS = 90_000;

/** The HTTP door: parses, makes one call to the gateway, renders the answer. The caller listens and closes. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const limits = { ...defaultLimits, ...options.limits };
  const now = options.now ?? (() => new Date());
  const app = newInstance(options);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(sendError);
  const allowed = allowedMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const allow = allowed(request.url);
    if (allow === null || allow.includes(request.method)) throw nothingThere();
    reply.header('allow', allow.join(', '));
    throw notAllowed(request.method, allow);
  });
  readBodies(app);
  app.decorateRequest('token', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
    requireHost(request.raw);
  });
  const stopping = refuseWhenStopping(app);
  traceRequests(app);
  observeRequests(app, options.gateway.metrics);
  await app.register(helmet, securityHeaders(options.tls !== undefined));
  await documentRoutes(app, options.publicUrl ?? '/');
  await app.register(rateLimit, { global: false });
  guard(app, options.gateway, limits.failuresPerMinute);
  auditRefusals(app, options.gateway.audit);
  limitByToken(app, limits);
  app.addHook('preValidation', async (request) => {
    if (request.is404) return;
    const { problem, values } = request.query as ReturnType<typeof parseQuery>;
    if (problem !== null) throw new ForeknowError('invalid_request', { detail: `${problem}.` });
    request.query = values;
  });

  const door = {
    app: app.withTypeProvider<ZodTypeProvider>(),
    gateway: options.gateway,
    as: (request: FastifyRequest) => options.gateway.as(actorOf(request)),
    reach: createReach(options.gateway.connections, () => now().getTime()),
    waitMs: limits.waitMs,
    stopping,
    failuresPerMinute: limits.failuresPerMinute,
  };
  for (const addRoutes of [
    healthRoutes,
    metricsRoutes,
    unifiedRoutes,
    peopleRoutes,
    connectionRoutes,
    intakeRoutes,
    runRoutes,
    holdRoutes,
    changeRoutes,
    eventRoutes,
    workosRoutes,
    webhookRoutes,
    tokenRoutes,
    vaultRoutes,
    auditRoutes,
  ]) {
    addRoutes(door);
  }
  await app.ready();
  return app;
}

function newInstance(options: ServerOptions): FastifyInstance {
  const patience = { ...defaultPatience, ...options.patience };
  const base = {
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: typeof options.trustProxy === 'object' ? [...options.trustProxy] : (options.trustProxy ?? false),
    bodyLimit: BODY_LIMIT,
    // Late requests get an answer of our own (`stopping.ts`).
    return503OnClosing: false,
    requestTimeout: patience.requestMs,
    handlerTimeout: HANDLER_MS,
    keepAliveTimeout: 72_000,
    genReqId: requestId,
    /** A base address that ends in `/` makes clients ask for `//unified/…`, which is not a host name here. */
    rewriteUrl: (request: { url?: string }) => (request.url ?? '/').replace(/^\/{2,}/, '/'),
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true, querystringParser: parseQuery },
  };
  const http = {
    requireHostHeader: false,
    headersTimeout: patience.headersMs,
    connectionsCheckingInterval: patience.lookMs,
  };
  const make = () =>
    options.tls ? Fastify({ ...base, https: { ...http, ...options.tls } }) : Fastify({ ...base, http });
  const app = withKnownProxies(make) as unknown as FastifyInstance<Server>;
  answerOddRequests(app.server);
  return app;
}

/** @throws ForeknowError `invalid_request` for a trusted proxy that is no address */
function withKnownProxies<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof TypeError) || !/^invalid (IP address|range)/.test(cause.message)) throw cause;
    throw new ForeknowError('invalid_request', {
      detail: `The trusted proxies cannot be used: ${cause.message}.`,
      hint: 'Name addresses or ranges (10.0.0.0/8), with commas between them, or loopback, linklocal, uniquelocal.',
      field: 'trust_proxy',
      cause,
    });
  }
}

/** The caller's own id when it is short and plain, else a new one. */
function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

/** Bodies are JSON in UTF-8 whatever their content type says: some clients post it as `text/plain`. */
function readBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (body.length === 0) done(null, undefined);
    else if (encoding !== 'identity')
      done(unreadable(`The body is encoded as ${encoding.slice(0, 40)}: send it plain.`));
    else {
      try {
        void parseJson(request, utf8.decode(body as Buffer), done);
      } catch {
        done(unreadable('The body is not UTF-8.'));
      }
    }
  });
}

const unreadable = (detail: string) => new ForeknowError('invalid_request', { detail });

const securityHeaders = (tls: boolean) => ({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  strictTransportSecurity: tls ? { maxAge: 31_536_000, includeSubDomains: false } : (false as const),
});

const nothingThere = () =>
  new ForeknowError('not_found', {
    detail: 'Nothing is served at this address.',
    hint: 'GET /api/v1/openapi.json lists every address.',
  });

const notAllowed = (method: string, allow: readonly string[]) =>
  new ForeknowError('method_not_allowed', {
    detail: `${method} is not allowed here.`,
    hint: `Allowed: ${allow.join(', ')}.`,
  });
