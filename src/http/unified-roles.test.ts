import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Emulator } from '../emulator/index.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { openDoor } from './contract/door.ts';
import { openEmulated } from './contract/emulated.contract.ts';

/* Security roles, which the Product API alone tells. */

const root = '/unified/user-directory';
let close: () => Promise<void>;
let emulator: Emulator;
let gateway: Gateway;
let door: Awaited<ReturnType<typeof openDoor>>;
let token: string;

beforeAll(async () => {
  ({ emulator, gateway, close } = await openEmulated({ people: 300 }));
  await gateway.sync.run('acme', { level: 'directory', streams: ['account', 'groups', 'users'] });
  door = await openDoor({ gateway });
  token = (await gateway.tokens.create({ name: 'reader', scopes: ['directory'] })).secret;
}, 60_000);
afterAll(async () => {
  await door.close();
  await close();
});
const get = (path: string) => door.call(root + path, { token });
type Assignment = { id: string; role_id: string; user_id: string | null; group_id: string | null };

test('without a key of the Product API the mirror says that there may be more, and live says what is missing', async () => {
  expect((await get('/roles')).body.is_partial_response).toBe(true);
  const { status, body } = await get('/roles?x_source=live');
  expect([status, body.details.code]).toEqual([404, 'not_found']);
});

test('with it roles, their groups and who holds them through those are told whole', async () => {
  await gateway.connections.addKey('acme', 'product', {
    token: emulator.tokens.product,
    url: emulator.addresses.product,
  });
  const truth = emulator.truth();
  const roles = (await get('/roles?x_source=live')).body;
  door.conforms.schema('RoleList', roles);
  expect(roles.is_partial_response).toBeUndefined();
  expect(roles.x_freshness.source).toBe('live');
  const wanted = truth.security_roles.map(({ id }) => `kb4:security_role:${id}`);
  expect(roles.result.map(({ id }: { id: string }) => id)).toEqual(['kb4:admin', ...wanted, 'kb4:user'].toSorted());
  const custom = await get('/roles?x_source=live&type=custom');
  expect(custom.body.result_count).toBe(wanted.length);
  const [one] = custom.body.result;
  expect((await get(`/roles/${encodeURIComponent(one.id)}?x_source=live`)).body).toEqual(one);
  expect(one.remote_data.permissions.scopes).toBeInstanceOf(Array);

  const assignments = (await get('/role_assignments?x_source=live&limit=500')).body;
  door.conforms.schema('RoleAssignmentList', assignments);
  const byGroup = assignments.result.filter(({ group_id }: Assignment) => group_id !== null);
  expect(byGroup.map(({ role_id, group_id }: Assignment) => `${role_id} ${group_id}`).toSorted()).toEqual(
    truth.security_roles
      .flatMap((role) => role.group_ids.map((group) => `kb4:security_role:${role.id} ${group}`))
      .toSorted(),
  );
  expect(assignments.result).toHaveLength(byGroup.length + truth.account.admins.length);

  const expanded: Assignment[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await get(`/role_assignments?x_source=live&expand=users&limit=100&next_cursor=${cursor}`);
    expanded.push(...page.body.result);
    cursor = page.body.next_cursor;
  }
  expect(new Set(expanded.map(({ id }) => id)).size).toBe(expanded.length);
  for (const role of truth.security_roles) {
    const through = expanded.filter((each) => each.role_id === `kb4:security_role:${role.id}` && each.user_id !== null);
    expect(new Set(through.map(({ user_id }) => user_id))).toEqual(new Set(role.user_ids.map(String)));
    for (const each of through) expect(each).toMatchObject({ x_via_group: { id: expect.any(String) } });
  }
  const last = expanded.at(-1)!;
  expect((await get(`/role_assignments/${encodeURIComponent(last.id)}?x_source=live`)).body).toEqual(last);
  expect((await get('/role_assignments?x_source=live&expand=groups')).body.details.field).toBe('expand');
  expect((await get('/role_assignments?expand=users')).status).toBe(200);
});
