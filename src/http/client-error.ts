import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ForeknowError } from '../errors/errors.ts';
import { errorBody } from './problem.ts';

/** Answers what is not HTTP, is too slow or has too many headers, where no request exists yet; then hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || leaving.has(socket)) return;
  const status = statusOf(error.code);
  hangUpWith(socket, status, new ForeknowError('invalid_request', { detail: details[status], cause: error }));
}

/**
 * Answers in words what Node answers with an empty body or by hanging up: an `Expect` that is not `100-continue`, and
 * `CONNECT`. A request without `Host` is refused by `requireHost`.
 */
export function answerOddRequests(server: Server): void {
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    const error = new ForeknowError('invalid_request', { detail: 'Only "100-continue" can be expected.' });
    const { headers, text } = answerOf(417, error);
    response.writeHead(417, { ...headers, connection: 'close' }).end(text);
  });
  server.on('connect', (_: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    hangUpWith(socket, 405, new ForeknowError('method_not_allowed', { detail: 'CONNECT is not allowed here.' }));
  });
}

/** RFC 9112, 3.2. @throws ForeknowError `invalid_request` */
export function requireHost({ httpVersion, headers }: IncomingMessage): void {
  if (headers.host !== undefined || httpVersion === '1.0') return;
  throw new ForeknowError('invalid_request', { detail: 'The request has no Host header.' });
}

/** Connections that have had their last answer. */
const leaving = new WeakSet<Duplex>();
/** For callers who are still sending when they are answered, ms. */
const LINGER_MS = 1000;

/** What still comes is taken and dropped for a moment: a connection closed on unread bytes takes its answer with it. */
function hangUpWith(socket: Duplex, status: number, error: ForeknowError): void {
  leaving.add(socket);
  if (socket.writable) {
    const { headers, text } = answerOf(status, error);
    const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`);
  }
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer)).once('end', () => socket.destroy());
  socket.end();
  socket.resume();
}

function answerOf(status: number, error: ForeknowError) {
  const requestId = randomUUID();
  const { body, contentType } = errorBody(error, '/', requestId);
  const text = JSON.stringify({ ...body, status });
  const headers = {
    'content-type': contentType,
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  };
  return { headers, text };
}

const details = {
  400: 'This is not an HTTP request that can be read.',
  408: 'The request took too long to arrive.',
  431: 'The headers are too large.',
} as const;

function statusOf(code: string | undefined): keyof typeof details {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
}
