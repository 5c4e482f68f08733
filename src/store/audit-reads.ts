import type { AuditStore, StoredAuditEntry } from '../audit/ports.ts';
import type { Session, Value } from './session.ts';

export function auditReads(session: Session) {
  return {
    auditEntries: async (query: Parameters<AuditStore['auditEntries']>[0]): Promise<readonly StoredAuditEntry[]> => {
      const conditions = ['seq > ?'];
      const values: Value[] = [query.after];
      const where = (condition: string, value: Value | undefined | null) => {
        if (value === undefined || value === null) return;
        conditions.push(condition);
        values.push(value);
      };
      const { words } = session;
      where('at >= ?', query.from);
      where('at < ?', query.until);
      where(words.among('connection_id', '?'), query.connectionIds);
      where(words.among('action', '?'), query.actions);
      where(words.among('actor_id', '?'), query.actorIds);
      const text = `select * from audit_log where ${conditions.join(' and ')} order by seq limit ?`;
      return (await session.all<AuditRow>(text, ...values, query.limit)).map(toAuditEntry);
    },
  };
}

type AuditRow = {
  seq: number;
  at: string;
  actor_kind: StoredAuditEntry['actor']['kind'];
  actor_id: string;
  actor_name: string | null;
  door: StoredAuditEntry['actor']['door'];
  from_address: string | null;
  request_id: string | null;
  action: string;
  target: string | null;
  connection_id: string | null;
  outcome: StoredAuditEntry['outcome'];
  error: string | null;
  details: string;
};

const toAuditEntry = (row: AuditRow): StoredAuditEntry => ({
  seq: row.seq,
  at: row.at,
  actor: {
    kind: row.actor_kind,
    id: row.actor_id,
    name: row.actor_name,
    door: row.door,
    from: row.from_address,
    requestId: row.request_id,
  },
  action: row.action,
  target: row.target,
  connectionId: row.connection_id,
  outcome: row.outcome,
  error: row.error,
  details: JSON.parse(row.details) as StoredAuditEntry['details'],
});
