import { afterEach, describe, expect, test } from 'vitest';
import { type Emulator, type EmulatorOptions, type Fault, startEmulator } from './index.ts';

const running: Emulator[] = [];
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
});

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({
    people: 60,
    limits: false,
    switches: { pagination: 'page+cursor' },
    ...options,
  });
  running.push(emulator);
  return emulator;
}

async function ask(emulator: Emulator, path: string) {
  const response = await fetch(`${emulator.url}${path}`, {
    headers: { authorization: `Bearer ${emulator.reportingToken}` },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const ids = async (emulator: Emulator, path: string): Promise<number[]> =>
  JSON.parse((await ask(emulator, path)).text).map((row: { id: number }) => row.id);

const withFault = async (fault: Fault) => {
  const emulator = await start();
  emulator.addFault(fault);
  return emulator;
};

describe('answers that are none', () => {
  test.each([
    [{ kind: 'rate-limited', retryAfterS: 7 }, 429],
    [{ kind: 'server-error' }, 500],
    [{ kind: 'maintenance' }, 503],
    [{ kind: 'html-error' }, 502],
    [{ kind: 'token-disabled' }, 401],
  ] as [Fault, number][])('%o gives %i once', async (fault, status) => {
    const emulator = await withFault(fault);
    const first = await ask(emulator, '/v1/users');
    expect(first.status).toBe(status);
    expect(first.headers.get('retry-after')).toBe(fault.retryAfterS ? '7' : null);
    expect((await ask(emulator, '/v1/users')).status).toBe(200);
  });

  test('a connection that is cut, JSON that stops, nothing at all, an error that says 200', async () => {
    await expect(ask(await withFault({ kind: 'cut-connection' }), '/v1/users')).rejects.toThrow();
    const half = (await ask(await withFault({ kind: 'truncated-json' }), '/v1/users')).text;
    expect(() => JSON.parse(half)).toThrow();
    expect(await ask(await withFault({ kind: 'empty-body' }), '/v1/users')).toMatchObject({ status: 200, text: '' });
    const html = await ask(await withFault({ kind: 'html-body' }), '/v1/users');
    expect(html).toMatchObject({ status: 200, text: expect.stringMatching(/^<!DOCTYPE html>/) });
    const message = await ask(await withFault({ kind: 'error-body-200' }), '/v1/users');
    expect(message).toMatchObject({ status: 200, text: '{"message":"Something went wrong"}\n' });
  });

  test('a slow page does not keep the emulator from stopping', async () => {
    const emulator = await withFault({ kind: 'slow', delayMs: 600_000 });
    const asked = ask(emulator, '/v1/users').catch((error: unknown) => error);
    while (emulator.requests().total === 0) await new Promise((resolve) => setImmediate(resolve));
    await emulator.close();
    expect(await asked).toBeInstanceOf(Error);
  });
});

describe('which calls', () => {
  test('by endpoint, from the nth on, every mth, so often', async () => {
    const emulator = await withFault({ kind: 'server-error', endpoint: 'groups', nth: 2, every: 2, count: 2 });
    const seen: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      await ask(emulator, '/v1/users?per_page=1');
      seen.push((await ask(emulator, '/v1/groups?per_page=1')).status);
    }
    expect(seen).toEqual([200, 500, 200, 500, 200, 200, 200, 200]);
  });

  test('by path, always, until they are cleared', async () => {
    const emulator = await withFault({ kind: 'maintenance', path: 'page=2', count: 'always' });
    expect((await ask(emulator, '/v1/users?page=1')).status).toBe(200);
    for (let i = 0; i < 3; i += 1) expect((await ask(emulator, '/v1/users?page=2')).status).toBe(503);
    emulator.clearFaults();
    expect((await ask(emulator, '/v1/users?page=2')).status).toBe(200);
  });

  test('for so long after the first one', async () => {
    let ms = 0;
    const emulator = await start({ clock: { now: () => ms } });
    emulator.addFault({ kind: 'rate-limited', endpoint: 'users', nth: 2, forMs: 300_000 });
    const status = async () => (await ask(emulator, '/v1/users')).status;
    ms = 1_000_000;
    expect(await status()).toBe(200);
    expect(await status()).toBe(429);
    ms += 299_999;
    expect(await status()).toBe(429);
    ms += 1;
    expect(await status()).toBe(200);
  });

  test('unknown kinds are refused', async () => {
    const emulator = await start();
    expect(() => emulator.addFault({ kind: 'earthquake' as 'slow' })).toThrow(/no such fault/);
  });
});

describe('pages that move', () => {
  const pages = (page: number) => `/v1/users?per_page=20&page=${page}`;

  test('a deleted row makes the next page begin one row late', async () => {
    const emulator = await withFault({ kind: 'row-deleted', nth: 2 });
    const before = emulator.truth().users.map((one) => one.id);
    const first = await ids(emulator, pages(1));
    const second = await ids(emulator, pages(2));
    expect([...first, ...second]).toEqual([...before.slice(0, 20), ...before.slice(21, 41)]);
    expect(emulator.truth().users).toHaveLength(before.length - 1);
  });

  test('a new row near the front makes the last row come again', async () => {
    const emulator = await withFault({ kind: 'row-inserted', nth: 2 });
    const first = await ids(emulator, pages(1));
    const second = await ids(emulator, pages(2));
    expect(second[0]).toBe(first.at(-1));
  });

  test('rows come twice or not at all although nothing changed', async () => {
    const twice = await withFault({ kind: 'row-duplicated', nth: 2 });
    const first = await ids(twice, pages(1));
    expect((await ids(twice, pages(2)))[0]).toBe(first.at(-1));
    const missing = await withFault({ kind: 'row-skipped', nth: 2 });
    const all = missing.truth().users.map((one) => one.id);
    await ids(missing, pages(1));
    expect((await ids(missing, pages(2)))[0]).toBe(all[21]);
  });

  test('a page is repeated, by number and by cursor, while the cursor goes on', async () => {
    const emulator = await withFault({ kind: 'repeated-page', nth: 2, count: 'always' });
    const first = await ask(emulator, '/v1/users?per_page=20&cursor=true');
    const second = await ask(emulator, `/v1/users?per_page=20&cursor=${first.headers.get('x-next-cursor')}`);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('x-next-cursor')).not.toBe(first.headers.get('x-next-cursor'));
    expect((await ask(emulator, pages(3))).text).toBe(first.text);
  });

  test('a cursor that goes round', async () => {
    const emulator = await withFault({ kind: 'cursor-loop', count: 'always' });
    const first = await ask(emulator, '/v1/users?per_page=20&cursor=true');
    const next = first.headers.get('x-next-cursor');
    const second = await ask(emulator, `/v1/users?per_page=20&cursor=${next}`);
    expect(second.headers.get('x-next-cursor')).toBe(next);
  });

  test('pages are retired or ignored, lists empty, rows unreadable', async () => {
    const retired = await withFault({ kind: 'page-retired', count: 'always' });
    expect((await ask(retired, pages(1))).status).toBe(400);
    expect((await ask(retired, '/v1/users?cursor=true')).status).toBe(200);
    const ignored = await withFault({ kind: 'page-ignored', count: 'always' });
    expect(await ids(ignored, pages(2))).toEqual(await ids(ignored, pages(1)));
    expect((await ask(await withFault({ kind: 'empty-list' }), '/v1/users')).text).toBe('[]\n');
    expect(await ids(await withFault({ kind: 'bad-row' }), pages(1))).toContain(undefined);
  });

  test('several rows, an order turned round, pages of half the size', async () => {
    const emulator = await start({ maxPerPage: 20 });
    const all = emulator.truth().users.map((one) => one.id);
    emulator.addFault({ kind: 'row-skipped', rows: 5 });
    expect(await ids(emulator, pages(2))).toEqual(all.slice(25, 45));
    emulator.addFault({ kind: 'rows-missing', rows: 5 });
    expect(await ids(emulator, pages(2))).toEqual(all.slice(25, 40));
    emulator.addFault({ kind: 'rows-reordered' });
    expect(await ids(emulator, pages(1))).toEqual(all.toReversed().slice(0, 20));
    emulator.addFault({ kind: 'half-page' });
    const half = await ask(emulator, '/v1/users?per_page=20&cursor=true');
    expect(JSON.parse(half.text)).toHaveLength(10);
    const next = `/v1/users?per_page=20&cursor=${half.headers.get('x-next-cursor')}`;
    expect(await ids(emulator, next)).toEqual(all.slice(10, 30));
  });

  test('a list that ends early, an account in which nothing is left', async () => {
    const emulator = await start();
    const user = `/v1/users/${emulator.truth().users[0]!.id}`;
    emulator.addFault({ kind: 'empty-list', rows: 3 });
    expect(await ids(emulator, pages(1))).toHaveLength(3);
    emulator.addFault({ kind: 'empty-account', count: 'always' });
    expect((await ask(emulator, pages(1))).text).toBe('[]\n');
    expect((await ask(emulator, user)).status).toBe(404);
    expect((await ask(emulator, '/v1/account')).status).toBe(200);
    emulator.clearFaults();
    expect((await ask(emulator, user)).status).toBe(200);
  });
});
