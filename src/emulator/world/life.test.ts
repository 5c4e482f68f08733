import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../time.ts';
import { groundTruth, type WorldTruth } from '../truth.ts';
import { createWorld } from './create.ts';
import { liveUntil } from './life.ts';
import { applyChange, type HandMade } from './mutate.ts';
import { personHistory } from './risk.ts';
import { isActive, nextByHand, settle, type World } from './state.ts';

const begin = Date.parse('2026-11-16T09:00:00.000Z');
const aWorld = (people = 60, seed = 7): World => createWorld({ name: 'Halden Foods', seed, people, begin });
const change = (world: World, what: HandMade): number => {
  const id = applyChange(world, what, nextByHand(world));
  settle(world);
  return id;
};
const text = (world: World): string => JSON.stringify(groundTruth(world));

type Step = { hours: number } | { change: 'archive-user' | 'restore-user' | 'delete-user' | 'add-user'; who: number };
const steps = fc.array(
  fc.oneof(
    fc.record({ hours: fc.integer({ min: 0, max: 200 }) }),
    fc.record({
      change: fc.constantFrom(
        'archive-user' as const,
        'restore-user' as const,
        'delete-user' as const,
        'add-user' as const,
      ),
      who: fc.nat(50),
    }),
  ),
  { maxLength: 8 },
);

function walk(world: World, walked: readonly Step[]): World {
  for (const step of walked) {
    if ('hours' in step) liveUntil(world, world.live + step.hours * HOUR);
    else if (step.change === 'add-user') change(world, { kind: 'add-user', early: step.who % 2 === 0 });
    else {
      const shown = world.people.filter((person) => !person.hidden);
      const person = shown[step.who % Math.max(1, shown.length)];
      if (person) change(world, { kind: step.change, user: person.user.id });
    }
  }
  return world;
}

