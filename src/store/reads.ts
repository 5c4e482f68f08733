import type { Connection } from '../connections/connection.ts';
import type { SealedSecret } from '../connections/ports.ts';
import type {
  Change,
  Hold,
  Membership,
  Pass,
  RunProgress,
  RunQuery,
  RunRecord,
  ScopeRead,
  StoredHead,
  StoredRow,
  StreamState,
  SyncStore,
} from '../sync/ports.ts';
import type { ApiToken } from '../tokens/token.ts';
import type { RawRecord, RecordStream } from '../wire/records.ts';
import { type ConnectionRow, fromConnectionRow } from './connection-rows.ts';
import { keepsRiskTold, tableOf } from './row-tables.ts';
import type { Session, Value } from './session.ts';

const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

/** Reads of the sync: point reads and short lists only. */
export function syncReads(session: Session) {
  const { words } = session;
  return {
    getRun: async (id: string): Promise<RunRecord | null> => {
      const row = await session.get<{ body: string }>('select body from runs where id = ?', id);
      return parsed<RunRecord>(row?.body ?? null);
    },

    listRuns: async (connectionId: string, limit: number): Promise<readonly RunRecord[]> => {
      const rows = await session.all<{ body: string }>(
        'select body from runs where connection_id = ? order by started_at desc, id desc limit ?',
        connectionId,
        limit,
      );
      return rows.map((row) => JSON.parse(row.body) as RunRecord);
    },

    recentRuns: async (query: RunQuery): Promise<readonly RunRecord[]> => {
      const { connectionIds, trigger, level, statuses, from, limit } = query;
      const { at, id } = query.before;
      const conditions = [
        'started_at >= ?',
        id === null ? 'started_at < ?' : '(started_at < ? or (started_at = ? and id < ?))',
      ];
      const values: Value[] = [from, at, ...(id === null ? [] : [at, id])];
      if (connectionIds !== null) {
        conditions.push(words.among('connection_id', '?'));
        values.push(connectionIds);
      }
      if (trigger !== undefined) {
        conditions.push('run_trigger = ?');
        values.push(trigger);
      }
      if (level !== undefined) {
        conditions.push('level = ?');
        values.push(level);
      }
      if (statuses !== undefined) {
        conditions.push(words.among('status', '?'));
        values.push(statuses);
      }
      const text = `select body from runs where ${conditions.join(' and ')} order by started_at desc, id desc limit ?`;
      return (await session.all<{ body: string }>(text, ...values, limit)).map(
        ({ body }) => JSON.parse(body) as RunRecord,
      );
    },

    runProgress: async (connectionId: string, at: string): Promise<RunProgress | null> => {
      const lock = await session.get<{ progress: string | null }>(
        'select progress from run_locks where connection_id = ? and (lease_until is null or lease_until > ?)',
        connectionId,
        at,
      );
      return parsed<RunProgress>(lock?.progress ?? null);
    },

    streamStates: async (connectionId: string): Promise<readonly StreamState[]> => {
      const text = 'select * from stream_states where connection_id = ? order by stream';
      return (await session.all<StreamStateRow>(text, connectionId)).map(toStreamState);
    },

    scopeReads: async (connectionId: string, stream: string): Promise<readonly ScopeRead[]> => {
      const rows = await session.all<ScopeReadRow>(
        'select scope, completed_at, mark, row_count from scope_reads where connection_id = ? and stream = ? order by scope',
        connectionId,
        stream,
      );
      return rows.map((row) => ({
        scope: row.scope,
        completedAt: row.completed_at,
        mark: row.mark,
        rows: row.row_count,
      }));
    },

    openPass: async (connectionId: string, stream: string, scope: string): Promise<Pass | null> => {
      const row = await session.get<PassRow>(
        'select * from passes where connection_id = ? and stream = ? and scope = ?',
        connectionId,
        stream,
        scope,
      );
      return row === undefined ? null : toPass(row);
    },

    heads: async (
      connectionId: string,
      stream: RecordStream,
      keys: readonly string[],
    ): Promise<readonly StoredHead[]> => {
      const rows = await session.all<{ key: string; seen_digest: string; deleted_at: string | null }>(
        `select mirrored.key, seen_digest, deleted_at ${words.pointReads(tableOf(stream), '?1', '?2')}`,
        keys,
        connectionId,
      );
      return rows.map((row) => ({ key: row.key, seenDigest: row.seen_digest, deletedAt: row.deleted_at }));
    },

    rows: async (
      connectionId: string,
      stream: RecordStream,
      keys: readonly string[],
    ): Promise<readonly StoredRow[]> => {
      const text = `select ${storedColumns(stream)} ${words.pointReads(tableOf(stream), '?1', '?2')}`;
      return (await session.all<StoredRowRow>(text, keys, connectionId)).map(toStoredRow);
    },

    liveRows: async (
      connectionId: string,
      stream: RecordStream,
      after: string | null,
      limit: number,
    ): Promise<readonly StoredRow[]> => {
      const rows = await session.all<StoredRowRow>(
        `select ${storedColumns(stream)} from ${tableOf(stream)} as mirrored
         where connection_id = ? and deleted_at is null and key > ? order by key limit ?`,
        connectionId,
        after ?? '',
        limit,
      );
      return rows.map(toStoredRow);
    },

    memberships: async (connectionId: string, userIds: readonly string[]): Promise<readonly Membership[]> => {
      const rows = await session.all<{ group_id: string; user_id: string }>(
        `select group_id, user_id from memberships
         where connection_id = ? and ${words.among('user_id', '?')} order by user_id, group_id`,
        connectionId,
        userIds,
      );
      return rows.map((row) => ({ groupId: row.group_id, userId: row.user_id }));
    },

    holds: async (connectionId: string): Promise<readonly Hold[]> => {
      const text = 'select * from holds where connection_id = ? order by created_at, id';
      return (await session.all<HoldRow>(text, connectionId)).map(toHold);
    },

    changes: async (query: Parameters<SyncStore['changes']>[0]): Promise<readonly Change[]> =>
      readChanges(session, query),

    lastChangeSeq: async (): Promise<number> => (await session.get<{ seq: number }>('select seq from log_head'))!.seq,
  };
}

