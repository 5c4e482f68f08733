import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createReportingClient, type ReportingClient } from '../client/client.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../emulator/index.ts';
import { openStore, type Store } from '../store/store.ts';
import type { RawRecord, RecordStream } from '../wire/records.ts';
import { decideHold } from './decide-hold.ts';
import type { SyncLevel } from './plan.ts';
import type { Change, ChangeKind, Hold, RunRecord } from './ports.ts';
import { applyChange, type Mirror } from './replay.ts';
import type { RiskRules } from './risk-notices.ts';
import { readStored } from './rows.ts';
import { type RunInput, runSync } from './run-sync.ts';
import type { StreamName } from './streams.ts';
import { differingRows, digestsOf, streamsOfTruth, truthOf } from './truth.contract.ts';

/** An emulated account, a real store in a folder of its own, and syncs between them, on a clock that the test moves. */
export type Lab = {
  readonly emulator: Emulator;
  store: Store;
  readonly folder: string;
  /** Moves the sync's clock on by ms; the emulated world has its own. */
  wait(ms: number): void;
  sync(level?: SyncLevel, options?: SyncOptions): Promise<RunRecord>;
  /** What a call beside a sync works with. */
  access(): { store: Store; client: ReportingClient; connectionId: string };
  changes(...kinds: ChangeKind[]): Promise<readonly Change[]>;
  openHolds(): Promise<readonly Hold[]>;
  decide(hold: Hold, decision: 'confirm' | 'dismiss'): Promise<Hold>;
  /** Closes the store and opens the folder again, as a new process would. */
  reopen(): Promise<void>;
};

export type SyncOptions = Partial<RunInput> & {
  readonly signal?: AbortSignal;
  readonly dropRecipientClient?: boolean;
  readonly token?: string;
  readonly riskRules?: RiskRules;
};

export const CONNECTION = 'con_lab';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** @param options.databaseUrl the store is this database in place of the folder's own */
export async function withLab(
  { databaseUrl, ...options }: EmulatorOptions & { readonly databaseUrl?: string },
  work: (lab: Lab) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-sync-'));
  const emulator = await startEmulator({ limits: false, ...options });
  const open = () => openStore({ folder, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  let store = await open();
  let time = emulator.now();
  let ids = 0;
  const now = () => time;
  const sleep = async () => undefined;
  const clientWith = (token: string) =>
    createReportingClient({ region: 'us', token, baseUrl: emulator.url, limits: 'none', retry: { tries: 2 }, sleep });
  const lab: Lab = {
    emulator,
    get store() {
      return store;
    },
    folder,
    wait: (ms) => {
      time += ms;
    },
    sync: (level = 'refresh', { signal, dropRecipientClient = false, token, riskRules, ...input } = {}) =>
      runSync(
        {
          store,
          client: clientWith(token ?? emulator.reportingToken),
          connectionId: CONNECTION,
          now,
          newId: (prefix) => {
            ids += 1;
            return `${prefix}_${ids}`;
          },
          signal,
          dropRecipientClient,
          timeZone: null,
          riskRules,
        },
        { level, trigger: 'manual', ...input },
      ),
    access: () => ({ store, client: clientWith(emulator.reportingToken), connectionId: CONNECTION }),
    changes: async (...kinds) => {
      const all: Change[] = [];
      for (let after = 0; ; after = all.at(-1)!.seq) {
        const query = { connectionIds: [CONNECTION], after, limit: 1000, ...(kinds.length > 0 ? { kinds } : {}) };
        const page = await store.changes(query);
        all.push(...page);
        if (page.length < 1000) return all;
      }
    },
    openHolds: async () => (await store.holds(CONNECTION)).filter((hold) => hold.state === 'open'),
    decide: (hold, decision) => decideHold({ store, connectionId: CONNECTION, now }, hold.id, decision, 'a test'),
    reopen: async () => {
      await store.close();
      store = await open();
    },
  };
  try {
    await work(lab);
  } finally {
    await store.close();
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every live row of the mirror as it was stored. */
export async function liveRows(lab: Lab, stream: RecordStream): Promise<Map<string, RawRecord>> {
  const rows = new Map<string, RawRecord>();
  for (let after: string | null = null; ; ) {
    const page = await lab.store.liveRows(CONNECTION, stream, after, 500);
    for (const { key, raw } of page) rows.set(key, raw);
    if (page.length < 500) return rows;
    after = page.at(-1)!.key;
  }
}

/** Fails unless the mirror holds the account record for record. A key that KnowBe4 did not send is not compared. */
export async function expectMirrorIsTruth(lab: Lab, streams = streamsOfTruth): Promise<void> {
  const truth = lab.emulator.truth();
  for (const stream of streams) {
    const mirrored = await liveRows(lab, stream);
    const expected = truthOf(truth, stream);
    expect([...mirrored.keys()].toSorted(), stream).toEqual([...expected.keys()].toSorted());
    const differing = differingRows(stream, mirrored, expected);
    expect(differing.slice(0, 3), `${differing.length} rows of ${stream} differ`).toEqual([]);
  }
}

/** The mirror as records, for replaying a log onto it. */
export async function snapshot(lab: Lab): Promise<Mirror> {
  const mirror: Mirror = new Map();
  for (const stream of streamsOfTruth) {
    const rows = [...(await liveRows(lab, stream))].map(
      ([key, raw]) => [key, readStored(stream, key, raw) as unknown as Record<string, unknown>] as const,
    );
    mirror.set(stream, new Map(rows));
  }
  return mirror;
}

/** Fails unless `before` with the log's changes after `seq` is the mirror as it is. */
export async function expectReplayIsMirror(lab: Lab, before: Mirror, seq: number): Promise<void> {
  for (const change of await lab.changes()) if (change.seq > seq) applyChange(before, change);
  expect(digestsOf(before)).toEqual(digestsOf(await snapshot(lab)));
}

export const statusOf = (run: RunRecord, stream: StreamName): string | undefined =>
  run.streams.find((item) => item.stream === stream)?.status;
