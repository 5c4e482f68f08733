import { describe, expect, test } from 'vitest';
import { DAY, expectMirrorIsTruth, HOUR, type Lab, MINUTE, statusOf, withLab } from './sync-lab.contract.ts';

const onlyUsers = { streams: ['users'] } as const;
const deletions = async (lab: Lab) =>
  (await lab.changes()).filter(({ kind }) => kind.endsWith('.deleted')).map(({ kind, key }) => `${kind} ${key}`);

const deletePeople = (lab: Lab, count: number) => {
  const people = lab.emulator.truth().users.filter((user) => user.status === 'active');
  for (const { id } of people.slice(0, count)) lab.emulator.mutate({ kind: 'delete-user', user: id });
};

describe('a list that leaves out what is there', () => {
  test('more rows than can be asked, time and again: none of them goes', async () => {
    await withLab({ people: 400 }, async (lab) => {
      await lab.sync('full', { streams: ['account', 'users'] });
      lab.emulator.addFault({ kind: 'rows-missing', rows: 38, endpoint: 'users', count: 'always' });
      for (let pass = 0; pass < 4; pass += 1) {
        lab.wait(15 * MINUTE);
        expect(statusOf(await lab.sync('directory', onlyUsers), 'users')).toBe('done');
      }
      expect(await deletions(lab)).toEqual([]);
    });
  });

  test('a fifth of the rows for more than six hours: the loss stays held, and nothing goes', async () => {
    await withLab({ people: 100 }, async (lab) => {
      await lab.sync('full', { streams: ['account', 'users'] });
      const rows = Math.round(lab.emulator.truth().users.length * 0.8);
      lab.emulator.addFault({ kind: 'empty-list', rows, endpoint: 'users', count: 'always' });
      for (let pass = 0; pass < 3; pass += 1) {
        lab.wait(7 * HOUR);
        expect(statusOf(await lab.sync('directory', onlyUsers), 'users')).toBe('held');
      }
      expect(await deletions(lab)).toEqual([]);
      lab.emulator.clearFaults();
      await lab.sync('directory', onlyUsers);
      expect(await lab.openHolds()).toEqual([]);
    });
  });
});

test('an account that becomes empty in the middle of a list loses nobody, although own addresses answer 404', async () => {
  const switches = { pagination: 'page-ignored', cursorOn: 'all' } as const;
  await withLab({ people: 78, maxPerPage: 20, switches }, async (lab) => {
    await lab.sync('full');
    const people = lab.emulator.truth().users.length;
    // What is missing then is not much, and whoever is asked is not there.
    expect(people % 20).toBeGreaterThan(0);
    expect(people % 20).toBeLessThanOrEqual(5);
    lab.emulator.addFault({ kind: 'empty-list', endpoint: 'users', nth: Math.ceil(people / 20), count: 2 });
    lab.emulator.addFault({ kind: 'empty-account', endpoint: 'user', count: 'always' });
    lab.wait(15 * MINUTE);
    expect(statusOf(await lab.sync('directory', onlyUsers), 'users')).toBe('done');
    expect(lab.emulator.requests().byEndpoint.user).toBeGreaterThan(0);
    expect(await deletions(lab)).toEqual([]);
    lab.emulator.clearFaults();
    await lab.sync('directory', onlyUsers);
    await expectMirrorIsTruth(lab, ['users']);
  });
});

describe('an account that is empty now and then', () => {
  /** The last page has few rows: what an empty one in its place would hide is asked at its own address, and goes. */
  const account = { people: 78, maxPerPage: 20 };

  test.each(['page', 'page-ignored'] as const)(
    'at every second to seventh answer loses nobody (%s)',
    async (pagination) => {
      await withLab({ ...account, switches: { pagination, cursorOn: 'all' } }, async (lab) => {
        await lab.sync('full');
        let doubted = 0;
        for (const every of [2, 3, 4, 5, 6, 7]) {
          for (let nth = 1; nth <= every; nth += 1) {
            lab.emulator.addFault({ kind: 'empty-account', nth, every, count: 'always' });
            lab.wait(15 * MINUTE);
            const run = await lab.sync('directory');
            lab.emulator.clearFaults();
            doubted += run.streams.filter(({ proof }) => proof?.why === 'contradiction').length;
          }
        }
        expect(await deletions(lab)).toEqual([]);
        expect(doubted).toBeGreaterThan(5);
        await lab.sync('directory');
        await expectMirrorIsTruth(lab, ['users', 'groups']);
      });
    },
  );

  test('loses nobody whom a list leaves out for another reason: a 404 that is not one when asked again is no proof', async () => {
    await withLab(account, async (lab) => {
      await lab.sync('full');
      const nthPage = Math.ceil(lab.emulator.truth().users.length / account.maxPerPage);
      for (const every of [2, 3, 4, 5]) {
        for (let nth = 1; nth <= every; nth += 1) {
          lab.emulator.addFault({ kind: 'row-skipped', endpoint: 'users', nth: nthPage });
          lab.emulator.addFault({ kind: 'empty-account', endpoint: 'user', nth, every, count: 'always' });
          lab.wait(15 * MINUTE);
          await lab.sync('directory', onlyUsers);
          lab.emulator.clearFaults();
        }
      }
      expect(await deletions(lab)).toEqual([]);
    });
  });

  test('that answers at its own addresses only now and then loses nobody whom a list leaves out', async () => {
    await withLab(account, async (lab) => {
      await lab.sync('full');
      const nthPage = Math.ceil(lab.emulator.truth().users.length / account.maxPerPage);
      for (const every of [2, 3, 4, 5]) {
        for (let nth = 1; nth <= every; nth += 1) {
          lab.emulator.addFault({ kind: 'row-skipped', endpoint: 'users', nth: nthPage });
          // Takes nothing from a single record: these calls are answered, all others are not.
          lab.emulator.addFault({ kind: 'rows-missing', endpoint: 'user', nth, every, count: 'always' });
          lab.emulator.addFault({ kind: 'empty-account', endpoint: 'user', count: 'always' });
          lab.wait(15 * MINUTE);
          await lab.sync('directory', onlyUsers);
          lab.emulator.clearFaults();
        }
      }
      expect(await deletions(lab)).toEqual([]);
    });
  });

  test('lets somebody go who is gone, a pass later when another one is left out at the same time', async () => {
    await withLab(account, async (lab) => {
      await lab.sync('full', { streams: ['account', 'users'] });
      deletePeople(lab, 1);
      lab.emulator.addFault({ kind: 'row-skipped', endpoint: 'users', count: 'always' });
      lab.wait(15 * MINUTE);
      await lab.sync('directory', onlyUsers);
      expect(await deletions(lab)).toEqual([]);
      lab.wait(15 * MINUTE);
      await lab.sync('directory', onlyUsers);
      expect(await deletions(lab)).toHaveLength(1);
    });
  });
});

