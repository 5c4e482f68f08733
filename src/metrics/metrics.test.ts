import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import type { ConnectionReading, Reading } from './ports.ts';

const aConnection = (fields: Partial<ConnectionReading> = {}): ConnectionReading => ({
  id: 'con_1',
  name: 'acme',
  account: 'eu:acme.test',
  region: 'eu',
  state: 'active',
  dayLimit: 2000,
  usedLastDay: 20,
  usedLastMinute: 2,
  leftForAll: 1980,
  leftForSync: 1580,
  blockedSeconds: 0,
  openHolds: 1,
  streams: [{ stream: 'users', ageSeconds: 90, rows: 25 }],
  ...fields,
});

const aReading = (fields: Partial<Reading> = {}): Reading => ({
  connections: [aConnection()],
  jobs: [{ kind: 'sync', waiting: 2, leased: 1, oldestMs: 1500 }],
  lastChange: 7,
  ...fields,
});

const text = async (metrics: ReturnType<typeof createMetrics>) => (await metrics.scrape()).text;

test('what happens is counted by labels that do not grow with what callers send', async () => {
  const metrics = createMetrics({ version: '1.2.3' });
  metrics.request({ method: 'GET', route: '/api/v1/people/:id', status: 200, seconds: 0.003 });
  metrics.request({ method: 'BREW', route: null, status: 404, seconds: 0.001 });
  metrics.request({ method: 'STIR', route: null, status: 404, seconds: 0.001 });
  metrics.remoteRequest({ connection: 'acme', endpoint: '/v1/users', kind: 'scheduled', status: 429, seconds: 0.1 });
  metrics.remoteRequest({ connection: 'acme', endpoint: '/v1/users', kind: 'scheduled', status: null, seconds: 60 });
  metrics.changes({ connection: 'acme', kinds: ['user.created', 'user.created', 'group.updated'] });
  metrics.run({ connection: 'acme', level: 'full', status: 'done', seconds: 12 });
  metrics.error('scope_missing', 'http');
  const told = await text(metrics);
  expect(told).toContain('foreknow_http_requests_total{method="GET",route="/api/v1/people/:id",status="200"} 1');
  expect(told).toContain('foreknow_http_requests_total{method="other",route="none",status="404"} 2');
  expect(told).toContain('foreknow_knowbe4_rate_limited_total{connection="acme"} 1');
  expect(told).toContain('endpoint="/v1/users",kind="scheduled",status="none"} 1');
  expect(told).toContain('foreknow_changes_total{connection="acme",kind="user.created"} 2');
  expect(told).toContain('foreknow_sync_runs_total{connection="acme",level="full",status="done"} 1');
  expect(told).toContain('foreknow_errors_total{code="scope_missing",where="http"} 1');
  expect(told).toContain('foreknow_build_info{version="1.2.3"} 1');
  expect(told).toMatch(/^nodejs_eventloop_lag_seconds /m);
  expect(told).toMatch(/^process_resident_memory_bytes /m);
});

test('what stands in the store is shown as it stands now, and what is gone is not shown', async () => {
  const metrics = createMetrics({ version: '1' });
  let reading = aReading();
  metrics.readFrom(async () => reading);
  const before = await text(metrics);
  expect(before).toContain('foreknow_stream_age_seconds{connection="acme",stream="users"} 90');
  expect(before).toContain('foreknow_budget_left_requests{connection="acme",for="sync"} 1580');
  expect(before).toContain('foreknow_jobs_oldest_seconds{kind="sync"} 1.5');
  reading = aReading({
    connections: [aConnection({ name: 'other', dayLimit: null, leftForAll: null, leftForSync: null })],
  });
  const after = await text(metrics);
  expect(after).not.toContain('connection="acme"');
  expect(after).not.toContain('foreknow_budget_left_requests{');
  expect(after).toContain('foreknow_holds_open{connection="other"} 1');
});

test('counters of a connection that was removed or renamed are told no more, and others go on', async () => {
  const metrics = createMetrics({ version: '1' });
  const count = (connection: string) => {
    metrics.remoteRequest({ connection, endpoint: '/v1/users', kind: 'scheduled', status: 429, seconds: 0.1 });
    metrics.changes({ connection, kinds: ['user.created'] });
    metrics.run({ connection, level: 'full', status: 'done', seconds: 12 });
  };
  metrics.readFrom(async () => aReading());
  for (let n = 0; n < 50; n += 1) count(`name-${n}`);
  count('acme');
  metrics.unexpectedRateLimit('eu:gone.test');
  metrics.unexpectedRateLimit('eu:acme.test');
  const told = await text(metrics);
  expect(told).not.toContain('name-');
  expect(told).not.toContain('gone.test');
  expect(told).toContain('foreknow_changes_total{connection="acme",kind="user.created"} 1');
  expect(told).toContain('foreknow_knowbe4_unexpected_rate_limits_total{account="eu:acme.test"} 1');
  count('acme');
  metrics.readFrom(async () => Promise.reject(new Error('down')));
  expect(await text(metrics)).toContain('foreknow_changes_total{connection="acme",kind="user.created"} 2');
});

test('a store that cannot be read is told as a figure, and the rest goes on being told', async () => {
  const metrics = createMetrics({ version: '1' });
  metrics.readFrom(async () => aReading());
  await text(metrics);
  metrics.readFrom(async () => Promise.reject(new Error('down')));
  const told = await text(metrics);
  expect(told).toContain('foreknow_store_up 0');
  expect(told).not.toContain('connection="acme"');
  expect(told).toContain('foreknow_build_info');
});

test('scrapes that come together look once', async () => {
  const metrics = createMetrics({ version: '1' });
  let looks = 0;
  metrics.readFrom(async () => {
    looks += 1;
    return aReading();
  });
  await Promise.all([metrics.scrape(), metrics.scrape(), metrics.scrape()]);
  expect(looks).toBe(1);
  await metrics.scrape();
  expect(looks).toBe(2);
});
