import type { Kysely } from 'kysely';
import type { AuditStore } from '../audit/ports.ts';
import type { CallStore } from '../calls/ports.ts';
import type { Budget } from '../client/transport/budget.ts';
import type { ConnectionStore } from '../connections/ports.ts';
import type { DirectoryStore } from '../directory/ports.ts';
import type { WebhookStore } from '../events/endpoint-ports.ts';
import type { AlertStore, LogStore } from '../events/ports.ts';
import type { JobStore } from '../jobs/ports.ts';
import type { LinkStore } from '../links/ports.ts';
import type { OperatorStore } from '../operators/ports.ts';
import type { ProvisioningStore } from '../provisioning/ports.ts';
import type { ReportingStore } from '../reporting/ports.ts';
import type { SourceStore } from '../sources/ports.ts';
import type { ScimInStore } from '../sources/scim-in-ports.ts';
import type { SyncStore } from '../sync/ports.ts';
import type { TokenStore } from '../tokens/ports.ts';
import { openPostgresStore } from './postgres/open.ts';
import type { Database } from './schema.ts';
import type { ServerInfo } from './sqlite/lock.ts';
import { openSqliteStore } from './sqlite/open.ts';

export type StoreOptions = {
  /**
   * Data folder; made, readable by its owner alone, when it is not there. With a database URL it holds no store, but still the
   * vault's key file, unless the keys come from elsewhere.
   */
  readonly folder: string;
  /** `postgresql://…`: the store is this database, shared by any number of processes. Default: SQLite in the folder. */
  readonly databaseUrl?: string;
  readonly now?: () => Date;
  /**
   * `write` (default) takes the folder for this process. `read` needs no lock and works beside a running server; every
   * write then fails.
   */
  readonly access?: 'read' | 'write';
};

/** Everything the rooms need stored. */
export type Store = SyncStore &
  ConnectionStore &
  TokenStore &
  LinkStore &
  AuditStore &
  JobStore &
  WebhookStore &
  LogStore &
  AlertStore &
  CallStore &
  SourceStore &
  ScimInStore &
  OperatorStore &
  ProvisioningStore & {
    readonly folder: string;
    /** For queries over the mirror. */
    readonly reads: Kysely<Database>;
    readonly directory: DirectoryStore;
    readonly reporting: ReportingStore;
    /** Keeps a fact about the whole store the first time it is told; later tellings change nothing. Gives the fact that is kept. */
    fact(name: string, value: string): Promise<string>;
    setFact(name: string, value: string): Promise<void>;
    /** Request budget of an account; one object for each key, so that callers in this process share it. */
    budget(accountKey: string): Budget;
    /** Says where this process can be reached, to commands run beside it. No-op on a store opened for reading. */
    announce(info: ServerInfo): void;
    /** Waits for writes that were asked for, then gives the folder back. */
    close(): Promise<void>;
  };

/**
 * @throws ForeknowError `store_locked` when another process holds the folder, `store_newer` when a newer version wrote it,
 *   `config_invalid` when the database URL is none, `store_failed` otherwise
 */
export const openStore = ({ databaseUrl, ...options }: StoreOptions): Promise<Store> =>
  databaseUrl === undefined ? openSqliteStore(options) : openPostgresStore({ ...options, databaseUrl });
