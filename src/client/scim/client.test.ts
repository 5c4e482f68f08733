import { expect, test } from 'vitest';
import type { ScimClientOptions } from './ask.ts';
import { failure, lab, people, person, TOKEN } from './lab.contract.ts';
import { json } from './service.contract.ts';

test.each([401, 403])('after a %i nothing more is asked', async (status) => {
  const { client, service } = lab();
  service.when(() => json(status, {}));
  const code = status === 401 ? 'connection_unauthorized' : 'connection_forbidden';
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => failure(client.users.get(`u-${n}`))));
  expect(all.every((error) => error.code === code)).toBe(true);
  expect(service.calls.length).toBeLessThanOrEqual(4);
  service.when(() => undefined);
  await failure(client.users.get('u-1'));
  expect(service.calls.length).toBeLessThanOrEqual(4);
});

test('what is not offered is null, and stops nothing', async () => {
  const { client, service } = lab();
  service.seed('users', people(1));
  expect(await client.discovery.serviceProviderConfig()).toBeNull();
  service.when(({ path }) => (path === '/Schemas' ? json(403, {}) : undefined));
  expect(await client.discovery.schemas()).toBeNull();
  expect(await client.users.get('u-0')).toMatchObject({ id: 'u-0' });
});

test('so many calls at a time as was said, and no more', async () => {
  let [running, most] = [0, 0];
  const slow: ScimClientOptions['fetch'] = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return json(404, {});
  };
  const { client } = lab({}, { fetch: slow, concurrency: 3 });
  await Promise.all(Array.from({ length: 30 }, () => client.users.get('x')));
  expect(most).toBe(3);
});

test('ids may hold anything, the token is shown to the service alone', async () => {
  const { client, service } = lab();
  service.seed('users', [{ ...person(1), id: 'a b/c?d' }]);
  expect(await client.users.get('a b/c?d')).toMatchObject({ id: 'a b/c?d' });
  service.when(() => json(400, { detail: `your token ${TOKEN} and\n\u0007 more`, schemas: [] }));
  const error = await failure(client.users.create(person(1)));
  expect(JSON.stringify([error.detail, error.hint, error.remote])).not.toContain(TOKEN);
  expect(error.detail).toBe('The SCIM service answered with status 400: your token [redacted] and more.');
});
