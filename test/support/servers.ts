import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly ms: number };
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: never };

/** A `foreknow` process of its own. */
export type Process = {
  readonly child: ChildProcess;
  /** What it wrote on stderr so far. */
  readonly log: () => string;
  /** What it said when it was ready. */
  readonly api: string | null;
  kill(signal: NodeJS.Signals): void;
  /** How it ended, and how long after the last `kill`. */
  readonly ended: Promise<Ended>;
};

/** Starts processes of this checkout, and ends what is left of them. */
export function processes(folder: string, env: Readonly<Record<string, string>> = {}) {
  const children = new Set<ChildProcess>();

  const start = (args: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [join(root, 'src/main/bin.ts'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };

  return {
    start,
    /** Resolves when `foreknow up` says that it is ready. */
    async up(args: readonly string[]): Promise<Process> {
      const child = start(['up', '--json', '--data', folder, ...args]);
      let log = '';
      let killedAt = 0;
      child.stderr!.on('data', (text: Buffer) => {
        log += text.toString();
      });
      const ended = new Promise<Ended>((resolve) =>
        child.once('exit', (code, signal) => resolve({ code, signal, ms: Date.now() - killedAt })),
      );
      const ready = new Promise<string>((resolve, reject) => {
        createInterface({ input: child.stdout! }).once('line', resolve);
        void ended.then(({ code }) => reject(new Error(`ended with ${code} before it was ready: ${log}`)));
      });
      const { api } = JSON.parse(await ready) as { api: string | null };
      const kill = (signal: NodeJS.Signals) => {
        killedAt = Date.now();
        child.kill(signal);
      };
      return { child, api, ended, kill, log: () => log };
    },
    /** Runs a command to its end. */
    run: (args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        const child = start([...args, '--data', folder]);
        let stdout = '';
        let stderr = '';
        child.stdout!.on('data', (text: Buffer) => {
          stdout += text.toString();
        });
        child.stderr!.on('data', (text: Buffer) => {
          stderr += text.toString();
        });
        child.once('close', (code) => resolve({ code, stdout, stderr }));
      }),
    async end(): Promise<void> {
      const left = [...children];
      for (const child of left) child.kill('SIGKILL');
      await Promise.all(left.map((child) => new Promise((resolve) => child.once('close', resolve))));
    },
  };
}

/** Calls the API of a process. */
export const caller =
  (api: string, token: string) =>
  async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(`${api}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
  };

export type Call = ReturnType<typeof caller>;

/** A port that is free now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
