import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SourcePerson } from '../model/source-person.ts';
import { ScimError } from '../scim/errors.ts';
import type { ScimResource } from '../scim/json.ts';
import { profiles } from '../scim/profile.ts';
import type { ResourceName } from '../scim/schema.ts';
import { schemaUrns } from '../scim/urns.ts';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import { readSource } from './read-source.ts';
import { scimIn } from './scim-in.ts';
import { namesOfErased } from './scim-in-erased.ts';
import { scimInSource } from './scim-in-source.ts';

let temp: TempStore;
let room: ReturnType<typeof scimIn>;
let source = 0;
/** Names of those who were erased; null: nobody was. */
let erasedNames: Set<string> | null = null;
const markOf = async (id: string) => `mark of ${id}`;
beforeAll(async () => {
  temp = await openTempStore();
  room = scimIn({
    ...{ store: temp.store, now: () => new Date('2026-11-20T09:00:00.000Z') },
    erased: async () => (erasedNames === null ? null : { has: (name) => erasedNames!.has(name), markOf }),
  });
});
afterAll(() => temp.remove());
beforeEach(() => {
  erasedNames = null;
  source += 1;
});

const nameOf = () => `push-${source}`;
const at = (kind: ResourceName) => ({
  ...{ source: nameOf(), profile: profiles.entra, kind, base: 'https://gw.example/scim/v2/push', query: {} },
});
const idOf = ({ resource }: { readonly resource: unknown }) => (resource as { id: string }).id;
/** As when the store was put back from a copy that did not know them yet. */
const lose = async (id: string) => {
  await room.remove(at('User'), id);
  await temp.store.dropDeletedScimIn('9999');
};
const push = async (body: object, kind: ResourceName = 'User') => idOf(await room.create(at(kind), body));

async function people(keep?: readonly string[]): Promise<readonly SourcePerson[]> {
  const opened = scimInSource({ name: nameOf(), store: temp.store });
  if (keep === undefined) return (await opened.test(AbortSignal.timeout(5000))).sample;
  const found: SourcePerson[] = [];
  const read = await opened.read({ keep: new Set(keep), signal: AbortSignal.timeout(5000) });
  for await (const person of read.people) found.push(person);
  return found;
}

test('a person is shown by our names, with what the provider keeps under a schema of its own', async () => {
  const manager = await push({
    userName: 't.verne',
    name: { givenName: 'Tomas', familyName: 'Verne' },
    emails: [
      { type: 'home', value: 'home@example.net' },
      { type: 'work', value: 'tomas.verne@example.com' },
    ],
  });
  const id = await push({
    externalId: 'e-1',
    userName: 'amara.lindqvist@example.com',
    displayName: 'Amara L.',
    title: 'Controller',
    preferredLanguage: 'sv-SE',
    name: { givenName: 'Amara', familyName: 'Lindqvist', formatted: 'Amara Lindqvist' },
    phoneNumbers: [
      { type: 'work', value: '1' },
      { type: 'Mobile', value: '2' },
      { type: 'fax', value: '3' },
    ],
    addresses: [{ type: 'work', formatted: 'Stockholm, floor 2', locality: 'Stockholm', country: 'SE' }],
    roles: [{ value: 'buyer' }],
    [schemaUrns.enterprise]: {
      employeeNumber: 17,
      department: 'Payroll',
      costCenter: 'C1',
      manager: { value: manager },
    },
    [schemaUrns.knowbe4]: { customField1: 'one', customDate1: '2026-04-04T04:23:30Z', companyName: 'Halden' },
    'urn:example:acme:2.0:User': { badge: 'B-7', floors: [1, 2], department: 'not ours', shift: 'night' },
  });
  const person = (await people()).find(({ sourceId }) => sourceId === id);
  expect(person).toEqual({
    sourceId: id,
    active: true,
    groups: [],
    attributes: {
      ...{ user_name: 'amara.lindqvist@example.com', external_id: 'e-1', email: 'amara.lindqvist@example.com' },
      ...{ display_name: 'Amara L.', first_name: 'Amara', last_name: 'Lindqvist', full_name: 'Amara Lindqvist' },
      ...{ job_title: 'Controller', language: 'sv-SE', phone_number: '1', mobile_phone_number: '2', roles: ['buyer'] },
      ...{ location: 'Stockholm, floor 2', city: 'Stockholm', country: 'SE', employee_number: '17', cost_center: 'C1' },
      ...{ department: 'Payroll', manager_id: manager, manager_email: 'tomas.verne@example.com' },
      ...{ manager_name: 'Tomas Verne', custom_field_1: 'one', custom_date_1: '2026-04-04', company_name: 'Halden' },
      ...{ badge: 'B-7', floors: ['1', '2'], shift: 'night' },
    },
  });
});

