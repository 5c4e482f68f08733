import { describe, expect, test } from 'vitest';
import type { RawRecord, Read, RecordStream } from '../wire/records.ts';
import { created, deleted, differences } from './diff.ts';
import { recordDigest, seenDigest } from './digest.ts';
import { type KeyedRow, keyed, moved, type PageContext, pageWork } from './page-work.ts';
import type { StoredRow } from './ports.ts';
import { type AnyRecord, readStored } from './rows.ts';

const AT = '2026-11-20T12:00:00.000Z';

const aUser = (over: RawRecord = {}): RawRecord => ({
  id: 41,
  email: 'amara@halden.example',
  first_name: 'Amara',
  status: 'active',
  groups: [7, 8],
  current_risk_score: 40.5,
  phish_prone_percentage: 10,
  last_sign_in: '2026-11-01T08:00:00.000Z',
  archived_at: null,
  ...over,
});

const anEnrollment = (over: RawRecord = {}): RawRecord => ({
  enrollment_id: 9,
  user: { id: 41, first_name: 'Amara', email: 'amara@halden.example' },
  campaign_id: 55,
  status: 'Not Started',
  ...over,
});

const record = (stream: RecordStream, raw: RawRecord): AnyRecord => readStored(stream, '41', raw);

const kindsOf = (before: RawRecord, after: RawRecord): string[] =>
  differences({ stream: 'users', key: '41', at: AT }, record('users', before), record('users', after)).map(
    (change) => change.kind,
  );

const context = (stream: RecordStream, over: Partial<PageContext> = {}): PageContext => ({
  ...{ stream, scope: 'all', at: AT, today: '2026-11-20', baseline: false, dropRecipientClient: false },
  ...over,
});

const read = (stream: RecordStream, raw: RawRecord): Read<AnyRecord> => ({ record: record(stream, raw), raw });

const storedAs = (stream: RecordStream, key: string, raw: RawRecord, deletedAt: string | null = null): StoredRow => ({
  ...{ key, raw, deletedAt, firstSeenAt: AT, changedAt: null },
  seenDigest: seenDigest(stream, raw),
  digest: recordDigest(record(stream, raw)),
});

function work(stream: RecordStream, before: RawRecord | null, after: RawRecord, over: Partial<PageContext> = {}) {
  const page = context(stream, over);
  const rows: KeyedRow[] = keyed(page, [read(stream, after)]);
  const stored = before === null ? [] : [storedAs(stream, rows[0]!.key, before)];
  return pageWork(page, rows, moved(rows, stored), stored);
}

describe('a person', () => {
  test('a changed field is an update with its old value, and nothing else is told', () => {
    const [change, ...more] = differences(
      { stream: 'users', key: '41', at: AT },
      record('users', aUser()),
      record('users', aUser({ first_name: 'Ama' })),
    );
    expect(more).toEqual([]);
    expect(change).toMatchObject({
      kind: 'user.updated',
      current: { firstName: 'Ama' },
      previous: { firstName: 'Amara' },
    });
  });

  test('score, phish-prone figure and sign-in have kinds of their own', () => {
    const after = aUser({
      current_risk_score: 41,
      phish_prone_percentage: 11,
      last_sign_in: '2026-11-02T08:00:00.000Z',
    });
    expect(kindsOf(aUser(), after).toSorted()).toEqual([
      'user.last_sign_in_changed',
      'user.phish_prone_changed',
      'user.risk_score_changed',
    ]);
  });

  test('archiving takes the time with it; another field changed at once is an update beside it', () => {
    const after = aUser({ status: 'archived', archived_at: AT, first_name: 'Ama' });
    expect(kindsOf(aUser(), after).toSorted()).toEqual(['user.archived', 'user.updated']);
    expect(kindsOf(after, aUser({ first_name: 'Ama' }))).toEqual(['user.restored']);
  });

  test('groups are a set: another order is no change, and joining and leaving are told by group', () => {
    expect(kindsOf(aUser(), aUser({ groups: [8, 7, 7] }))).toEqual([]);
    const changes = differences(
      { stream: 'users', key: '41', at: AT },
      record('users', aUser()),
      record('users', aUser({ groups: [8, 9] })),
    );
    expect(changes.map(({ kind, key }) => [kind, key])).toEqual([
      ['group.member_removed', '7'],
      ['group.member_added', '9'],
    ]);
  });

  test('an answer without the list of groups takes nobody out of a group', () => {
    const { groups: _left, ...without } = aUser();
    expect(kindsOf(aUser(), without)).toEqual([]);
  });

  test('begins and ends with their memberships', () => {
    const row = { stream: 'users', key: '41', at: AT } as const;
    expect(created(row, record('users', aUser())).map((change) => change.kind)).toEqual([
      'user.created',
      'group.member_added',
      'group.member_added',
    ]);
    expect(deleted(row, record('users', aUser())).map((change) => change.kind)).toEqual([
      'group.member_removed',
      'group.member_removed',
      'user.deleted',
    ]);
  });
});

