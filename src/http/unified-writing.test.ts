import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ProvisioningLab, provisioningLab, RULES } from '../gateway/provisioning-lab.contract.ts';
import type { Scope } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';

/* Writes of the unified API: each a plan, in the mode of its connection. */

const root = '/unified/user-directory';
let lab: ProvisioningLab;
let door: Awaited<ReturnType<typeof openDoor>>;
let token: string;

const opened = async (rules?: string): Promise<void> => {
  lab = await provisioningLab(rules === undefined ? {} : { rules });
  door = await openDoor({ gateway: lab.gateway, now: lab.now });
  token = await tokenWith(['write', 'directory']);
};
const tokenWith = async (scopes: readonly Scope[]) =>
  (await lab.gateway.tokens.create({ name: 'writer', scopes })).secret;
const close = async (): Promise<void> => {
  await door.close();
  await lab.close();
};
const allPlans = { connectionIds: null, limit: 100 };
const send = (method: string, path: string, json?: unknown) =>
  door.call(root + path, { method, token, ...(json === undefined ? {} : { json }) });

/** Somebody who is no admin of the console. */
const somebody = () => {
  const { users } = lab.emulator.truth();
  return users.filter(({ status, job_title: title }) => status === 'active' && title)[8]!;
};
const groupOfType = (type: string) => lab.emulator.truth().groups.find((group) => group.group_type === type)!;
const domain = () => somebody().email!.split('@')[1];

describe('before anything is adopted', () => {
  beforeAll(() => opened());
  afterAll(close);

  test('in mode observe nothing is written, and the answer says why', async () => {
    const { status, body } = await send('PATCH', `/users/${somebody().id}`, { title: 'Buyer' });
    expect([status, body.details.code]).toEqual([403, 'observe_mode']);
    const entries = await lab.gateway.audit.entries({ connectionIds: null, after: 0, limit: 100 });
    expect(entries.at(-1)).toMatchObject({ action: 'plan.requested', outcome: 'refused', error: 'observe_mode' });
  });

  test('in mode propose it is told that the accounts are not taken over yet', async () => {
    await lab.gateway.provisioning.setMode('acme', 'propose');
    const { status, body } = await send('DELETE', `/users/${somebody().id}`);
    expect([status, body.details.code]).toEqual([403, 'scim_not_adopted']);
  });
});

