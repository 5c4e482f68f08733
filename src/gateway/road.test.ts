import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lab as clientLab } from '../client/scim/lab.contract.ts';
import { type Habits, json } from '../client/scim/service.contract.ts';
import { isForeknowError } from '../errors/errors.ts';
import type { FieldValues, ManagedField } from '../model/managed-field.ts';
import { managedFields } from '../model/managed-field.ts';
import { notThroughScim, scimFields } from '../wire/scim-fields.ts';
import { roadOver } from './road.ts';
import { fieldsOf, managerIdOf, notTaken, operationsFor, userBody } from './road-fields.ts';

const kmsat = 'urn:ietf:params:scim:schemas:extension:knowbe4:kmsat:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function lab(habits: Partial<Habits> = {}) {
  const { service, client, clientOf } = clientLab(habits);
  return { service, road: roadOver(client), again: () => roadOver(clientOf()) };
}

const amara: FieldValues = {
  email: 'Amara.Lindqvist@example.com',
  first_name: 'Amara',
  last_name: 'Lindqvist',
  job_title: 'Payroll Lead',
  manager_name: 'Tomas Verne',
  department: 'Payroll',
  employee_number: '0192',
  location: 'Lisbon',
  phone_number: '+351 555 0100',
  mobile_phone_number: '+351 555 0101',
  custom_field_2: 'Cost centre 4410',
  custom_date_1: '2026-04-04',
};
const newUser = { externalId: 'guid-1', active: true, fields: amara, managerId: 'u-boss' };

describe('fields', () => {
  test('every managed field is carried, or it is said why not', () => {
    const named = [...Object.keys(scimFields), ...Object.keys(notThroughScim)].toSorted();
    expect(named).toEqual([...managedFields].toSorted());
  });

  test('a user is written as KnowBe4 reads it: the manager’s name in displayName, extensions under their URNs', () => {
    expect(userBody(newUser)).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise, kmsat],
      externalId: 'guid-1',
      active: true,
      userName: 'Amara.Lindqvist@example.com',
      name: { givenName: 'Amara', familyName: 'Lindqvist' },
      title: 'Payroll Lead',
      displayName: 'Tomas Verne',
      emails: [{ type: 'work', value: 'Amara.Lindqvist@example.com', primary: true }],
      addresses: [{ type: 'work', formatted: 'Lisbon' }],
      phoneNumbers: [
        { type: 'work', value: '+351 555 0100' },
        { type: 'mobile', value: '+351 555 0101' },
      ],
      [enterprise]: { department: 'Payroll', employeeNumber: '0192', manager: { value: 'u-boss' } },
      [kmsat]: { customField2: 'Cost centre 4410', customDate1: '2026-04-04T12:00:00Z' },
    });
  });

  const carried = Object.keys(scimFields).filter((name) => name !== 'manager_email') as ManagedField[];
  const anyValue = (name: ManagedField) =>
    name.startsWith('custom_date')
      ? fc.constantFrom('2026-01-01', '1990-11-26')
      : fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9 .@"\\ä]{0,12}$/);
  const anyFields = fc.record(
    Object.fromEntries(carried.map((name) => [name, fc.option(anyValue(name))])) as Record<
      ManagedField,
      fc.Arbitrary<string | null>
    >,
  );
  const someFields = anyFields.chain((all) => fc.subarray(carried).map((names) => pick(all, names)));
  const pick = (all: FieldValues, names: readonly ManagedField[]): FieldValues =>
    Object.fromEntries(names.map((name) => [name, all[name] ?? null]));

  test('law: what is written is read, and a change leaves all other fields and attributes as they were', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFields,
        someFields,
        fc.constantFrom<Partial<Habits>>({}, { patch: 204 }, { patch: 501 }, { patch: 'refused_400' }),
        async (before, change, habits) => {
          const { service, road } = lab({ removesGone: 'noTarget', ...habits });
          const email = before.email ?? 'x@example.com';
          const { resource } = await road.createUser({ ...newUser, fields: { ...before, email } });
          expect(fieldsOf({ ...resource, ...service.users.get(resource.id) })).toEqual({ ...before, email });
          const unknown = { nickName: 'Addy', 'urn:example:1.0:User': { size: '42' }, locale: 'sv' };
          service.seed('users', [{ ...service.users.get(resource.id), ...unknown }]);
          // Who has no address is nobody here.
          const { email: renamed, ...others } = change;
          const wanted: FieldValues = renamed ? change : others;
          const updated = await road.updateUser(resource.id, { fields: wanted });
          expect(updated.notTaken).toBeUndefined();
          expect(updated.resource.fields).toEqual({ ...before, email, ...wanted });
          expect(updated.resource.managerId).toBe('u-boss');
          const kept = service.users.get(resource.id)!;
          expect(kept).toMatchObject(unknown);
          expect((kept.emails as { value: string }[]).map(({ value }) => value)).toEqual([wanted.email ?? email]);
          // The same again changes nothing and sends no write.
          service.calls.length = 0;
          const again = operationsFor({ ...kept, id: resource.id } as never, { fields: wanted });
          expect(again).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('entries that hold more than we know lose nothing', () => {
    const user = {
      id: 'u-1',
      userName: 'a@example.com',
      addresses: [{ type: 'work', formatted: 'Lisbon', locality: 'Lisboa' }],
      phoneNumbers: [
        { type: 'Work', value: '1' },
        { type: 'fax', value: '2' },
      ],
      emails: [{ type: 'home', value: 'home@example.com' }],
    };
    expect(operationsFor(user, { fields: { location: null, phone_number: null, email: 'b@example.com' } })).toEqual([
      { op: 'replace', path: 'userName', value: 'b@example.com' },
      { op: 'remove', path: 'addresses[type eq "work"].formatted' },
      { op: 'remove', path: 'phoneNumbers[type eq "work"]' },
    ]);
  });

  test('paths of extensions have their URN, a manager is a reference, and one is taken away by a removal', () => {
    expect(
      operationsFor(null, {
        fields: { department: 'IT', custom_field_1: 'x' },
        managerId: 'u-2',
        externalId: 'guid-2',
      }),
    ).toEqual([
      { op: 'replace', path: `${enterprise}:department`, value: 'IT' },
      { op: 'replace', path: `${kmsat}:customField1`, value: 'x' },
      { op: 'replace', path: `${enterprise}:manager`, value: { value: 'u-2' } },
      { op: 'replace', path: 'externalId', value: 'guid-2' },
    ]);
    const managed = { id: 'u-1', [enterprise]: { manager: 'u-2' } };
    expect(managerIdOf(managed)).toBe('u-2');
    expect(operationsFor(managed, { fields: {}, managerId: null })).toEqual([
      { op: 'remove', path: `${enterprise}:manager` },
    ]);
  });

  test('what the store shows otherwise is named', () => {
    const user = { id: 'u-1', userName: 'A@example.com', title: 'Clerk' };
    const change = { fields: { email: 'a@example.com', job_title: 'Lead', comment: 'x' }, managerId: 'u-2' };
    expect(notTaken(user, change)).toEqual(['job_title', 'manager_email']);
  });
});

