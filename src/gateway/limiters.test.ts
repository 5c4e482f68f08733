import { expect, test } from 'vitest';
import { memoryBudget } from '../client/transport/budget.ts';
import type { Connection } from '../connections/connection.ts';
import { aConnection } from '../store/contract/builders.ts';
import { createLimiters } from './limiters.ts';

const account = 'eu:acme.test';
const one = aConnection({ id: 'con_1', name: 'one', accountKey: account, settings: { limits: { perDay: 500 } } });
const other = aConnection({
  ...{ id: 'con_2', name: 'other', accountKey: account },
  settings: { limits: { perDay: 900, perMinute: 7, reserveShare: 0.5 } },
});
const stranger = aConnection({
  id: 'con_3',
  name: 'stranger',
  accountKey: 'eu:x',
  settings: { limits: { perDay: 1 } },
});

function limitersOver(stored: { connections: readonly Connection[] }) {
  return createLimiters({
    budgetOf: () => memoryBudget(),
    listConnections: async () => stored.connections,
    now: () => 0,
    onUnexpected429: () => undefined,
  });
}

test('the strictest limits of an account hold, also for a process that never worked on the other connection', async () => {
  const limiters = limitersOver({ connections: [one, other, stranger] });
  const { limits, reserveShare } = await (await limiters.of(one)).usage();
  expect(limits).toMatchObject({ perDay: 500, perMinute: 7 });
  expect(reserveShare).toBe(0.5);
  expect(await limiters.of(other)).toBe(await limiters.of(one));
});

test('what a removed connection wanted holds nobody back any more', async () => {
  const stored = { connections: [one, other] };
  const limiters = limitersOver(stored);
  await limiters.of(one);
  stored.connections = [other];
  const { limits } = await (await limiters.of(other)).usage();
  expect(limits).toMatchObject({ perDay: 900, perMinute: 7 });
});

test('callers that come together get one limiter', async () => {
  const limiters = limitersOver({ connections: [one, other] });
  const [first, second] = await Promise.all([limiters.of(one), limiters.of(other)]);
  expect(first).toBe(second);
});
