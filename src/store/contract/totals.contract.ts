import { beforeEach, describe, expect, test } from 'vitest';
import type { RowWrite } from '../../sync/ports.ts';
import type { Store } from '../store.ts';
import { anEnrollment, aPage, aRecipient, aRow, aRun, aState, at } from './builders.ts';
import type { OpenStore } from './contract.ts';
import { endPass, removeRows, type WritePass, writePass } from './write-pass.ts';

/** What the directory relies on: a person's training and phishing, counted with each page. */
export function totalsContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
    await store.startRun(aRun(), at(30));
  });
  const pass: WritePass = (...given) => writePass(store)(...given);

  describe('totals of a person', () => {
    const totals = async (userId: string) =>
      store.reads
        .selectFrom('person_totals')
        .select(['enrolled', 'not_started', 'in_progress', 'completed', 'overdue', 'last_completed_at'])
        .select(['delivered', 'failed', 'reported', 'last_failed_at', 'last_delivered_at'])
        .where('user_id', '=', userId)
        .executeTakeFirst();
    const nothing = { delivered: 0, failed: 0, reported: 0, last_failed_at: null, last_delivered_at: null };
    const enrollments = (baseline: boolean, rows: readonly RowWrite[]) =>
      pass('pas_1', [{ stream: 'enrollments', rows, baseline }]);

    test('follow enrollments and recipients, row by row', async () => {
      await enrollments(false, [
        aRow(anEnrollment('10', '1')),
        aRow(anEnrollment('11', '1', { status: 'Passed', completionDate: at(3) })),
        aRow(anEnrollment('12', '1', { status: 'Past Due' })),
        aRow(anEnrollment('13', '2', { status: 'In Progress' })),
      ]);
      expect(await totals('1')).toEqual({
        ...nothing,
        enrolled: 3,
        not_started: 1,
        in_progress: 0,
        completed: 1,
        overdue: 1,
        last_completed_at: at(3),
      });
      const moved = aRow(anEnrollment('12', '2', { status: 'Completed', completionDate: at(9) }), { version: 2 });
      await store.commitPage(aPage({ stream: 'enrollments', rows: [moved] }));
      expect(await totals('1')).toMatchObject({ enrolled: 2, overdue: 0 });
      expect(await totals('2')).toMatchObject({ enrolled: 2, completed: 1, in_progress: 1, last_completed_at: at(9) });
      await removeRows(store, ['10', '11'], { stream: 'enrollments' });
      expect(await totals('1')).toBeUndefined();
    });

    test('are rebuilt at the end of a baseline and equal to those kept row by row', async () => {
      const rows = [
        aRow(anEnrollment('10', '1', { status: 'Completed', completionDate: at(4) })),
        aRow(anEnrollment('11', '2')),
        aRow(anEnrollment('12', '3'), { key: '12' }),
      ];
      await enrollments(true, rows);
      expect(await totals('1')).toBeUndefined();
      await endPass(store, 'pas_1', { rebuildTotals: true, state: aState({ stream: 'enrollments' }) });
      const recipient = aRecipient('20', '1', { failedAt: at(6), reportedAt: at(7) });
      await pass('pas_2', [{ stream: 'recipients', rows: [aRow(recipient, { key: '9/20' })] }]);
      const kept = await totals('1');
      expect(kept).toMatchObject({
        enrolled: 1,
        completed: 1,
        delivered: 1,
        failed: 1,
        reported: 1,
        last_failed_at: at(6),
      });
      await endPass(store, 'pas_2', { rebuildTotals: true, state: aState({ stream: 'recipients' }) });
      expect(await totals('1')).toEqual(kept);
      expect(await totals('2')).toMatchObject({ enrolled: 1, not_started: 1 });
    });
  });
}
