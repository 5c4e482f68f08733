import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'src/main/bin.ts');
const folder = mkdtempSync(join(tmpdir(), 'foreknow-config-'));
const children = new Set<ChildProcess>();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ people: 20, limits: false });
  writeFileSync(join(folder, 'token'), `${emulator.reportingToken}\n`);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const options = (env: Record<string, string> = {}) => ({
  cwd: folder,
  encoding: 'utf8' as const,
  env: { PATH: process.env.PATH!, HOME: folder, ...env },
});

const run = (args: readonly string[], env?: Record<string, string>) =>
  spawnSync(process.execPath, [bin, ...args], options(env));

const fileOf = (more = ''): string => `version: 1
server: { listen: 127.0.0.1:0, allow_base_urls: true, health: 127.0.0.1:0 }
store: { kind: embedded, path: ./store }
sync: { scheduled: false }
connections:
  - name: acme
    region: us
    tags: [prod]
    reporting: { token: { file: ./token }, url: ${emulator.url} }
${more}`;

/** A server, ready; everything it has said so far. */
async function up(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bin, 'up', '--json', ...args], { ...options(env), stdio: 'pipe' });
  children.add(child);
  let log = '';
  child.stderr.on('data', (text) => {
    log += text;
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error(log)));
  });
  const stop = () =>
    new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
  return { ready: JSON.parse(line) as { api: string; data: string }, stop, log: () => log };
}

test('a server that begins with other settings than the last one is in the audit log, with their names', async () => {
  const started = async (more: string) => {
    writeFileSync(join(folder, 'audited.yaml'), fileOf(more).replace('./store', './audited'));
    expect(await (await up(['--config', 'audited.yaml'])).stop()).toBe(0);
    const args = ['audit', '--data', 'audited', '--action', 'configuration.changed', '--json'];
    return JSON.parse(run(args).stdout) as { details: { role: string; changed: string[] }; actor: { kind: string } }[];
  };
  const first = await started('');
  expect(first).toMatchObject([{ actor: { kind: 'operator' }, details: { role: 'all' } }]);
  expect(first[0]!.details.changed).toContain('server.allow_base_urls');
  expect(await started('')).toHaveLength(1);
  const [, second] = await started('webhooks: { allow: [hooks.corp.example] }\nmetrics: { listen: 127.0.0.1:0 }\n');
  expect(second!.details.changed).toEqual(['metrics.listen', 'webhooks.allow']);
});

test('a server takes everything from its file: connections are made, then left as they are', async () => {
  writeFileSync(join(folder, 'gateway.yaml'), fileOf());
  const first = await up(['--config', 'gateway.yaml']);
  expect(first.ready.data).toBe(join(folder, 'store'));
  expect((await fetch(`${first.ready.api}/readyz`)).status).toBe(200);
  expect(await first.stop()).toBe(0);
  const told = first
    .log()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(told).toContainEqual(
    expect.objectContaining({ level: 'info', msg: 'Connection acme was made from the configuration file.' }),
  );
  expect(first.log()).not.toContain(emulator.reportingToken);
  const listed = run(['connections', 'list', '--json', '--data', 'store']);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'acme', tags: ['prod'] }]);

  emulator.resetRequests();
  const second = await up([], { FOREKNOW_CONFIG: 'gateway.yaml' });
  expect(await second.stop()).toBe(0);
  expect(second.log()).not.toContain('configuration file');
  expect(emulator.requests().total).toBe(0);
});

test('flags beat the environment, which beats the file, which beats the defaults', () => {
  writeFileSync(join(folder, 'gateway.yaml'), fileOf('log: { level: error, format: json }\n'));
  const check = (env: Record<string, string> = {}) =>
    JSON.parse(run(['config', 'check', '--json', '--config', 'gateway.yaml'], env).stdout);
  expect(check()).toMatchObject({
    store: { folder: join(folder, 'store') },
    log: { level: 'error', format: 'json' },
    connections: [{ name: 'acme', reporting_token: { file: join(folder, 'token') } }],
  });
  expect(check({ FOREKNOW_DATA: '/elsewhere', FOREKNOW_LOG: 'pretty,debug', FOREKNOW_VAULT_KEYS: 'k' })).toMatchObject({
    store: { folder: '/elsewhere' },
    log: { level: 'debug', format: 'pretty' },
    vault_keys: { env: 'FOREKNOW_VAULT_KEYS' },
  });
  expect(check({ HTTPS_PROXY: 'http://user:word@proxy.example:3128' }).egress).toEqual({
    proxy: 'http://***@proxy.example:3128',
  });
});

test('a check tells every problem with its line and no secret; a server with such a file does not start', () => {
  writeFileSync(
    join(folder, 'gateway.yaml'),
    fileOf('    moods: auto\nvault: { key: { env: NOT_SET } }\ntelemetry: { endpoint: 7 }\n').replace(
      '{ file: ./token }',
      'literal-canary-token',
    ),
  );
  for (const command of [['config', 'check'], ['up']]) {
    const { status, stdout, stderr } = run([...command, '--config', 'gateway.yaml']);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain('gateway.yaml has 4 problems');
    expect(stderr).toMatch(/\n {2}connections\[0\]\.reporting\.token is a secret.*\(line 9, column 25\)\n/);
    expect(stderr).toMatch(/\n {2}connections\[0\]\.moods is not known; .*\(line 10, column 5\)\n/);
    expect(stderr).toMatch(/\n {2}vault\.key names NOT_SET, which is not set \(line 11, column 15\)\n/);
    expect(stderr).toMatch(/\n {2}telemetry\.endpoint must be .*\(line 12, column 24\)\n/);
    expect(stderr).not.toContain('canary');
  }
});

test('the schema for editors is the one in the documents', () => {
  const { stdout } = run(['config', 'schema']);
  expect(JSON.parse(readFileSync(join(root, 'docs/foreknow.schema.json'), 'utf8'))).toEqual(JSON.parse(stdout));
});
