import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A new signing secret: `whsec_` and 32 random bytes in base64 (Standard Webhooks 1.0). */
export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64');

/** Signs bodies for one endpoint. */
export type Signer = (message: {
  /** The same on every try of an event. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}) => Readonly<Record<string, string>>;

/**
 * Makes the headers that prove where a delivery comes from: those of Standard Webhooks, with a signature for each secret, and
 * `X-Truto-Signature`, which has room for one: the first secret's, used as text.
 * @param secrets newest first
 */
export function createSigner(secrets: readonly string[]): Signer {
  const keys = secrets.map((secret) => Buffer.from(secret.slice(PREFIX.length), 'base64'));
  return ({ id, timestamp, body }) => {
    const signed = `${id}.${timestamp}.${body}`;
    const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    return {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures.join(' '),
      'x-truto-signature': `format=sha256,v=${createHmac('sha256', secrets[0]!).update(body).digest('hex')}`,
    };
  };
}
