import type { Readable } from 'node:stream';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Caller } from './caller.ts';
import { createMcpServer, type McpOptions } from './server.ts';

/**
 * Speaks the protocol over stdin and this process’s own stdout until the client closes them, or the signal ends it.
 * @param caller asked for again at each call
 */
export async function serveMcpOverStdio(
  options: McpOptions,
  caller: () => Promise<Caller>,
  stdin: Readable,
  signal: AbortSignal,
): Promise<void> {
  const first = await caller();
  const transport = new StdioServerTransport(stdin);
  const served = serveStdio(() => createMcpServer(options, first, caller), { transport });
  await new Promise<void>((resolve) => {
    stdin.once('end', resolve).once('close', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  await served.close();
}
