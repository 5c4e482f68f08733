import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';

const bin = fileURLToPath(new URL('../../src/main/bin.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'foreknow-backup-'));
const children = new Set<ChildProcess>();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ people: 30, enrollments: 60, limits: false });
  writeFileSync(join(folder, 'token'), emulator.reportingToken);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const options = (env: Record<string, string> = {}) => ({
  cwd: folder,
  env: { PATH: process.env.PATH!, HOME: folder, ...env },
});

type Ended = { status: number | null; stdout: string; stderr: string };

/** Not the kind of spawn that waits: the emulator answers from this process. */
async function run(args: readonly string[], env?: Record<string, string>): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], { ...options(env), stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { status, stdout, stderr };
}

async function up(data: string): Promise<() => Promise<number | null>> {
  const args = ['up', '--data', data, '--port', '0', '--json', '--no-scheduler', '--allow-base-urls'];
  const child = spawn(process.execPath, [bin, ...args], { ...options(), stdio: ['ignore', 'pipe', 'ignore'] });
  children.add(child);
  await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return () =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
}

const connect = () => {
  const name = ['--name', 'acme', '--region', emulator.region, '--data', 'first'];
  const free = ['--per-second', 'none', '--per-minute', 'none', '--per-day', 'none'];
  return run(['connect', ...name, '--reporting-token-file', 'token', '--reporting-url', emulator.url, ...free]);
};

test('a backup beside a running server becomes a server of its own, with its people, its keys and its log', async () => {
  expect(await connect()).toMatchObject({ status: 0 });
  const stop = await up('first');
  expect(await run(['sync', 'acme', '--data', 'first'])).toMatchObject({ status: 0 });
  const made = await run(['backup', 'copy.db', '--data', 'first', '--json']);
  const facts = JSON.parse(made.stdout);
  expect(facts).toMatchObject({ file: 'copy.db', key_file: false, connections: 1, secrets: 1 });
  expect(facts.sha256).toMatch(/^[\da-f]{64}$/);
  expect(statSync(join(folder, 'copy.db')).mode & 0o777).toBe(0o600);
  expect(await run(['backup', 'copy.db', '--data', 'first'])).toMatchObject({ status: 1 });
  expect(await run(['restore', 'copy.db', '--data', 'first'])).toMatchObject({ status: 1 });
  expect(await stop()).toBe(0);

  const bare = await run(['restore', 'copy.db', '--data', 'bare']);
  expect(bare.stdout).toContain('missing: put the vault.key of the backup into the folder');
  mkdirSync(join(folder, 'second'));
  copyFileSync(join(folder, 'first/vault.key'), join(folder, 'second/vault.key'));
  const restored = await run(['restore', 'copy.db', '--data', 'second', '--json']);
  expect(JSON.parse(restored.stdout)).toMatchObject({ data: 'second', key_file: true, last_change: facts.last_change });
  expect(restored.stderr).toContain(`seen more than change ${facts.last_change} must read the directory again`);

  const stopSecond = await up('second');
  const users = async (data: string) => JSON.parse((await run(['users', '--all', '--data', data, '--json'])).stdout);
  expect(await users('second')).toEqual(await users('first'));
  expect(await run(['sync', 'acme', '--data', 'second'])).toMatchObject({ status: 0 });
  expect(await stopSecond()).toBe(0);
  // Its readers are told: the log of the folder goes on with numbers that the first one never gives.
  const told = async (data: string) => {
    const { stdout } = await run(['events', '--types', 'connection.*', '--data', data, '--json']);
    return stdout.match(/connection\.store_restored/g)?.length ?? 0;
  };
  expect([await told('first'), await told('second')]).toEqual([0, 1]);
}, 240_000);

test('on Postgres both commands name the tool that does it there, without the password', async () => {
  const env = { FOREKNOW_DATABASE_URL: 'postgresql://gateway:pw-canary@db.example:5432/foreknow' };
  for (const command of ['backup', 'restore']) {
    const { status, stdout, stderr } = await run([command, 'x.db'], env);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain(
      'pg_dump --format=custom --file=foreknow.dump "postgresql://gateway@db.example:5432/foreknow"',
    );
    expect(stderr).not.toContain('pw-canary');
  }
  expect(existsSync(join(folder, 'x.db'))).toBe(false);
});
