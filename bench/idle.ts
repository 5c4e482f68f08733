/**
 * `node bin/bootstrap.js bench/idle.ts`: what a server costs that has nothing to do. 20 connections that are due in an hour and a webhook
 * endpoint for all of them, on SQLite and on Postgres; prints JSON: share of one processor, and transactions a second that the
 * database server counts. Needs Linux, whose `/proc` tells the processor's time.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { eventFamilies } from '../src/events/catalog.ts';
import { openGateway } from '../src/gateway/gateway.ts';
import { aConnection } from '../src/store/contract/builders.ts';
import { startPostgres } from '../src/store/contract/postgres-server.ts';
import { openStore } from '../src/store/store.ts';

const CONNECTIONS = 20;
/** What a start does is over by then. */
const SETTLE_MS = 10_000;
const MEASURE_MS = 30_000;
const TICK_MS = 10;
const HOUR_MS = 60 * 60 * 1000;

const command = fileURLToPath(new URL('../src/main/bin.ts', import.meta.url));

async function fill(folder: string, databaseUrl: string | null): Promise<void> {
  const where = { folder, ...(databaseUrl === null ? {} : { databaseUrl }) };
  const store = await openStore(where);
  for (let n = 0; n < CONNECTIONS; n += 1) {
    const id = `con_${String(n).padStart(16, '0')}`;
    await store.createConnection(aConnection({ id, name: `account-${n}` }), []);
    await store.putJob({ kind: 'sync', key: id, dueAt: Date.now() + HOUR_MS });
  }
  await store.close();
  const gateway = await openGateway({ ...where, webhooks: { allowHosts: ['127.0.0.1'], ports: [9] } });
  const grant = { families: eventFamilies, connectionIds: null, fieldPolicy: null };
  const { endpoint } = await gateway.webhooks.create({ url: 'http://127.0.0.1:9/', types: ['group.created'] }, grant);
  await gateway.close();
  if (endpoint.state !== 'active') throw new Error('the endpoint is not active');
}

/** Milliseconds of processor time that a process has used. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function transactions(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const text =
    'select (xact_commit + xact_rollback)::int as n from pg_stat_database where datname = current_database()';
  const { rows } = await client.query<{ n: number }>(text);
  await client.end();
  return rows[0]!.n;
}

async function measure(databaseUrl: string | null) {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-idle-'));
  await fill(folder, databaseUrl);
  const database = databaseUrl === null ? {} : { FOREKNOW_DATABASE_URL: databaseUrl };
  const env = { PATH: process.env.PATH ?? '', HOME: folder, FOREKNOW_LOG: 'warn', ...database };
  const args = [command, 'up', '--data', folder, '--port', '0', '--json'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
    await sleep(SETTLE_MS);
    const before = { cpu: processorMs(child.pid!), at: performance.now() };
    const counted = databaseUrl === null ? null : await transactions(databaseUrl);
    await sleep(MEASURE_MS);
    const seconds = (performance.now() - before.at) / 1000;
    const cpu = (processorMs(child.pid!) - before.cpu) / 1000;
    const done = databaseUrl === null ? null : (await transactions(databaseUrl)) - counted!;
    return {
      processorPercent: Number(((cpu / seconds) * 100).toFixed(2)),
      ...(done === null ? {} : { transactionsASecond: Number((done / seconds).toFixed(1)) }),
    };
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

const sqlite = await measure(null);
const server = await startPostgres();
const admin = new Client({ connectionString: server.url('postgres') });
await admin.connect();
await admin.query('create database idle');
await admin.end();
const postgres = await measure(server.url('idle'));
await server.stop();
rmSync(server.folder, { recursive: true, force: true });
console.log(JSON.stringify({ connections: CONNECTIONS, sqlite, postgres }, null, 2));