export function connectionReads(session: Session) {
  return {
    getConnection: async (idOrName: string): Promise<Connection | null> => {
      const row = await session.get<ConnectionRow>(
        `select * from connections where id = ?1 or name = ?1
         order by case when id = ?1 then 0 else 1 end limit 1`,
        idOrName,
      );
      return row === undefined ? null : fromConnectionRow(row);
    },
    listConnections: async (): Promise<readonly Connection[]> =>
      (await session.all<ConnectionRow>('select * from connections order by name')).map(fromConnectionRow),
    hasLeftovers: async (connectionId: string): Promise<boolean> => {
      const left = await session.get(
        `select 1 as found where not exists (select 1 from connections where id = ?1)
           and (exists (select 1 from stream_states where connection_id = ?1) or exists (select 1 from runs where connection_id = ?1))`,
        connectionId,
      );
      return left !== undefined;
    },
    getSecret: async (connectionId: string, kind: string): Promise<SealedSecret | null> => {
      const row = await session.get<SecretRow>(
        'select * from secrets where connection_id = ? and kind = ?',
        connectionId,
        kind,
      );
      return row === undefined ? null : toSecret(row);
    },
    erasedPeople: async (connectionId: string): Promise<readonly string[]> => {
      const text = 'select mark from erased_people where connection_id = ?';
      return (await session.all<{ mark: string }>(text, connectionId)).map(({ mark }) => mark);
    },
    knownPeople: async (connectionId: string, userIds: readonly string[]): Promise<number | null> => {
      const known = await session.get<{ found: number }>(
        `select count(*) as found from user_rows where connection_id = ? and ${session.words.among('key', '?')}`,
        connectionId,
        userIds,
      );
      if (known!.found > 0) return known!.found;
      const anybody = await session.get(
        'select 1 as found from user_rows where connection_id = ? limit 1',
        connectionId,
      );
      return anybody === undefined ? null : 0;
    },
    listSecrets: async (): Promise<readonly SealedSecret[]> =>
      (await session.all<SecretRow>('select * from secrets order by connection_id, kind')).map(toSecret),
  };
}

export function tokenReads(session: Session) {
  return {
    findTokenByHash: async (
      hash: string,
    ): Promise<{ readonly token: ApiToken; readonly isPrevious: boolean } | null> => {
      const row = await session.get<TokenRow>('select * from api_tokens where hash = ?1 or previous_hash = ?1', hash);
      return row === undefined ? null : { token: toToken(row), isPrevious: row.hash !== hash };
    },
    getToken: async (id: string): Promise<ApiToken | null> => {
      const row = await session.get<TokenRow>('select * from api_tokens where id = ?', id);
      return row === undefined ? null : toToken(row);
    },
    listTokens: async (): Promise<readonly ApiToken[]> =>
      (await session.all<TokenRow>('select * from api_tokens order by created_at, id')).map(toToken),
  };
}

const storedColumns = (stream: RecordStream): string =>
  `mirrored.key, digest, seen_digest, first_seen_at, changed_at, deleted_at, raw${keepsRiskTold(stream) ? ', risk_told' : ''}`;

async function readChanges(session: Session, query: Parameters<SyncStore['changes']>[0]): Promise<readonly Change[]> {
  const { connectionIds, after, limit, kinds } = query;
  const conditions = ['seq > ?'];
  const values: Value[] = [after];
  const oneOf = (column: string, wanted: readonly string[]) => {
    conditions.push(session.words.among(column, '?'));
    values.push(wanted);
  };
  if (connectionIds !== null) oneOf('connection_id', connectionIds);
  if (kinds !== undefined) oneOf('kind', kinds);
  const text = `select * from changes where ${conditions.join(' and ')} order by seq limit ?`;
  return (await session.all<ChangeRow>(text, ...values, limit)).map(toChange);
}

