import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLimiter, createScimClient, type Fetch, noLimits } from '../client/index.ts';
import type { Emulator } from '../emulator/index.ts';
import { anEmulator } from '../emulator/lab.contract.ts';
import { isForeknowError } from '../errors/errors.ts';
import type { FieldValues } from '../model/managed-field.ts';
import type { Road } from '../provisioning/road.ts';
import { roadOver } from './road.ts';

/* The road to the emulator's SCIM store, through its syncs to the account as the Reporting API shows it. */

function roadTo(emulator: Emulator, more: { readonly signal?: AbortSignal; readonly fetch?: Fetch } = {}): Road {
  const clock = { now: 0 };
  const sleep = async (ms: number) => {
    clock.now += ms;
  };
  const world = { now: () => clock.now, sleep, random: () => 0.5 };
  return roadOver(
    createScimClient({
      ...{ tenantUrl: emulator.addresses.scim, token: emulator.tokens.scim, ...world, ...more },
      limiter: createLimiter({ limits: noLimits, ...world }),
    }),
  );
}

const lab = async () => {
  const emulator = await anEmulator({ people: 3, provisioner: 'none', switches: { scimSeats: 'allow' } });
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  return { emulator, road: roadTo(emulator) };
};

const window = (emulator: Emulator) => emulator.advance(20 * 60_000);

const full: FieldValues = {
  email: 'Sanna.Ek@example.com',
  first_name: 'Sanna',
  last_name: 'Ek',
  job_title: 'Controller',
  manager_name: 'Tomas Verne',
  department: 'Finance',
  division: 'Nordics',
  organization: 'Example Foods',
  employee_number: '0042',
  location: 'Malmö',
  phone_number: '+46 1',
  mobile_phone_number: '+46 2',
  custom_field_1: 'one',
  custom_field_2: 'two',
  custom_field_3: 'three',
  custom_field_4: 'four',
  custom_date_1: '2026-04-04',
  custom_date_2: '1990-11-26',
};

const person = (n: number): FieldValues => ({ email: `person.${n}@example.com`, first_name: 'Ada', last_name: `${n}` });

test('what is written on the road is what the account shows after the sync, field by field', async () => {
  const { emulator, road } = await lab();
  const boss = await road.createUser({ externalId: 'g-0', active: true, fields: person(0), managerId: null });
  const { resource } = await road.createUser({
    externalId: 'g-1',
    active: true,
    fields: full,
    managerId: boss.resource.id,
  });
  const shown = () => emulator.truth().users.find(({ provisioning_guid }) => provisioning_guid === 'g-1')!;
  expect(shown()).toBeUndefined();
  window(emulator);
  expect(shown()).toMatchObject({ ...full, manager_email: 'person.0@example.com', status: 'active' });

  const change: FieldValues = {
    job_title: 'CFO',
    phone_number: null,
    location: null,
    custom_date_1: '2027-01-01',
    custom_field_3: null,
  };
  expect((await road.updateUser(resource.id, { fields: change, managerId: null })).notTaken).toBeUndefined();
  window(emulator);
  expect(shown()).toMatchObject({ ...full, ...change, manager_email: null });

  await road.updateUser(resource.id, { fields: { email: 'sanna.berg@example.com', last_name: 'Berg' } });
  await road.setActive(resource.id, false);
  window(emulator);
  expect(shown()).toMatchObject({ email: 'sanna.berg@example.com', last_name: 'Berg', status: 'archived' });
  await road.setActive(resource.id, true);
  window(emulator);
  expect(shown()).toMatchObject({ status: 'active', job_title: 'CFO' });
});

test('a service without PATCH is put whole users, and nothing of them is lost', async () => {
  const { emulator, road } = await lab();
  const { resource } = await road.createUser({ externalId: 'g-1', active: true, fields: full, managerId: null });
  emulator.addFault({ kind: 'not-implemented', endpoint: 'scim_user_patch', count: 'always' });
  const updated = await road.updateUser(resource.id, { fields: { job_title: 'CFO', phone_number: null } });
  expect(updated.resource.fields).toEqual({ ...full, job_title: 'CFO', phone_number: null });
  const archived = await road.setActive(resource.id, false);
  expect(archived.resource).toMatchObject({ active: false, fields: { ...full, job_title: 'CFO', phone_number: null } });
});

