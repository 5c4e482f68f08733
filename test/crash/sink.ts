import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes webhooks and remembers how often each event came. */
export type Sink = {
  readonly url: string;
  readonly port: number;
  /** Times by event id. */
  readonly came: ReadonlyMap<string, number>;
  close(): Promise<void>;
};

export async function openSink(): Promise<Sink> {
  const came = new Map<string, number>();
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    // What came counts when it came whole: whoever was killed while sending has to send again.
    request.on('end', () => {
      came.set(id, (came.get(id) ?? 0) + 1);
      response.writeHead(200).end();
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
