import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type AuditRoom, auditRoom } from '../audit/audit.ts';
import type { Actor } from '../audit/ports.ts';
import { type CallLog, type CallLogOptions, createCallLog } from '../calls/call-log.ts';
import { createKeptAnswers, type KeptAnswers } from '../calls/kept-answers.ts';
import type { Fetch } from '../client/index.ts';
import { type ConnectionRoom, connectionRoom } from '../connections/connections.ts';
import { type ConnectionDeps, requireConnection } from '../connections/deps.ts';
import { intakeRoom } from '../connections/intake.ts';
import { openKeyRing } from '../connections/key-ring.ts';
import { createVault } from '../connections/vault.ts';
import { createDirectory, type Directory } from '../directory/directory.ts';
import { createLiveDirectory, type LiveDirectory } from '../directory/live.ts';
import { isForeknowError } from '../errors/errors.ts';
import { mailer, type NotifyOptions } from '../events/mail.ts';
import { remember } from '../lib/remember.ts';
import { sleep } from '../lib/sleep.ts';
import { within } from '../lib/within.ts';
import { type Metrics, noMetrics } from '../metrics/ports.ts';
import type { SourceRef } from '../model/source-person.ts';
import type { ServerInfo } from '../store/sqlite/lock.ts';
import { openStore, type Store } from '../store/store.ts';
import type { RunRecord } from '../sync/ports.ts';
import { streamNames } from '../sync/streams.ts';
import { tokenRoom } from '../tokens/tokens.ts';
import { type Administration, administer } from './administration.ts';
import { createClients, probes, tellRequest } from './clients.ts';
import { type ConfigurationUseCases, configurationUseCases } from './configuration.ts';
import { connectionUseCases, counting } from './connection-use-cases.ts';
import { countedStore } from './counted-store.ts';
import { type DecisionUseCases, decisionUseCases } from './deciding.ts';
import { deliveryFigures } from './delivery-figures.ts';
import { createEgress, type EgressOptions } from './egress.ts';
import {
  type AlertOptions,
  type EventUseCases,
  eventUseCases,
  type RetentionOptions,
  retentionChore,
  type WorkosUseCases,
  watchChore,
  workosUseCases,
} from './events.ts';
import { createHosts, guarded } from './hosts.ts';
import { intakeUseCases } from './intake.ts';
import { createKeyLimiters, createKeyProbe, graphqlClient } from './key-clients.ts';
import { createLimiters } from './limiters.ts';
import { createLinks, type LinkOptions, linksChore, usingUp } from './links.ts';
import { type OperatorUseCases, operatorUseCases } from './operators.ts';
import { planEntryOf, waitingMails } from './plan-telling.ts';
import type { ProvisioningSettings } from './planning.ts';
import { createProvisioning } from './provisioning.ts';
import type { ProvisioningUseCases } from './provisioning-types.ts';
import { createProxy, type ProxyUseCases } from './proxy.ts';
import { createProxyClients } from './proxy-clients.ts';
import { whatIsNotReady } from './readiness.ts';
import { readStanding } from './reading.ts';
import { createReporting, type ReportingUseCases } from './reporting.ts';
import { revisedStore } from './revised-store.ts';
import { createRoads } from './road.ts';
import { type RuleFile, ruleFiles } from './rule-files.ts';
import { createScheduler } from './scheduler.ts';
import { type ScimInUseCases, scimInChore, scimInUseCases } from './scim-in.ts';
import { createReadScimStatus } from './scim-status.ts';
import {
  erasuresOf,
  type SourcesDeps,
  type SourcesOptions,
  type SourceUseCases,
  sourcesChore,
  sourcesHousekeeping,
  sourceUseCases,
} from './sources.ts';
import { createSyncing } from './syncing.ts';
import { connectionsTagged } from './tagged.ts';
import { isEnrolledIn, readTarget } from './target.ts';
import type {
  ConnectionUseCases,
  IntakeUseCases,
  LinkUseCases,
  SyncUseCases,
  TokenUseCases,
  VaultUseCases,
} from './types.ts';
import { agreeOnKeys, noteNewKey } from './vault-keys.ts';
import { wakingStore } from './waking-store.ts';
import { createWebhooks, DELIVERIES_AT_ONCE, type WebhookOptions, type WebhookUseCases } from './webhooks.ts';
import { type Chore, gatewayWork } from './work.ts';

