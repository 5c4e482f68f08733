import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../emulator/index.ts';
import {
  CONNECTION,
  DAY,
  expectMirrorIsTruth,
  expectReplayIsMirror,
  HOUR,
  type Lab,
  MINUTE,
  snapshot,
  statusOf,
  withLab,
} from './sync-lab.contract.ts';
import { digestsOf } from './truth.contract.ts';

const removals = ['user.deleted', 'user.archived', 'group.deleted', 'enrollment.deleted', 'recipient.deleted'] as const;

/** Faults that make a read fail, lie or end early. */
const faults: readonly FaultKind[] = [
  'server-error',
  'cut-connection',
  'truncated-json',
  'html-error',
  'error-body-200',
  'empty-body',
  'bad-row',
  'row-duplicated',
  'row-skipped',
  'cursor-loop',
  'repeated-page',
  'empty-list',
];

describe('an incomplete read removes nothing', () => {
  test('whatever goes wrong on whatever page of whatever list, and however often', async () => {
    await withLab({ people: 70, maxPerPage: 20, switches: { pagination: 'page+cursor' } }, async (lab) => {
      await lab.sync('full');
      const before = digestsOf(await snapshot(lab));
      const script = fc.array(
        fc.record({
          kind: fc.constantFrom(...faults),
          endpoint: fc.constantFrom('users', 'groups', 'enrollments', 'recipients', 'training_campaigns'),
          nth: fc.integer({ min: 1, max: 5 }),
          count: fc.constantFrom<(number | 'always')[]>(1, 2, 3, 'always'),
        }),
        { minLength: 1, maxLength: 3 },
      );
      await fc.assert(
        fc.asyncProperty(script, fc.constantFrom('directory', 'refresh', 'full'), async (scripted, level) => {
          for (const fault of scripted) lab.emulator.addFault(fault);
          lab.wait(7 * HOUR);
          await lab.sync(level);
          lab.emulator.clearFaults();
          expect(await lab.changes(...removals)).toEqual([]);
          expect(digestsOf(await snapshot(lab))).toEqual(before);
          expect((await lab.sync('full')).status).toBe('done');
        }),
        { numRuns: 12, endOnFailure: true },
      );
    });
  }, 120_000);

  test('a page that comes twice makes the first sync try once more, and later ones partial', async () => {
    await withLab({ people: 70, maxPerPage: 20 }, async (lab) => {
      lab.emulator.addFault({ kind: 'row-duplicated', endpoint: 'users', nth: 2 });
      const first = await lab.sync('full');
      expect(first.status).toBe('done');
      expect(first.streams.find((run) => run.stream === 'users')!.passes).toBe(2);
      lab.emulator.addFault({ kind: 'row-duplicated', endpoint: 'users', nth: 2 });
      const second = await lab.sync('directory');
      expect(statusOf(second, 'users')).toBe('partial');
      expect(second.status).toBe('partial');
      await expectMirrorIsTruth(lab, ['users']);
    });
  });

  test('not even what is really gone: that is for the next complete read', async () => {
    for (const kind of ['bad-row', 'row-duplicated'] as const) {
      await withLab({ people: 70, maxPerPage: 20 }, async (lab) => {
        await lab.sync('full', { streams: ['account', 'users'] });
        const { id } = lab.emulator.truth().users.findLast((user) => user.status === 'active')!;
        lab.emulator.mutate({ kind: 'delete-user', user: id });
        lab.emulator.addFault({ kind, endpoint: 'users', nth: 2 });
        const incomplete = await lab.sync('directory', { streams: ['users'] });
        expect(incomplete.streams).toMatchObject([{ status: 'partial', proof: { complete: false } }]);
        expect(await lab.changes('user.deleted')).toEqual([]);
        await lab.sync('directory', { streams: ['users'] });
        expect((await lab.changes('user.deleted')).map((change) => change.key)).toEqual([String(id)]);
      });
    }
  });

  test('rows that shift between two pages are missed at most for a pass, and nobody is deleted for it', async () => {
    await withLab({ people: 70, maxPerPage: 20 }, async (lab) => {
      await lab.sync('full');
      const deleted = lab.emulator.truth().users.length;
      lab.emulator.addFault({ kind: 'row-deleted', endpoint: 'users', nth: 3 });
      lab.emulator.addFault({ kind: 'row-inserted', endpoint: 'users', nth: 4 });
      lab.wait(15 * MINUTE);
      await lab.sync('directory');
      lab.emulator.clearFaults();
      for (let pass = 0; pass < 3; pass += 1) {
        lab.wait(15 * MINUTE);
        await lab.sync('directory');
      }
      await expectMirrorIsTruth(lab, ['users']);
      expect(lab.emulator.truth().users.length).toBe(deleted);
      expect(await lab.changes('user.deleted')).toHaveLength(1);
    });
  });
});

