import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../audit/ports.ts';
import type { Store } from '../store.ts';
import { at } from './builders.ts';
import type { OpenStore } from './contract.ts';

const anEntry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  at: at(0),
  actor: { kind: 'token', id: 'tok_1', name: 'admin', door: 'http', from: '192.0.2.1', requestId: 'req-1' },
  action: 'connection.paused',
  target: 'con_a',
  connectionId: 'con_a',
  outcome: 'done',
  error: null,
  details: {},
  ...fields,
});

/** What the audit room relies on. */
export function auditContract(open: OpenStore): void {
  let store: Store;
  let reopen: () => Promise<Store>;
  beforeEach(async () => {
    ({ store, reopen } = await open());
  });
  const all = { after: 0, limit: 100, connectionIds: null } as const;

  describe('the audit log', () => {
    test('gives entries back as they were written, numbered from 1 without gaps, also after a restart', async () => {
      const entries = [
        anEntry({ details: { changed: ['name'], quote: `'; drop table audit_log; --` } }),
        anEntry({
          actor: { kind: 'operator', id: 'mara', name: null, door: 'cli', from: null, requestId: null },
          target: null,
          connectionId: null,
          outcome: 'refused',
          error: 'conflict',
        }),
      ];
      for (const entry of entries) await store.appendAudit(entry);
      const expected = entries.map((entry, index) => ({ ...entry, seq: index + 1 }));
      expect(await store.auditEntries(all)).toEqual(expected);
      store = await reopen();
      await store.appendAudit(anEntry());
      expect(await store.auditEntries(all)).toEqual([...expected, { ...anEntry(), seq: 3 }]);
    });

    test('gives numbers without gaps to entries that are written at the same time', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => store.appendAudit(anEntry({ target: `t${index}` }))));
      const found = await store.auditEntries(all);
      expect(found.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(new Set(found.map(({ target }) => target)).size).toBe(20);
    });

    test('is read page by page, by connection, action, actor and time', async () => {
      await store.appendAudit(anEntry({ at: at(1) }));
      await store.appendAudit(anEntry({ at: at(2), connectionId: 'con_b', action: 'connection.removed' }));
      await store.appendAudit(anEntry({ at: at(3), connectionId: null, actor: { ...anEntry().actor, id: 'tok_2' } }));
      const seqs = async (query: Partial<Parameters<Store['auditEntries']>[0]>) =>
        (await store.auditEntries({ ...all, ...query })).map(({ seq }) => seq);
      expect(await seqs({ limit: 2 })).toEqual([1, 2]);
      expect(await seqs({ after: 2 })).toEqual([3]);
      expect(await seqs({ connectionIds: ['con_a', 'con_b'] })).toEqual([1, 2]);
      expect(await seqs({ connectionIds: [] })).toEqual([]);
      expect(await seqs({ actions: ['connection.removed'] })).toEqual([2]);
      expect(await seqs({ actorIds: ['tok_2', 'tok_3'] })).toEqual([3]);
      expect(await seqs({ from: at(2), until: at(3) })).toEqual([2]);
    });

    test('outlives the connection it tells of', async () => {
      await store.appendAudit(anEntry());
      await store.deleteConnection('con_a', { purge: true, at: at(9) });
      expect(await store.auditEntries(all)).toHaveLength(1);
    });
  });
}