export type GatewayOptions = {
  /** Data folder; made, readable by its owner alone, when it is not there. */
  readonly folder: string;
  /** `postgresql://…`: the store is this database, shared by any number of processes. Default: SQLite in the folder. */
  readonly databaseUrl?: string;
  /** `read` works beside a running server and changes nothing. Default `write`: the folder is this process's alone. */
  readonly access?: 'read' | 'write';
  /** The vault's key ring as text; default: the folder's `vault.key`. */
  readonly vaultKeys?: string;
  /** Whether connections may name another address than KnowBe4's own. Default false. */
  readonly allowBaseUrls?: boolean;
  /** Names, addresses and ranges that connections may name besides KnowBe4's own hosts; these may be private. */
  readonly allowHosts?: readonly string[];
  /** Whether tokens with the scope `proxy.write` may change things through the proxy. Default false. */
  readonly proxyWrites?: boolean;
  readonly egress?: EgressOptions;
  /** In place of the egress options: what requests to KnowBe4 go through. */
  readonly fetch?: Fetch;
  readonly now?: () => Date;
  /** Scheduled syncs that this process does at once, and as many again that somebody asked for; default 4. */
  readonly syncsAtOnce?: number;
  /** How long a process that died keeps its work from the others, ms; default 30 s. */
  readonly leaseMs?: number;
  /** Told what happens by itself: scheduled runs, refusals. Holds no secret. */
  readonly onNotice?: (notice: Notice) => void;
  /** Where events may be pushed to. */
  readonly webhooks?: WebhookOptions;
  readonly retention?: RetentionOptions;
  /** How long calls at addresses where data is read are remembered. */
  readonly callLog?: CallLogOptions;
  readonly alerts?: AlertOptions;
  /** Who is told of alerts by mail, and the server that takes invitations; default: nobody, none. */
  readonly notify?: NotifyOptions;
  /** How accounts are connected by whoever opens a connect link. */
  readonly links?: LinkOptions;
  /** Places that know who works here, and how several of them make one person. */
  readonly sources?: SourcesOptions;
  /** Rule files, and how each connection is provisioned. */
  readonly provisioning?: ProvisioningOptions;
  /** Where figures go; default: nowhere. */
  readonly metrics?: Metrics;
};

export type ProvisioningOptions = {
  readonly rules: readonly RuleFile[];
  /** What the operator's file says of a connection, by name; null: nothing. */
  readonly settingsOf?: (connection: string) => ProvisioningSettings | null;
};

/** A connection that the operator's file says nothing of. */
const noSettings: ProvisioningSettings = { mode: null, everyMinutes: 60, approvalsExpireMs: 86_400_000, freezes: [] };

const LEASE_MS = 30_000;
/** Accounts have budgets of their own, but one store and one network: more at once would only wait for each other. */
const SYNCS_AT_ONCE = 4;
/** How long what is under way may take to end when the process stops. */
const STOP_MS = 7000;
/** How long tokens, and what clients of the proxy are made of, are used before they are read again where another process may change them. */
const REMEMBERED_MS = 1000;
/** A store that does not answer in this time is told as one that is away; whoever scrapes gives up after ten seconds. */
const SCRAPE_MS = 5000;

export type Notice = {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly connectionId: string | null;
  /** The run that it tells of. */
  readonly runId?: string;
};

