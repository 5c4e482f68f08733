import { expect, test } from 'vitest';
import type { ApiToken } from '../tokens/token.ts';
import { aConnection } from './contract/fake-gateway.ts';
import { createReach } from './reach.ts';

const token = { connections: null } as ApiToken;

function aReach() {
  const connections = [aConnection()];
  let [now, looks] = [0, 0];
  const list = async () => {
    looks += 1;
    return [...connections];
  };
  const reach = createReach({ list } as never, () => now);
  return {
    reach,
    connections,
    looks: () => looks,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

test('connections are remembered for a second', async () => {
  const { reach, looks, wait } = aReach();
  for (let count = 0; count < 5; count++) await reach.one(token, 'acme', 'id');
  expect(looks()).toBe(1);
  wait(1001);
  await reach.one(token, 'acme', 'id');
  expect(looks()).toBe(2);
});

test('a connection that another process just made is found, and unknown names cost no look each', async () => {
  const { reach, connections, looks, wait } = aReach();
  await reach.one(token, undefined, 'id');
  const beta = aConnection({ id: 'con_b', name: 'beta' });
  connections.push(beta);
  await expect(reach.one(token, 'beta', 'id')).rejects.toMatchObject({ code: 'not_found' });
  wait(51);
  expect(await reach.one(token, 'beta', 'id')).toBe(beta);
  for (let count = 0; count < 5; count++) await expect(reach.one(token, 'gamma', 'id')).rejects.toThrow();
  expect(looks()).toBe(2);
});
