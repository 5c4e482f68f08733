import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openGateway } from '../gateway/gateway.ts';
import { strictestPolicy } from '../model/field-policy.ts';
import { recordStreams } from '../store/row-tables.ts';
import { openStore } from '../store/store.ts';
import { streamNames } from '../sync/streams.ts';
import { type Bytes, jsonOf, openKnowbe4Lab } from './contract/knowbe4-lab.contract.ts';

/* KnowBe4's addresses answered from the mirror, or under a field policy, compared with what the emulator itself answers. */

const lab = await openKnowbe4Lab();
const { emulator, gateway, door, mirror, connect, accountToken, direct, through, everyPath } = lab;
beforeEach(lab.forget);
afterAll(lab.close);

const kept = [
  '/account',
  '/users',
  '/groups',
  '/training/store_purchases',
  '/training/policies',
  '/training/enrollments',
];
/** Paths that the mirror answers, and paths that it cannot answer as KnowBe4 would. */
function byMirror(path: string): boolean {
  if (/risk_score_history$/.test(path) || /recipients\/\d+$/.test(path)) return false;
  if (/^\/phishing/.test(path)) return !/(campaigns|security_tests)\/\d+$/.test(path);
  return kept.some((one) => path.startsWith(one));
}

describe('from the mirror', () => {
  test('nothing is asked of KnowBe4 for what is kept, its age is told, and it is printed as KnowBe4 prints it', async () => {
    for (const path of [...everyPath().filter(byMirror), '/training/campaigns?exclude_percentages=true']) {
      const asked = await direct(`${path}${path.includes('?') ? '&' : '?'}per_page=500`);
      emulator.resetRequests();
      const got = await through(path.endsWith('s') ? `${path}?per_page=500` : path, mirror);
      expect([got.status, got.headers.get('x-foreknow-source')], path).toEqual([200, 'mirror']);
      expect(Date.parse(got.headers.get('x-foreknow-as-of')!)).toBeGreaterThan(Date.now() - 3_600_000);
      expect(emulator.requests().total, path).toBe(0);
      // The emulator spells some keys as they were spelled before.
      if (!/security_tests$|training\/campaigns/.test(path))
        expect(got.bytes.toString(), path).toBe(asked.bytes.toString());
    }
  });

  test('what is not kept as KnowBe4 would answer it is read live: other paths, other parameters, other values', async () => {
    const paths = [
      ...everyPath().filter((path) => !byMirror(path)),
      ...['/users?expand=group', '/users?status=deleted', '/users?status=active&status=archived', '/users?email=x'],
      ...[
        '/users?page=0',
        '/users?group_id=999999',
        '/users/999999',
        '/training/enrollments?exclude_archived_users=true',
      ],
      ...['/training/enrollments?cursor=abc', '/training/enrollments?store_purchase_id=1', '/groups?per_page=x'],
    ];
    for (const path of paths) {
      const [wanted, got] = [await direct(path), await through(path, mirror)];
      expect([got.status, got.bytes.toString()], path).toEqual([wanted.status, wanted.bytes.toString()]);
      expect(got.headers.get('x-foreknow-source'), path).toBe('live');
    }
  });

  test('pages and cursors: 100 rows without a size, 500 at most, each row once', async () => {
    const sizes = async (query: string) => jsonOf(await through(`/training/enrollments${query}`, mirror)).length;
    expect([await sizes(''), await sizes('?per_page=9000'), await sizes('?per_page=500&page=99')]).toEqual([
      100, 500, 0,
    ]);
    for (const start of ['true', '0']) {
      const ids: number[] = [];
      for (let cursor: string | null = start; cursor !== null; ) {
        const page: Bytes = await through(`/users?per_page=20&cursor=${cursor}`, mirror);
        ids.push(...jsonOf(page).map(({ id }: { id: number }) => id));
        cursor = page.headers.get('x-next-cursor');
      }
      expect([ids.length, new Set(ids).size]).toEqual([emulator.truth().users.length, ids.length]);
    }
    const cursor = (await through('/users?per_page=20&cursor=true', mirror)).headers.get('x-next-cursor')!;
    const elsewhere = await through(`/users?status=active&cursor=${cursor}`, mirror);
    expect([elsewhere.status, elsewhere.headers.get('x-foreknow-error')]).toEqual([400, 'invalid_cursor']);
  });

  test('what was never read to its end is read live, never shown as an empty list', async () => {
    const connection = await connect('new');
    const token = await accountToken('mirror', { connection });
    const empty = await through('/users?per_page=500', token);
    expect([empty.headers.get('x-foreknow-source'), jsonOf(empty).length]).toEqual([
      'live',
      emulator.truth().users.length,
    ]);
    await gateway.sync.run('new', { streams: ['account', 'groups', 'users', 'security_tests'] });
    const source = async (path: string) => (await through(path, token)).headers.get('x-foreknow-source');
    expect(await source('/users')).toBe('mirror');
    expect(await source('/training/enrollments')).toBe('live');
    expect(await source(everyPath().find((path) => path.endsWith('/recipients'))!)).toBe('live');
  });

  test('of a group, a campaign or a test that came after the last whole read nothing is said from the mirror', async () => {
    const connection = await connect('later');
    await gateway.sync.run('later');
    const token = await accountToken('mirror', { connection });
    const { id } = emulator.truth().groups.at(-1)!;
    const path = `/groups/${id}/members`;
    expect((await through(path, token)).headers.get('x-foreknow-source')).toBe('mirror');
    emulator.mutate({ kind: 'add-group', name: 'Brand new' });
    const added = emulator.truth().groups.at(-1)!;
    await gateway.sync.run('later', { streams: ['groups'] });
    expect((await through(`/groups/${added.id}`, token)).headers.get('x-foreknow-source')).toBe('mirror');
    expect((await through(`/groups/${added.id}/members`, token)).headers.get('x-foreknow-source')).toBe('live');
    expect((await through(`/users?group_id=${added.id}`, token)).headers.get('x-foreknow-source')).toBe('live');
  });
});

