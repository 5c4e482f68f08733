import { expect, test } from 'vitest';
import { groundTruth } from '../truth.ts';
import { createWorld } from './create.ts';

const begin = Date.parse('2026-11-16T09:00:00.000Z');
const world = createWorld({ name: 'Halden Foods', seed: 7, people: 1200, begin });
const truth = groundTruth(world);
const { users, groups, enrollments, recipients } = truth;

test('the default company has the size that figures are computed on', () => {
  expect(users).toHaveLength(1204);
  expect(groups).toHaveLength(38);
  expect(truth.security_tests).toHaveLength(24);
  expect(enrollments.length).toBeGreaterThan(13_000);
  expect(enrollments.length).toBeLessThan(16_000);
  expect(truth.training_campaigns.length).toBeGreaterThan(10);
  expect(truth.account.number_of_seats).toBe(1250);
  const open = truth.training_campaigns.filter((one) => one.status === 'In Progress');
  expect(open.map((one) => one.content.length)).toEqual([2, 2, 1, 1]);
  expect(truth.security_tests.filter((one) => one.status !== 'Closed' && one.status !== 'Error')).toHaveLength(1);
});

test('lists are in order of their ids, which are unique', () => {
  for (const ids of [
    users.map((one) => one.id),
    enrollments.map((one) => one.enrollment_id),
    groups.map((one) => one.id),
  ]) {
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  }
  const dates = enrollments.map((one) => one.enrollment_date);
  expect(dates).toEqual([...dates].sort());
});

test('people are of every kind that a reader must survive', () => {
  expect(users.filter((one) => one.status === 'archived').every((one) => one.archived_at !== null)).toBe(true);
  expect(users.some((one) => one.status === 'archived' && one.groups.length > 0)).toBe(true);
  expect(users.some((one) => one.groups.length === 0)).toBe(true);
  const archived = new Set(groups.filter((one) => one.status === 'archived').map((one) => one.id));
  expect(users.some((one) => one.status === 'active' && one.groups.some((id) => archived.has(id)))).toBe(true);
  expect(new Set(users.map((one) => one.provisioning_managed))).toEqual(new Set([true, false]));
  expect(users.some((one) => one.first_name === '' && one.last_name === null)).toBe(true);
  expect(users.some((one) => /[łøåÅŁØ]/.test(`${one.first_name}${one.last_name}`))).toBe(true);
  expect(users.some((one) => one.aliases.length > 0)).toBe(true);
  expect(users.some((one) => one.employee_number?.startsWith('0'))).toBe(true);
  expect(users.some((one) => one.phish_prone_percentage > 100)).toBe(true);
  expect(users.some((one) => String(one.current_risk_score).length >= 16)).toBe(true);
});

test('two addresses differ only by the case of their letters, all others differ by more', () => {
  const addresses = users.map((one) => one.email);
  expect(new Set(addresses).size).toBe(users.length);
  expect(new Set(addresses.map((address) => address.toLowerCase())).size).toBe(users.length - 1);
});

test('groups are of every type, some with odd names, one without members', () => {
  expect(new Set(groups.map((one) => one.group_type)).size).toBe(3);
  expect(groups.some((one) => /&/.test(one.name))).toBe(true);
  expect(groups.some((one) => /[Łø]/.test(one.name))).toBe(true);
  expect(groups.some((one) => one.member_count === 0 && one.current_risk_score === 0)).toBe(true);
  expect(groups.some((one) => one.id === 0)).toBe(false);
});

test('tests are of every kind, and some recipients are no longer there', () => {
  const failed = truth.security_tests.find((one) => one.status === 'Error')!;
  expect(failed).toMatchObject({ started_at: null, scheduled_count: null, template: { id: null, name: null } });
  const campaign = truth.phishing_campaigns.find((one) => one.campaign_id === failed.campaign_id)!;
  expect(campaign.psts[0]).toMatchObject({ start_date: null, users_count: null });
  const random = truth.security_tests.find((one) => one.status === 'Closed' && one.template.id === null)!;
  const seen = new Set(recipients.filter((one) => one.pst_id === random.pst_id).map((one) => one.template.id));
  expect(seen.size).toBeGreaterThan(1);
  expect(recipients.some((one) => one.qr_code_scanned !== null)).toBe(true);
  const ids = new Set(users.map((one) => one.id));
  expect(recipients.some((one) => !ids.has(one.user.id))).toBe(true);
  expect(truth.callback_tests).toHaveLength(2);
  expect(truth.callback_recipients.length).toBeGreaterThan(0);
});

