import { beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../reporting/endpoints.ts';
import { answerFromMirror, type MirrorAnswer } from '../../reporting/from-mirror.ts';
import type { Store } from '../store.ts';
import { at, con } from './builders.ts';
import { fillMirror, rawAccount, rawGroup, rawUser } from './mirror.ts';

const other = 'con_bbbbbbbbbbbbbbbb';
/** One of its enrollments says no id of its campaign. */
const untold = 'con_cccccccccccccccc';
const people = Array.from({ length: 12 }, (_, index) =>
  rawUser(100 + index, {
    status: index % 4 === 0 ? 'archived' : 'active',
    groups: index % 3 === 0 ? [7, 8] : [8],
    current_risk_score: index,
    phish_prone_percentage: index / 4,
    last_name: index === 1 ? 'Ødegård & <Sons>' : `L${index}`,
  }),
);
const anEnrollment = (id: number, user: number) => ({
  enrollment_id: id,
  module_name: 'Basics',
  user: { id: user, first_name: 'Old', last_name: 'Name', email: 'old@example.com', employee_number: '007' },
  campaign_id: 5,
  store_purchase_id: 6,
  score: 0.5,
  status: 'Passed',
});
const aRecipient = (id: number, test: number, user: number) => ({
  recipient_id: id,
  pst_id: test,
  user: { id: user, first_name: 'Old', last_name: 'Name', email: 'old@example.com' },
  ip: null,
});

/** What answers in KnowBe4's shapes rely on. `open` hands out one empty store for all of the tests, which only read. */
export function reportingContract(open: () => Promise<Store>): void {
  let kept: Store['reporting'];
  let ask: (endpoint: Endpoint, id?: string, query?: string, of?: string) => Promise<MirrorAnswer | null>;

  beforeAll(async () => {
    const store = await open();
    await fillMirror(store, {
      account: [rawAccount()],
      groups: [rawGroup(7), rawGroup(8, { status: 'archived' }), rawGroup(9)],
      users: people,
      removedUsers: ['111'],
      security_tests: [
        { pst_id: 1, campaign_id: 3, name: 'One' },
        { pst_id: 12, campaign_id: 4, name: 'Twelve' },
      ],
      recipients: [aRecipient(70, 1, 100), aRecipient(70, 12, 101), aRecipient(71, 1, 102)],
      enrollments: [anEnrollment(900, 100), anEnrollment(901, 101), anEnrollment(902, 100), anEnrollment(903, 111)],
    });
    await fillMirror(
      store,
      { users: [rawUser(100, { first_name: 'Other' })] },
      { connectionId: other, completeAt: null },
    );
    const { campaign_id: _, ...nameless } = anEnrollment(904, 101);
    await fillMirror(store, { enrollments: [anEnrollment(900, 100), nameless] }, { connectionId: untold });
    kept = store.reporting;
    const answer = answerFromMirror(store.reporting);
    ask = (endpoint, id = '', query = '', of = con) =>
      answer({ connectionId: of, endpoint, id, query: new URLSearchParams(query) });
  });

  const text = async (...call: Parameters<typeof ask>) => Buffer.from((await ask(...call))!.body).toString('utf8');
  const rows = async (...call: Parameters<typeof ask>): Promise<Record<string, unknown>[]> =>
    JSON.parse(await text(...call));
  const ids = async (...call: Parameters<typeof ask>) =>
    (await rows(...call)).map((row) => row.id ?? row.enrollment_id ?? row.recipient_id ?? row.pst_id);

  test('who was ever enrolled in a campaign; unknown while enrollments were never read to their end', async () => {
    const enrolled = await kept.everEnrolled(con, ['5', '6']);
    expect(enrolled).toEqual(
      new Map([
        ['5', new Set(['100', '101', '111'])],
        ['6', new Set()],
      ]),
    );
    expect(await kept.everEnrolled(con, [])).toEqual(new Map());
    expect(await kept.everEnrolled(other, ['5'])).toBeNull();
    expect(await kept.everEnrolled(untold, ['5'])).toBeNull();
  });

  test('live rows in the order of their keys, by number of page and by cursor', async () => {
    expect(await ids('/users')).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
    expect(await ids('/users', '', 'per_page=4&page=3')).toEqual([108, 109, 110]);
    expect(await ids('/users', '', 'per_page=4&page=4')).toEqual([]);
    const seen: unknown[] = [];
    for (let cursor: string | null = 'true'; cursor !== null; ) {
      const page: MirrorAnswer = (await ask('/users', '', `per_page=4&cursor=${cursor}`))!;
      seen.push((JSON.parse(Buffer.from(page.body).toString()) as unknown[]).length);
      expect(page.asOf).toBe(at(60));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual([4, 4, 3]);
  });

  test('by state, by group, by person, by test; a key that begins like another is another', async () => {
    expect(await ids('/users', '', 'status=archived')).toEqual([100, 104, 108]);
    expect(await ids('/users', '', 'status=active&group_id=7')).toEqual([103, 106, 109]);
    expect(await ids('/groups/:id/members', '7', 'per_page=2&page=2')).toEqual([106, 109]);
    expect(await ids('/groups/:id/members', '9')).toEqual([]);
    expect(await ids('/groups', '', 'status=archived')).toEqual([8]);
    expect(await ids('/training/enrollments', '', 'user_id=100')).toEqual([900, 902]);
    expect(await ids('/phishing/security_tests')).toEqual([1, 12]);
    expect(await ids('/phishing/security_tests/:id/recipients', '1')).toEqual([70, 71]);
    expect(await ids('/phishing/security_tests/:id/recipients', '12')).toEqual([70]);
  });

  test('as KnowBe4 prints it: floats with a fraction, signs escaped, a line end', async () => {
    const row = await text('/users/:id', '101');
    expect(row).toContain('"current_risk_score":1.0,"phish_prone_percentage":0.25');
    expect(row).toContain('Ødegård \\u0026 \\u003cSons\\u003e');
    expect(row.endsWith('}\n')).toBe(true);
  });

  test('people stand as they are now, and what was not asked for is left out', async () => {
    const query = 'include_campaign_id=true&include_store_purchase_id=true&include_employee_number=true';
    const [bare] = await rows('/training/enrollments', '', 'user_id=101');
    expect(Object.keys(bare!)).toEqual(['enrollment_id', 'module_name', 'user', 'status']);
    expect(bare!.user).toEqual({
      ...{ id: 101, first_name: 'Amara', last_name: 'Ødegård & <Sons>', email: 'Amara.101@example.com' },
    });
    const [whole] = await rows('/training/enrollments', '', `user_id=101&${query}`);
    expect(whole).toMatchObject({ campaign_id: 5, store_purchase_id: 6, user: { employee_number: '007' } });
    expect(whole).not.toHaveProperty('score');
    // Whoever is gone stays as they were.
    const last = (await rows('/training/enrollments')).at(-1)!;
    expect(last.user).toMatchObject({ id: 111, first_name: 'Old' });
    const [recipient] = await rows('/phishing/security_tests/:id/recipients', '1');
    expect(recipient).toMatchObject({ user: { id: 100, first_name: 'Amara' }, ip: null, browser: null, os: null });
  });

  describe('nothing is said', () => {
    test.each<[string, Endpoint, string, string]>([
      ['of a path that is not kept', '/account/risk_score_history', '', ''],
      ['of a list that was never read', '/training/policies', '', ''],
      ['of another kind of test that was never read', '/phishing/security_tests', '', 'campaign_type=callback'],
      ['of somebody who was never seen', '/users/:id', '999', ''],
      ['of a group that was never seen', '/groups/:id/members', '999', ''],
      ['of a test whose recipients were never read', '/phishing/security_tests/:id/recipients', '13', ''],
      ['to a parameter that nobody knows', '/users', '', 'email=x'],
      ['to a value that nobody knows', '/users', '', 'status=gone'],
      ['to two values', '/users', '', 'status=active&status=archived'],
      ['to a cursor of somebody else', '/users', '', 'cursor=eyJpZCI6MX0'],
      ['with completion in percent', '/training/campaigns', '', ''],
    ])('%s', async (_, endpoint, id, query) => {
      expect(await ask(endpoint, id, query)).toBeNull();
    });

    test('of another connection, whose people were not read to their end', async () => {
      expect(await ask('/users', '', '', other)).toBeNull();
      expect(await ask('/users/:id', '100', '', other)).toBeNull();
    });
  });

  test('who was deleted is not there, and a cursor of one list is none of another', async () => {
    await expect(ask('/users/:id', '111')).rejects.toMatchObject({ code: 'not_found' });
    const { nextCursor } = (await ask('/users', '', 'per_page=2&cursor=0'))!;
    await expect(ask('/users', '', `status=active&cursor=${nextCursor}`)).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
    await expect(ask('/groups', '', `cursor=${nextCursor}`)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
}