describe('other ways of paging', () => {
  test('an account that retires pages, or ignores them, between two syncs stays mirrored', async () => {
    for (const kind of ['page-retired', 'page-ignored'] as const) {
      await withLab({ people: 70, maxPerPage: 20, switches: { pagination: 'page+cursor' } }, async (lab) => {
        await lab.sync('full');
        lab.emulator.addFault({ kind, count: 'always' });
        lab.emulator.advance(3 * DAY);
        lab.wait(3 * DAY);
        expect((await lab.sync('full')).status).toBe('done');
        await lab.sync('full');
        await expectMirrorIsTruth(lab);
      });
    }
  });

  test('pages that are ignored without any cursor prove nothing: the stream fails and keeps what it has', async () => {
    await withLab({ people: 70, maxPerPage: 20, switches: { pagination: 'page' } }, async (lab) => {
      await lab.sync('full');
      const before = digestsOf(await snapshot(lab));
      lab.emulator.addFault({ kind: 'page-ignored', endpoint: 'users', count: 'always' });
      const run = await lab.sync('directory');
      expect(statusOf(run, 'users')).toBe('failed');
      expect(statusOf(run, 'groups')).toBe('done');
      expect(digestsOf(await snapshot(lab))).toEqual(before);
    });
  });
});

describe('a run', () => {
  test('ends at a refused token, keeps everything, and says that the token is refused', async () => {
    await withLab({ people: 70, maxPerPage: 20 }, async (lab) => {
      await lab.sync('full');
      lab.emulator.addFault({ kind: 'token-disabled', endpoint: 'users', nth: 2, count: 'always' });
      const run = await lab.sync('refresh');
      expect(run).toMatchObject({ status: 'failed', error: { code: 'connection_unauthorized' } });
      expect(statusOf(run, 'users')).toBe('failed');
      expect(statusOf(run, 'enrollments')).toBe('skipped');
      lab.emulator.clearFaults();
      expect(await lab.sync('refresh')).toMatchObject({ status: 'done', changes: 0 });
    });
  });

  test('with a wrong token from the beginning mirrors nothing', async () => {
    await withLab({ people: 30 }, async (lab) => {
      const run = await lab.sync('full', { token: 'not-the-token' });
      expect(run).toMatchObject({ status: 'failed', error: { code: 'connection_unauthorized' }, rows: 0 });
      expect(lab.emulator.requests().total).toBe(1);
      expect((await lab.changes()).filter(({ stream }) => stream !== 'connection')).toEqual([]);
    });
  });

  test('goes on with the streams that do not need one that fails', async () => {
    await withLab({ people: 30 }, async (lab) => {
      lab.emulator.addFault({ kind: 'server-error', endpoint: 'security_tests', count: 'always' });
      const run = await lab.sync('full');
      expect(run.status).toBe('partial');
      expect(statusOf(run, 'security_tests')).toBe('failed');
      expect(statusOf(run, 'recipients')).toBe('skipped');
      expect(statusOf(run, 'users')).toBe('done');
      expect(statusOf(run, 'enrollments')).toBe('done');
      lab.emulator.clearFaults();
      expect((await lab.sync('full')).status).toBe('done');
      await expectMirrorIsTruth(lab);
    });
  });

  test('ends where nobody answers, and asks once more instead of for every list', async () => {
    await withLab({ people: 30 }, async (lab) => {
      await lab.sync('full');
      lab.emulator.addFault({ kind: 'cut-connection', count: 'always' });
      lab.emulator.resetRequests();
      const run = await lab.sync('refresh');
      expect(run).toMatchObject({ status: 'failed', error: { code: 'remote_unavailable' } });
      expect(lab.emulator.requests().byEndpoint).toEqual({ account: 2 });
    });
  });

  test('is parked in maintenance and says until when', async () => {
    await withLab({ people: 30 }, async (lab) => {
      lab.emulator.addFault({ kind: 'maintenance', endpoint: 'users', count: 'always' });
      const run = await lab.sync('full');
      expect(run).toMatchObject({ status: 'parked', error: { code: 'remote_maintenance' } });
      const users = (await lab.store.streamStates(CONNECTION)).find((state) => state.stream === 'users')!;
      expect(users.status).toBe('parked');
      expect(users.parkedUntil).not.toBeNull();
    });
  });

  test('refuses to run beside another one over the same connection', async () => {
    await withLab({ people: 30 }, async (lab) => {
      const first = lab.sync('full');
      await expect(lab.sync('full')).rejects.toMatchObject({ code: 'conflict' });
      expect((await first).status).toBe('done');
    });
  });

  test('says what it will cost while it runs, and counts what it did', async () => {
    await withLab({ people: 70, maxPerPage: 20 }, async (lab) => {
      const seen: { requests: number; expectedRequests: number }[] = [];
      const run = await lab.sync('full', { onProgress: (progress) => seen.push(progress) });
      expect(seen.at(-1)!.requests).toBe(run.requests);
      expect(seen.every((progress) => progress.expectedRequests >= progress.requests)).toBe(true);
      expect(await lab.store.getRun(run.id)).toEqual(run);
    });
  });
});

