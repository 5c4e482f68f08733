import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../calls/call.ts';
import type { CallQuery } from '../../calls/ports.ts';
import type { Store } from '../store.ts';
import type { OpenStore } from './contract.ts';

const T = Date.parse('2026-03-02T09:00:00.000Z');
const DAY_MS = 86_400_000;

const aCall = (at: number, fields: Partial<Call> = {}): Call => ({
  ...{ id: `call_${at}`, at, type: 'unified', tokenId: 'tok_a', requestId: 'r-1', connectionId: 'con_a' },
  ...{ resource: 'user-directory/users', method: 'list', verb: 'GET', status: 200, error: null, durationMs: 1.5 },
  ...{ upstreamMs: null, resultCount: 20, needsReauth: false, tool: null, clientName: null, clientVersion: null },
  ...fields,
});

/** What the call log and answers that are given again rely on. */
export function callContract(open: OpenStore): void {
  let store: Store;
  let reopen: () => Promise<Store>;
  beforeEach(async () => {
    ({ store, reopen } = await open());
  });

  describe('the call log', () => {
    const found = async (query: Partial<CallQuery> = {}): Promise<readonly string[]> => {
      const everything: CallQuery = {
        ...{ types: ['unified', 'proxy', 'mcp'], connectionIds: null, from: 0, limit: 100 },
        ...{ before: { at: T + DAY_MS, id: null }, where: {} },
      };
      return (await store.calls({ ...everything, ...query })).map(({ id }) => id);
    };

    test('gives calls back as they were, newest first, page by page also within one millisecond', async () => {
      const calls = [
        aCall(T),
        aCall(T + 1, { id: 'call_b', type: 'mcp', tool: 'find_person', clientName: 'agent', clientVersion: '2.1' }),
        aCall(T + 1, { id: 'call_c', type: 'proxy', upstreamMs: 80.25, status: 401, error: 'connection_unauthorized' }),
        aCall(T + 2, { connectionId: null, resource: null, resultCount: null, needsReauth: true }),
      ];
      await store.saveCalls(calls);
      await store.saveCalls([]);
      const query = { connectionIds: null, from: 0, where: {}, limit: 10 } as const;
      const before = { at: T + DAY_MS, id: null };
      expect(await store.calls({ ...query, types: ['unified', 'proxy', 'mcp'], before })).toEqual([...calls].reverse());
      expect(await found({ limit: 2 })).toEqual([`call_${T + 2}`, 'call_c']);
      expect(await found({ before: { at: T + 1, id: 'call_c' }, limit: 2 })).toEqual(['call_b', `call_${T}`]);
      expect(await found({ before: { at: T + 1, id: null } })).toEqual([`call_${T}`]);
    });

    test('is asked by kind, connection, time and column', async () => {
      await store.saveCalls([
        aCall(T),
        aCall(T + 1, { connectionId: 'con_b', status: 404 }),
        aCall(T + 2, { type: 'mcp', tool: 'find_person' }),
        aCall(T + 3, { connectionId: null }),
      ]);
      expect(await found({ types: ['mcp'] })).toEqual([`call_${T + 2}`]);
      expect(await found({ connectionIds: ['con_b', 'con_c'] })).toEqual([`call_${T + 1}`]);
      expect(await found({ connectionIds: [] })).toEqual([]);
      expect(await found({ from: T + 2 })).toEqual([`call_${T + 3}`, `call_${T + 2}`]);
      expect(await found({ where: { status: 404 } })).toEqual([`call_${T + 1}`]);
      expect(await found({ where: { tool: 'find_person', status: 200, tokenId: 'tok_a' } })).toEqual([`call_${T + 2}`]);
      expect(await found({ where: { tokenId: 'tok_b' } })).toEqual([]);
    });

    test('is bounded by age and by number, a portion at a time', async () => {
      await store.saveCalls(Array.from({ length: 10 }, (_, index) => aCall(T + index)));
      expect(await store.dropCalls({ before: T + 3, keep: 100, limit: 2 })).toBe(2);
      expect(await store.dropCalls({ before: T + 3, keep: 100, limit: 2 })).toBe(1);
      expect(await found()).toHaveLength(7);
      expect(await store.dropCalls({ before: 0, keep: 4, limit: 100 })).toBe(3);
      expect(await found()).toEqual([9, 8, 7, 6].map((index) => `call_${T + index}`));
      expect(await store.dropCalls({ before: 0, keep: 4, limit: 100 })).toBe(0);
    });
  });

  describe('answers that are given again', () => {
    const slot = { tokenId: 'tok_a', slot: 'a' };
    const claim = (at: number, fields: { tokenId?: string; slot?: string; digest?: string; most?: number } = {}) =>
      store.claimAnswer({ ...slot, digest: 'of the body', at, since: at - DAY_MS, most: 100, ...fields });

    test('a slot is taken once, by whoever comes first, and by each token for itself', async () => {
      const both = await Promise.all([claim(T), claim(T)]);
      expect(both.map(({ state }) => state).toSorted()).toEqual(['mine', 'taken']);
      expect(await claim(T + 1, { digest: 'another' })).toEqual({
        ...{ state: 'taken', digest: 'of the body', claimedAt: T, answer: null },
      });
      expect(await claim(T, { tokenId: 'tok_b' })).toEqual({ state: 'mine' });
      expect(await claim(T, { slot: 'b' })).toEqual({ state: 'mine' });
    });

    test('the answer is there for a repeat, also after the process was killed, until its day is over', async () => {
      await claim(T);
      await store.keepAnswer({ ...slot, at: T, answer: 'v1.sealed' });
      store = await reopen();
      expect(await claim(T + DAY_MS)).toMatchObject({ state: 'taken', answer: 'v1.sealed' });
      expect(await claim(T + DAY_MS + 1)).toEqual({ state: 'mine' });
    });

    test('a call without effect gives its slot back; one that has an answer keeps it', async () => {
      await claim(T);
      await store.releaseAnswer({ ...slot, at: T });
      expect(await claim(T + 1)).toEqual({ state: 'mine' });
      // What the first one left behind speaks for nobody else's claim.
      await store.releaseAnswer({ ...slot, at: T });
      await store.keepAnswer({ ...slot, at: T, answer: 'v1.of the first' });
      expect(await claim(T + 2)).toMatchObject({ state: 'taken', answer: null });
      await store.keepAnswer({ ...slot, at: T + 1, answer: 'v1.sealed' });
      await store.releaseAnswer({ ...slot, at: T + 1 });
      expect(await claim(T + 3)).toMatchObject({ state: 'taken', answer: 'v1.sealed' });
    });

    test('a token has a number of slots, and is told when the oldest is free again', async () => {
      await claim(T, { slot: 'a', most: 2 });
      await claim(T + 5, { slot: 'b', most: 2 });
      expect(await claim(T + 6, { slot: 'c', most: 2 })).toEqual({ state: 'full', until: T + DAY_MS });
      expect(await claim(T + 6, { slot: 'b', most: 2 })).toMatchObject({ state: 'taken' });
      expect(await claim(T + DAY_MS + 1, { slot: 'c', most: 2 })).toEqual({ state: 'mine' });
    });

    test('are dropped by age, and not given again after a person was erased', async () => {
      await claim(T);
      await store.keepAnswer({ ...slot, at: T, answer: 'v1.sealed' });
      await claim(T + 1, { slot: 'b' });
      await store.erasePerson({ connectionId: 'con_a', userId: '7', mark: 'mark', at: new Date(T).toISOString() });
      expect(await claim(T + 2)).toMatchObject({ state: 'taken', answer: '' });
      expect(await claim(T + 2, { slot: 'b' })).toMatchObject({ state: 'taken', answer: null });
      expect(await store.dropAnswers({ before: T + 1 })).toBe(1);
      expect(await claim(T + 3)).toEqual({ state: 'mine' });
    });
  });
}
