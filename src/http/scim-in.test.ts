import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import type { SourcePerson } from '../model/source-person.ts';
import { schemaUrns } from '../scim/urns.ts';
import { scimInSource } from '../sources/scim-in-source.ts';
import { openStore } from '../store/store.ts';
import { openDoor } from './contract/door.ts';

/* Two providers push to a real gateway, in the bodies that Microsoft and Okta publish for their own SCIM clients, composed anew. */
let gateway: Gateway;
let door: Awaited<ReturnType<typeof openDoor>>;
let folder: string;
const secrets: Record<string, string> = {};
const failedLogins: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreknow-scim-in-'));
  gateway = await openGateway({
    folder,
    sources: {
      sources: (['entra-push', 'okta-push', 'unused', 'made'] as const).map((name) => ({
        ...{ name, kind: 'scim-in' as const, profile: name === 'okta-push' ? ('okta' as const) : undefined },
      })),
      people: { from: [], join: [], prefer: {} },
    },
  });
  for (const name of ['entra-push', 'okta-push']) secrets[name] = (await gateway.scimIn.tokens.create(name)).secret;
  const audit = { ...gateway.audit, failedLogin: (network: string) => void failedLogins.push(network) };
  door = await openDoor({ gateway: { ...gateway, audit }, limits: { failuresPerMinute: 40 } });
});
afterAll(async () => {
  await door.close();
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

const SCIM = { 'content-type': 'application/scim+json' };
const caller = (source: string) => {
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    door.call(`/scim/v2/${source}${path}`, {
      ...{ method, token: secrets[source]!, headers: { ...SCIM, ...headers } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    ask,
    get: (path: string) => ask('GET', path),
    post: (path: string, body: unknown) => ask('POST', path, body),
    patch: (path: string, ...Operations: readonly unknown[]) =>
      ask('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }),
  };
};
const filter = (text: string) => `filter=${encodeURIComponent(text)}`;

describe('Entra', () => {
  const { ask, get, post, patch } = caller('entra-push');
  const enterprise = schemaUrns.enterprise;
  let amara: string;
  let finance: string;

  test('its connection test is answered with an empty list', async () => {
    const { status, body, headers } = await get(
      `/Users?${filter('userName eq "d9c1e7c2-52bb-4a5e-9a4d-0a2b6f6c1f10"')}`,
    );
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    expect(body).toEqual({
      ...{ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 0, startIndex: 1 },
      ...{ itemsPerPage: 0, Resources: [] },
    });
  });

  test('it makes a user and finds them again by their name in any letter case', async () => {
    const made = await post('/Users', {
      schemas: [schemaUrns.user, enterprise],
      externalId: 'amara.lindqvist',
      userName: 'Amara.Lindqvist@example.com',
      active: 'True',
      displayName: 'Amara Lindqvist',
      emails: [{ primary: true, type: 'work', value: 'amara.lindqvist@example.com' }],
      name: { formatted: 'Amara Lindqvist', givenName: 'Amara', familyName: 'Lindqvist' },
      [enterprise]: { department: 'Payroll' },
      roles: [],
      meta: { resourceType: 'User' },
    });
    expect(made.status).toBe(201);
    amara = made.body.id;
    expect(made.headers.get('location')).toBe(`${door.url}/scim/v2/entra-push/Users/${amara}`);
    expect(made.body).toMatchObject({ active: true, meta: { resourceType: 'User', version: 'W/"1"' } });
    const found = await get(`/Users?${filter('userName eq "amara.lindqvist@EXAMPLE.com"')}`);
    expect(found.body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: amara, [enterprise]: { department: 'Payroll' } }],
    });
    const again = await post('/Users', { userName: 'AMARA.lindqvist@example.com' });
    expect([again.status, again.body]).toEqual([
      409,
      {
        ...{ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '409', scimType: 'uniqueness' },
        detail: 'Another user has this userName',
      },
    ]);
  });

  test('it disables with a text, in words of its own, and sees it at once', async () => {
    const off = await patch(`/Users/${amara}`, { op: 'Replace', path: 'active', value: 'False' });
    expect([off.status, off.body.active]).toEqual([200, false]);
    expect((await get(`/Users/${amara}`)).body.active).toBe(false);
    expect((await get(`/Users?${filter('active eq false')}`)).body.totalResults).toBe(1);
    await patch(`/Users/${amara}`, { op: 'replace', value: { active: true, 'name.familyName': 'Lindqvist-Rau' } });
    expect((await get(`/Users/${amara}`)).body).toMatchObject({ active: true, name: { familyName: 'Lindqvist-Rau' } });
  });

  test('it makes a group, finds it without its members, and asks whether somebody is in it', async () => {
    const made = await post('/Groups', {
      schemas: [schemaUrns.group, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'Finance – All',
      meta: { resourceType: 'Group' },
    });
    finance = made.body.id;
    const added = await patch(`/Groups/${finance}`, {
      op: 'Add',
      path: 'members',
      value: [{ $ref: null, value: amara }, { value: 'u-2' }],
    });
    expect([added.status, added.text]).toEqual([204, '']);
    const found = await get(`/Groups?excludedAttributes=members&${filter('displayName eq "finance – all"')}`);
    expect(found.body.Resources).toEqual([expect.not.objectContaining({ members: expect.anything() })]);
    const asked = (id: string) => get(`/Groups?${filter(`id eq "${finance}" and members eq "${id}"`)}`);
    expect((await asked(amara)).body.totalResults).toBe(1);
    expect((await asked('u-3')).body.totalResults).toBe(0);
    expect((await get(`/Users/${amara}`)).body.groups).toEqual([
      expect.objectContaining({ value: finance, display: 'Finance – All' }),
    ]);
  });

  test('members that it removes in its older way are those alone', async () => {
    await patch(`/Groups/${finance}`, { op: 'Remove', path: 'members', value: [{ $ref: null, value: 'u-2' }] });
    expect((await get(`/Groups/${finance}`)).body.members).toEqual([{ value: amara }]);
    await patch(`/Groups/${finance}`, { op: 'remove', path: `members[value eq "${amara}"]` });
    expect((await get(`/Groups/${finance}`)).body).not.toHaveProperty('members');
  });

  test('members that ten calls add at one moment are all there', async () => {
    const members = Array.from({ length: 10 }, (_, index) => `m-${index}`);
    const answers = await Promise.all(
      members.map((value) => patch(`/Groups/${finance}`, { op: 'Add', path: 'members', value: [{ value }] })),
    );
    expect(answers.map(({ status }) => status)).toEqual(members.map(() => 204));
    expect((await get(`/Groups/${finance}`)).body.members.map(({ value }: { value: string }) => value)).toEqual(
      members,
    );
  });

  test('who is deleted is gone for it, and the same person again where it makes them anew', async () => {
    expect((await ask('DELETE', `/Users/${amara}`)).status).toBe(204);
    expect((await get(`/Users/${amara}`)).body).toMatchObject({ status: '404' });
    expect((await ask('DELETE', `/Users/${amara}`)).status).toBe(404);
    const stranger = await post('/Users', { userName: 'amara.lindqvist@example.com', externalId: 'another' });
    expect(stranger.body.id).not.toBe(amara);
    await ask('DELETE', `/Users/${stranger.body.id}`);
    const back = await post('/Users', { userName: 'amara.lindqvist@example.com', externalId: 'amara.lindqvist' });
    expect([back.status, back.body.id, back.body.active]).toEqual([201, amara, true]);
    expect(back.body).not.toHaveProperty(enterprise);
  });
});

describe('Okta', () => {
  const { ask, get, post, patch } = caller('okta-push');
  let noor: string;

  test('its connection test counts from one', async () => {
    expect((await get('/Users?startIndex=1&count=2')).body).toMatchObject({
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
    });
  });

  test('it makes a user with a password, of which nothing is kept', async () => {
    const made = await post('/Users', {
      schemas: [schemaUrns.user],
      userName: 'noor.haddad@example.com',
      name: { givenName: 'Noor', familyName: 'Haddad' },
      emails: [{ primary: true, value: 'noor.haddad@example.com', type: 'work' }],
      displayName: 'Noor Haddad',
      locale: 'en-US',
      externalId: '00u7c1',
      groups: [],
      password: 'zq-invented-1',
      active: true,
    });
    expect(made.status).toBe(201);
    noor = made.body.id;
    expect(made.text).not.toContain('zq-invented-1');
    expect(JSON.stringify(storedText())).not.toContain('zq-invented-1');
  });

  test('it reads a user and puts all of it back, changed', async () => {
    const { body, headers } = await get(`/Users/${noor}`);
    const put = await ask(
      'PUT',
      `/Users/${noor}`,
      { ...body, title: 'Clerk', password: 'zq-invented-2' },
      { 'if-match': headers.get('etag')! },
    );
    expect([put.status, put.body.title, put.body.id]).toEqual([200, 'Clerk', noor]);
    const stale = await ask('PUT', `/Users/${noor}`, body, { 'if-match': headers.get('etag')! });
    expect([stale.status, stale.body.status]).toEqual([412, '412']);
    const same = await ask('GET', `/Users/${noor}`, undefined, { 'if-none-match': put.headers.get('etag')! });
    expect([same.status, same.text]).toEqual([304, '']);
  });

  test('it deactivates without a path, and imports page by page', async () => {
    expect((await patch(`/Users/${noor}`, { op: 'replace', value: { active: false } })).body.active).toBe(false);
    for (const name of ['b', 'c']) await post('/Users', { userName: `${name}@example.com` });
    const page = (startIndex: number, count: number) => get(`/Users?startIndex=${startIndex}&count=${count}`);
    const names = async (startIndex: number, count: number) =>
      (await page(startIndex, count)).body.Resources.map(({ userName }: { userName: string }) => userName);
    expect(await names(1, 2)).toEqual(['noor.haddad@example.com', 'b@example.com']);
    expect(await names(3, 2)).toEqual(['c@example.com']);
    expect((await page(9, 2)).body).toMatchObject({ totalResults: 3, startIndex: 9, itemsPerPage: 0, Resources: [] });
    expect((await page(1, 0)).body).toMatchObject({ totalResults: 3, itemsPerPage: 0 });
    const search = await post('/Users/.search', { filter: 'userName sw "b"', count: 5, attributes: ['userName'] });
    expect(search.body.Resources).toEqual([
      { schemas: [schemaUrns.user], id: expect.any(String), userName: 'b@example.com' },
    ]);
  });

  test('it pushes a group, renames it and takes it away', async () => {
    const { body } = await post('/Groups', { schemas: [schemaUrns.group], displayName: 'Sales', members: [] });
    const renamed = await patch(
      `/Groups/${body.id}`,
      { op: 'replace', value: { id: body.id, displayName: 'Sales EMEA' } },
      { op: 'replace', path: 'members', value: [{ value: noor, display: 'noor.haddad@example.com' }] },
    );
    expect([renamed.status, renamed.body]).toEqual([
      200,
      expect.objectContaining({ displayName: 'Sales EMEA', members: [{ value: noor }] }),
    ]);
    const put = await ask('PUT', `/Groups/${body.id}`, { displayName: 'Sales EMEA' });
    expect(put.body.members).toEqual([{ value: noor }]);
    expect((await ask('DELETE', `/Groups/${body.id}`)).status).toBe(204);
    expect((await get('/Groups')).body.totalResults).toBe(0);
  });

  test('its people are another source’s than Entra’s', async () => {
    expect((await caller('entra-push').get(`/Users/${noor}`)).status).toBe(404);
    const refused = await door.call('/scim/v2/entra-push/Users', { token: secrets['okta-push']! });
    expect(refused.status).toBe(401);
  });
});

const storedText = (): readonly string[] => {
  return readdirSync(folder)
    .filter((name) => name.includes('.db'))
    .map((name) => readFileSync(join(folder, name), 'latin1'));
};

test.each([
  ['GET', '/scim/v2/okta-push/Users', undefined, 401],
  ['GET', '/scim/v2/nowhere/Users', undefined, 401],
  ['GET', '/scim/v2/okta-push/Nothing', 'okta-push', 404],
  ['POST', '/scim/v2/okta-push/Users/x', 'okta-push', 405],
  ['GET', '/scim/v2/okta-push/Me', 'okta-push', 501],
  ['GET', '/scim/v2/okta-push/Schemas/urn:none', 'okta-push', 404],
  ['GET', '/scim/v2/okta-push/Users?filter=userName', 'okta-push', 400],
  ['GET', '/scim/v2/okta-push/Users?count=x', 'okta-push', 400],
  ['GET', '/scim/v2/okta-push/Users?a[=1', 'okta-push', 400],
  ['POST', '/scim/v2/okta-push/Users', 'okta-push', 400],
])('%s %s with the token of %s is refused in the shape of SCIM: %i', async (method, path, source, status) => {
  const token = source === undefined ? {} : { token: secrets[source]! };
  const answer = await door.call(path, { method, ...token });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
  expect(answer.body).toMatchObject({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    detail: expect.any(String),
  });
});

test('a body that is too large, or no JSON, or reaches for a prototype, is refused in the shape of SCIM', async () => {
  const post = (body: string) =>
    door.call('/scim/v2/okta-push/Users', { method: 'POST', token: secrets['okta-push']!, headers: SCIM, body });
  for (const [body, status] of [
    [JSON.stringify({ userName: 'a'.repeat(1024 * 1024) }), 413],
    ['{"userName":', 400],
    ['{"userName":"a","__proto__":{"polluted":1}}', 400],
    ['[]', 400],
  ] as const) {
    const answer = await post(body);
    expect([answer.status, answer.body.status]).toEqual([status, String(status)]);
  }
});

test('tokens of the API do not open it, and its token opens nothing of the API', async () => {
  const { secret } = await gateway.tokens.create({ name: 'admin', scopes: ['admin'] });
  expect((await door.call('/scim/v2/okta-push/Users', { token: secret })).status).toBe(401);
  expect((await door.call('/api/v1/connections', { token: secrets['okta-push']! })).status).toBe(401);
});

test('whoever is told little of people can still make a token of a source, and is told it', async () => {
  const { secret } = await gateway.tokens.create({ name: 'it', scopes: ['admin'], fieldPolicy: { email: 'drop' } });
  const made = await door.call('/api/v1/sources/made/token', { method: 'POST', token: secret });
  expect([made.status, made.body]).toEqual([
    201,
    expect.objectContaining({ source: 'made', secret: expect.stringMatching(/^fk_scim_/), ends_at: null }),
  ]);
  const [entry] = (await gateway.audit.entries({ after: 0, limit: 100, connectionIds: null })).filter(
    ({ action }) => action === 'source.token_created',
  );
  expect(entry).toMatchObject({ target: 'made', outcome: 'done' });
  expect(JSON.stringify(entry)).not.toContain(made.body.secret);
  const bound = await gateway.tokens.create({ name: 'bound', scopes: ['admin'], tags: ['emea'] });
  const refused = await door.call('/api/v1/sources/made/token', { method: 'POST', token: bound.secret });
  expect([refused.status, refused.body.code]).toEqual([403, 'connection_not_allowed']);
});

test('a token that is replaced goes on for a while, or ends at once', async () => {
  const { tokens } = gateway.scimIn;
  const first = (await tokens.create('unused')).secret;
  await expect(tokens.create('unused')).rejects.toMatchObject({ code: 'conflict' });
  await expect(tokens.create('nowhere')).rejects.toMatchObject({ code: 'not_found' });
  await expect(tokens.create('unused', { rotate: true, overlapSeconds: -1 })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  const second = (await tokens.create('unused', { rotate: true })).secret;
  const opens = async (secret: string) => (await tokens.admit('unused', secret)) !== null;
  expect([await opens(first), await opens(second), await opens(`${second}x`)]).toEqual([true, true, false]);
  const third = (await tokens.create('unused', { rotate: true, overlapSeconds: 0 })).secret;
  expect([await opens(first), await opens(second), await opens(third)]).toEqual([false, false, true]);
  const told = await tokens.list();
  expect(told.find(({ name }) => name === 'unused')?.tokens).toHaveLength(1);
  expect(JSON.stringify(told)).not.toContain('hash');
});

test('what it can do is told from the table that it works by', async () => {
  const { get } = caller('okta-push');
  const { body } = await get('/ServiceProviderConfig');
  expect(body).toMatchObject({ patch: { supported: true }, bulk: { supported: false }, etag: { supported: true } });
  expect((await get('/Schemas')).body.totalResults).toBe(4);
  expect((await get(`/Schemas/${schemaUrns.knowbe4}`)).body.name).toBe('KnowBe4User');
  expect((await get('/ResourceTypes/User')).body.endpoint).toBe('/Users');
});

test('guesses are counted, and answered in whole seconds', async () => {
  const guess = () => door.call('/scim/v2/okta-push/Users', { token: 'fk_scim_wrong' });
  failedLogins.splice(0);
  let last = await guess();
  expect(failedLogins).toEqual(['127.0.0.1']);
  for (let round = 0; round < 60 && last.status === 401; round += 1) last = await guess();
  expect([last.status, last.body.status]).toEqual([429, '429']);
  expect(last.headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await caller('okta-push').get('/Users?count=1')).status).toBe(200);
});

test('its people are a source of people that never counts anybody as gone', async () => {
  const reading = await openStore({ folder, access: 'read' });
  try {
    const source = scimInSource({ name: 'okta-push', store: reading });
    const read = await source.read({ keep: new Set(['email', 'job_title']), signal: AbortSignal.timeout(5000) });
    const people: SourcePerson[] = [];
    for await (const person of read.people) people.push(person);
    expect(people).toContainEqual(
      expect.objectContaining({ attributes: { email: 'noor.haddad@example.com', job_title: 'Clerk' }, active: false }),
    );
    expect(await read.done()).toMatchObject({ state: 'unproven' });
  } finally {
    await reading.close();
  }
});