test('the primary address goes before that for work, and a manager may be an address', async () => {
  await push({
    userName: 'x',
    emails: [
      { type: 'work', value: 'w@example.com' },
      { type: 'other', value: 'p@example.com', primary: true },
    ],
    [schemaUrns.enterprise]: { manager: 'boss@example.com' },
  });
  expect((await people())[0]?.attributes).toMatchObject({
    email: 'p@example.com',
    emails: ['w@example.com', 'p@example.com'],
    manager_email: 'boss@example.com',
  });
});

test('who was ended or deleted has left, groups are those that they are in now, and nothing but what is needed is given out', async () => {
  const [gone, off, there] = [
    await push({ userName: 'gone@example.com', title: 'A' }),
    await push({ userName: 'off@example.com', title: 'B', active: false }),
    await push({ userName: 'there@example.com', title: 'C', locale: 'de' }),
  ];
  const group = await push({ displayName: 'Sales', members: [{ value: gone }, { value: there }] }, 'Group');
  await room.remove(at('User'), gone);
  const shown = async () =>
    new Map((await people(['job_title'])).map(({ sourceId, ...person }) => [sourceId, person] as const));
  expect(await shown()).toEqual(
    new Map(
      [
        [gone, { attributes: { job_title: 'A' }, groups: [], active: false }],
        [off, { attributes: { job_title: 'B' }, groups: [], active: false }],
        [there, { attributes: { job_title: 'C' }, groups: ['Sales'], active: true }],
      ].toSorted(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)) as never,
    ),
  );
  await room.remove(at('Group'), group);
  expect((await shown()).get(there)?.groups).toEqual([]);
});

test('the same external id with another name is another person', async () => {
  const first = await push({ userName: 'a@example.com', externalId: 'nick' });
  await room.remove(at('User'), first);
  const second = await push({ userName: 'b@example.com', externalId: 'nick' });
  expect(second).not.toBe(first);
  await room.remove(at('User'), second);
  expect(await push({ userName: 'A@example.com', externalId: 'nick' })).toBe(first);
  await expect(push({ userName: 'a@example.com', externalId: 'nick' })).rejects.toMatchObject({ status: 409 });
});

test('who was renamed before they were deleted is the same person under the later name', async () => {
  const id = await push({ userName: 'old@example.com', externalId: 'guid-7' });
  await room.patch(at('User'), id, { Operations: [{ op: 'replace', path: 'userName', value: 'new@example.com' }] });
  await room.remove(at('User'), id);
  expect(await push({ userName: 'new@example.com', externalId: 'GUID-7' })).toBe(id);
});

test('who was deleted is found by no filter', async () => {
  const id = await push({ userName: 'a@example.com', externalId: 'x' });
  await room.remove(at('User'), id);
  for (const filter of [`id eq "${id}"`, 'userName eq "a@example.com"', 'externalId eq "x"', 'userName pr']) {
    expect((await room.list(at('User'), { filter })).totalResults, filter).toBe(0);
  }
});

test('a provider that was here before a server was restored gets the id that it knows', async () => {
  const id = await push({ userName: 'a@example.com', externalId: 'guid-1' });
  await lose(id);
  expect(await push({ userName: 'a@example.com', externalId: 'guid-1' })).toBe(id);
});

test('a filter that no index helps is counted over everything, page by page', async () => {
  for (let index = 0; index < 7; index += 1) await push({ userName: `p${index}@example.com`, active: index % 2 === 0 });
  const page = await room.list(at('User'), { filter: 'active eq true', startIndex: '2', count: '2' });
  expect([page.totalResults, page.Resources.map(({ userName }) => userName)]).toEqual([
    4,
    expect.arrayContaining([expect.stringMatching(/^p\d@example.com$/)]),
  ]);
  expect(page.Resources).toHaveLength(2);
});

