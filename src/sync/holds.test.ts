import { describe, expect, test } from 'vitest';
import { DAY, expectMirrorIsTruth, HOUR, type Lab, MINUTE, snapshot, statusOf, withLab } from './sync-lab.contract.ts';
import { digestsOf } from './truth.contract.ts';

const active = (lab: Lab) => lab.emulator.truth().users.filter((user) => user.status === 'active');

function deletePeople(lab: Lab, share: number): number {
  const people = active(lab);
  const chosen = people.slice(0, Math.ceil(lab.emulator.truth().users.length * share));
  for (const { id } of chosen) lab.emulator.mutate({ kind: 'delete-user', user: id });
  return chosen.length;
}

const usersDeleted = async (lab: Lab) => (await lab.changes('user.deleted')).length;

describe('a large loss', () => {
  test('of a fifth is held until a second complete pass agrees at least six hours later', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const gone = deletePeople(lab, 0.2);
      const first = await lab.sync('directory');
      expect(statusOf(first, 'users')).toBe('held');
      expect(await lab.openHolds()).toMatchObject([{ stream: 'users', kind: 'suspicious', absent: gone }]);
      lab.wait(5 * HOUR);
      await lab.sync('directory');
      expect(await usersDeleted(lab)).toBe(0);
      lab.wait(HOUR);
      expect(statusOf(await lab.sync('directory'), 'users')).toBe('done');
      expect(await usersDeleted(lab)).toBe(gone);
      expect(await lab.openHolds()).toEqual([]);
      await expectMirrorIsTruth(lab, ['users']);
    });
  });

  test('that grows before the second pass agrees: what only that one missed is held anew, at once', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const first = deletePeople(lab, 0.2);
      await lab.sync('directory');
      const second = deletePeople(lab, 0.2);
      lab.wait(6 * HOUR);
      expect(statusOf(await lab.sync('directory'), 'users')).toBe('held');
      expect(await usersDeleted(lab)).toBe(first);
      expect(await lab.openHolds()).toMatchObject([{ stream: 'users', kind: 'suspicious', absent: second }]);
      lab.wait(6 * HOUR);
      expect(statusOf(await lab.sync('directory'), 'users')).toBe('done');
      expect(await usersDeleted(lab)).toBe(first + second);
      await expectMirrorIsTruth(lab, ['users']);
    });
  });

  test('of more than a half waits for a person, however often it is read, and goes when they confirm it', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const gone = deletePeople(lab, 0.6);
      for (let pass = 0; pass < 4; pass += 1) {
        expect(statusOf(await lab.sync('directory'), 'users')).toBe('held');
        lab.wait(7 * HOUR);
      }
      expect(await usersDeleted(lab)).toBe(0);
      const [hold] = await lab.openHolds();
      expect(hold).toMatchObject({ kind: 'needs_person', absent: gone });
      expect(await lab.decide(hold!, 'confirm')).toMatchObject({ state: 'confirmed', decidedBy: 'a test' });
      await expect(lab.decide(hold!, 'confirm')).rejects.toMatchObject({ code: 'conflict' });
      lab.wait(MINUTE);
      expect(statusOf(await lab.sync('directory'), 'users')).toBe('done');
      expect(await usersDeleted(lab)).toBe(gone);
      await expectMirrorIsTruth(lab, ['users']);
    });
  });

  test('to zero is held, and dismissed by itself when the rows are back', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const before = digestsOf(await snapshot(lab));
      lab.emulator.addFault({ kind: 'empty-list', endpoint: 'users', count: 'always' });
      for (let pass = 0; pass < 3; pass += 1) {
        await lab.sync('directory');
        lab.wait(7 * HOUR);
      }
      expect(await usersDeleted(lab)).toBe(0);
      lab.emulator.clearFaults();
      await lab.sync('directory');
      expect(await lab.openHolds()).toEqual([]);
      expect(digestsOf(await snapshot(lab))).toEqual(before);
    });
  });

  test('confirmed for some rows lets no other row go', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      const gone = deletePeople(lab, 0.6);
      await lab.sync('directory');
      const [hold] = await lab.openHolds();
      await lab.decide(hold!, 'confirm');
      lab.wait(HOUR);
      lab.emulator.addFault({ kind: 'empty-list', endpoint: 'users', count: 'always' });
      await lab.sync('directory');
      expect(await usersDeleted(lab)).toBe(gone);
      expect(await lab.openHolds()).toMatchObject([{ kind: 'needs_person' }]);
    });
  });

  test('dismissed by a person stays in the mirror', async () => {
    await withLab({ people: 60 }, async (lab) => {
      await lab.sync('full');
      deletePeople(lab, 0.6);
      await lab.sync('directory');
      const [hold] = await lab.openHolds();
      expect(await lab.decide(hold!, 'dismiss')).toMatchObject({ state: 'dismissed' });
      lab.wait(DAY);
      await lab.sync('directory');
      expect(await usersDeleted(lab)).toBe(0);
    });
  });
});

