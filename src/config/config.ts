import type { Secret } from './secret.ts';
import type { ConfiguredPeople, ConfiguredProvisioning, ConfiguredRules, ConfiguredSource } from './sources.ts';

export type Listen = { readonly host: string; readonly port: number };

/** A connection as the file describes it; `settings` are those of the room of connections. */
export type ConfiguredConnection = {
  readonly name: string;
  readonly region: string;
  readonly tenant: string | null;
  readonly tags: readonly string[];
  readonly reportingToken: Secret;
  readonly reportingUrl: string | undefined;
  /** The address is a secret where the file says so. */
  readonly scim: { readonly url: string | Secret; readonly token: Secret } | undefined;
  readonly product: { readonly token: Secret; readonly url: string | undefined } | undefined;
  readonly provisioning: ConfiguredProvisioning;
  readonly settings: {
    readonly limits?: {
      readonly perSecond?: number | null;
      readonly perMinute?: number | null;
      readonly perDay?: number | null;
      readonly scimPerSecond?: number | null;
      readonly reserveShare?: number;
    };
    readonly streamsOff?: readonly string[];
    readonly dropRecipientClient?: boolean;
    readonly timeZone?: string;
    readonly accountKey?: string;
    readonly pagination?: 'auto' | 'page' | 'cursor';
    readonly directoryEveryMinutes?: number | null;
    readonly activityEveryMinutes?: number | null;
    readonly riskThresholds?: readonly number[];
    readonly riskDelta?: number | null;
  };
};

/** What the file says; what it leaves out is undefined, so that a default is given in one place. Paths are absolute. */
export type Config = {
  readonly server: {
    readonly listen: Listen | undefined;
    readonly publicUrl: string | undefined;
    /** `certificate`: path of a PEM file. */
    readonly tls: { readonly certificate: string; readonly key: Secret } | undefined;
    readonly trustProxy: boolean | readonly string[] | undefined;
    readonly role: 'all' | 'api' | 'worker' | undefined;
    readonly leaseMs: number | undefined;
    readonly health: Listen | undefined;
    readonly allowBaseUrls: boolean | undefined;
    readonly allowedHosts: readonly string[];
    readonly proxyWrites: boolean | undefined;
  };
  readonly store: { readonly folder: string | undefined; readonly databaseUrl: Secret | undefined };
  readonly vaultKeys: Secret | undefined;
  readonly egress: {
    readonly proxy: string | undefined;
    readonly noProxy: string | undefined;
    readonly ca: string | undefined;
  };
  readonly sync: { readonly scheduled: boolean | undefined; readonly atOnce: number | undefined };
  readonly connections: readonly ConfiguredConnection[];
  readonly sources: readonly ConfiguredSource[];
  readonly people: ConfiguredPeople;
  readonly rules: readonly ConfiguredRules[];
  readonly notify: {
    readonly mail: readonly string[];
    readonly smtp:
      | {
          readonly host: string;
          readonly port: number | undefined;
          readonly secure: boolean | undefined;
          readonly requireTls: boolean | undefined;
          readonly from: string;
          readonly user: string | undefined;
          readonly password: Secret | undefined;
        }
      | undefined;
  };
  readonly connect: { readonly requester: string | undefined; readonly allowedOrigins: readonly string[] };
  readonly events: { readonly retentionDays: number | undefined };
  readonly runs: { readonly retentionDays: number | undefined };
  readonly alerts: { readonly staleAfterMinutes: number | undefined };
  readonly webhooks: {
    readonly allow: readonly string[];
    readonly ports: readonly number[];
    readonly retentionDays: number | undefined;
  };
  /** How much an answer to an agent holds. */
  readonly agents: { readonly rows: number | undefined; readonly bytes: number | undefined };
  readonly metrics: { readonly listen: Listen | undefined };
  readonly telemetry: { readonly endpoint: string | undefined };
  readonly log: { readonly level: string | undefined; readonly format: 'json' | 'pretty' | undefined };
};
