import type { Switches } from '../switches.ts';
import { liveUntil } from '../world/life.ts';
import { isActive, nextByHand, settle } from '../world/state.ts';
import { enrollNewcomer } from '../world/training.ts';
import type { ReportRow, SyncReport } from './report.ts';
import { bringUpScim, type ScimState } from './state.ts';
import { syncGroups } from './sync-groups.ts';
import { beginRun, type Synced } from './sync-run.ts';
import { syncUsers } from './sync-users.ts';

const FIRST_REPORT = 990_001;

const pendingOf = ({ reports }: ScimState): SyncReport | undefined => {
  const newest = reports.at(-1);
  return newest?.status === 'PENDING' ? newest : undefined;
};

/** Something was written: a sync is to apply it, unless one is on its way. */
export function askForSync(scim: ScimState, { scimSyncDelayMs }: Switches, now: number): void {
  scim.waiting = true;
  if (!pendingOf(scim)) schedule(scim, now, now + scimSyncDelayMs);
}

function schedule(scim: ScimState, at: number, due: number): SyncReport {
  const report: SyncReport = {
    id: FIRST_REPORT + scim.reports.length,
    source: 'SCIM_V2',
    at,
    due,
    status: 'PENDING',
    testMode: scim.testMode,
    rows: [],
  };
  scim.reports.push(report);
  return report;
}

/** The button of the console: the sync that waits, or a new one, runs now. @returns its report, SKIPPED when it came too soon */
export function forceSync(synced: Synced, now: number): SyncReport {
  catchUp(synced, now);
  const report = pendingOf(synced.scim) ?? schedule(synced.scim, now, now);
  report.due = now;
  catchUp(synced, now);
  return report;
}

/** On: syncs only report. Off again: what they have reported is applied, as if it were written now. */
export function setTestMode(synced: Synced, on: boolean, now: number): void {
  catchUp(synced, now);
  const { scim, switches } = synced;
  scim.testMode = on;
  if (!on && scim.waiting) askForSync(scim, switches, now);
}

/** Lets the world live until now, and the syncs of that time run in their order. However the way there is divided, the end is the same. */
export function catchUp(synced: Synced, now: number): void {
  const { scim, world } = synced;
  for (let report = pendingOf(scim); report && report.due <= now; report = pendingOf(scim)) {
    liveUntil(world, report.due);
    run(synced, report);
  }
  liveUntil(world, now);
}

function run(synced: Synced, report: SyncReport): void {
  const { scim, switches } = synced;
  const free = scim.last + switches.scimMinIntervalMs;
  report.testMode = scim.testMode;
  if (report.due < free) {
    report.status = 'SKIPPED';
    if (scim.waiting) schedule(scim, report.due, free);
    return;
  }
  report.rows = applyStore(synced);
  report.status = 'COMPLETED';
  scim.last = report.due;
}

/** Makes the accounts what the store says, or in Test Mode only tells. */
function applyStore(synced: Synced): readonly ReportRow[] {
  const { scim, world } = synced;
  bringUpScim(scim, world);
  const going = beginRun(synced, nextByHand(world));
  syncUsers(going);
  syncGroups(going);
  if (going.dry) return going.rows;
  for (const person of going.touched) {
    if (isActive(person)) enrollNewcomer(world, person, going.at, going.back.has(person));
  }
  settle(world);
  for (const stored of [...scim.users.all(), ...scim.groups.all()]) stored.settled = !going.failed.has(stored);
  scim.dropped.users.clear();
  scim.dropped.groups.clear();
  scim.seen = world.changes.length;
  scim.waiting = false;
  return going.rows;
}
