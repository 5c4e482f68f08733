import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ForeknowError } from '../errors/errors.ts';
import { errorBody } from './problem.ts';

/** Answers what is not HTTP, is too slow or has too many headers, where no request exists yet; then hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const status = statusOf(error.code);
    const requestId = randomUUID();
    const { body, contentType } = errorBody(
      new ForeknowError('invalid_request', { detail: details[status], cause: error }),
      '/',
      requestId,
    );
    const text = JSON.stringify({ ...body, status });
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${contentType}\r\n` +
        `x-request-id: ${requestId}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
    );
  }
  socket.destroySoon();
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
