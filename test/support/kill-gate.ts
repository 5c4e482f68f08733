import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Emulator } from '../../src/emulator/index.ts';

/** When a process is killed: at which of its requests (the nth, or the first whose `GET /path` is meant), before the emulator has it, after it took effect, or so long after its answer. */
export type Kill = {
  readonly request: number | ((line: string) => boolean);
  readonly when: 'before' | 'unanswered' | { readonly afterMs: number };
};

/** Stands between a process and the emulator, and kills the process at one of its requests. */
export type KillGate = {
  /** The address of the emulator as processes are given it. */
  address(of: string): string;
  arm(kill: Kill, end: () => void): void;
  /** Nobody is killed any more. Resolves when the emulator has ended what it was at. */
  disarm(): Promise<void>;
  /** Names of what was made, in order: `userName` or `displayName` of each POST that the emulator answered with 201. */
  readonly made: readonly string[];
};

export async function startKillGate(emulator: Emulator): Promise<KillGate & { close(): Promise<void> }> {
  const made: string[] = [];
  const underWay = new Set<Promise<void>>();
  let armed: { readonly kill: Kill; readonly end: () => void } | null = null;
  let seen = 0;

  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    seen += 1;
    const now = armed !== null && isMeant(armed.kill, seen, `${request.method} ${request.url}`) ? armed : null;
    if (now?.kill.when === 'before') return now.end();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const answer = await emulator.fetch(`${emulator.url}${request.url}`, { method: request.method!, headers, body });
    const content = await answer.text();
    if (request.method === 'POST' && answer.status === 201) made.push(nameIn(body));
    if (now?.kill.when === 'unanswered') return now.end();
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(content);
    if (now !== null && typeof now.kill.when === 'object') setTimeout(now.end, now.kill.when.afterMs);
  };
  const server = createServer((request, response) => {
    // Whoever is killed while it speaks is not answered.
    const work: Promise<void> = forward(request, response)
      .catch(() => void response.destroy())
      .finally(() => underWay.delete(work));
    underWay.add(work);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    made,
    address: (of) => of.replace(emulator.url, url),
    arm(kill, end) {
      seen = 0;
      armed = { kill, end };
    },
    async disarm() {
      armed = null;
      await Promise.all(underWay);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function nameIn(body: string): string {
  const { userName, displayName } = JSON.parse(body) as { userName?: string; displayName?: string };
  return (userName ?? displayName ?? '').toLowerCase();
}

const isMeant = ({ request }: Kill, nth: number, line: string): boolean =>
  typeof request === 'number' ? nth === request : request(line);
