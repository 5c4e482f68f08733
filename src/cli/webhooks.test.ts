import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { openDoor } from '../http/contract/door.ts';
import { aConnection } from '../store/contract/builders.ts';
import { openStore } from '../store/store.ts';
import { ran } from './ran.contract.ts';
import { issueCommandToken } from './server-token.ts';

let folder: string;
let sink: Server;
let url: string;
let status: number;

beforeEach(async () => {
  status = 200;
  sink = createServer((request, response) => {
    request.resume();
    response.writeHead(status).end('noted\u001b[2J');
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/in`;
  folder = mkdtempSync(join(tmpdir(), 'foreknow-cli-webhooks-'));
  const store = await openStore({ folder });
  await store.createConnection(aConnection({ name: 'acme' }), []);
  await store.close();
});
afterEach(() => {
  sink.closeAllConnections();
  sink.close();
  rmSync(folder, { recursive: true });
});

const run = (...argv: readonly string[]) => ran(['webhooks', ...argv, '--data', folder]);
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
const json = async (...argv: readonly string[]): Promise<any> => JSON.parse((await run(...argv, '--json')).stdout);

/** A server on the folder, as commands find it. */
async function beside(work: (gateway: Gateway) => Promise<void>): Promise<void> {
  const gateway = await openGateway({ folder, webhooks: { allowHosts: ['127.0.0.1'] } });
  const door = await openDoor({ gateway });
  try {
    const { token } = await issueCommandToken(gateway);
    gateway.announce({ pid: process.pid, startedAt: new Date().toISOString(), address: door.url, token });
    await work(gateway);
  } finally {
    await door.close();
    await gateway.close();
  }
}

/** The life of an endpoint; the same with a server and without. */
async function lifeOf(...allow: readonly string[]): Promise<void> {
  const made = await json('create', url, '--type', 'user.*', '--connection', 'acme', '--names', ...allow);
  const { id } = made.endpoint;
  expect(made.secret).toMatch(/^whsec_/);
  expect(made.endpoint).toMatchObject({ url, types: ['user.*'], connections: [aConnection().id], names: true });
  const shown = await run('show', id);
  expect(shown.stdout).toContain(`lane              ${aConnection().id} at`);
  expect(shown.stdout + (await run('list')).stdout).not.toContain(made.secret);
  expect(await json('update', id, '--type', '*', '--no-names', ...allow)).toMatchObject({ types: ['*'], names: false });

  const tested = await run('test', id, ...allow);
  expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining('noted [2J') });
  status = 500;
  expect((await run('test', id, ...allow)).code).toBe(1);
  const deliveries = await json('deliveries', id);
  expect(deliveries).toMatchObject([{ state: 'dead', connection_id: null }, { state: 'delivered' }]);
  const attempts = await json('attempts', id, deliveries[0].event_id);
  expect(attempts.attempts).toMatchObject([{ status: 500, error: 'The receiver answered 500.' }]);

  const rotated = await json('rotate-secret', id, '--overlap', '2');
  expect(rotated.secret).not.toBe(made.secret);
  expect(rotated.endpoint.previous_secret_until).not.toBeNull();
  expect(await json('pause', id)).toMatchObject({ state: 'paused' });
  expect(await json('enable', id)).toMatchObject({ state: 'active', state_reason: null });
  expect(await json('replay', id, '--since', '2026-01-01T00:00:00Z', '--dry-run')).toMatchObject({
    events: 1,
    dry_run: true,
  });
  expect((await run('replay', id, '--dead', '--connection', 'acme')).stdout).toBe('0 events are sent again\n');
  expect((await run('remove', id)).code).toBe(64);
  expect(await json('remove', id, '--yes')).toEqual({ id });
  expect((await run('list')).stdout).toContain('No webhook endpoints');
}

describe('foreknow webhooks', () => {
  test('does everything on the folder itself', () => lifeOf('--allow-webhook-host', '127.0.0.1'));

  test('does everything through the server that holds the folder, which decides what may be reached', () =>
    beside(() => lifeOf()));

  test('refuses what is not public, not known or not meant', async () => {
    expect(await run('create', url)).toMatchObject({ code: 77, stderr: expect.stringContaining('https') });
    expect((await run('create', 'https://hooks.example.com', '--type', 'user.nope')).code).toBe(64);
    expect((await run('show', 'whk_none')).code).toBe(1);
    for (const wrong of [[], ['--dead', '--event', 'evt_1'], ['--since', 'yesterday']])
      expect((await run('replay', 'whk_none', ...wrong)).code).toBe(64);
  });
});
