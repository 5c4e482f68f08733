import type { Call } from '../calls/call.ts';
import type { CallFilter, CallQuery } from '../calls/ports.ts';
import type { Session, Value } from './session.ts';

const columnOf: Readonly<Record<CallFilter, string>> = {
  resource: 'resource',
  method: 'method',
  verb: 'verb',
  status: 'status',
  tool: 'tool',
  tokenId: 'token_id',
  requestId: 'request_id',
};

export function callReads(session: Session) {
  return {
    calls: async ({ types, connectionIds, from, before, where, limit }: CallQuery): Promise<readonly Call[]> => {
      const { among } = session.words;
      const conditions = [
        among('type', '?'),
        'at >= ?',
        before.id === null ? 'at < ?' : '(at < ? or (at = ? and id < ?))',
      ];
      const values: Value[] = [types, from, before.at, ...(before.id === null ? [] : [before.at, before.id])];
      if (connectionIds !== null) {
        conditions.push(among('connection_id', '?'));
        values.push(connectionIds);
      }
      for (const [filter, value] of Object.entries(where) as [CallFilter, string | number][]) {
        conditions.push(`${columnOf[filter]} = ?`);
        values.push(value);
      }
      const text = `select * from call_log where ${conditions.join(' and ')} order by at desc, id desc limit ?`;
      return (await session.all<CallRow>(text, ...values, limit)).map(toCall);
    },
  };
}

type CallRow = {
  at: number;
  id: string;
  type: Call['type'];
  token_id: string;
  request_id: string;
  connection_id: string | null;
  resource: string | null;
  method: string;
  verb: string;
  status: number;
  error: string | null;
  duration_ms: number;
  upstream_ms: number | null;
  result_count: number | null;
  needs_reauth: number;
  tool: string | null;
  client_name: string | null;
  client_version: string | null;
};

const toCall = (row: CallRow): Call => ({
  id: row.id,
  at: row.at,
  type: row.type,
  tokenId: row.token_id,
  requestId: row.request_id,
  connectionId: row.connection_id,
  resource: row.resource,
  method: row.method,
  verb: row.verb,
  status: row.status,
  error: row.error,
  durationMs: row.duration_ms,
  upstreamMs: row.upstream_ms,
  resultCount: row.result_count,
  needsReauth: row.needs_reauth === 1,
  tool: row.tool,
  clientName: row.client_name,
  clientVersion: row.client_version,
});
