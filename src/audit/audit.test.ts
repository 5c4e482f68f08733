import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { type AuditRoom, auditRoom } from './audit.ts';
import type { Actor, AuditEntry, AuditStore } from './ports.ts';

const mara: Actor = { kind: 'token', id: 'tok_1', name: 'mara', door: 'http', from: '192.0.2.1', requestId: 'req-1' };
const act = { action: 'connection.paused', target: 'con_a', connectionId: 'con_a' };
const refusal = new ForeknowError('conflict', { detail: 'No.' });

let written: AuditEntry[];
/** A store whose write is the work's result, if that is a list: what it tells of the act. */
const noting: AuditStore['noting'] = async ({ writes, entry }, work) => {
  const result = await work();
  if (!Array.isArray(result)) return { result, isWritten: false };
  written.push(entry(writes.save!(result as never)));
  return { result, isWritten: true };
};
let room: AuditRoom;
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-03-02T08:00:00.000Z') });
  written = [];
  room = auditRoom({
    store: {
      appendAudit: async (entry) => void written.push(entry),
      noting,
      auditEntries: async () => [],
    },
    now: () => new Date(),
  });
});
afterEach(() => vi.useRealTimers());

const refusedTimes = async (count: number, actor = mara) => {
  for (let index = 0; index < count; index++) {
    await expect(room.act(actor, act, () => Promise.reject(refusal))).rejects.toBe(refusal);
  }
};

test('what was done is written with who did it and what the result tells', async () => {
  const result = await room.act(mara, { action: 'token.created' }, async () => 'tok_2', {
    told: (id) => ({ target: id, details: { scopes: ['risk'] } }),
  });
  expect(result).toBe('tok_2');
  expect(written).toEqual([
    {
      at: '2026-03-02T08:00:00.000Z',
      actor: mara,
      action: 'token.created',
      target: 'tok_2',
      connectionId: null,
      outcome: 'done',
      error: null,
      details: { scopes: ['risk'] },
    },
  ]);
});

test('an act that a write has told of is not written again', async () => {
  const writes = { save: ([tag]: readonly string[]) => ({ details: { tag } }) };
  await room.act(mara, { ...act, details: { kept: true } }, async () => ['emea'], { writes });
  expect(written).toMatchObject([{ ...act, outcome: 'done', details: { kept: true, tag: 'emea' } }]);
});

test('what takes several steps is written when it begins, and when it ends', async () => {
  const outcomes = () => written.map(({ outcome, details }) => [outcome, details]);
  const options = { isAnnounced: true, told: (rows: number) => ({ details: { rows } }) };
  const work = async () => {
    expect(outcomes()).toEqual([['begun', {}]]);
    return 7;
  };
  await room.act(mara, act, work, options);
  expect(outcomes()).toEqual([
    ['begun', {}],
    ['done', { rows: 7 }],
  ]);
  await expect(room.act(mara, act, () => Promise.reject(refusal), options)).rejects.toBe(refusal);
  expect(outcomes().slice(2)).toEqual([
    ['begun', {}],
    ['refused', {}],
  ]);
});

test('what was refused or went wrong is written with its code', async () => {
  await refusedTimes(1);
  await expect(room.act(mara, act, () => Promise.reject(new TypeError('x is not a function')))).rejects.toThrow();
  expect(written.map(({ outcome, error }) => [outcome, error])).toEqual([
    ['refused', 'conflict'],
    ['failed', 'internal'],
  ]);
  expect(JSON.stringify(written)).not.toContain('not a function');
});

test('whoever is refused again and again costs two entries a minute', async () => {
  await refusedTimes(500);
  expect(written).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written[1]).toMatchObject({ action: 'connection.paused', error: 'conflict', details: { repeated: 499 } });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(written).toHaveLength(2);
  await refusedTimes(1);
  expect(written).toHaveLength(3);
});

test('however many are refused, a minute has a bounded number of entries', async () => {
  for (let index = 0; index < 1000; index++) await refusedTimes(2, { ...mara, id: `tok_${index}` });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toHaveLength(100 + 100 + 1);
  expect(written.at(-1)).toMatchObject({ action: 'request.refused', details: { repeated: 1800 } });
});

test('failed logins are one entry a minute that names the networks that tried most', async () => {
  for (let index = 0; index < 5000; index++) room.failedLogin(`198.51.${index >> 8}.${index & 255}`);
  for (let index = 0; index < 7; index++) room.failedLogin('198.51.0.9');
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toHaveLength(1);
  const { action, outcome, details } = written[0]!;
  expect({ action, outcome }).toEqual({ action: 'login.failed', outcome: 'refused' });
  expect(details).toMatchObject({ attempts: 5007, networks: 1000 });
  expect(Object.entries(details.most as object)[0]).toEqual(['198.51.0.9', 8]);
  expect(Object.keys(details.most as object)).toHaveLength(10);
});

test('what was counted is written when the process ends', async () => {
  room.failedLogin('192.0.2.1');
  await refusedTimes(3);
  await room.flush();
  expect(written.map(({ action }) => action)).toEqual(['connection.paused', 'connection.paused', 'login.failed']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toHaveLength(3);
});

test('an error that an act has seen is not written again at the door', async () => {
  await refusedTimes(1);
  await room.refusedAtDoor(mara, {}, refusal);
  expect(written).toHaveLength(1);
  await room.refusedAtDoor(
    mara,
    { operation: 'pauseConnection' },
    new ForeknowError('scope_missing', { detail: 'No.' }),
  );
  expect(written[1]).toMatchObject({
    action: 'request.refused',
    error: 'scope_missing',
    details: { operation: 'pauseConnection' },
  });
});
