import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTempStore, type TempStore } from '../contract/temp-store.ts';
import { databasePath } from './folder.ts';

let temp: TempStore;
beforeEach(async () => {
  temp = await openTempStore();
});
afterEach(() => temp.remove());

test('the database itself refuses to change, replace or remove an entry of the audit log', async () => {
  const actor = { kind: 'operator', id: 'mara', name: null, door: 'cli', from: null, requestId: null } as const;
  const act = { action: 'vault.rotated', target: null, connectionId: null, outcome: 'done', error: null } as const;
  const entry = { at: '2026-03-02T08:00:00.000Z', actor, ...act, details: {} };
  await temp.store.appendAudit(entry);
  const db = new DatabaseSync(databasePath(temp.store.folder));
  const attempts = [
    `update audit_log set actor_id = 'nobody'`,
    'delete from audit_log',
    `insert or replace into audit_log select seq, at, actor_kind, 'nobody', actor_name, door, from_address, request_id,
       action, target, connection_id, outcome, error, details from audit_log`,
  ];
  for (const text of attempts) expect(() => db.exec(text)).toThrow('audit_log is append-only');
  db.close();
  expect(await temp.store.auditEntries({ after: 0, limit: 10, connectionIds: null })).toEqual([{ ...entry, seq: 1 }]);
});
