import { createHash } from 'node:crypto';
import { auditRoom } from '../../audit/audit.ts';
import type { StoredAuditEntry } from '../../audit/ports.ts';
import { ForeknowError } from '../../errors/errors.ts';
import type { Delivery, StoredEndpoint } from '../../events/endpoint.ts';
import { exampleOf } from '../../events/examples.ts';
import { type Administered, administer } from '../../gateway/administration.ts';
import type { ProxyAnswer } from '../../gateway/proxy.ts';
import type { ConnectionView, IntakeView } from '../../gateway/types.ts';
import { noMetrics } from '../../metrics/ports.ts';
import type { Hold, RunRecord } from '../../sync/ports.ts';
import type { TokenStore } from '../../tokens/ports.ts';
import type { ApiToken, Scope } from '../../tokens/token.ts';
import { tokenRoom } from '../../tokens/tokens.ts';
import type { Gateway } from '../door.ts';
import { fakeCalls } from './fake-calls.ts';
import { fakeLinks } from './fake-links.ts';
import { fakeOperators } from './fake-operators.ts';
import { fakeDecisions, fakeProvisioning } from './fake-provisioning.ts';
import { fakeSources } from './fake-sources.ts';

const at = '2026-11-20T09:00:00.000Z';

export const aConnection = (fields: Partial<ConnectionView> = {}): ConnectionView => ({
  id: 'con_0000000000000001',
  name: 'acme',
  tenant: null,
  tags: [],
  region: 'us',
  baseUrls: {},
  state: 'active',
  pausedAt: null,
  lastError: null,
  settings: {},
  account: null,
  accountKey: null,
  createdAt: at,
  updatedAt: at,
  tokens: [{ kind: 'reporting', fingerprint: '0a1b2c3d', createdAt: at }],
  ...fields,
});

const aToken = (fields: Partial<ApiToken> = {}): ApiToken => ({
  id: 'tok_0000000000000001',
  name: 'test',
  kind: 'api',
  scopes: ['directory'],
  connections: null,
  ...{ tags: null, fieldPolicy: null, parentId: null, settings: {}, previousUntil: null },
  createdAt: at,
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  lastFour: 'abcd',
  ...fields,
});

export const aRun = (fields: Partial<RunRecord> = {}): RunRecord => ({
  id: 'run_1',
  connectionId: 'con_0000000000000001',
  trigger: 'manual',
  level: 'full',
  status: 'done',
  startedAt: at,
  endedAt: at,
  streams: [],
  requests: 3,
  pages: 3,
  rows: 10,
  changes: 0,
  estimate: null,
  error: null,
  ...fields,
});

/** Opens the intake of every connection of the fake gateway. */
export const INTAKE_SECRET = 'fk_in_0000000000000000000000000000000000000000000';

const anIntake = (connectionId: string): IntakeView => ({
  connectionId,
  enabled: false,
  path: `/intake/knowbe4/${connectionId}`,
  ...{ inQuery: false, createdAt: null, calls: 0, lastCallAt: null },
});

export const aHold = (fields: Partial<Hold> = {}): Hold => ({
  id: 'hold_1',
  connectionId: 'con_0000000000000001',
  stream: 'users',
  scope: 'all',
  kind: 'needs_person',
  state: 'open',
  live: 100,
  absent: 80,
  firstPassAt: at,
  createdAt: at,
  decidedAt: null,
  decidedBy: null,
  ...fields,
});

/** Id of an endpoint that is told events in Truto's words. */
export const TRUTO_ENDPOINT = 'whk_truto';

const anEndpoint = (fields: Partial<StoredEndpoint> = {}): StoredEndpoint => ({
  ...{ id: 'whk_1', url: 'https://hooks.example.com/in', description: null, types: ['*'], connections: null },
  ...{ families: ['directory'], fieldPolicy: null, format: 'plain', names: false, state: 'active', stateReason: null },
  ...{ createdAt: at, updatedAt: at, previousSecretUntil: null },
  ...{ failingSince: null, lastSuccessAt: null, lastFailureAt: null, slowUntil: 0, lost: 0 },
  ...fields,
});

const aDelivery = (): Delivery => ({
  ...{ endpointId: 'whk_1', eventId: 'evt_000000000000001', connectionId: '', seq: 0, type: 'test' },
  ...{ state: 'delivered', failures: 0, firstAt: 0, lastAt: 0, nextAt: null, attempts: [] },
});

