import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { eventFamilies } from '../../src/events/catalog.ts';
import { openGateway } from '../../src/gateway/gateway.ts';
import { type PostgresServer, startPostgres } from '../../src/store/contract/postgres-server.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import type { Random } from '../support/random.ts';
import type { Where } from './processes.ts';
import { openSink, type Sink } from './sink.ts';

export type StoreKind = 'sqlite' | 'postgres';

export type Account = { readonly name: string; readonly connectionId: string; readonly emulator: Emulator };

/** Emulated accounts, connected, and where the gateway's processes find their store. */
export type Lab = {
  readonly where: Where;
  readonly accounts: readonly Account[];
  /** Where a webhook endpoint sends every event. */
  readonly sink: Sink;
  /** An API token of the gateway that may do everything. */
  readonly secret: string;
  /** Requests that the emulators have answered or refused, those of the connecting included. */
  requestsSeen(): number;
  openStore(): Promise<Store>;
  /** Kills the database server and starts it again on the same files; null where there is none. */
  readonly killDatabase: (() => Promise<void>) | null;
  close(): Promise<void>;
};

const PEOPLE = 15;
/** Small pages and slow answers make a sync long enough to be killed anywhere. */
const PER_PAGE = 20;
const ANSWER_MS = 5;

export async function openLab(
  kind: StoreKind,
  accountsWanted: number,
  { random, onArrival }: { readonly random: Random; readonly onArrival: () => void },
): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-crash-'));
  const database = kind === 'postgres' ? await createDatabase() : null;
  const sink = await openSink(random, onArrival);
  const configFile = join(folder, 'crash.yaml');
  writeFileSync(
    configFile,
    `version: 1\nserver: { allow_base_urls: true }\nwebhooks:\n  allow: ['127.0.0.1']\n  ports: [${sink.port}]\n`,
  );
  const compileCache = join(folder, 'compiled');
  const where = { folder, databaseUrl: database?.url ?? null, configFile, webhookPort: sink.port, compileCache };
  const store = { folder, ...(where.databaseUrl === null ? {} : { databaseUrl: where.databaseUrl }) };
  const accounts: Account[] = [];
  const webhooks = { allowHosts: ['127.0.0.1'], ports: [sink.port] };
  const gateway = await openGateway({ ...store, allowBaseUrls: true, webhooks });
  try {
    for (let n = 0; n < accountsWanted; n += 1) accounts.push(await connectAccount(gateway, n));
    const { secret } = await gateway.tokens.create({ name: 'crash', scopes: ['admin'] });
    await gateway.webhooks.create(
      { url: sink.url },
      { families: eventFamilies, connectionIds: null, fieldPolicy: null },
    );
    return {
      where,
      accounts,
      sink,
      secret,
      requestsSeen: () => accounts.reduce((sum, { emulator }) => sum + emulator.requests().total, 0),
      openStore: () => openStore(store),
      killDatabase: database === null ? null : database.kill,
      async close() {
        for (const { emulator } of accounts) await emulator.close();
        await sink.close();
        await database?.remove();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } finally {
    await gateway.close();
  }
}

type Gateway = Awaited<ReturnType<typeof openGateway>>;

async function connectAccount(gateway: Gateway, n: number): Promise<Account> {
  const options = { people: PEOPLE, seed: 7 + n, maxPerPage: PER_PAGE, latencyMs: ANSWER_MS, limits: false };
  const emulator = await startEmulator(options);
  const name = `account-${n}`;
  const { connection } = await gateway.connections.connect({
    name,
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    reportingUrl: emulator.url,
    settings: { limits: { perSecond: null, perMinute: null, perDay: null } },
  });
  return { name, connectionId: connection.id, emulator };
}

const DATABASE = 'crash';

async function createDatabase() {
  let server: PostgresServer = await startPostgres();
  const port = Number(new URL(server.url(DATABASE)).port);
  const { Client } = await import('pg');
  const client = new Client({ connectionString: server.url('postgres') });
  await client.connect();
  await client.query(`create database ${DATABASE}`);
  await client.end();
  return {
    url: server.url(DATABASE),
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      server = await startPostgres({ folder: server.folder, port });
    },
    async remove() {
      await server.stop();
      rmSync(server.folder, { recursive: true, force: true });
    },
  };
}
