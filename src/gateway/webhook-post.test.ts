import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { attempt } from '../events/attempt.ts';
import { createAddressGuard } from './address-guard.ts';
import { createWebhookPost, type WebhookPost } from './webhook-post.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function sink(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in?x=1`, server };
}

function sender(allow: readonly string[] = ['127.0.0.1'], limitMs?: number): WebhookPost {
  const made = createWebhookPost(createAddressGuard({ allow }), {}, limitMs);
  open.push(made);
  return made;
}

const still = new AbortController().signal;
const sent = (url: string, post: WebhookPost['post'], signal = still) =>
  attempt(
    { post, now: Date.now, userAgent: 'foreknow' },
    {
      url,
      sign: ({ id }) => ({ 'webhook-id': id, 'webhook-signature': 'v1,secret', 'x-truto-signature': 'v=secret' }),
    },
    'evt_1',
    { contentType: 'application/json; charset=utf-8', body: '{"a":"ü"}' },
    signal,
  );
const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

test('a delivery is one POST with its headers and its body; the attempt keeps neither signature nor body', async () => {
  const seen: unknown[] = [];
  const { url } = await sink(async (request, response) => {
    const { method, url: path, headers } = request;
    seen.push({ method, path, id: headers['webhook-id'], type: headers['content-type'], body: await bodyOf(request) });
    response.writeHead(201).end('thanks');
  });
  const { attempt: made, isDelivered } = await sent(url, sender().post);
  expect(isDelivered).toBe(true);
  expect(seen).toEqual([
    { method: 'POST', path: '/in?x=1', id: 'evt_1', type: 'application/json; charset=utf-8', body: '{"a":"ü"}' },
  ]);
  expect(made).toMatchObject({ status: 201, answer: 'thanks', error: null, request: { bytes: 10 } });
  expect(made.request.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(made)).not.toContain('secret');
});

test('redirects are not followed, wherever they lead', async () => {
  let followed = 0;
  const target = await sink((_, response) => {
    followed += 1;
    response.end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const { url } = await sink((_, response) => response.writeHead(status, { location: target.url }).end());
    const { isDelivered, attempt: made } = await sent(url, sender().post);
    expect(isDelivered).toBe(false);
    expect(made.error).toContain('redirects are not followed');
  }
  expect(followed).toBe(0);
});

test('an answer is read for at most 1 kB', async () => {
  let written = 0;
  const { url } = await sink((_, response) => {
    const write = (): void => {
      while (!response.destroyed && written < 50_000_000) {
        written += 10_000;
        if (!response.write('x'.repeat(10_000))) break;
      }
    };
    response.on('drain', write);
    write();
  });
  const { isDelivered, attempt: made } = await sent(url, sender().post);
  expect(isDelivered).toBe(true);
  expect(made.answer).toBe('x'.repeat(1024));
  expect(written).toBeLessThan(50_000_000);
});

test('a receiver that accepts and says nothing, or never ends its answer, is given up in time', async () => {
  const silent = await sink(() => undefined);
  const endless = await sink((_, response) => response.writeHead(200).write('x'));
  for (const { url } of [silent, endless]) {
    const { isDelivered, attempt: made } = await sent(url, sender(['127.0.0.1'], 200).post);
    expect(isDelivered).toBe(false);
    expect(made).toMatchObject({ status: null, error: 'The receiver did not answer in time.' });
  }
});

test('what is not reached is told in words', async () => {
  const { url, server } = await sink((_, response) => response.end());
  await new Promise((resolve) => server.close(resolve));
  expect((await sent(url, sender().post)).attempt.error).toBe('The connection was refused.');
  const cut = await sink((request) => request.socket.destroy());
  expect((await sent(cut.url, sender().post)).attempt.error).toBe('The connection was cut.');
  const noHttp = await sink((request) => void request.socket.end('no http\r\n\r\n'));
  expect((await sent(noHttp.url, sender().post)).attempt.error).toBe('The answer is not HTTP.');
});

test('the machine itself is not reached unless the operator allows it, by address or by name', async () => {
  let reached = 0;
  const { url } = await sink((_, response) => {
    reached += 1;
    response.end();
  });
  const { port } = new URL(url);
  const { attempt: byAddress } = await sent(url, sender([]).post);
  expect(byAddress.error).toContain('may only be reached with https');
  const { attempt: byName } = await sent('https://localhost/', sender([]).post);
  expect(byName.error).toBe('localhost leads to an address that is not on the public internet.');
  expect(reached).toBe(0);
  expect((await sent(`http://localhost:${port}/`, sender(['localhost']).post)).isDelivered).toBe(true);
});

test('a call that is given up by us is no outcome', async () => {
  const { url } = await sink(() => undefined);
  const stop = new AbortController();
  const sending = sent(url, sender().post, stop.signal);
  stop.abort(new Error('stopping'));
  await expect(sending).rejects.toThrow('stopping');
  await expect(sent(url, sender().post, stop.signal)).rejects.toThrow('stopping');
});

test('connections are kept open between deliveries', async () => {
  const sockets = new Set<unknown>();
  const { url } = await sink((request, response) => {
    sockets.add(request.socket);
    response.end();
  });
  const { post } = sender();
  for (let index = 0; index < 10; index += 1) await sent(url, post);
  expect(sockets.size).toBeLessThanOrEqual(2);
});