describe('of somebody who was erased and is pushed anew', () => {
  const whole = {
    ...{ userName: 'Amara@example.com', externalId: 'Guid-1', title: 'Controller', active: false },
    ...{ name: { givenName: 'Amara' }, emails: [{ value: 'amara@example.com' }] },
    [schemaUrns.enterprise]: { employeeNumber: '7' },
  };
  const least = { userName: 'Amara@example.com', externalId: 'Guid-1', active: false };
  const kept = async (id: string) => (await temp.store.getScimInObject(nameOf(), 'User', id))!.body;
  const erase = (user: ScimResource) => {
    erasedNames = new Set(namesOfErased(user));
  };

  test('nothing is kept but what the provider finds them by, whatever it does; it sees no error', async () => {
    erase(whole);
    const { status, resource } = await room.create(at('User'), whole);
    expect(status).toBe(201);
    const id = String(resource?.id);
    expect(await temp.store.erasedFromSource(nameOf())).toEqual([`mark of ${id}`]);
    const body = { schemas: [schemaUrns.user], ...least };
    expect(await kept(id)).toEqual(body);
    erasedNames?.add(id);
    expect((await room.list(at('User'), { filter: 'userName eq "amara@EXAMPLE.com"' })).totalResults).toBe(1);
    await room.patch(at('User'), id, {
      Operations: [{ op: 'Replace', value: { active: 'True', title: 'Boss', 'name.familyName': 'Okafor' } }],
    });
    expect(await kept(id)).toEqual({ ...body, active: true });
    await room.replace(at('User'), id, whole);
    expect(await kept(id)).toEqual(body);
    await room.remove(at('User'), id);
    expect(await push(whole)).toBe(id);
    expect(await kept(id)).toEqual(body);
  });

  test.each([
    ['the provider’s id, whatever they are called now', whole, { ...whole, userName: 'a.married@example.com' }, true],
    [
      'the address, where the provider had no id of its own',
      { userName: 'A@example.com' },
      { userName: 'a@EXAMPLE.com', externalId: 'x' },
      true,
    ],
    ['the address, where it gives none now', whole, { userName: whole.userName }, true],
    ['not the address alone: it is given to others', whole, { userName: whole.userName, externalId: 'guid-2' }, false],
    ['nothing', whole, { userName: 'b@example.com', externalId: 'guid-2' }, false],
  ] as const)('they are known again by %s', async (_, erased, pushed, isOut) => {
    erase(erased);
    const id = await push({ ...pushed, title: 'Clerk' });
    expect('title' in (await kept(id))).toBe(!isOut);
    expect(await temp.store.erasedFromSource(nameOf())).toHaveLength(isOut ? 1 : 0);
  });
});

test('a name of somebody else, in other letters, is refused; one’s own is not', async () => {
  const [a, b] = [await push({ userName: 'a@example.com' }), await push({ userName: 'b@example.com' })];
  const rename = (id: string, userName: string) =>
    room.patch(at('User'), id, { Operations: [{ op: 'replace', path: 'userName', value: userName }] });
  await expect(rename(b, 'A@EXAMPLE.com')).rejects.toMatchObject({ status: 409, scimType: 'uniqueness' });
  expect((await rename(a, 'A@example.com')).resource?.userName).toBe('A@example.com');
});

test('a source to which nobody was pushed yet, or whose people were forgotten, is read without a finding; many who leave at once are one', async () => {
  const pushed = scimInSource({ name: nameOf(), store: temp.store });
  let count = 0;
  const deps = {
    ...{ store: temp.store, now: () => new Date(), erased: async () => null },
    newId: () => `rd_${nameOf()}_${++count}`,
  };
  const read = () =>
    readSource(deps, pushed, { keep: new Set(['email']), by: 'test', signal: AbortSignal.timeout(5000) });
  expect(await read()).toMatchObject({ state: 'kept', people: 0, counts: false, proof: { state: 'unproven' } });
  const ids: string[] = [];
  for (let index = 0; index < 20; index += 1) ids.push(await push({ userName: `p${index}@example.com` }));
  expect(await read()).toMatchObject({ state: 'kept', people: 20 });
  for (const id of ids.slice(0, 10)) await lose(id);
  expect(await read()).toMatchObject({ state: 'kept', people: 10, counts: false });
  expect(await temp.store.imageCounts(nameOf())).toEqual({ people: 20, absent: 0 });
  for (const id of ids.slice(10)) await room.remove(at('User'), id);
  expect(await read()).toMatchObject({ state: 'quarantined', findings: [{ guard: 'newly_inactive' }] });
});

test('whatever is pushed, nothing but a SCIM error comes back, and what is kept can be shown', async () => {
  const id = await push({ userName: 'fuzz@example.com' });
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({
      userName: fc.string(),
      name: fc.jsonValue({ maxDepth: 1 }),
      emails: fc.array(fc.record({ type: fc.constantFrom('work', 'home'), value: fc.string() })),
      [schemaUrns.enterprise]: fc.jsonValue({ maxDepth: 2 }),
    }),
  );
  const calls = fc.oneof(
    value.map((body) => () => room.create(at('User'), body)),
    value.map((body) => () => room.replace(at('User'), id, body)),
    fc.tuple(fc.constantFrom('add', 'replace', 'remove'), fc.option(fc.string(), { nil: undefined }), value).map(
      ([op, path, given]) =>
        () =>
          room.patch(at('User'), id, { Operations: [{ op, path, value: given }] }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      await call().catch((error: unknown) => {
        if (!(error instanceof ScimError)) throw error;
      });
    }),
    { numRuns: 150 },
  );
  for (const { attributes } of await people()) {
    for (const one of Object.values(attributes).flat()) expect(typeof one).toBe('string');
  }
});
