import { expect, test } from 'vitest';
import type { Emulator, Fault } from '../index.ts';
import { anEmulator, ask } from '../lab.contract.ts';
import { ENTERPRISE, pusher, seen, sync, userBody } from './scim-lab.contract.ts';

const aFresh = async () => {
  const emulator = await anEmulator({ provisioner: 'none' });
  return { emulator, ...pusher(emulator) };
};
const raw = async (
  emulator: Emulator,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
) => {
  const response = await fetch(`${emulator.addresses.scim}${path}`, {
    method,
    headers: { authorization: `Bearer ${emulator.tokens.scim}`, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const filter = (text: string) => `filter=${encodeURIComponent(text)}`;

test('a user that is made has an id, an address of its own and a version, and is read again the same', async () => {
  const { emulator } = await aFresh();
  const made = await ask(emulator, 'scim', '/Users', {
    method: 'POST',
    body: userBody('ada@halden.example', { password: 'x' }),
  });
  expect(made.status).toBe(201);
  const { id, meta } = made.body;
  expect(made.headers.get('location')).toBe(`${emulator.addresses.scim}/Users/${id}`);
  expect(meta).toEqual({
    resourceType: 'User',
    created: '2026-11-16T09:00:00.000Z',
    lastModified: '2026-11-16T09:00:00.000Z',
    location: `${emulator.addresses.scim}/Users/${id}`,
    version: made.headers.get('etag'),
  });
  expect(made.text).not.toContain('password');
  const again = await ask(emulator, 'scim', `/Users/${id}`);
  expect(again).toMatchObject({ status: 200, body: made.body });
});

test('a version that is old changes nothing, one that is known answers nothing', async () => {
  const { emulator, post, patch } = await aFresh();
  const id = await post('ada@halden.example');
  const etag = (await raw(emulator, 'GET', `/Users/${id}`, {})).headers.get('etag')!;
  expect(await raw(emulator, 'GET', `/Users/${id}`, { 'if-none-match': etag })).toMatchObject({
    status: 304,
    text: '',
  });
  await patch(id, { op: 'replace', path: 'title', value: 'Controller' });
  expect((await raw(emulator, 'GET', `/Users/${id}`, { 'if-none-match': etag })).status).toBe(200);
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const body = method === 'PUT' ? userBody('else@halden.example') : { Operations: [{ op: 'remove', path: 'title' }] };
    expect((await raw(emulator, method, `/Users/${id}`, { 'if-match': etag }, body)).status).toBe(412);
  }
  expect(JSON.parse((await raw(emulator, 'GET', `/Users/${id}`, {})).text).title).toBe('Controller');
  const now = (await raw(emulator, 'GET', `/Users/${id}`, {})).headers.get('etag')!;
  expect((await raw(emulator, 'DELETE', `/Users/${id}`, { 'if-match': now })).status).toBe(204);
});

test('a PATCH that changes nothing leaves the version, and asks for no sync', async () => {
  const { emulator, post, patch, call } = await aFresh();
  const id = await post('ada@halden.example', { title: 'Controller' });
  const { meta } = await call('GET', `/Users/${id}`);
  await patch(id, { op: 'replace', path: 'title', value: 'Controller' });
  emulator.advance(60_000);
  expect((await call('GET', `/Users/${id}`)).meta).toEqual(meta);
});

test('names are taken in any letter case; one may be written in another case over itself', async () => {
  const { emulator, post, patch, group } = await aFresh();
  const ada = await post('ada@halden.example');
  const bob = await post('bob@halden.example');
  await group('Night shift');
  const conflict = { status: 409, body: { status: '409', scimType: 'uniqueness' } };
  expect(await ask(emulator, 'scim', '/Users', { method: 'POST', body: userBody('ADA@halden.example') })).toMatchObject(
    conflict,
  );
  expect(
    await ask(emulator, 'scim', '/Groups', { method: 'POST', body: { displayName: 'NIGHT SHIFT' } }),
  ).toMatchObject(conflict);
  const onto = (value: string) => ({
    method: 'PATCH',
    body: { Operations: [{ op: 'replace', path: 'userName', value }] },
  });
  expect(await ask(emulator, 'scim', `/Users/${bob}`, onto('Ada@Halden.example'))).toMatchObject(conflict);
  expect((await patch(ada, { op: 'replace', path: 'userName', value: 'Ada@Halden.example' })).userName).toBe(
    'Ada@Halden.example',
  );
});

test('users and groups are found by what filters say', async () => {
  const { emulator, post, group } = await aFresh();
  const ada = await post('ada@halden.example', { title: 'Controller', [ENTERPRISE]: { department: 'Finance' } });
  const bob = await post('bob@halden.example', { active: false });
  const nights = await group('Night shift', [ada]);
  const ids = async (path: string) =>
    (await ask(emulator, 'scim', path)).body.Resources.map((one: { id: string }) => one.id);
  expect(await ids(`/Users?${filter('userName eq "ADA@halden.example"')}`)).toEqual([ada]);
  expect(await ids(`/Users?${filter('externalId eq "key-bob"')}`)).toEqual([bob]);
  expect(await ids(`/Users?${filter('active eq false')}`)).toEqual([bob]);
  expect(await ids(`/Users?${filter('title pr and not (userName sw "bob")')}`)).toEqual([ada]);
  expect(await ids(`/Users?${filter('emails[type eq "work" and value co "bob@"]')}`)).toEqual([bob]);
  expect(await ids(`/Users?${filter(`${ENTERPRISE}:department eq "finance"`)}`)).toEqual([ada]);
  expect(await ids(`/Users?${filter(`groups eq "${nights}"`)}`)).toEqual([ada]);
  expect(await ids(`/Users?${filter('userName eq "0f31c7c2-nobody"')}`)).toEqual([]);
  expect(await ids(`/Groups?excludedAttributes=members&${filter('displayName eq "night shift"')}`)).toEqual([nights]);
  expect(await ids(`/Groups?${filter(`id eq "${nights}" and members eq "${ada}"`)}`)).toEqual([nights]);
  expect(await ids(`/Groups?${filter(`id eq "${nights}" and members eq "${bob}"`)}`)).toEqual([]);
});

test('what is asked for is answered, and what is left out is not', async () => {
  const { call, post, group } = await aFresh();
  const ada = await post('ada@halden.example', { title: 'Controller' });
  const nights = await group('Night shift', [ada]);
  expect(Object.keys(await call('GET', `/Users/${ada}?attributes=userName`)).sort()).toEqual([
    'id',
    'schemas',
    'userName',
  ]);
  expect(await call('GET', `/Groups/${nights}?excludedAttributes=members`)).not.toHaveProperty('members');
  expect(await call('GET', `/Groups/${nights}`)).toMatchObject({ members: [{ value: ada, type: 'User' }] });
  expect(await call('GET', `/Users/${ada}`)).toMatchObject({ groups: [{ value: nights, display: 'Night shift' }] });
});

test('what it can do is told: schemas with those of KnowBe4, types, ETags', async () => {
  const { call } = await aFresh();
  const { Resources } = await call('GET', '/Schemas');
  expect(Resources.map(({ id }: { id: string }) => id)).toContain(
    'urn:ietf:params:scim:schemas:extension:knowbe4:kmsat:2.0:User',
  );
  expect((await call('GET', `/Schemas/${Resources[0].id}`)).name).toBe('User');
  expect((await call('GET', '/ResourceTypes')).totalResults).toBe(2);
  expect(await call('GET', '/ResourceTypes/Group')).toMatchObject({ endpoint: '/Groups' });
  expect(await call('GET', '/ServiceProviderConfig')).toMatchObject({
    etag: { supported: true },
    filter: { maxResults: 100 },
  });
});

test.each([
  ['POST', '/Users', '{', 'invalidSyntax'],
  ['POST', '/Users', {}, 'invalidValue'],
  ['POST', '/Groups', { members: [] }, 'invalidValue'],
  ['GET', `/Users?${filter('userName is "x"')}`, undefined, 'invalidFilter'],
  ['PATCH', '/Users/ADA', { Operations: [{ op: 'twist', path: 'title', value: 1 }] }, 'invalidSyntax'],
  ['PATCH', '/Users/ADA', { Operations: [{ op: 'replace', path: 'userName', value: null }] }, undefined],
])('%s %s of %o is refused and changes nothing', async (method, path, body, scimType) => {
  const { emulator, post, call } = await aFresh();
  const id = await post('ada@halden.example');
  const before = await call('GET', '/Users');
  const answer = await ask(emulator, 'scim', path.replace('ADA', id), { method, body });
  expect(answer).toMatchObject({ status: 400, body: { status: '400', ...(scimType && { scimType }) } });
  expect(await call('GET', '/Users')).toEqual(before);
});

test('the conversation of Entra: looks for nobody, makes, changes, disables, and its groups', async () => {
  const { emulator, call, post, patch, patchGroup } = await aFresh();
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  emulator.mutate({ kind: 'switch', switches: { scimAuthoritativeArchive: false } });
  expect((await call('GET', `/Users?${filter('userName eq "7a3c-nobody"')}`)).totalResults).toBe(0);
  const boss = await post('boss@halden.example');
  const ada = await post('ada@halden.example', { roles: [], meta: { resourceType: 'User' } });
  const user = async () => call('GET', `/Users/${ada}`);
  await patch(ada, { op: 'Add', path: `${ENTERPRISE}:manager`, value: boss });
  expect((await user())[ENTERPRISE].manager.value).toBe(boss);
  await patch(ada, { op: 'Replace', path: 'phoneNumbers[type eq "mobile"].value', value: '+47 555 9' });
  expect((await user()).phoneNumbers).toMatchObject([{ type: 'mobile', value: '+47 555 9' }]);
  await patch(ada, {
    op: 'replace',
    value: { title: 'Controller', 'name.familyName': 'Rau', [`${ENTERPRISE}:department`]: 'Controlling' },
  });
  expect(await user()).toMatchObject({ title: 'Controller', name: { givenName: 'Amara', familyName: 'Rau' } });
  await patch(ada, { op: 'Remove', path: 'title' });
  expect(await user()).not.toHaveProperty('title');
  const { id: team } = await call('POST', '/Groups', {
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:Group',
      'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
    ],
    externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
    displayName: 'Finance – All',
    meta: { resourceType: 'Group' },
  });
  await patchGroup(team, {
    op: 'Add',
    path: 'members',
    value: [
      { $ref: null, value: ada },
      { $ref: null, value: boss },
    ],
  });
  await patchGroup(team, { op: 'Remove', path: 'members', value: [{ $ref: null, value: boss }] });
  expect((await call('GET', `/Groups/${team}`)).members.map(({ value }: { value: string }) => value)).toEqual([ada]);
  await sync(emulator);
  expect(await seen(emulator, 'ada@halden.example')).toMatchObject({
    last_name: 'Rau',
    department: 'Controlling',
    manager_email: 'boss@halden.example',
    mobile_phone_number: '+47 555 9',
    status: 'active',
  });
  await patch(ada, { op: 'Replace', path: 'active', value: 'False' });
  await sync(emulator);
  expect((await seen(emulator, 'ada@halden.example'))!.status).toBe('archived');
  await call('DELETE', `/Users/${ada}`);
  expect((await ask(emulator, 'scim', `/Users/${ada}`)).status).toBe(404);
  await sync(emulator);
  expect((await seen(emulator, 'ada@halden.example'))!.status).toBe('archived');
});

test('the conversation of Okta: tries, makes, puts whole users, deactivates without a path, pushes groups', async () => {
  const { emulator, call, post, put, patch, patchGroup, group } = await aFresh();
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  emulator.mutate({ kind: 'switch', switches: { scimAuthoritativeArchive: false } });
  expect(await call('GET', '/Users?startIndex=1&count=2')).toMatchObject({
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
  });
  expect(
    (await call('GET', `/Users?${filter('userName eq "ada@halden.example"')}&startIndex=1&count=100`)).Resources,
  ).toEqual([]);
  const ada = await post('ada@halden.example', {
    displayName: 'Ines Verne',
    locale: 'en-US',
    groups: [],
    password: 'x',
  });
  const team = await group('Team');
  await patchGroup(team, { op: 'add', path: 'members', value: [{ value: ada, display: 'ada' }] });
  const whole = await call('GET', `/Users/${ada}`);
  expect(whole.groups).toHaveLength(1);
  const changed = await put(ada, { ...whole, title: 'Controller' });
  expect(changed).toMatchObject({ title: 'Controller', groups: whole.groups });
  await patchGroup(team, { op: 'replace', value: { id: team, displayName: 'Team A' } });
  await sync(emulator);
  const before = (await seen(emulator, 'ada@halden.example'))!;
  expect(before).toMatchObject({ job_title: 'Controller', manager_name: 'Ines Verne' });
  const id = emulator.truth().groups.find(({ name }) => name === 'Team A')!.id;
  expect(before.groups).toContain(id);
  await patchGroup(team, { op: 'remove', path: `members[value eq "${ada}"]` });
  await patch(ada, { op: 'replace', value: { active: false } });
  await sync(emulator);
  expect((await seen(emulator, 'ada@halden.example'))!.status).toBe('archived');
  await put(ada, { ...(await call('GET', `/Users/${ada}`)), active: true });
  await sync(emulator);
  const after = (await seen(emulator, 'ada@halden.example'))!;
  expect(after).toMatchObject({ id: before.id, status: 'active' });
  expect(after.groups).not.toContain(id);
  await call('DELETE', `/Groups/${team}`);
  await sync(emulator);
  expect(emulator.truth().groups.find(({ name }) => name === 'Team A')!.status).toBe('archived');
});

test('whoever sends the members of a group as a list has these and no others', async () => {
  const { call, post, group, patchGroup } = await aFresh();
  const [ada, bob] = [await post('ada@halden.example'), await post('bob@halden.example')];
  const team = await group('Team', [ada]);
  await patchGroup(team, { op: 'replace', path: 'members', value: [{ value: bob }] });
  expect((await call('GET', `/Groups/${team}`)).members).toMatchObject([{ value: bob }]);
});

const faulty = async (fault: Fault) => {
  const lab = await aFresh();
  const ada = await lab.post('ada@halden.example');
  await lab.post('bob@halden.example');
  const team = await lab.group('Team', [ada]);
  lab.emulator.addFault(fault);
  return { ...lab, ada, team };
};

test.each([
  'server-error',
  'maintenance',
  'rate-limited',
  'not-implemented',
  'too-large',
  'token-disabled',
  'html-error',
] as const)('%s of a write: nothing is written, and the next try is good', async (kind) => {
  const { emulator, ada, call } = await faulty({ kind, endpoint: 'scim_user_patch', retryAfterS: 3 });
  const patch = { method: 'PATCH', body: { Operations: [{ op: 'replace', path: 'title', value: 'Controller' }] } };
  const before = await call('GET', `/Users/${ada}`);
  const statuses = {
    'server-error': 500,
    maintenance: 503,
    'rate-limited': 429,
    'not-implemented': 501,
    'too-large': 413,
    'token-disabled': 401,
    'html-error': 502,
  };
  const refused = await ask(emulator, 'scim', `/Users/${ada}`, patch);
  expect(refused.status).toBe(statuses[kind]);
  if (kind === 'rate-limited') expect(refused.headers.get('retry-after')).toBe('3');
  expect(await call('GET', `/Users/${ada}`)).toEqual(before);
  expect((await ask(emulator, 'scim', `/Users/${ada}`, patch)).status).toBe(200);
});

test.each(['lost-answer', 'cut-connection'] as const)('%s of a write: it is written all the same', async (kind) => {
  const { emulator, find } = await faulty({ kind, endpoint: 'scim_user_create' });
  const send = () => ask(emulator, 'scim', '/Users', { method: 'POST', body: userBody('eva@halden.example') });
  await expect(send()).rejects.toThrow();
  expect((await find('eva@halden.example')).userName).toBe('eva@halden.example');
  expect((await send()).status).toBe(409);
  emulator.addFault({ kind: 'lost-answer', endpoint: 'scim_users' });
  const headers = { authorization: `Bearer ${emulator.tokens.scim}` };
  await expect(emulator.fetch(`${emulator.addresses.scim}/Users`, { headers })).rejects.toThrow('fetch failed');
});

test('lists lie as they are told to', async () => {
  const { emulator, call, ada, team } = await faulty({ kind: 'wrong-total', endpoint: 'scim_users' });
  expect((await call('GET', '/Users?count=1')).totalResults).toBe(1);
  emulator.addFault({ kind: 'repeated-page', endpoint: 'scim_users' });
  expect((await call('GET', '/Users?startIndex=2&count=1')).Resources[0].id).toBe(ada);
  emulator.addFault({ kind: 'empty-list', endpoint: 'scim_groups' });
  expect((await call('GET', '/Groups')).Resources).toEqual([]);
  emulator.addFault({ kind: 'case-sensitive', endpoint: 'scim_users' });
  expect((await call('GET', `/Users?${filter('userName eq "ADA@halden.example"')}`)).totalResults).toBe(0);
  emulator.addFault({ kind: 'case-sensitive', endpoint: 'scim_users' });
  expect((await call('GET', `/Users?${filter('userName eq "ada@halden.example"')}`)).totalResults).toBe(1);
  emulator.addFault({ kind: 'members-truncated', endpoint: 'scim_group', rows: 0 });
  expect((await call('GET', `/Groups/${team}`)).members).toEqual([]);
  emulator.addFault({ kind: 'conflict', endpoint: 'scim_user_create' });
  expect((await ask(emulator, 'scim', '/Users', { method: 'POST', body: userBody('eva@halden.example') })).status).toBe(
    409,
  );
  expect((await call('GET', '/Users')).totalResults).toBe(2);
});

test('every call is counted by what it does', async () => {
  const { emulator, ada, team, call, put, patch, patchGroup } = await faulty({ kind: 'slow', endpoint: 'nothing' });
  emulator.resetRequests();
  await put(ada, userBody('ada@halden.example'));
  await patch(ada, { op: 'replace', path: 'title', value: 'x' });
  await patchGroup(team, { op: 'replace', path: 'displayName', value: 'y' });
  await call('PUT', `/Groups/${team}`, { displayName: 'z' });
  await call('GET', '/Groups');
  await call('GET', '/Schemas');
  await call('DELETE', `/Groups/${team}`);
  await call('DELETE', `/Users/${ada}`);
  expect(emulator.requests().byEndpoint).toEqual({
    scim_user_replace: 1,
    scim_user_patch: 1,
    scim_group_patch: 1,
    scim_group_replace: 1,
    scim_groups: 1,
    scim_schemas: 1,
    scim_group_delete: 1,
    scim_user_delete: 1,
  });
});

test('SCIM has no limits, unless it is given some', async () => {
  const scim = { perSecond: 2, perMinute: 100, perDay: 1000 };
  const emulator = await anEmulator({ limits: true, surfaceLimits: { scim } });
  const statuses = [];
  for (let n = 0; n < 3; n += 1) statuses.push((await ask(emulator, 'scim', '/Users?count=0')).status);
  expect(statuses).toEqual([200, 200, 429]);
  const free = await anEmulator({ limits: true });
  for (let n = 0; n < 60; n += 1) expect((await ask(free, 'scim', '/Users?count=0')).status).toBe(200);
});