test('a paused connection, and one whose key KnowBe4 refuses, go on from the mirror; live they say why', async () => {
  const connection = await connect('resting');
  await gateway.sync.run('resting');
  const [kept, live] = [await accountToken('mirror', { connection }), await accountToken('live', { connection })];
  await gateway.connections.pause('resting');
  const paused = await through('/users', live);
  expect([paused.status, paused.headers.get('x-foreknow-error')]).toEqual([409, 'connection_paused']);
  expect((await through('/users', kept)).headers.get('x-foreknow-source')).toBe('mirror');
  await gateway.connections.resume('resting');
  emulator.addFault({ kind: 'token-disabled', endpoint: 'groups', count: 1 });
  const refused = await through('/groups', live);
  expect([refused.status, jsonOf(refused).error, refused.headers.get('x-foreknow-error')]).toEqual([
    ...[401, 'Unauthorized', null],
  ]);
  expect((await gateway.connections.get('resting')).state).toBe('needs_reauth');
  emulator.resetRequests();
  const again = await through('/groups', live);
  expect([again.status, again.headers.get('x-foreknow-error'), emulator.requests().total]).toEqual([
    ...[401, 'connection_unauthorized', 0],
  ]);
  expect((await through('/groups', kept)).status).toBe(200);
});

describe('under a field policy', () => {
  test.each(['live', 'mirror'] as const)(
    'what is hidden is null, everything else is as it was (%s)',
    async (source) => {
      const token = await accountToken(source, { fieldPolicy: { email: 'mask', phone: 'drop' } });
      const wanted = jsonOf(await direct('/users?per_page=500')).map((user: Record<string, unknown>) => ({
        ...user,
        ...{ email: null, aliases: [], manager_email: null },
        ...{ phone_number: null, extension: null, mobile_phone_number: null },
      }));
      const got = await through('/users?per_page=500', token);
      expect(jsonOf(got)).toEqual(wanted);
      expect(got.headers.get('x-foreknow-source')).toBe(source);
      expect((await through('/users?email=x', token)).status).toBe(403);
    },
  );

  test.each(['live', 'mirror'] as const)(
    'no path tells anything of anybody to whom nothing is told (%s)',
    async (source) => {
      const token = await accountToken(source, { fieldPolicy: strictestPolicy });
      const truth = emulator.truth();
      const secrets = truth.users.flatMap((user) =>
        [user.email, user.manager_email, user.last_name, user.employee_number, user.phone_number].filter(
          (one) => one && one.length > 4,
        ),
      ) as string[];
      for (const path of everyPath()) {
        const got = await through(path, token);
        expect([200, 404], path).toContain(got.status);
        const text = got.bytes.toString();
        expect(
          secrets.find((one) => text.includes(`"${one}"`)),
          path,
        ).toBeUndefined();
      }
      emulator.addFault({ kind: 'html-error', endpoint: 'groups', count: 'always' });
      const failed = await through('/groups?page=0', token);
      expect([failed.status, jsonOf(failed).error]).toEqual([502, 'Bad Gateway']);
    },
  );
});

