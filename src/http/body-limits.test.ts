import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPlan } from '../provisioning/contract/builders.ts';
import { fileLimits } from '../rules/tree.ts';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';
import { PRIYAS_SECRET, priya } from './contract/fake-operators.ts';

const acme = aConnection();
const { gateway, addToken } = fakeGateway({ connections: [acme] });
let door: Awaited<ReturnType<typeof openDoor>>;
let token: string;
beforeAll(async () => {
  door = await openDoor({ gateway });
  token = addToken({ scopes: ['admin'] });
});
afterAll(() => door.close());

const send = (path: string, json: unknown, method = 'POST') => door.call(`/api/v1/${path}`, { method, token, json });
const operator = { name: priya.name, secret: PRIYAS_SECRET };
const ids = (count: number) => Array.from({ length: count }, (_, at) => String(at).padStart(40, '0'));
const { id, digest } = aPlan();
const provisioning = `connections/${acme.id}/provisioning`;

test('the longest rule file and the longest lists that a call may have fit into its body', async () => {
  const text = `# ${'é'.repeat(fileLimits.letters - 3)}\n`;
  for (const [path, json, method] of [
    ['plans', { rules: { file: 'rules/acme.yaml', text } }, 'POST'],
    ['plans/compare', { rules: { file: 'rules/acme.yaml', text } }, 'POST'],
    [`plans/${id}/approve`, { digest, steps: ids(100_000), operator }, 'POST'],
    [provisioning, { exempt: ids(100_000), operator }, 'PATCH'],
  ] as const) {
    const answer = await send(path, json, method);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  }
});

test('one more is refused by its name', async () => {
  for (const [path, json, method, field] of [
    ['plans', { rules: { file: 'a.yaml', text: '#'.repeat(fileLimits.letters + 1) } }, 'POST', 'rules.text'],
    ['plans/compare', { rules: { file: 'a.yaml', text: '#'.repeat(fileLimits.letters + 1) } }, 'POST', 'rules.text'],
    [`plans/${id}/approve`, { digest, steps: ids(100_001), operator }, 'POST', 'steps'],
    [provisioning, { exempt: ids(100_001), operator }, 'PATCH', 'exempt'],
  ] as const) {
    const answer = await send(path, json, method);
    expect([answer.status, answer.body.issues[0].field], path).toEqual([400, field]);
  }
});

test('a body that is too large is told how much the address takes', async () => {
  const words = async (path: string, bytes: number) => (await send(path, { x: 'x'.repeat(bytes) })).body;
  const refused = (most: string) => ({
    ...{ status: 413, code: 'payload_too_large' },
    detail: `The body is larger than the ${most} that this address takes.`,
  });
  expect(await words('connections', 300_000)).toMatchObject(refused('256 kB'));
  expect(await words(`plans/${id}/approve`, 5.5e6)).toMatchObject(refused('5 MB'));
});
