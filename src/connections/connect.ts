import { z } from 'zod';
import { ForeknowError } from '../errors/errors.ts';
import { type Region, regionOfAddress, regions } from '../wire/regions.ts';
import { accountKeyOf, mayBeSameAccount } from './account-key.ts';
import { parseBaseUrl } from './base-url.ts';
import {
  type AccountFacts,
  type Connection,
  type ConnectionSettings,
  type ConnectionView,
  type KeyKind,
  moveTo,
} from './connection.ts';
import { type ConnectionDeps, changeConnection, requireConnection, viewOf } from './deps.ts';
import { keysOfRegion } from './keys.ts';
import type { SealedSecret } from './ports.ts';
import { type Capability, type Proof, proveToken, reportingCapabilities } from './prove.ts';
import { parseSettings } from './settings.ts';
import { sealedSecret } from './vault.ts';

export type ConnectInput = {
  readonly name: string;
  /** A region, or any address of the account that tells it (`training.knowbe4.com`). */
  readonly region: string;
  readonly reportingToken: string;
  /** Another address than KnowBe4's own; only where the operator allows it. */
  readonly reportingUrl?: string;
  readonly tenant?: string;
  readonly tags?: readonly string[];
  readonly settings?: ConnectionSettings;
  /** Look in the other four regions when this one refuses the token: sends the token to four more hosts of KnowBe4. */
  readonly probeRegions?: boolean;
};

export type ConnectResult = {
  readonly connection: ConnectionView;
  /** What the key can do, in words: one line a capability. */
  readonly capabilities: readonly Capability[];
  readonly warnings: readonly string[];
};

/**
 * Proves the token and makes the connection, active from the start; when the proof fails nothing is kept.
 * @throws ForeknowError `invalid_request`, `conflict`, `host_not_allowed`, and what proving the token throws
 */
export async function connect(deps: ConnectionDeps, input: ConnectInput): Promise<ConnectResult> {
  const { store } = deps;
  const draft = await draftOf(deps, input);
  const proof = await proveToken(deps, {
    region: draft.region,
    token: input.reportingToken,
    baseUrl: draft.baseUrls.reporting ?? null,
    probeRegions: input.probeRegions ?? false,
  });
  const connection = proven(draft, proof, deps.now());
  const owner = { connectionId: connection.id, kind: 'reporting' } as const;
  await store.createConnection(connection, [sealedSecret(deps.vault, owner, proof.token, connection.createdAt)]);
  return resultOf(deps, connection);
}

/**
 * Puts a new token in the old one's place, once it is proven to belong to the same account. The id, the mirror and the
 * history stay; in another region the keys whose hosts follow from it go.
 * @throws ForeknowError `different_account`, and what proving the token throws
 */
export async function replaceToken(
  deps: ConnectionDeps,
  idOrName: string,
  input: { readonly reportingToken: string; readonly region?: Region },
): Promise<ConnectResult> {
  const connection = await requireConnection(deps.store, idOrName);
  const proof = await proveToken(deps, {
    region: input.region ?? connection.region,
    token: input.reportingToken,
    baseUrl: connection.baseUrls.reporting ?? null,
    probeRegions: false,
  });
  refuseOtherAccount(connection, proof.account);
  const at = deps.now();
  const owner = { connectionId: connection.id, kind: 'reporting' } as const;
  const secret = sealedSecret(deps.vault, owner, proof.token, at.toISOString());
  const gone = proof.region === connection.region ? [] : keysOfRegion(connection);
  return changed(deps, connection.id, (found) => proven(found, proof, at), [secret], gone);
}

/** Proves the stored token again and keeps what the account says now, or why it was refused. */
export async function checkConnection(deps: ConnectionDeps, idOrName: string): Promise<ConnectResult> {
  const connection = await requireConnection(deps.store, idOrName);
  const token = await openToken(deps, connection);
  try {
    const proof = await proveToken(deps, {
      region: connection.region,
      token,
      baseUrl: connection.baseUrls.reporting ?? null,
      probeRegions: false,
    });
    refuseOtherAccount(connection, proof.account);
    return await changed(deps, connection.id, (found) => proven(found, proof, deps.now()));
  } catch (error) {
    await noteFailure(deps, connection.id, error);
    throw error;
  }
}

/** @throws ForeknowError `not_found` when no token is stored, `key_missing` when none of the keys opens it */
export async function openToken(deps: ConnectionDeps, connection: Connection): Promise<string> {
  const secret = await deps.store.getSecret(connection.id, 'reporting');
  if (secret !== null) return deps.vault.open(secret, secret.sealed);
  throw new ForeknowError('not_found', {
    detail: `Connection ${connection.name} has no reporting token.`,
    hint: 'Replace its token.',
  });
}

/** What a failed call says about the connection: a refused token, an account that cannot be used, or nothing. */
const stateAfter = {
  connection_unauthorized: 'needs_reauth',
  wrong_region: 'needs_reauth',
  wrong_product: 'needs_reauth',
  connection_forbidden: 'validation_error',
  different_account: 'validation_error',
} as const satisfies Partial<Record<ForeknowError['code'], Connection['state']>>;

