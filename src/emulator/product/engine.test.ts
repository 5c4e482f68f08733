import { buildClientSchema, getIntrospectionQuery, getNamedType, isObjectType, isRequiredArgument } from 'graphql';
import { describe, expect, test } from 'vitest';
import { anEmulator, ask, query } from '../lab.contract.ts';

const DAY = 86_400_000;

describe('account', () => {
  test('its owner, domains and seats are the truth', async () => {
    const emulator = await anEmulator();
    const { account } = emulator.truth();
    const { data } = await query(
      emulator,
      '{ account { id displayName domain allowedDomains { name isPrimary } accountOwner { email } numberOfSeats } }',
    );
    expect(data.account).toEqual({
      id: expect.any(Number),
      displayName: account.name,
      domain: account.domains[0],
      allowedDomains: account.domains.map((name, n) => ({ name, isPrimary: n === 0 })),
      accountOwner: { email: account.admins[0]!.email },
      numberOfSeats: String(account.number_of_seats),
    });
    const { id } = data.account;
    const by = (number: number) => query(emulator, `{ account(id: ${number}) { id } }`);
    expect(await by(id)).toEqual({ data: { account: { id } } });
    expect((await by(id + 1)).errors).toHaveLength(1);
  });
});

describe('users', () => {
  const page = 'nodes { id } pagination { page pages per totalCount }';
  const idsOf = (answer: { data: { users: { nodes: { id: number }[] } } }) =>
    answer.data.users.nodes.map(({ id }) => id);

  test('all of them, field by field', async () => {
    const emulator = await anEmulator({ people: 100 });
    const truth = emulator.truth();
    const { data } = await query(
      emulator,
      '{ users(all: true) { nodes { id email firstName archived archivedAt riskScore groupIds admin role ldapObjectGuid createdAt emailAliases { email primary } } pagination { page pages per totalCount } } }',
    );
    expect(data.users.pagination).toEqual({
      page: 1,
      pages: 1,
      per: truth.users.length,
      totalCount: truth.users.length,
    });
    const admins = new Set(truth.account.admins.map(({ id }) => id));
    const short = (text: string | null) => text?.replace(/\.\d+Z$/, 'Z') ?? null;
    expect(data.users.nodes).toEqual(
      truth.users.map((user) => ({
        id: user.id,
        email: user.email,
        firstName: user.first_name,
        archived: user.status === 'archived',
        archivedAt: short(user.archived_at),
        riskScore: user.current_risk_score,
        groupIds: user.groups,
        admin: admins.has(user.id),
        role: admins.has(user.id) ? 'ADMIN' : 'USER',
        ldapObjectGuid: user.provisioning_guid,
        createdAt: short(user.joined_on),
        emailAliases: [user.email, ...user.aliases].map((email, n) => ({ email, primary: n === 0 })),
      })),
    );
  });

  test('page by page; a page has 25 rows at least and 1,000 at most', async () => {
    const emulator = await anEmulator({ people: 100 });
    const all = emulator.truth().users.map(({ id }) => id);
    const first = await query(emulator, `{ users { ${page} } }`);
    expect(first.data.users.pagination).toEqual({ page: 1, pages: 5, per: 25, totalCount: all.length });
    const found: number[] = [];
    for (let number = 1; number <= 5; number += 1) {
      found.push(...idsOf(await query(emulator, `{ users(page: ${number}, per: 3) { ${page} } }`)));
    }
    expect(found).toEqual(all);
    expect(idsOf(await query(emulator, `{ users(page: 9) { ${page} } }`))).toEqual([]);
    expect((await query(emulator, `{ users(per: 9999) { ${page} } }`)).data.users.pagination.per).toBe(1000);
  });

  test('by status, type, group and text', async () => {
    const emulator = await anEmulator({ people: 200 });
    const { users, account, groups } = emulator.truth();
    const find = async (args: string) => idsOf(await query(emulator, `{ users(all: true, ${args}) { nodes { id } } }`));
    const wanted = (fits: (user: (typeof users)[number]) => boolean) => users.filter(fits).map(({ id }) => id);
    expect(await find('status: ARCHIVED')).toEqual(wanted((user) => user.status === 'archived'));
    expect(await find('status: ACTIVE')).toEqual(wanted((user) => user.status === 'active'));
    expect(await find('type: ADMIN')).toEqual(account.admins.map(({ id }) => id));
    expect(await find('type: USER')).toHaveLength(users.length - account.admins.length);
    const group = groups.find(({ member_count }) => member_count > 3)!.id;
    expect(await find(`group: ${group}`)).toEqual(wanted((user) => user.groups.includes(group)));
    const { email, first_name, last_name } = users[9]!;
    expect(await find(`search: "${email.toUpperCase()}"`)).toContain(users[9]!.id);
    expect(await find(`search: "${first_name} ${last_name}"`)).toContain(users[9]!.id);
    expect(await find(`search: "${last_name}", searchTypes: [LAST_NAME]`)).toEqual(
      wanted((user) => (user.last_name ?? '').toLowerCase().includes(last_name!.toLowerCase())),
    );
    expect(await find(`search: "${email}", searchTypes: [FIRST_NAME, EMAIL_ALIAS]`)).toEqual([]);
    const scores = idsOf(
      await query(emulator, '{ users(all: true, sortBy: RISK_SCORE, sortDirection: DESCENDING) { nodes { id } } }'),
    ).map((id) => users.find((user) => user.id === id)!.current_risk_score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  test('updatedAt moves with a change, not with a score', async () => {
    const emulator = await anEmulator({ people: 200 });
    const read = async () =>
      (await query(emulator, '{ users(all: true) { nodes { id updatedAt createdAt mfaEnabled } } }')).data.users.nodes;
    const before: { id: number; updatedAt: string; createdAt: string; mfaEnabled: boolean }[] = await read();
    for (const { updatedAt, createdAt } of before) expect(updatedAt >= createdAt).toBe(true);
    expect(new Set(before.map(({ mfaEnabled }) => mfaEnabled)).size).toBe(2);
    emulator.advance(3 * DAY);
    const changed = new Set(
      emulator
        .truth()
        .changes.filter(({ stream, kind }) => stream === 'users' && kind !== 'score')
        .map(({ id }) => id),
    );
    expect(changed.size).toBeGreaterThan(0);
    const old = new Map(before.map((user) => [user.id, user.updatedAt]));
    for (const { id, updatedAt } of await read()) {
      if (old.has(id)) expect(updatedAt > old.get(id)!).toBe(changed.has(String(id)));
    }
    const id = before[7]!.id;
    emulator.mutate({ kind: 'change-user', user: id, fields: { location: 'Elsewhere' } });
    const { data } = await query(emulator, `{ user(id: ${id}) { updatedAt location } }`);
    expect(data.user).toEqual({ updatedAt: '2026-11-19T09:00:00Z', location: 'Elsewhere' });
  });

  test('an anonymised account shows nobody', async () => {
    const emulator = await anEmulator({ switches: { anonymised: true } });
    expect((await query(emulator, '{ users { pagination { totalCount } } }')).data.users.pagination.totalCount).toBe(0);
  });
});

describe('groups and security roles', () => {
  const roleFields =
    'id name userCount groups { id securityRoles { id } } permissions { users phishingReports scopes { permission groups { id } } }';

  test('roles, their holders and what they may do are the truth', async () => {
    const emulator = await anEmulator({ people: 300 });
    const { security_roles, users } = emulator.truth();
    const { data } = await query(emulator, `{ securityRoles { nodes { ${roleFields} } pagination { totalCount } } }`);
    expect(data.securityRoles.pagination.totalCount).toBe(security_roles.length);
    expect(security_roles.some(({ user_ids }) => user_ids.length > 0)).toBe(true);
    expect(security_roles.some(({ scopes }) => scopes.length > 1)).toBe(true);
    const rolesOfGroup = (id: number) =>
      security_roles.flatMap((role) => (role.group_ids.includes(id) ? { id: role.id } : []));
    const wanted = security_roles.map((role) => ({
      id: role.id,
      name: role.name,
      userCount: role.user_ids.length,
      groups: role.group_ids.map((id) => ({ id, securityRoles: rolesOfGroup(id) })),
      permissions: {
        users: role.permissions.users ?? 0,
        phishingReports: role.permissions.phishingReports ?? 0,
        scopes: role.scopes.map(({ permission, group_ids }) => ({
          permission,
          groups: group_ids.map((id) => ({ id })),
        })),
      },
    }));
    expect(data.securityRoles.nodes).toEqual(wanted);
    expect(
      (await query(emulator, `{ securityRole(id: ${wanted[1]!.id}) { ${roleFields} } }`)).data.securityRole,
    ).toEqual(wanted[1]);
    for (const { user_ids, group_ids } of security_roles) {
      const holders = users.filter(
        (user) => user.status === 'active' && group_ids.some((id) => user.groups.includes(id)),
      );
      expect(user_ids).toEqual(holders.map(({ id }) => id));
    }
    const people = (await query(emulator, '{ users(all: true, status: ACTIVE) { nodes { id securityRoles { id } } } }'))
      .data.users.nodes;
    for (const { id, securityRoles } of people) {
      expect(securityRoles.map((role: { id: number }) => role.id)).toEqual(
        security_roles.filter(({ user_ids }) => user_ids.includes(id)).map((role) => role.id),
      );
    }
  });

  test('who leaves the group of a role no longer holds it; a group that is gone is no longer named', async () => {
    const emulator = await anEmulator({ people: 300 });
    const before = emulator.truth().security_roles.find(({ name }) => name === 'Help desk')!;
    const [user] = before.user_ids;
    emulator.mutate({ kind: 'archive-user', user: user! });
    emulator.mutate({ kind: 'delete-group', group: before.group_ids[0]! });
    const after = emulator.truth().security_roles.find(({ id }) => id === before.id)!;
    expect(after.user_ids).not.toContain(user);
    expect(after.group_ids).toEqual(before.group_ids.slice(1));
  });

  test('groups by status and text, one by id', async () => {
    const emulator = await anEmulator();
    const { groups } = emulator.truth();
    const find = async (args: string) =>
      (await query(emulator, `{ groups(${args}) { nodes { id name groupType status memberCount } } }`)).data.groups
        .nodes;
    const types = { console_group: 'CONSOLE', smart_group: 'SMART', provisioning_managed_group: 'ADI_MANAGED' };
    const row = (group: (typeof groups)[number]) => ({
      id: group.id,
      name: group.name,
      groupType: types[group.group_type],
      status: group.status.toUpperCase(),
      memberCount: group.member_count,
    });
    expect(await find('all: true, status: ALL')).toEqual(groups.map(row));
    expect(await find('all: true')).toEqual(groups.filter(({ status }) => status === 'active').map(row));
    expect(await find('status: ARCHIVED, search: "interns"')).toEqual(
      groups.filter(({ name }) => name === 'Interns 2024').map(row),
    );
    const { data } = await query(emulator, `{ group(id: ${groups[4]!.id}) { name } }`);
    expect(data.group.name).toBe(groups[4]!.name);
  });
});

test('a sync report a day, newest first, counts what happened to people', async () => {
  const emulator = await anEmulator({ people: 300 });
  const read = async () =>
    (
      await query(
        emulator,
        '{ ldapSyncReports(all: true) { nodes { id createdAt status source userUpdates { created archived success } } } }',
      )
    ).data.ldapSyncReports.nodes;
  const before = await read();
  expect(before).toHaveLength(30);
  const { id } = emulator.truth().users[5]!;
  emulator.mutate({ kind: 'archive-user', user: id });
  emulator.advance(DAY);
  const [latest, second] = await read();
  expect(latest).toMatchObject({ createdAt: '2026-11-17T06:00:00Z', status: 'COMPLETED', source: 'SCIM_V2' });
  expect(second).toEqual(before[0]);
  const archived = emulator
    .truth()
    .changes.filter(({ stream, kind, at }) => stream === 'users' && kind === 'archived' && at < '2026-11-17T06');
  expect(latest.userUpdates.archived).toBe(archived.length);
  const one = await query(emulator, `{ ldapSyncReport(id: ${latest.id}) { createdAt } }`);
  expect(one.data.ldapSyncReport.createdAt).toBe(latest.createdAt);
  const adi = await query(emulator, '{ ldapSyncReports(source: ADI) { nodes { id } } }');
  expect(adi.data.ldapSyncReports.nodes).toEqual([]);
});

describe('mutations', () => {
  const create =
    'mutation($name: String) { groupCreate(attributes: { name: $name }) { node { id name } errors { field reason placeholders recordId } } }';

  test.each([
    ['abc', 'too_short'],
    ['', 'blank'],
    [null, 'blank'],
    ['Works council <EU>', 'taken'],
  ])('a group named %o fails inside a good answer', async (name, reason) => {
    const emulator = await anEmulator();
    const before = emulator.truth().groups;
    const { status, body } = await ask(emulator, 'product', '', {
      method: 'POST',
      body: { query: create, variables: { name } },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { groupCreate: { node: null, errors: [{ field: 'name', reason, placeholders: null, recordId: null }] } },
    });
    expect(emulator.truth().groups).toEqual(before);
  });

  test('a group is made, and the Reporting API shows it', async () => {
    const emulator = await anEmulator();
    const { data } = await query(emulator, create, { name: 'Night shift' });
    expect(data.groupCreate).toEqual({ node: { id: expect.any(Number), name: 'Night shift' }, errors: null });
    expect((await ask(emulator, 'reporting', `/v1/groups/${data.groupCreate.node.id}`)).body.name).toBe('Night shift');
  });

  test('a read-only token reads and makes nothing', async () => {
    const emulator = await anEmulator({ switches: { productAccess: 'read' } });
    expect(await query(emulator, create, { name: 'Night shift' })).toEqual({
      errors: [{ message: 'The token is read only' }],
    });
    expect(emulator.truth().groups.map(({ name }) => name)).not.toContain('Night shift');
    expect((await query(emulator, '{ account { id } }')).errors).toBeUndefined();
  });
});

describe('what is wrong with a query', () => {
  test.each([
    ['{ nothing }', /Cannot query field/],
    ['{ users { nodes { id } ', /Syntax Error/],
    ['{ user(id: 1) { id } }', /User 1 was not found/],
    ['query a { account { id } } query b { account { id } }', /operation/],
    [`{ users { nodes { ${Array.from({ length: 150 }, (_, n) => `f${n}: id`).join(' ')} } } }`, /too large/],
    [`{ account { ${'id '.repeat(20_000)} } }`, /too many tokens|Syntax Error/i],
  ])('%# is said in errors, with status 200', async (text, words) => {
    const emulator = await anEmulator();
    const { status, body } = await ask(emulator, 'product', '', { method: 'POST', body: { query: text } });
    expect(status).toBe(200);
    expect(body.errors[0].message).toMatch(words);
    expect(body.data ?? null).toBeNull();
  });

  test('a variable of the wrong type is an error; an operation is chosen by name', async () => {
    const emulator = await anEmulator();
    const wrong = await query(emulator, 'query($id: Int!) { user(id: $id) { id } }', { id: 'x' });
    expect(wrong.errors[0].message).toContain('$id');
    const body = { query: 'query a { account { id } } query b { account { domain } }', operationName: 'b' };
    const chosen = await ask(emulator, 'product', '', { method: 'POST', body });
    expect(Object.keys(chosen.body.data.account)).toEqual(['domain']);
  });

  test('what is no query gets 400, another method or path 404', async () => {
    const emulator = await anEmulator();
    for (const body of ['', 'x', '[]', '{"query":1}', 'null']) {
      expect((await ask(emulator, 'product', '', { method: 'POST', body })).status).toBe(400);
    }
    expect((await ask(emulator, 'product')).status).toBe(404);
    expect((await ask(emulator, 'product', '/more', { method: 'POST', body: '{}' })).status).toBe(404);
  });
});

test('every field of the schema has an answer', async () => {
  const emulator = await anEmulator({ people: 300 });
  const schema = buildClientSchema((await query(emulator, getIntrospectionQuery())).data);
  const lists = Object.values(schema.getQueryType()!.getFields()).filter(
    ({ args }) => args.some(({ name }) => name === 'all') && !args.some(isRequiredArgument),
  );
  const answers = [];
  for (const { name, type } of lists) {
    answers.push(await query(emulator, `{ ${name}(all: true) ${everythingOf(getNamedType(type))} }`));
  }
  answers.push(await query(emulator, `{ account ${everythingOf(schema.getType('Account'))} }`));
  for (const { errors } of answers) expect(errors).toBeUndefined();
  expect(answers).toHaveLength(7);
  expect(alwaysNull(answers)).toEqual(['customDate2', 'customField3']);
});

/** A record whole, with what belongs to it; other records that it names are left alone. */
function everythingOf(type: unknown, isNamed = false): string {
  if (!isObjectType(type) || (isNamed && 'createdAt' in type.getFields())) return '{ __typename }';
  const parts = Object.entries(type.getFields()).map(([name, field]) => {
    const inner = getNamedType(field.type);
    return isObjectType(inner) ? `${name} ${everythingOf(inner, name !== 'nodes')}` : name;
  });
  return `{ ${parts.join(' ')} }`;
}

/** Keys that are null wherever they are. */
function alwaysNull(answers: unknown): string[] {
  const filled = new Map<string, boolean>();
  JSON.stringify(answers, (key, value) => {
    filled.set(key, filled.get(key) === true || value !== null);
    return value;
  });
  return [...filled].flatMap(([key, isFilled]) => (isFilled ? [] : [key])).sort();
}
