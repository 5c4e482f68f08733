import { isDeepStrictEqual } from 'node:util';
import type { ConfiguredConnection } from '../config/config.ts';
import type { ConnectionSettings, ConnectionView } from '../connections/connection.ts';
import { fingerprintOf } from '../connections/vault.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { regionOfAddress } from '../wire/regions.ts';
import type { Notice } from './gateway.ts';
import type { ConnectionUseCases } from './types.ts';

type Deps = { readonly connections: ConnectionUseCases; readonly notify: (notice: Notice) => void };

/**
 * Makes the connections of the configuration file, or brings those that are there to what the file says: labels, settings,
 * and the token when it is another one. What the file does not name is left alone. Each failure is told; none stops the
 * others, and none throws. Several processes may do it at once.
 * @param stop once it is aborted no further one is begun
 * @returns those that may succeed when they are tried again later
 */
export async function applyConnections(
  deps: Deps,
  wanted: readonly ConfiguredConnection[],
  stop?: AbortSignal,
): Promise<readonly ConfiguredConnection[]> {
  const again: ConfiguredConnection[] = [];
  for (const one of wanted) {
    if (stop?.aborted) break;
    try {
      await applyOne(deps, one);
    } catch (error) {
      tell(deps, 'warn', null, `Connection ${one.name} of the configuration file is not in place: ${wordsOf(error)}`);
      if (!isForeknowError(error) || error.retry !== 'never') again.push(one);
    }
  }
  return again;
}

/** Says which connections the file does not name; they go on as they are. */
export async function tellUnnamed(deps: Deps, wanted: readonly ConfiguredConnection[]): Promise<void> {
  const names = new Set(wanted.map(({ name }) => name));
  for (const { id, name } of await deps.connections.list()) {
    if (!names.has(name))
      tell(deps, 'info', id, `Connection ${name} is not in the configuration file and is left as it is.`);
  }
}

async function applyOne(deps: Deps, wanted: ConfiguredConnection): Promise<void> {
  await bringKeys(deps, await inPlace(deps, wanted), wanted);
}

async function inPlace(deps: Deps, wanted: ConfiguredConnection): Promise<ConnectionView> {
  const found = await find(deps.connections, wanted.name);
  if (found !== null) return bringTo(deps, found, wanted);
  try {
    return await make(deps, wanted);
  } catch (error) {
    // Another process of the same file was quicker.
    const made = isForeknowError(error) && error.code === 'conflict' ? await find(deps.connections, wanted.name) : null;
    if (made === null) throw error;
    return bringTo(deps, made, wanted);
  }
}

/** Its other keys, each proven when it is another one. What the file does not name stays. */
async function bringKeys(
  deps: Deps,
  found: ConnectionView,
  { name, scim, product }: ConfiguredConnection,
): Promise<void> {
  for (const [kind, key] of [['scim', scim] as const, ['product', product] as const]) {
    if (key === undefined) continue;
    const token = key.token.reveal();
    const url = typeof key.url === 'object' ? key.url.reveal() : key.url;
    const known = found.tokens.find((one) => one.kind === kind)?.fingerprint;
    if (known === fingerprintOf(token) && (url === undefined || bare(url) === bare(found.baseUrls[kind] ?? '')))
      continue;
    const { warnings } = await deps.connections.addKey(found.id, kind, {
      token,
      ...(url === undefined ? {} : { url }),
    });
    tell(deps, 'info', found.id, `Connection ${name} has the ${kind} key that the configuration file names.`);
    for (const warning of warnings) tell(deps, 'warn', found.id, `${name}: ${warning}`);
  }
}

const bare = (url: string): string => url.trim().replace(/\/+$/, '');

const find = async (connections: ConnectionUseCases, name: string): Promise<ConnectionView | null> =>
  (await connections.list()).find((connection) => connection.name === name) ?? null;

async function make(deps: Deps, wanted: ConfiguredConnection): Promise<ConnectionView> {
  const { connection, warnings } = await deps.connections.connect({
    name: wanted.name,
    region: wanted.region,
    reportingToken: wanted.reportingToken.reveal(),
    tags: wanted.tags,
    settings: wanted.settings,
    ...(wanted.tenant === null ? {} : { tenant: wanted.tenant }),
    ...(wanted.reportingUrl === undefined ? {} : { reportingUrl: wanted.reportingUrl }),
  });
  tell(deps, 'info', connection.id, `Connection ${wanted.name} was made from the configuration file.`);
  for (const warning of warnings) tell(deps, 'warn', connection.id, `${wanted.name}: ${warning}`);
  return connection;
}

async function bringTo(deps: Deps, found: ConnectionView, wanted: ConfiguredConnection): Promise<ConnectionView> {
  if ((wanted.reportingUrl?.replace(/(?:\/v1)?\/*$/, '') ?? null) !== (found.baseUrls.reporting ?? null)) {
    throw new ForeknowError('conflict', {
      detail: 'It reads another address, which cannot be changed.',
      hint: 'Give the connection of the file another name.',
    });
  }
  const { tenant, tags } = wanted;
  const isSame = isDeepStrictEqual(comparable(found), comparable(wanted));
  if (!isSame) {
    await deps.connections.update(found.id, { tenant, tags, settings: wanted.settings });
    tell(deps, 'info', found.id, `Connection ${wanted.name} was brought to what the configuration file says.`);
  }
  const token = wanted.reportingToken.reveal();
  const region = regionOfAddress(wanted.region) ?? found.region;
  const known = found.tokens.find(({ kind }) => kind === 'reporting')?.fingerprint;
  if (known === fingerprintOf(token) && region === found.region) return found;
  await deps.connections.replaceToken(found.id, { reportingToken: token, region });
  tell(deps, 'info', found.id, `Connection ${wanted.name} has the token that the configuration file names.`);
  return found;
}

const comparable = (one: {
  readonly tenant: string | null;
  readonly tags: readonly string[];
  readonly settings: ConnectionSettings;
}) => ({
  tenant: one.tenant,
  tags: [...one.tags],
  settings: { ...one.settings, streamsOff: one.settings.streamsOff?.toSorted() ?? [] },
});

const wordsOf = (error: unknown): string =>
  isForeknowError(error) ? [error.detail, error.hint ?? ''].join(' ').trim() : 'Something broke on our side.';

const tell = ({ notify }: Deps, level: Notice['level'], connectionId: string | null, message: string): void =>
  notify({ level, connectionId, message });