test('who was deleted is gone, and a new name stands in old rows too', async () => {
  const connection = await connect('changes');
  await gateway.sync.run('changes');
  const token = await accountToken('mirror', { connection });
  const [enrollment] = jsonOf(await through('/training/enrollments?per_page=1', token));
  const { id } = enrollment.user;
  const gone = emulator.truth().users.at(-1)!.id;
  emulator.mutate({ kind: 'change-user', user: id, fields: { last_name: 'Newly-Named' } });
  emulator.mutate({ kind: 'delete-user', user: gone });
  for (let run = 0; run < 2; run += 1) await gateway.sync.run('changes', { level: 'full' });
  for (const path of [
    `/training/enrollments/${enrollment.enrollment_id}`,
    `/training/enrollments?user_id=${id}&per_page=500`,
  ]) {
    const got = await through(path, token);
    expect(got.headers.get('x-foreknow-source')).toBe('mirror');
    expect(got.bytes.toString(), path).toBe((await direct(path)).bytes.toString());
    expect(got.bytes.toString()).toContain('Newly-Named');
  }
  emulator.resetRequests();
  const missing = await through(`/users/${gone}`, token);
  expect([missing.status, emulator.requests().total]).toEqual([404, 0]);
  expect(jsonOf(await through('/users?per_page=500', token)).map((user: { id: number }) => user.id)).not.toContain(
    gone,
  );
});

/** Keys and digests of every row that a mirror holds: two mirrors of one account are equal when these are. */
async function digestsIn(where: string, connectionId: string) {
  const store = await openStore({ folder: where, access: 'read' });
  const rows: Record<string, readonly string[]> = {};
  for (const stream of recordStreams) {
    const kept = await store.liveRows(connectionId, stream, null, 100_000);
    rows[stream] = kept.map(({ key, digest }) => `${key} ${digest}`);
  }
  await store.close();
  return rows;
}

test.each(['live', 'mirror'] as const)(
  'a second gateway that mirrors the account through the door of the first holds the same (%s)',
  async (source) => {
    const connection = await connect(`front ${source}`);
    await gateway.sync.run(connection, { level: 'full' });
    const token = await accountToken(source, { connection });
    emulator.resetRequests();
    const behind = mkdtempSync(join(tmpdir(), 'foreknow-behind-'));
    const second = await openGateway({ folder: behind, allowBaseUrls: true });
    await second.connections.connect({
      ...{ name: 'acme', region: emulator.region, reportingToken: token, reportingUrl: door.url },
      settings: { limits: { perSecond: null, perMinute: null } },
    });
    const run = await second.sync.run('acme', { level: 'full' });
    expect(run.streams.map(({ stream, status }) => [stream, status])).toEqual(
      streamNames.map((stream) => [stream, 'done']),
    );
    const [wanted, got] = [
      await digestsIn(lab.folder, connection),
      await digestsIn(behind, (await second.connections.get('acme')).id),
    ];
    for (const stream of recordStreams) {
      expect(got[stream]!.length, stream).toBeGreaterThan(0);
      expect(got[stream], stream).toEqual(wanted[stream]);
    }
    // From the mirror a whole copy costs the account next to nothing.
    if (source === 'mirror') expect(emulator.requests().total).toBeLessThan(4);
    await second.close();
    rmSync(behind, { recursive: true, force: true });
  },
  60_000,
);