type ScopeReadRow = { scope: ScopeRead['scope']; completed_at: string; mark: string; row_count: number };

type StreamStateRow = {
  connection_id: string;
  stream: StreamState['stream'];
  status: StreamState['status'];
  baseline_at: string | null;
  last_started_at: string | null;
  last_complete_at: string | null;
  last_refreshed_at: string | null;
  parked_until: string | null;
  last_proof: string | null;
  last_error: string | null;
  row_count: number | null;
};

const toStreamState = (row: StreamStateRow): StreamState => ({
  connectionId: row.connection_id,
  stream: row.stream,
  status: row.status,
  baselineAt: row.baseline_at,
  lastStartedAt: row.last_started_at,
  lastCompleteAt: row.last_complete_at,
  lastRefreshedAt: row.last_refreshed_at,
  parkedUntil: row.parked_until,
  lastProof: parsed(row.last_proof),
  lastError: parsed(row.last_error),
  rows: row.row_count,
});

type PassRow = {
  id: string;
  connection_id: string;
  stream: Pass['stream'];
  scope: Pass['scope'];
  run_id: string;
  started_at: string;
  checkpoint: string | null;
  pages: number;
  row_count: number;
};

const toPass = (row: PassRow): Pass => ({
  id: row.id,
  connectionId: row.connection_id,
  stream: row.stream,
  scope: row.scope,
  runId: row.run_id,
  startedAt: row.started_at,
  checkpoint: row.checkpoint,
  pages: row.pages,
  rows: row.row_count,
});

type StoredRowRow = {
  key: string;
  digest: string;
  seen_digest: string;
  first_seen_at: string;
  changed_at: string | null;
  deleted_at: string | null;
  raw: string;
  risk_told?: number | null;
};

const toStoredRow = (row: StoredRowRow): StoredRow => ({
  key: row.key,
  digest: row.digest,
  seenDigest: row.seen_digest,
  firstSeenAt: row.first_seen_at,
  changedAt: row.changed_at,
  deletedAt: row.deleted_at,
  raw: JSON.parse(row.raw) as RawRecord,
  riskTold: row.risk_told ?? null,
});

type HoldRow = {
  id: string;
  connection_id: string;
  stream: Hold['stream'];
  scope: Hold['scope'];
  kind: Hold['kind'];
  state: Hold['state'];
  live: number;
  absent: number;
  first_pass_at: string;
  created_at: string;
  decided_at: string | null;
  decided_by: string | null;
};

const toHold = (row: HoldRow): Hold => ({
  id: row.id,
  connectionId: row.connection_id,
  stream: row.stream,
  scope: row.scope,
  kind: row.kind,
  state: row.state,
  live: row.live,
  absent: row.absent,
  firstPassAt: row.first_pass_at,
  createdAt: row.created_at,
  decidedAt: row.decided_at,
  decidedBy: row.decided_by,
});

export type ChangeRow = {
  seq: number;
  connection_id: string;
  run_id: string;
  kind: Change['kind'];
  stream: Change['stream'];
  key: string;
  at: string;
  current: string | null;
  previous: string | null;
  about: string | null;
};

export const toChange = (row: ChangeRow): Change => ({
  seq: row.seq,
  connectionId: row.connection_id,
  runId: row.run_id,
  kind: row.kind,
  stream: row.stream,
  key: row.key,
  at: row.at,
  current: parsed(row.current),
  previous: parsed(row.previous),
  about: parsed(row.about),
});

type SecretRow = {
  connection_id: string;
  kind: SealedSecret['kind'];
  sealed: string;
  fingerprint: string;
  created_at: string;
};

const toSecret = (row: SecretRow): SealedSecret => ({
  connectionId: row.connection_id,
  kind: row.kind,
  sealed: row.sealed,
  fingerprint: row.fingerprint,
  createdAt: row.created_at,
});

type TokenRow = {
  id: string;
  kind: ApiToken['kind'];
  name: string;
  hash: string;
  last_four: string;
  scopes: string;
  connections: string | null;
  tags: string | null;
  field_policy: string | null;
  parent_id: string | null;
  settings: string | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
  previous_until: string | null;
};

const toToken = (row: TokenRow): ApiToken => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  scopes: JSON.parse(row.scopes) as ApiToken['scopes'],
  connections: parsed(row.connections),
  tags: parsed(row.tags),
  fieldPolicy: parsed(row.field_policy),
  parentId: row.parent_id,
  settings: parsed(row.settings) ?? {},
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
  lastFour: row.last_four,
  previousUntil: row.previous_until,
});
