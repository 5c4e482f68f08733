import SCIMMY from 'scimmy';
import { expect, test } from 'vitest';
import { lab } from '../client/scim/lab.contract.ts';
import type { FieldValues } from '../model/managed-field.ts';
import { roadOver } from './road.ts';

/*
 * Against a SCIM implementation that is not ours (scimmy 1.3.5, MIT), which compares letter by letter, gives its first page again behind the end
 * of a list, and refuses what it does not know. Its HTTP front, which is a matter of twenty lines, is here.
 */

type Value = Record<string, unknown>;
type Front = {
  new (
    id?: unknown,
    config?: unknown,
  ): { read(): Promise<unknown>; write(body: unknown): Promise<unknown>; patch(body: unknown): Promise<unknown> };
};

const stores = { Users: new Map<string, Value>(), Groups: new Map<string, Value>() };
let made = 0;

const kinds = [
  ['Users', SCIMMY.Resources.User],
  ['Groups', SCIMMY.Resources.Group],
] as const;
type Asked = { readonly id?: string; readonly filter?: { match(rows: readonly Value[]): Value[] } };
type Handled = {
  ingress(handle: (asked: Asked, data: Value) => Value): unknown;
  egress(handle: (asked: Asked) => Value | Value[]): unknown;
};
const copy = (row: Value): Value => JSON.parse(JSON.stringify(row)) as Value;

for (const [name, kind] of kinds) {
  const store = stores[name];
  const key = name === 'Users' ? 'userName' : 'displayName';
  SCIMMY.Resources.declare(kind as never, {});
  const handled = kind as unknown as Handled;
  handled.ingress(({ id }, data) => {
    const taken = [...store.values()].some((row) => row.id !== id && row[key] === data[key]);
    if (taken) throw new SCIMMY.Types.Error(409, 'uniqueness', `${key} is taken`);
    made += id === undefined ? 1 : 0;
    const row: Value = { ...copy(data), id: id ?? `peer-${made}` };
    store.set(String(row.id), row);
    return copy(row);
  });
  handled.egress(({ id, filter }) => {
    const rows = [...store.values()].map(copy);
    if (id === undefined) return filter ? filter.match(rows) : rows;
    const row = store.get(id);
    if (row === undefined) throw new SCIMMY.Types.Error(404, '', `There is no ${id}`);
    return copy(row);
  });
}
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser as never);

async function front(address: string, method: string, body: string | undefined): Promise<Response> {
  const url = new URL(address);
  const [, , endpoint, id] = url.pathname.split('/').map(decodeURIComponent);
  const kind = kinds.find(([name]) => name === endpoint)?.[1] as unknown as Front;
  const query = Object.fromEntries(
    [...url.searchParams].map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]),
  );
  const answer = (status: number, value: unknown) => new Response(JSON.stringify(value), { status });
  try {
    const resource = id === undefined ? new kind(query) : new kind(id, query);
    if (method === 'GET') return answer(200, await resource.read());
    const sent = JSON.parse(body!) as unknown;
    if (method !== 'PATCH') return answer(method === 'POST' ? 201 : 200, await resource.write(sent));
    const patched = await resource.patch(sent);
    return patched === undefined ? new Response(null, { status: 204 }) : answer(200, patched);
  } catch (error) {
    const told = new SCIMMY.Messages.Error(error as never) as unknown as { status: string };
    return answer(Number(told.status), told);
  }
}

const fields = (n: number): FieldValues => ({
  email: `Person.${n}@example.com`,
  first_name: 'Ada',
  last_name: `Number ${n}`,
  job_title: 'Clerk',
  department: 'Finance',
  phone_number: '+1 555 0100',
  location: 'Lisbon',
});

test('the road works on another implementation: made once, changed by path, read whole, members by difference', async () => {
  const { client } = lab({}, { fetch: (url, { method, body }) => front(url, method, body) });
  const road = roadOver(client);
  const boss = await road.createUser({ externalId: 'g-0', active: true, fields: fields(0), managerId: null });
  const ids: string[] = [];
  for (let n = 1; n <= 110; n += 1) {
    const user = { externalId: `g-${n}`, active: true, fields: fields(n), managerId: boss.resource.id };
    const { resource, notTaken } = await road.createUser(user);
    expect(notTaken).toBeUndefined();
    expect(resource).toMatchObject({ externalId: `g-${n}`, managerId: boss.resource.id });
    ids.push(resource.id);
  }
  const again = await road.createUser({
    externalId: 'g-7',
    active: true,
    fields: fields(7),
    managerId: boss.resource.id,
  });
  expect(again.resource.id).toBe(ids[6]);
  expect(stores.Users.size).toBe(111);

  const change: FieldValues = {
    job_title: 'Controller',
    mobile_phone_number: '+1 555 0101',
    location: null,
    department: 'Audit',
  };
  const updated = await road.updateUser(ids[0]!, { fields: change, managerId: null });
  expect(updated.notTaken).toBeUndefined();
  expect(updated.resource.fields).toMatchObject({ ...fields(1), ...change });
  expect((await road.setActive(ids[0]!, false)).resource.active).toBe(false);
  await road.updateUser(ids[1]!, { fields: { email: 'renamed@example.com' } });
  expect(await road.findUsers({ userName: 'renamed@example.com' })).toMatchObject([{ id: ids[1] }]);

  const users = await road.readAll('users', new AbortController().signal);
  expect(users).toMatchObject({ complete: true, words: expect.stringContaining('111 people on 3 pages') });
  expect(users.resources.map(({ id }) => id).toSorted()).toEqual([boss.resource.id, ...ids].toSorted());

  const { resource: group } = await road.createGroup({ name: 'Newcomers', externalId: null });
  await road.changeMembers(group.id, { add: ids, remove: [] });
  await road.changeMembers(group.id, { add: [], remove: ids.slice(0, 5) });
  await road.renameGroup(group.id, 'New hires');
  expect(await road.findGroups('New hires')).toMatchObject([{ memberIds: ids.slice(5) }]);
  expect(await road.isMember(group.id, ids[6]!)).toBe(true);
  expect(await road.isMember(group.id, ids[0]!)).toBe(false);
});
