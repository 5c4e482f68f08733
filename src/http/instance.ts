import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { ForeknowError } from '../errors/errors.ts';
import { answerClientError, answerOddRequests, requireHost } from './client-error.ts';
import { endLateCalls } from './late-calls.ts';
import { allowedMethods } from './methods.ts';
import { sendError } from './problem.ts';
import { parseQuery } from './query-string.ts';
import { validatorCompiler } from './validate.ts';

export type InstanceOptions = {
  /** Without one nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  /** Addresses of the proxies whose `X-Forwarded-*` headers are believed; `true` believes everyone. */
  readonly trustProxy?: boolean | string | readonly string[];
  /** PEM texts. Without them the server speaks plain HTTP: keep it on the loopback or behind a proxy. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly patience?: Partial<Patience>;
  /** Bytes. */
  readonly bodyLimit: number;
  /** Said to whoever asks for an address that is not there. */
  readonly hint?: string;
};

/** How long a caller, and a call, may take, in ms. */
export type Patience = {
  /** Until all headers of a request are there. */
  readonly headersMs: number;
  /** Until all of it is there. */
  readonly requestMs: number;
  /** Between two looks at who is late. */
  readonly lookMs: number;
  /**
   * Until the whole answer is out, where a route says nothing else: `wait=true` holds a call for 25 s, proving a token takes
   * 10 s a region.
   */
  readonly workMs: number;
};
const usualPatience: Patience = {
  headersMs: 10_000,
  requestMs: 30_000,
  lookMs: 2000,
  workMs: 90_000,
};

/** A server without routes: how requests are read, how long each may take, and what every answer carries. */
export async function newInstance(options: InstanceOptions): Promise<FastifyInstance> {
  const patience = { ...usualPatience, ...options.patience };
  const app = listener(options, patience);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(sendError);
  const allowed = allowedMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const allow = allowed(request.url);
    if (allow === null || allow.includes(request.method)) throw nothingThere(options.hint);
    reply.header('allow', allow.join(', '));
    throw notAllowed(request.method, allow);
  });
  await app.register(helmet, securityHeaders(options.tls !== undefined));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
    requireHost(request.raw);
  });
  endLateCalls(app, patience.workMs);
  app.addHook('preValidation', async (request) => {
    if (request.is404) return;
    const { problem, values } = request.query as ReturnType<typeof parseQuery>;
    if (problem !== null) throw new ForeknowError('invalid_request', { detail: `${problem}.` });
    request.query = values;
  });
  return app;
}

function listener(options: InstanceOptions, patience: Patience): FastifyInstance {
  const base = {
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: typeof options.trustProxy === 'object' ? [...options.trustProxy] : (options.trustProxy ?? false),
    bodyLimit: options.bodyLimit,
    // Late requests get an answer of our own (`stopping.ts`).
    return503OnClosing: false,
    requestTimeout: patience.requestMs,
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
  return app as unknown as FastifyInstance;
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

const securityHeaders = (tls: boolean) => ({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  strictTransportSecurity: tls ? { maxAge: 31_536_000, includeSubDomains: false } : (false as const),
});

const nothingThere = (hint: string | undefined) =>
  new ForeknowError('not_found', {
    detail: 'Nothing is served at this address.',
    ...(hint === undefined ? {} : { hint }),
  });

const notAllowed = (method: string, allow: readonly string[]) =>
  new ForeknowError('method_not_allowed', {
    detail: `${method} is not allowed here.`,
    hint: `Allowed: ${allow.join(', ')}.`,
  });
