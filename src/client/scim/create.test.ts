import { expect, test } from 'vitest';
import { failure, lab, methods, people, person } from './lab.contract.ts';
import { json } from './service.contract.ts';

test('asks first, makes once, and asks for both names at once as soon as that is known to work', async () => {
  const { client, service } = lab();
  const first = await client.users.create(person(1));
  expect(first).toMatchObject({ outcome: 'created', record: { id: 's-1', externalId: 'key-1' } });
  // Both names one by one, the POST, and three questions to find out about `or`.
  expect(methods(service)).toEqual(['GET', 'GET', 'POST', 'GET', 'GET', 'GET']);
  service.calls.length = 0;
  for (const n of [2, 3, 4]) await client.users.create(person(n));
  expect(methods(service)).toEqual(['GET', 'POST', 'GET', 'POST', 'GET', 'POST']);
  expect(service.calls[0]!.query).toBe('externalId eq "key-2" or userName eq "person.2@example.com"');
  expect(service.users.size).toBe(4);
});

test.each(['refused', 'nothing', 'everybody'] as const)('a filter with `or` that is %s is not used', async (or) => {
  const { client, service } = lab({ or });
  await client.users.create(person(1));
  service.calls.length = 0;
  await client.users.create(person(2));
  expect(methods(service)).toEqual(['GET', 'GET', 'POST']);
});

test('a user whose answer was lost is found, not made again', async () => {
  const { client, service } = lab();
  service.when(({ method }) => (method === 'POST' ? 'lost' : undefined));
  const made = await client.users.create(person(1));
  expect(made).toMatchObject({ outcome: 'created', record: { id: 's-1' } });
  expect(service.users.size).toBe(1);
});

test('a lost answer at a service that forgets externalId and lets names be taken twice: still one', async () => {
  const { client, service } = lab({ keepsExternalId: false, unique: false });
  service.when(({ method }) => (method === 'POST' ? 'lost' : undefined));
  await client.users.create(person(1));
  expect(service.users.size).toBe(1);
});

test('what never arrived is sent again', async () => {
  const { client, service, slept } = lab();
  let drops = 2;
  service.when(({ method }) => (method === 'POST' && drops-- > 0 ? 'dropped' : undefined));
  expect(await client.users.create(person(1))).toMatchObject({ outcome: 'created' });
  expect(service.users.size).toBe(1);
  expect(slept.length).toBe(2);
});

test('when nothing answers any more, the error says that it is open', async () => {
  const { client, service } = lab();
  let posted = false;
  service.when(({ method }) => {
    if (method === 'POST') posted = true;
    return posted ? 'dropped' : undefined;
  });
  const error = await failure(client.users.create(person(1)));
  expect(error).toMatchObject({ code: 'remote_unavailable', isOpen: true });
});

test.each([401, 429])(
  'a %i after a try that nobody answered says that it is open; by itself it does not',
  async (status) => {
    for (const isLost of [true, false]) {
      const { client, service } = lab();
      let posts = 0;
      service.when(({ method }) => {
        if (method !== 'POST') return undefined;
        posts += 1;
        return isLost && posts === 1 ? 'dropped' : json(status, {}, { 'retry-after': '1' });
      });
      const code = status === 401 ? 'connection_unauthorized' : 'remote_rate_limited';
      expect(await failure(client.users.create(person(1)))).toMatchObject({ code, isOpen: isLost });
    }
  },
);

test('429s are waited for and are no doubt', async () => {
  const { client, service, clock } = lab();
  let refusals = 3;
  const start = clock.now;
  service.when(({ method }) =>
    method === 'POST' && refusals-- > 0 ? json(429, {}, { 'retry-after': '7' }) : undefined,
  );
  await client.users.create(person(1));
  expect(methods(service).filter((method) => method === 'POST')).toHaveLength(4);
  expect(clock.now - start).toBeGreaterThanOrEqual(21_000);
  expect(service.users.size).toBe(1);
});

test('Retry-After as a date is waited for', async () => {
  const { client, service, clock } = lab();
  const start = clock.now;
  const at = new Date(start + 45_000).toUTCString();
  let refusals = 1;
  service.when(({ method }) =>
    method === 'POST' && refusals-- > 0 ? json(429, {}, { 'retry-after': at }) : undefined,
  );
  await client.users.create(person(1));
  expect(clock.now - start).toBeGreaterThanOrEqual(45_000);
});

