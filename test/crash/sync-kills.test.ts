import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { streamsOfTruth } from '../../src/sync/truth.contract.ts';
import { changesSince, mirrorFindings, recordsOf, replayFindings, type Snapshots } from '../soak/checks.ts';
import { randomOf } from '../support/random.ts';
import { logFindings } from './log-findings.ts';

const CONNECTION = 'con_kill';
/** Of each half, in the first sync and in later ones; fewer where the machine is slow. */
const KILLS = 25;
const HALF_MS = 25_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const script = fileURLToPath(new URL('./sync-process.ts', import.meta.url));

/** Runs a sync in a child; kills it some time after it has written so many pages. Returns what it printed last, or `killed`. */
function syncProcess(emulator: Emulator, folder: string, killAfter: { pages: number; ms: number } | null) {
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
  return new Promise<string>((resolve) =>
    child.on('close', (_code, signal) => resolve(signal === 'SIGKILL' ? 'killed' : last)),
  );
}

async function repeated(kill: () => Promise<void>): Promise<void> {
  const until = performance.now() + HALF_MS;
  for (let kills = 0; kills < KILLS && (kills < 3 || performance.now() < until); kills += 1) await kill();
}

async function withStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ folder });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function snapshotsOf(store: Store): Promise<Snapshots> {
  const seq = await store.lastChangeSeq();
  const snapshots: Snapshots = new Map();
  for (const stream of streamsOfTruth) snapshots.set(stream, { seq, rows: await recordsOf(store, CONNECTION, stream) });
  return snapshots;
}

test('a sync killed again and again at some page: the account in the mirror, a log without gaps or doubles', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-kill-'));
  const emulator = await startEmulator({ people: 25, maxPerPage: 20, limits: false });
  const random = randomOf(20_261_121);
  /** A sync that ends before its time to die is no kill; the next one is tried. */
  const kill = async () => {
    for (;;) {
      const point = { pages: random.int(1, 50), ms: random.int(0, 5) };
      if ((await syncProcess(emulator, folder, point)) === 'killed') return;
    }
  };
  try {
    await repeated(kill);
    expect(await syncProcess(emulator, folder, null)).toBe('done');
    const snapshots = await withStore(folder, async (store) => {
      const log = await changesSince(store, CONNECTION, 0);
      expect(log.map((change) => change.kind)).toEqual(streamsOfTruth.map(() => 'baseline'));
      expect(await mirrorFindings(store, CONNECTION, emulator)).toEqual([]);
      return snapshotsOf(store);
    });
    await repeated(async () => {
      emulator.advance(2 * DAY_MS);
      await kill();
    });
    for (let pass = 0; pass < 3; pass += 1) expect(await syncProcess(emulator, folder, null)).toMatch('done');
    await withStore(folder, async (store) => {
      expect(await mirrorFindings(store, CONNECTION, emulator)).toEqual([]);
      expect(await replayFindings(store, CONNECTION, snapshots)).toEqual([]);
      expect(await logFindings(store)).toEqual([]);
      expect(await store.lastChangeSeq()).toBeGreaterThan(snapshots.get('users')!.seq);
    });
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 400_000);