/** Tokens in memory, by the hash of their secret. */
const tokenStore = (tokens: Map<string, ApiToken>): TokenStore => {
  const byId = (id: string) => [...tokens].find(([, token]) => token.id === id);
  const change = (id: string, fields: Partial<ApiToken>): boolean => {
    const [hash, token] = byId(id) ?? [];
    if (hash !== undefined && token !== undefined) tokens.set(hash, { ...token, ...fields });
    return token !== undefined;
  };
  return {
    createToken: async (token, hash) => void tokens.set(hash, token),
    findTokenByHash: async (hash) => {
      const token = tokens.get(hash);
      return token === undefined ? null : { token, isPrevious: false };
    },
    getToken: async (id) => byId(id)?.[1] ?? null,
    listTokens: async () => [...tokens.values()],
    rotateToken: async ({ id, hash, lastFour, previousUntil }) => {
      const [old, token] = byId(id) ?? [];
      if (old === undefined || token === undefined) return false;
      tokens.delete(old);
      tokens.set(hash, { ...token, lastFour, previousUntil });
      return true;
    },
    revokeToken: async (id, revokedAt) => byId(id)?.[1].revokedAt === null && change(id, { revokedAt }),
    updateToken: async (id, fields) => byId(id)?.[1].revokedAt === null && change(id, fields),
    touchToken: async (id, lastUsedAt) => void change(id, { lastUsedAt }),
  };
};

const aProxyAnswer: ProxyAnswer = {
  ...{ status: 200, remoteRequestId: 'r-1', window: { limit: 50, remaining: 49, resetMs: 60_000 } },
  body: Buffer.from('{"id":1}'),
};

/** For tests that ask nothing of the directory. */
const noDirectory = {} as Gateway['directory'];

