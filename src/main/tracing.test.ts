import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startEmulator } from '../emulator/index.ts';
import { startServer } from './index.ts';
import { startTracing } from './tracing.ts';

type Span = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status?: { code?: number };
  attributes: { key: string; value: Record<string, unknown> }[];
};

/** A collector on the loopback that keeps what it is sent. */
async function collector() {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans: () =>
      bodies.flatMap((body) =>
        (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap((one) =>
          one.scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const attribute = (span: Span, key: string): unknown =>
  Object.values(span.attributes.find((one) => one.key === key)?.value ?? {})[0];

test('a sync asked for over HTTP is one trace: the caller’s, the request, the run, its streams, what KnowBe4 was asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-tracing-'));
  const emulator = await startEmulator({ people: 20, enrollments: 30, limits: false });
  const sink = await collector();
  const tracing = await startTracing({ endpoint: `${sink.endpoint}/`, version: '1.2.3' });
  const server = await startServer({ folder, port: 0, allowBaseUrls: true, scheduler: false });
  const { connection } = await server.gateway.connections.connect({
    name: 'acme',
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    reportingUrl: emulator.url,
    settings: { limits: { perSecond: null, perMinute: null } },
  });
  const { secret } = await server.gateway.tokens.create({ name: 'all', scopes: ['admin'] });
  const traceId = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
  const headers = {
    authorization: `Bearer ${secret}`,
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    'x-request-id': 'asked-1',
  };
  await fetch(`${server.url}/api/v1/people/jane.doe%40example.com?filter=hidden-value`, { headers });
  await server.gateway.sync.run(connection.id, { level: 'directory' });
  await server.close();
  await tracing.close();
  await emulator.close();
  await sink.close();
  rmSync(folder, { recursive: true, force: true });

  const spans = sink.spans();
  const request = spans.find(({ traceId: id }) => id === traceId)!;
  expect(request).toMatchObject({ parentSpanId: '00f067aa0ba902b7', name: expect.stringMatching(/^GET/), kind: 2 });
  expect(attribute(request, 'foreknow.request.id')).toBe('asked-1');
  expect(Number(attribute(request, 'http.response.status_code'))).toBeGreaterThanOrEqual(200);

  const run = spans.find(({ name }) => name === 'sync')!;
  expect(attribute(run, 'foreknow.connection.id')).toBe(connection.id);
  expect(attribute(run, 'foreknow.run.status')).toBe('done');
  const users = spans.find(({ name }) => name === 'sync users')!;
  expect(users).toMatchObject({ traceId: run.traceId, parentSpanId: run.spanId });
  const sent = spans.filter(({ name, traceId: id }) => name === 'GET /v1/users' && id === run.traceId);
  expect(sent.length).toBeGreaterThan(0);
  for (const span of sent) {
    expect(span.parentSpanId).toBe(users.spanId);
    expect(attribute(span, 'http.response.status_code')).toBe(200);
  }
  const all = sink.bodies.join('');
  for (const hidden of ['jane.doe', 'hidden-value', secret, emulator.reportingToken, 'per_page']) {
    expect(all).not.toContain(hidden);
  }
});

test('a delivery is a span with its event, host and answer, without the receiver’s path', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-tracing-'));
  const sink = await collector();
  const receiver = createServer((_, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const tracing = await startTracing({ endpoint: sink.endpoint, version: '1.2.3' });
  const webhooks = { allowHosts: ['127.0.0.1'], ports: [port] };
  const server = await startServer({ folder, port: 0, scheduler: false, webhooks });
  const { endpoint } = await server.gateway.webhooks.create(
    { url: `http://127.0.0.1:${port}/hooks/hidden-path`, types: ['*'] },
    { families: ['directory'], connectionIds: null, fieldPolicy: null },
  );
  const { eventId } = await server.gateway.webhooks.test(endpoint.id);
  await server.close();
  await tracing.close();
  await new Promise((resolve) => receiver.close(resolve));
  await sink.close();
  rmSync(folder, { recursive: true, force: true });

  const sent = sink.spans().filter(({ name }) => name === 'POST webhook');
  expect(sent.map((span) => attribute(span, 'foreknow.event.id'))).toEqual([eventId]);
  expect(attribute(sent[0]!, 'server.address')).toBe('127.0.0.1');
  expect(attribute(sent[0]!, 'http.response.status_code')).toBe(503);
  expect(sent[0]!.status?.code).toBe(2);
  expect(sink.bodies.join('')).not.toContain('hidden-path');
});

test('a collector that is not there, or does not answer, holds nothing up', async () => {
  const started = performance.now();
  const tracing = await startTracing({ endpoint: 'http://127.0.0.1:9', version: '1' });
  await tracing.close();
  expect(performance.now() - started).toBeLessThan(5000);
});
