import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Caller } from './caller.ts';
import { createMcpServer, type McpOptions } from './server.ts';

/**
 * Speaks the protocol over this process’s own stdin and stdout until the client closes them, or the signal ends it.
 * @param caller asked for again at each call
 */
export async function serveMcpOverStdio(
  options: McpOptions,
  caller: () => Promise<Caller>,
  signal: AbortSignal,
): Promise<void> {
  const first = await caller();
  const served = serveStdio(() => createMcpServer(options, first, caller));
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  await served.close();
}