test('trainings are of every kind', () => {
  const campaigns = truth.training_campaigns;
  const types = new Set(campaigns.map((one) => one.duration_type));
  expect(types).toEqual(new Set(['Specific End Date', 'Relative End Date', 'No End Date']));
  const endless = new Set(campaigns.flatMap((one) => (one.duration_type === 'No End Date' ? [one.campaign_id] : [])));
  expect(enrollments.some((one) => endless.has(one.campaign_id) && one.status === 'Past Due')).toBe(false);
  expect(campaigns.some((one) => one.completion_percentage === -1)).toBe(true);
  expect(campaigns.some((one) => one.status === 'Cancelled')).toBe(true);
  const statuses = new Set(enrollments.map((one) => one.status));
  expect(statuses).toEqual(new Set(['Not Started', 'In Progress', 'Completed', 'Passed', 'Past Due']));
  expect(enrollments.some((one) => one.content_type === 'Uploaded Policy' && one.policy_acknowledged)).toBe(true);
  expect(enrollments.some((one) => one.completion_date !== null && one.completion_date < one.enrollment_date)).toBe(
    true,
  );
  expect(enrollments.every((one) => one.completion_date === null || one.start_date !== null)).toBe(true);
});

test('few people are overdue, the same few again and again, and some have left; most who are late finish late', () => {
  const overdue = enrollments.filter((one) => one.status === 'Past Due').map((one) => one.user.id);
  const people = new Set(overdue);
  expect(people.size).toBeGreaterThanOrEqual(25);
  expect(people.size).toBeLessThanOrEqual(45);
  expect(overdue.length).toBeGreaterThan(2 * people.size);
  const left = users.filter((one) => one.status === 'archived' && people.has(one.id)).length;
  expect(left).toBeGreaterThan(5);
  expect(left).toBeLessThan(people.size * 0.7);
  const ends = new Map(truth.training_campaigns.map((one) => [one.campaign_id, one.end_date]));
  const late = enrollments.filter((one) => (one.completion_date ?? '') > (ends.get(one.campaign_id) ?? '9'));
  expect(late.length).toBeGreaterThan(5 * overdue.length);
});

const failureOf = (one: (typeof recipients)[number]) =>
  one.clicked_at ?? one.replied_at ?? one.attachment_opened_at ?? one.qr_code_scanned;

test('5 to 9 percent fail a test, fewer than two years ago, and a few people fail again and again', () => {
  const monthly = truth.security_tests.filter((one) => one.name.startsWith('Monthly'));
  const mean = (tests: typeof monthly) =>
    tests.reduce((sum, one) => sum + one.phish_prone_percentage, 0) / tests.length;
  expect(mean(monthly)).toBeGreaterThan(0.05);
  expect(mean(monthly)).toBeLessThan(0.09);
  expect(mean(monthly.slice(-6))).toBeLessThan(mean(monthly.slice(0, 6)) * 0.9);
  const failed = new Map<number, number>();
  for (const { user } of recipients.filter(failureOf)) failed.set(user.id, (failed.get(user.id) ?? 0) + 1);
  const again = [...failed.values()].filter((times) => times >= 6).reduce((sum, times) => sum + times, 0);
  const all = [...failed.values()].reduce((sum, times) => sum + times, 0);
  expect(again / all).toBeGreaterThan(0.25);
});

test('a handful of messages are opened and clicked by a mail filter within seconds', () => {
  const after = (one: (typeof recipients)[number]) => Date.parse(one.clicked_at ?? '') - Date.parse(one.delivered_at!);
  const fast = recipients.filter((one) => after(one) < 10_000);
  expect(fast.length).toBeGreaterThan(5);
  expect(fast.length).toBeLessThan(40);
  expect(new Set(fast.map((one) => one.ip_location))).toEqual(new Set(['Dublin, Ireland']));
});

test('nothing that people did lies ahead', () => {
  const now = new Date(begin).toISOString();
  for (const one of enrollments) {
    expect((one.completion_date ?? '') <= now && (one.start_date ?? '') <= now && one.enrollment_date <= now).toBe(
      true,
    );
  }
  for (const one of recipients) expect((one.clicked_at ?? '') <= now && (one.delivered_at ?? '') <= now).toBe(true);
});

test('as many enrollments as were asked for', () => {
  for (const enrollmentsWanted of [1500, 9001]) {
    const other = createWorld({ name: 'Halden Foods', seed: 7, people: 300, begin, enrollments: enrollmentsWanted });
    expect(other.enrollments.count).toBe(enrollmentsWanted);
  }
});

test('a company may be of one person', () => {
  const one = groundTruth(createWorld({ name: 'Solo', seed: 1, people: 1, begin }));
  expect(one.users).toHaveLength(1);
});

test('open campaigns take newcomers by themselves: of everybody, of a department, of one that may be repeated', () => {
  const open = truth.training_campaigns.filter((one) => one.status === 'In Progress' && one.auto_enroll);
  const everybody = open.filter(({ groups }) => groups.some(({ group_id }) => group_id === 0));
  expect(everybody.map(({ name }) => name)).toEqual(['Annual training 2026']);
  const names = (repeats: boolean) =>
    open
      .filter((one) => one.allow_multiple_enrollments === repeats)
      .flatMap(({ groups }) => groups.map(({ name }) => name));
  expect(names(false)).toContain('Finance');
  expect(names(true)).toEqual(['Production']);
  const aimed = truth.phishing_campaigns.filter((one) => one.status === 'Active' && one.groups[0]!.group_id !== 0);
  expect(aimed.map((one) => one.groups.map(({ name }) => name))).toEqual([['Finance', 'Payroll']]);
});
