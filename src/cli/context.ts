import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { Gateway, GatewayOptions } from '../gateway/gateway.ts';
import type { Metrics } from '../metrics/ports.ts';
import type { ConfigFile } from './config-file.ts';
import type { Output, Stream } from './output/output.ts';

/** What the environment says, read by main. */
export type CliConfig = {
  /** `FOREKNOW_DATA`. */
  readonly dataFolder: string | null;
  /** `FOREKNOW_VAULT_KEYS`: the key ring, when it is not kept in the folder. */
  readonly vaultKeys: string | null;
  /** `FOREKNOW_DATABASE_URL`: the Postgres database that holds the store. */
  readonly databaseUrl: string | null;
  /** `HTTPS_PROXY` and `NO_PROXY`: the way out to KnowBe4. */
  readonly proxy: string | null;
  readonly noProxy: string | null;
  /** `NO_COLOR` is set to something. */
  readonly noColor: boolean;
  /** `FOREKNOW_LOG`: level and format of the server's log on stderr. */
  readonly log: string | null;
  /** `FOREKNOW_CONFIG`: the configuration file. */
  readonly configFile: string | null;
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`: where traces are sent. */
  readonly telemetryEndpoint: string | null;
  /** Any other variable, for secrets that the configuration file names. */
  readonly readEnv: (name: string) => string | null;
};

export type ServeOptions = {
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly trustProxy?: boolean | string | readonly string[];
  readonly log?: Log;
  /** Address that callers use, when a proxy stands in front. */
  readonly publicUrl?: string;
  /** How much an answer to an agent may hold. */
  readonly agents?: { readonly rows?: number; readonly bytes?: number };
};

/** The log of the process, made by main. */
export type Log = Logger;
export type CreateLog = (options: { readonly level: string; readonly format: 'json' | 'pretty' }) => Promise<Log>;

/** Opens the small door of the machinery: health, and metrics where asked, without a token. */
export type ServeOperation = (
  gateway: Gateway,
  options: { readonly host: string; readonly port: number; readonly metrics: boolean },
) => Promise<{ readonly url: string; close(): Promise<void> }>;

/** Opens the HTTP door over a gateway; passed in by main, because no door knows another. */
export type Serve = (
  gateway: Gateway,
  options: ServeOptions,
) => Promise<{ readonly url: string; close(): Promise<void> }>;

/** Everything a command may use of the world around it. */
export type CliContext = {
  readonly config: CliConfig;
  readonly version: string;
  readonly serve: Serve;
  readonly serveOperation: ServeOperation;
  readonly createLog: CreateLog;
  readonly createMetrics: () => Promise<Metrics>;
  /** Sends traces to a collector until it is closed. */
  readonly startTracing: (endpoint: string) => Promise<{ close(): Promise<void> }>;
  /** The configuration file that is named, else the usual one; read once. null: there is none. */
  readonly configFile: (named?: string) => ConfigFile | null;
  readonly openGateway: (options: GatewayOptions) => Promise<Gateway>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: Stream;
  readonly output: Output;
  readonly now: () => number;
  /** Aborted by the first SIGINT or SIGTERM; one that comes later ends the process at once. Signals count from the first call on. */
  readonly stopped: () => AbortSignal;
};