test('groups and members arrive as groups of provisioning', async () => {
  const { emulator, road } = await lab();
  const ids: string[] = [];
  for (let n = 0; n < 130; n += 1) {
    const made = await road.createUser({ externalId: `g-${n}`, active: true, fields: person(n), managerId: null });
    ids.push(made.resource.id);
  }
  const { resource: group } = await road.createGroup({ name: 'New hires', externalId: 'grp-1' });
  expect(await road.changeMembers(group.id, { add: ids, remove: [] })).toEqual({ requests: 2, refused: [] });
  await road.changeMembers(group.id, { add: [], remove: ids.slice(0, 3) });
  await road.renameGroup(group.id, 'Newcomers');
  expect(await road.findGroups('newcomers')).toMatchObject([{ externalId: 'grp-1', memberIds: ids.slice(3) }]);
  expect(await road.isMember(group.id, ids[0]!)).toBe(false);
  expect(await road.isMember(group.id, ids[9]!)).toBe(true);
  window(emulator);
  const shown = emulator.truth().groups.find(({ name }) => name === 'Newcomers');
  expect(shown).toMatchObject({ group_type: 'provisioning_managed_group', member_count: 127 });
});

test('the whole store is read with a proof, through totals that lie and pages of any size', async () => {
  const { emulator, road } = await lab();
  for (let n = 0; n < 230; n += 1) {
    await road.createUser({ externalId: `g-${n}`, active: true, fields: person(n), managerId: null });
  }
  const read = () => road.readAll('users', new AbortController().signal);
  expect(await read()).toMatchObject({ complete: true, words: expect.stringContaining('230 people') });
  emulator.addFault({ kind: 'wrong-total', endpoint: 'scim_users', count: 10 });
  const lied = await read();
  expect(lied.complete).toBe(true);
  expect(lied.resources).toHaveLength(230);
  const { resource: group } = await road.createGroup({ name: 'All', externalId: null });
  await road.changeMembers(group.id, { add: lied.resources.map(({ id }) => id), remove: [] });
  emulator.addFault({ kind: 'members-truncated', endpoint: 'scim_groups', rows: 100, count: 3 });
  const groups = await road.readAll('groups', new AbortController().signal);
  expect(groups).toMatchObject({ complete: true, resources: [{ name: 'All', memberIds: null }] });
});

test('refusals to slow down are waited for, and everybody arrives once', async () => {
  const { emulator, road } = await lab();
  for (const endpoint of ['scim_user_create', 'scim_users', 'scim_user_patch']) {
    emulator.addFault({ kind: 'rate-limited', endpoint, count: 3, retryAfterS: 1 });
  }
  const made = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) =>
      road.createUser({ externalId: `g-${n}`, active: true, fields: person(n), managerId: null }),
    ),
  );
  await Promise.all(made.map(({ resource }) => road.setActive(resource.id, false)));
  const { resources } = await road.readAll('users', new AbortController().signal);
  expect(resources.map(({ fields, active }) => [fields.email, active]).toSorted()).toEqual(
    [1, 2, 3, 4, 5, 6].map((n) => [`person.${n}@example.com`, false]),
  );
});

test('through lost answers, failures and kills at any request, people are made once', async () => {
  const kinds = ['well', 'lost-answer', 'server-error', 'rate-limited', 'killed_before', 'killed_behind'] as const;
  const { emulator } = await lab();
  let people = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.constantFrom(...kinds), { maxLength: 8 }), { maxLength: 4 }),
      async (runs) => {
        people += 1;
        const user = { externalId: `g-${people}`, active: true, fields: person(people), managerId: null };
        let made: unknown;
        for (const run of [...runs, []]) {
          emulator.clearFaults();
          const control = new AbortController();
          let step = 0;
          const cutting: Fetch = async (url, init) => {
            const fate = run[step++] ?? 'well';
            if (fate === 'killed_before') control.abort();
            if (fate === 'lost-answer' || fate === 'server-error' || fate === 'rate-limited') {
              emulator.addFault({ kind: fate });
            }
            const answer = await fetch(url, init);
            if (fate === 'killed_behind') control.abort();
            return answer;
          };
          made = await roadTo(emulator, { signal: control.signal, fetch: cutting })
            .createUser(user)
            .catch((error: unknown) => error);
          if (isForeknowError(made))
            expect(['aborted', 'remote_unavailable', 'remote_rate_limited']).toContain(made.code);
        }
        const { resources } = await roadTo(emulator).readAll('users', new AbortController().signal);
        expect(resources.filter(({ externalId }) => externalId === user.externalId)).toHaveLength(1);
        expect(made).toMatchObject({ resource: { externalId: user.externalId, fields: user.fields } });
      },
    ),
    { numRuns: 60 },
  );
});
