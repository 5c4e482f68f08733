import { beforeEach, describe, expect, test } from 'vitest';
import type { Hold } from '../../sync/ports.ts';
import type { Store } from '../store.ts';
import { anEnrollment, aPage, aPass, aRow, aRun, at, con } from './builders.ts';
import type { OpenStore } from './contract.ts';

/** What the judge of absence relies on. */
export function holdsContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
    await store.startRun(aRun(), at(30));
  });

  describe('holds', () => {
    const hold: Hold = {
      id: 'hol_1',
      connectionId: con,
      stream: 'users',
      scope: 'all',
      kind: 'suspicious',
      state: 'open',
      live: 100,
      absent: 30,
      firstPassAt: at(1),
      createdAt: at(2),
      decidedAt: null,
      decidedBy: null,
    };

    test('that are dismissed forget what was missed inside their scope', async () => {
      const missedBefore = async (decided: Partial<Hold>): Promise<number> => {
        await store.beginPass(aPass({ stream: 'enrollments' }));
        const row = aRow(anEnrollment('10', '1', { campaignId: '7' }), { scope: 'campaign:7' });
        await store.commitPage(aPage({ stream: 'enrollments', rows: [row] }));
        await store.dropPass('pas_1');
        await store.beginPass(aPass({ stream: 'enrollments' }));
        await store.noteMissed('pas_1', ['10'], at(5));
        await store.saveHold({ ...hold, stream: 'enrollments', ...decided });
        const { missedBefore: missed } = await store.absence('pas_1');
        await store.dropPass('pas_1');
        return missed;
      };
      expect(await missedBefore({ state: 'open' })).toBe(1);
      expect(await missedBefore({ state: 'confirmed' })).toBe(1);
      expect(await missedBefore({ state: 'dismissed', scope: 'campaign:8' })).toBe(1);
      expect(await missedBefore({ state: 'dismissed', scope: 'campaign:7' })).toBe(0);
      expect(await missedBefore({ state: 'dismissed' })).toBe(0);
    });

    test('are kept with their decision, oldest first', async () => {
      await store.saveHold({ ...hold, id: 'hol_2', createdAt: at(3) });
      await store.saveHold(hold);
      const decided: Hold = { ...hold, state: 'confirmed', decidedAt: at(9), decidedBy: 'ines' };
      await store.saveHold(decided);
      expect((await store.holds(con)).map((found) => found.id)).toEqual(['hol_1', 'hol_2']);
      expect((await store.holds(con))[0]).toEqual(decided);
      expect(await store.holds('con_other')).toEqual([]);
    });
  });
}