describe('the road', () => {
  test('a new person takes two requests once the service is known', async () => {
    const { road } = lab();
    const first = await road.createUser(newUser);
    // Three searches, for the address has capitals; the POST; three to find out what filters can do.
    expect(first.requests).toBe(7);
    for (const n of [2, 3, 4]) {
      const fields = { ...amara, email: `person.${n}@example.com` };
      const made = await road.createUser({ ...newUser, externalId: `guid-${n}`, fields });
      expect(made.requests).toBe(2);
      expect(made.resource).toMatchObject({ externalId: `guid-${n}`, active: true, managerId: 'u-boss', fields });
    }
  });

  test('somebody whom an earlier call made is brought to what is wanted now', async () => {
    const { road, again, service } = lab();
    const { resource } = await road.createUser({ ...newUser, active: false });
    const fields = { ...amara, job_title: 'Director' };
    const later = await again().createUser({ ...newUser, fields, managerId: null });
    expect(later.resource).toMatchObject({ id: resource.id, active: true, fields, managerId: 'u-boss' });
    expect(service.users.size).toBe(1);
    // Whether somebody is active is never told together with anything else.
    const changes = service.calls.flatMap(({ method, body }) => (method === 'PATCH' ? [body!.Operations] : []));
    expect(changes).toEqual([
      [{ op: 'replace', path: 'title', value: 'Director' }],
      [{ op: 'replace', path: 'active', value: true }],
    ]);
  });

  test('a simple change is one request; what depends on what is there is read first', async () => {
    const { road } = lab();
    const { resource } = await road.createUser(newUser);
    expect((await road.updateUser(resource.id, { fields: { job_title: 'Director' } })).requests).toBe(1);
    expect((await road.updateUser(resource.id, { fields: { phone_number: '2' } })).requests).toBe(2);
    expect((await road.updateUser(resource.id, { fields: { phone_number: '2' } })).requests).toBe(1);
    expect((await road.setActive(resource.id, false)).resource.active).toBe(false);
  });

  test('a stale id, a taken name and a service that fails are told as the road has them', async () => {
    const { road, service } = lab();
    service.seed('users', [{ id: 'u-9', userName: 'amara.lindqvist@example.com', externalId: 'other' }]);
    const code = (promise: Promise<unknown>) =>
      promise.catch((error: unknown) => (isForeknowError(error) ? error.code : String(error)));
    expect(await code(road.createUser(newUser))).toBe('conflict');
    expect(await code(road.updateUser('gone', { fields: { phone_number: '1' } }))).toBe('remote_not_found');
    expect(await code(road.updateUser('gone', { fields: { job_title: '1' } }))).toBe('remote_not_found');
    service.when(({ method }) => (method === 'PATCH' ? json(503, {}) : undefined));
    expect(await code(road.setActive('u-9', false))).toBe('remote_unavailable');
    service.when(() => json(401, {}));
    expect(await code(road.setActive('u-9', false))).toBe('connection_unauthorized');
  });

  test('groups: made once, renamed by id, members by difference', async () => {
    const { road, service } = lab();
    const { resource: group } = await road.createGroup({ name: 'New hires', externalId: null });
    expect(group).toMatchObject({ name: 'New hires', memberIds: [] });
    await road.createGroup({ name: 'New hires', externalId: null });
    expect(service.groups.size).toBe(1);
    expect(await road.changeMembers(group.id, { add: ['u-1', 'u-2'], remove: [] })).toEqual({
      requests: 1,
      refused: [],
    });
    await road.changeMembers(group.id, { add: [], remove: ['u-1'] });
    expect(await road.findGroups('new HIRES')).toMatchObject([{ id: group.id, memberIds: ['u-2'] }]);
    expect((await road.renameGroup(group.id, 'Newcomers')).resource).toMatchObject({
      name: 'Newcomers',
      memberIds: ['u-2'],
    });
    expect(await road.isMember(group.id, 'u-2')).toBe(true);
    service.when(({ body }) =>
      JSON.stringify(body)?.includes('bad') ? json(400, { detail: 'No such user' }) : undefined,
    );
    const { refused } = await road.changeMembers(group.id, { add: ['u-3', 'bad', 'u-4'], remove: [] });
    expect(refused).toEqual([{ id: 'bad', reason: expect.stringContaining('No such user') }]);
    expect(await road.findGroups('newcomers')).toMatchObject([{ memberIds: ['u-2', 'u-3', 'u-4'] }]);
  });

  test('the whole store is read with a proof; members that may be cut are not told', async () => {
    const { road, service } = lab({ membersShown: 100, totals: 'page', behindEnd: 'first_page' });
    const ids = Array.from({ length: 230 }, (_, n) => `u-${n}`);
    service.seed(
      'users',
      ids.map((id) => ({ id, userName: `${id}@example.com` })),
    );
    const members = (count: number) => ids.slice(0, count).map((value) => ({ value }));
    service.seed('groups', [
      { id: 'g-1', displayName: 'All', members: members(230) },
      { id: 'g-2', displayName: 'Some', members: members(7) },
      { id: 'g-3', displayName: 'None', members: [] },
    ]);
    const users = await road.readAll('users', new AbortController().signal);
    expect(users).toMatchObject({ complete: true, words: expect.stringContaining('230 people on 4 pages') });
    const groups = await road.readAll('groups', new AbortController().signal);
    expect(groups.resources.map(({ memberIds }) => memberIds?.length ?? null)).toEqual([null, 7, 0]);
  });

  test('groups without members have none where others show theirs; where nobody does, nothing is known', async () => {
    const { road, service } = lab();
    const read = async (shown: readonly object[]) => {
      service.when(({ query }) =>
        json(200, { totalResults: 2, Resources: query.includes('startIndex=2') ? shown.slice(1) : shown }),
      );
      const { resources } = await road.readAll('groups', new AbortController().signal);
      return resources.map(({ memberIds }) => memberIds);
    };
    const some = { id: 'g-1', displayName: 'Some', members: [{ value: 'u-1' }] };
    const bare = { id: 'g-2', displayName: 'Bare' };
    expect(await read([some, bare])).toEqual([['u-1'], []]);
    expect(await read([{ ...some, members: undefined }, bare])).toEqual([null, null]);
    service.when(() => json(200, { totalResults: 1, Resources: [bare] }));
    expect(await road.findGroups('bare')).toMatchObject([{ memberIds: null }]);
  });

  test('a list that proves nothing says why', async () => {
    const { road, service } = lab({ ignoresStart: true });
    service.seed(
      'users',
      Array.from({ length: 150 }, (_, n) => ({ id: `u-${n}`, userName: `${n}@example.com` })),
    );
    const { complete, words } = await road.readAll('users', new AbortController().signal);
    expect(complete).toBe(false);
    expect(words).toContain('the service gives its first page again and again');
  });
});
