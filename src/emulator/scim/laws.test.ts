import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Emulator, Switches } from '../index.ts';
import { anEmulator, ask } from '../lab.contract.ts';
import { sync, userBody } from './scim-lab.contract.ts';

/** What a pusher and a person at the console do. `who` and `group` name one of those there are, or of those who come. */
type Step =
  | { do: 'post' | 'put' | 'delete' | 'rename' | 'leave' | 'return'; who: number; name: number }
  | { do: 'group' | 'delete-group' | 'add-member' | 'remove-member'; who: number; name: number }
  | { do: 'edit' | 'archive' | 'exempt'; who: number; name: number }
  | { do: 'sync'; who: number; name: number };

const kinds = [
  ...(['post', 'put', 'delete', 'rename', 'leave', 'return', 'group', 'delete-group', 'add-member'] as const),
  ...(['remove-member', 'edit', 'archive', 'exempt', 'sync', 'post', 'add-member', 'sync'] as const),
];
const steps = fc.array(
  fc.record({ do: fc.constantFrom(...kinds), who: fc.nat(40), name: fc.nat(40) }) as fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 25 },
);
const habits = fc.record({
  scimRenameById: fc.constantFrom('keep' as const, 'duplicate' as const),
  scimClaimGroups: fc.boolean(),
  scimProvisioningGuid: fc.constantFrom('externalId' as const, 'id' as const),
  scimIdIsExternalId: fc.boolean(),
});

const aWorld = async (switches: Partial<Switches>): Promise<Emulator> => {
  const emulator = await anEmulator({ people: 25, provisioner: 'none', switches: { scimSeats: 'allow', ...switches } });
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  return emulator;
};

/** Half of the addresses are those of people whom the console has. */
const addressFor = (emulator: Emulator, name: number): string =>
  name % 2 === 0 ? `new${name}@halden.example` : (emulator.truth().users[name % 20]?.email ?? 'x@halden.example');
const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)];

async function take(emulator: Emulator, step: Step): Promise<void> {
  const { users, groups, scim_users, scim_groups } = emulator.truth();
  const user = nth(scim_users, step.who);
  const group = nth(scim_groups, step.name);
  const call = (method: string, path: string, body?: unknown) => ask(emulator, 'scim', path, { method, body });
  const patch = (path: string, operation: unknown) => call('PATCH', path, { Operations: [operation] });
  const somebody = nth(users, step.who)!;
  switch (step.do) {
    case 'post':
      await call('POST', '/Users', userBody(addressFor(emulator, step.name)));
      break;
    case 'put':
      if (user)
        await call(
          'PUT',
          `/Users/${user.id}`,
          userBody(user.user_name, { title: `T${step.name}`, active: user.active }),
        );
      break;
    case 'delete':
      if (user) await call('DELETE', `/Users/${user.id}`);
      break;
    case 'rename':
      if (user)
        await patch(`/Users/${user.id}`, { op: 'replace', path: 'userName', value: addressFor(emulator, step.name) });
      break;
    case 'leave':
    case 'return':
      if (user) await patch(`/Users/${user.id}`, { op: 'replace', value: { active: step.do === 'return' } });
      break;
    case 'group':
      await call('POST', '/Groups', { displayName: nth(groups, step.name)?.name ?? 'Night shift' });
      break;
    case 'delete-group':
      if (group) await call('DELETE', `/Groups/${group.id}`);
      break;
    case 'add-member':
      if (group && user)
        await patch(`/Groups/${group.id}`, { op: 'add', path: 'members', value: [{ value: user.id }] });
      break;
    case 'remove-member':
      if (group && user) await patch(`/Groups/${group.id}`, { op: 'remove', path: `members[value eq "${user.id}"]` });
      break;
    case 'edit':
      emulator.mutate({ kind: 'change-user', user: somebody.id, fields: { job_title: `By hand ${step.name}` } });
      break;
    case 'archive':
      emulator.mutate({ kind: 'archive-user', user: somebody.id });
      break;
    case 'exempt':
      emulator.mutate({ kind: 'scim-exempt', user: somebody.id, exempt: step.name % 2 === 0 });
      break;
    case 'sync':
      await sync(emulator);
  }
}

const byHand: readonly Step['do'][] = ['edit', 'archive', 'exempt', 'sync'];

