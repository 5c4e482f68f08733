import type { Config, Listen } from '../config/config.ts';
import type { Secret } from '../config/secret.ts';
import { ForeknowError } from '../errors/errors.ts';
import type { CliContext } from './context.ts';

/** What can be said on the command line of the server. */
export type ServerFlags = {
  readonly config?: string;
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly role?: Role;
  readonly syncs?: number;
  /** Seconds. */
  readonly lease?: number;
  readonly host?: string;
  readonly port?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly trustProxy?: string | true;
  readonly allowBaseUrls?: boolean;
  readonly allowHost?: readonly string[];
  readonly proxyWrites?: boolean;
  readonly allowWebhookHost?: readonly string[];
  readonly connectOrigin?: readonly string[];
  readonly connectRequester?: string;
  /** False with `--no-scheduler`, else true. */
  readonly scheduler?: boolean;
  readonly healthPort?: number;
  readonly metricsPort?: number;
  readonly proxy?: string;
  readonly ca?: string;
};

/** Everything that a server is told, from wherever it was told: flags beat the environment, which beats the file. */
export type Settled = Omit<Config, 'server' | 'store' | 'vaultKeys' | 'log' | 'sync'> & {
  readonly file: string | null;
  readonly server: {
    readonly listen: Listen;
    readonly publicUrl: string | undefined;
    /** Paths of PEM files; the key may be named as a secret. */
    readonly tls: { readonly certificate: string; readonly key: Secret | string } | undefined;
    readonly trustProxy: boolean | string | readonly string[] | undefined;
    readonly health: Listen | undefined;
    readonly role: Role;
    readonly leaseMs: number | undefined;
    readonly allowBaseUrls: boolean;
    readonly allowedHosts: readonly string[];
    readonly proxyWrites: boolean;
  };
  readonly store: { readonly folder: string; readonly databaseUrl: Secret | undefined };
  readonly vaultKeys: Secret | undefined;
  readonly sync: { readonly scheduled: boolean; readonly atOnce: number | undefined };
  readonly log: { readonly level: string; readonly format: 'json' | 'pretty' };
};

/** What a process does: answer the API, do the work that is due, or both. */
export const roles = ['all', 'api', 'worker'] as const;
export type Role = (typeof roles)[number];

const LOCAL = '127.0.0.1';
const DEFAULT_PORT = 4080;

export function settle(context: CliContext, flags: ServerFlags): Settled {
  const { config: env } = context;
  const found = context.configFile(flags.config);
  const file = found?.config;
  const listen = file?.server.listen ?? { host: LOCAL, port: DEFAULT_PORT };
  const local = (port: number | undefined): Listen | undefined =>
    port === undefined ? undefined : { host: LOCAL, port };
  return {
    file: found?.path ?? null,
    server: {
      listen: { host: flags.host ?? listen.host, port: flags.port ?? listen.port },
      publicUrl: file?.server.publicUrl,
      tls: tlsFiles(flags) ?? file?.server.tls,
      trustProxy: flags.trustProxy ?? file?.server.trustProxy,
      health: local(flags.healthPort) ?? file?.server.health,
      role: flags.role ?? file?.server.role ?? 'all',
      leaseMs: flags.lease === undefined ? file?.server.leaseMs : flags.lease * 1000,
      allowBaseUrls: flags.allowBaseUrls ?? file?.server.allowBaseUrls ?? false,
      allowedHosts: [...(flags.allowHost ?? []), ...(file?.server.allowedHosts ?? [])],
      proxyWrites: flags.proxyWrites ?? file?.server.proxyWrites ?? false,
    },
    store: { folder: folderIn(context, flags), databaseUrl: databaseUrlIn(context, flags) },
    vaultKeys: vaultKeysIn(context, flags),
    egress: {
      proxy: flags.proxy ?? env.proxy ?? file?.egress.proxy,
      noProxy: env.noProxy ?? file?.egress.noProxy,
      ca: flags.ca ?? file?.egress.ca,
    },
    sync: {
      scheduled: flags.scheduler === false ? false : (file?.sync.scheduled ?? true),
      atOnce: flags.syncs ?? file?.sync.atOnce,
    },
    connections: file?.connections ?? [],
    sources: file?.sources ?? [],
    people: file?.people ?? { from: [], join: [], prefer: {} },
    rules: file?.rules ?? [],
    notify: file?.notify ?? { mail: [], smtp: undefined },
    connect: {
      requester: flags.connectRequester ?? file?.connect.requester,
      allowedOrigins: [...(flags.connectOrigin ?? []), ...(file?.connect.allowedOrigins ?? [])],
    },
    events: { retentionDays: file?.events.retentionDays },
    runs: { retentionDays: file?.runs.retentionDays },
    alerts: { staleAfterMinutes: file?.alerts.staleAfterMinutes },
    webhooks: { ports: [], retentionDays: undefined, ...file?.webhooks, allow: webhookHostsIn(context, flags) },
    agents: { rows: file?.agents.rows, bytes: file?.agents.bytes },
    metrics: { listen: local(flags.metricsPort) ?? file?.metrics.listen },
    telemetry: { endpoint: env.telemetryEndpoint ?? file?.telemetry.endpoint },
    log: logOf(context, file),
  };
}

