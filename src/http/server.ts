import rateLimit from '@fastify/rate-limit';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ForeknowError } from '../errors/errors.ts';
import type { ResultLimits } from '../mcp/run-tool.ts';
import { actorOf, auditRefusals } from './actor.ts';
import { approveRoutes } from './approve/routes.ts';
import { guard } from './authenticate.ts';
import { logCalls } from './call-log.ts';
import { connectRoutes } from './connect/routes.ts';
import type { Gateway } from './door.ts';
import { hideFromTokens } from './field-policy.ts';
import { answerOnce } from './idempotency.ts';
import { type InstanceOptions, newInstance } from './instance.ts';
import { defaultLimits, type Limits, limitByToken } from './limits.ts';
import { observeRequests } from './observe.ts';
import { documentRoutes, version } from './openapi.ts';
import { createReach } from './reach.ts';
import { activityRoutes } from './routes/activities.ts';
import { auditRoutes } from './routes/audit.ts';
import { batchRoutes } from './routes/batch.ts';
import { changeRoutes } from './routes/changes.ts';
import { connectionRoutes } from './routes/connections.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { holdRoutes } from './routes/holds.ts';
import { intakeRoutes } from './routes/intake.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { knowbe4Routes } from './routes/knowbe4.ts';
import { lmsRoutes } from './routes/lms.ts';
import { mcpRoutes } from './routes/mcp.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { operatorRoutes } from './routes/operators.ts';
import { peopleRoutes } from './routes/people.ts';
import { planRoutes } from './routes/plans.ts';
import { provisioningRoutes } from './routes/provisioning.ts';
import { proxyRoutes } from './routes/proxy.ts';
import { runRoutes } from './routes/runs.ts';
import { scimInRoutes } from './routes/scim-in.ts';
import { scimInTokenRoutes } from './routes/scim-in-token.ts';
import { sourceRoutes } from './routes/sources.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { accountRoutes } from './routes/truto/accounts.ts';
import { apiTokenRoutes } from './routes/truto/api-tokens.ts';
import { catalogueRoutes } from './routes/truto/catalogue-routes.ts';
import { linkTokenRoutes } from './routes/truto/link-token.ts';
import { logRoutes } from './routes/truto/log.ts';
import { mcpTokenRoutes } from './routes/truto/mcp-tokens.ts';
import { syncJobRunRoutes } from './routes/truto/sync-job-runs.ts';
import { syncJobRoutes } from './routes/truto/sync-jobs.ts';
import { trutoWebhookRoutes } from './routes/truto/webhooks.ts';
import { unifiedRoutes } from './routes/unified.ts';
import { unifiedMetaRoutes } from './routes/unified-meta.ts';
import { unifiedWriteRoutes } from './routes/unified-writes.ts';
import { vaultRoutes } from './routes/vault.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { workosRoutes } from './routes/workos.ts';
import { refuseWhenStopping } from './stopping.ts';
import { traceRequests } from './trace.ts';

export type ServerOptions = Pick<InstanceOptions, 'trustProxy' | 'tls' | 'patience'> & {
  readonly gateway: Gateway;
  /** A pino logger (see `createLogger`); without one nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  readonly now?: () => Date;
  readonly limits?: Partial<Limits>;
  /** How much an answer to an agent may hold. */
  readonly agents?: Partial<ResultLimits>;
  /** Address that callers use, when a proxy stands in front: named in the OpenAPI document. */
  readonly publicUrl?: string;
};

const BODY_LIMIT = 256 * 1024;
const WHERE_TO_LOOK = 'GET /api/v1/openapi.json lists every address.';

/** The HTTP door: parses, makes one call to the gateway, renders the answer. The caller listens and closes. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const limits = { ...defaultLimits, ...options.limits };
  const now = options.now ?? (() => new Date());
  const app = await newInstance({ ...options, bodyLimit: BODY_LIMIT, hint: WHERE_TO_LOOK });
  readBodies(app);
  app.decorateRequest('token', null);
  const stopping = refuseWhenStopping(app);
  traceRequests(app);
  observeRequests(app, options.gateway.metrics);
  await documentRoutes(app, options.publicUrl ?? '/');
  await app.register(rateLimit, { global: false });
  guard(app, options.gateway, limits.failuresPerMinute);
  auditRefusals(app, options.gateway.audit);
  limitByToken(app, limits);
  hideFromTokens(app);
  // After the field policy: what is kept is what was told.
  answerOnce(app, options.gateway.keptAnswers);
  logCalls(app, options.gateway.callLog, () => now().getTime());

  const door = {
    app: app.withTypeProvider<ZodTypeProvider>(),
    gateway: options.gateway,
    as: (request: FastifyRequest) => options.gateway.as(actorOf(request)),
    reach: createReach(options.gateway.connections, () => now().getTime()),
    waitMs: limits.waitMs,
    now,
    publicUrl: options.publicUrl ?? null,
    stopping,
    failuresPerMinute: limits.failuresPerMinute,
  };
  for (const addRoutes of [
    healthRoutes,
    metricsRoutes,
    unifiedRoutes,
    unifiedWriteRoutes,
    lmsRoutes,
    batchRoutes,
    unifiedMetaRoutes,
    activityRoutes,
    proxyRoutes,
    knowbe4Routes,
    peopleRoutes,
    connectionRoutes,
    intakeRoutes,
    scimInRoutes,
    scimInTokenRoutes,
    sourceRoutes,
    planRoutes,
    provisioningRoutes,
    decisionRoutes,
    invitationRoutes,
    linkTokenRoutes,
    runRoutes,
    holdRoutes,
    changeRoutes,
    eventRoutes,
    workosRoutes,
    webhookRoutes,
    trutoWebhookRoutes,
    syncJobRoutes,
    syncJobRunRoutes,
    logRoutes,
    tokenRoutes,
    accountRoutes,
    mcpTokenRoutes,
    catalogueRoutes,
    apiTokenRoutes,
    vaultRoutes,
    operatorRoutes,
    auditRoutes,
  ]) {
    addRoutes(door);
  }
  mcpRoutes(door, version, options.agents);
  approveRoutes({
    ...{ app, operators: options.gateway.operators, plans: options.gateway.provisioning, now },
    connections: options.gateway.connections,
    ...{ as: (actor) => options.gateway.as(actor), publicUrl: options.publicUrl ?? null },
  });
  connectRoutes({
    ...{ app, links: options.gateway.links, failuresPerMinute: limits.failuresPerMinute },
    publicHost: options.publicUrl === undefined ? null : new URL(options.publicUrl).host,
    onChanged: () => door.reach.forget(),
  });
  await app.ready();
  return app;
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
