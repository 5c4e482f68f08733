import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import Client, { type ConnectOptions, type FileInfo } from 'ssh2-sftp-client';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { newestOf } from './newest.ts';
import type { Locate, OpenedFile } from './options.ts';
import { fill, openSpool, spooled } from './spool.ts';

export type SftpOptions = {
  /** `sftp://USER@HOST[:PORT]/PATH`; the last part of the path may hold `*`. */
  readonly address: string;
  /** Of the server, one of which it has to show: `SHA256:…` or a public key in OpenSSH's form. */
  readonly hostKeys: readonly string[];
  /** PEM or OpenSSH. */
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  readonly beside: readonly string[];
  /** Where the file is put while it is read. */
  readonly spoolFolder: string;
};

/** Otherwise the library writes to the console; errors come to whoever waits. */
const nothing = () => undefined;
const silent = { error: nothing, end: nothing, close: nothing };

const CONNECT_MS = 20_000;
const MOST_BESIDE_BYTES = 4096;

/**
 * The newest file of a folder on an SFTP server, fetched whole before it is read. The server has to show the key that was pinned; nothing else
 * is trusted, nor asked.
 */
export const overSftp =
  (options: SftpOptions): Locate =>
  async (signal) => {
    const address = new URL(options.address);
    const path = decodeURIComponent(address.pathname);
    const folder = posix.dirname(path);
    const client = new Client('foreknow', silent);
    const stop = () => void client.end().catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    const handle = await openSpool(options.spoolFolder);
    try {
      signal.throwIfAborted();
      await connect(client, address, options);
      const found = newestOf((await client.list(folder)).map(listed), posix.basename(path), options.beside);
      if (found === null) throw noFile(folder, posix.basename(path));
      const remote = posix.join(folder, found.name);
      await fill(handle, client.createReadStream(remote) as never, signal);
      const beside = await besideTexts(client, folder, options.beside, found.name);
      await refuseChanged(client, remote, found.size, (await handle.stat()).size);
      return spooled(handle, found.name, async (name) => beside.get(name) ?? null) satisfies OpenedFile;
    } catch (error) {
      await handle.close();
      throw signal.aborted || isForeknowError(error) ? error : inWords(error, address.host);
    } finally {
      signal.removeEventListener('abort', stop);
      await client.end().catch(() => undefined);
    }
  };

async function connect(
  client: Client,
  address: URL,
  { hostKeys, key, passphrase, password }: SftpOptions,
): Promise<void> {
  let shown: string | null = null;
  let isTrusted = false;
  const settings: ConnectOptions = {
    host: address.hostname.replace(/^\[|\]$/g, ''),
    port: Number(address.port || 22),
    username: decodeURIComponent(address.username),
    readyTimeout: CONNECT_MS,
    hostVerifier: (offered: Buffer) => {
      shown = fingerprintOf(offered);
      isTrusted = hostKeys.some((pinned) => isKey(pinned, offered));
      return isTrusted;
    },
    ...(key === undefined ? {} : { privateKey: key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(password === undefined ? {} : { password }),
    ...serverKeyTypes(hostKeys),
  };
  try {
    await client.connect(settings);
  } catch (error) {
    if (shown !== null && !isTrusted) throw notPinned(address.host, shown);
    throw error;
  }
}

const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** A public key may stand as in `known_hosts` or in `HOST.pub`: the key itself is its longest word. */
function isKey(pinned: string, offered: Buffer): boolean {
  if (pinned.startsWith('SHA256:')) return pinned.replace(/=+$/, '') === fingerprintOf(offered);
  return pinned.split(/\s+/).includes(offered.toString('base64'));
}

/** A server has keys of several kinds: where the kind that was pinned is known, that one is asked for. */
function serverKeyTypes(hostKeys: readonly string[]): Pick<ConnectOptions, 'algorithms'> {
  const kinds = hostKeys.flatMap((pinned) => {
    const kind = pinned.split(/\s+/).find((word) => /^(?:ssh-|ecdsa-)/.test(word));
    if (kind === 'ssh-rsa') return ['rsa-sha2-512', 'rsa-sha2-256'];
    return kind === undefined ? [] : [kind];
  });
  if (kinds.length === 0 || hostKeys.some((pinned) => pinned.startsWith('SHA256:'))) return {};
  return { algorithms: { serverHostKey: kinds as never } };
}

const listed = ({ name, type, size, modifyTime }: FileInfo) => ({
  name,
  size,
  isFile: type === '-',
  modifiedMs: modifyTime,
});

async function besideTexts(
  client: Client,
  folder: string,
  patterns: readonly string[],
  file: string,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const pattern of patterns) {
    const name = pattern.replaceAll('{file}', file);
    const remote = posix.join(folder, posix.basename(name));
    if ((await client.exists(remote)) !== '-') continue;
    const content = await client.get(remote, undefined, { readStreamOptions: { end: MOST_BESIDE_BYTES } } as never);
    if (Buffer.isBuffer(content)) texts.set(name, content.toString('utf8'));
  }
  return texts;
}

async function refuseChanged(client: Client, remote: string, listedBytes: number, fetched: number): Promise<void> {
  const { size } = await client.stat(remote);
  if (size === fetched && size === listedBytes) return;
  throw new ForeknowError('source_rejected', {
    detail: 'The file is still being written: its size changed while it was fetched.',
    hint: 'It is read the next time.',
  });
}

const notPinned = (host: string, shown: string): ForeknowError =>
  new ForeknowError('source_unreachable', {
    detail: `${host} shows another host key than the one that is pinned: ${shown}.`,
    hint: 'Ask whoever runs the server whether its key was changed. Only then put the new one into host_key.',
  });

const noFile = (folder: string, pattern: string): ForeknowError =>
  new ForeknowError('not_found', { detail: `No file ${pattern} is in ${folder} on the server.` });

/** Words of the library may name the user and the path, which the settings hold too; never a secret. */
function inWords(error: unknown, host: string): ForeknowError {
  const { level, code, message = '' } = error as { level?: string; code?: string | number; message?: string };
  if (level === 'client-authentication' || /authentication methods failed/i.test(message)) {
    return new ForeknowError('source_unauthorized', {
      detail: `${host} does not take the user, key or password.`,
      hint: 'Look at the user in from, and at key or password of the source.',
      cause: error,
    });
  }
  if (/privateKey|passphrase|Encrypted/i.test(message)) {
    return new ForeknowError('source_unauthorized', {
      detail: 'The private key cannot be read.',
      hint: 'It has to be in the form of OpenSSH or PEM; one that is encrypted needs passphrase.',
      cause: error,
    });
  }
  if (code === 2 || code === 3 || /no such file|permission denied/i.test(message)) {
    return new ForeknowError('source_rejected', {
      detail: `${host} does not give the folder or the file.`,
      hint: 'Look at the path in from, and at what the user may read.',
      cause: error,
    });
  }
  return new ForeknowError('source_unreachable', {
    detail: `${host} could not be reached by SFTP, or the connection broke off${typeof code === 'string' ? ` (${code})` : ''}.`,
    cause: error,
  });
}
