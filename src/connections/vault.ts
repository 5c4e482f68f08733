import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import type { SecretKind } from './connection.ts';
import type { KeyRing, VaultKey } from './key-ring.ts';
import type { ConnectionStore, SealedSecret } from './ports.ts';

/** Whose secret it is. Bound into the envelope: one connection's envelope does not open in another's place. */
export type SecretOwner = { readonly connectionId: string; readonly kind: SecretKind };

export type Vault = {
  seal(owner: SecretOwner, secret: string): string;
  /** @throws ForeknowError `key_missing` when no key of the ring opens it */
  open(owner: SecretOwner, sealed: string): string;
  /**
   * Seals everything again under the ring's first key; where the ring is a file of the folder, under a new one. The keys
   * from before stay in the ring, because backups need them. May be stopped at any point and run again.
   */
  rotate(store: Pick<ConnectionStore, 'listSecrets' | 'resealSecret'>): Promise<{ resealed: number; keys: number }>;
  /** Of every key of the ring, the one that seals first. */
  keyIds(): readonly string[];
  /** A key for another purpose, that changes when a new first key is put into the ring. 32 bytes. */
  derive(purpose: string): Buffer;
  /** The same of every key of the ring, that of the first key first: for what was made before a new one came. */
  deriveEach(purpose: string): readonly Buffer[];
};

/**
 * Envelopes: each secret has a random data key of its own, sealed by the ring's first key; both seals are AES-256-GCM.
 * Written `v1.KEYID.SEALED_DATA_KEY.SEALED_SECRET`, a seal being nonce, text and tag in base64url.
 */
export function createVault(initial: KeyRing): Vault {
  let ring = initial;
  const firstKey = () => ring.keys[0]!;

  const sealSecret = (owner: SecretOwner, secret: string): string => {
    const { id, bytes } = firstKey();
    const dataKey = randomBytes(32);
    const wrapped = encrypt(bytes, aad(owner, 'key'), dataKey);
    return ['v1', id, wrapped, encrypt(dataKey, aad(owner, 'secret'), Buffer.from(secret, 'utf8'))].join('.');
  };

  return {
    seal: sealSecret,
    open: (owner, sealed) => openSecret(ring.keys, owner, sealed),
    async rotate(store) {
      if (ring.addKey !== null) ring = ring.addKey();
      const secrets = await store.listSecrets();
      for (const secret of secrets) {
        // One that was replaced meanwhile has been sealed with the new key already.
        await store.resealSecret(secret, sealSecret(secret, openSecret(ring.keys, secret, secret.sealed)));
      }
      return { resealed: secrets.length, keys: ring.keys.length };
    },
    keyIds: () => ring.keys.map(({ id }) => id),
    derive: (purpose) => derived(firstKey(), purpose),
    deriveEach: (purpose) => ring.keys.map((key) => derived(key, purpose)),
  };
}

const derived = ({ bytes }: VaultKey, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', bytes, '', `foreknow ${purpose}`, 32));

/** First 8 hex digits of a token's SHA-256: tells two tokens apart without showing either. */
export const fingerprintOf = (token: string): string =>
  createHash('sha256').update(token, 'utf8').digest('hex').slice(0, 8);

/** A token as it is stored. */
export const sealedSecret = (vault: Vault, owner: SecretOwner, token: string, createdAt: string): SealedSecret => ({
  ...owner,
  sealed: vault.seal(owner, token),
  fingerprint: fingerprintOf(token),
  createdAt,
});

function openSecret(keys: readonly VaultKey[], owner: SecretOwner, sealed: string): string {
  const [version, keyId, wrapped, text] = sealed.split('.');
  const key = keys.find((candidate) => candidate.id === keyId);
  if (version !== 'v1' || key === undefined || wrapped === undefined || text === undefined) throw noKeyOpens(owner);
  try {
    return decrypt(decrypt(key.bytes, aad(owner, 'key'), wrapped), aad(owner, 'secret'), text).toString('utf8');
  } catch {
    throw damaged(owner);
  }
}

const aad = ({ connectionId, kind }: SecretOwner, part: 'key' | 'secret'): Buffer =>
  Buffer.from(JSON.stringify(['foreknow', 1, connectionId, kind, part]));

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function encrypt(key: Buffer, additional: Buffer, plain: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additional);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function decrypt(key: Buffer, additional: Buffer, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const text = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(additional);
  return Buffer.concat([decipher.setAuthTag(bytes.subarray(-TAG_BYTES)).update(text), decipher.final()]);
}

const noKeyOpens = (owner: SecretOwner): ForeknowError =>
  new ForeknowError('key_missing', {
    detail: `No key of the ring opens the ${nameOf(owner)}.`,
    hint: `Add the key that sealed it as a further line of the key ring${owner.kind === 'erasures' ? '.' : `, or ${replacing(owner)}.`}`,
  });

const isOfEndpoint = (kind: SecretKind): boolean => kind === 'webhook' || kind === 'webhook_previous';

function nameOf({ connectionId, kind }: SecretOwner): string {
  if (isOfEndpoint(kind)) return `secret of webhook endpoint ${connectionId}`;
  if (kind === 'answer') return `answer to token ${connectionId}`;
  if (kind === 'erasures') return `marks of erased people of connection ${connectionId}`;
  const what = kind === 'intake' ? 'secret of webhooks that come in' : `${kind} token`;
  return `${what} of connection ${connectionId}`;
}

const replacing = ({ kind }: SecretOwner): string =>
  isOfEndpoint(kind) ? 'give the endpoint a new secret' : 'replace the token of the connection';

const damaged = (owner: SecretOwner): ForeknowError =>
  new ForeknowError('key_missing', {
    detail: `The stored ${nameOf(owner)} was altered or belongs elsewhere.`,
    hint: isOfEndpoint(owner.kind) ? 'Give the endpoint a new secret.' : 'Replace the token of the connection.',
  });
