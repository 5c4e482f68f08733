import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ForeknowError } from '../errors/errors.ts';
import type { DecisionUseCases } from '../gateway/deciding.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { OperatorUseCases } from '../gateway/operators.ts';
import type { ProvisioningUseCases } from '../gateway/provisioning-types.ts';
import type { ScimInUseCases } from '../gateway/scim-in.ts';
import type { SourceUseCases } from '../gateway/sources.ts';
import type {
  ConnectionUseCases,
  IntakeUseCases,
  LinkUseCases,
  SyncUseCases,
  TokenUseCases,
  VaultUseCases,
} from '../gateway/types.ts';
import type { WebhookUseCases } from '../gateway/webhooks.ts';
import { readServerInfo, type ServerInfo } from '../store/sqlite/lock.ts';
import type { CliContext } from './context.ts';
import { type EgressFlags, egressOf } from './egress-flags.ts';
import { outwardOptions, settingsIn } from './gateway-options.ts';
import { operator, operatorName } from './operator.ts';
import { callServer } from './remote/call-server.ts';
import { remoteWrites } from './remote/use-cases.ts';
import { databaseUrlIn, folderIn, vaultKeysIn, webhookHostsIn } from './settled.ts';

export type FolderFlags = {
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly config?: string;
  readonly allowWebhookHost?: readonly string[];
} & EgressFlags;

/** What depends on the configuration file: a server has it, a command without one reads it itself. */
export type ProvisioningReads = Pick<
  ProvisioningUseCases,
  'status' | 'adoptionReport' | 'drift' | 'explain' | 'compare'
>;

/** What becomes of a decision is read from the store afterwards. */
type Decisions = {
  readonly [Name in keyof DecisionUseCases]: (...input: Parameters<DecisionUseCases[Name]>) => Promise<unknown>;
};

/** The use cases that change something: done here, or by the server that holds the folder. */
export type Writes = {
  readonly connections: ConnectionUseCases;
  readonly sync: Pick<SyncUseCases, 'run' | 'decideHold'>;
  readonly tokens: Pick<TokenUseCases, 'create' | 'derive' | 'rotate' | 'revoke'>;
  readonly vault: VaultUseCases;
  readonly intake: Pick<IntakeUseCases, 'renew' | 'disable'>;
  readonly operators: Pick<OperatorUseCases, 'add' | 'reset' | 'recover' | 'disable'>;
  readonly links: Pick<LinkUseCases, 'invite' | 'resend' | 'revoke'>;
  readonly provisioning: ProvisioningReads &
    Pick<ProvisioningUseCases, 'build' | 'undo' | 'apply' | 'pause' | 'stop'> & {
      /** Null: a server does it. */
      readonly applyNow: ProvisioningUseCases['applyNow'] | null;
    };
  readonly decisions: Decisions;
  readonly sources: Pick<SourceUseCases, 'read' | 'upload' | 'erasePerson' | 'readmitPerson' | 'forget'>;
  readonly scimIn: { readonly tokens: Pick<ScimInUseCases['tokens'], 'create'> };
  readonly webhooks: Omit<WebhookUseCases, 'list' | 'get' | 'deliveries' | 'delivery'>;
};

export const folderOf = (context: CliContext, flags: FolderFlags): string => folderIn(context, flags);

/** Reads go to the store itself, whether or not a server runs on it. */
export async function reading<T>(
  context: CliContext,
  flags: FolderFlags,
  work: (gateway: Gateway) => Promise<T>,
): Promise<T> {
  const basics = gatewayBasics(context, flags);
  if (basics.databaseUrl === undefined && !existsSync(join(basics.folder, 'foreknow.db'))) throw emptyFolder();
  return closing(await context.openGateway({ ...basics, access: 'read' }), work);
}

/**
 * Writes need the folder for themselves: while a server holds it they are sent there. A Postgres database is shared by
 * servers and commands alike.
 * @throws ForeknowError `store_locked` when another command holds the folder
 */
export async function writing<T>(
  context: CliContext,
  flags: FolderFlags & { readonly isNew?: boolean },
  work: (writes: Writes) => Promise<T>,
): Promise<T> {
  const basics = gatewayBasics(context, flags);
  const isFolder = basics.databaseUrl === undefined;
  if (isFolder && !flags.isNew && !existsSync(join(basics.folder, 'foreknow.db'))) throw emptyFolder();
  const server = serverOf(basics);
  if (server !== null) return work(remoteWrites(server.call)).finally(server.close);
  return closing(await context.openGateway({ ...basics, allowBaseUrls: true }), (gateway) =>
    work(gateway.as(operator())),
  );
}

/** Looks at what the configuration file decides: at the server, which has it, else here. */
export async function consulting<T>(
  context: CliContext,
  flags: FolderFlags,
  work: (provisioning: ProvisioningReads) => Promise<T>,
): Promise<T> {
  const server = serverOf(gatewayBasics(context, flags));
  if (server !== null) return work(remoteWrites(server.call).provisioning).finally(server.close);
  return reading(context, flags, (gateway) => work(gateway.provisioning));
}

/** The server that holds the folder; null: none does, or the store is a database. */
function serverOf({ folder, databaseUrl }: ReturnType<typeof gatewayBasics>): ReturnType<typeof callServer> | null {
  if (databaseUrl !== undefined) return null;
  const { address, token, certificate }: Partial<ServerInfo> = readServerInfo(folder) || {};
  if (address === undefined || token === undefined) return null;
  return callServer({
    address,
    token,
    operator: operatorName(),
    ...(certificate === undefined ? {} : { certificate }),
  });
}

/** What every opening of a folder takes from flags and environment. */
export function gatewayBasics(context: CliContext, flags: FolderFlags) {
  const vaultKeys = vaultKeysIn(context, flags);
  const databaseUrl = databaseUrlIn(context, flags);
  const file = context.configFile(flags.config)?.config;
  return {
    folder: folderOf(context, flags),
    ...(vaultKeys === undefined ? {} : { vaultKeys: vaultKeys.reveal() }),
    ...(databaseUrl === undefined ? {} : { databaseUrl: databaseUrl.reveal() }),
    egress: egressOf(context, flags),
    webhooks: { allowHosts: webhookHostsIn(context, flags) },
    ...(file === undefined
      ? {}
      : {
          ...outwardOptions(file),
          sources: { sources: file.sources, people: file.people },
          provisioning: { rules: file.rules, settingsOf: settingsIn(file.connections) },
        }),
  };
}

async function closing<T>(gateway: Gateway, work: (gateway: Gateway) => Promise<T>): Promise<T> {
  try {
    return await work(gateway);
  } finally {
    await gateway.close();
  }
}

const emptyFolder = () =>
  new ForeknowError('not_found', {
    detail: 'There is nothing in this data folder yet.',
    hint: 'Name the folder with --data, or the database with --database-url, or connect an account first: foreknow connect.',
  });
