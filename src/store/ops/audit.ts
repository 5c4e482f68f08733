import type { AuditEntry } from '../../audit/ports.ts';
import type { Op } from './op.ts';

/** The only way into the audit log; there is none to change or remove what stands there. */
export const appendAudit: Op<AuditEntry, void> = {
  durable: true,
  run: async (session, entry) => {
    const { actor } = entry;
    const head = await session.get<{ seq: number }>('update audit_head set seq = seq + 1 where id = 1 returning seq');
    await session.run(
      `insert into audit_log (seq, at, actor_kind, actor_id, actor_name, door, from_address, request_id, action, target,
         connection_id, outcome, error, details) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      head!.seq,
      entry.at,
      actor.kind,
      actor.id,
      actor.name,
      actor.door,
      actor.from,
      actor.requestId,
      entry.action,
      entry.target,
      entry.connectionId,
      entry.outcome,
      entry.error,
      JSON.stringify(entry.details),
    );
  },
};
