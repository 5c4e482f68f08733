import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { recordDigest } from '../../src/sync/digest.ts';
import type { Change } from '../../src/sync/ports.ts';
import { applyChange, type Mirror } from '../../src/sync/replay.ts';
import { type AnyRecord, readStored } from '../../src/sync/rows.ts';
import type { RecordStream } from '../../src/wire/records.ts';

const CONNECTION = 'con_kill';
const KILLS = 50;
const DAY = 24 * 60 * 60 * 1000;
const script = fileURLToPath(new URL('./sync-process.ts', import.meta.url));

const streams: readonly RecordStream[] = [
  'account',
  'groups',
  'users',
  'phishing_campaigns',
  'security_tests',
  'recipients',
  'training_campaigns',
  'store_purchases',
  'policies',
  'enrollments',
];

/** Runs a sync in a child; kills it some time after it has written so many pages. Returns what it printed last, or `killed`. */
function syncProcess(
  emulator: Emulator,
  folder: string,
  killAfter: { pages: number; ms: number } | null,
): Promise<string> {
  const child = spawn(process.execPath, [script, folder, emulator.url, emulator.reportingToken, 'full'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  let seen = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    seen += 1;
    if (killAfter !== null && seen === killAfter.pages) setTimeout(() => child.kill('SIGKILL'), killAfter.ms);
  });
  return new Promise((resolve) =>
    child.on('close', (_code, signal) => resolve(signal === 'SIGKILL' ? 'killed' : last)),
  );
}

/** A small generator with a seed of its own (mulberry32), so that a failing run can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function mirrorOf(store: Store): Promise<Mirror> {
  const mirror: Mirror = new Map();
  for (const stream of streams) {
    const rows = new Map<string, Record<string, unknown>>();
    for (let after: string | null = null; ; ) {
      const page = await store.liveRows(CONNECTION, stream, after, 500);
      for (const { key, raw } of page)
        rows.set(key, readStored(stream, key, raw) as unknown as Record<string, unknown>);
      if (page.length < 500) break;
      after = page.at(-1)!.key;
    }
    mirror.set(stream, rows);
  }
  return mirror;
}

const digests = (mirror: Mirror) =>
  streams.map((stream) => [
    stream,
    [...(mirror.get(stream) ?? [])]
      .map(([key, record]) => `${key} ${recordDigest(record as unknown as AnyRecord)}`)
      .toSorted(),
  ]);

async function logOf(store: Store): Promise<readonly Change[]> {
  const log: Change[] = [];
  for (;;) {
    const page = await store.changes({ connectionIds: [CONNECTION], after: log.at(-1)?.seq ?? 0, limit: 1000 });
    log.push(...page);
    if (page.length < 1000) return log;
  }
}

async function withStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ folder });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What a sync that nobody disturbs makes of the account as it is. */
async function undisturbed(emulator: Emulator): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-whole-'));
  try {
    expect(await syncProcess(emulator, folder, null)).toBe('done');
    return await withStore(folder, async (store) => digests(await mirrorOf(store)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test(`killed ${KILLS} times at random and begun again: the same mirror, and a log without gaps or doubles`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-kill-'));
  const emulator = await startEmulator({ people: 25, maxPerPage: 20, limits: false });
  const random = randomFrom(20_261_121);
  /** A sync that ends before its time to die is no kill; the next one is tried. */
  const kill = async () => {
    for (;;) {
      const point = { pages: 1 + Math.floor(random() * 50), ms: Math.floor(random() * 6) };
      if ((await syncProcess(emulator, folder, point)) === 'killed') return;
    }
  };
  try {
    for (let round = 0; round < KILLS / 2; round += 1) await kill();
    expect(await syncProcess(emulator, folder, null)).toBe('done');
    const { before, seq } = await withStore(folder, async (store) => {
      const log = await logOf(store);
      expect(log.map((change) => change.kind)).toEqual(streams.map(() => 'baseline'));
      return { before: await mirrorOf(store), seq: await store.lastChangeSeq() };
    });
    expect(digests(before)).toEqual(await undisturbed(emulator));

    for (let round = 0; round < KILLS / 2; round += 1) {
      emulator.advance(2 * DAY);
      await kill();
    }
    for (let pass = 0; pass < 3; pass += 1) expect(await syncProcess(emulator, folder, null)).toMatch('done');
    await withStore(folder, async (store) => {
      const now = await mirrorOf(store);
      expect(digests(now)).toEqual(await undisturbed(emulator));
      const log = await logOf(store);
      const later = log.filter((change) => change.seq > seq);
      expect(later.length).toBeGreaterThan(50);
      for (const change of later) applyChange(before, change);
      expect(digests(before)).toEqual(digests(now));
      const told = later.map(({ kind, key, current, previous }) => JSON.stringify([kind, key, current, previous]));
      const stepsTwice = told.filter((text, place) => told[place - 1] === text);
      expect(stepsTwice).toEqual([]);
    });
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 180_000);
