import { expect, test } from 'vitest';
import { noLimits } from '../client.ts';
import { createLimiter } from '../transport/limiter.ts';
import { type ScimClientOptions, scimRefusalOf } from './ask.ts';
import { createScimClient } from './client.ts';
import { failure, lab, methods, person, TOKEN } from './lab.contract.ts';
import { type Habits, json } from './service.contract.ts';

const withOne = (habits: Partial<Habits> = {}) => {
  const made = lab(habits);
  made.service.seed('users', [
    { ...person(1), id: 'u-1', nickName: 'Addy', emails: [{ type: 'work', value: 'a@b.c' }] },
  ]);
  return made;
};

test('a PATCH holds the changed paths alone, in lower case, with real booleans', async () => {
  const { client, service } = withOne();
  await client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]);
  await client.users.setActive('u-1', false);
  expect(service.calls.map(({ method, body }) => [method, body])).toEqual([
    [
      'PATCH',
      {
        schemas: [expect.stringContaining('PatchOp')],
        Operations: [{ op: 'replace', path: 'title', value: 'Clerk' }],
      },
    ],
    [
      'PATCH',
      {
        schemas: [expect.stringContaining('PatchOp')],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      },
    ],
  ]);
});

test.each([401, 429])(
  'a %i after a try that nobody answered says that it is open; by itself it does not',
  async (status) => {
    for (const isLost of [true, false]) {
      const { client, service } = withOne();
      let patches = 0;
      service.when(({ method }) => {
        if (method !== 'PATCH') return undefined;
        patches += 1;
        return isLost && patches === 1 ? 'lost' : json(status, {}, { 'retry-after': '1' });
      });
      const code = status === 401 ? 'connection_unauthorized' : 'remote_rate_limited';
      const change = client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]);
      expect(await failure(change)).toMatchObject({ code, isOpen: isLost, remote: { status } });
    }
  },
);

test.each([204, 'empty_200'] as const)('where the answer (%s) shows nothing, it is read again', async (patch) => {
  const { client, service } = withOne({ patch });
  const changed = await client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]);
  expect(changed).toMatchObject({ id: 'u-1', title: 'Clerk' });
  expect(methods(service)).toEqual(['PATCH', 'GET']);
});

test('what was taken is in doubt when the question for it is refused', async () => {
  const { client, service } = withOne({ patch: 204 });
  service.when(({ method }) => (method === 'GET' ? json(401, {}) : undefined));
  const change = client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]);
  expect(await failure(change)).toMatchObject({ code: 'connection_unauthorized', isOpen: true });
});

const urn = 'urn:ietf:params:scim:schemas:extension:knowbe4:kmsat:2.0:User';
const rich = {
  ...{ ...person(1), id: 'u-1', nickName: 'Addy', 'urn:example:other:1.0:User': { shoeSize: '42' } },
  emails: [{ type: 'work', value: 'a@b.c' }],
  [urn]: { customField1: 'kept' },
};

test.each([405, 501, 'refused_400'] as const)(
  'where PATCH is %s, what is there is put with the changes',
  async (patch) => {
    const { client, service } = lab({ patch, etags: true });
    service.seed('users', [rich]);
    const changed = await client.users.change('u-1', [
      { op: 'replace', path: 'title', value: 'Clerk' },
      { op: 'replace', path: `${urn}:customField2`, value: 'new' },
      { op: 'add', path: 'phoneNumbers', value: [{ type: 'mobile', value: '1' }] },
    ]);
    expect(changed).toMatchObject({ id: 'u-1', title: 'Clerk' });
    expect(methods(service)).toEqual(['PATCH', 'GET', 'PUT']);
    const { id: _, ...kept } = rich;
    expect(service.calls[2]!.body).toEqual({
      ...kept,
      schemas: [...rich.schemas, 'urn:example:other:1.0:User', urn],
      title: 'Clerk',
      phoneNumbers: [{ type: 'mobile', value: '1' }],
      [urn]: { customField1: 'kept', customField2: 'new' },
    });
    await client.users.setActive('u-1', false);
    expect(service.users.get('u-1')).toMatchObject({ active: false, nickName: 'Addy', title: 'Clerk' });
    // What is not implemented is not tried again.
    expect(methods(service).slice(3)).toEqual(patch === 'refused_400' ? ['PATCH', 'GET', 'PUT'] : ['GET', 'PUT']);
  },
);

