import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type Server, startServer } from '../../src/main/index.ts';
import type { Scope } from '../../src/tokens/token.ts';
import { freePort } from '../support/servers.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'foreknow-examples-'));
const examples = join(folder, 'examples');
const WAIT = { timeout: 25_000, interval: 50 };
const running = new Set<ChildProcess>();
let emulator: Emulator;
let server: Server;
let connectPort: number;

beforeAll(async () => {
  // The folder has the package installed, as somebody who copied an example does; its code is that of this checkout.
  const installed = join(folder, 'node_modules', 'foreknow');
  mkdirSync(installed, { recursive: true });
  symlinkSync(join(root, 'src'), join(installed, 'src'));
  const exported = { './sdk': './src/sdk/index.ts', './webhooks': './src/webhooks/index.ts' };
  writeFileSync(
    join(installed, 'package.json'),
    JSON.stringify({ name: 'foreknow', type: 'module', exports: exported }),
  );
  cpSync(join(root, 'examples'), examples, { recursive: true });
  writeFileSync(join(examples, 'package.json'), JSON.stringify({ type: 'module' }));

  connectPort = await freePort();
  emulator = await startEmulator({ people: 120, limits: false });
  server = await startServer({
    ...{ folder: join(folder, 'data'), port: 0, allowBaseUrls: true, scheduler: false },
    webhooks: { allowHosts: ['127.0.0.0/8'] },
    links: { allowedOrigins: [`http://127.0.0.1:${connectPort}`] },
  });
  await connect('acme');
  await server.gateway.sync.run('acme', { level: 'full' });
}, 120_000);

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await server.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const connect = (name: string) =>
  server.gateway.connections.connect({
    ...{ name, region: emulator.region, reportingToken: emulator.reportingToken, reportingUrl: emulator.url },
    settings: { limits: { perSecond: null, perMinute: null } },
  });
const token = async (...scopes: Scope[]) => (await server.gateway.tokens.create({ name: 'example', scopes })).secret;

/** An example as a process of its own. `lines` is what it printed so far. */
function run(file: string, env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [join(examples, file), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, FOREKNOW_URL: server.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const ended = new Promise<{ code: number | null; lines: string[]; errors: string[] }>((resolve) =>
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, lines, errors });
    }),
  );
  return { child, lines, errors, ended };
}
const printed = (lines: readonly string[], pattern: RegExp): Promise<string> =>
  vi.waitFor(() => {
    const found = lines.find((line) => pattern.test(line));
    expect(found, lines.join('\n')).toBeDefined();
    return found!;
  }, WAIT);

test('overdue-to-csv prints everybody whose training is overdue, and nobody else', async () => {
  const { code, lines, errors } = await run('overdue-to-csv.ts', {
    FOREKNOW_TOKEN: await token('directory', 'training'),
  }).ended;
  expect([code, errors]).toEqual([0, []]);
  const { enrollments, users } = emulator.truth();
  const living = new Set(users.map(({ id }) => id));
  const overdue = new Set(enrollments.filter(({ status }) => status === 'Past Due').map(({ user }) => user.id));
  const wanted = [...overdue].filter((id) => living.has(id)).map(String);
  expect(wanted.length).toBeGreaterThan(0);
  expect(lines[0]).toBe('id,name,address,manager,overdue');
  expect(
    lines
      .slice(1)
      .map((line) => line.split(',')[0]!.replaceAll('"', ''))
      .toSorted(),
  ).toEqual(wanted.toSorted());
});

