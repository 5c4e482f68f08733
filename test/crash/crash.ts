import type { Store } from '../../src/store/store.ts';
import { streamsOfTruth } from '../../src/sync/truth.contract.ts';
import {
  changesSince,
  derivedFindings,
  goneIn,
  isLoss,
  mirrorFindings,
  recordsOf,
  replayFindings,
  type Snapshots,
  statusFindings,
} from '../soak/checks.ts';
import { type Random, randomOf } from '../support/random.ts';
import { type Answered, type Api, createApi } from './api.ts';
import { auditFindings } from './audit-findings.ts';
import { type Cluster, createCluster } from './cluster.ts';
import { deliveryFindings } from './deliveries.ts';
import { type Account, type Lab, openLab, type StoreKind } from './lab.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { startLoad } from './load.ts';
import { logFindings } from './log-findings.ts';
import { createMoments, type Moments } from './moments.ts';
import type { Role } from './processes.ts';
import { endedRun, syncGoesOn } from './runs.ts';

export type CrashOptions = {
  readonly store: StoreKind;
  /** Ends after so many kills. */
  readonly kills: number;
  /** Ends after so many seconds, however many kills there were. The checks at the end come on top. */
  readonly seconds?: number;
  readonly seed?: number;
  /** Told what goes on, in words. */
  readonly say?: (words: string) => void;
};

export type CrashReport = {
  readonly store: StoreKind;
  readonly seed: number;
  readonly kills: number;
  readonly databaseKills: number;
  /** Writes over the API that were confirmed; each is looked for after every kill. */
  readonly confirmedWrites: number;
  readonly changes: number;
  readonly requests: number;
  /** Events of the feed, each of which has come to a webhook, and how often one came. */
  readonly events: number;
  readonly deliveries: number;
  /** The longest time from a restart until a sync was seen to begin or to go on, ms. */
  readonly longestUntilSyncMs: number;
  readonly longestStopMs: number;
  readonly seconds: number;
  /** What was lost, doubled, left locked or forgotten, in words. */
  readonly findings: readonly string[];
};

const roles: Record<StoreKind, readonly Role[]> = { sqlite: ['all'], postgres: ['api', 'worker', 'worker'] };
const accountsOf: Record<StoreKind, number> = { sqlite: 1, postgres: 2 };

/** Share of the kills that fall into the first sync. */
const FIRST_SHARE = 0.2;
const DATABASE_KILL_EVERY = 9;
const LOOK_FOR_SYNC_EVERY = 5;
/** A sync begins again within this after a restart; a lease that a dead process holds lapses before. */
const SYNC_AGAIN_MS = 15_000;
const CLEAN_STOP_MS = 10_000;
const FINDINGS_KEPT = 40;

type Scene = {
  readonly lab: Lab;
  readonly api: Api;
  readonly cluster: Cluster;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly moments: Moments;
  readonly findings: string[];
  readonly say: (words: string) => void;
  kills: number;
  databaseKills: number;
  rounds: number;
  /** Findings that were told already. */
  told: number;
  longestUntilSyncMs: number;
};

