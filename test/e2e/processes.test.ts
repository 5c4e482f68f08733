import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type TestDatabase, testDatabase } from '../../src/store/contract/test-database.ts';
import { type Call, caller, freePort, processes } from '../support/servers.ts';

/* Real processes that share work: on Postgres several at once, on SQLite one after another. */

type Run = {
  readonly id: string;
  readonly status: string;
  readonly streams: readonly { readonly stream: string }[];
};
const wait = { timeout: 60_000, interval: 100 };

let folder: string;
let emulator: Emulator;
let database: TestDatabase;
let here: ReturnType<typeof processes>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-processes-'));
  here = processes(folder);
});
afterEach(async () => {
  await here.end();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const emulate = async () => {
  emulator = await startEmulator({ people: 150, limits: false });
};
/** From here on a sync gets as far as the people and waits there, until `answer`. */
const hang = () => emulator.addFault({ kind: 'slow', delayMs: 600_000, endpoint: 'users', count: 'always' });
const answer = () => emulator.clearFaults();
/** A whole mirror would take longer than these tests need. */
const streams = ['account', 'groups', 'users'];

/** An admin key, made by a command beside the servers. */
async function adminKey(): Promise<string> {
  const made = await here.run(['keys', 'create', 'test', '--scope', 'admin', '--json']);
  expect(made.code, made.stderr).toBe(0);
  return (JSON.parse(made.stdout) as { secret: string }).secret;
}

async function connect(call: Call): Promise<void> {
  const { region, reportingToken } = emulator.accounts[0]!;
  const limits = { per_second: null, per_minute: null, per_day: null };
  const connected = await call('POST', '/api/v1/connections', {
    ...{ name: 'acme', region, reporting_token: reportingToken, reporting_url: emulator.url, settings: { limits } },
  });
  expect(connected.status, JSON.stringify(connected.body)).toBe(201);
}

/** A sync that will not end before `answer`. */
async function startSync(call: Call): Promise<string> {
  hang();
  const started = await call('POST', '/api/v1/connections/acme/sync', { streams });
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  return (started.body as { run_id: string }).run_id;
}

const runsOf = async (call: Call) =>
  ((await call('GET', '/api/v1/runs?connection_id=acme&limit=50')).body as { result: readonly Run[] }).result;
const statusOf = async (call: Call) =>
  (await call('GET', '/api/v1/connections/acme/status')).body as {
    running: { run_id: string; pages: number } | null;
  };
const underWay = (call: Call, runId: string) =>
  vi.waitFor(async () => expect((await statusOf(call)).running).toMatchObject({ run_id: runId }), wait);
const usersOf = async (call: Call) =>
  ((await call('GET', '/unified/user-directory/users?limit=500')).body as { result_count: number }).result_count;

describe('on Postgres', () => {
  beforeEach(async () => {
    database = await testDatabase();
    here = processes(folder, { FOREKNOW_DATABASE_URL: database.url });
  });
  afterEach(() => database.remove());

  const up = (...args: readonly string[]) => here.up(['--port', '0', '--allow-base-urls', ...args]);
  const worker = (...args: readonly string[]) =>
    here.up(['--role', 'worker', '--no-scheduler', '--allow-base-urls', ...args]);

  test('two servers that start at once share the store; a schedule fires once, and any of them answers', {
    timeout: 120_000,
  }, async () => {
    await emulate();
    const [one, two] = await Promise.all([up(), up()]);
    const key = await adminKey();
    const [first, second] = [caller(one.api!, key), caller(two.api!, key)];
    await connect(first);
    const synced = await vi.waitFor(async () => {
      const [run] = await runsOf(second);
      expect(run).toMatchObject({ status: 'done', level: 'full', trigger: 'schedule' });
      return run!;
    }, wait);
    expect(await runsOf(first)).toHaveLength(1);
    expect(await usersOf(first)).toBeGreaterThanOrEqual(150);
    const page = '/unified/user-directory/users?limit=20';
    const [mine, theirs] = await Promise.all([first('GET', page), second('GET', page)]);
    expect(theirs.body).toEqual(mine.body);
    const { next_cursor: cursor } = mine.body as { next_cursor: string };
    const [next, nextThere] = await Promise.all(
      [first, second].map((call) => call('GET', `${page}&next_cursor=${encodeURIComponent(cursor)}`)),
    );
    expect(next!.status).toBe(200);
    expect(nextThere!.body).toEqual(next!.body);
    expect((await second('GET', `/api/v1/runs/${synced.id}`)).body).toMatchObject({ id: synced.id });
  });

  test('a sync that one process is asked for is done by another, watched and stopped from anywhere', {
    timeout: 120_000,
  }, async () => {
    await emulate();
    const api = await up('--role', 'api');
    const key = await adminKey();
    const call = caller(api.api!, key);
    await connect(call);
    const runId = await startSync(call);
    expect((await call('GET', `/api/v1/runs/${runId}`)).body).toMatchObject({ status: 'queued' });
    expect((await call('POST', '/api/v1/connections/acme/sync')).body).toMatchObject({ code: 'conflict' });
    await Promise.all([worker(), worker()]);
    await underWay(call, runId);
    expect((await call('POST', '/api/v1/connections/acme/sync')).body).toMatchObject({ code: 'conflict' });

    const beside = await here.run(['connections', 'pause', 'acme', '--json']);
    expect(beside.code, beside.stderr).toBe(0);
    expect((await call('GET', `/api/v1/runs/${runId}`)).body).toMatchObject({ status: 'interrupted' });
    answer();
    const { total } = emulator.requests();
    await call('POST', '/api/v1/connections/acme/resume');
    const again = await call('POST', '/api/v1/connections/acme/sync?wait=true', { streams });
    const { id } = again.body as { id?: string };
    await vi.waitFor(async () => expect((await runsOf(call))[0]).toMatchObject({ status: 'done' }), wait);
    expect(id === undefined || id !== runId).toBe(true);
    expect(emulator.requests().total).toBeGreaterThan(total);
    expect(await usersOf(call)).toBeGreaterThanOrEqual(150);
  });

  test('a process that is stopped hands its sync over at once, however long leases last', {
    timeout: 120_000,
  }, async () => {
    await emulate();
    const api = await up('--role', 'api');
    const call = caller(api.api!, await adminKey());
    await connect(call);
    const first = await worker('--lease', '3600');
    const runId = await startSync(call);
    await underWay(call, runId);
    await worker('--lease', '3600');
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    answer();
    expect((await first.ended).ms).toBeLessThan(10_000);
    await vi.waitFor(async () => {
      const runs = await runsOf(call);
      expect(runs.find(({ id }) => id === runId)).toMatchObject({ status: 'interrupted' });
      expect(runs[0]).toMatchObject({ status: 'done', trigger: 'manual' });
      expect(runs[0]!.streams.map(({ stream }) => stream)).toEqual(streams);
    }, wait);
    expect(await usersOf(call)).toBeGreaterThanOrEqual(150);
  });

  test('the sync of a process that was killed is taken over when its lease has lapsed', {
    timeout: 120_000,
  }, async () => {
    await emulate();
    const api = await up('--role', 'api', '--lease', '3');
    const call = caller(api.api!, await adminKey());
    await connect(call);
    const first = await worker('--lease', '3');
    const runId = await startSync(call);
    await underWay(call, runId);
    const second = await worker('--lease', '3');
    first.kill('SIGKILL');
    answer();
    await vi.waitFor(async () => {
      const runs = await runsOf(call);
      expect(runs.find(({ id }) => id === runId)).toMatchObject({ status: 'interrupted' });
      expect(runs[0]).toMatchObject({ status: 'done' });
    }, wait);
    expect(await usersOf(call)).toBeGreaterThanOrEqual(150);
    second.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
  });
});

describe('on SQLite', () => {
  const up = (...args: readonly string[]) => here.up(['--port', '0', '--allow-base-urls', '--no-scheduler', ...args]);

  test.each([
    ['stopped', 'SIGTERM'],
    ['killed', 'SIGKILL'],
  ] as const)(
    'the sync of a server that was %s goes on with the next one at once',
    { timeout: 120_000 },
    async (_, signal) => {
      await emulate();
      const first = await up('--lease', '3600');
      const key = await adminKey();
      const call = caller(first.api!, key);
      await connect(call);
      const runId = await startSync(call);
      await underWay(call, runId);
      first.kill(signal);
      const ended = await first.ended;
      answer();
      expect(ended.ms).toBeLessThan(10_000);
      expect(ended.code).toBe(signal === 'SIGTERM' ? 0 : null);

      const next = caller((await up('--lease', '3600')).api!, key);
      await vi.waitFor(async () => {
        const runs = await runsOf(next);
        expect(runs.find(({ id }) => id === runId)).toMatchObject({ status: 'interrupted' });
        expect(runs[0]).toMatchObject({ status: 'done', trigger: 'manual' });
      }, wait);
      expect(await usersOf(next)).toBeGreaterThanOrEqual(150);
    },
  );

  test('a second server on the folder is refused', { timeout: 60_000 }, async () => {
    await emulate();
    await up();
    await expect(up()).rejects.toThrow('is using this data folder');
    await expect(here.up(['--role', 'api'])).rejects.toThrow('nobody could sync');
  });

  test('a server that stops answers the calls it holds, and is not ready any more', {
    timeout: 60_000,
  }, async () => {
    await emulate();
    const health = await freePort();
    const server = await up('--health-port', String(health));
    const call = caller(server.api!, await adminKey());
    await connect(call);
    const ready = async () => (await fetch(`http://127.0.0.1:${health}/readyz`)).status;
    expect(await ready()).toBe(200);
    hang();
    const held = call('POST', '/api/v1/connections/acme/sync?wait=true', { streams });
    await vi.waitFor(async () => expect((await statusOf(call)).running).not.toBeNull(), wait);
    server.kill('SIGTERM');
    const seen: number[] = [];
    const looking = vi.waitFor(async () => {
      seen.push(await ready().catch(() => 0));
      expect(seen.at(-1)).not.toBe(200);
    }, wait);
    expect([200, 202]).toContain((await held).status);
    await looking;
    expect(seen.at(-1) === 503 || seen.at(-1) === 0).toBe(true);
    expect(await server.ended).toMatchObject({ code: 0 });
    expect((await server.ended).ms).toBeLessThan(10_000);
  });
});

test('a server that cannot open all of its ports says which, and ends', { timeout: 60_000 }, async () => {
  await emulate();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const port = String((taken.address() as AddressInfo).port);
  for (const option of ['--port', '--health-port', '--metrics-port']) {
    const refused = await here.run(['up', '--port', '0', '--health-port', '0', option, port]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`Choose another with ${option};`) });
  }
  taken.close();
});

