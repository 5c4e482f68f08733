import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { blankDatabase } from '../../src/store/contract/test-database.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'foreknow-deploy-'));
const children = new Set<ChildProcess>();

type Step = { readonly word: string; readonly rest: string };

/** The steps of each stage, in order. */
function stagesOf(containerfile: string): readonly (readonly Step[])[] {
  const lines = containerfile
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const stages: Step[][] = [];
  for (const line of lines) {
    const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (word === 'FROM') stages.push([]);
    stages.at(-1)!.push({ word, rest });
  }
  return stages;
}

const [build, final] = stagesOf(read('Containerfile')) as [readonly Step[], readonly Step[]];
const only = (steps: readonly Step[], word: string): string => steps.find((step) => step.word === word)!.rest;
const json = (text: string): string[] => JSON.parse(text) as string[];

const image = join(scratch, 'image');
const source = join(scratch, 'source');
const node = join(image, 'usr/local/bin/node');
const isRoot = process.getuid?.() === 0;
/** The user of the image, where this process may become it. */
const user = isRoot ? { uid: 10001, gid: 10001 } : {};

/** `COPY A B DIR/` as the engine does it: folders by their content, files by name. */
function copy(rest: string, from: string, to: string, workdir: string): void {
  const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
  const target = words.pop()!;
  const into = join(to, workdir, target);
  for (const word of words) {
    const path = join(from, word);
    if (statSync(path).isDirectory()) {
      mkdirSync(into, { recursive: true });
      execFileSync('cp', ['-r', `${path}/.`, into]);
    } else {
      const file = target.endsWith('/') || words.length > 1 ? join(into, basename(word)) : into;
      mkdirSync(dirname(file), { recursive: true });
      copyFileSync(path, file);
    }
  }
}

/** What `npm prune --omit=dev` leaves of the packages that are installed here: those that the lock does not call `dev`. */
function productionModules(target: string): void {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: true }> };
  for (const [path, { dev }] of Object.entries(packages)) {
    const from = join(root, path);
    if (path === '' || dev || !existsSync(from)) continue;
    const filter = (one: string) => one === from || basename(one) !== 'node_modules';
    cpSync(from, join(target, path), { recursive: true, filter });
  }
}

/** The steps of the file, with the packages of this checkout in place of what `npm ci` would fetch. */
function runBuildStage(): void {
  const skipped = ['npm ci --no-audit --no-fund', 'npm prune --omit=dev --no-audit --no-fund'];
  mkdirSync(source, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
  for (const { word, rest } of build) {
    if (word === 'COPY') copy(rest, root, source, '');
    if (word !== 'RUN' || skipped.includes(rest)) continue;
    execFileSync('sh', ['-c', rest], { cwd: source, stdio: ['ignore', 'pipe', 'pipe'] });
  }
  rmSync(join(source, 'node_modules'));
  productionModules(source);
}

function runFinalStage(): void {
  const workdir = only(final, 'WORKDIR');
  for (const { word, rest } of final) {
    if (word !== 'COPY') continue;
    const staged = rest.startsWith('--from=build ');
    copy(staged ? rest.replaceAll(`${only(build, 'WORKDIR')}/`, '') : rest, staged ? source : root, image, workdir);
  }
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  mkdirSync(join(scratch, 'data'));
  if (isRoot) chownSync(join(scratch, 'data'), 10001, 10001);
  chmodSync(scratch, 0o755);
  execFileSync('chmod', ['-R', 'a-w,a+rX', image]);
}

/** The environment of the container, with its paths below our folder and nothing of this process's. */
const environment = () => ({
  PATH: `${dirname(node)}:/usr/bin:/bin`,
  ...Object.fromEntries(
    only(final, 'ENV')
      .split(' ')
      .map((pair) => pair.split('=') as [string, string]),
  ),
  FOREKNOW_DATA: join(scratch, 'data'),
});

const inImage = (path: string): string => (path.startsWith('/app/') ? join(image, path) : path);

beforeAll(() => {
  runBuildStage();
  runFinalStage();
}, 300_000);

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  execFileSync('chmod', ['-R', 'u+w', scratch]);
  rmSync(scratch, { recursive: true, force: true });
});

/** A port of the file replaced by a free one: several tests may run on one machine. */
const freePort = async (): Promise<string> => {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return String(port);
};