/** Kills real gateway processes at random instants and looks after every kill, and at the end, for what must not be. */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const seed = options.seed ?? Date.now() % 1_000_000;
  const begun = performance.now();
  const random = randomOf(seed);
  const moments = createMoments(random);
  const onArrival = () => moments.tell('delivery');
  const lab = await openLab(options.store, accountsOf[options.store], { random, onArrival });
  const findings: string[] = [];
  const onAnswer = ({ method, path, status, code }: Answered) => {
    const isDatabaseAway = options.store === 'postgres' && code === 'store_failed';
    const isExpected = (status >= 200 && status < 300) || status === 409 || status === 503 || isDatabaseAway;
    if (!isExpected) findings.push(`${method} ${path} was answered ${status} ${code}`);
  };
  const api = createApi(lab.secret, { onAnswer, onWrite: () => moments.tell('write') });
  const scene: Scene = {
    ...{ lab, api, random, moments, findings },
    say: (words) => options.say?.(`${Math.round((performance.now() - begun) / 1000)} s: ${words}`),
    cluster: createCluster(roles[options.store], lab.where, api, random),
    ledger: createLedger(
      random,
      lab.accounts.map(({ name }) => name),
    ),
    ...{ kills: 0, databaseKills: 0, rounds: 0, told: 0, longestUntilSyncMs: 0 },
  };
  const until = (share: number) => ({
    kills: Math.ceil(options.kills * share),
    time: begun + (options.seconds ?? Number.POSITIVE_INFINITY) * 1000 * share,
  });
  let end: End = { events: 0, changes: 0, longestStopMs: 0 };
  try {
    // A process that ends well keeps what it has compiled for the next ones; one that is killed does not.
    await scene.cluster.start();
    await scene.cluster.stop();
    await scene.cluster.start();
    await killing(scene, until(FIRST_SHARE), false);
    const snapshots = await takeSnapshots(scene);
    await killing(scene, until(1), true);
    end = await lastChecks(scene, snapshots);
  } catch (error) {
    // What was found until then is told too.
    findings.push(`broken off: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return {
      ...{ store: options.store, seed, kills: scene.kills, databaseKills: scene.databaseKills },
      confirmedWrites: scene.ledger.confirmed(),
      ...{ requests: lab.requestsSeen(), ...end },
      deliveries: [...lab.sink.came.values()].reduce((sum, times) => sum + times, 0),
      longestUntilSyncMs: Math.round(scene.longestUntilSyncMs),
      seconds: Math.round((performance.now() - begun) / 1000),
      findings: findings.slice(0, FINDINGS_KEPT),
    };
  } finally {
    await scene.cluster.stop();
    await lab.close();
  }
}

type End = Pick<CrashReport, 'events' | 'changes' | 'longestStopMs'>;

async function lastChecks(scene: Scene, snapshots: ReadonlyMap<string, Snapshots>): Promise<End> {
  const { lab, api, cluster, findings, say } = scene;
  say('the last rounds');
  await settle(scene);
  say('the last checks');
  const delivered = await deliveryFindings(api, lab.sink);
  findings.push(...delivered.findings);
  const longestStopMs = Math.round(await cluster.stop());
  if (longestStopMs > CLEAN_STOP_MS) findings.push(`a clean stop took ${longestStopMs} ms`);
  const store = await lab.openStore();
  const changes = await lastFindings(scene, store, snapshots).finally(() => store.close());
  return { events: delivered.events, changes, longestStopMs };
}

async function killing(
  scene: Scene,
  until: { readonly kills: number; readonly time: number },
  isLiving: boolean,
): Promise<void> {
  const { lab, api, ledger, random } = scene;
  const load = startLoad(api, ledger, lab.accounts, random);
  if (isLiving) load.letLive();
  try {
    while (scene.kills < until.kills && performance.now() < until.time && scene.findings.length < FINDINGS_KEPT) {
      await round(scene);
    }
  } finally {
    await load.stop();
  }
}

async function round(scene: Scene): Promise<void> {
  const { lab, api, ledger, random, moments, cluster, findings, say } = scene;
  await moments.next();
  scene.rounds += 1;
  if (lab.killDatabase !== null && scene.rounds % DATABASE_KILL_EVERY === 0) {
    await lab.killDatabase();
    scene.databaseKills += 1;
  }
  const seen = lab.requestsSeen();
  scene.kills += await cluster.killSome();
  const restarted = Date.now();
  const lost = await ledger.findings(api);
  if (lost === null) findings.push('the gateway does not answer after its restart');
  else findings.push(...lost);
  await budgetFindings(scene, seen);
  if (scene.rounds % LOOK_FOR_SYNC_EVERY === 0) {
    const account = random.pick(lab.accounts);
    const ms = await syncGoesOn(api, account.name, restarted, SYNC_AGAIN_MS);
    if (ms === null) findings.push(`no sync of ${account.name} went on within ${SYNC_AGAIN_MS} ms after a restart`);
    else scene.longestUntilSyncMs = Math.max(scene.longestUntilSyncMs, ms);
  }
  for (const finding of findings.slice(scene.told)) say(`found: ${finding}`);
  scene.told = findings.length;
  say(`${scene.kills} kills, ${ledger.confirmed()} confirmed writes, ${findings.length} findings`);
}

/** The emulated accounts are one company's and share one budget: what it counts is never less than what was sent. */
async function budgetFindings({ lab, api, findings }: Scene, seen: number): Promise<void> {
  const status = await api.call('GET', `/connections/${lab.accounts[0]!.name}/status`);
  if (status?.status !== 200) return;
  const { used_last_day: counted } = status.body.budget as { used_last_day: number };
  if (counted < seen) findings.push(`the budget counts ${counted} requests, ${seen} were sent`);
}

/** The mirror as it is after the first sync, and where the log stands then. */
async function takeSnapshots(scene: Scene): Promise<ReadonlyMap<string, Snapshots>> {
  const { lab, cluster, findings } = scene;
  for (const { name } of lab.accounts) await fullRound(scene, name, 'the first sync');
  scene.say('the first sync is complete');
  await cluster.stop();
  const store = await lab.openStore();
  const snapshots = new Map<string, Snapshots>();
  try {
    const seq = await store.lastChangeSeq();
    for (const { connectionId, emulator } of lab.accounts) {
      findings.push(...(await mirrorFindings(store, connectionId, emulator)));
      const own: Snapshots = new Map();
      for (const stream of streamsOfTruth) own.set(stream, { seq, rows: await recordsOf(store, connectionId, stream) });
      snapshots.set(connectionId, own);
    }
  } finally {
    await store.close();
  }
  await cluster.start();
  return snapshots;
}

/** Two whole rounds, and what they rightly held is confirmed before the second. */
async function settle(scene: Scene): Promise<void> {
  const { lab, api } = scene;
  // What is missing is noted in the first round and may make it partial.
  for (const { name } of lab.accounts) await endedRun(api, name, 'full');
  const held = await api.call('GET', '/holds');
  for (const { id } of (held?.body.result ?? []) as readonly { id: string }[]) {
    await api.call('POST', `/holds/${id}/confirm`);
  }
  for (const { name } of lab.accounts) await fullRound(scene, name, 'the second round');
}

async function fullRound({ api, findings }: Scene, name: string, which: string): Promise<void> {
  const run = await endedRun(api, name, 'full');
  if (run === null) findings.push(`${which} of ${name} did not end`);
  else if (run.status !== 'done') findings.push(`${which} of ${name} ended ${run.status}`);
}

/** @returns how many changes the log holds */
async function lastFindings(
  { lab, ledger, findings }: Scene,
  store: Store,
  snapshots: ReadonlyMap<string, Snapshots>,
): Promise<number> {
  findings.push(...(await logFindings(store)), ...(await auditFindings(store, lab.accounts, ledger)));
  let changes = 0;
  for (const account of lab.accounts) {
    const { connectionId, emulator } = account;
    findings.push(...(await mirrorFindings(store, connectionId, emulator)));
    findings.push(...(await replayFindings(store, connectionId, snapshots.get(connectionId)!)));
    findings.push(...(await derivedFindings(store, connectionId)));
    findings.push(...(await statusFindings(store, connectionId)));
    const log = await changesSince(store, connectionId, 0);
    findings.push(...lossFindings(account, log));
    changes += log.length;
    const undone = (await store.listRuns(connectionId, 1000)).filter(({ endedAt }) => endedAt === null);
    if (undone.length > 0) findings.push(`${undone.length} runs of ${account.name} never ended`);
  }
  return changes;
}

function lossFindings({ emulator, name }: Account, log: Awaited<ReturnType<typeof changesSince>>): string[] {
  const gone = goneIn(emulator);
  gone.learn();
  return log
    .filter((change) => isLoss(change) && !gone.allows(change))
    .map(({ kind, key }) => `${kind} of ${key} in ${name} was reported and never was`);
}