describe('a process that is told to stop', () => {
  beforeEach(emulate);

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'twice (%s) ends at once, whatever it is at',
    {
      timeout: 60_000,
    },
    async (signal) => {
      const server = await here.up(['--port', '0', '--allow-base-urls', '--no-scheduler']);
      const call = caller(server.api!, await adminKey());
      await connect(call);
      // Proving the token of another connection waits for KnowBe4, and the stop for that.
      emulator.addFault({ kind: 'slow', delayMs: 600_000, endpoint: 'account', count: 'always' });
      const held = call('POST', '/api/v1/connections/acme/check').catch(() => null);
      await vi.waitFor(() => expect(emulator.requests().byEndpoint.account).toBeGreaterThan(1), wait);
      server.kill(signal);
      // What comes within a second is the same wish, passed on twice.
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect(server.child.exitCode).toBeNull();
      server.kill(signal);
      const ended = await server.ended;
      expect(ended).toMatchObject({ code: null, signal });
      expect(ended.ms).toBeLessThan(1000);
      await held;
      const again = await here.up(['--port', '0', '--no-scheduler']);
      again.kill('SIGTERM');
      expect(await again.ended).toMatchObject({ code: 0 });
    },
  );

  test('while it waits for a database that does not answer ends with 0 within ten seconds', {
    timeout: 60_000,
  }, async () => {
    const asked = new EventEmitter();
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      asked.emit('asked');
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    here = processes(folder, { FOREKNOW_DATABASE_URL: `postgresql://u:p@127.0.0.1:${port}/d` });
    const starting = here.start(['up', '--port', '0']);
    await once(asked, 'asked');
    const began = Date.now();
    starting.kill('SIGTERM');
    expect(await once(starting, 'exit')).toEqual([0, null]);
    expect(Date.now() - began).toBeLessThan(10_000);
    silent.close();
  });
});