/** Every use case, wired once. */
export type Gateway = {
  readonly folder: string;
  readonly connections: ConnectionUseCases;
  readonly sync: SyncUseCases;
  readonly tokens: TokenUseCases;
  readonly vault: VaultUseCases;
  readonly intake: IntakeUseCases;
  readonly webhooks: WebhookUseCases;
  readonly proxy: ProxyUseCases;
  readonly reporting: ReportingUseCases;
  readonly links: LinkUseCases;
  readonly scimIn: ScimInUseCases;
  readonly sources: SourceUseCases;
  readonly operators: OperatorUseCases;
  readonly decisions: DecisionUseCases;
  readonly provisioning: ProvisioningUseCases;
  /** What servers were told last. */
  readonly configuration: ConfigurationUseCases;
  readonly directory: Directory;
  /** People and groups as KnowBe4 has them at this moment. */
  readonly live: LiveDirectory;
  readonly events: EventUseCases;
  readonly workos: WorkosUseCases;
  readonly callLog: Pick<CallLog, 'note' | 'list'>;
  /** Answers of calls that are to take effect once. */
  readonly keptAnswers: KeptAnswers;
  /** The use cases that change something, with who calls them written into the audit log. */
  as(actor: Actor): Administration;
  readonly audit: Omit<AuditRoom, 'act' | 'flush'>;
  readonly metrics: Metrics;
  /** What keeps it from serving, in plain words without secrets; empty when it is ready. */
  whatIsNotReady(): Promise<readonly string[]>;
  /**
   * Does the work that processes share, until the gateway is closed: runs that were asked for, and what is due by itself.
   * @param options.scheduled whether connections are refreshed by themselves; default true
   */
  startWork(options?: { readonly scheduled?: boolean }): void;
  /** Is not ready any more, takes no more work, and hands back what is under way after the page it is at. */
  stopWork(): Promise<void>;
  /** Tells commands run beside this process where to reach it. */
  announce(info: ServerInfo): void;
  /** Ends running syncs after the page they are at, then gives the folder back. */
  close(): Promise<void>;
};

