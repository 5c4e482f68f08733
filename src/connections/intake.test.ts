import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import type { Connection } from './connection.ts';
import { intakeRoom } from './intake.ts';
import { openKeyRing } from './key-ring.ts';
import { createVault } from './vault.ts';

const AT = '2026-03-02T08:00:00.000Z';

const aConnection = (id: string, name: string): Connection => ({
  ...{ id, name, tenant: null, tags: [], region: 'us', baseUrls: {}, state: 'active', pausedAt: null, lastError: null },
  ...{ settings: {}, account: null, accountKey: null, createdAt: AT, updatedAt: AT },
});

let temp: TempStore;
let now: Date;
let room: ReturnType<typeof intakeRoom>;

beforeEach(async () => {
  temp = await openTempStore();
  now = new Date(AT);
  const vault = createVault(openKeyRing({ folder: temp.folder, text: null, hasSecrets: false }));
  room = intakeRoom({ store: temp.store, vault, now: () => now });
  await temp.store.createConnection(aConnection('con_a', 'acme'), []);
  await temp.store.createConnection(aConnection('con_b', 'beta'), []);
});
afterEach(() => temp.remove());

const inHeader = (value: string) => [{ value, inQuery: false }];
const inQuery = (value: string) => [{ value, inQuery: true }];
const body = (content: unknown) => Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));

describe('the secret of an intake', () => {
  test('opens its own connection alone, by id or by name', async () => {
    const { secret } = await room.renew('acme');
    await room.renew('beta');
    expect(await room.admit('con_a', inHeader(secret))).toBe('con_a');
    expect(await room.admit('acme', inHeader(secret))).toBe('con_a');
    expect(await room.admit('beta', inHeader(secret))).toBeNull();
    expect(await room.admit('nobody', inHeader(secret))).toBeNull();
    for (const wrong of ['', secret.slice(1), `${secret}x`])
      expect(await room.admit('acme', inHeader(wrong))).toBeNull();
    expect(await room.admit('acme', [])).toBeNull();
    expect(await room.admit('acme', [...inHeader('another'), ...inHeader(secret)])).toBe('con_a');
  });

  test('comes in the query only where the operator allows it', async () => {
    const { secret } = await room.renew('acme');
    expect(await room.admit('acme', inQuery(secret))).toBeNull();
    const { secret: second } = await room.renew('acme', { inQuery: true });
    expect(await room.admit('acme', inQuery(second))).toBe('con_a');
  });

  test('stops to work when it is renewed or the intake is taken out of use', async () => {
    const { secret } = await room.renew('acme');
    const { secret: second } = await room.renew('acme');
    expect(await room.admit('acme', inHeader(secret))).toBeNull();
    expect((await room.disable('acme')).enabled).toBe(false);
    expect(await room.admit('acme', inHeader(second))).toBeNull();
    expect(await temp.store.listSecrets()).toEqual([]);
  });

  test('is shown once and never in the views', async () => {
    const { secret, ...view } = await room.renew('acme');
    expect(view).toEqual({
      ...{ connectionId: 'con_a', enabled: true, path: '/intake/knowbe4/con_a', inQuery: false, createdAt: AT },
      ...{ calls: 0, lastCallAt: null },
    });
    expect(await room.show('acme')).toEqual(view);
    const [sealed] = await temp.store.listSecrets();
    expect(sealed!.sealed).not.toContain(secret);
  });

  test('goes with its connection', async () => {
    await room.renew('acme');
    await temp.store.deleteConnection('con_a', { purge: false, at: AT });
    expect(await temp.store.getIntake('con_a')).toBeNull();
  });
});

describe('a call', () => {
  const wake = async (content: unknown) => {
    now = new Date(now.getTime() + 60_000);
    await room.renew('beta');
    expect(await room.accept('con_b', body(content))).toBe('new');
    const { wakeUp } = (await temp.store.getIntake('con_b'))!;
    await temp.store.spendWakeUp({ connectionId: 'con_b', requests: 0, at: wakeUp!.at });
    return wakeUp!.level;
  };

  test('of people or groups alone wakes the directory, everything else a refresh', async () => {
    expect(await wake({ event: 'user.created', data: { any: 'thing' } })).toBe('directory');
    expect(await wake({ event_type: 'Group member added' })).toBe('directory');
    for (const content of [
      { event: 'user.training.completed' },
      { event: 'phishing.user.clicked' },
      { type: 'something new' },
      { event: 7 },
      [1],
      null,
      'not JSON at all',
      '"user"',
      '',
    ]) {
      expect(await wake(content), JSON.stringify(content)).toBe('refresh');
    }
  });

  test('that is repeated within ten minutes is counted and wakes nobody', async () => {
    await room.renew('acme');
    expect(await room.accept('con_a', body({ event: 'x' }))).toBe('new');
    now = new Date(now.getTime() + 599_000);
    expect(await room.accept('con_a', body({ event: 'x' }))).toBe('repeated');
    now = new Date(now.getTime() + 2000);
    expect(await room.accept('con_a', body({ event: 'x' }))).toBe('new');
    expect(await room.show('acme')).toMatchObject({ calls: 3, lastCallAt: now.toISOString() });
  });
});
