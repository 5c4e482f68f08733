import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { mcpOverHttp } from '../../mcp/http.ts';
import type { ResultLimits } from '../../mcp/run-tool.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { abandoned } from '../live-answer.ts';

/** The token of kind `mcp` itself, for clients that can send no header. */
const inPath = z.object({ token: z.string() });

/** Hop-by-hop, or set by this door for all of its answers. */
const notCopied = new Set(['content-length', 'connection', 'transfer-encoding', 'cache-control']);

/** The Model Context Protocol: one POST, one answer, nothing kept between them. */
export function mcpRoutes({ app, gateway }: Door, version: string, limits: Partial<ResultLimits> = {}): void {
  const answerTo = mcpOverHttp({ gateway, version, limits });

  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    refuseOtherOrigins(request);
    const response = await answerTo(asked(request, abandoned(reply)), request.body, tokenOf(request));
    for (const [name, value] of response.headers) if (!notCopied.has(name)) reply.header(name, value);
    return reply.code(response.status).send(Buffer.from(await response.arrayBuffer()));
  };

  for (const [url, params] of [
    ['/mcp', undefined],
    ['/mcp/:token', inPath],
    ['/mcp/:token/mcp', inPath],
  ] as const) {
    app.post(
      url,
      {
        config: { scope: null, isTokenInPath: params !== undefined },
        schema: {
          // Messages of another protocol, which has a discovery of its own.
          hide: true,
          ...(params === undefined ? {} : { params }),
        },
      },
      handle as never,
    );
  }
}

/** The request in the words of the Web platform, for the library that speaks the protocol; without what identifies the caller. */
function asked(request: FastifyRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && name !== 'authorization' && name !== 'cookie') headers.set(name, value);
  }
  return new Request('http://gateway.invalid/mcp', { method: 'POST', headers, signal });
}

/** A page of somebody else’s that a browser shows must not speak to a gateway on the same machine. */
function refuseOtherOrigins({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new ForeknowError('origin_not_allowed', { detail: 'Pages of another origin cannot speak to this address.' });
}
