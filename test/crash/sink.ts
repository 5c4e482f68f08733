import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../support/random.ts';

/** Takes webhooks and remembers how often each event came. */
export type Sink = {
  readonly url: string;
  readonly port: number;
  /** Times by event id. */
  readonly came: ReadonlyMap<string, number>;
  close(): Promise<void>;
};

/** A receiver works before it answers: whoever is killed meanwhile has sent nothing. */
const MOST_MS = 40;

/** @param onArrival told when a delivery has come and is not answered yet */
export async function openSink(random: Random, onArrival: () => void): Promise<Sink> {
  const came = new Map<string, number>();
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    request.on('end', () => {
      onArrival();
      setTimeout(
        () => {
          if (request.socket.destroyed) return;
          came.set(id, (came.get(id) ?? 0) + 1);
          response.writeHead(200).end();
        },
        random.int(0, MOST_MS),
      );
    });
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    came,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
