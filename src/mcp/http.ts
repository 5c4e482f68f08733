import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Caller } from './caller.ts';
import { createMcpServer, type McpOptions } from './server.ts';

/** Answers one request of the protocol, in any of its revisions: stateless, JSON alone. */
export type McpOverHttp = (request: Request, body: unknown, caller: Caller) => Promise<Response>;

export const mcpOverHttp =
  (options: McpOptions): McpOverHttp =>
  async (request, sent, caller) => {
    const server = () => createMcpServer(options, caller, async () => caller);
    const body = isBare(request, sent) ? completed(sent) : sent;
    const known = body === sent ? request : withHeaders(request);
    if (await isLegacyRequest(known, body)) return older(server(), known, body);
    const handler = createMcpHandler(server, { legacy: 'reject', maxSubscriptions: 0 });
    return whole(await handler.fetch(known, { parsedBody: body })).finally(() => handler.close());
  };

/** Revisions with a handshake, each request for itself. */
async function older(server: ReturnType<typeof createMcpServer>, request: Request, body: unknown): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  // Closing ends what is under way for a caller that has gone.
  const gone = () => void server.close();
  request.signal.addEventListener('abort', gone, { once: true });
  try {
    await server.connect(transport);
    return await whole(await transport.handleRequest(request, { parsedBody: body }));
  } finally {
    request.signal.removeEventListener('abort', gone);
    await server.close();
  }
}

/** Read to its end, so that what made it can be closed. */
const whole = async (response: Response): Promise<Response> =>
  new Response(response.status === 202 || response.status === 204 ? null : await response.arrayBuffer(), {
    status: response.status,
    headers: response.headers,
  });

type Message = { readonly jsonrpc?: unknown; readonly id?: unknown; readonly method?: unknown };

/** Some clients leave out `jsonrpc`, ids and what they accept. Whoever names a revision or JSON-RPC is held to it. */
function isBare(request: Request, body: unknown): body is Message {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  const { jsonrpc, method } = body as Message;
  return jsonrpc === undefined && typeof method === 'string' && !request.headers.has('mcp-protocol-version');
}

function completed(message: Message): Message {
  const isNotice = String(message.method).startsWith('notifications/');
  return { ...message, jsonrpc: '2.0', ...(message.id === undefined && !isNotice ? { id: 0 } : {}) };
}

function withHeaders(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.set('accept', 'application/json, text/event-stream');
  headers.set('content-type', 'application/json');
  return new Request(request.url, { method: request.method, headers, signal: request.signal });
}
