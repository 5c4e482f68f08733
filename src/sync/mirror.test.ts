import { describe, expect, test } from 'vitest';
import type { Profile } from '../emulator/index.ts';
import { fetchRiskHistory } from './history.ts';
import {
  CONNECTION,
  DAY,
  expectMirrorIsTruth,
  expectReplayIsMirror,
  HOUR,
  type Lab,
  liveRows,
  MINUTE,
  snapshot,
  statusOf,
  withLab,
} from './sync-lab.contract.ts';
import { digestsOf } from './truth.contract.ts';

const profiles: readonly Profile[] = ['documented', 'recorded', 'next', 'hostile'];

describe.each(profiles)('profile %s', (profile) => {
  test('the mirror holds the account record for record, also after a month of life', async () => {
    await withLab({ profile, people: 80 }, async (lab) => {
      const first = await lab.sync('full');
      expect(first).toMatchObject({ status: 'done', changes: 0, error: null });
      await expectMirrorIsTruth(lab);
      lab.emulator.advance(30 * DAY);
      lab.wait(30 * DAY);
      expect((await lab.sync('full')).changes).toBeGreaterThan(10);
      // What left the lists went only after it was asked for by itself, or is missed a second time now.
      lab.wait(HOUR);
      await lab.sync('full');
      await expectMirrorIsTruth(lab);
    });
  });

  test('small pages are put together without a row lost', async () => {
    await withLab({ profile, people: 70, maxPerPage: 20 }, async (lab) => {
      const run = await lab.sync('full', {
        streams: ['account', 'groups', 'users', 'training_campaigns', 'security_tests'],
      });
      expect(run.status).toBe('done');
      await expectMirrorIsTruth(lab, ['groups', 'users', 'training_campaigns', 'security_tests']);
    });
  });
});

test('a score that drifts in small steps is told once it is far enough from what was told last', async () => {
  await withLab({ people: 60 }, async (lab) => {
    const riskRules = { thresholds: [], delta: 3 };
    const streams = ['account', 'groups', 'users'] as const;
    await lab.sync('full', { streams, riskRules });
    const told = new Map(
      [...(await liveRows(lab, 'users'))].map(([id, raw]) => [id, raw.current_risk_score as number]),
    );
    for (let day = 0; day < 40; day += 1) {
      lab.emulator.advance(DAY);
      lab.wait(DAY);
      if (day === 20) await lab.reopen();
      await lab.sync('directory', { streams, riskRules });
    }
    const moves = await lab.changes('user.risk_score_changed', 'user.risk_jumped');
    let drifted = 0;
    for (const [index, { kind, key, current, previous }] of moves.entries()) {
      if (kind !== 'user.risk_jumped') continue;
      expect(told.get(key) ?? previous!.riskScore).toBe(previous!.riskScore);
      told.set(key, current!.riskScore as number);
      if (moves[index - 1]!.previous!.riskScore !== previous!.riskScore) drifted += 1;
    }
    expect(drifted).toBeGreaterThan(5);
    for (const [id, raw] of await liveRows(lab, 'users')) {
      expect(Math.abs((raw.current_risk_score as number) - (told.get(id) ?? Number.NaN)) >= 3).toBe(false);
    }
  });
});

