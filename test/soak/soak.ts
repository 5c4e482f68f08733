import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Profile } from '../../src/emulator/index.ts';
import type { SeedResult } from './seed.ts';
import type { StoreKind } from './stores.ts';
import type { Order } from './worker.ts';

export type SoakOptions = {
  readonly from: number;
  readonly seeds: number;
  /** No seed is begun after so long, ms. */
  readonly forMs: number;
  readonly store: StoreKind;
  readonly profile?: Profile | undefined;
  readonly steps?: readonly number[] | null;
  readonly workers?: number;
  /** Begin no more seeds after a failure. */
  readonly bail?: boolean;
  /** Make failures smaller before they are told; default true. */
  readonly shrinks?: boolean;
  readonly onFailure?: (told: string) => void;
  /** Told the figures so far every ten seconds. */
  readonly onProgress?: (figures: SoakFigures) => void;
};

export type SoakFigures = {
  readonly seeds: number;
  readonly failed: readonly number[];
  readonly store: StoreKind;
  readonly requests: number;
  readonly syncs: number;
  readonly changes: number;
  readonly lossesChecked: number;
  readonly holdsDecided: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly seconds: number;
};

/** Stories that one process plays at a time: while one waits for its writer, another goes on. */
const AT_ONCE = 3;
const PROGRESS_MS = 10_000;

/** Plays stories in a process for each core until all seeds or the time are used up. */
export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const {
    from,
    seeds,
    forMs,
    store,
    profile,
    steps = null,
    workers = cpus().length,
    bail = false,
    shrinks = true,
  } = options;
  const begun = performance.now();
  const results: SeedResult[] = [];
  let next = from;
  const order = (): Order | null => {
    const isOver = bail && results.some(({ findings }) => findings.length > 0);
    if (isOver || next >= from + seeds || performance.now() - begun >= forMs) return null;
    next += 1;
    return { seed: next - 1, profile, steps, shrinks };
  };
  const playing = Array.from({ length: Math.min(workers, seeds) }, () =>
    inProcess(store, order, (result) => {
      results.push(result);
      if (result.told !== null) options.onFailure?.(result.told);
    }),
  );
  const figures = () => figuresOf(results, store, (performance.now() - begun) / 1000);
  const telling = setInterval(() => options.onProgress?.(figures()), PROGRESS_MS);
  try {
    await Promise.all(playing);
  } finally {
    clearInterval(telling);
  }
  return figures();
}

/** Keeps one process busy until there are no more orders. */
function inProcess(store: StoreKind, order: () => Order | null, onResult: (result: SeedResult) => void): Promise<void> {
  const worker = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [store]);
  let open = 0;
  const send = () => {
    const next = order();
    if (next === null) return;
    open += 1;
    worker.send(next);
  };
  return new Promise((resolve, reject) => {
    worker.on('message', (result) => {
      open -= 1;
      onResult(result as SeedResult);
      send();
      if (open === 0) worker.disconnect();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0 && open === 0) resolve();
      else reject(new Error(`a process of the soak ended with ${code} in the middle of ${open} seeds`));
    });
    for (let n = 0; n < AT_ONCE; n += 1) send();
    if (open === 0) worker.disconnect();
  });
}

function figuresOf(results: readonly SeedResult[], store: StoreKind, seconds: number): SoakFigures {
  const sum = (of: (result: SeedResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const faults: Record<string, number> = {};
  for (const { figures } of results) {
    for (const [kind, times] of Object.entries(figures.faults)) faults[kind] = (faults[kind] ?? 0) + times;
  }
  return {
    seeds: results.length,
    failed: results.filter(({ findings }) => findings.length > 0).map(({ seed }) => seed),
    store,
    requests: sum(({ figures }) => figures.requests),
    syncs: sum(({ figures }) => figures.syncs),
    changes: sum(({ figures }) => figures.changes),
    lossesChecked: sum(({ figures }) => figures.lossesChecked),
    holdsDecided: sum(({ figures }) => figures.holds),
    faults: Object.fromEntries(Object.entries(faults).toSorted(([one], [other]) => (one < other ? -1 : 1))),
    seconds: Math.round(seconds * 10) / 10,
  };
}