/** The image's command with these words, when it says that it is ready. */
async function started(words: readonly string[], env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(node, [join(image, 'app/bin/foreknow.js'), ...words, '--json'], {
    cwd: join(image, 'app'),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  children.add(child);
  let log = '';
  child.stderr.on('data', (text) => {
    log += text;
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('exit', () => reject(new Error(log)));
  });
  return child;
}

/** What the image's own check of its health ends with, on another port. */
function healthy(port: string): number | null {
  const [, check = ''] = /CMD (\[.*\])$/.exec(only(final, 'HEALTHCHECK')) ?? [];
  const [program, ...words] = json(check.replaceAll('8081', port));
  expect(program).toBe('node');
  return spawnSync(node, words, { env: environment(), ...user }).status;
}

describe('the container file', () => {
  test('nothing is copied that the ignore file keeps from the engine, and nothing else is let through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...build, ...final]
      .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
    expect(new Set(copied)).toEqual(new Set(allowed));
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('the server runs as a user without rights on a tree it cannot write, is found healthy, and stops when asked', async () => {
    expect(only(final, 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const health = await freePort();
    const command = [...json(only(final, 'ENTRYPOINT')), ...json(only(final, 'CMD'))].map(inImage);
    const [, ...args] = command.map((word) => (word === '8081' ? health : word));
    expect(args[0]).toBe(join(image, 'app/bin/foreknow.js'));
    const child = await started([...args.slice(1), '--port', '0'], environment());
    if (isRoot) expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^Uid:\s+10001\s/m);

    expect(healthy(health)).toBe(0);
    const stopped = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const began = performance.now();
    child.kill(only(final, 'STOPSIGNAL') as NodeJS.Signals);
    expect(await stopped).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(healthy(health)).toBe(1);
    expect(existsSync(join(scratch, 'data/foreknow.db'))).toBe(true);
  });

  test('everything a command needs is in the image: each of them starts', () => {
    for (const args of [['--version'], ['config', 'check'], ['config', 'schema'], ['keys', 'list', '--json']]) {
      const done = spawnSync(node, [join(image, 'app/bin/foreknow.js'), ...args], {
        cwd: '/',
        env: environment(),
        encoding: 'utf8',
        ...user,
      });
      expect({ args, status: done.status, stderr: done.stderr }).toMatchObject({ status: 0 });
    }
  });
});

type Service = {
  command?: string[];
  user?: string;
  read_only?: boolean;
  tmpfs?: string[];
  secrets?: string[];
  cap_drop?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  build?: { context: string; dockerfile: string };
  depends_on?: Record<string, { condition: string }>;
};
type Compose = {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  configs: Record<string, { file: string }>;
};
const compose = parse(read('deploy/compose.yaml'), { merge: true }) as Compose;
const ours = Object.entries(compose.services).filter(([name]) => name !== 'postgres');

/** Options that a command of the program takes. */
const optionsOf = (command: string): string =>
  spawnSync(node, [join(image, 'app/bin/foreknow.js'), command, '--help'], { encoding: 'utf8', env: environment() })
    .stdout;

const flagsOf = (words: readonly string[]): string[] => words.filter((word) => word.startsWith('--'));

describe('the compose file', () => {
  test('every service has a root file system it cannot write, and ours no rights', () => {
    expect(ours.map(([name]) => name).toSorted()).toEqual(['api', 'worker']);
    for (const [name, service] of Object.entries(compose.services)) {
      expect(service, name).toMatchObject({ read_only: true, tmpfs: expect.anything() });
    }
    for (const [name, service] of ours) {
      expect(service, name).toMatchObject({ user: only(final, 'USER').trim(), cap_drop: ['ALL'] });
      expect(service.depends_on, name).toEqual({ postgres: { condition: 'service_healthy' } });
      expect(existsSync(join(root, 'deploy', service.build!.context, service.build!.dockerfile))).toBe(true);
    }
    expect(compose.services.postgres!.healthcheck?.test.join(' ')).toContain('pg_isready --host=127.0.0.1 ');
  });

  test('every option of a command is one that the command takes', () => {
    for (const [, { command }] of ours) {
      const known = optionsOf(command![0]!);
      for (const flag of flagsOf(command!)) expect(known).toContain(`${flag} `);
    }
    const known = optionsOf('up');
    for (const flag of flagsOf(json(only(final, 'CMD')))) expect(known).toContain(`${flag} `);
  });

  test('the configuration that it mounts is valid once its secrets are there, and names those that it gets', () => {
    const text = readFileSync(join(root, 'deploy', compose.configs.foreknow!.file), 'utf8');
    const named = [...text.matchAll(/^[^#\n]*\/run\/secrets\/(\w+)/gm)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) {
      expect(Object.keys(compose.secrets)).toContain(name);
      for (const [, service] of ours) expect(service.secrets).toContain(name);
    }
    const folder = join(scratch, 'secrets');
    mkdirSync(folder);
    writeFileSync(join(folder, 'database_url'), 'postgresql://foreknow:word@postgres:5432/foreknow');
    writeFileSync(join(folder, 'vault_key'), Buffer.alloc(32, 1).toString('base64url'));
    writeFileSync(join(folder, 'foreknow.yaml'), text.replaceAll('/run/secrets/', `${folder}/`));
    const check = () =>
      spawnSync(node, [join(image, 'app/bin/foreknow.js'), 'config', 'check', '--json'], {
        env: { ...environment(), FOREKNOW_CONFIG: join(folder, 'foreknow.yaml') },
        encoding: 'utf8',
      });
    expect(JSON.parse(check().stdout)).toMatchObject({
      store: { database_url: { file: join(folder, 'database_url') } },
    });
    rmSync(join(folder, 'vault_key'));
    expect(check()).toMatchObject({ status: 64, stderr: expect.stringContaining('vault.key') });
  });
});

test('both services start on an empty Postgres, are found healthy, and stop when asked', async () => {
  const database = await blankDatabase();
  const folder = join(scratch, 'services');
  mkdirSync(folder);
  const text = readFileSync(join(root, 'deploy', compose.configs.foreknow!.file), 'utf8');
  writeFileSync(join(folder, 'database_url'), database.url);
  writeFileSync(join(folder, 'vault_key'), Buffer.alloc(32, 1).toString('base64url'));
  writeFileSync(join(folder, 'foreknow.yaml'), text.replaceAll('/run/secrets/', `${folder}/`));
  const running = await Promise.all(
    ours.map(async ([name, service]) => {
      const health = await freePort();
      const data = join(folder, name);
      mkdirSync(data);
      if (isRoot) chownSync(data, 10001, 10001);
      const env = { ...environment(), ...service.environment, FOREKNOW_CONFIG: join(folder, 'foreknow.yaml') };
      const words = service.command!.map((word) => word.replace('8081', health).replace('0.0.0.0', '127.0.0.1'));
      const port = words.includes('api') ? ['--port', '0'] : [];
      const child = await started([...words, ...port], { ...env, FOREKNOW_DATA: data });
      expect(healthy(health), name).toBe(0);
      return { name, child, health };
    }),
  );
  for (const { name, child, health } of running) {
    const stopped = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await stopped, name).toBe(0);
    expect(healthy(health), name).toBe(1);
  }
  await database.remove();
}, 60_000);

describe('the systemd unit', () => {
  const unit = read('deploy/foreknow.service');
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

  test('it starts a command that there is, with options that it takes', () => {
    const [program, command, ...rest] = value('ExecStart').split(' ');
    expect(basename(program!)).toBe(Object.keys(JSON.parse(read('package.json')).bin)[0]);
    const known = optionsOf(command!);
    for (const flag of flagsOf(rest)) expect(known).toContain(`${flag} `);
    expect(value('Environment')).toContain(`FOREKNOW_DATA=/var/lib/${value('StateDirectory')}`);
  });

  test('it may write its own folder alone, and is given longer to stop than the server takes', () => {
    expect({ user: value('DynamicUser'), system: value('ProtectSystem'), mode: value('StateDirectoryMode') }).toEqual({
      user: 'yes',
      system: 'strict',
      mode: '0700',
    });
    expect(Number(value('TimeoutStopSec'))).toBeGreaterThan(10);
    expect(value('Restart')).toBe('on-failure');
  });

  test('a configuration that is wrong is not tried again and again', () => {
    const wrong = spawnSync(node, [join(image, 'app/bin/foreknow.js'), 'up', '--config', '/nowhere.yaml'], {
      env: environment(),
    });
    expect(String(wrong.status)).toBe(value('RestartPreventExitStatus'));
  });

  test('systemd understands every line, where it is installed; else each is a setting of a section', () => {
    const copyOf = join(scratch, 'foreknow.service');
    writeFileSync(copyOf, unit.replace('/usr/local/bin/foreknow', node));
    const done = spawnSync('systemd-analyze', ['verify', copyOf], { encoding: 'utf8' });
    if (done.error === undefined)
      expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: '' });
    const lines = unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^(\[(Unit|Service|Install)\]|[A-Z][A-Za-z]+=.*)$/);
  });
});