test('a PUT is for what was read, and is made anew when that changed meanwhile', async () => {
  const headers: (string | undefined)[] = [];
  const made = lab({ patch: 501, etags: true });
  made.service.seed('users', [rich]);
  const seeing: ScimClientOptions['fetch'] = (url, init) => {
    if (init.method === 'PUT') headers.push(init.headers['if-match']);
    return made.service.fetch(url, init);
  };
  const client = createScimClient({
    ...{ tenantUrl: 'https://scim.example.com/scim', token: TOKEN, fetch: seeing, sleep: async () => undefined },
    limiter: createLimiter({ limits: noLimits }),
  });
  let puts = 0;
  made.service.when(({ method }) => {
    if (method !== 'PUT' || puts++ > 0) return undefined;
    made.service.seed('users', [{ ...rich, nickName: 'Changed by others', rev: 9 }]);
    return json(412, {});
  });
  await client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]);
  expect(headers).toEqual(['W/"1"', 'W/"9"']);
  expect(made.service.users.get('u-1')).toMatchObject({ nickName: 'Changed by others', title: 'Clerk' });
});

test('a value that is refused is not put, and a group never is', async () => {
  const { client, service } = withOne();
  service.seed('groups', [{ id: 'g-1', displayName: 'All', members: [{ value: 'u-1' }] }]);
  service.when(({ method }) => (method === 'PATCH' ? json(400, { scimType: 'invalidValue' }) : undefined));
  const error = await failure(client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]));
  expect(scimRefusalOf(error)).toMatchObject({ status: 400, scimType: 'invalidValue' });
  service.when(({ method }) => (method === 'PATCH' ? json(501, {}) : undefined));
  await failure(client.groups.change('g-1', [{ op: 'replace', path: 'displayName', value: 'Everybody' }]));
  expect(methods(service)).toEqual(['PATCH', 'PATCH']);
});

test('a 412 is tried once more', async () => {
  const { client, service } = withOne();
  service.when((_, index) => (index === 0 ? json(412, {}) : undefined));
  expect(await client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }])).toMatchObject({
    title: 'Clerk',
  });
  service.when(() => json(412, {}));
  expect(scimRefusalOf(await failure(client.users.setActive('u-1', false)))?.status).toBe(412);
  expect(methods(service)).toHaveLength(4);
});

test('an id that is stale is told as such, with what the service said', async () => {
  const { client } = withOne({ statusIsNumber: true });
  const error = await failure(client.users.setActive('gone/one', true));
  expect(error).toMatchObject({ code: 'remote_not_found' });
  expect(scimRefusalOf(error)).toEqual({ status: 404, scimType: null, detail: 'No such resource' });
});

test('a deactivation that does not show is no success', async () => {
  const { client, service } = withOne();
  service.when(({ method }) => (method === 'PATCH' ? json(200, { ...person(1), id: 'u-1' }) : undefined));
  expect(await failure(client.users.setActive('u-1', false))).toMatchObject({ code: 'remote_rejected' });
});

test('a service that writes flags as text is understood', async () => {
  const { client, service } = withOne();
  service.when(() => json(200, { ...person(1), id: 'u-1', active: 'False' }));
  expect(await client.users.setActive('u-1', false)).toMatchObject({ id: 'u-1' });
  expect(await failure(client.users.setActive('u-1', true))).toMatchObject({ code: 'remote_rejected' });
});
