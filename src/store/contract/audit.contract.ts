import { beforeEach, describe, expect, test } from 'vitest';
import type { ActWrites, AuditEntry } from '../../audit/ports.ts';
import type { Store } from '../store.ts';
import { aConnection, aToken, at } from './builders.ts';
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

    describe('of an act and the write that it is', () => {
      const token = { ...aToken(), name: 'reports' };
      const noted = (entry: Partial<AuditEntry>, writes: ActWrites, work: () => Promise<unknown>) =>
        store.noting({ writes, entry: (told) => anEntry({ ...entry, ...told }) }, work);
      const entries = async () => (await store.auditEntries(all)).map(({ target, details }) => [target, details]);

      test('has the entry with the write, once, with what its arguments and its result tell', async () => {
        const erasure = { connectionId: 'con_a', userId: '1', mark: 'm', at: at(1) };
        const writes: ActWrites = {
          erasePerson: ({ mark }: typeof erasure) => ({
            target: mark,
            details: { a: 1 },
            results: ['rows', 'changes'],
          }),
          forgetErasure: () => ({ results: ['readmitted'] }),
        };
        const twice = () => store.erasePerson(erasure).then(() => store.erasePerson(erasure));
        expect((await noted({}, writes, twice)).isWritten).toBe(true);
        expect(await entries()).toEqual([['m', { a: 1, rows: 0, changes: 0 }]]);
        await noted({}, writes, () => store.forgetErasure('con_a', 'm'));
        expect((await entries())[1]).toEqual(['con_a', { readmitted: true }]);
      });

      test('has neither when the write fails, and can still be written with the next one', async () => {
        const taken = { ...aConnection(), id: 'con_other' };
        await store.createConnection(aConnection(), []);
        const writes: ActWrites = { createConnection: () => ({}) };
        const work = () => expect(store.createConnection(taken, [])).rejects.toMatchObject({ code: 'conflict' });
        expect((await noted({}, writes, async () => work())).isWritten).toBe(false);
        const again = async () => {
          await work();
          await store.createConnection({ ...taken, name: 'other' }, []);
        };
        expect((await noted({}, writes, again)).isWritten).toBe(true);
        expect(await entries()).toHaveLength(1);
      });

      test('has neither when the entry cannot be written', async () => {
        const broken = { at: null } as unknown as Partial<AuditEntry>;
        const make = () => store.createToken(token, 'hash');
        await expect(noted(broken, { createToken: () => ({}) }, make)).rejects.toMatchObject({ code: 'store_failed' });
        expect(await store.listTokens()).toEqual([]);
        expect(await entries()).toEqual([]);
      });

      test('has no entry of a write that found nothing to do, nor of one that the act does not name', async () => {
        const writes: ActWrites = { revokeToken: () => ({}) };
        const work = async () => {
          await store.createToken(token, 'hash');
          await store.revokeToken('tok_nobody', at(2));
        };
        expect((await noted({}, writes, work)).isWritten).toBe(false);
        expect(await entries()).toEqual([]);
      });

      test('has nothing of what goes on after the act, or beside it', async () => {
        const act = Promise.withResolvers<void>();
        const over = Promise.withResolvers<void>();
        const writes: ActWrites = { createToken: () => ({}) };
        const later: Promise<void>[] = [];
        await noted({}, writes, async () => {
          later.push(over.promise.then(() => store.createToken(token, 'hash')));
          act.resolve();
        });
        await act.promise;
        over.resolve();
        await Promise.all(later);
        await store.createToken({ ...token, id: 'tok_beside' }, 'other hash');
        expect(await entries()).toEqual([]);
      });
    });

    test('outlives the connection it tells of', async () => {
      await store.appendAudit(anEntry());
      await store.deleteConnection('con_a', { purge: true, at: at(9) });
      expect(await store.auditEntries(all)).toHaveLength(1);
    });
  });
}
