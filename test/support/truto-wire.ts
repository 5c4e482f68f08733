import { request as httpRequest, type IncomingMessage } from 'node:http';

/**
 * A request as clients of Truto's API write it on the wire: over `node:http`, because `fetch` would tidy up what this is about (a bare
 * `?` at the end). The address is the base and the rest glued together.
 */
export type Wire = {
  readonly method: string;
  /** Glued to the base, which ends in a slash: most say `/unified/…` all the same, and ask for `//unified/…`. */
  readonly rest: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Some send their JSON under no name: the platform then calls it text. */
  readonly isText?: boolean;
};

export type Seen = { readonly method: string; readonly path: string; readonly status: number; readonly at: number };

/** Thrown for every answer that is no success: its message is the words of the status line, ours are in `data`. */
export class TrutoError extends Error {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];

  constructor(status: number, statusText: string, data: Record<string, unknown>, headers: IncomingMessage['headers']) {
    super(statusText);
    this.status = status;
    this.data = data;
    this.headers = headers;
  }
}

const TRIES = 3;
const TIMEOUT_MS = 30_000;
const atOnce = new Set([408, 409, 425, 502, 503, 504]);

/** Sends, and sends again without a pause what may be tried again, a POST without a key too; after a 429 it waits as asked. */
export function trutoWire(base: string, token: string, pause: (ms: number) => Promise<void>) {
  const seen: Seen[] = [];
  const once = async (wire: Wire) => {
    const answer = await exchange(base, token, wire);
    seen.push({ method: wire.method, path: wire.rest, status: answer.status, at: performance.now() });
    return answer;
  };
  const send = async (wire: Wire): Promise<never> => {
    for (let left = TRIES - 1; ; left -= 1) {
      const { status, statusText, headers, bytes } = await once(wire);
      if (status < 400) return read(status, headers, bytes) as never;
      const isLimited = status === 429;
      if (left === 0 || !(isLimited || atOnce.has(status))) {
        throw new TrutoError(status, statusText, read(status, headers, bytes) as Record<string, unknown>, headers);
      }
      if (isLimited) await pause(Number(headers['retry-after'] ?? 10) * 1000);
    }
  };
  return { send, seen };
}

function exchange(base: string, token: string, { method, rest, headers, body, isText = false }: Wire) {
  const { origin, host } = new URL(base);
  const path = (base + rest).slice(origin.length);
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const type = isText ? 'text/plain;charset=UTF-8' : 'application/json';
  return new Promise<{
    status: number;
    statusText: string;
    headers: IncomingMessage['headers'];
    bytes: Buffer;
  }>((resolve, reject) => {
    const sent = httpRequest(
      origin,
      {
        method,
        path,
        timeout: TIMEOUT_MS,
        headers: {
          ...{ host, accept: 'application/json', authorization: `Bearer ${token}` },
          ...(payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            ...{ status: answer.statusCode!, statusText: answer.statusMessage!, headers: answer.headers },
            bytes: Buffer.concat(chunks),
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer in 30 s')));
    sent.on('error', reject);
    sent.end(payload);
  });
}

/** JSON is what has "json" in its type; nothing is `{}`; all else are bytes. */
function read(status: number, headers: IncomingMessage['headers'], bytes: Buffer): unknown {
  if (status === 204) return {};
  return (headers['content-type'] ?? '').includes('json') ? JSON.parse(bytes.toString()) : bytes;
}