describe('an interrupted sync', () => {
  test('cancelled anywhere and begun again gives the same mirror, and a log without gaps or doubles', async () => {
    await withLab({ people: 50, maxPerPage: 20 }, async (lab) => {
      await lab.sync('full');
      const before = await snapshot(lab);
      const seq = await lab.store.lastChangeSeq();
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (page) => {
          lab.emulator.advance(2 * DAY);
          lab.wait(2 * DAY);
          await cancelledAt(lab, page);
          await lab.reopen();
          expect((await lab.sync('full')).status).toBe('done');
          await lab.sync('full');
          await expectMirrorIsTruth(lab, ['users', 'groups', 'enrollments', 'security_tests']);
        }),
        { numRuns: 6, endOnFailure: true },
      );
      await expectReplayIsMirror(lab, before, seq);
      const log = (await lab.changes()).map((change) =>
        JSON.stringify([change.kind, change.key, change.current, change.at]),
      );
      expect(new Set(log).size).toBe(log.length);
    });
  }, 120_000);

  test('in the first sync it goes on with what it has not read, and tells one baseline a stream', async () => {
    await withLab({ people: 50, maxPerPage: 20 }, async (lab) => {
      const whole = (await cancelledAt(lab, 40)).requests;
      expect(whole).toBeGreaterThan(30);
      lab.emulator.resetRequests();
      const second = await lab.sync('full');
      expect(second.status).toBe('done');
      const log = await lab.changes();
      expect(log).toHaveLength(10);
      expect(log.every((change) => change.kind === 'baseline')).toBe(true);
      await expectMirrorIsTruth(lab);
    });
  });
});

/** Runs a full sync and cancels it when it has written so many pages. */
async function cancelledAt(lab: Lab, page: number) {
  const control = new AbortController();
  const run = await lab.sync('full', {
    signal: control.signal,
    onProgress: ({ pages }) => {
      if (pages >= page) control.abort(new Error('cancelled by the test'));
    },
  });
  return run;
}