describe('the log', () => {
  test('the first pass of a stream is one event with rows, digest and cursor', async () => {
    await withLab({ people: 40 }, async (lab) => {
      await lab.sync('full');
      const log = await lab.changes();
      expect(log.map((change) => change.kind)).toEqual(Array(10).fill('baseline'));
      const users = log.find((change) => change.stream === 'users')!;
      const { rows, digest } = await lab.store.contentDigest(CONNECTION, 'users');
      expect(users.current).toEqual({ rows, digest, cursor: users.seq - 1 });
    });
  });

  test('every kind of change to people and groups is told with its old values', async () => {
    await withLab({ people: 60 }, async (lab) => {
      const target = someone(lab, 0);
      const [group] = lab.emulator.truth().groups.filter((row) => row.group_type === 'console_group');
      await lab.sync('full');
      lab.emulator.mutate({ kind: 'change-user', user: target.id, fields: { job_title: 'Head of Salt' } });
      lab.emulator.mutate({ kind: 'archive-user', user: someone(lab, 1).id });
      lab.emulator.mutate({ kind: 'rename-group', group: group!.id, name: 'Renamed' });
      lab.emulator.mutate({ kind: 'add-user', fields: { email: 'new.one@halden.example' } });
      lab.wait(15 * MINUTE);
      await lab.sync('directory');
      const kinds = await lab.changes('user.updated', 'user.archived', 'user.created', 'group.updated');
      expect(kinds.find((change) => change.kind === 'user.updated' && change.key === String(target.id))).toMatchObject({
        current: { jobTitle: 'Head of Salt' },
        previous: { jobTitle: target.job_title },
      });
      expect(kinds.find((change) => change.kind === 'user.archived')).toMatchObject({
        current: { status: 'archived' },
        previous: { status: 'active', archivedAt: null },
      });
      expect(kinds.find((change) => change.kind === 'user.created')).toMatchObject({
        current: { email: 'new.one@halden.example' },
        previous: null,
      });
      expect(kinds.find((change) => change.kind === 'group.updated')).toMatchObject({
        current: { name: 'Renamed' },
        previous: { name: group!.name },
      });
    });
  });

  test('archived and restored again is two events, and memberships follow the people', async () => {
    await withLab({ people: 60 }, async (lab) => {
      const { id } = someone(lab, 2);
      const group = lab.emulator
        .truth()
        .groups.find((row) => row.group_type === 'console_group' && row.status === 'active')!;
      await lab.sync('full');
      lab.emulator.mutate({ kind: 'archive-user', user: id });
      await lab.sync('directory');
      lab.emulator.mutate({ kind: 'restore-user', user: id });
      lab.emulator.mutate({ kind: 'add-member', group: group.id, user: id });
      await lab.sync('directory');
      const members = async () => (await lab.store.memberships(CONNECTION, [String(id)])).map((item) => item.groupId);
      expect(await members()).toContain(String(group.id));
      lab.emulator.mutate({ kind: 'remove-member', group: group.id, user: id });
      await lab.sync('directory');
      expect(await members()).not.toContain(String(group.id));
      const own = (await lab.changes()).filter(
        (change) => change.key === String(id) || change.key === String(group.id),
      );
      expect(own.map((change) => change.kind)).toEqual(
        expect.arrayContaining(['user.archived', 'user.restored', 'group.member_added', 'group.member_removed']),
      );
      await expectMirrorIsTruth(lab, ['users', 'groups']);
    });
  });

  test('a deleted person is deleted when their own address says so, with their memberships', async () => {
    await withLab({ people: 60 }, async (lab) => {
      const { id, groups } = someone(lab, 3);
      await lab.sync('full');
      lab.emulator.mutate({ kind: 'delete-user', user: id });
      await lab.sync('directory');
      const gone = await lab.changes('user.deleted');
      expect(gone.map((change) => change.key)).toEqual([String(id)]);
      expect(gone[0]!.previous).toMatchObject({ id: String(id), status: 'active' });
      expect(await lab.changes('group.member_removed')).toHaveLength(groups.length);
      expect(await lab.store.memberships(CONNECTION, [String(id)])).toEqual([]);
    });
  });

  test('a renamed person touches no enrollment and no recipient', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const { id } = someone(lab, 4);
      lab.emulator.mutate({
        kind: 'change-user',
        user: id,
        fields: { last_name: 'Newname', email: 'newname@halden.example' },
      });
      await lab.sync('full');
      const touched = (await lab.changes())
        .filter((change) => change.kind !== 'baseline')
        .map((change) => change.stream);
      expect(new Set(touched)).toEqual(new Set(['users']));
    });
  });

  test('the snapshot at the baseline and the log after it give the mirror', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const before = await snapshot(lab);
      const seq = await lab.store.lastChangeSeq();
      for (let week = 0; week < 4; week += 1) {
        lab.emulator.advance(7 * DAY);
        lab.wait(7 * DAY);
        lab.emulator.mutate({ kind: 'delete-user', user: someone(lab, week).id });
        await lab.sync(week % 2 === 0 ? 'refresh' : 'full');
      }
      expect(digestsOf(before)).not.toEqual(digestsOf(await snapshot(lab)));
      await expectReplayIsMirror(lab, before, seq);
    });
  });
});

