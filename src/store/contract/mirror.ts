import type { RiskPointWrite, RowWrite, ScopeRead } from '../../sync/ports.ts';
import { scopeOf } from '../../sync/rows.ts';
import { recordKey, type StreamName } from '../../sync/streams.ts';
import type { RawRecord, RecordOf, RecordStream } from '../../wire/records.ts';
import { isBadRow, type RowReader } from '../../wire/reporting/read.ts';
import { recordReaders } from '../../wire/reporting/record-readers.ts';
import type { Store } from '../store.ts';
import { aPage, aPass, aRow, aRun, aState, at, con } from './builders.ts';

/** Raw objects as KnowBe4 sends them. */
export const rawUser = (id: number, changes: RawRecord = {}): RawRecord => ({
  id,
  first_name: 'Amara',
  last_name: `Lindqvist ${id}`,
  email: `Amara.${id}@example.com`,
  groups: [],
  aliases: [],
  status: 'active',
  joined_on: '2024-02-12T08:30:00.000Z',
  ...changes,
});

export const rawGroup = (id: number, changes: RawRecord = {}): RawRecord => ({
  id,
  name: `Group ${id}`,
  group_type: 'console_group',
  member_count: 0,
  status: 'active',
  ...changes,
});

export const rawAccount = (changes: RawRecord = {}): RawRecord => ({
  name: 'Example Foods',
  type: 'paid',
  domains: ['example.com'],
  admins: [],
  subscription_level: 'Diamond',
  number_of_seats: 100,
  ...changes,
});

/** What a mirror holds, or what a further pass brings. */
export type MirrorContent = {
  readonly account?: readonly RawRecord[];
  readonly groups?: readonly RawRecord[];
  readonly users?: readonly RawRecord[];
  readonly security_tests?: readonly RawRecord[];
  readonly training_campaigns?: readonly RawRecord[];
  readonly store_purchases?: readonly RawRecord[];
  readonly policies?: readonly RawRecord[];
  readonly enrollments?: readonly RawRecord[];
  readonly recipients?: readonly RawRecord[];
  readonly riskPoints?: readonly RiskPointWrite[];
  /** Keys of people to mark as deleted. */
  readonly removedUsers?: readonly string[];
};

type FillOptions = {
  readonly connectionId?: string;
  /** Rows are marked as changed at this time; null = a first pass, which changes nothing. */
  readonly changedAt?: string | null;
  /** Tells rows of one key apart. */
  readonly version?: number;
  readonly completeAt?: string | null;
};

let runs = 0;
const streams = [
  ...(['account', 'groups', 'users', 'security_tests', 'recipients'] as const),
  ...(['store_purchases', 'policies', 'training_campaigns', 'enrollments'] as const),
];

/** Writes rows the way the sync does: one complete pass a stream, memberships with the people. */
export async function fillMirror(store: Store, content: MirrorContent, options: FillOptions = {}): Promise<void> {
  const { connectionId = con, completeAt = at(60) } = options;
  const run = aRun({ id: `run_fill_${++runs}`, connectionId });
  await store.startRun(run);
  for (const stream of streams) {
    const raws = content[stream];
    if (raws === undefined) continue;
    const rows = raws.map((raw) => rowOf(stream, raw, options));
    await writePass(store, stream, rows, { ...options, runId: run.id, connectionId });
    const ended = { connectionId, stream, lastCompleteAt: completeAt, rows: rows.length };
    await store.endPass({
      passId: passId(run.id, stream),
      runId: run.id,
      state: aState(ended),
      changes: [],
      scopeReads: completeAt === null ? [] : readScopes(stream, rows, completeAt),
      rebuildTotals: true,
    });
  }
  if (content.riskPoints !== undefined) await store.saveRiskPoints(connectionId, content.riskPoints);
  if (content.removedUsers !== undefined) await remove(store, connectionId, run.id, content.removedUsers);
  await store.saveRun({ ...run, status: 'done', endedAt: at(61) });
}

const passId = (runId: string, stream: StreamName) => `pas_${runId}_${stream}`;

function rowOf(stream: RecordStream, raw: RawRecord, { changedAt = null, version = 1 }: FillOptions): RowWrite {
  const reader = recordReaders[stream] as RowReader<RecordOf[RecordStream]>;
  const read = reader(raw, { campaignType: 'email' });
  if (isBadRow(read)) throw new Error(`a builder made a row that cannot be read: ${read.bad}`);
  const key = recordKey(stream, read.record as RecordOf[typeof stream]);
  const scope = scopeOf(stream, read.record, 'all');
  return aRow(read.record, { key, scope, raw: read.raw, version, changed: changedAt !== null });
}

/** What a complete pass has read to its end. */
function readScopes(stream: StreamName, rows: readonly RowWrite[], completedAt: string): readonly ScopeRead[] {
  const whole = stream === 'security_tests' ? ['type:email'] : stream === 'recipients' ? [] : ['all'];
  const scopes = new Set([...whole, ...rows.map(({ scope }) => scope)]) as ReadonlySet<ScopeRead['scope']>;
  return [...scopes].map((scope) => ({ scope, completedAt, mark: '', rows: rows.length }));
}

async function writePass(
  store: Store,
  stream: RecordStream & StreamName,
  rows: readonly RowWrite[],
  { runId, connectionId, changedAt = null }: FillOptions & { runId: string; connectionId: string },
): Promise<void> {
  const id = passId(runId, stream);
  await store.beginPass(aPass({ id, connectionId, stream, runId }));
  const membershipsAdded =
    stream === 'users'
      ? rows.flatMap((row) =>
          ((row.record as RecordOf['users']).groupIds ?? []).map((groupId) => ({ groupId, userId: row.key })),
        )
      : [];
  const when = changedAt ?? at(1);
  await store.commitPage(
    aPage({ connectionId, runId, passId: id, stream, at: when, rows, membershipsAdded, baseline: changedAt === null }),
  );
}

async function remove(store: Store, connectionId: string, runId: string, keys: readonly string[]): Promise<void> {
  await store.removeRows({
    connectionId,
    runId,
    stream: 'users',
    at: at(50),
    keys,
    changes: [],
    membershipsRemoved: [],
  });
}
