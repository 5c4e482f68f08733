import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Vault } from '../connections/vault.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { testDatabase } from '../store/contract/test-database.ts';
import { openStore, type Store } from '../store/store.ts';
import { type Gateway, type GatewayOptions, type Notice, openGateway } from './gateway.ts';
import { whatIsNotReady } from './readiness.ts';

let folder: string;
let emulator: Emulator;
let gateway: Gateway;

const open = (options: Partial<GatewayOptions> = {}) => openGateway({ folder, allowBaseUrls: true, ...options });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-operation-'));
  emulator = await startEmulator({ people: 30, enrollments: 60, limits: false });
});

afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const connect = () =>
  gateway.connections.connect({
    name: 'acme',
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    reportingUrl: emulator.url,
    settings: { limits: { perSecond: null, perMinute: null } },
  });

/** The value of a sample; NaN when it is not there. */
const sampleOf = (text: string, sample: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length + 1) ?? Number.NaN,
  );

test('after a sync the figures tell what it cost, what it wrote and how fresh the mirror is', async () => {
  const notices: Notice[] = [];
  const onNotice = (notice: Notice) => void notices.push(notice);
  gateway = await open({ metrics: createMetrics({ version: '1' }), onNotice });
  await connect();
  const run = await gateway.sync.run('acme', { level: 'full' });
  emulator.advance(10 * 24 * 3_600_000);
  const second = await gateway.sync.run('acme', { level: 'full' });
  const told = { level: 'info', connectionId: run.connectionId };
  expect(notices).toMatchObject([
    { ...told, runId: run.id, message: `Synced acme (full): ${run.requests} requests, 0 changes` },
    { ...told, runId: second.id },
  ]);
  const { text } = await gateway.metrics.scrape();
  const sum = (name: string): number =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  expect(sum('foreknow_knowbe4_requests_total')).toBe(run.requests + second.requests);
  expect(sum('foreknow_sync_runs_total')).toBe(2);
  expect(second.changes).toBeGreaterThan(0);
  const { budget, streams, openHolds } = await gateway.sync.status('acme');
  expect(sampleOf(text, 'foreknow_holds_open{connection="acme"}')).toBe(openHolds.length);
  expect(sampleOf(text, 'foreknow_budget_used_day_requests{connection="acme"}')).toBe(budget.usedLastDay);
  expect(sampleOf(text, 'foreknow_budget_left_requests{connection="acme",for="sync"}')).toBe(budget.freeForSync);
  expect(sampleOf(text, 'foreknow_stream_rows{connection="acme",stream="users"}')).toBe(
    streams.find(({ stream }) => stream === 'users')!.rows,
  );
  expect(sampleOf(text, 'foreknow_stream_age_seconds{connection="acme",stream="users"}')).toBeLessThan(60);
  const changes = await gateway.sync.changes({ connectionIds: null, after: 0, limit: 10_000 });
  const bySyncs = changes.filter(({ kind }) => !kind.startsWith('connection.'));
  expect(sum('foreknow_changes_total')).toBe(bySyncs.length);
  expect(sampleOf(text, 'foreknow_last_change_sequence')).toBe(changes.at(-1)!.seq);
  expect(text).not.toContain(emulator.reportingToken);
});

test('two processes on one database tell the same of what stands in it', async () => {
  const database = await testDatabase();
  const at = '2026-11-21T10:00:00.000Z';
  const process = (name: string) =>
    openGateway({
      folder: join(folder, name),
      databaseUrl: database.url,
      vaultKeys: Buffer.alloc(32, 9).toString('base64url'),
      allowBaseUrls: true,
      now: () => new Date(at),
      metrics: createMetrics({ version: '1' }),
    });
  gateway = await process('one');
  const other = await process('two');
  await connect();
  await gateway.sync.run('acme', { level: 'directory' });
  const gauges = async (one: Gateway) =>
    (await one.metrics.scrape()).text
      .split('\n')
      .filter((line) => /^foreknow_(store|connection|budget|stream|holds|jobs|last_change)/.test(line));
  const told = await gauges(gateway);
  expect(told.length).toBeGreaterThan(15);
  expect(await gauges(other)).toEqual(told);
  await other.close();
  await gateway.close();
  await database.remove();
  gateway = await open();
});

test('a server that is stopping is not ready', async () => {
  gateway = await open();
  await connect();
  expect(await gateway.whatIsNotReady()).toEqual([]);
  const closing = gateway.close();
  expect(await gateway.whatIsNotReady()).toEqual(['The server is stopping.']);
  await closing;
  gateway = await open();
});

test('ready means that the store answers in time, with a schema that is known, and that the vault opens what is stored', async () => {
  gateway = await open();
  const real = await openStore({ folder, access: 'read' });
  const secret = {
    connectionId: 'con_1',
    kind: 'reporting',
    sealed: 'v1.a.b.c',
    fingerprint: '',
    createdAt: '',
  } as const;
  const ask = (store: object, openSecret: () => string) =>
    whatIsNotReady({
      store: { ...real, lastChangeSeq: async () => 1, listSecrets: async () => [secret], ...store } as unknown as Store,
      vault: { open: openSecret } as unknown as Vault,
      isStopping: () => false,
    });
  const fails = (): never => {
    throw new Error('secret word of /var/lib');
  };
  expect(await ask({}, () => 'opened')).toEqual([]);
  expect(await ask({}, fails)).toEqual([
    'The vault does not open: the key that sealed the stored tokens is not in the key ring.',
  ]);
  expect(await ask({ lastChangeSeq: async () => fails() }, () => 'opened')).toEqual(['The store does not answer.']);
  expect(await ask({ lastChangeSeq: () => new Promise(() => undefined) }, () => 'opened')).toEqual([
    'The store does not answer.',
  ]);
  const database = new DatabaseSync(join(folder, 'foreknow.db'), { timeout: 5000 });
  database.exec("insert into schema_version (version, name, applied_at) values (9999, 'later', '2030-01-01')");
  database.close();
  expect(await ask({}, () => 'opened')).toEqual([
    expect.stringMatching(/^The store cannot be used: The store has schema 9999/),
  ]);
  await real.close();
});
