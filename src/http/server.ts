import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ForeknowError } from '../errors/errors.ts';
import { guard } from './authenticate.ts';
import { answerClientError } from './client-error.ts';
import type { Gateway } from './door.ts';
import { allowedMethods } from './methods.ts';
import { documentRoutes } from './openapi.ts';
import { sendError } from './problem.ts';
import { parseQuery } from './query-string.ts';
import { createReach } from './reach.ts';
import { changeRoutes } from './routes/changes.ts';
import { connectionRoutes } from './routes/connections.ts';
import { healthRoutes } from './routes/health.ts';
import { holdRoutes } from './routes/holds.ts';
import { peopleRoutes } from './routes/people.ts';
import { runRoutes } from './routes/runs.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { unifiedRoutes } from './routes/unified.ts';
import { vaultRoutes } from './routes/vault.ts';
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
};

export type Limits = {
  /** Reads of the mirror, a token and minute: against abuse alone. */
  readonly readsPerMinute: number;
  /** Calls that make KnowBe4 answer, a token and 10 seconds. */
  readonly livePerTenSeconds: number;
  /** Requests without a valid token, an address and minute. */
  readonly failuresPerMinute: number;
  /** How long `wait=true` holds a call, in ms: under the 30 s after which clients give up. */
  readonly waitMs: number;
};

const defaultLimits: Limits = {
  readsPerMinute: 600_000,
  livePerTenSeconds: 50,
  failuresPerMinute: 60,
  waitMs: 25_000,
};

const BODY_LIMIT = 256 * 1024;

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
  });
  logRequests(app);
  await app.register(helmet, securityHeaders(options.tls !== undefined));
  await documentRoutes(app);
  await app.register(rateLimit, { global: false });
  guard(app, options.gateway.tokens, limits.failuresPerMinute);
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
    reach: createReach(options.gateway.connections, () => now().getTime()),
    waitMs: limits.waitMs,
  };
  for (const addRoutes of [
    healthRoutes,
    unifiedRoutes,
    peopleRoutes,
    connectionRoutes,
    runRoutes,
    holdRoutes,
    changeRoutes,
    tokenRoutes,
    vaultRoutes,
  ]) {
    addRoutes(door);
  }
  await app.ready();
  return app;
}

function newInstance(options: ServerOptions): FastifyInstance {
  const base = {
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: typeof options.trustProxy === 'object' ? [...options.trustProxy] : (options.trustProxy ?? false),
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    genReqId: requestId,
    /** A base address that ends in `/` makes clients ask for `//unified/…`, which is not a host name here. */
    rewriteUrl: (request: { url?: string }) => (request.url ?? '/').replace(/^\/{2,}/, '/'),
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true, querystringParser: parseQuery },
  };
  const app = options.tls ? Fastify({ ...base, https: { ...options.tls } }) : Fastify(base);
  return app as unknown as FastifyInstance<Server>;
}

/** The caller's own id when it is short and plain, else a new one. */
function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

/** Bodies are JSON whatever their content type says: some clients post it as `text/plain`. */
function readBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
}

/** One line a request: the route's pattern, never the address itself, which may name a person. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        token: request.token?.id,
      },
      'request',
    );
  });
}

const securityHeaders = (tls: boolean) => ({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  strictTransportSecurity: tls ? { maxAge: 31_536_000, includeSubDomains: false } : (false as const),
});

/** Reads are limited against abuse alone; routes marked `live`, which may cost requests to KnowBe4, much sooner. */
function limitByToken(app: FastifyInstance, limits: Limits): void {
  const keyGenerator = (request: { token: { id: string } | null; ip: string }) => request.token?.id ?? request.ip;
  const reads = app.createRateLimit({ max: limits.readsPerMinute, timeWindow: 60_000, keyGenerator });
  const live = app.createRateLimit({ max: limits.livePerTenSeconds, timeWindow: 10_000, keyGenerator });
  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions;
    if (config.scope === undefined) return;
    const count = await (config.live ? live : reads)(request);
    if (count.isAllowed) return;
    reply
      .header('ratelimit-limit', count.max)
      .header('ratelimit-remaining', count.remaining)
      .header('ratelimit-reset', count.ttlInSeconds);
    if (count.isExceeded) {
      throw new ForeknowError('rate_limited', {
        detail: `The token made more than ${count.max} requests in ${count.timeWindow / 1000} seconds.`,
        hint: 'Wait as long as Retry-After says.',
        retryAfterMs: count.ttl,
      });
    }
  });
}

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