test('the same seed and the same steps give the same world, byte for byte', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 99 }), (walked, seed) => {
      const once = text(walk(aWorld(40, seed), walked));
      const again = text(walk(aWorld(40, seed), walked));
      expect(again === once).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('however the time is divided, the world at its end is the same', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(parts, (hours) => {
      const inParts = aWorld(200);
      for (const part of hours) liveUntil(inParts, inParts.live + part * HOUR);
      const atOnce = aWorld(200);
      liveUntil(atOnce, atOnce.live + hours.reduce((sum, part) => sum + part, 0) * HOUR);
      expect(text(inParts) === text(atOnce)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('another seed is another company', () => {
  expect(text(aWorld(60, 1)) === text(aWorld(60, 2))).toBe(false);
});

test('nothing is seen before its hour is over', () => {
  const world = aWorld(400);
  const hours = Array.from({ length: 4 }, (_, n) => {
    const before = text(world);
    liveUntil(world, begin + (n + 1) * HOUR - 1);
    expect(text(world) === before).toBe(true);
    liveUntil(world, begin + (n + 1) * HOUR);
    return text(world) === before;
  });
  expect(hours).toContain(false);
});

test('on a day about a seventh of the scores move', () => {
  const world = aWorld(700);
  liveUntil(world, begin + DAY);
  const moved = world.changes.filter((one) => one.kind === 'score').length;
  expect(moved).toBeGreaterThan(70);
  expect(moved).toBeLessThan(130);
});

describe('after ten weeks', () => {
  let world: World;
  let before: WorldTruth;
  let after: WorldTruth;
  beforeAll(() => {
    world = aWorld(1200);
    before = groundTruth(world);
    liveUntil(world, begin + 70 * DAY);
    after = groundTruth(world);
  });
  const kinds = (stream: string) =>
    new Set(after.changes.filter((one) => one.stream === stream).map((one) => one.kind));

  test('people have joined, left, come back, moved and changed groups', () => {
    expect([...kinds('users')].sort()).toEqual(
      ['archived', 'changed', 'created', 'member_added', 'member_removed', 'restored', 'score'].sort(),
    );
    const moved = after.changes.filter((one) => one.changed?.department);
    expect(moved.length).toBeGreaterThan(5);
  });

  test('tests are closed and new ones sent, and people click and report', () => {
    expect(before.security_tests.filter((one) => one.status === 'Active')).toHaveLength(1);
    expect(after.security_tests.length).toBe(before.security_tests.length + 4);
    const open = before.security_tests.find((one) => one.status === 'Active')!;
    expect(after.security_tests.find((one) => one.pst_id === open.pst_id)!.status).toBe('Closed');
    const fields = new Set(
      after.changes.filter((one) => one.stream === 'recipients').flatMap((one) => Object.keys(one.changed!)),
    );
    for (const field of ['delivered_at', 'opened_at', 'reported_at']) expect(fields).toContain(field);
    expect([...fields].some((field) => /clicked|data|macro|attachment|qr/.test(field))).toBe(true);
  });

  test('trainings are finished or missed, campaigns end and a new one begins', () => {
    const statuses = after.changes.flatMap((one) => (one.stream === 'enrollments' ? [one.changed?.status?.[1]] : []));
    for (const status of ['Completed', 'Past Due', 'In Progress']) expect(statuses).toContain(status);
    expect(after.training_campaigns.find((one) => one.name === 'Annual training 2026')!.status).toBe('Completed');
    expect(after.training_campaigns.length).toBe(before.training_campaigns.length + 1);
  });

  test('the log is in order of time and explains every enrollment that is not as it was', () => {
    const times = after.changes.map((one) => one.at);
    expect(times).toEqual([...times].sort());
    expect(after.changes.map((one) => one.seq)).toEqual(after.changes.map((_, i) => i + 1));
    const told = new Set(after.changes.filter((one) => one.stream === 'enrollments').map((one) => one.id));
    const own = ({ user: _, ...rest }: WorldTruth['enrollments'][number]) => JSON.stringify(rest);
    const was = new Map(before.enrollments.map((one) => [one.enrollment_id, own(one)]));
    for (const one of after.enrollments) {
      if (was.get(one.enrollment_id) !== own(one)) expect(told).toContain(String(one.enrollment_id));
    }
  });

  test('figures agree with the rows they are made of', () => {
    for (const one of after.security_tests) {
      const rows = after.recipients.filter((row) => row.pst_id === one.pst_id);
      const count = (field: keyof (typeof rows)[number]) => rows.filter((row) => row[field] !== null).length;
      expect(one.delivered_count).toBe(count('delivered_at'));
      expect(one.clicked_count).toBe(count('clicked_at'));
      expect(one.reported_count).toBe(count('reported_at'));
      const failed = rows.filter(
        (row) => row.clicked_at ?? row.replied_at ?? row.attachment_opened_at ?? row.qr_code_scanned,
      );
      const fraction = one.delivered_count === 0 ? 0 : Math.round((failed.length / one.delivered_count) * 1000) / 1000;
      expect(one.phish_prone_percentage).toBe(fraction);
    }
    for (const group of after.groups) {
      const members = after.users.filter((user) => user.status === 'active' && user.groups.includes(group.id));
      expect(group.member_count).toBe(members.length);
    }
  });

  test('the last point of a history is the score of now', () => {
    for (const person of world.people.filter(isActive).slice(0, 200)) {
      const points = personHistory(world, person, false);
      expect(points.length).toBeLessThanOrEqual(183);
      if (person.joined < begin) expect(points.at(-1)!.risk_score).toBe(person.user.current_risk_score);
    }
  });
});

test('after its end date a campaign stays open until those who are late have finished', () => {
  const world = aWorld(400);
  const annual = () => {
    const { training_campaigns, enrollments } = groundTruth(world);
    const { campaign_id, status } = training_campaigns.find((one) => one.name === 'Annual training 2026')!;
    const late = enrollments.filter((one) => one.campaign_id === campaign_id && one.status === 'Past Due').length;
    return { status, late };
  };
  expect(annual()).toEqual({ status: 'In Progress', late: 0 });
  liveUntil(world, begin + 22 * DAY);
  const atEnd = annual();
  expect(atEnd.status).toBe('In Progress');
  liveUntil(world, begin + 51 * DAY);
  const closed = annual();
  expect(closed.status).toBe('Completed');
  expect(closed.late).toBeLessThan(atEnd.late / 2);
});

/** Who will report the open test, and who will finish a training, within twelve days. */
function actsLater() {
  const future = aWorld(200);
  liveUntil(future, begin + 12 * DAY);
  const { recipients, enrollments } = groundTruth(future);
  const later = (at: string | null) => at !== null && Date.parse(at) > begin + DAY;
  return {
    reported: recipients.find((one) => later(one.reported_at))!,
    finished: enrollments.find((one) => later(one.completion_date))!,
  };
}

describe('changes by hand', () => {
  test('archiving keeps groups and rows and stops the person; restoring clears it', () => {
    const world = aWorld(200);
    const person = world.people.find((one) => isActive(one) && one.user.groups.length > 1)!;
    const { id } = person.user;
    const groups = [...person.user.groups];
    change(world, { kind: 'archive-user', user: id });
    liveUntil(world, begin + 30 * DAY);
    expect(person.user).toMatchObject({ status: 'archived', groups, archived_at: expect.any(String) });
    const told = world.changes.filter((one) => one.stream === 'users' && one.id === String(id));
    expect(told.map((one) => one.kind)).toEqual(['archived']);
    const truth = groundTruth(world);
    expect(truth.enrollments.some((one) => one.user.id === id)).toBe(true);
    change(world, { kind: 'restore-user', user: id });
    expect(person.user).toMatchObject({ status: 'active', archived_at: null });
  });

  test('whoever is archived does nothing more, and what did not happen then never happens', () => {
    const acting = actsLater();
    for (const { user } of [acting.reported, acting.finished]) {
      const world = aWorld(200);
      change(world, { kind: 'archive-user', user: user.id });
      liveUntil(world, begin + 12 * DAY);
      change(world, { kind: 'restore-user', user: user.id });
      liveUntil(world, begin + 13 * DAY);
      const told = world.changes.filter((one) => one.stream === 'recipients' || one.stream === 'enrollments');
      const { recipients, enrollments } = groundTruth(world);
      const own = new Set([
        ...recipients.flatMap((one) => (one.user.id === user.id ? [`${one.pst_id}/${one.recipient_id}`] : [])),
        ...enrollments.flatMap((one) => (one.user.id === user.id ? [String(one.enrollment_id)] : [])),
      ]);
      const meanwhile = told.filter((one) => own.has(one.id) && one.changed?.status?.[1] !== 'Past Due');
      expect(meanwhile.filter((one) => Date.parse(one.at) < begin + 12 * DAY)).toEqual([]);
    }
  });

  test('what is done by hand is not done again when its time comes', () => {
    const { reported } = actsLater();
    const world = aWorld(200);
    const { pst_id, recipient_id } = reported;
    change(world, { kind: 'recipient', test: pst_id, recipient: recipient_id, event: 'reported_at' });
    liveUntil(world, begin + 20 * DAY);
    const test = groundTruth(world).security_tests.find((one) => one.pst_id === pst_id)!;
    const rows = groundTruth(world).recipients.filter((one) => one.pst_id === pst_id && one.reported_at !== null);
    expect(test.reported_count).toBe(rows.length);
  });

  test('a deleted person leaves the lists and the enrollments, not the test results', () => {
    const world = aWorld(200);
    const { id } = world.people.find(isActive)!.user;
    change(world, { kind: 'delete-user', user: id });
    const truth = groundTruth(world);
    expect(truth.users.some((user) => user.id === id)).toBe(false);
    expect(truth.enrollments.some((one) => one.user.id === id)).toBe(false);
    expect(truth.recipients.some((one) => one.user.id === id)).toBe(true);
    expect(() => change(world, { kind: 'archive-user', user: id })).toThrow(/no user/);
  });

  test('a smart group follows the attributes of a person', () => {
    const world = aWorld(200);
    const person = world.people.find((one) => isActive(one) && one.user.location !== 'Halden')!;
    const halden = world.groups.find((state) => state.group.name === 'Location: Halden')!.group;
    const before = halden.member_count;
    change(world, { kind: 'change-user', user: person.user.id, fields: { location: 'Halden' } });
    expect(person.user.groups).toContain(halden.id);
    expect(halden.member_count).toBe(before + 1);
    expect(world.changes.map((one) => one.kind).sort()).toEqual(['changed', 'member_added', 'member_removed']);
  });

  test('an early place puts a new person in front of most others', () => {
    const world = aWorld(200);
    const id = change(world, { kind: 'add-user', early: true, fields: { first_name: 'Early' } });
    const ids = groundTruth(world).users.map((user) => user.id);
    expect(ids.indexOf(id)).toBeLessThan(10);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const person = world.people.find((one) => one.user.id === id)!;
    for (const group of person.user.groups) {
      const members = world.people.filter((one) => isActive(one) && one.user.groups.includes(group));
      expect(world.groups[group - 81001]!.group.member_count).toBe(members.length);
    }
  });

  test('groups, tests and trainings come and go', () => {
    const world = aWorld(200);
    const before = groundTruth(world);
    const group = change(world, { kind: 'add-group', name: 'Brand new' });
    const who = before.users.find((one) => one.status === 'active')!.id;
    change(world, { kind: 'add-member', group, user: who });
    expect(groundTruth(world).groups.at(-1)).toMatchObject({ id: group, name: 'Brand new', member_count: 1 });
    change(world, { kind: 'delete-group', group });
    const test = change(world, { kind: 'add-test' });
    expect(groundTruth(world).recipients.some((one) => one.pst_id === test)).toBe(true);
    change(world, { kind: 'delete-test', test });
    const training = change(world, { kind: 'add-training', name: 'By hand', days: 3 });
    const after = groundTruth(world);
    expect(after.groups).toEqual(before.groups);
    expect(after.users).toEqual(before.users);
    expect(after.security_tests).toEqual(before.security_tests);
    expect(after.phishing_campaigns).toEqual(before.phishing_campaigns);
    const rows = after.enrollments.filter((one) => one.campaign_id === training);
    expect(rows).toHaveLength(2 * before.users.filter((one) => one.status === 'active').length);
    expect(after.changes.filter((one) => one.kind === 'deleted').map((one) => one.stream)).toEqual([
      'groups',
      'security_tests',
    ]);
    liveUntil(world, begin + 33 * DAY);
    const ended = groundTruth(world).training_campaigns.find((one) => one.campaign_id === training)!;
    expect(ended.status).toBe('Completed');
  });

  test('finishing an enrollment and failing a test show at once and count once', () => {
    const world = aWorld(200);
    const open = groundTruth(world).enrollments.find((one) => one.status === 'Not Started')!;
    change(world, { kind: 'complete-enrollment', enrollment: open.enrollment_id });
    const test = world.tests.find((one) => one.test.status === 'Active')!;
    const row = groundTruth(world).recipients.find(
      (one) => one.pst_id === test.id && !one.clicked_at && !one.qr_code_scanned,
    )!;
    const clicked = test.test.clicked_count;
    for (let twice = 0; twice < 2; twice += 1) {
      change(world, { kind: 'recipient', test: test.id, recipient: row.recipient_id, event: 'clicked_at' });
    }
    expect(test.test.clicked_count).toBe(clicked + 1);
    const after = groundTruth(world);
    expect(after.enrollments.find((one) => one.enrollment_id === open.enrollment_id)!.status).toMatch(
      /Completed|Passed/,
    );
    liveUntil(world, begin + 20 * DAY);
    const rows = groundTruth(world).recipients.filter((one) => one.pst_id === test.id);
    expect(test.test.clicked_count).toBe(rows.filter((one) => one.clicked_at !== null).length);
  });
});

describe('who comes back', () => {
  const enrolled = (world: World, user: number, campaign: string) =>
    groundTruth(world).enrollments.filter((one) => one.user.id === user && one.campaign_name === campaign).length;

  test('is enrolled again where a campaign allows repeats, and nowhere else', () => {
    const world = aWorld(200);
    const id = world.people.find((person) => isActive(person) && person.user.department === 'Production')!.user.id;
    expect(enrolled(world, id, 'Back at the line')).toBe(1);
    const annual = enrolled(world, id, 'Annual training 2026');
    change(world, { kind: 'archive-user', user: id });
    change(world, { kind: 'restore-user', user: id });
    expect(enrolled(world, id, 'Back at the line')).toBe(2);
    expect(enrolled(world, id, 'Annual training 2026')).toBe(annual);
  });

  test('is enrolled in nothing whose end date is over, late as others may still finish', () => {
    const world = aWorld();
    liveUntil(world, begin + 25 * DAY);
    const annual = groundTruth(world).training_campaigns.find(({ name }) => name === 'Annual training 2026')!;
    expect(annual.status).toBe('In Progress');
    const id = change(world, { kind: 'add-user' });
    expect(enrolled(world, id, 'Annual training 2026')).toBe(0);
    expect(enrolled(world, id, 'Welcome to the company')).toBeGreaterThan(0);
  });

  test('is enrolled for the first time where it was not yet', () => {
    const world = aWorld(200);
    const id = change(world, { kind: 'add-user', fields: { department: 'Finance' } });
    for (const campaign of ['Annual training 2026', 'Whose invoice is this?']) {
      expect(enrolled(world, id, campaign)).toBeGreaterThan(0);
    }
    const sales = change(world, { kind: 'add-user', fields: { department: 'Sales' } });
    expect(enrolled(world, sales, 'Whose invoice is this?')).toBe(0);
    change(world, { kind: 'change-user', user: sales, fields: { department: 'Finance' } });
    expect(enrolled(world, sales, 'Whose invoice is this?')).toBe(1);
  });
});