test('receive-webhook believes what the gateway sends, and nothing else', async () => {
  const { gateway } = server;
  const port = await freePort();
  const everything = { fieldPolicy: null, connectionIds: null, families: ['directory', 'connections'] } as const;
  const url = `http://127.0.0.1:${port}/`;
  const { endpoint, secret } = await gateway.webhooks.create({ url, types: ['*'] }, everything);
  const receiver = run('receive-webhook.ts', { WEBHOOK_SECRET: secret, PORT: String(port) });
  await printed(receiver.lines, /^listening/);
  expect(await gateway.webhooks.test(endpoint.id)).toMatchObject({ state: 'delivered' });
  await printed(receiver.lines, /^test evt_/);
  const forged = await fetch(url, {
    method: 'POST',
    headers: {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': 'v1,AAAA',
    },
    body: '{"type":"user.created"}',
  });
  expect(forged.status).toBe(400);
  await printed(receiver.errors, /^refused: signature_wrong$/);
  const renewed = await gateway.webhooks.rotateSecret(endpoint.id, 24);
  expect(renewed.secret).not.toBe(secret);
  await gateway.webhooks.test(endpoint.id);
  await vi.waitFor(() => expect(receiver.lines.filter((line) => line.startsWith('test '))).toHaveLength(2), WAIT);
  receiver.child.kill();
  await receiver.ended;
  await gateway.webhooks.remove(endpoint.id);
});

test('follow-changes writes every change once, and after a restart goes on where it stood', async () => {
  const env = { FOREKNOW_TOKEN: await token('admin') };
  const file = join(folder, 'changes.ndjson');
  const log = async () => (await server.gateway.sync.changes({ connectionIds: null, after: 0, limit: 100_000 })).length;
  const kept = () =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line).seq as number)
      : [];
  const follow = async (until: number) => {
    const follower = run('follow-changes.ts', env, [file]);
    await vi.waitFor(() => expect(kept()).toHaveLength(until), WAIT);
    await printed(follower.lines, /^\d+ changes, up to \d+$/);
    follower.child.kill('SIGTERM');
    expect((await follower.ended).errors).toEqual([]);
  };
  const before = await log();
  expect(before).toBeGreaterThan(0);
  await follow(before);
  emulator.advance(5 * 24 * 3_600_000);
  await server.gateway.sync.run('acme', { level: 'full' });
  const after = await log();
  expect(after).toBeGreaterThan(before);
  await follow(after);
  const seqs = kept();
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
});

test('knowbe4-script speaks to the gateway as it does to KnowBe4', async () => {
  const maker = await token('admin');
  const made = await fetch(`${server.url}/api/v1/tokens`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${maker}`, 'content-type': 'application/json' } },
    body: JSON.stringify({ kind: 'account', connections: ['acme'], expires_at: null }),
  });
  const { secret } = (await made.json()) as { secret: string };
  const direct = await run('knowbe4-script.ts', { KNOWBE4_URL: emulator.url, KNOWBE4_API_KEY: emulator.reportingToken })
    .ended;
  expect([direct.code, direct.errors]).toEqual([0, []]);
  expect(direct.lines.length).toBeGreaterThan(0);
  const through = await run('knowbe4-script.ts', { KNOWBE4_URL: server.url, KNOWBE4_API_KEY: secret }).ended;
  expect([through.code, through.errors]).toEqual([0, []]);
  expect(through.lines).toEqual(direct.lines);
});

test('connect-flow makes a link with which a customer connects, and is told', async () => {
  await server.gateway.connections.remove('acme', { purge: true });
  const page = `http://127.0.0.1:${connectPort}`;
  const shop = run('connect-flow.ts', { FOREKNOW_TOKEN: await token('connections'), PORT: String(connectPort) });
  await printed(shop.lines, /^listening/);
  expect(await (await fetch(page)).text()).toContain(JSON.stringify(server.url));
  const link = await (await fetch(`${page}/link`, { method: 'POST' })).text();
  expect(link).toMatch(new RegExp(`^${server.url}/connect-account\\?link_token=fkl_`));
  const form = await fetch(link);
  expect([form.status, await form.text()]).toEqual([200, expect.stringContaining('Example product')]);
  const sent = await fetch(`${server.url}/connect-account`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ link: new URL(link).searchParams.get('link_token')!, region: emulator.region },
      ...{ base_url: emulator.url, reporting: emulator.reportingToken },
    }),
  });
  expect([sent.status, await sent.text()]).toEqual([200, expect.stringContaining('Connected')]);
  expect(await (await fetch(`${page}/accounts`)).json()).toEqual([
    { id: expect.stringMatching(/^con_/), name: expect.any(String), state: 'active' },
  ]);
  shop.child.kill();
  await shop.ended;
});
