import { expect, test } from 'vitest';
import { snakeCase } from '../lib/case.ts';
import { type Lab, snapshot, withLab } from '../sync/sync-lab.contract.ts';
import { eventFamilies } from './catalog.ts';
import type { Event } from './event.ts';
import { createFeed } from './feed.ts';

const DAY = 24 * 60 * 60_000;

type Fields = Record<string, unknown>;
/** The directory as a reader of events keeps it: people and groups by id, the account, its admins, who is in which group. */
type Kept = {
  users: Map<string, Fields>;
  groups: Map<string, Fields>;
  account: Fields;
  admins: Set<string>;
  members: Set<string>;
};

/** Events say nothing of the size of a group: its members are told one by one. */
const untold = new Set(['group_ids', 'member_count', 'admins']);

const told = (record: unknown): Fields =>
  Object.fromEntries(Object.entries(snakeCase(record) as Fields).filter(([name]) => !untold.has(name)));

async function directoryOf(lab: Lab): Promise<Kept> {
  const mirror = await snapshot(lab);
  const rows = (stream: 'users' | 'groups') => [...mirror.get(stream)!];
  const account = mirror.get('account')!.get('account')! as { admins: readonly { id: string }[] };
  return {
    users: new Map(rows('users').map(([key, record]) => [key, told(record)])),
    groups: new Map(rows('groups').map(([key, record]) => [key, told(record)])),
    account: told(account),
    admins: new Set(account.admins.map(({ id }) => id)),
    members: new Set(
      rows('users').flatMap(([key, record]) =>
        (record.groupIds as readonly string[]).map((group) => `${group} ${key}`),
      ),
    ),
  };
}

/** What a reader does with an event, by nothing but its type and its data. */
function apply(kept: Kept, { type, data }: Event): void {
  const [subject] = type.split('.');
  const {
    user,
    group,
    attributes,
    risk_score: score,
  } = data as { user?: Fields; group?: Fields; attributes?: Fields; risk_score?: unknown };
  const rows = subject === 'group' || data.subject === 'group' ? kept.groups : kept.users;
  const one = (rows === kept.groups ? group : user) as Fields;
  const move = (fields: Fields) => rows.set(String(one.id), { ...rows.get(String(one.id)), ...fields });
  if (type === 'user.created' || type === 'group.created') rows.set(String(one.id), told(one));
  else if (type === 'user.deleted' || type === 'group.deleted') rows.delete(String(one.id));
  else if (type === 'group.member_added') kept.members.add(`${String(group!.id)} ${String(user!.id)}`);
  else if (type === 'group.member_removed') kept.members.delete(`${String(group!.id)} ${String(user!.id)}`);
  else if (type === 'role.assigned') kept.admins.add(String(user!.id));
  else if (type === 'role.unassigned') kept.admins.delete(String(user!.id));
  else if (type === 'account.updated') Object.assign(kept.account, attributes);
  else if (type === 'risk_score.changed' && data.subject === 'account') kept.account.risk_score = score;
  else if (type === 'risk_score.changed') move({ risk_score: score });
  else if (type === 'phish_prone.changed') move({ phish_prone_percent: data.phish_prone_percent });
  else if (type === 'user.signed_in') move({ last_sign_in: data.signed_in_at });
  else if (/^(user|group)\.(updated|archived|restored)$/.test(type)) move(attributes!);
}

test.each(['documented', 'recorded'] as const)(
  'what a reader keeps by events alone is the directory (profile %s)',
  { timeout: 120_000 },
  async (profile) => {
    await withLab({ profile, people: 80 }, async (lab) => {
      const feed = createFeed({ store: lab.store, sleep: async () => undefined, now: () => 0 });
      const query = { connectionIds: null, types: [], order: 'asc', limit: 37 } as const;
      const families = eventFamilies;
      await lab.sync('full');
      const kept = await directoryOf(lab);
      const start = await feed.page({ ...query, families, order: 'desc', limit: 1, after: null });
      let after: string | null = start.events[0]!.id;
      const seen = new Set<string>();
      const users = lab.emulator.truth().users;
      const [group] = lab.emulator.truth().groups.filter((row) => row.group_type === 'console_group');
      for (let week = 0; week < 4; week += 1) {
        lab.emulator.advance(7 * DAY);
        lab.wait(7 * DAY);
        if (week === 0) {
          lab.emulator.mutate({ kind: 'change-user', user: users[0]!.id, fields: { department: 'Salt' } });
          lab.emulator.mutate({ kind: 'archive-user', user: users[1]!.id });
          lab.emulator.mutate({ kind: 'add-user', fields: { email: 'new.one@halden.example' } });
          lab.emulator.mutate({ kind: 'delete-user', user: users[2]!.id });
          lab.emulator.mutate({ kind: 'rename-group', group: group!.id, name: 'Renamed' });
          lab.emulator.mutate({ kind: 'add-member', group: group!.id, user: users[3]!.id });
        }
        if (week === 1) lab.emulator.mutate({ kind: 'restore-user', user: users[1]!.id });
        await lab.sync('full');
        for (let hasMore = true; hasMore; ) {
          const page = await feed.page({ ...query, families, after });
          for (const event of page.events) {
            expect(seen.has(event.id)).toBe(false);
            seen.add(event.id);
            apply(kept, event);
            if (event.type === 'group.member_added') {
              expect(event.data).toMatchObject({
                group: { name: expect.any(String) },
                user: { email: expect.any(String) },
              });
            }
          }
          ({ hasMore } = page);
          after = page.nextCursor;
        }
      }
      const now = await directoryOf(lab);
      expect(kept.users).toEqual(now.users);
      expect(kept.groups).toEqual(now.groups);
      expect(kept.account).toEqual(now.account);
      expect(kept.admins).toEqual(now.admins);
      expect([...kept.members].toSorted()).toEqual([...now.members].toSorted());
      expect(seen.size).toBeGreaterThan(100);
    });
  },
);
