import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ForeknowError } from '../errors/errors.ts';

const KEY_BYTES = 32;

/** A key of the ring. `id` tells keys apart without showing them: the first 8 hex digits of the key's SHA-256. */
export type VaultKey = { readonly id: string; readonly bytes: Buffer };

/** The first key seals, every key opens. */
export type KeyRing = {
  readonly keys: readonly VaultKey[];
  /** Puts a new key in front and keeps it where the ring is kept; null when the operator keeps the ring. */
  readonly addKey: (() => KeyRing) | null;
};

const keyFile = (folder: string): string => join(folder, 'vault.key');

/**
 * The ring of a data folder: the given text, else the folder's `vault.key`, made on first start, readable by its owner
 * alone. One key a line, 32 bytes in base64url; empty lines and lines that begin with `#` are left out.
 * @param hasSecrets true when secrets are stored already: a new key would not open them
 * @throws ForeknowError `key_missing`, `config_invalid`; no message holds a part of a key
 */
export function openKeyRing(options: { folder: string; text: string | null; hasSecrets: boolean }): KeyRing {
  const { folder, text, hasSecrets } = options;
  if (text !== null) return { keys: parseKeys(text, 'the environment'), addKey: null };
  if (!existsSync(keyFile(folder))) {
    if (hasSecrets) throw keyFileMissing();
    try {
      createKeyFile(folder);
    } catch (error) {
      throw keyFileUnwritable(error);
    }
  }
  tighten(keyFile(folder));
  return ringOf(folder, parseKeys(readFileSync(keyFile(folder), 'utf8'), 'vault.key'));
}

function parseKeys(text: string, where: string): readonly VaultKey[] {
  const lines = text.split(/[\n,]/).map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => parseKey(line, where));
  if (keys.length > 0) return keys;
  throw new ForeknowError('key_missing', {
    detail: `The key ring in ${where} holds no key.`,
    hint: 'Put back the key file that belongs to this data folder.',
  });
}

function parseKey(line: string, where: string): VaultKey {
  const bytes = Buffer.from(line, 'base64url');
  if (bytes.length === KEY_BYTES && /^[\w-]+=*$/.test(line)) return vaultKey(bytes);
  throw new ForeknowError('config_invalid', {
    detail: `A line of the key ring in ${where} is not a key.`,
    hint: 'A key is 32 random bytes in base64url (43 characters), one a line.',
  });
}

/** A file that is mounted into the folder, as container platforms do with secrets, keeps the rights it was given. */
function tighten(path: string): void {
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if (!['EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Two processes may start at once: the file that is there first is the ring of both. */
function createKeyFile(folder: string): void {
  const part = writePart(folder, [newKey()]);
  try {
    linkSync(part, keyFile(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(part);
  }
}

function replaceKeyFile(folder: string, keys: readonly VaultKey[]): KeyRing {
  renameSync(writePart(folder, keys), keyFile(folder));
  return ringOf(folder, keys);
}

function writePart(folder: string, keys: readonly VaultKey[]): string {
  const part = `${keyFile(folder)}.${process.pid}.part`;
  rmSync(part, { force: true });
  writeFileSync(part, `${keys.map((key) => key.bytes.toString('base64url')).join('\n')}\n`, {
    mode: 0o600,
    flush: true,
  });
  chmodSync(part, 0o600);
  return part;
}

const ringOf = (folder: string, keys: readonly VaultKey[]): KeyRing => ({
  keys,
  addKey: () => replaceKeyFile(folder, [newKey(), ...keys]),
});

const newKey = (): VaultKey => vaultKey(randomBytes(KEY_BYTES));

const vaultKey = (bytes: Buffer): VaultKey => ({
  id: createHash('sha256').update(bytes).digest('hex').slice(0, 8),
  bytes,
});

const keyFileUnwritable = (cause: unknown): ForeknowError =>
  new ForeknowError('store_failed', {
    detail: 'The key file vault.key cannot be written into the data folder.',
    hint: 'Make the folder writable, or give the keys in FOREKNOW_VAULT_KEYS.',
    cause,
  });

const keyFileMissing = (): ForeknowError =>
  new ForeknowError('key_missing', {
    detail: 'Tokens are stored in this data folder, but its key file vault.key is gone.',
    hint: 'Put the file back from a backup, or name the keys in the environment; without them the tokens cannot be opened.',
  });
