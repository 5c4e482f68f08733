import type { EventOf } from './event.ts';
import { WebhookError } from './webhook-error.ts';

/** Headers of the request: those of `Request`, or of Node, whose values may be lists. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | { readonly [name: string]: string | readonly string[] | undefined };

export type Delivery = {
  readonly headers: WebhookHeaders;
  /** The raw body, as it came, before anything has parsed it. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** The secret of the endpoint, `whsec_…`; several while one is changed. */
  readonly secret: string | readonly string[];
};

export type VerifyOptions = Delivery & {
  /** How old, or how far ahead, the timestamp may be; default 300 s. */
  readonly toleranceSeconds?: number;
  /** For tests: milliseconds since 1970. */
  readonly now?: () => number;
};

const PREFIX = 'whsec_';
const TOLERANCE_S = 300;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const utf8 = new TextEncoder();

/**
 * Proves that a delivery comes from the gateway and is new, by Standard Webhooks 1.0, and reads its event, in either format. Answer
 * 2xx when it is true; remember `event.id`, which is the same on every try.
 * @throws WebhookError when it is not, with the reason in `code`
 */
export async function verifyWebhook(options: VerifyOptions): Promise<EventOf & { readonly truncated: boolean }> {
  const id = header(options.headers, 'webhook-id');
  const timestamp = header(options.headers, 'webhook-timestamp');
  checkTime(timestamp, options);
  const given = header(options.headers, 'webhook-signature')
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .map((one) => fromBase64(one.slice('v1,'.length)));
  const body = bytesOf(options.body);
  const head = utf8.encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  const keys = secretsOf(options.secret).map(standardKey);
  if (!(await isSignedByOne(keys, given, signed))) throw wrongSignature();
  return eventOf(body);
}

/**
 * Proves a delivery by `X-Truto-Signature: format=sha256,v=<hex>`, for receivers that were made for Truto's webhooks. It says nothing of
 * when it was sent: where the endpoint need not have the format `truto`, prefer `verifyWebhook`.
 * @returns the body, parsed
 * @throws WebhookError
 */
export async function verifyTrutoSignature(delivery: Delivery): Promise<Readonly<Record<string, unknown>>> {
  const [, hex] = /^format=sha256,v=([0-9a-f]{64})$/i.exec(header(delivery.headers, 'x-truto-signature')) ?? [];
  if (hex === undefined) throw wrongSignature();
  const body = bytesOf(delivery.body);
  const keys = secretsOf(delivery.secret).map((secret) => utf8.encode(secret));
  const given = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  if (!(await isSignedByOne(keys, [given], body))) throw wrongSignature();
  return parsed(body);
}

/** Looks at every pair, so that the time tells nothing; the platform compares in constant time. */
async function isSignedByOne(
  keys: readonly Bytes[],
  given: readonly (Bytes | null)[],
  signed: Bytes,
): Promise<boolean> {
  let isSigned = false;
  for (const raw of keys) {
    const key = await crypto.subtle.importKey('raw', raw, HMAC, false, ['verify']);
    for (const signature of given) {
      if (signature !== null && (await crypto.subtle.verify('HMAC', key, signature, signed))) isSigned = true;
    }
  }
  return isSigned;
}

type Bytes = Uint8Array<ArrayBuffer>;

function header(headers: WebhookHeaders, name: string): string {
  const value = isFetchHeaders(headers) ? headers.get(name) : ownHeader(headers, name);
  const text = typeof value === 'object' && value !== null ? value[0] : value;
  if (text) return text;
  throw new WebhookError('header_missing', `The header ${name} is missing.`);
}

const isFetchHeaders = (headers: WebhookHeaders): headers is { get(name: string): string | null } =>
  typeof headers.get === 'function';

const ownHeader = (headers: Readonly<Record<string, unknown>>, name: string) =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] as string | readonly string[] | undefined;

function checkTime(timestamp: string, { toleranceSeconds = TOLERANCE_S, now = Date.now }: VerifyOptions): void {
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  const age = now() / 1000 - seconds;
  if (Number.isNaN(age)) throw new WebhookError('header_invalid', 'The header webhook-timestamp is not a time.');
  if (age > toleranceSeconds) throw new WebhookError('too_old', 'The delivery was signed too long ago.');
  if (age < -toleranceSeconds) {
    throw new WebhookError('too_new', 'The delivery was signed in the future: compare the clocks.');
  }
}

/** At least one: who verifies with no secret verifies nothing. */
function secretsOf(secret: string | readonly string[]): readonly string[] {
  const secrets = (typeof secret === 'string' ? [secret] : secret).filter((one) => one !== '');
  if (secrets.length === 0) throw new WebhookError('secret_invalid', 'There is no secret to verify with.');
  return secrets;
}

function standardKey(secret: string): Bytes {
  const key = fromBase64(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (key === null || key.length === 0) {
    throw new WebhookError('secret_invalid', 'A secret is not base64 with whsec_ before it.');
  }
  return key;
}

function fromBase64(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

function bytesOf(body: Delivery['body']): Bytes {
  if (typeof body === 'string') return utf8.encode(body);
  // Of a view its own bytes are copied: it may be a part of a larger buffer.
  return body instanceof ArrayBuffer ? new Uint8Array(body) : new Uint8Array(body);
}

function parsed(body: Bytes): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The same words for all that is no object.
  }
  throw new WebhookError('body_invalid', 'The delivery is signed, but its body is no JSON object.');
}

/** The event of a body, plain or CloudEvents. */
function eventOf(bytes: Bytes): EventOf & { readonly truncated: boolean } {
  const body = parsed(bytes);
  if (typeof body.type !== 'string') {
    throw new WebhookError(
      'body_invalid',
      'The body is no event: endpoints of the format truto need verifyTrutoSignature.',
    );
  }
  const data = (body.data ?? {}) as Readonly<Record<string, unknown>>;
  const isCloudEvent = body.specversion !== undefined;
  const connection = isCloudEvent ? /^\/connections\/(.+)$/.exec(String(body.source))?.[1] : body.connection_id;
  return {
    id: String(body.id),
    type: body.type,
    connection_id: String(connection ?? ''),
    at: String(isCloudEvent ? body.time : body.timestamp),
    sequence: Number.parseInt(String(body.sequence), 10),
    data,
    truncated: data.truncated === true,
  } as never;
}

const wrongSignature = (): WebhookError =>
  new WebhookError('signature_wrong', 'No signature is right: another secret, or the body was changed on its way.');
