import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aConnection } from '../store/contract/builders.ts';
import { openTempPostgresStore } from '../store/contract/temp-store.ts';
import { openStore } from '../store/store.ts';
import { type Gateway, openGateway } from './gateway.ts';

type Arrival = { readonly connection: string; readonly sequence: number; readonly id: string };

const families = ['connections'] as const;
const everything = { families, connectionIds: null, fieldPolicy: null };
const closing: (() => unknown)[] = [];
let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'foreknow-pushing-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(parent, { recursive: true });
});

async function sink(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A receiver that says 200 and keeps what came. */
async function collecting(): Promise<{ url: string; arrivals: Arrival[] }> {
  const arrivals: Arrival[] = [];
  const url = await sink(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { connection_id: connection, sequence, id } = JSON.parse(Buffer.concat(chunks).toString());
    arrivals.push({ connection, sequence, id });
    response.end();
  });
  return { url, arrivals };
}

const aName = (index: number) => `con_${index}`;
const today = new Date().toISOString();
const named = (id: string) => aConnection({ id, name: id, createdAt: today, updatedAt: today });

test('processes on one database share the lanes: every event once, in order, also when one of them stops', async () => {
  const { store, databaseUrl, remove } = await openTempPostgresStore();
  closing.push(remove);
  const connections = [0, 1, 2, 3].map(aName);
  for (const id of connections) await store.createConnection(named(id), []);
  const vaultKeys = randomBytes(32).toString('base64url');
  const opened = async (): Promise<Gateway> => {
    const folder = mkdtempSync(join(parent, 'data-'));
    return openGateway({ folder, databaseUrl, vaultKeys, webhooks: { allowHosts: ['127.0.0.1'] } });
  };
  const [first, second] = [await opened(), await opened()];
  closing.push(() => second.close());
  const { url, arrivals } = await collecting();
  await first.webhooks.create({ url, types: ['connection.stale'] }, everything);
  first.startWork({ scheduled: false });
  second.startWork({ scheduled: false });
  const perConnection = 30;
  for (let index = 0; index < perConnection; index += 1) {
    for (const connectionId of connections) {
      const entry = { kind: 'connection.stale', key: connectionId, at: today, current: { stream: 'users' } } as const;
      await store.appendEntry({ connectionId, ...entry });
    }
    if (index === perConnection / 2) await first.close();
  }
  const wanted = perConnection * connections.length;
  await vi.waitFor(() => expect(arrivals).toHaveLength(wanted), { timeout: 30_000 });
  expect(new Set(arrivals.map(({ id }) => id)).size).toBe(wanted);
  for (const connection of connections) {
    const sequences = arrivals.filter((one) => one.connection === connection).map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  }
}, 60_000);

test('a receiver that never answers delays no other, however many connections it listens to', async () => {
  const folder = join(parent, 'data');
  const store = await openStore({ folder });
  const connections = Array.from({ length: 20 }, (_, index) => aName(index));
  for (const id of connections) await store.createConnection(named(id), []);
  await store.close();
  const gateway = await openGateway({ folder, webhooks: { allowHosts: ['127.0.0.1'] } });
  closing.push(() => gateway.close());
  let held = 0;
  const silent = await sink(() => {
    held += 1;
  });
  const { url, arrivals } = await collecting();
  await gateway.webhooks.create({ url: silent }, everything);
  await gateway.webhooks.create({ url }, everything);
  gateway.startWork({ scheduled: false });
  for (const name of connections) await gateway.connections.pause(name);
  await vi.waitFor(() => expect(arrivals).toHaveLength(connections.length), { timeout: 12_000 });
  expect(held).toBeLessThanOrEqual(8);
  expect(held).toBeGreaterThan(0);
}, 60_000);
