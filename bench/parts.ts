/** What the parts of the bench share: processes of their own, folders that go at the end, medians. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Started<T> = {
  readonly child: ChildProcess;
  /** The first line it printed, as JSON. */
  readonly first: T;
  readonly ended: Promise<void>;
};

export const scale = process.argv.includes('--small') ? 0.1 : 1;
const folder = mkdtempSync(join(tmpdir(), 'foreknow-bench-'));
const children = new Set<ChildProcess>();
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const say = (text: string): void => void process.stderr.write(`${text}\n`);
export const round = (value: number): number => Math.round(value * 100) / 100;
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

let serial = 0;
/** A path that nothing has been written to yet. */
export const fresh = (name: string): string => {
  serial += 1;
  return join(folder, `${name}-${serial}`);
};

/** Starts a part and gives the first line it prints. A line on its stdin is a signal where the part says so. */
export function start<T>(name: string, args: readonly (string | number)[]): Promise<Started<T>> {
  const child = spawn(process.execPath, [path(name), ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve(void children.delete(child))));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (line) =>
      resolve({ child, first: JSON.parse(line) as T, ended }),
    );
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code} before it printed anything`)));
  });
}

/** Runs a part to its end. */
export async function measure<T>(name: string, args: readonly (string | number)[]): Promise<T> {
  const { first, ended } = await start<T>(name, args);
  await ended;
  return first;
}

export async function stop({ child, ended }: Started<unknown>): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}

export type Emulated = {
  readonly url: string;
  /** Token of each account. */
  readonly tokens: readonly string[];
};

/** An emulator without limits, for as long as the work takes. */
export async function withEmulator<T>(
  size: {
    readonly people: number;
    readonly enrollments: number;
    readonly latencyMs: number;
    readonly accounts?: number;
  },
  work: (emulator: Emulated) => Promise<T>,
): Promise<T> {
  const { people, enrollments, latencyMs, accounts = 1 } = size;
  const started = await start<Emulated>('emulator-process.ts', [people, enrollments, latencyMs, accounts]);
  try {
    return await work(started.first);
  } finally {
    await stop(started);
  }
}

/** Ends what is left and removes what was written. */
export function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
