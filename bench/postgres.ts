/** A first sync into Postgres against SQLite, and two worker processes against one. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { openGateway } from '../src/gateway/gateway.ts';
import { type PostgresServer, startPostgres } from '../src/store/contract/postgres-server.ts';
import { type Emulated, fresh, measure, median, round, say, start, stop, withEmulator } from './parts.ts';
import { refuseUnfinished, type Timed } from './sync.ts';

/** A server that asks the disk to confirm, as in use. */
export async function withPostgres<T>(work: (server: PostgresServer) => Promise<T>): Promise<T> {
  const server = await startPostgres({ fsync: true });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function newDatabase(server: PostgresServer): Promise<string> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  const client = new Client({ connectionString: server.url('postgres') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return server.url(name);
}

export async function postgresAgainstSqlite(server: PostgresServer, people: number, rounds: number) {
  return withEmulator({ people, enrollments: people * 10, latencyMs: 0 }, async ({ url, tokens: [token] }) => {
    const runs: Record<'sqlite' | 'postgres', { first: Timed[]; again: Timed[] }> = {
      sqlite: { first: [], again: [] },
      postgres: { first: [], again: [] },
    };
    for (let index = 0; index < rounds; index += 1) {
      for (const store of ['sqlite', 'postgres'] as const) {
        const where = [fresh('data'), url, token!, fresh('urls')];
        if (store === 'postgres') where.push(await newDatabase(server));
        runs[store].first.push(await measure<Timed>('sync-process.ts', where));
        runs[store].again.push(await measure<Timed>('sync-process.ts', where));
      }
      const shown = (store: 'sqlite' | 'postgres') =>
        `${store} ${runs[store].first.at(-1)!.ms | 0} and ${runs[store].again.at(-1)!.ms | 0} ms`;
      say(`  first and again: ${shown('sqlite')}, ${shown('postgres')}`);
    }
    const { sqlite, postgres } = runs;
    refuseUnfinished([...sqlite.first, ...sqlite.again, ...postgres.first, ...postgres.again]);
    const ms = (timed: readonly Timed[]) => median(timed.map((run) => run.ms));
    return {
      people,
      rows: postgres.first[0]!.rows,
      sqlite_first_ms: ms(sqlite.first) | 0,
      postgres_first_ms: ms(postgres.first) | 0,
      first_ratio: round(ms(postgres.first) / ms(sqlite.first)),
      sqlite_again_ms: ms(sqlite.again) | 0,
      postgres_again_ms: ms(postgres.again) | 0,
      again_ratio: round(ms(postgres.again) / ms(sqlite.again)),
    };
  });
}

type Load = { readonly accounts: number; readonly people: number; readonly latencyMs: number };

/** First syncs of many accounts by one worker process and by two, four at a time each. */
export async function workersAgainstOne(server: PostgresServer, load: Load, rounds: number) {
  const { accounts, people, latencyMs } = load;
  return withEmulator({ people, enrollments: people, latencyMs, accounts }, async (emulated) => {
    const one: number[] = [];
    const two: number[] = [];
    for (let index = 0; index < rounds; index += 1) {
      one.push(await firstSyncs(server, emulated, 1));
      two.push(await firstSyncs(server, emulated, 2));
      say(`  one worker ${one.at(-1)! | 0} ms, two ${two.at(-1)! | 0} ms`);
    }
    return {
      accounts,
      people_each: people,
      enrollments_each: people,
      latency_ms: latencyMs,
      syncs_at_once_each: 4,
      one_ms: median(one) | 0,
      two_ms: median(two) | 0,
      ratio: round(median(one) / median(two)),
    };
  });
}

const LOOK_MS = 50;

async function firstSyncs(server: PostgresServer, { url, tokens }: Emulated, workers: number): Promise<number> {
  const folder = fresh('worker-data');
  const databaseUrl = await newDatabase(server);
  const gateway = await openGateway({ folder, databaseUrl, allowBaseUrls: true });
  try {
    for (const [index, reportingToken] of tokens.entries()) {
      await gateway.connections.connect({
        name: `account-${index}`,
        region: 'us',
        reportingToken,
        reportingUrl: url,
        settings: { limits: { perSecond: null, perMinute: null, perDay: null }, streamsOff: ['recipients'] },
      });
    }
    const started = await Promise.all(
      Array.from({ length: workers }, () => start<unknown>('worker-process.ts', [folder, databaseUrl])),
    );
    const begun = performance.now();
    for (const { child } of started) child.stdin!.write('go\n');
    await allSynced(databaseUrl, tokens.length);
    const ms = performance.now() - begun;
    await Promise.all(started.map(stop));
    return ms;
  } finally {
    await gateway.close();
  }
}

/** Until every connection has a run that ended well. */
async function allSynced(databaseUrl: string, wanted: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ status: string; runs: string }>(
        "select status, count(distinct connection_id) as runs from runs where level = 'full' group by status",
      );
      const runs = new Map(rows.map((row) => [row.status, Number(row.runs)]));
      if ((runs.get('done') ?? 0) >= wanted) return;
      const bad = [...runs.keys()].find((status) => !['queued', 'running', 'done'].includes(status));
      if (bad !== undefined) throw new Error(`a sync ended as ${bad}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } finally {
    await client.end();
  }
}