describe('a page', () => {
  test('a row seen before in the same form is not touched', () => {
    expect(work('users', aUser(), aUser())).toMatchObject({ rows: [], changes: [], seenKeys: ['41'], riskPoints: [] });
  });

  test('a key that an answer leaves out keeps its old value and makes no change', () => {
    const { first_name: _left, ...without } = aUser();
    const result = work('users', aUser(), without);
    expect(result.changes).toEqual([]);
    expect(result.rows[0]).toMatchObject({ changed: false, raw: { first_name: 'Amara' } });
  });

  test('the name of a person inside an enrollment does not count, their id does', () => {
    const renamed = anEnrollment({ user: { id: 41, first_name: 'Ama', email: 'ama@halden.example' } });
    expect(work('enrollments', anEnrollment(), renamed).rows).toEqual([]);
    expect(recordDigest(record('enrollments', anEnrollment()))).toBe(recordDigest(record('enrollments', renamed)));
    const other = anEnrollment({ user: { id: 42, first_name: 'Amara' } });
    expect(work('enrollments', anEnrollment(), other).changes.map((change) => change.kind)).toEqual([
      'enrollment.updated',
    ]);
  });

  test('an enrollment belongs to the scope of its campaign', () => {
    expect(work('enrollments', null, anEnrollment()).rows[0]).toMatchObject({ scope: 'campaign:55', changed: true });
  });

  test('a baseline writes rows, memberships and scores, and no changes', () => {
    const result = work('users', null, aUser(), { baseline: true });
    expect(result.changes).toEqual([]);
    expect(result.membershipsAdded).toHaveLength(2);
    expect(result.riskPoints).toEqual([{ subject: 'user', id: '41', date: '2026-11-20', riskScore: 40.5 }]);
    expect(result.rows[0]).toMatchObject({ changed: false });
  });

  test('a row that was deleted and is back is created again', () => {
    const page = context('users');
    const rows = keyed(page, [read('users', aUser())]);
    const stored = [storedAs('users', '41', aUser(), AT)];
    const result = pageWork(page, rows, moved(rows, stored), stored);
    expect(result.changes[0]).toMatchObject({ kind: 'user.created', previous: null });
  });

  test('a score is a point only when it moved', () => {
    expect(work('users', aUser(), aUser({ first_name: 'Ama' })).riskPoints).toEqual([]);
    expect(work('users', aUser(), aUser({ current_risk_score: 41 })).riskPoints).toHaveLength(1);
  });

  test('where a recipient was is taken out of the stored row too, without a change', () => {
    const recipient = (over: RawRecord = {}): RawRecord => ({
      ...{ recipient_id: 3, pst_id: 5, user: { id: 41 }, clicked_at: null, ...over },
    });
    const result = work('recipients', recipient({ ip: '192.0.2.7', os: 'Windows' }), recipient({ ip: '192.0.2.7' }), {
      dropRecipientClient: true,
    });
    expect(result.changes).toEqual([]);
    expect(Object.keys(result.rows[0]!.raw)).not.toContain('ip');
    expect(Object.keys(result.rows[0]!.raw)).not.toContain('os');
  });
});
