import { beforeEach, describe, expect, test } from 'vitest';
import type { IntakeCall } from '../../connections/ports.ts';
import type { Store } from '../store.ts';
import type { OpenStore } from './contract.ts';

const T = Date.parse('2026-03-02T09:00:00.000Z');
const CONNECTION = 'con_0000000000000001';
const createdAt = '2026-03-02T08:00:00.000Z';
const owner = { connectionId: CONNECTION, kind: 'intake' } as const;
const sealed = { sealed: 'v1.envelope', fingerprint: '01234567' };

/** What the intake of webhooks relies on. */
export function intakeContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });
  const use = (inQuery = false) =>
    store.saveIntake({ connectionId: CONNECTION, inQuery, createdAt }, { ...owner, ...sealed, createdAt });
  const call = (digest: string, at: number, fields: Partial<IntakeCall> = {}) =>
    store.noteIntakeCall({
      ...{ connectionId: CONNECTION, digest, level: 'directory', at, forgetBefore: at - 600_000 },
      ...fields,
    });

  describe('the intake of webhooks', () => {
    test('is there once it is taken into use, until it is dropped', async () => {
      expect(await store.getIntake(CONNECTION)).toBeNull();
      expect(await call('a', T)).toBe('off');
      await use(true);
      expect(await store.getIntake(CONNECTION)).toEqual({
        ...{ connectionId: CONNECTION, inQuery: true, createdAt: '2026-03-02T08:00:00.000Z' },
        ...{ calls: 0, lastCallAt: null, wakeUp: null, spent: null },
      });
      expect(await store.dropIntake(CONNECTION)).toBe(true);
      expect(await store.dropIntake(CONNECTION)).toBe(false);
      expect(await store.getIntake(CONNECTION)).toBeNull();
    });

    test('tells a repeated call, until it is forgotten', async () => {
      await use();
      expect(await call('a', T)).toBe('new');
      expect(await call('a', T + 1000)).toBe('repeated');
      expect(await store.getIntake(CONNECTION)).toMatchObject({
        ...{ calls: 2, lastCallAt: T + 1000, wakeUp: { level: 'directory', at: T } },
      });
      expect(await call('a', T + 700_000)).toBe('new');
    });

    test('keeps the later and deeper of two wake-ups, until a run answers them', async () => {
      await use();
      await call('a', T, { level: 'refresh' });
      await call('b', T + 1000);
      expect((await store.getIntake(CONNECTION))?.wakeUp).toEqual({ level: 'refresh', at: T + 1000 });
      await store.spendWakeUp({ connectionId: CONNECTION, requests: 94.5, at: T + 500 });
      expect(await store.getIntake(CONNECTION)).toMatchObject({
        ...{ wakeUp: { level: 'refresh', at: T + 1000 }, spent: { requests: 94.5, at: T + 500 } },
      });
      await store.spendWakeUp({ connectionId: CONNECTION, requests: 120, at: T + 1000 });
      expect((await store.getIntake(CONNECTION))?.wakeUp).toBeNull();
      await call('c', T + 2000);
      expect((await store.getIntake(CONNECTION))?.wakeUp).toEqual({ level: 'directory', at: T + 2000 });
    });

    test('a new secret leaves what was counted', async () => {
      await use();
      await call('a', T);
      await use(true);
      expect(await store.getIntake(CONNECTION)).toMatchObject({ inQuery: true, calls: 1 });
    });
  });
}