describe('request economy on the default account', () => {
  test('a first sync costs the fewest pages, a quiet refresh 25 at most, a directory refresh 10', async () => {
    await withLab({}, async (lab) => {
      const first = await lab.sync('full');
      expect(first.requests).toBe(lab.emulator.requests().total);
      const truth = lab.emulator.truth();
      const pages = (rows: number) => Math.max(1, Math.ceil(rows / 500));
      const perTest = (tests: readonly { pst_id: number }[], recipients: readonly { pst_id: number }[]) =>
        tests.reduce((sum, { pst_id }) => sum + pages(recipients.filter((row) => row.pst_id === pst_id).length), 0);
      const lists = [
        truth.groups,
        truth.users,
        truth.phishing_campaigns,
        truth.callback_campaigns,
        truth.security_tests,
        truth.callback_tests,
        truth.training_campaigns,
        truth.store_purchases,
        truth.policies,
        truth.enrollments,
      ];
      const fewest =
        1 +
        lists.reduce((sum, rows) => sum + pages(rows.length), 0) +
        perTest(truth.security_tests, truth.recipients) +
        perTest(truth.callback_tests, truth.callback_recipients);
      const scores = first.streams.find((run) => run.stream === 'risk_history')!.requests;
      expect(first.requests - scores).toBeLessThanOrEqual(1.1 * fewest);

      lab.emulator.resetRequests();
      lab.wait(25 * MINUTE);
      expect(await lab.sync('refresh')).toMatchObject({ status: 'done', changes: 0 });
      expect(lab.emulator.requests().total).toBeLessThanOrEqual(25);

      lab.emulator.resetRequests();
      lab.wait(15 * MINUTE);
      expect(await lab.sync('directory')).toMatchObject({ status: 'done', changes: 0 });
      expect(lab.emulator.requests().total).toBeLessThanOrEqual(10);
    });
  }, 60_000);

  test('a refresh reads the recipients of tests that moved, and of no other closed one', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const truth = lab.emulator.truth();
      const closed = truth.security_tests.find((row) => row.status === 'Closed' && row.delivered_count > 5)!;
      const recipient = truth.recipients.find((row) => row.pst_id === closed.pst_id && row.reported_at === null)!;
      lab.emulator.mutate({
        kind: 'recipient',
        test: closed.pst_id,
        recipient: recipient.recipient_id,
        event: 'reported_at',
      });
      lab.emulator.resetRequests();
      await lab.sync('refresh');
      const asked = lab.emulator
        .requests()
        .recent.map((request) => request.path)
        .filter((path) => path.includes('recipients'));
      const open = truth.security_tests.filter((row) => row.status === 'Active');
      expect(asked).toHaveLength(open.length + 1);
      expect(asked.some((path) => path.includes(`/${closed.pst_id}/`))).toBe(true);
      await expectMirrorIsTruth(lab, ['recipients']);
    });
  });
});

describe('what comes and goes with others', () => {
  test('the recipients of a deleted test go with it, those of a new one come', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const tests = lab.emulator.truth().security_tests;
      const gone = tests.find((row) => row.status === 'Closed' && row.delivered_count > 5)!.pst_id;
      lab.emulator.mutate({ kind: 'delete-test', test: gone });
      lab.emulator.mutate({ kind: 'add-test' });
      await lab.sync('refresh');
      await expectMirrorIsTruth(lab, ['security_tests', 'recipients']);
      expect((await lab.changes('security_test.deleted')).map((change) => change.key)).toEqual([String(gone)]);
      const recipients = await lab.changes('recipient.deleted');
      expect(recipients.length).toBeGreaterThan(5);
      expect(recipients.every((change) => change.key.startsWith(`${gone}/`))).toBe(true);
    });
  });

  test('the enrollments of a deleted training campaign go once their own list is empty, not on a list alone', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const { training_campaigns: campaigns, enrollments } = lab.emulator.truth();
      const of = (id: number) => enrollments.filter((row) => row.campaign_id === id).length;
      const [closed, open] = ['Completed', 'In Progress'].map(
        (status) => campaigns.find((row) => row.status === status && of(row.campaign_id) > 5)!.campaign_id,
      ) as [number, number];
      lab.emulator.mutate({ kind: 'delete-training', campaign: closed });
      lab.emulator.addFault({ kind: 'empty-list', endpoint: 'enrollments', path: `campaign_id=${open}`, count: 2 });
      await lab.sync('refresh');
      const gone = await lab.changes('enrollment.deleted');
      expect(gone).toHaveLength(of(closed));
      expect(gone.every(({ previous }) => previous!.campaignId === String(closed))).toBe(true);
      // The other campaign is still there: its empty list proves nothing.
      expect((await lab.openHolds()).map(({ scope, kind }) => [scope, kind])).toEqual([
        [`campaign:${open}`, 'needs_person'],
      ]);
      lab.emulator.resetRequests();
      await lab.sync('refresh');
      const asked = lab.emulator.requests().recent.filter(({ path }) => path.includes(`campaign_id=${closed}`));
      expect(asked).toEqual([]);
      await expectMirrorIsTruth(lab, ['training_campaigns', 'enrollments']);
    });
  });

  test('a deleted group leaves no membership, and its members are told', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const before = await snapshot(lab);
      const seq = await lab.store.lastChangeSeq();
      const { users, groups } = lab.emulator.truth();
      const membersOf = (id: number) => users.filter((user) => user.groups.includes(id)).length;
      const group = groups.find((row) => row.group_type === 'console_group' && membersOf(row.id) > 3)!;
      lab.emulator.mutate({ kind: 'delete-group', group: group.id });
      await lab.sync('directory');
      const left = (await lab.changes('group.member_removed')).filter((change) => change.key === String(group.id));
      expect(left).toHaveLength(membersOf(group.id));
      await expectMirrorIsTruth(lab, ['groups', 'users']);
      await expectReplayIsMirror(lab, before, seq);
    });
  });

  test('a new training brings its enrollments at the next refresh', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      lab.emulator.mutate({ kind: 'add-training', name: 'New joiners' });
      lab.emulator.advance(2 * DAY);
      lab.wait(2 * DAY);
      await lab.sync('refresh');
      await expectMirrorIsTruth(lab, ['training_campaigns', 'enrollments']);
    });
  });
});

