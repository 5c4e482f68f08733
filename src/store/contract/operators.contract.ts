import { beforeEach, describe, expect, test } from 'vitest';
import type { Operator } from '../../operators/operator.ts';
import type { SealedTotp } from '../../operators/ports.ts';
import type { Store } from '../store.ts';
import { at } from './builders.ts';
import type { OpenStore } from './contract.ts';

const anOperator = (changes: Partial<Operator> = {}): Operator => ({
  ...{ id: 'op_1', name: 'Priya', hasTotp: false, createdAt: at(0), changedAt: at(0), disabledAt: null },
  ...changes,
});
const aTotp = (changes: Partial<SealedTotp> = {}): SealedTotp => ({
  ...{ connectionId: 'op_1', kind: 'totp', sealed: 'v1.seed', fingerprint: '01234567', createdAt: at(0) },
  ...changes,
});

const aSession = (changes: Partial<Parameters<Store['createOperatorSession']>[0]> = {}) => ({
  ...{ hash: 's1', operatorId: 'op_1', secretSetAt: at(0), createdAt: at(1), expiresAt: at(100) },
  ...changes,
});

/** What the room of people who approve relies on. */
export function operatorContract(open: OpenStore): void {
  let store: Store;
  let reopen: () => Promise<Store>;
  beforeEach(async () => {
    ({ store, reopen } = await open());
  });

  describe('operators', () => {
    test('are kept with what proves them, by name whatever its case, and each name once', async () => {
      await store.createOperator(anOperator(), 'hash-1', null);
      const sam = anOperator({ id: 'op_2', name: 'Sam', hasTotp: true });
      await store.createOperator(sam, 'hash-2', aTotp({ connectionId: 'op_2' }));
      await expect(store.createOperator(anOperator({ id: 'op_3', name: 'PRIYA' }), 'h', null)).rejects.toMatchObject({
        code: 'conflict',
      });
      store = await reopen();
      expect(await store.listOperators()).toEqual([anOperator(), sam]);
      expect(await store.findCredentials('pRIYA')).toEqual({ operator: anOperator(), hash: 'hash-1', totp: null });
      expect(await store.findCredentials('sam')).toMatchObject({ totp: aTotp({ connectionId: 'op_2' }) });
      expect(await store.findCredentials('nobody')).toBeNull();
      expect(await store.listSecrets()).toEqual([aTotp({ connectionId: 'op_2' })]);
    });

    test('are given another secret, which ends what was open and enables them', async () => {
      await store.createOperator(anOperator({ hasTotp: true }), 'hash-1', aTotp());
      await store.useTotpStep('op_1', 9);
      expect(await store.createOperatorSession(aSession({ expiresAt: at(100) }))).toBe(true);
      await store.createOperator(anOperator({ id: 'op_2', name: 'Sam' }), 'h', null);
      await store.disableOperator('op_1', at(1));
      expect(await store.resetOperator('op_1', { hash: 'hash-2', totp: null, at: at(2) })).toBe(true);
      expect(await store.findCredentials('priya')).toEqual({
        ...{ operator: anOperator({ changedAt: at(2) }), hash: 'hash-2', totp: null },
      });
      expect(await store.listSecrets()).toEqual([]);
      expect(await store.findOperatorSession('s1', at(3))).toBeNull();
      expect(await store.resetOperator('op_9', { hash: 'h', totp: null, at: at(2) })).toBe(false);
      await store.resetOperator('op_1', { hash: 'hash-3', totp: aTotp({ sealed: 'v1.other' }), at: at(3) });
      expect(await store.findCredentials('priya')).toMatchObject({ totp: { sealed: 'v1.other' } });
      expect(await store.useTotpStep('op_1', 1)).toBe(true);
    });

    test('have sessions until these expire, are ended, or the operator is disabled', async () => {
      await store.createOperator(anOperator(), 'hash-1', null);
      for (const hash of ['s1', 's2', 's3']) {
        await store.createOperatorSession(aSession({ hash, expiresAt: at(100) }));
      }
      expect(await store.findOperatorSession('s1', at(99))).toEqual(anOperator());
      expect(await store.findOperatorSession('s1', at(100))).toBeNull();
      expect(await store.findOperatorSession('s9', at(1))).toBeNull();
      expect(await store.endOperatorSession('s1')).toBe(true);
      expect(await store.endOperatorSession('s1')).toBe(false);
      expect(await store.findOperatorSession('s1', at(1))).toBeNull();
      const sam = anOperator({ id: 'op_2', name: 'Sam' });
      await store.createOperator(sam, 'hash-2', null);
      expect(await store.disableOperator('op_1', at(2))).toBe('disabled');
      expect(await store.disableOperator('op_1', at(3))).toBe('already');
      expect(await store.findOperatorSession('s2', at(2))).toBeNull();
      expect(await store.listOperators()).toEqual([anOperator({ disabledAt: at(2) }), sam]);
    });

    test('have a session only with the secret that was proved, and while they are not disabled', async () => {
      await store.createOperator(anOperator(), 'hash-1', null);
      await store.createOperator(anOperator({ id: 'op_2', name: 'Sam' }), 'hash-2', null);
      await store.resetOperator('op_1', { hash: 'hash-3', totp: null, at: at(1) });
      expect(await store.createOperatorSession(aSession())).toBe(false);
      expect(await store.createOperatorSession(aSession({ secretSetAt: at(1) }))).toBe(true);
      await store.disableOperator('op_1', at(2));
      expect(await store.createOperatorSession(aSession({ hash: 's2', secretSetAt: at(1) }))).toBe(false);
      expect(await store.findOperatorSession('s1', at(3))).toBeNull();
    });

    test('are never all disabled, not even by two at one moment', async () => {
      for (const id of ['op_1', 'op_2']) await store.createOperator(anOperator({ id, name: id }), 'hash', null);
      const both = await Promise.all([store.disableOperator('op_1', at(1)), store.disableOperator('op_2', at(1))]);
      expect(both.toSorted()).toEqual(['disabled', 'last']);
      expect((await store.listOperators()).filter(({ disabledAt }) => disabledAt === null)).toHaveLength(1);
    });

    test('have sessions that are dropped when they are over', async () => {
      await store.createOperator(anOperator(), 'hash-1', null);
      for (const [hash, expiresAt] of [
        ['s1', at(10)],
        ['s2', at(20)],
      ] as const) {
        await store.createOperatorSession(aSession({ hash, expiresAt }));
      }
      expect(await store.dropOperatorSessions(at(15))).toBe(1);
      expect(await store.findOperatorSession('s2', at(15))).not.toBeNull();
    });

    test('use a one-time code once, and none from before it', async () => {
      await store.createOperator(anOperator({ hasTotp: true }), 'hash-1', aTotp());
      const both = await Promise.all([store.useTotpStep('op_1', 5), store.useTotpStep('op_1', 5)]);
      expect(both.toSorted()).toEqual([false, true]);
      expect(await store.useTotpStep('op_1', 4)).toBe(false);
      expect(await store.useTotpStep('op_1', 6)).toBe(true);
    });
  });
}
