/** A receiver of webhooks. WEBHOOK_SECRET is what creating the endpoint answered: several, separated by commas, while it is changed. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook, WebhookError } from 'foreknow/webhooks';

const secret = (process.env.WEBHOOK_SECRET ?? '').split(',');
const known = new Set<string>(); // in a database of yours: the same event may come again after a restart

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    const event = await verifyWebhook({ headers: request.headers, body: Buffer.concat(chunks), secret });
    response.writeHead(204).end(); // first the answer, then the work
    if (known.has(event.id)) return;
    known.add(event.id);
    if (event.type === 'phishing.failed')
      console.log(`${event.data.user?.id} ${event.data.failure} at ${event.data.at}`);
    else console.log(`${event.type} ${event.id}`);
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    console.error(`refused: ${error.code}`);
    response.writeHead(400).end();
  }
});
server.listen(Number(process.env.PORT ?? 9000), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
);