/** A gateway in memory: what the door is given, where a real store would only stand in the way. */
export function fakeGateway(seed: {
  readonly connections?: readonly ConnectionView[];
  readonly runs?: readonly RunRecord[];
  readonly holds?: readonly Hold[];
}) {
  const tokens = new Map<string, ApiToken>();
  const connections = new Map((seed.connections ?? [aConnection()]).map((one) => [one.id, one]));
  const hash = (secret: string) => createHash('sha256').update(secret).digest('hex');
  const connection = (id: string): ConnectionView => {
    const found = connections.get(id);
    if (!found) throw new ForeknowError('not_found', { detail: 'No such connection.' });
    return found;
  };
  const result = (one: ConnectionView) => ({ connection: one, capabilities: [], warnings: [] });
  let count = 0;

  /** A token whose secret is told: `fk_` and its number. */
  const addToken = (fields: Partial<ApiToken> & { scopes?: readonly Scope[] } = {}): string => {
    count += 1;
    const secret = `fk_${String(count).padStart(43, '0')}`;
    tokens.set(hash(secret), aToken({ id: `tok_${String(count).padStart(16, '0')}`, ...fields }));
    return secret;
  };

  const sources = fakeSources();
  const operators = fakeOperators();
  const provisioning = fakeProvisioning([...connections.keys()][0] ?? 'con_none');
  const cases: Administered = {
    connections: {
      connect: async ({ name }) => {
        const made = aConnection({ id: `con_${name}`, name });
        connections.set(made.id, made);
        return result(made);
      },
      list: async () => [...connections.values()],
      get: async (id) => connection(id),
      update: async (id, patch) => {
        const next = { ...connection(id), ...patch };
        connections.set(id, next);
        return next;
      },
      replaceToken: async (id) => result(connection(id)),
      check: async (id) => result(connection(id)),
      addKey: async (id, kind) => ({ ...result(connection(id)), kind }),
      removeKey: async (id) => connection(id),
      pause: async (id) => ({ ...connection(id), pausedAt: at }),
      resume: async (id) => ({ ...connection(id), pausedAt: null }),
      remove: async (id) => {
        connections.delete(id);
        return { id };
      },
      erasePerson: async () => ({ rows: 3, changes: 2 }),
      readmitPerson: async () => ({ readmitted: true }),
    },
    sync: {
      estimate: async () => ({ level: 'refresh', requests: 4, durationMs: 5000, endsAt: at, byStream: [] }),
      run: async (connectionId) => aRun({ connectionId }),
      start: async (connectionId) => aRun({ connectionId, status: 'queued', endedAt: null }),
      status: async (id) => ({
        connection: connection(id),
        streams: [],
        budget: {
          accountKey: null,
          limits: { perSecond: 3, perMinute: 48, perDay: 2000 },
          usedLastMinute: 0,
          usedLastDay: 0,
          reserve: 400,
          freeForSync: 1600,
          blockedUntil: null,
          unexpected429: 0,
        },
        openHolds: [...(seed.holds ?? [])],
        openAlerts: [],
        running: null,
        lastRun: null,
        nextSyncAt: null,
      }),
      runs: async (id, limit) => (seed.runs ?? []).filter((run) => run.connectionId === id).slice(0, limit),
      getRun: async (id) => {
        const found = (seed.runs ?? []).find((run) => run.id === id);
        if (!found) throw new ForeknowError('not_found', { detail: 'No run has this id.' });
        return found;
      },
      recentRuns: async ({ connectionIds, trigger, from, before, limit }) =>
        (seed.runs ?? [])
          .filter(
            (run) => run.startedAt >= from && run.startedAt < before.at && (trigger ?? run.trigger) === run.trigger,
          )
          .filter((run) => connectionIds?.includes(run.connectionId) ?? true)
          .slice(0, limit),
      stop: async (id) => aRun({ id, status: 'interrupted' }),
      holds: async (id) => (seed.holds ?? []).filter((hold) => hold.connectionId === id),
      decideHold: async (id, decision, by) =>
        aHold({ id, state: decision === 'confirm' ? 'confirmed' : 'dismissed', decidedAt: at, decidedBy: by }),
      changes: async () => [],
      fetchRiskHistory: async () => [{ date: '2026-11-01', riskScore: 31.5 }],
    },
    tokens: tokenRoom({
      store: tokenStore(tokens),
      now: () => new Date(),
      newId: () => `tok_${String(++count).padStart(16, '0')}`,
      tagged: async (tags) =>
        [...connections.values()].filter((one) => one.tags.some((tag) => tags.includes(tag))).map(({ id }) => id),
    }),
    vault: { rotate: async () => ({ resealed: connections.size, keys: 2 }) },
    intake: {
      show: async (id) => anIntake(connection(id).id),
      renew: async (id, { inQuery = false } = {}) => ({
        ...anIntake(connection(id).id),
        ...{ enabled: true, inQuery, createdAt: at, secret: INTAKE_SECRET },
      }),
      disable: async (id) => anIntake(connection(id).id),
      admit: async (id, secrets) =>
        connections.has(id) && secrets.some(({ value, inQuery }) => value === INTAKE_SECRET && !inQuery) ? id : null,
      accept: async () => 'new',
    },
    configuration: { changed: async () => [], keep: async () => undefined },
    proxy: {
      reporting: async () => aProxyAnswer,
      events: async () => aProxyAnswer,
      graphql: async () => aProxyAnswer,
      window: async () => null,
      writes: true,
    },
    links: fakeLinks(),
    sources,
    operators,
    provisioning,
    decisions: fakeDecisions(operators, provisioning, sources),
    scimIn: {
      resources: {} as Gateway['scimIn']['resources'],
      tokens: {
        list: async () => [],
        admit: async () => null,
        create: async (source) => ({
          ...{ id: 'stk_1', source, lastFour: 'abcd', createdAt: at, endsAt: null, lastUsedAt: null },
          secret: 'fk_scim_0000000000000000000000000000000000000000000',
        }),
      },
    },
    webhooks: {
      create: async (input) => ({ endpoint: anEndpoint(input), secret: 'whsec_c2VjcmV0' }),
      list: async () => [anEndpoint()],
      get: async (id) => ({ ...anEndpoint(id === TRUTO_ENDPOINT ? { id, format: 'truto' } : {}), lanes: [] }),
      update: async (_, patch) => anEndpoint(patch),
      enable: async () => anEndpoint(),
      remove: async (id) => ({ id }),
      rotateSecret: async () => ({ endpoint: anEndpoint(), secret: 'whsec_c2VjcmV0' }),
      test: async () => aDelivery(),
      replay: async () => ({ events: 3, atLeast: false }),
      deliveries: async () => [aDelivery()],
      delivery: async () => aDelivery(),
    },
  };
  const written: StoredAuditEntry[] = [];
  const audit = auditRoom({
    store: {
      appendAudit: async (entry) => void written.push({ ...entry, seq: written.length + 1 }),
      noting: async (_note, work) => ({ result: await work(), isWritten: false }),
      auditEntries: async ({ after, limit }) => written.slice(after, after + limit),
    },
    now: () => new Date(),
  });
  const { noted, callLog, keptAnswers } = fakeCalls();
  const gateway: Gateway = {
    ...{ ...cases, callLog, keptAnswers },
    as: administer(cases, { audit, personMark: async (_, userId) => `mark of ${userId}` }),
    audit,
    directory: noDirectory,
    live: {} as Gateway['live'],
    reporting: {
      window: async () => null,
      read: async () => ({
        ...{ status: 200, body: Buffer.from('[]'), headers: { 'content-type': 'application/json; charset=utf-8' } },
        ...{ asOf: null, remoteRequestId: null, window: null },
      }),
    },
    workos: {} as Gateway['workos'],
    events: {
      page: async () => ({ events: [], nextCursor: 'end', hasMore: false }),
      wait: async () => ({ events: [], nextCursor: 'end', hasMore: false }),
      get: async () => exampleOf('user.updated'),
      alerts: async () => [],
    },
    metrics: noMetrics,
    whatIsNotReady: async () => [],
  };
  return { gateway, addToken, written, noted };
}