describe('a hold', () => {
  test('dismissed by a person is no first miss: a smaller loss later is not settled by it', async () => {
    await withLab({ people: 600 }, async (lab) => {
      const onlyUsers = { streams: ['users'] } as const;
      await lab.sync('full', { streams: ['account', 'users'] });
      lab.emulator.addFault({ kind: 'empty-list', endpoint: 'users', count: 'always' });
      await lab.sync('directory', onlyUsers);
      const [hold] = await lab.openHolds();
      await lab.decide(hold!, 'dismiss');
      lab.emulator.clearFaults();
      lab.emulator.addFault({ kind: 'row-skipped', endpoint: 'users', count: 'always' });
      lab.wait(15 * MINUTE);
      const run = await lab.sync('directory', onlyUsers);
      expect(run.streams).toMatchObject([{ status: 'done', rows: lab.emulator.truth().users.length - 1 }]);
      expect(await usersDeleted(lab)).toBe(0);
    });
  });

  test('over one campaign keeps its rows when a read of everything finds the loss small', async () => {
    await withLab({ people: 200 }, async (lab) => {
      await lab.sync('full');
      // Every open campaign reads as empty: held. Then a whole read misses one of their rows.
      lab.emulator.addFault({ kind: 'empty-list', path: 'campaign_id=', count: 'always' });
      await lab.sync('refresh');
      const holds = await lab.openHolds();
      expect(holds.map((hold) => hold.kind)).toEqual(holds.map(() => 'needs_person'));
      expect(holds.length).toBeGreaterThan(0);
      lab.emulator.clearFaults();
      const pages = Math.ceil(lab.emulator.truth().enrollments.length / 500);
      lab.emulator.addFault({ kind: 'row-skipped', endpoint: 'enrollments', nth: pages });
      lab.wait(HOUR);
      await lab.sync('full', { streams: ['enrollments'] });
      expect(await lab.changes('enrollment.deleted')).toEqual([]);
    });
  });
});

describe('a small loss', () => {
  test('is asked at its own address, and what answers there stays', async () => {
    await withLab({ people: 600 }, async (lab) => {
      await lab.sync('full', { streams: ['account', 'users'] });
      const people = lab.emulator.truth().users.length;
      // The second of two pages begins one row late.
      lab.emulator.addFault({ kind: 'row-skipped', endpoint: 'users', count: 'always' });
      for (let pass = 0; pass < 3; pass += 1) {
        lab.wait(15 * MINUTE);
        const run = await lab.sync('directory', { streams: ['users'] });
        expect(run).toMatchObject({ rows: people - 1, requests: 3 });
      }
      expect(await usersDeleted(lab)).toBe(0);
    });
  });

  test('beyond twenty own-address reads waits for the second complete pass', async () => {
    await withLab({ people: 400 }, async (lab) => {
      await lab.sync('full', { streams: ['account', 'users'] });
      const gone = deletePeople(lab, 0.07);
      expect(gone).toBeGreaterThan(20);
      await lab.sync('directory', { streams: ['users'] });
      expect(await usersDeleted(lab)).toBe(20);
      lab.wait(15 * MINUTE);
      await lab.sync('directory', { streams: ['users'] });
      expect(await usersDeleted(lab)).toBe(gone);
    });
  });
});
