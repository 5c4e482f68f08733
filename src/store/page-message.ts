import type { NewChange, PageCommit, RowWrite, SyncStore } from '../sync/ports.ts';
import type { AccountRecord } from '../wire/records.ts';
import type { ChangeText, PageMessage } from './ops/pages.ts';
import type { PassEnd, RemovalMessage } from './ops/passes.ts';
import { columnsOf, isRecordStream, keepsRiskTold } from './row-tables.ts';
import type { Cell } from './session.ts';

/** A page as plain values of the tables' columns, sorted by key: an index fills fastest in its own order. */
export function toPageMessage(page: PageCommit): PageMessage {
  const { rows, changes, ...rest } = page;
  const sorted = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return {
    ...rest,
    rowKeys: sorted.map((row) => row.key),
    rows: sorted.map((row) => rowValues(page, row)),
    changes: changes.map(toChangeText),
    adminIds: adminIds(page),
  };
}

export const toRemovalMessage = (removal: Parameters<SyncStore['removeRows']>[0]): RemovalMessage => {
  const { stream } = removal;
  if (!isRecordStream(stream)) throw new TypeError(`the stream ${stream} holds no rows`);
  return { ...removal, stream, changes: removal.changes.map(toChangeText) };
};

export const toPassEnd = (end: Parameters<SyncStore['endPass']>[0]): PassEnd => ({
  ...end,
  changes: end.changes.map(toChangeText),
});

/** In the order of the columns of `rowInsert`. */
function rowValues({ connectionId, stream, at }: PageCommit, row: RowWrite): readonly Cell[] {
  if (!isRecordStream(stream)) throw new TypeError(`the stream ${stream} holds no rows`);
  return [
    connectionId,
    row.key,
    row.scope,
    row.digest,
    row.seenDigest,
    at,
    row.changed ? at : null,
    ...columnsOf(stream, row.record),
    ...(keepsRiskTold(stream) ? [row.riskTold ?? null] : []),
    JSON.stringify(row.raw),
  ];
}

const toChangeText = (change: NewChange): ChangeText => ({
  kind: change.kind,
  stream: change.stream,
  key: change.key,
  at: change.at,
  current: change.current === null ? null : JSON.stringify(change.current),
  previous: change.previous === null ? null : JSON.stringify(change.previous),
  about: change.about ? JSON.stringify(change.about) : null,
});

function adminIds({ stream, rows }: PageCommit): readonly string[] | null {
  const account = rows[0]?.record;
  if (stream !== 'account' || account === undefined) return null;
  return (account as AccountRecord).admins.map((admin) => admin.id);
}
