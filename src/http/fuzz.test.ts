import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rawAccount, rawGroup, rawUser } from '../store/contract/mirror.ts';
import { openDoor } from './contract/door.ts';
import { mirroredGateway } from './contract/mirrored.ts';

let mirrored: Awaited<ReturnType<typeof mirroredGateway>>;
let door: Awaited<ReturnType<typeof openDoor>>;
let token: string;
let operations: { path: string; method: string; names: string[] }[];

beforeAll(async () => {
  mirrored = await mirroredGateway({
    acme: { account: [rawAccount()], groups: [rawGroup(1)], users: [rawUser(1, { groups: [1] }), rawUser(2)] },
    beta: { users: [rawUser(1)] },
  });
  door = await openDoor({ gateway: mirrored.gateway, limits: { livePerTenSeconds: 100_000, waitMs: 5 } });
  token = (await mirrored.gateway.tokens.create({ name: 'fuzz', scopes: ['admin'] })).secret;
  operations = Object.entries(door.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      names: ((operation as { parameters?: { name: string; in: string }[] }).parameters ?? [])
        .filter((one) => one.in === 'query')
        .map(({ name }) => name),
    })),
  );
});
afterAll(async () => {
  await door.close();
  await mirrored.close();
});

const plainText = fc.constantFrom(
  '1',
  '2',
  'acme',
  'con_1',
  'hold_1',
  'true',
  'active',
  'id',
  '2026-01-01',
  'kb4:admin',
);
const oddText = fc.oneof(
  fc.constantFrom('', '1', 'true', 'con_1', 'acme', '../..', '%', '%zz', '%00', '\0', '__proto__', 'null', '[]', '{}'),
  fc.constantFrom("' or 1=1 --", '9'.repeat(40), '-1', '1e309', '2026-13-45', '💥', '\ud800', 'a'.repeat(3000)),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const brackets = fc.constantFrom(
  '',
  '',
  '[]',
  '[0]',
  '[gt]',
  '[in]',
  '[in][]',
  '[like]',
  '[__proto__]',
  '[a][b]',
  '[',
  '[gt',
);
const oddJson = fc.oneof(
  fc.json({ maxDepth: 5 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc
    .record(
      {
        name: fc.anything(),
        region: fc.anything(),
        reporting_token: oddText,
        scopes: fc.anything(),
        connections: fc.array(oddText, { maxLength: 3 }),
        settings: fc.object({ maxDepth: 3 }),
        level: fc.anything(),
        tags: fc.anything(),
        expires_at: oddText,
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)) ?? ''),
);

const encoded = (text: string): string => {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
};

test('no input makes a 5xx, and every answer is as documented', { timeout: 120_000 }, async () => {
  const requests = fc.record({
    pick: fc.nat(),
    ids: fc.array(fc.tuple(fc.oneof(plainText, oddText), fc.boolean()), { minLength: 2, maxLength: 2 }),
    query: fc.array(fc.tuple(fc.nat(), brackets, fc.oneof(plainText, oddText), fc.boolean()), { maxLength: 4 }),
    account: fc.constantFrom('', 'con_1', 'con_2', 'con_9'),
    method: fc.constantFrom(null, null, null, null, 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
    body: oddJson,
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ pick, ids, query, account, method, body }) => {
      const operation = operations[pick % operations.length]!;
      let used = 0;
      const path = operation.path.replace(/\{\w+\}/g, () => {
        const [text, isRaw] = ids[used++ % ids.length]!;
        return isRaw ? text.replace(/[^!-~]|[?#]/g, '') || 'x' : encoded(text) || 'x';
      });
      const parts = query.map(([index, bracket, value, isKnown]) => {
        const name = isKnown && operation.names.length > 0 ? operation.names[index % operation.names.length]! : value;
        return `${encoded(name)}${bracket}=${encoded(value)}`;
      });
      if (account !== '') parts.push(`integrated_account_id=${account}`);
      const verb = method ?? operation.method;
      const hasBody = verb !== 'GET' && verb !== 'OPTIONS';
      const answer = await door.call(`${path}?${parts.join('&')}`, {
        method: verb,
        token,
        ...(hasBody ? { body } : {}),
      });
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers.get('x-request-id')).toBeTruthy();
    }),
    { numRuns: 800, seed: 20261121 },
  );
});
