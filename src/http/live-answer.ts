import type { FastifyReply } from 'fastify';
import type { Window } from '../client/index.ts';

/** IETF draft "RateLimit header fields", as Truto sends them: `reset` in seconds from now. */
export function tellWindow(reply: FastifyReply, window: Window | null): void {
  if (window === null) return;
  reply
    .header('ratelimit-limit', window.limit)
    .header('ratelimit-remaining', window.remaining)
    .header('ratelimit-reset', Math.ceil(window.resetMs / 1000));
}

/** Fires when the caller hangs up: what is not sent yet is not sent any more. */
export function abandoned(reply: FastifyReply): AbortSignal {
  const control = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) control.abort();
  });
  return control.signal;
}