/** Keeps a refusal with the connection, so that nobody asks again with a token that is known to be refused. */
export async function noteFailure(deps: ConnectionDeps, connectionId: string, error: unknown): Promise<void> {
  if (!(error instanceof ForeknowError) || !(error.code in stateAfter)) return;
  if ((await deps.store.getConnection(connectionId)) === null) return;
  const at = deps.now().toISOString();
  const { code, detail, hint } = error;
  await changeConnection(deps.store, connectionId, (connection) => ({
    ...moveTo(connection, stateAfter[code as keyof typeof stateAfter]),
    lastError: { code, detail, hint: hint ?? null, at },
    updatedAt: at,
  }));
}

const nameSchema = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u, 'up to 64 letters, digits, spaces, dots, hyphens, underscores')
  .refine((name) => !name.startsWith('con_'), 'con_ begins ids, not names');
const labelSchema = z.string().trim().min(1).max(200);
const tagsSchema = z.array(z.string().trim().min(1).max(64)).max(50);

/** @throws ForeknowError `invalid_request` naming the field */
export function parseLabels(input: { name?: string; tenant?: string | null; tags?: readonly string[] }) {
  return {
    ...(input.name === undefined ? {} : { name: parsed('name', nameSchema, input.name) }),
    ...(input.tenant === undefined ? {} : { tenant: parsed('tenant', labelSchema.nullable(), input.tenant) }),
    ...(input.tags === undefined ? {} : { tags: parsed('tags', tagsSchema, input.tags) }),
  };
}

function parsed<T>(field: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const reason = result.error.issues[0]!.message;
  throw new ForeknowError('invalid_request', { detail: `The ${field} is not valid: ${reason}.`, field });
}

/** The connection before its token is proven. A taken name is refused before a request is spent on it. */
async function draftOf(deps: ConnectionDeps, input: ConnectInput): Promise<Connection> {
  const { name, tenant, tags } = { ...input, ...parseLabels(input) };
  if ((await deps.store.getConnection(name)) !== null) {
    throw new ForeknowError('conflict', {
      detail: `A connection named ${name} is there already.`,
      hint: 'Choose another name, or replace the token of the one that is there.',
      field: 'name',
    });
  }
  const { reportingUrl } = input;
  const at = deps.now().toISOString();
  return {
    id: deps.newId(),
    name,
    tenant: tenant ?? null,
    tags: tags ?? [],
    region: parseRegion(input.region),
    baseUrls:
      reportingUrl === undefined
        ? {}
        : { reporting: parseBaseUrl(reportingUrl, 'reportingUrl', deps.isAllowedUrl).replace(/\/v1$/, '') },
    state: 'connecting',
    pausedAt: null,
    lastError: null,
    settings: parseSettings(input.settings ?? {}, deps.streams),
    account: null,
    accountKey: null,
    createdAt: at,
    updatedAt: at,
  };
}

function parseRegion(address: string): Region {
  const region = regionOfAddress(address);
  if (region !== null) return region;
  throw new ForeknowError('invalid_request', {
    detail: 'The region is not one of KnowBe4.',
    hint: `Give one of ${regions.join(', ')}, or the address of the console as it stands in the browser.`,
    field: 'region',
  });
}

function proven(connection: Connection, { region, account }: Proof, now: Date): Connection {
  return {
    ...moveTo(connection, 'active'),
    region,
    account,
    accountKey: accountKeyOf(region, account.domains, connection.settings.accountKey),
    lastError: null,
    updatedAt: now.toISOString(),
  };
}

function refuseOtherAccount(connection: Connection, seen: AccountFacts): void {
  if (mayBeSameAccount(connection.account?.domains ?? [], seen.domains)) return;
  throw new ForeknowError('different_account', {
    detail:
      `The token belongs to another account (${seen.domains.join(', ')}) than the one that connection ` +
      `${connection.name} mirrors (${connection.account?.domains.join(', ')}).`,
    hint: 'Make a connection of its own for the other account.',
  });
}

async function changed(
  deps: ConnectionDeps,
  id: string,
  to: (found: Connection) => Connection,
  secrets: readonly SealedSecret[] = [],
  gone: readonly KeyKind[] = [],
): Promise<ConnectResult> {
  return resultOf(deps, await changeConnection(deps.store, id, to, secrets, gone));
}

async function resultOf({ store }: ConnectionDeps, connection: Connection): Promise<ConnectResult> {
  const sharing = (await store.listConnections()).filter(
    (other) => other.id !== connection.id && other.accountKey !== null && other.accountKey === connection.accountKey,
  );
  const shared = sharing.map(
    (other) => `Connection ${other.name} reads the same account: both share one request budget.`,
  );
  return {
    connection: await viewOf(store, connection),
    capabilities: reportingCapabilities,
    warnings: [...(connection.account?.warnings ?? []), ...shared],
  };
}
