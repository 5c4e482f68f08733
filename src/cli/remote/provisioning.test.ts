import { expect, test } from 'vitest';
import { camelCase, snakeCase } from '../../lib/case.ts';
import type { CallServer } from './call-server.ts';
import { remoteDecisions, remoteProvisioning } from './provisioning.ts';

/** A server that answers with the same to every call, as it would over HTTP. */
function answering(answer: unknown) {
  const asked: unknown[][] = [];
  const call = (async (...input: unknown[]) => {
    asked.push(input);
    return camelCase(JSON.parse(JSON.stringify(snakeCase(answer))));
  }) as CallServer;
  return { call, asked };
}

test('what is counted at the server is called as it is here', async () => {
  const { call, asked } = answering({ id: 'pl_1', counts: { group_create: 2, member_add: 3 } });
  const plan = await remoteProvisioning(call).build('con 1', { kind: 'sync' }, 'somebody');
  expect(plan.counts).toEqual({ group_create: 2, member_add: 3 });
  expect(asked).toEqual([['POST', '/plans?connection_id=con%201', { kind: 'sync' }]]);
});

test('a comparison of rules is asked of the server, with both counts as they are called here', async () => {
  const counts = { group_create: 2, member_add: 3 };
  const { call, asked } = answering({ current: { counts }, draft: { counts }, unseen: [] });
  const rules = { file: 'draft.yaml', text: 'version: 1' };
  const { current, draft } = await remoteProvisioning(call).compare('con 1', { rules }, 'somebody');
  expect([current.counts, draft.counts]).toEqual([counts, counts]);
  expect(asked).toEqual([['POST', '/plans/compare?connection_id=con%201', { rules }]]);
});

test('attributes of a person keep the names that their source gives them', async () => {
  const attributes = [
    { name: 'givenName', value: 'Maya', from: 'hr' },
    { name: 'cost_center', value: ['1', '2'], from: null },
  ];
  const person = { key: 'hr:7', active: true, groups: [], refs: [], attributes };
  const { call, asked } = answering({ who: 'maya', people: [{ read: { person, sources: [] } }] });
  const { people } = await remoteProvisioning(call).explain('acme', 'maya+x@example.com');
  expect(people[0]!.read.person).toMatchObject({
    attributes: { givenName: 'Maya', cost_center: ['1', '2'] },
    from: { givenName: 'hr' },
  });
  expect(asked[0]![1]).toBe('/connections/acme/provisioning/explain?who=maya%2Bx%40example.com');
});

test('a decision goes with the digest that was seen and the secret of the person in the body, never in the address', async () => {
  const { call, asked } = answering({});
  const decider = { proof: { name: 'priya', secret: 'seven green bicycles', code: null }, from: 'terminal' } as const;
  await remoteDecisions(call).approve('pl_1', { digest: 'sha256:00', steps: ['st_001'], reason: null }, decider);
  expect(asked).toEqual([
    [
      ...['POST', '/plans/pl_1/approve'],
      { digest: 'sha256:00', steps: ['st_001'], reason: null, operator: decider.proof },
    ],
  ]);
});
