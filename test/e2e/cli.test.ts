import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'foreknow-cli-'));
const tokenFile = join(scratch, 'token.txt');
const children = new Set<ChildProcess>();
/** Everything that commands printed: no secret may be in it. */
let printed = '';
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ people: 60, seed: 11, limits: false });
  writeFileSync(tokenFile, `${emulator.reportingToken}\n`);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await emulator.close();
  rmSync(scratch, { recursive: true, force: true });
});

type Ended = { code: number | null; stdout: string; stderr: string };

function start(args: readonly string[], entry = 'src/main/bin.ts', env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [join(root, entry), ...args], {
    cwd: scratch,
    env: { PATH: process.env.PATH, HOME: scratch, TMPDIR: scratch, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (text) => {
    stdout += text;
  });
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) =>
    child.once('close', (code) => {
      printed += stdout + stderr;
      resolve({ code, stdout, stderr });
    }),
  );
}

function run(args: readonly string[], stdin = '', env: Record<string, string> = {}): Promise<Ended> {
  const child = start(args, undefined, env);
  child.stdin!.end(stdin);
  return ended(child);
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it printed a line`)));
  });

const json = <T>(answer: Ended): T => {
  expect(answer, answer.stderr).toMatchObject({ code: 0 });
  expect(answer.stdout.split('\n')).toHaveLength(2);
  return JSON.parse(answer.stdout) as T;
};

const folder = (name: string): string => join(scratch, name);
const noLimits = ['--per-second', 'none', '--per-minute', 'none', '--per-day', 'none'];
const connectArgs = (data: string, token = tokenFile) => [
  'connect',
  ...['--name', 'acme', '--region', 'us', '--reporting-token-file', token, '--reporting-url', emulator.url],
  ...noLimits,
  ...['--data', data],
];

describe('without a server', () => {
  const data = folder('plain');
  type Run = { status: string; rows: number; streams: { stream: string; rows: number }[] };

  test('connect, sync and users work on the folder alone', async () => {
    const connected = json<{ connection: { name: string; state: string } }>(
      await run([...connectArgs(data), '--json']),
    );
    expect(connected.connection).toMatchObject({ name: 'acme', state: 'active' });

    const record = json<Run>(await run(['sync', 'acme', '--data', data, '--json']));
    const truth = emulator.truth();
    expect(record.status).toBe('done');
    expect(record.streams.find(({ stream }) => stream === 'users')!.rows).toBe(truth.users.length);

    const users = json<{ result: { id: string }[] }>(
      await run(['users', '--connection', 'acme', '--data', data, '--json', '--all']),
    );
    expect(new Set(users.result.map(({ id }) => id))).toEqual(new Set(truth.users.map(({ id }) => String(id))));
  });

  test('a first page says how to get the next, and the next goes on after it', async () => {
    type Page = { result: { id: string }[]; next_cursor: string };
    const one = json<Page>(await run(['users', '--data', data, '--json', '--limit', '10']));
    const two = json<Page>(
      await run(['users', '--data', data, '--json', '--limit', '10', '--cursor', one.next_cursor]),
    );
    expect(one.result).toHaveLength(10);
    expect(new Set([...one.result, ...two.result].map(({ id }) => id)).size).toBe(20);
  });

  test('people are filtered as the API filters them', async () => {
    const { stdout } = await run(['people', '--overdue', '--data', data, '--json', '--limit', '500']);
    const { result } = JSON.parse(stdout) as { result: { training: { overdue: number } }[] };
    expect(result.length).toBeGreaterThan(0);
    expect(result.every(({ training }) => training.overdue > 0)).toBe(true);
  });

  test('status, connections, estimate, holds, keys and doctor print one JSON value, and tables for people', async () => {
    for (const args of [
      ['status'],
      ['status', 'acme'],
      ['connections'],
      ['connections', 'show', 'acme'],
      ['sync', 'acme', '--estimate'],
      ['holds'],
      ['keys'],
      ['doctor'],
      ['doctor', '--offline'],
    ]) {
      json(await run([...args, '--data', data, '--json']));
      const text = await run([...args, '--data', data]);
      expect(text.code, text.stderr).toBe(0);
      expect(text.stdout).not.toContain('\u001b');
      expect(text.stdout.length).toBeGreaterThan(5);
    }
  });

  test('settings change one by one and keep the others', async () => {
    const unsaid = await run(['connections', 'set', 'acme', '--data', data]);
    expect([unsaid.code, unsaid.stderr]).toEqual([64, expect.stringContaining('No option says what to change.')]);
    await run(['connections', 'set', 'acme', '--tag', 'emea,pilot', '--stream-off', 'policies', '--data', data]);
    const { settings, tags } = json<{ settings: object; tags: string[] }>(
      await run(['connections', 'set', 'acme', '--per-day', '1500', '--data', data, '--json']),
    );
    expect(tags).toEqual(['emea', 'pilot']);
    expect(settings).toMatchObject({
      streams_off: ['policies'],
      limits: { per_day: 1500, per_minute: null, per_second: null },
    });
  });

  test('pause and resume, token, check, erase and remove do what they say', async () => {
    const own = folder('operate');
    await run(connectArgs(own));
    await run(['sync', 'acme', '--data', own]);
    expect(json(await run(['connections', 'pause', 'acme', '--data', own, '--json']))).toHaveProperty('paused_at');
    const refused = await run(['sync', 'acme', '--data', own]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toMatch(/^error: .*paused/im);
    await run(['connections', 'resume', 'acme', '--data', own]);
    json(await run(['connections', 'check', 'acme', '--data', own, '--json']));
    const replaced = await run(
      ['connections', 'token', 'acme', '--reporting-token-file', '-', '--data', own, '--json'],
      emulator.reportingToken,
    );
    json(replaced);
    const [person] = json<{ result: { id: string; email: string }[] }>(
      await run(['people', '--limit', '1', '--data', own, '--json']),
    ).result;
    const erased = json<{ id: string; rows: number }>(
      await run(['connections', 'erase', 'acme', person!.email, '--yes', '--data', own, '--json']),
    );
    expect(erased).toMatchObject({ id: person!.id });
    expect(erased.rows).toBeGreaterThan(0);
    const asked = await run(['connections', 'remove', 'acme', '--purge', '--data', own]);
    expect(asked).toMatchObject({ code: 64 });
    await run(['connections', 'remove', 'acme', '--purge', '--yes', '--data', own]);
    expect(json(await run(['connections', '--data', own, '--json']))).toEqual([]);
  });

  test('keys are created, listed without their secret and revoked', async () => {
    const created = json<{ secret: string; token: { id: string } }>(
      await run(['keys', 'create', 'report', '--connection', 'acme', '--expires', '30', '--data', data, '--json']),
    );
    expect(created.secret).toMatch(/^fk_/);
    const listed = await run(['keys', '--data', data, '--json']);
    expect(listed.stdout).toContain(created.token.id);
    expect(listed.stdout).not.toContain(created.secret);
    json(await run(['keys', 'revoke', created.token.id, '--data', data, '--json']));
    expect((await run(['keys', '--data', data])).stdout).not.toContain(created.token.id);
  });

  test('the vault is sealed anew and opens afterwards', async () => {
    expect(json(await run(['vault', 'rotate', '--data', data, '--json']))).toEqual({ resealed: 1, keys: 2 });
    json(await run(['connections', 'check', 'acme', '--data', data, '--json']));
  });

  test('the folder and its files are readable by their owner alone', () => {
    expect(statSync(data).mode & 0o077).toBe(0);
    for (const name of readdirSync(data)) expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
  });
});

describe('what goes wrong', () => {
  test('an unknown command or option is a usage error that names the nearest', async () => {
    const command = await run(['conect']);
    expect(command).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining('Did you mean connect?') });
    const option = await run(['users', '--jsn']);
    expect(option).toMatchObject({ code: 64, stderr: expect.stringContaining('Did you mean --json?') });
    const number = await run(['emulate', '--people', 'many']);
    expect(number).toMatchObject({ code: 64, stdout: '' });
  });

  test('with --json an error is an object on stderr', async () => {
    const { code, stdout, stderr } = await run(['status', '--data', folder('nothing'), '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({
      code: 'not_found',
      detail: expect.stringContaining('nothing in this data folder'),
      hint: expect.stringContaining('--data'),
    });
  });

  test('a refused token ends with 69 and leaves no connection', async () => {
    const wrong = join(scratch, 'wrong.txt');
    writeFileSync(wrong, 'not-a-token-of-this-account');
    const refused = await run([...connectArgs(folder('refused'), wrong), '--json']);
    expect(refused.code).toBe(69);
    expect(json(await run(['connections', '--data', folder('refused'), '--json']))).toEqual([]);
  });

  test('an address where nobody answers ends with 69', async () => {
    const args = connectArgs(folder('nobody')).map((word) => (word === emulator.url ? 'http://127.0.0.1:9' : word));
    expect((await run(args)).code).toBe(69);
  });

  test('a spent day parks the sync and ends with 75', async () => {
    const own = folder('parked');
    const args = connectArgs(own);
    args[args.indexOf('--per-day') + 1] = '6';
    await run(args);
    const parked = await run(['sync', 'acme', '--data', own, '--json']);
    expect(parked.code).toBe(75);
  });

  test('an address that is plain http beyond this machine is not allowed', async () => {
    const args = connectArgs(folder('http')).map((word) => (word === emulator.url ? 'http://knowbe4.example' : word));
    expect([64, 77]).toContain((await run(args)).code);
  });

  test('a proxy that is no address is a usage error', async () => {
    expect(await run([...connectArgs(folder('proxy')), '--proxy', 'notaurl'])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/http:\/\/proxy\.example/),
    });
  });

  test('an empty token file is a usage error', async () => {
    const empty = await run([...connectArgs(folder('empty'), '-')], '');
    expect(empty).toMatchObject({ code: 64, stderr: expect.stringMatching(/empty/) });
  });
});

describe('beside a running server', () => {
  const data = folder('served');

  test('reads go to the folder, writes through the server, with the same answers; SIGTERM ends it with 0', async () => {
    const server = start(['up', '--data', data, '--port', '0', '--json', '--allow-base-urls', '--no-scheduler']);
    const end = ended(server);
    const { api, pid } = JSON.parse(await firstLine(server)) as { api: string; pid: number };
    expect(pid).toBe(server.pid);
    expect((await fetch(`${api}/healthz`)).status).toBe(200);
    expect(statSync(join(data, 'server.json')).mode & 0o077).toBe(0);

    const connected = json<object>(await run([...connectArgs(data), '--json']));
    const plain = json<object>(await run(['connections', 'check', 'acme', '--data', data, '--json']));
    expect(Object.keys(plain)).toEqual(Object.keys(connected));
    const record = json<{ status: string; rows: number }>(await run(['sync', 'acme', '--data', data, '--json']));
    expect(record.status).toBe('done');
    expect(record.rows).toBeGreaterThan(60);
    const users = json<{ result_count: number }>(await run(['users', '--data', data, '--json']));
    expect(users.result_count).toBe(64);

    const { secret } = json<{ secret: string }>(await run(['keys', 'create', 'reader', '--data', data, '--json']));
    const answer = await fetch(`${api}/unified/user-directory/users?limit=1`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(answer.status).toBe(200);
    json(await run(['connections', 'set', 'acme', '--tag', 'x', '--data', data, '--json']));
    json(await run(['connections', 'pause', 'acme', '--data', data, '--json']));
    expect(json(await run(['vault', 'rotate', '--data', data, '--json']))).toEqual({ resealed: 1, keys: 2 });
    const second = await run(['up', '--data', data, '--port', '0']);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(`Process ${pid}`) });

    const startedAt = performance.now();
    server.kill('SIGTERM');
    expect((await end).code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(existsSync(join(data, 'server.json'))).toBe(false);
  }, 60_000);

  test('a server that was killed leaves nothing that stops the next command', async () => {
    const server = start(['up', '--data', data, '--port', '0', '--json']);
    const end = ended(server);
    await firstLine(server);
    server.kill('SIGKILL');
    await end;
    json(await run(['connections', 'resume', 'acme', '--data', data, '--json']));
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.log('skipped: the server with TLS (no openssl to make a certificate with)');

test.skipIf(!hasOpenssl)('commands beside a server with TLS trust its certificate, and that one alone', async () => {
  const data = folder('tls');
  const [cert, key] = [join(scratch, 'cert.pem'), join(scratch, 'key.pem')];
  const subject = ['-subj', '/CN=gateway.example', '-days', '2'];
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
  const server = start(['up', '--data', data, '--port', '0', '--json', '--tls-cert', cert, '--tls-key', key]);
  const end = ended(server);
  const { api } = JSON.parse(await firstLine(server)) as { api: string };
  expect(api).toMatch(/^https:/);
  const swapped = await run(['up', '--data', folder('swapped'), '--port', '0', '--tls-cert', cert, '--tls-key', cert]);
  expect(swapped).toMatchObject({ code: 64, stderr: expect.stringMatching(/do not belong together/) });
  json(await run(['keys', 'create', 'reader', '--data', data, '--json']));
  await expect(fetch(`${api}/healthz`)).rejects.toThrow();
  const info = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8')) as { certificate: string };
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
  const other = { ...info, certificate: readFileSync(cert, 'utf8') };
  writeFileSync(join(data, 'server.json'), JSON.stringify(other));
  expect((await run(['keys', 'create', 'reader', '--data', data])).code).toBe(1);
  server.kill('SIGTERM');
  expect((await end).code).toBe(0);
});

describe('for scripts', () => {
  test('emulate prints one line and ends with 0 on SIGINT', async () => {
    const child = start(['emulate', '--json', '--port', '0', '--people', '30', '--no-limits']);
    const end = ended(child);
    const ready = JSON.parse(await firstLine(child)) as Record<string, unknown>;
    const surfaces = ['events', 'product', 'scim'].flatMap((surface) => [`${surface}_token`, `${surface}_url`]);
    expect(Object.keys(ready).sort()).toEqual(
      ['control', ...surfaces, 'pid', 'region', 'reporting_token', 'url'].sort(),
    );
    expect(ready.pid).toBe(child.pid);
    const answer = await fetch(`${ready.url}/v1/account`, {
      headers: { authorization: `Bearer ${ready.reporting_token}` },
    });
    expect(answer.status).toBe(200);
    const asked = (url: string, token: unknown) => fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect((await asked(`${ready.events_url}/event_types`, ready.events_token)).status).toBe(200);
    expect((await asked(`${ready.scim_url}/Users?count=1`, ready.scim_token)).status).toBe(200);
    expect((await fetch(String(ready.control))).status).toBe(200);
    child.kill('SIGINT');
    expect((await end).code).toBe(0);
  });

  test('demo prints one line when all is mirrored, serves it, and leaves nothing behind', async () => {
    const child = start(['demo', '--json', '--port', '0', '--people', '60'], 'bin/foreknow.js');
    const end = ended(child);
    const ready = JSON.parse(await firstLine(child)) as Record<string, string>;
    expect(ready).toMatchObject({ pid: child.pid, connection_id: expect.stringMatching(/^con_/) });
    for (const key of ['api', 'token', 'emulator', 'emulator_control', 'reporting_token', 'operator_secret']) {
      expect(ready[key]).toBeTypeOf('string');
    }
    const headers = { authorization: `Bearer ${ready.token}` };
    const users = await fetch(`${ready.api}/unified/user-directory/users?limit=100`, { headers });
    expect(((await users.json()) as { result_count: number }).result_count).toBe(64);
    expect(existsSync(ready.data!)).toBe(true);
    const status = json<object[]>(await run(['status', '--data', ready.data!, '--json']));
    expect(status).toHaveLength(1);
    const synced = json<{ status: string }>(
      await run(['sync', 'halden-foods', '--level', 'directory', '--data', ready.data!, '--json']),
    );
    expect(synced.status).toBe('done');
    const acts = json<{ action: string }[]>(await run(['audit', '--data', ready.data!, '--json']));
    expect(acts.map(({ action }) => action)).toEqual(expect.arrayContaining(['connection.created', 'token.created']));
    child.kill('SIGTERM');
    expect((await end).code).toBe(0);
    expect(existsSync(ready.data!)).toBe(false);
  }, 60_000);

  test('the plan of a demo is approved by its operator, applied beside it and seen at KnowBe4, and undone again', async () => {
    const child = start(['demo', '--json', '--port', '0', '--people', '60'], 'bin/foreknow.js');
    const end = ended(child);
    const ready = JSON.parse(await firstLine(child)) as Record<'api' | 'token' | 'data' | 'plan_id', string> &
      Record<'operator' | 'operator_secret', string>;
    const at = ['--data', ready.data, '--json'];
    type Shown = { plan: { state: string; digest: string; counts: Record<string, number> } };
    type Begun = { person: { email: string } | null; action: string; state: string | null };
    const stepsOf = async (id: string) => json<Begun[]>(await run(['plans', 'steps', id, ...at]));
    const approve = async (id: string): Promise<number> => {
      const { plan } = json<Shown>(await run(['plans', 'show', id, ...at]));
      const proof = { name: ready.operator, secret: ready.operator_secret, code: null };
      const { status } = await fetch(`${ready.api}/api/v1/plans/${id}/approve`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ready.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ digest: plan.digest, steps: null, reason: null, operator: proof }),
      });
      return status;
    };
    const states = async (id: string) => new Set((await stepsOf(id)).map(({ state }) => state));

    const { plan } = json<Shown>(await run(['plans', 'show', ready.plan_id, ...at]));
    expect(plan).toMatchObject({ state: 'waiting', counts: { restore: 1, archive: 1 } });
    const steps = await stepsOf(ready.plan_id);
    const newcomer = steps.find(({ action }) => action === 'create')!.person!.email;
    expect((await run(['explain', newcomer, '--data', ready.data])).stdout).toContain(newcomer);
    expect(await approve(ready.plan_id)).toBe(200);
    expect((await run(['apply', ready.plan_id, ...at])).code).toBe(0);
    const seen = new Set(['verified']);
    await expect.poll(() => states(ready.plan_id), { timeout: 60_000, interval: 1000 }).toEqual(seen);
    const undo = JSON.parse((await run(['undo', ready.plan_id, ...at])).stdout) as { kind: string; steps: object[] };
    expect(undo).toMatchObject({ kind: 'undo', counts: { create: 0, restore: 1 } });
    child.kill('SIGTERM');
    expect((await end).code).toBe(0);
  }, 120_000);

  test('a stop that arrives twice, as from npm or a service manager, is one stop', async () => {
    const server = start(['up', '--data', folder('twice'), '--port', '0', '--json', '--no-scheduler']);
    const end = ended(server);
    await firstLine(server);
    // Two of one kind that wait at the same moment would arrive as one.
    server.kill('SIGTERM');
    server.kill('SIGINT');
    expect((await end).code).toBe(0);
  });

  test('a demo that is stopped while it starts ends with 0 and leaves nothing behind', async () => {
    const own = mkdtempSync(join(scratch, 'tmp-'));
    const child = start(['demo', '--port', '0', '--people', '300'], undefined, { TMPDIR: own });
    const end = ended(child);
    await new Promise<void>((resolve) => {
      createInterface({ input: child.stdout! }).on('line', (line) => line.includes('sandbox') && resolve());
    });
    child.kill('SIGTERM');
    expect((await end).code).toBe(0);
    expect(readdirSync(own)).toEqual([]);
  });
});

test('a demo whose output nobody reads any more ends with 0 and leaves nothing behind', async () => {
  const own = mkdtempSync(join(scratch, 'tmp-'));
  const child = start(['demo', '--port', '0', '--people', '60'], undefined, { TMPDIR: own });
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.stdout!.destroy();
  expect(await exited).toBe(0);
  expect(readdirSync(own)).toEqual([]);
});

test('a sync that is stopped with SIGINT ends with 1, and the next one goes on and is done', async () => {
  const data = folder('stopped');
  const slow = await startEmulator({ people: 60, seed: 11, limits: false, latencyMs: 150 });
  await run(connectArgs(data).map((word) => (word === emulator.url ? slow.url : word)));
  const child = start(['sync', 'acme', '--data', data, '--json']);
  const end = ended(child);
  await new Promise((resolve) => child.stderr!.once('data', resolve));
  child.kill('SIGINT');
  const stopped = await end;
  expect(stopped.code).toBe(1);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ status: 'interrupted' });
  expect(json(await run(['sync', 'acme', '--data', data, '--json']))).toMatchObject({ status: 'done' });
  await slow.close();
});

test('no secret was printed or is readable in a folder', () => {
  expect(printed).not.toContain(emulator.reportingToken);
  for (const name of ['plain', 'operate', 'served', 'refused', 'parked']) {
    for (const file of readdirSync(folder(name))) {
      expect(readFileSync(join(folder(name), file)).includes(emulator.reportingToken), `${name}/${file}`).toBe(false);
    }
  }
  expect(printed).not.toContain('not-a-token-of-this-account');
});