test('somebody else’s name is a conflict, and nothing is written', async () => {
  const { client, service } = lab();
  service.seed('users', [{ ...person(1), id: 'u-1', externalId: 'another' }]);
  expect(await failure(client.users.create(person(1)))).toMatchObject({ code: 'conflict' });
  service.seed('users', [{ ...person(1), id: 'u-1', externalId: undefined, title: 'Boss' }]);
  expect(await failure(client.users.create(person(1, { title: 'Clerk' })))).toMatchObject({ code: 'conflict' });
  service.seed('users', [{ ...person(1), id: 'u-1', userName: 'older@example.com' }]);
  expect(await failure(client.users.create(person(1)))).toMatchObject({
    code: 'conflict',
    detail: expect.stringContaining('another userName'),
  });
  service.seed('users', [
    { ...person(1), id: 'u-1', userName: 'older@example.com' },
    { ...person(2), id: 'u-2', userName: 'person.1@example.com' },
  ]);
  expect(await failure(client.users.create(person(1)))).toMatchObject({
    detail: expect.stringContaining('2 resources'),
  });
  expect(methods(service)).not.toContain('POST');
});

test('a name that only differs in letter case is found, also where letters are compared one by one', async () => {
  const { client, service } = lab({ filters: 'letter_by_letter', unique: false });
  service.seed('users', [{ ...person(1), id: 'u-1' }]);
  const made = await client.users.create(person(1, { externalId: 'key-1', userName: 'Person.1@Example.com' }));
  expect(made).toMatchObject({ outcome: 'found', record: { id: 'u-1' } });
  service.seed('users', [{ ...person(2), id: 'u-2', externalId: undefined }]);
  const twin = client.users.create(person(2, { userName: 'Person.2@Example.com' }));
  expect(await failure(twin)).toMatchObject({ code: 'conflict' });
  expect(service.users.size).toBe(2);
});

test('where the service shows others than were asked for, nothing is believed and nothing written', async () => {
  const { client, service } = lab({ filters: 'ignored' });
  service.seed('users', people(3));
  expect(await failure(client.users.create(person('new')))).toMatchObject({ code: 'remote_invalid' });
  expect(methods(service)).not.toContain('POST');
});

test('an answer that is no list is no proof that nobody is there', async () => {
  const { client, service } = lab();
  service.when(({ method }) => (method === 'GET' ? json(200, { hello: 'there' }) : undefined));
  expect(await failure(client.users.create(person(1)))).toMatchObject({ code: 'remote_invalid' });
  service.when(({ method }) => (method === 'GET' ? json(200, { totalResults: 1, Resources: [] }) : undefined));
  expect(await failure(client.users.find({ userName: 'x' }))).toMatchObject({ code: 'remote_invalid' });
  expect(methods(service)).not.toContain('POST');
});

test('a search that answers 404 as SCIM has it found nobody; another 404 is an error', async () => {
  const { client, service } = lab();
  service.when(() => json(404, { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: 404 }));
  expect(await client.users.find({ userName: 'x@example.com' })).toEqual([]);
  service.when(() => new Response('<html>', { status: 404 }));
  expect(await failure(client.users.find({ userName: 'x@example.com' }))).toMatchObject({ code: 'remote_not_found' });
});

test('groups are made once by their name', async () => {
  const { client, service } = lab();
  service.when(({ method }) => (method === 'POST' ? 'lost' : undefined));
  const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'New hires' };
  expect(await client.groups.create(group)).toMatchObject({ record: { id: 's-1' } });
  expect(await client.groups.create(group)).toMatchObject({ outcome: 'found' });
  expect(service.groups.size).toBe(1);
});

test('a name that is taken between the question and the POST is somebody else’s, unless the key is ours', async () => {
  for (const [externalId, code] of [
    [undefined, 'conflict'],
    ['key-1', null],
  ] as const) {
    const { client, service } = lab();
    service.when(({ method }) => {
      if (method === 'POST') service.seed('users', [{ ...person(1), id: 'u-1', externalId, title: 'Boss' }]);
      return undefined;
    });
    const made = client.users.create(person(1, { title: 'Clerk' }));
    if (code === null) expect(await made).toMatchObject({ outcome: 'found', record: { id: 'u-1' } });
    else expect(await failure(made)).toMatchObject({ code });
  }
});

test('a 409 for what nobody has is told as the service said it', async () => {
  const { client, service } = lab();
  service.when(({ method }) =>
    method === 'POST' ? json(409, { scimType: 'uniqueness', detail: 'taken' }) : undefined,
  );
  const error = await failure(client.users.create(person(1)));
  expect(error).toMatchObject({ code: 'conflict', detail: expect.stringContaining('uniqueness: taken') });
  expect(methods(service)).toEqual(['GET', 'GET', 'POST', 'GET', 'GET']);
});

test('a service in maintenance is left alone for as long as it asks', async () => {
  const { client, service, slept } = lab();
  let refusals = 1;
  service.when(({ method }) =>
    method === 'POST' && refusals-- > 0 ? json(503, {}, { 'retry-after': '90' }) : undefined,
  );
  expect(await client.users.create(person(1))).toMatchObject({ outcome: 'created' });
  expect(slept).toContain(90_000);
});