/** The data folder that flags, environment and file name, in this order. */
export const folderIn = (context: CliContext, { data, config }: Pick<ServerFlags, 'data' | 'config'>): string =>
  data ?? context.config.dataFolder ?? context.configFile(config)?.config.store.folder ?? './foreknow-data';

/** Address of the Postgres database; undefined: the store is SQLite in the data folder. */
export function databaseUrlIn(
  context: CliContext,
  { config, databaseUrl: flag }: Pick<ServerFlags, 'config' | 'databaseUrl'>,
): Secret | undefined {
  const databaseUrl = flag ?? context.config.databaseUrl;
  if (databaseUrl === null) return context.configFile(config)?.config.store.databaseUrl;
  return { from: { env: 'FOREKNOW_DATABASE_URL' }, reveal: () => databaseUrl };
}

/** Hosts that webhooks may go to although they are not public: those of the flag and those of the file. */
export const webhookHostsIn = (
  context: CliContext,
  { config, allowWebhookHost = [] }: Pick<ServerFlags, 'config' | 'allowWebhookHost'>,
): readonly string[] => [...allowWebhookHost, ...(context.configFile(config)?.config.webhooks.allow ?? [])];

/** The key ring where it is not kept in the data folder. */
export function vaultKeysIn(context: CliContext, { config }: Pick<ServerFlags, 'config'>): Secret | undefined {
  const { vaultKeys } = context.config;
  if (vaultKeys === null) return context.configFile(config)?.config.vaultKeys;
  return { from: { env: 'FOREKNOW_VAULT_KEYS' }, reveal: () => vaultKeys };
}

/** `FOREKNOW_LOG` holds a level, a format, or both: `debug`, `json`, `pretty,debug`. A level is checked by the log itself. */
function logOf({ config, stderr }: CliContext, file: Config | undefined): Settled['log'] {
  const words = (config.log ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  const format = words.find((word) => word === 'json' || word === 'pretty') as 'json' | 'pretty' | undefined;
  const level = words.find((word) => word !== 'json' && word !== 'pretty');
  return {
    level: level ?? file?.log.level ?? 'info',
    format: format ?? file?.log.format ?? (stderr.isTTY ? 'pretty' : 'json'),
  };
}

function tlsFiles({ tlsCert, tlsKey }: ServerFlags): { certificate: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert !== undefined && tlsKey !== undefined) return { certificate: tlsCert, key: tlsKey };
  throw new ForeknowError('invalid_request', {
    detail: '--tls-cert and --tls-key belong together.',
    field: tlsCert === undefined ? '--tls-cert' : '--tls-key',
  });
}
