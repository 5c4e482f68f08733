import type { FastifyReply } from 'fastify';

/** Whom a page lets in: who may frame it, and where its form may end up. */
export type Openness = {
  /** Origins that may frame it; nobody where there is none. */
  readonly origins: readonly string[];
  /** Where a form may lead besides to ourselves; browsers hold redirects after a form to it too. */
  readonly redirectUri: string | null;
};

export const closed: Openness = { origins: [], redirectUri: null };

/**
 * The page loads its own style and script alone, and is framed by the link’s origins alone. Nothing cuts it off from the
 * window that opened it, which waits for a message.
 */
export function setPageHeaders(reply: FastifyReply, { origins, redirectUri }: Openness): void {
  const formAction = ["'self'", ...(redirectUri === null ? [] : [new URL(redirectUri).origin])];
  const policy = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'connect-src': ["'self'"],
    'form-action': formAction,
    'base-uri': ["'none'"],
    'frame-ancestors': origins.length === 0 ? ["'none'"] : origins,
  };
  reply.header(
    'content-security-policy',
    Object.entries(policy)
      .map(([name, values]) => `${name} ${values.join(' ')}`)
      .join('; '),
  );
  reply.header('referrer-policy', 'no-referrer');
  reply.header('cross-origin-opener-policy', 'unsafe-none');
  // It knows one origin at most: who may frame the page is said above.
  if (origins.length === 0) reply.header('x-frame-options', 'DENY');
  else reply.removeHeader('x-frame-options');
}
