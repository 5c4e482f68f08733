import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a process does. `all` is the product's own command on a data folder. */
export type Role = 'all' | 'api' | 'worker';

export type Where = {
  readonly folder: string;
  readonly databaseUrl: string | null;
  /** Configuration file of the product's own command; it lets webhooks go to the port. */
  readonly configFile: string;
  readonly webhookPort: number;
  /** Folder where compiled modules are kept, so that a process starts in half the time. */
  readonly compileCache: string;
};

/** A gateway process to be killed. */
export type Running = {
  readonly role: Role;
  /** Resolves with its address when it is ready (null: it has none); rejects when it ended before. */
  readonly ready: Promise<string | null>;
  /** Ends it at once, without any word. */
  kill(): Promise<void>;
  /** Asks it to end, as an operator does. Resolves with how long it took, ms. */
  stop(): Promise<number>;
};

const command = fileURLToPath(new URL('../../src/main/bin.ts', import.meta.url));
const script = fileURLToPath(new URL('./gateway-process.ts', import.meta.url));

/** Leases of processes that share a database: how long a dead one keeps its work from the others. */
const LEASE_MS = 2000;

export function startProcess(role: Role, where: Where): Running {
  const { folder, databaseUrl, configFile, webhookPort } = where;
  const args =
    role === 'all' && databaseUrl === null
      ? [command, 'up', '--data', folder, '--config', configFile, '--port', '0', '--json']
      : [script, JSON.stringify({ folder, databaseUrl, role, webhookPort, leaseMs: LEASE_MS })];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment(where) });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = readiness(child);
  // Whoever kills it while it starts does not wait for it.
  ready.catch(() => undefined);
  return {
    role,
    ready,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      const asked = performance.now();
      child.kill('SIGTERM');
      await ended;
      return performance.now() - asked;
    },
  };
}

/** Nothing of the caller's own settings. */
const environment = ({ compileCache }: Where) => ({
  ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
  ...{ FOREKNOW_LOG: 'warn', NODE_COMPILE_CACHE: compileCache },
});

const ERRORS_KEPT = 2000;

function readiness(child: ChildProcess): Promise<string | null> {
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-ERRORS_KEPT);
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) =>
      reject(new Error(`ended with ${signal ?? code} before it was ready: ${said}`)),
    );
    createInterface({ input: child.stdout! }).once('line', (line) => {
      try {
        resolve((JSON.parse(line) as { api?: string | null }).api ?? null);
      } catch {
        reject(new Error(`said ${line}`));
      }
    });
  });
}
