import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONNECTION, type Lab, snapshot, withLab } from '../../sync/sync-lab.contract.ts';
import { type DsyncEvent, dsyncTypes } from './dsync.ts';
import { dsyncPage } from './events.ts';
import { eventIdOf, placeOf } from './ids.ts';
import { directoryLists, type List } from './lists.ts';
import type { Directory } from './records.ts';
import { previousOf } from './records.ts';

const DAY = 24 * 60 * 60_000;
const directory: Directory = {
  ...{ id: CONNECTION, name: 'acme', state: 'active', pausedAt: null },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
};

/** An account with some weeks of life, its lab open while the tests read. */
describe('the directory as WorkOS shows it', () => {
  let lab: Lab;
  let end: () => void;
  let closed: Promise<void>;
  let atBaseline: Awaited<ReturnType<typeof snapshot>>;
  let all: readonly DsyncEvent[];
  beforeAll(async () => {
    const ready = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    end = done.resolve;
    closed = withLab({ people: 60 }, async (opened) => {
      lab = opened;
      await live();
      ready.resolve();
      await done.promise;
    });
    await Promise.race([ready.promise, closed]);
    all = await read({ limit: 100 });
  }, 120_000);
  afterAll(async () => {
    end();
    await closed;
  });

  async function live() {
    await lab.sync('full');
    atBaseline = await snapshot(lab);
    const { users, groups } = lab.emulator.truth();
    const group = groups.find((row) => row.group_type === 'console_group')!;
    for (let week = 0; week < 3; week += 1) {
      lab.emulator.mutate({ kind: 'change-user', user: users[5]!.id, fields: { department: `Department ${week}` } });
      if (week === 0) {
        lab.emulator.mutate({ kind: 'delete-user', user: users[6]!.id });
        lab.emulator.mutate({ kind: 'archive-user', user: users[7]!.id });
        lab.emulator.mutate({ kind: 'add-user', fields: { email: 'new.one@halden.example' } });
        lab.emulator.mutate({ kind: 'rename-group', group: group.id, name: 'Renamed' });
        lab.emulator.mutate({ kind: 'add-member', group: group.id, user: users[8]!.id });
      }
      lab.emulator.advance(7 * DAY);
      lab.wait(7 * DAY);
      await lab.sync('full');
    }
  }

  async function read(query: { limit: number; types?: (typeof dsyncTypes)[number][]; after?: string | null }) {
    const events: DsyncEvent[] = [];
    for (let after = query.after ?? null; ; ) {
      const types = query.types ?? dsyncTypes;
      const page = await dsyncPage(lab.store, { connectionIds: null, types, limit: query.limit, after });
      expect(page.events.length).toBeLessThanOrEqual(query.limit);
      events.push(...page.events);
      if (page.after === null) return events;
      after = page.after;
    }
  }

  type Shape = { id: string; idp_id: string; previous_attributes?: unknown; updated_at?: unknown };
  const shapeOf = (data: unknown): Shape => data as Shape;

  test('a reader that knows nothing ends with every person, group and membership', async () => {
    const users = new Map<string, object>();
    const groups = new Map<string, object>();
    const members = new Set<string>();
    for (const { event, data } of all) {
      const { previous_attributes, updated_at, ...shape } = shapeOf(data);
      const { user, group } = data as { user: Shape; group: Shape };
      if (event === 'dsync.user.created' || event === 'dsync.user.updated') users.set(shape.id, shape);
      else if (event === 'dsync.group.created' || event === 'dsync.group.updated') groups.set(shape.id, shape);
      else if (event === 'dsync.user.deleted') users.delete(shape.id);
      else if (event === 'dsync.group.deleted') groups.delete(shape.id);
      else if (event === 'dsync.group.user_added') members.add(`${group.id} ${user.id}`);
      else if (event === 'dsync.group.user_removed') members.delete(`${group.id} ${user.id}`);
    }
    const lists = directoryLists(lab.store);
    const query = { order: 'asc', limit: 100 } as const;
    const where = { directory: CONNECTION };
    const listedUsers = await lists.users([directory], where, query);
    const listedGroups = await lists.groups([directory], where, query);
    const ids = (list: List<{ id: string }>) => list.data.map(({ id }) => id);
    expect([...users.keys()].toSorted()).toEqual(ids(listedUsers).toSorted());
    expect([...groups.keys()].toSorted()).toEqual(ids(listedGroups).toSorted());
    const measured = ['risk_score', 'phish_prone_percent', 'last_sign_in', 'member_count'];
    const still = (one: object) => {
      const { raw_attributes, ...rest } = one as { raw_attributes: Record<string, unknown> };
      const raw = Object.entries(raw_attributes).filter(([name]) => !measured.includes(name));
      return { ...rest, raw_attributes: Object.fromEntries(raw) };
    };
    for (const { groups: own, updated_at, ...user } of listedUsers.data) {
      expect(still(users.get(user.id)!)).toEqual(still(user));
      for (const { id } of own) expect(members).toContain(`${id} ${user.id}`);
    }
    for (const { updated_at, ...group } of listedGroups.data)
      expect(still(groups.get(group.id)!)).toEqual(still(group));
    expect(members.size).toBe(listedUsers.data.reduce((sum, { groups: own }) => sum + own.length, 0));
  });

  test('everybody who was there at the first pass is created by it, those who left since too', () => {
    const created = all.flatMap(({ id, event, data }) =>
      event === 'dsync.user.created' && id.includes('.user_') ? [shapeOf(data).idp_id] : [],
    );
    expect(created.toSorted()).toEqual([...atBaseline.get('users')!.keys()].toSorted());
  });

  test('people of the first pass are shown as they were then, changes with old values of what changed alone', async () => {
    const [changed] = lab.emulator.truth().users.filter((row) => row.department === 'Department 2');
    const own = all.filter(
      ({ event, data }) => event.startsWith('dsync.user.') && shapeOf(data).idp_id === String(changed!.id),
    );
    const department = (event: DsyncEvent) =>
      (event.data.custom_attributes as { department_name: string }).department_name;
    const then = atBaseline.get('users')!.get(String(changed!.id))!;
    const steps = [then.department, 'Department 0', 'Department 1', 'Department 2'];
    expect(own.map(department)).toEqual(expect.arrayContaining(steps));
    expect(own[0]).toMatchObject({ event: 'dsync.user.created', created_at: expect.any(String), context: {} });
    expect(department(own[0]!)).toBe(then.department);
    const moves = own.filter(({ data }) => shapeOf(data).previous_attributes !== undefined);
    expect(moves[0]!.data.previous_attributes).toMatchObject({
      custom_attributes: { department_name: then.department },
      raw_attributes: { department: then.department },
    });
    expect(Object.keys(moves[0]!.data.previous_attributes as object).toSorted()).toEqual([
      'custom_attributes',
      'raw_attributes',
    ]);
  });

  test('an archived person becomes inactive, a deleted one is told once', () => {
    const updated = all.filter(({ event, data }) => event === 'dsync.user.updated' && data.state === 'inactive');
    expect(updated[0]!.data.previous_attributes).toMatchObject({ state: 'active' });
    const deleted = all.filter(({ event }) => event === 'dsync.user.deleted').map(({ data }) => data.id);
    expect(new Set(deleted).size).toBe(deleted.length);
    expect(deleted.length).toBeGreaterThan(0);
  });

  test('ids are unique and the same on pages of any size, and the reader goes on after any of them', async () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const limit of [1, 7]) expect((await read({ limit })).map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    for (let index = 0; index < all.length; index += 17) {
      const page = await dsyncPage(lab.store, {
        connectionIds: null,
        types: dsyncTypes,
        limit: 5,
        after: all[index]!.id,
      });
      expect(page.events).toEqual(all.slice(index + 1, index + 6));
    }
    const types = ['dsync.group.user_added' as const];
    expect(await read({ limit: 10, types })).toEqual(all.filter(({ event }) => event === types[0]));
  });

  test('lists go forward and back, and know the members of a group', async () => {
    const lists = directoryLists(lab.store);
    const page = (query: object) =>
      lists.users([directory], { directory: `directory_${CONNECTION}` }, { order: 'asc', limit: 25, ...query });
    const first = await page({});
    const second = await page({ after: first.list_metadata.after });
    expect(first.list_metadata.before).toBeNull();
    const back = await page({ before: second.list_metadata.before });
    expect(back.data).toEqual(first.data);
    expect(back.list_metadata).toEqual({ before: null, after: first.data.at(-1)!.id });
    const reversed = await page({ order: 'desc', limit: 100 });
    expect(reversed.data.toReversed().slice(0, 25)).toEqual(first.data);
    const [group] = first.data.flatMap(({ groups }) => groups);
    const members = await lists.users([directory], { group: group!.id }, { order: 'asc', limit: 100 });
    expect(members.data.length).toBeGreaterThan(0);
    for (const { groups } of members.data) expect(groups.map(({ id }) => id)).toContain(group!.id);
    const own = await lists.groups([directory], { user: members.data[0]!.id }, { order: 'asc', limit: 100 });
    expect(own.data.map(({ id }) => id).toSorted()).toEqual(members.data[0]!.groups.map(({ id }) => id).toSorted());
    expect(await lists.user([directory], members.data[0]!.id)).toEqual(members.data[0]);
    expect(lists.directories([directory], { order: 'asc', limit: 10 })).toMatchObject({
      data: [{ id: `directory_${CONNECTION}`, state: 'active' }],
      list_metadata: { before: null, after: null },
    });
  });

  test('what the caller may not see is not there', async () => {
    const lists = directoryLists(lab.store);
    const query = { order: 'asc', limit: 10 } as const;
    const [user] = (await lists.users([directory], { directory: CONNECTION }, query)).data;
    await expect(lists.user([], user!.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(lists.users([], { directory: CONNECTION }, query)).rejects.toMatchObject({ code: 'not_found' });
    await expect(lists.users([directory], {}, query)).rejects.toMatchObject({ code: 'invalid_request' });
    const other = { connectionIds: ['con_other'], types: dsyncTypes, limit: 5, after: null };
    expect(await dsyncPage(lab.store, other)).toEqual({ events: [], after: null });
  });

  test('an id that is none, or beyond the log, is refused', async () => {
    for (const after of [
      'event_1',
      'evt_000000000000001',
      'event_999999999999999',
      'event_000000000000001.user_%E0%A4%A',
    ]) {
      const query = { connectionIds: null, types: dsyncTypes, limit: 5, after };
      await expect(dsyncPage(lab.store, query)).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
  });
});

test('event ids say their place, whatever the keys', () => {
  const key = fc.string({ minLength: 1, unit: 'grapheme' });
  const part = fc.oneof(
    fc.constant(null),
    fc.record({ user: key }),
    fc.record({ group: key }),
    fc.record({ user: key, group: key }),
  );
  fc.assert(
    fc.property(fc.nat(), part, (seq, one) => {
      expect(placeOf(eventIdOf({ seq, part: one }))).toEqual({ seq, part: one });
    }),
  );
});

test('old values are those of what differs alone', () => {
  const now = { id: 1, state: 'active', updated_at: 'b', custom_attributes: { a: 1, b: 2 } };
  expect(previousOf({ ...now, updated_at: 'a', custom_attributes: { a: 0, b: 2 } }, now)).toEqual({
    custom_attributes: { a: 0 },
  });
  expect(previousOf(now, { ...now })).toBeNull();
});