describe('a clock that was set back', () => {
  test('does not let go what is missed after a confirmation that seems to be later', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      lab.wait(3 * DAY);
      deletePeople(lab, 40);
      await lab.sync('directory');
      const [hold] = await lab.openHolds();
      await lab.decide(hold!, 'confirm');
      await lab.sync('directory');
      const gone = await deletions(lab);
      expect(gone).toHaveLength(40);
      lab.wait(-3 * DAY);
      lab.emulator.addFault({ kind: 'empty-account', count: 'always' });
      for (let pass = 0; pass < 3; pass += 1) {
        lab.wait(15 * MINUTE);
        await lab.sync('full');
      }
      expect((await deletions(lab)).filter((key) => key.startsWith('user.'))).toEqual(gone);
    });
  });

  test('does not keep what was confirmed from going', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full', { streams: ['account', 'users'] });
      lab.wait(3 * DAY);
      deletePeople(lab, 40);
      await lab.sync('directory', onlyUsers);
      lab.wait(-3 * DAY);
      const [hold] = await lab.openHolds();
      await lab.decide(hold!, 'confirm');
      await lab.sync('directory', onlyUsers);
      expect(await deletions(lab)).toHaveLength(40);
    });
  });
});

describe('holds of several scopes', () => {
  test('a stream stays held while any of them is open, also when only another one was read', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      lab.emulator.addFault({ kind: 'empty-list', path: 'campaign_type=callback', count: 'always' });
      lab.wait(2 * DAY);
      expect(statusOf(await lab.sync('directory'), 'security_tests')).toBe('held');
      lab.wait(15 * MINUTE);
      // Callback tests are read once a day: this one reads the others alone.
      expect(statusOf(await lab.sync('directory'), 'security_tests')).toBe('held');
      lab.emulator.clearFaults();
      lab.wait(2 * DAY);
      expect(statusOf(await lab.sync('directory'), 'security_tests')).toBe('done');
    });
  });

  test('that of a campaign is closed by a read of everything that has its rows', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      lab.emulator.addFault({ kind: 'empty-list', path: 'campaign_id=', count: 'always' });
      await lab.sync('refresh');
      expect((await lab.openHolds()).length).toBeGreaterThan(0);
      lab.emulator.clearFaults();
      lab.wait(HOUR);
      expect(statusOf(await lab.sync('full'), 'enrollments')).toBe('done');
      expect(await lab.openHolds()).toEqual([]);
    });
  });
});

test('tests that are gone do not keep the recipients of the others from being read', async () => {
  await withLab({ people: 60 }, async (lab) => {
    await lab.sync('full');
    const { security_tests: tests, recipients } = lab.emulator.truth();
    const open = tests.find((row) => row.status === 'Active')!.pst_id;
    // More than a half: held, so that their recipients go on being asked for.
    const gone = tests.filter((row) => row.pst_id !== open).slice(0, Math.ceil(tests.length * 0.6));
    for (const { pst_id: test } of gone) lab.emulator.mutate({ kind: 'delete-test', test });
    const one = recipients.find((row) => row.pst_id === open && row.clicked_at === null)!;
    lab.emulator.mutate({ kind: 'recipient', test: open, recipient: one.recipient_id, event: 'clicked_at' });
    lab.wait(HOUR);
    const run = await lab.sync('full');
    expect(statusOf(run, 'security_tests')).toBe('held');
    expect(statusOf(run, 'recipients')).toBe('partial');
    expect((await lab.changes('recipient.updated')).map(({ key }) => key)).toContain(`${open}/${one.recipient_id}`);
    expect(await deletions(lab)).toEqual([]);
  });
});
