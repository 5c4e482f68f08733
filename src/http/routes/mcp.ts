import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import { mcpOverHttp } from '../../mcp/http.ts';
import type { ResultLimits } from '../../mcp/run-tool.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { abandoned } from '../live-answer.ts';

/** The token of kind `mcp` itself, for clients that can send no header. */
const inPath = z.object({ token: z.string().describe('A token of kind `mcp`: `fkm_…`') });

const message = z
  .looseObject({ jsonrpc: z.literal('2.0'), id: z.union([z.string(), z.number(), z.null()]).optional() })
  .describe('A message of JSON-RPC 2.0');

/** Hop-by-hop, or set by this door for all of its answers. */
const notCopied = new Set(['content-length', 'connection', 'transfer-encoding', 'cache-control']);

/** The Model Context Protocol: one POST, one answer, nothing kept between them. */
export function mcpRoutes({ app, gateway, as }: Door, version: string, limits: Partial<ResultLimits> = {}): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    refuseOtherOrigins(request);
    // What an agent makes is written down like what anybody makes.
    const { provisioning } = as(request);
    const answerTo = mcpOverHttp({ gateway: { ...gateway, provisioning }, version, limits });
    const response = await answerTo(asked(request, abandoned(reply)), request.body, tokenOf(request));
    for (const [name, value] of response.headers) if (!notCopied.has(name)) reply.header(name, value);
    return reply.code(response.status).send(Buffer.from(await response.arrayBuffer()));
  };

  for (const [url, operationId, params] of [
    ['/mcp', 'sendMessage', undefined],
    ['/mcp/:token', 'sendMessageByToken', inPath],
    ['/mcp/:token/mcp', 'sendMessageByTokenAddress', inPath],
  ] as const) {
    app.post(
      url,
      {
        config: { scope: null, isTokenInPath: params !== undefined },
        schema: {
          operationId,
          summary:
            params === undefined ? 'A message of an agent' : 'A message of an agent, with the token in the address',
          description:
            'One message of the Model Context Protocol and its answer, in any revision. The protocol has a discovery of its own: ' +
            '`tools/list`, `resources/list`, `prompts/list`.',
          tags: ['Agents'],
          ...(params === undefined ? {} : { params }),
          // Judged by the protocol, which has errors of its own for what it cannot read.
          body: z.unknown().describe('A message of JSON-RPC 2.0, or several'),
          response: {
            200: z.union([message, z.array(message)]).describe('The answer, or an error of the protocol'),
            202: z.unknown().describe('A notification was taken; nothing is answered'),
          },
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
