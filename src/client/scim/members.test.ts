import { expect, test } from 'vitest';
import { failure, lab } from './lab.contract.ts';
import { type Habits, json } from './service.contract.ts';

const ids = (count: number) => Array.from({ length: count }, (_, n) => `u-${n}`);
const withGroup = (habits: Partial<Habits> = {}, members = 0) => {
  const made = lab(habits);
  made.service.seed('groups', [{ id: 'g-1', displayName: 'All', members: ids(members).map((value) => ({ value })) }]);
  return made;
};
const membersOf = ({ service }: ReturnType<typeof lab>) =>
  (service.groups.get('g-1')!.members as { value: string }[]).map(({ value }) => value);

test('are added and removed by difference, in batches of a hundred', async () => {
  const made = withGroup({}, 300);
  const { refused } = await made.client.groups.changeMembers('g-1', { add: ['new-1', 'new-2'], remove: ids(150) });
  expect(refused).toEqual([]);
  expect(membersOf(made)).toEqual([...ids(300).slice(150), 'new-1', 'new-2']);
  const operations = made.service.calls.map(({ body }) => body!.Operations as { op: string; path: string }[]);
  expect(operations.map((batch) => batch.length)).toEqual([1, 100, 50]);
  expect(operations[1]![0]).toEqual({ op: 'remove', path: 'members[value eq "u-0"]' });
  expect(operations.flat().every(({ op }) => op !== 'replace')).toBe(true);
});

test('batches that are too large are halved, and grow back slowly', async () => {
  const made = withGroup({ mostOperations: 30 });
  await made.client.groups.changeMembers('g-1', { add: ids(200) });
  expect(membersOf(made)).toEqual(ids(200));
  const sizes = made.service.calls.map(({ body }) => (body!.Operations as { value: unknown[] }[])[0]!.value.length);
  expect(sizes.slice(0, 4)).toEqual([100, 50, 25, 32]);
});

test('the one that is refused is found and told; the others go through', async () => {
  const made = withGroup();
  made.service.when(({ body }) => (JSON.stringify(body).includes('"u-77"') ? json(400, {}) : undefined));
  const { refused } = await made.client.groups.changeMembers('g-1', { add: ids(120) });
  expect(refused.map(({ id }) => id)).toEqual(['u-77']);
  expect(membersOf(made)).toEqual(ids(120).filter((id) => id !== 'u-77'));
});

test('whoever is gone already is removed', async () => {
  const made = withGroup({ removesGone: 'noTarget' }, 4);
  const { refused } = await made.client.groups.changeMembers('g-1', { remove: ['u-1', 'somebody', 'u-3'] });
  expect(refused).toEqual([]);
  expect(membersOf(made)).toEqual(['u-0', 'u-2']);
});

test('a service that takes none at all is not asked about each of a thousand', async () => {
  const made = withGroup({ patch: 501 });
  await failure(made.client.groups.changeMembers('g-1', { add: ids(1000) }));
  expect(made.service.calls.length).toBe(1);
  const refusing = withGroup({ patch: 'refused_400' });
  await failure(refusing.client.groups.changeMembers('g-1', { add: ids(1000) }));
  expect(refusing.service.calls.length).toBeLessThan(20);
});

test('an answer that does not come halves as well, and one member who stays without is an error', async () => {
  const made = withGroup();
  made.service.when(({ body }) =>
    (body!.Operations as { value: unknown[] }[])[0]!.value.length > 20 ? 'dropped' : undefined,
  );
  await made.client.groups.changeMembers('g-1', { add: ids(50) });
  expect(membersOf(made)).toEqual(ids(50));
  made.service.when(() => 'dropped');
  expect(await failure(made.client.groups.changeMembers('g-1', { add: ['x'] }))).toMatchObject({
    code: 'remote_unavailable',
  });
});

test('one membership can be asked for where lists are cut', async () => {
  const { client } = withGroup({ membersShown: 2 }, 5);
  expect(await client.groups.hasMember('g-1', 'u-4')).toBe(true);
  expect(await client.groups.hasMember('g-1', 'u-9')).toBe(false);
});
