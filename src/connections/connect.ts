import { z } from 'zod';
import { ForeknowError } from '../errors/errors.ts';
import { type Region, regionOfAddress, regions } from '../wire/regions.ts';
import { accountKeyOf } from './account-key.ts';
import { parseBaseUrl } from './base-url.ts';
import {
  type AccountFacts,
  type Connection,
  type ConnectionSettings,
  type ConnectionView,
  moveTo,
} from './connection.ts';
import { type ConnectionDeps, changeConnection, requireConnection, viewOf } from './deps.ts';
import { type KeyInputs, keysOfRegion, type ProvenKeys, proveKeys, withUrls } from './keys.ts';
import { type Capability, type Proof, proveToken, reportingCapabilities } from './prove.ts';
import { refuseOtherAccount } from './same-account.ts';
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
  /** Keys for other APIs of the account, proven and kept together with the connection. */
  readonly keys?: KeyInputs;
};

/** What a token opens, before anything is kept. */
export type Checked = Omit<ConnectResult, 'connection'> & {
  readonly region: Region;
  readonly account: AccountFacts | null;
  readonly accountKey: string | null;
};

export type ReplaceInput = {
  readonly reportingToken: string;
  readonly region?: Region;
  readonly probeRegions?: boolean;
  readonly keys?: KeyInputs;
};

export type ConnectResult = {
  readonly connection: ConnectionView;
  /** What the key can do, in words: one line a capability. */
  readonly capabilities: readonly Capability[];
  readonly warnings: readonly string[];
};

/**
 * Proves the token and makes the connection, active from the start; when the proof fails nothing is kept.
 * @param nameFor in the place of the input's name: one that is made when the account is known
 * @throws ForeknowError `invalid_request`, `conflict`, `host_not_allowed`, and what proving the token throws
 */
export async function connect(
  deps: ConnectionDeps,
  input: ConnectInput,
  nameFor?: (account: AccountFacts) => Promise<string>,
): Promise<ConnectResult> {
  const { store } = deps;
  if (nameFor === undefined) await refuseTakenName(deps, parseLabels(input).name!);
  const { connection: unnamed, proof, keys } = await prepared(deps, input);
  const connection = nameFor === undefined ? unnamed : { ...unnamed, name: await nameFor(proof.account) };
  const owner = { connectionId: connection.id, kind: 'reporting' } as const;
  const reporting = sealedSecret(deps.vault, owner, proof.token, connection.createdAt);
  await store.createConnection(connection, [reporting, ...keys.secrets]);
  return resultOf(deps, connection, keys);
}

/** What connecting would find; nothing is kept. @throws ForeknowError as `connect` */
export async function tryConnect(deps: ConnectionDeps, input: ConnectInput): Promise<Checked> {
  const { connection, proof, keys } = await prepared(deps, input);
  return checkedOf(connection, proof, keys);
}

/** The connection as it would be kept, its token and keys proven. */
async function prepared(deps: ConnectionDeps, input: ConnectInput) {
  const draft = draftOf(deps, input);
  const proof = await proveToken(deps, {
    region: draft.region,
    token: input.reportingToken,
    baseUrl: draft.baseUrls.reporting ?? null,
    probeRegions: input.probeRegions ?? false,
  });
  const connection = proven(draft, proof, deps.now());
  const keys = await proveKeys(deps, connection, input.keys ?? {});
  return { connection: { ...connection, baseUrls: withUrls(connection.baseUrls, keys.urls) }, proof, keys };
}

/**
 * Puts a new token in the old one's place, once it is proven to belong to the same account. The id, the mirror and the
 * history stay; in another region the keys whose hosts follow from it go.
 * @throws ForeknowError `different_account`, and what proving the token throws
 */
export async function replaceToken(
  deps: ConnectionDeps,
  idOrName: string,
  input: ReplaceInput,
): Promise<ConnectResult> {
  const { connection, proof, keys } = await replacement(deps, idOrName, input);
  const at = deps.now();
  const owner = { connectionId: connection.id, kind: 'reporting' } as const;
  const secret = sealedSecret(deps.vault, owner, proof.token, at.toISOString());
  const wanted = Object.keys(input.keys ?? {});
  const gone = proof.region === connection.region ? [] : keysOfRegion(connection);
  const changedTo = (found: Connection): Connection => {
    const now = proven(found, proof, at);
    return { ...now, baseUrls: withUrls(now.baseUrls, keys.urls) };
  };
  const others = gone.filter((kind) => !wanted.includes(kind));
  const changed = await changeConnection(deps.store, connection.id, changedTo, [secret, ...keys.secrets], others);
  return resultOf(deps, changed, keys);
}

/** What replacing the token would find; nothing is kept. @throws ForeknowError as `replaceToken` */
export async function tryReplaceToken(deps: ConnectionDeps, idOrName: string, input: ReplaceInput): Promise<Checked> {
  const { connection, proof, keys } = await replacement(deps, idOrName, input);
  return checkedOf(connection, proof, keys);
}

async function replacement(deps: ConnectionDeps, idOrName: string, input: ReplaceInput) {
  const connection = await requireConnection(deps.store, idOrName);
  const proof = await proveToken(deps, {
    region: input.region ?? connection.region,
    token: input.reportingToken,
    baseUrl: connection.baseUrls.reporting ?? null,
    probeRegions: input.probeRegions ?? false,
  });
  await refuseOtherAccount(deps.store, connection, proof);
  const keys = await proveKeys(deps, proven(connection, proof, deps.now()), input.keys ?? {});
  return { connection, proof, keys };
}

const checkedOf = ({ accountKey }: Connection, { region, account }: Proof, keys: ProvenKeys): Checked => ({
  region,
  account,
  accountKey,
  capabilities: withCapabilities(keys),
  warnings: [...account.warnings, ...keys.warnings],
});

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
    await refuseOtherAccount(deps.store, connection, proof);
    const changed = await changeConnection(deps.store, connection.id, (found) => proven(found, proof, deps.now()));
    return await resultOf(deps, changed);
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

async function refuseTakenName({ store }: ConnectionDeps, name: string): Promise<void> {
  if ((await store.getConnection(name)) === null) return;
  throw new ForeknowError('conflict', {
    detail: `A connection named ${name} is there already.`,
    hint: 'Choose another name, or replace the token of the one that is there.',
    field: 'name',
  });
}

/** The connection before its token is proven. */
function draftOf(deps: ConnectionDeps, input: ConnectInput): Connection {
  const { name, tenant, tags } = { ...input, ...parseLabels(input) };
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

const withCapabilities = (keys: ProvenKeys | undefined): readonly Capability[] => {
  const more = keys?.capabilities ?? [];
  const told = new Set(more.map(({ name }) => name));
  return [...reportingCapabilities.filter(({ name }) => !told.has(name)), ...more];
};

async function resultOf({ store }: ConnectionDeps, connection: Connection, keys?: ProvenKeys): Promise<ConnectResult> {
  const sharing = (await store.listConnections()).filter(
    (other) => other.id !== connection.id && other.accountKey !== null && other.accountKey === connection.accountKey,
  );
  const shared = sharing.map(
    (other) => `Connection ${other.name} reads the same account: both share one request budget.`,
  );
  return {
    connection: await viewOf(store, connection),
    capabilities: withCapabilities(keys),
    warnings: [...(connection.account?.warnings ?? []), ...(keys?.warnings ?? []), ...shared],
  };
}