test('what SCIM writes shows nowhere before a sync', async () => {
  await fc.assert(
    fc.asyncProperty(steps, habits, async (walked, switches) => {
      const emulator = await aWorld(switches);
      for (const step of walked) {
        const before = byHand.includes(step.do) ? null : shown(emulator);
        await take(emulator, step);
        if (before !== null) expect(shown(emulator)).toBe(before);
      }
    }),
    { numRuns: 15 },
  );
});

const shown = (emulator: Emulator): string => JSON.stringify({ ...emulator.truth(), scim_users: [], scim_groups: [] });

test('after a sync the active people are those of the store, the exempt ones aside, and its groups have its members', async () => {
  await fc.assert(
    fc.asyncProperty(steps, habits, async (walked, switches) => {
      const emulator = await aWorld(switches);
      const exempt = new Set<number>();
      for (const step of walked) {
        const { users } = emulator.truth();
        if (step.do === 'exempt') {
          const { id } = nth(users, step.who)!;
          if (step.name % 2 === 0) exempt.add(id);
          else exempt.delete(id);
        }
        await take(emulator, step);
      }
      await sync(emulator);
      const rows = await sync(emulator);
      expect(rows.filter((row) => !row.includes('!'))).toEqual([]);
      const { users, groups, scim_users, scim_groups } = emulator.truth();
      const owned = new Map(scim_users.map((user) => [user.user_id, user]));
      for (const user of users) {
        const entry = owned.get(user.id);
        if (user.status === 'active') expect(entry?.active ?? exempt.has(user.id)).toBe(true);
        if (entry) expect(user.provisioning_managed).toBe(true);
        if (entry && rows.length === 0) expect(user.email).toBe(entry.user_name);
      }
      for (const entry of scim_users.filter(({ active }) => active)) {
        expect(users.find(({ id }) => id === entry.user_id)?.status).toBe('active');
      }
      for (const { group_id, name, member_ids } of scim_groups) {
        const wanted = scim_users
          .filter(({ id, active }) => active && member_ids.includes(id))
          .map(({ user_id }) => user_id);
        const found = users.filter((user) => user.status === 'active' && user.groups.includes(group_id!));
        expect(found.map(({ id }) => id).sort()).toEqual(wanted.sort());
        expect(groups.find(({ id }) => id === group_id)).toMatchObject({
          name,
          group_type: 'provisioning_managed_group',
          member_count: wanted.length,
          status: 'active',
        });
      }
    }),
    { numRuns: 40 },
  );
});

test('nobody is ever deleted, and the log of changes leads to what is there', async () => {
  await fc.assert(
    fc.asyncProperty(steps, habits, async (walked, switches) => {
      const emulator = await aWorld(switches);
      const states = new Map(emulator.truth().users.map(({ id, status }) => [String(id), status]));
      for (const step of walked) await take(emulator, step);
      await sync(emulator);
      for (const { stream, id, kind } of emulator.changes(0)) {
        if (stream !== 'users') continue;
        expect(kind).not.toBe('deleted');
        if (kind === 'archived') states.set(id, 'archived');
        if (kind === 'created' || kind === 'restored') states.set(id, 'active');
      }
      expect(new Map(emulator.truth().users.map(({ id, status }) => [String(id), status]))).toEqual(states);
    }),
    { numRuns: 15 },
  );
});

test('beside another program, while people come and go: every active managed person is an active user of the store', async () => {
  const lived = fc.array(fc.record({ step: steps, hours: fc.integer({ min: 1, max: 200 }) }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(lived, habits, async (spans, switches) => {
      const emulator = await anEmulator({ people: 60, switches: { scimSeats: 'allow', ...switches } });
      for (const { step, hours } of spans) {
        for (const one of step) if (one.do !== 'exempt') await take(emulator, one);
        emulator.advance(hours * 3_600_000);
      }
      await sync(emulator);
      const { users, scim_users } = emulator.truth();
      const owners = new Map(scim_users.map((entry) => [entry.user_id, entry]));
      for (const user of users.filter(({ status }) => status === 'active')) {
        if (user.provisioning_managed) expect(owners.get(user.id)?.active).toBe(true);
      }
      for (const entry of scim_users.filter(({ active }) => active)) {
        expect(users.find(({ id }) => id === entry.user_id)?.status).toBe('active');
      }
    }),
    { numRuns: 15 },
  );
});
