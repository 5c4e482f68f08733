import type { AlertQuery, LogQuery, LogStore, RowSeen } from '../events/ports.ts';
import type { LoggedChange } from '../model/change.ts';
import type { RawRecord } from '../wire/records.ts';
import { type AlertRow, toAlert } from './event-rows.ts';
import { type ChangeRow, toChange } from './reads.ts';
import { tableOf } from './row-tables.ts';
import type { Session, Value } from './session.ts';

/** Reads of the events room. */
export function eventReads(session: Session) {
  const { words } = session;
  return {
    logEntries: async (query: LogQuery): Promise<readonly LoggedChange[]> => {
      const where = conditions();
      where.add('seq >= ?', query.first);
      where.add('seq <= ?', query.last);
      if (query.connectionIds !== null) where.add(words.among('connection_id', '?'), query.connectionIds);
      if (query.kinds !== undefined) where.add(words.among('kind', '?'), query.kinds);
      if (query.from !== undefined) where.add('at >= ?', query.from);
      if (query.until !== undefined) where.add('at < ?', query.until);
      const text = `select * from changes where ${where.text()} order by seq ${query.order} limit ?`;
      return (await session.all<ChangeRow>(text, ...where.values, query.limit)).map(toChange);
    },

    logBounds: async () => {
      const head = await session.get<{ seq: number; dropped_to: number; gaps: string }>(
        'select seq, dropped_to, gaps from log_head',
      );
      const gaps = JSON.parse(head!.gaps) as [number, number][];
      return {
        head: head!.seq,
        droppedTo: head!.dropped_to,
        gaps: gaps.map(([after, until]) => ({ after, until })),
      };
    },

    entriesOf: async (query: Parameters<LogStore['entriesOf']>[0]): Promise<readonly LoggedChange[]> => {
      const rows = await session.all<ChangeRow>(
        `select * from changes where connection_id = ? and stream = ? and seq > ?
           and ${words.among('key', '?')} and ${words.among('kind', '?')} order by seq`,
        query.connectionId,
        query.stream,
        query.after,
        query.keys,
        query.kinds,
      );
      return rows.map(toChange);
    },

    rowPage: async (query: Parameters<LogStore['rowPage']>[0]): Promise<readonly RowSeen[]> => {
      const where = conditions();
      where.add('connection_id = ?', query.connectionId);
      if (!query.deleted) where.add('deleted_at is null');
      if (query.after !== null) where.add(query.order === 'asc' ? 'key > ?' : 'key < ?', query.after);
      if (query.memberOf !== undefined) {
        const [own, other] = query.stream === 'users' ? ['user_id', 'group_id'] : ['group_id', 'user_id'];
        where.add(
          `key in (select ${own} from memberships where memberships.connection_id = mirrored.connection_id and ${other} = ?)`,
          query.memberOf,
        );
      }
      const text = `select ${columns} from ${tableOf(query.stream)} as mirrored where ${where.text()}
        order by key ${query.order} limit ?`;
      return (await session.all<SeenRow>(text, ...where.values, query.limit)).map(toSeen);
    },

    rowsByKey: async (
      connectionId: string,
      stream: 'users' | 'groups',
      keys: readonly string[],
    ): Promise<readonly RowSeen[]> => {
      const text = `select ${columns} ${words.pointReads(tableOf(stream), '?1', '?2')}`;
      return (await session.all<SeenRow>(text, keys, connectionId)).map(toSeen);
    },

    adminIds: async (connectionId: string): Promise<readonly string[]> => {
      const text = 'select user_id from admins where connection_id = ? order by user_id';
      return (await session.all<{ user_id: string }>(text, connectionId)).map((row) => row.user_id);
    },

    alerts: async ({ connectionIds, open, limit }: AlertQuery) => {
      const where = conditions();
      if (connectionIds !== null) where.add(words.among('connection_id', '?'), connectionIds);
      if (open !== undefined) where.add(open ? 'closed_at is null' : 'closed_at is not null');
      const text = `select * from alerts where ${where.text()} order by opened_at desc, id limit ?`;
      return (await session.all<AlertRow>(text, ...where.values, limit)).map(toAlert);
    },

    refusalsSince: async (accountKey: string, since: string): Promise<number> => {
      const text = 'select count(*) as refusals from unexpected_refusals where account_key = ? and at >= ?';
      return (await session.get<{ refusals: number }>(text, accountKey, since))!.refusals;
    },
  };
}

/** Conditions of one statement, with what is bound to them. */
function conditions() {
  const texts: string[] = [];
  const values: Value[] = [];
  return {
    values,
    add: (text: string, ...bound: readonly Value[]) => {
      texts.push(text);
      values.push(...bound);
    },
    text: () => (texts.length === 0 ? '1 = 1' : texts.join(' and ')),
  };
}

const columns = 'mirrored.key, raw, first_seen_at, changed_at, deleted_at';

type SeenRow = {
  key: string;
  raw: string;
  first_seen_at: string;
  changed_at: string | null;
  deleted_at: string | null;
};

const toSeen = (row: SeenRow): RowSeen => ({
  key: row.key,
  raw: JSON.parse(row.raw) as RawRecord,
  firstSeenAt: row.first_seen_at,
  changedAt: row.changed_at,
  deletedAt: row.deleted_at,
});