describe('in mode propose', () => {
  beforeAll(async () => {
    await opened();
    await lab.adopt();
  }, 60_000);
  afterAll(close);

  test('a change waits for a person: 202 with the object as it will be, and where to decide', async () => {
    const before = somebody();
    const { status, body } = await send('PATCH', `/users/${before.id}`, {
      title: 'Buyer',
      x_department: 'Procurement',
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      ...{ id: String(before.id), title: 'Buyer', x_department: 'Procurement', username: before.email },
      x_foreknow: { state: 'waiting', plan_id: expect.stringMatching(/^pl_/) },
    });
    expect(body.x_foreknow.review_url).toContain(`/plans/${body.x_foreknow.plan_id}`);
    expect(lab.emulator.truth().users.find(({ id }) => id === before.id)!.job_title).toBe(before.job_title);

    const { plan } = await lab.gateway.provisioning.plan(body.x_foreknow.plan_id);
    await lab.approveAndApply(plan);
    await lab.window();
    expect(lab.emulator.truth().users.find(({ id }) => id === before.id)).toMatchObject({ job_title: 'Buyer' });
  });

  test('somebody new has a provisional id at once, the same however often they are asked for', async () => {
    const body = { first_name: 'Ines', last_name: 'Marchetti', emails: [{ email: `ines.marchetti@${domain()}` }] };
    const first = await send('POST', '/users', body);
    const again = await send('POST', '/users', body);
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(first.body.id).toMatch(/^new_/);
    expect(again.body.id).toBe(first.body.id);
    expect(first.body).toMatchObject({ name: 'Ines Marchetti', status: 'active' });
  });

  test('both ways of taking somebody out are one archive step', async () => {
    const { id } = somebody();
    for (const answer of [
      await send('DELETE', `/users/${id}`),
      await send('PATCH', `/users/${id}`, { status: 'inactive' }),
    ]) {
      expect([answer.status, answer.body.status]).toEqual([202, 'inactive']);
      const steps = await lab.gateway.provisioning.steps(answer.body.x_foreknow.plan_id, { limit: 10 });
      expect(steps.map(({ step }) => step.action)).toEqual(['archive']);
    }
  });

  test('what is so already is answered as it is, and no plan is kept', async () => {
    const { id, first_name: first } = somebody();
    const before = await lab.gateway.provisioning.plans(allPlans);
    const { status, body } = await send('PATCH', `/users/${id}`, { first_name: first });
    expect([status, body.x_foreknow]).toEqual([200, { state: 'unchanged', plan_id: null, review_url: null }]);
    expect(await lab.gateway.provisioning.plans(allPlans)).toEqual(before);
  });

  test('what a guard blocks is refused with its reason: nobody could approve it', async () => {
    const { body } = await send('PATCH', `/users/${somebody().id}`, { title: 'Porter' });
    lab.emulator.mutate({ kind: 'disable-token', surface: 'scim' });
    const { plan } = await lab.gateway.provisioning.plan(body.x_foreknow.plan_id);
    await expect(lab.approveAndApply(plan)).rejects.toThrow('Stopped');
    lab.emulator.mutate({ kind: 'enable-token', surface: 'scim' });
    const before = await lab.gateway.provisioning.plans(allPlans);
    const blocked = await send('PATCH', `/users/${somebody().id}`, { title: 'Cook' });
    expect([blocked.status, blocked.body.details.code]).toEqual([409, 'plan_blocked']);
    expect(blocked.body.message).toMatch(/^Writes rest until /);
    expect(await lab.gateway.provisioning.plans(allPlans)).toEqual(before);
    // A person says that it goes on.
    await lab.gateway.provisioning.resume('acme');
    expect((await send('PATCH', `/users/${somebody().id}`, { title: 'Cook' })).status).toBe(202);
  });

  test('groups of the console and smart groups cannot be written', async () => {
    const { id } = somebody();
    for (const type of ['console_group', 'smart_group']) {
      const group = groupOfType(type);
      const { status, body } = await send('POST', '/groups/add-user', { group_id: String(group.id), user_id: id });
      expect([type, status, body.details.code]).toEqual([type, 422, 'group_not_writable']);
    }
    const { status, body } = await send('DELETE', `/groups/${groupOfType('console_group').id}`);
    expect([status, body.details.code]).toEqual([422, 'group_not_writable']);
  });

  test.each([
    [{ roles: ['kb4:admin'] }, 'roles'],
    [{ languages: ['nb'] }, 'languages'],
    [{ phones: [{ number: '+47 1', extension: '7' }] }, 'phones'],
    [{ emails: [{ email: 'one@example.com' }, { email: 'two@example.com' }] }, 'emails'],
  ])('%j is told as not writable, with its field', async (json, field) => {
    const { status, body } = await send('PATCH', `/users/${somebody().id}`, json);
    expect([status, body.details.code, body.details.field]).toEqual([422, 'field_not_writable', field]);
  });

  test('a taken address, an unknown person and a protected admin are refused, never told as waiting', async () => {
    const [admin] = lab.emulator.truth().account.admins;
    const taken = await send('POST', '/users', { username: somebody().email });
    const unknown = await send('PATCH', '/users/7', { title: 'Buyer' });
    const guarded = await send('DELETE', `/users/${admin!.id}`);
    expect([taken, unknown, guarded].map(({ status, body }) => [status, body.details.code])).toEqual([
      [409, 'conflict'],
      [404, 'not_found'],
      [403, 'person_protected'],
    ]);
  });
});

describe('in mode auto', () => {
  const rules = `${RULES}`.replace(/approval: .*\n/, 'approval: { auto: [create, update], one: [archive] }\n');
  beforeAll(async () => {
    await opened(rules);
    await lab.adopt();
    await lab.gateway.provisioning.setMode('acme', 'auto');
  }, 60_000);
  afterAll(close);
  beforeEach(() => lab.window());

  test('what the rules let happen by itself is answered once KnowBe4 has taken it', async () => {
    const { id } = somebody();
    const changed = await send('PATCH', `/users/${id}`, { title: 'Buyer' });
    expect([changed.status, changed.body.x_foreknow.state]).toEqual([200, 'accepted']);
    const made = await send('POST', '/users', { username: `ines.marchetti@${domain()}`, first_name: 'Ines' });
    expect([made.status, made.body.x_foreknow.state]).toEqual([201, 'accepted']);
    await lab.window();
    const { users } = lab.emulator.truth();
    expect(users.find((user) => user.id === id)).toMatchObject({ job_title: 'Buyer' });
    const ines = users.find(({ email }) => email === `ines.marchetti@${domain()}`)!;
    expect(ines.status).toBe('active');
    // What they were called at first goes on to mean them.
    const found = await send('GET', `/users/${made.body.id}`);
    expect(made.body.id).toMatch(/^new_/);
    expect([found.status, found.body.id]).toEqual([200, String(ines.id)]);
  });

  test('what needs a person waits all the same', async () => {
    const { status, body } = await send('DELETE', `/users/${somebody().id}`);
    expect([status, body.x_foreknow.state]).toEqual([202, 'waiting']);
  });
});
