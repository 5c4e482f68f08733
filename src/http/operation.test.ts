import { expect, test } from 'vitest';
import { createMetrics } from '../metrics/metrics.ts';
import { openDoor } from './contract/door.ts';
import { fakeGateway } from './contract/fake-gateway.ts';
import { createOperationServer } from './operation-server.ts';

const notReady = ['The store does not answer.', 'The vault does not open.'];

test('a server that is not ready says why, and is alive all the same', async () => {
  const { gateway } = fakeGateway({});
  const door = await openDoor({ gateway: { ...gateway, whatIsNotReady: async () => notReady } });
  const ready = await door.call('/readyz');
  expect(ready.status).toBe(503);
  expect(ready.headers.get('retry-after')).toBe('5');
  expect(ready.body).toMatchObject({ code: 'unavailable', detail: notReady.join(' ') });
  expect((await door.call('/healthz')).status).toBe(200);
  await door.close();
  const well = await openDoor({ gateway });
  expect(await well.call('/readyz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  await well.close();
});

test('however many ask at once whether it is ready, the store is looked at once', async () => {
  const { gateway } = fakeGateway({});
  const look = Promise.withResolvers<readonly string[]>();
  let looks = 0;
  const whatIsNotReady = () => {
    looks += 1;
    return looks === 1 ? look.promise : Promise.resolve([]);
  };
  const door = await openDoor({ gateway: { ...gateway, whatIsNotReady } });
  const first = door.call('/readyz');
  await expect.poll(() => looks).toBe(1);
  const others = Array.from({ length: 20 }, () => door.call('/readyz'));
  // Asked after them over the same door, so they have arrived.
  await door.call('/healthz');
  look.resolve(notReady);
  expect((await Promise.all([first, ...others])).filter(({ status }) => status === 503).length).toBeGreaterThan(10);
  expect(looks).toBeLessThan(10);
  expect((await door.call('/readyz')).status).toBe(200);
  await door.close();
});

test('metrics need their scope; requests, refusals and errors are counted by route, not by address', async () => {
  const { gateway, addToken } = fakeGateway({});
  const metrics = createMetrics({ version: '1' });
  const door = await openDoor({ gateway: { ...gateway, metrics } });
  const reader = addToken({ scopes: ['metrics'] });
  expect((await door.call('/metrics')).status).toBe(401);
  expect((await door.call('/metrics', { token: addToken({ scopes: ['directory'] }) })).status).toBe(403);
  await door.call('/api/v1/connections/acme/people/jane.doe%40example.com', {
    method: 'DELETE',
    token: reader,
  });
  await door.call('/nowhere/jane.doe', { token: reader });
  const answer = await door.call('/metrics', { token: reader });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(answer.text).toContain(
    'foreknow_http_requests_total{method="DELETE",route="/api/v1/connections/:id/people/:userId",status="403"} 1',
  );
  expect(answer.text).toContain('foreknow_http_requests_total{method="GET",route="none",status="404"} 1');
  expect(answer.text).toContain('foreknow_errors_total{code="scope_missing",where="http"} 2');
  expect(answer.text).not.toContain('jane');
  await door.close();
});

test('the door of the machinery needs no token and serves health, metrics where asked, and nothing else', async () => {
  const { gateway } = fakeGateway({});
  const metrics = createMetrics({ version: '1' });
  const full = await createOperationServer({ ...gateway, metrics }, { metrics: true });
  const status = async (url: string) => (await full.inject({ method: 'GET', url })).statusCode;
  expect(await status('/healthz')).toBe(200);
  expect(await status('/readyz')).toBe(200);
  expect((await full.inject({ method: 'GET', url: '/metrics' })).body).toContain('foreknow_build_info');
  expect(await status('/api/v1/connections')).toBe(404);
  await full.close();
  const health = await createOperationServer(gateway, { metrics: false });
  expect((await health.inject({ method: 'GET', url: '/metrics' })).statusCode).toBe(404);
  const broken = await createOperationServer({ ...gateway, whatIsNotReady: async () => notReady }, { metrics: false });
  expect((await broken.inject({ method: 'GET', url: '/readyz' })).statusCode).toBe(503);
  await Promise.all([health.close(), broken.close()]);
});

test('the door of the machinery answers oddities as the other door does', async () => {
  const { gateway } = fakeGateway({});
  const app = await createOperationServer(gateway, { metrics: false });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const [path, method, status] of [
    ['/healthz', 'GET', 200],
    ['//healthz', 'GET', 200],
    ['/healthz', 'DELETE', 405],
    ['/nowhere', 'GET', 404],
    ['/%zz', 'GET', 400],
    [`/readyz?${'a=1&'.repeat(400)}`, 'GET', 400],
  ] as const) {
    const answer = await fetch(url + path, { method });
    expect([path.slice(0, 20), answer.status]).toEqual([path.slice(0, 20), status]);
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    if (status !== 400) expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    if (status >= 400) expect(answer.headers.get('content-type')).toContain('application/problem+json');
  }
  expect(app.server.headersTimeout).toBe(10_000);
  await app.close();
});