test('the history of one person is read when it is asked for, in one request, and kept', async () => {
  await withLab({ people: 30 }, async (lab) => {
    const { id } = someone(lab, 0);
    const points = await fetchRiskHistory({ ...lab.access(), signal: undefined }, String(id));
    expect(lab.emulator.requests().total).toBe(1);
    expect(points.length).toBeGreaterThan(100);
    expect(points.map((point) => point.date)).toEqual(points.map((point) => point.date).toSorted());
    const kept = lab.store.reads.selectFrom('risk_points').selectAll().where('subject_id', '=', String(id));
    expect(await kept.execute()).toHaveLength(points.length);
  });
});

test('an empty stream of people on an account with seats is no baseline, and says why', async () => {
  await withLab({ people: 30, switches: { anonymised: true } }, async (lab) => {
    const run = await lab.sync('full');
    expect(statusOf(run, 'users')).toBe('partial');
    expect(run.streams.find((item) => item.stream === 'users')!.error).toMatchObject({ code: 'incomplete_read' });
    expect((await lab.changes('baseline')).map((change) => change.stream)).not.toContain('users');
  });
});

test('lists that hide archived people are read a second time for them', async () => {
  await withLab({ people: 60, switches: { archivedWithoutStatus: false } }, async (lab) => {
    await lab.sync('full');
    await expectMirrorIsTruth(lab, ['users', 'groups']);
  });
});

test('a switched-off stream is not read, and says so', async () => {
  await withLab({ people: 30 }, async (lab) => {
    const run = await lab.sync('full', { streamsOff: ['recipients'] });
    expect(run.streams.map((item) => item.stream)).not.toContain('recipients');
    expect(lab.emulator.requests().byEndpoint).not.toHaveProperty('recipients');
    expect((await liveRows(lab, 'recipients')).size).toBe(0);
  });
});

test('address, place and browser of recipients are not kept where the connection says so', async () => {
  await withLab({ people: 40 }, async (lab) => {
    const shown = (rows: Map<string, object>) =>
      [...rows.values()].filter((row) => 'ip' in row || 'browser' in row).length;
    await lab.sync('full');
    expect(shown(await liveRows(lab, 'recipients'))).toBeGreaterThan(0);
    await lab.sync('full', { dropRecipientClient: true });
    expect(shown(await liveRows(lab, 'recipients'))).toBe(0);
    expect(await lab.changes('recipient.updated')).toEqual([]);
  });
});

test('a score is kept when it is first seen and when it moves, not at every pass', async () => {
  await withLab({ people: 30 }, async (lab) => {
    const points = async () =>
      (await lab.store.reads.selectFrom('risk_points').selectAll().where('subject', '=', 'user').execute()).length;
    await lab.sync('full');
    const first = await points();
    expect(first).toBe(lab.emulator.truth().users.length);
    lab.wait(DAY);
    await lab.sync('directory');
    expect(await points()).toBe(first);
    lab.emulator.advance(14 * DAY);
    lab.wait(14 * DAY);
    await lab.sync('directory');
    const moved = (await lab.changes('user.risk_score_changed')).length;
    expect(moved).toBeGreaterThan(0);
    expect(await points()).toBeGreaterThanOrEqual(first + moved);
  });
});

/** An active person of the account, the same one for the same place. */
function someone(lab: Lab, place: number) {
  return lab.emulator.truth().users.filter((user) => user.status === 'active' && user.groups.length > 0)[place]!;
}