/** @throws ForeknowError `store_locked`, `store_newer`, `store_failed`, `key_missing`, `config_invalid` */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const now = options.now ?? (() => new Date());
  const { folder, databaseUrl, access = 'write' } = options;
  const store = await openStore({ folder, now, access, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  try {
    return await wire(store, options, now);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function wire(opened: Store, options: GatewayOptions, now: () => Date): Promise<Gateway> {
  const metrics = options.metrics ?? noMetrics;
  const counted = options.metrics === undefined ? opened : countedStore(opened, metrics, options.onNotice);
  const { store, revision } = revisedStore(wakingStore(counted, () => webhooks.wake()));
  const remembered = <T>(read: (key: string) => Promise<T>) => remember(read, { keepMs: REMEMBERED_MS, revision });
  const secrets = await store.listSecrets();
  const ring = { folder: options.folder, text: options.vaultKeys ?? null, hasSecrets: secrets.length > 0 };
  const vault = createVault(openKeyRing(ring));
  if (options.access !== 'read') await agreeOnKeys(store, vault, options.databaseUrl !== undefined);
  const hosts = createHosts({ allow: options.allowHosts ?? [], any: options.allowBaseUrls ?? false });
  const egress = options.fetch === undefined ? createEgress(options.egress, hosts.guard) : null;
  const send = guarded(options.fetch ?? egress!.fetch, hosts);
  const sendOne = guarded(options.fetch ?? egress!.fetchOne, hosts);
  const notify = options.onNotice ?? (() => undefined);
  const limiters = createLimiters({
    budgetOf: (key) => store.budget(key),
    listConnections: () => store.listConnections(),
    now: () => now().getTime(),
    elapsed: options.now === undefined ? () => performance.now() : undefined,
    onUnexpected429: (key, pausedMs) => {
      metrics.unexpectedRateLimit(key);
      // Where this fails the alert comes with the next refusal.
      store.noteRefusal(key, now().toISOString()).catch(() => undefined);
      notify({
        level: 'warn',
        connectionId: null,
        message: `KnowBe4 answered 429 although our own count had room: another program uses the account. Pausing ${Math.ceil(pausedMs / 1000)} s.`,
      });
    },
  });
  metrics.readFrom(() => within(SCRAPE_MS, readStanding({ store, limiters, now })));
  let stopped: Promise<void> | null = null;

  const keyLimiters = createKeyLimiters({
    budgetOf: (key) => store.budget(key),
    now: () => now().getTime(),
    elapsed: options.now === undefined ? () => performance.now() : undefined,
  });
  const probing = probes(send);
  const connectionDeps: ConnectionDeps = {
    store,
    vault,
    probeAccount: probing.probeAccount,
    probeUsers: probing.probeUsers,
    probeKey: createKeyProbe({ keyLimiters, fetch: send }),
    isAllowedUrl: hosts.isAllowed,
    streams: streamNames,
    now,
    newId: () => newId('con'),
  };
  const room = connectionRoom(connectionDeps);
  const clientOf = createClients({ room, limiters, fetch: send, metrics });
  const leaseMs = options.leaseMs ?? LEASE_MS;
  const nudge = () => work.nudge();
  const onEnded = (run: RunRecord) => provisioning.afterRun(run);
  const syncing = createSyncing({ store, room, clientOf, limiters, now, newId, sleep, leaseMs, nudge, onEnded });
  const scheduler = createScheduler({ store, syncing, now, notify });
  const onTried = deliveryFigures(metrics);
  const webhooks = createWebhooks(
    { store, vault, now, notify, newId, nudge, egress: options.egress ?? {}, onTried },
    options.webhooks,
  );
  const callLog = createCallLog(
    {
      ...{ store, now: () => now().getTime(), newId: () => newId('call') },
      onFailure: () => notify({ level: 'warn', connectionId: null, message: 'The call log could not be written.' }),
    },
    options.callLog,
  );
  const keptAnswers = createKeptAnswers({
    ...{ store, now: () => now().getTime() },
    seal: (tokenId, text) => vault.seal({ connectionId: tokenId, kind: 'answer' }, text),
    open: (tokenId, sealed) => vault.open({ connectionId: tokenId, kind: 'answer' }, sealed),
  });
  const rules = ruleFiles(options.provisioning?.rules ?? []);
  const sourcesOptions = options.sources ?? { sources: [], people: { from: [], join: [], prefer: {} } };
  const sendMail = options.notify === undefined ? null : mailer(options.notify);
  const sourcesDeps: SourcesDeps = {
    ...{ store, vault, now, notify, sendMail, newId: () => newId('rd') },
    spoolFolder: join(options.folder, 'spool'),
    egress: options.egress ?? {},
    needed: () => rules.attributes(),
    guards: () => rules.guards(),
  };
  const sources = sourceUseCases(sourcesDeps, sourcesOptions);
  const keyClients = { keyLimiters, fetch: send, now: () => now().getTime() };
  const reviewUrl = (planId: string): string | null =>
    options.links?.publicUrl === undefined ? null : `${options.links.publicUrl.replace(/\/$/, '')}/plans/${planId}`;
  const provisioning = createProvisioning({
    ...{ store, room, now, newId, sleep, notify, leaseMs },
    isReadOnly: options.access === 'read',
    readTarget: readTarget({ mirror: store.reporting, store }),
    people: (left) => sources.joined(left),
    everEnrolled: store.reporting.everEnrolled,
    rulesOf: rules.rulesOf,
    ruleFileOf: rules.fileOf,
    settingsOf: (connection) => options.provisioning?.settingsOf?.(connection.name) ?? noSettings,
    sourceNames: sourcesOptions.people.from,
    budgetOf: async (id) => (await syncing.useCases.status(id)).budget,
    roadOf: createRoads({ ...keyClients, room, onRequest: tellRequest(metrics) }),
    scimStatus: createReadScimStatus({
      store,
      product: async (connection) =>
        graphqlClient(keyClients, {
          ...{ connection, url: connection.baseUrls.product ?? null },
          token: await room.openKey(connection, 'product'),
        }),
    }),
    isEnrolled: isEnrolledIn(store.reporting),
    enrollmentsReadAt: async (id) =>
      (await store.streamStates(id)).find(({ stream }) => stream === 'enrollments')?.lastRefreshedAt ?? null,
    erasedOf: async (id) => (await store.erasedPeople(id)).length,
    async destinationOf({ id, accountKey, baseUrls }) {
      const key = await store.getSecret(id, 'scim');
      return [accountKey ?? id, baseUrls.scim ?? '', key?.fingerprint ?? ''].join(' ');
    },
    bySystem: (act, doing) => audit.act(SYSTEM, act, doing),
    hasScimKey: async (id) => (await store.getSecret(id, 'scim')) !== null,
    async refresh(id) {
      // One that is under way shows it as well.
      await syncing.useCases.start(id, { level: 'directory', trigger: 'schedule' }).catch(unlessConflict);
    },
    reviewUrl,
    telling: { entryOf: planEntryOf({ reviewUrl, now }), isMailed: sendMail !== null },
    mailWaiting: waitingMails({
      ...{ sendMail, notify, reviewUrl, dropJob: store.dropJob },
      nameOf: async (id) => (await room.get(id)).name,
    }),
    approvers: async () =>
      (await operators.list()).flatMap(({ name, disabledAt }) => (disabledAt === null ? [name] : [])),
    async putApply(planId, by) {
      await store.putJob({ kind: 'apply', key: planId, dueAt: now().getTime(), payload: { by } });
      nudge();
    },
  });
  // Rooms hang in what processes share: handlers by kind of job, chores by their key.
  const syncsAtOnce = options.syncsAtOnce ?? SYNCS_AT_ONCE;
  const work = gatewayWork({
    store,
    handlers: {
      ...{ run: scheduler.run, sync: scheduler.sync, deliver: webhooks.deliver },
      ...{ apply: provisioning.apply, mail: provisioning.mail },
    },
    chores: {
      housekeeping: {
        schedules: scheduler.schedules,
        webhooks: webhooks.chore,
        log: retentionChore({ store, now }, options.retention),
        calls: callsChore(callLog, keptAnswers),
        links: linksChore(() => links.keepHouse()),
        scimIn: scimInChore({ store, now }),
        provisioning: provisioning.chore,
        plans: provisioning.housekeeping,
        forgetSources: sourcesHousekeeping({ store, now }),
      },
      // A long read keeps nothing else waiting.
      read: { sources: sourcesChore(sourcesDeps, sources, sourcesOptions) },
      watch: {
        connections: watchChore(
          { store, limiters, now, notify, newId, provisioningOf: provisioning.alarmsOf },
          options.notify,
          options.alerts,
        ),
      },
    },
    atOnce: { run: syncsAtOnce, sync: syncsAtOnce, deliver: DELIVERIES_AT_ONCE },
    leaseMs,
    now,
    notify,
  });

  const stopAll = async (): Promise<void> => {
    await webhooks.stop();
    await work.stop(STOP_MS);
    await syncing.close();
  };

  const stopWork = (): Promise<void> => {
    stopped ??= stopAll();
    return stopped;
  };

  const audit = auditRoom({
    store,
    now,
    onFailure: () => notify({ level: 'warn', connectionId: null, message: 'The audit log could not be written.' }),
  });

  const proxyClients = createProxyClients({
    ...{ room, store, limiters, keyLimiters, fetch: sendOne, onRequest: tellRequest(metrics) },
    ...{ now: () => now().getTime(), remember: remembered },
  });

  const countedProofs = counting(probing, limiters);
  const connectionsIn = (of: ConnectionRoom) =>
    connectionUseCases(of, syncing, countedProofs, async (connectionId) => {
      // Where this fails the chore `schedules` sees to it.
      await scheduler.reschedule(connectionId).catch(() => undefined);
      nudge();
    });
  const tokens = tokenRoom({
    store: { ...store, findTokenByHash: remembered(store.findTokenByHash), getToken: remembered(store.getToken) },
    ...{ now, newId: () => newId('tok'), tagged: connectionsTagged(store) },
  });
  const links = createLinks(
    {
      ...{ store, room, tokens, vault, audit, hosts, notify, now, newId, counted: countedProofs },
      usingUp: (link) => connectionsIn(connectionRoom({ ...connectionDeps, store: usingUp(store, link) })),
      otherAddresses: options.allowBaseUrls === true || (options.allowHosts ?? []).length > 0,
    },
    options.links,
    options.notify,
  );

  const operators = operatorUseCases({ store, vault, now, newId: () => newId('op') });
  const everyConnection = connectionsIn(room);
  const wired: Omit<Gateway, 'as' | 'audit'> = {
    folder: options.folder,
    connections: {
      ...everyConnection,
      async remove(connection, options) {
        const found = await room.get(connection).catch(() => null);
        const state = found === null ? null : await store.getProvisioning(found.id);
        const removed = await everyConnection.remove(connection, options);
        const isInCharge = state !== null && state.adoption.state !== 'none';
        return isInCharge ? { ...removed, notes: [SCIM_STAYS] } : removed;
      },
      async erasePerson(connection, userId) {
        const { id } = await room.get(connection);
        const links = (await store.identityLinks(id)).filter((link) => link.userId === userId);
        const matched = await matchedRecords(provisioning.useCases, id, userId);
        // What sources said of them goes first, and they are kept out of later reads: the links that lead there go with the rest.
        for (const { source, sourceId } of [...links, ...matched]) {
          await sources.erasePerson(source, sourceId).catch(unlessNotFound);
        }
        return everyConnection.erasePerson(connection, userId);
      },
    },
    links: links.useCases,
    sync: syncing.useCases,
    tokens,
    vault: {
      async rotate() {
        const rotated = await vault.rotate(store);
        await noteNewKey(store, vault);
        return rotated;
      },
    },
    sources,
    operators,
    decisions: decisionUseCases({ operators, provisioning: provisioning.useCases, sources }),
    provisioning: provisioning.useCases,
    scimIn: scimInUseCases({
      ...{ store, sources: sourcesOptions.sources, now, newId: () => newId('stk') },
      erased: (source) => erasuresOf({ store, vault, now }, source),
    }),
    intake: intakeUseCases({ room: intakeRoom(connectionDeps), store, now }),
    webhooks: webhooks.useCases,
    proxy: createProxy({
      clients: proxyClients,
      noteFailure: room.noteFailure,
      writes: options.proxyWrites ?? false,
    }),
    reporting: createReporting({ mirror: store.reporting, clients: proxyClients, noteFailure: room.noteFailure }),
    configuration: configurationUseCases(store),
    directory: createDirectory({ store: store.directory, cursorKey: vault.derive('cursors'), now }),
    live: createLiveDirectory({
      ...{ store: store.directory, cursorKey: vault.derive('cursors'), now, isErased: room.erasedPeople },
      async ask(id, path, query, signal) {
        const connection = await requireConnection(store, id);
        const call = { connection, method: 'GET', path, query, mayWrite: false, signal } as const;
        return (await wired.proxy.reporting(call)).body;
      },
      async askProduct(id, query, signal) {
        const connection = await requireConnection(store, id);
        return (await wired.proxy.graphql({ connection, body: { query }, mayWrite: false, signal })).body;
      },
    }),
    events: eventUseCases({ store, now }),
    workos: workosUseCases(store),
    callLog,
    keptAnswers,
    metrics,
    whatIsNotReady: () => whatIsNotReady({ store, vault, isStopping: () => stopped !== null }),
    startWork({ scheduled = true } = {}) {
      work.start(scheduled ? {} : { without: ['sync'], withoutChores: ['schedules', 'sources'] });
      webhooks.start();
    },
    stopWork,
    announce: (info) => store.announce(info),
    async close() {
      await stopWork();
      await webhooks.close();
      await audit.flush().catch(() => undefined);
      await callLog.flush();
      await store.close();
      await egress?.close();
    },
  };
  return { ...wired, as: administer(wired, { audit, personMark: room.personMark }), audit };
}

const SYSTEM: Actor = {
  ...{ kind: 'system', id: 'scheduler', name: null, door: 'internal' },
  from: null,
  requestId: null,
};

/** KnowBe4 archives whoever is not in its SCIM store, whoever filled it. */
const SCIM_STAYS =
  'SCIM goes on to rule the people of the account at KnowBe4: nobody who is added in the console stays without it, and what was sent last counts. To end that, switch user provisioning off in the console (Account Settings, User Management, User Provisioning), or let another provisioner take it over in Test Mode first.';

/** Records of sources that a plan would take for a person's, also where none was built yet; none where there are no rules to build one by. */
async function matchedRecords(
  provisioning: Pick<ProvisioningUseCases, 'explain'>,
  connectionId: string,
  userId: string,
): Promise<readonly SourceRef[]> {
  try {
    const { people } = await provisioning.explain(connectionId, userId);
    const theirs = people.filter(({ match }) => match.account?.userId === userId && match.situation !== 'conflict');
    return theirs.flatMap(({ read }) => read.person?.refs ?? []);
  } catch (error) {
    // Nobody is left out unseen because the rules are broken.
    if (!isForeknowError(error) || (error.code !== 'not_found' && error.code !== 'conflict')) throw error;
    return [];
  }
}

/** A source that is configured no more has nobody left to read. */
const unlessNotFound = (error: unknown): void => {
  if (!isForeknowError(error) || error.code !== 'not_found') throw error;
};

const unlessConflict = (error: unknown): void => {
  if (!isForeknowError(error) || error.code !== 'conflict') throw error;
};

const HOUR_MS = 3_600_000;

/** Drops calls and answers whose time is over. */
const callsChore = (callLog: CallLog, answers: KeptAnswers): Chore => ({
  everyMs: HOUR_MS,
  async run(signal) {
    await callLog.drop(signal);
    await answers.drop();
  },
});

/** `con_` and 16 random characters, say. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('base64url')}`;
