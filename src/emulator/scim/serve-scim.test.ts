import { expect, test } from 'vitest';
import type { Emulator } from '../index.ts';
import { anEmulator, ask } from '../lab.contract.ts';

/** Whom the other program holds; an archived person whose address somebody else has now is none of them. */
const managedOf = (emulator: Emulator) => {
  const { users } = emulator.truth();
  const address = (user: (typeof users)[number]) => user.email.toLowerCase();
  const active = new Set(users.filter(({ status }) => status === 'active').map(address));
  return users.filter(
    (user) => user.provisioning_guid !== null && (user.status === 'active' || !active.has(address(user))),
  );
};

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

test('a page of users shows that the token is good', async () => {
  const emulator = await anEmulator();
  const managed = managedOf(emulator);
  const { status, headers, body } = await ask(emulator, 'scim', '/Users?count=1');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
  expect(body).toMatchObject({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: managed.length,
    startIndex: 1,
    itemsPerPage: 1,
    Resources: [{ externalId: managed[0]!.provisioning_guid, userName: managed[0]!.email, active: true }],
  });
  expect((await ask(emulator, 'scim', '/Users/')).body.itemsPerPage).toBe(managed.length);
});

test('pages go on where the last one ended; counts and places out of range are mended', async () => {
  const emulator = await anEmulator({ people: 150 });
  const ids = async (search: string) =>
    (await ask(emulator, 'scim', `/Users?${search}`)).body.Resources.map(
      (user: { externalId: string }) => user.externalId,
    );
  const managed = managedOf(emulator).map((user) => user.provisioning_guid);
  expect([...(await ids('count=100')), ...(await ids('startIndex=101'))]).toEqual(managed);
  expect(await ids('count=1000')).toEqual(managed.slice(0, 100));
  expect(await ids('startIndex=0&count=2')).toEqual(managed.slice(0, 2));
  expect(await ids('count=0')).toEqual([]);
  expect(await ids('count=-4')).toEqual([]);
});

test('it says what it can do', async () => {
  const { body } = await ask(await anEmulator(), 'scim', '/ServiceProviderConfig');
  expect(body).toMatchObject({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    authenticationSchemes: [{ type: 'oauthbearertoken' }],
  });
});

test('errors are those of the standard', async () => {
  const emulator = await anEmulator({ accounts: [{ name: 'Second Ltd', people: 5 }] });
  const refused = await ask(emulator, 'scim', '/Users?count=1', { token: 'nobody' });
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  expect(refused.headers.get('content-type')).toContain('application/scim+json');
  expect(refused.body).toEqual({ schemas: [ERROR], status: '401', detail: 'Unauthorized' });
  const filtered = await ask(emulator, 'scim', '/Users?filter=userName%20eq%20%22x');
  expect(filtered).toMatchObject({ status: 400, body: { schemas: [ERROR], status: '400', scimType: 'invalidFilter' } });
  for (const [path, method] of [
    ['/Nothing', 'GET'],
    ['/Users/1', 'GET'],
    ['/Groups/1', 'DELETE'],
    ['/Users', 'DELETE'],
    ['/Schemas/urn:nothing', 'GET'],
    ['/../second-ltd/Users', 'GET'],
  ] as const) {
    expect(await ask(emulator, 'scim', path, { method })).toMatchObject({ status: 404, body: { status: '404' } });
  }
});
