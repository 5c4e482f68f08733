import { describe, expect, test } from 'vitest';
import type { Fault, Surface } from './index.ts';
import { anEmulator, ask } from './lab.contract.ts';

/** A call that every surface answers well. */
const calls = {
  reporting: ['/v1/account', {}],
  events: ['/event_types', {}],
  product: ['', { method: 'POST', body: { query: '{ account { id } }' } }],
  scim: ['/Users?count=1', {}],
} as const satisfies Record<Surface, readonly [string, object]>;
const every = Object.keys(calls) as Surface[];
const others = ['events', 'product', 'scim'] as const;

const call = async (emulator: Awaited<ReturnType<typeof anEmulator>>, surface: Surface, token?: string) => {
  const [path, init] = calls[surface];
  return ask(emulator, surface, path, { ...init, ...(token !== undefined && { token }) });
};

/** What a refused key gets: User Events answers like no other. */
const refusal: Record<Surface, [number, string]> = {
  reporting: [401, '{"error":"Unauthorized","message":"401 Unauthorized"}\n'],
  events: [500, '{"message":"Internal Server Error"}\n'],
  product: [401, '{"errors":[{"message":"Unauthorized"}]}\n'],
  scim: [401, '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"Unauthorized"}\n'],
};

describe('keys', () => {
  test.each(every)('%s takes its own token, in its own region, and no other', async (surface) => {
    const emulator = await anEmulator({ region: 'eu', accounts: [{ name: 'Over There', people: 5, region: 'ca' }] });
    expect((await call(emulator, surface)).status).toBe(200);
    const abroad = emulator.accounts[1]!.tokens[surface];
    const foreign = every.filter((one) => one !== surface).map((one) => emulator.tokens[one]);
    for (const token of ['nobody', '', abroad, ...foreign]) {
      const { status, text } = await call(emulator, surface, token);
      expect([status, text]).toEqual(refusal[surface]);
    }
  });

  test.each(every)('%s of an account in another region answers below that region alone', async (surface) => {
    const emulator = await anEmulator({ accounts: [{ name: 'Over There', people: 5, region: 'ca' }] });
    const { addresses, tokens } = emulator.accounts[1]!;
    expect(addresses[surface]).toContain(`${emulator.url}/ca`);
    const [path, init] = calls[surface];
    expect((await ask({ ...emulator, addresses, tokens }, surface, path, init)).status).toBe(200);
    const uk = { ...addresses, [surface]: addresses[surface].replace('/ca', '/uk') };
    const { status, text } = await ask({ ...emulator, addresses: uk, tokens }, surface, path, init);
    expect([status, text]).toEqual(refusal[surface]);
  });

  test('tokens follow from the seed and all are different', async () => {
    const [one, same, other] = [await anEmulator(), await anEmulator(), await anEmulator({ seed: 8 })];
    expect(one.tokens).toEqual(same.tokens);
    expect(new Set([...Object.values(one.tokens), ...Object.values(other.tokens)]).size).toBe(8);
    expect(one.accounts[0]).toMatchObject({ tokens: one.tokens, addresses: one.addresses });
  });

  test.each(every)('the key of %s is disabled and enabled without the others', async (surface) => {
    const emulator = await anEmulator();
    emulator.mutate({ kind: 'disable-token', surface });
    for (const one of every) {
      expect((await call(emulator, one)).status).toBe(one === surface ? refusal[surface][0] : 200);
    }
    emulator.mutate({ kind: 'enable-token', surface });
    expect((await call(emulator, surface)).status).toBe(200);
  });

  test('a bad key of User Events may get 401', async () => {
    const emulator = await anEmulator({ switches: { badEventsKey: '401' } });
    expect(await call(emulator, 'events', 'x')).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
  });
});

describe('limits', () => {
  const words = { reporting: 'Rate limit exceeded', events: 'Limit Exceeded', product: 'Rate limit exceeded' };

  test.each(['events', 'product'] as const)('%s takes 4 a second, whatever the others did', async (surface) => {
    const emulator = await anEmulator({ limits: true, switches: { limitHeaders: 'Retry-After' } });
    emulator.mutate({ kind: 'spend-elsewhere', requests: 4 });
    for (let n = 0; n < 4; n += 1) expect((await call(emulator, surface)).status).toBe(200);
    const refused = await call(emulator, surface);
    expect(refused).toMatchObject({ status: 429, text: expect.stringContaining(words[surface]) });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(emulator.requests().overLimit).toBe(1);
    emulator.advance(1000);
    expect((await call(emulator, surface)).status).toBe(200);
  });

  test.each(['events', 'product'] as const)('%s takes 10 a seat and day', async (surface) => {
    const emulator = await anEmulator({ limits: true });
    const seats = emulator.truth().account.number_of_seats;
    for (let second = 0; second < (10 * seats) / 4; second += 1) {
      emulator.mutate({ kind: 'spend-elsewhere', requests: 4, surface });
      emulator.advance(1000);
    }
    expect((await call(emulator, surface)).status).toBe(429);
    emulator.advance(86_400_000);
    expect((await call(emulator, surface)).status).toBe(200);
  });

  test('limits of a surface may be set, and SCIM has none', async () => {
    const tight = { perSecond: 1, perMinute: 1, perDay: 1 };
    const emulator = await anEmulator({ limits: true, surfaceLimits: { events: tight } });
    expect([(await call(emulator, 'events')).status, (await call(emulator, 'events')).status]).toEqual([200, 429]);
    for (let n = 0; n < 9; n += 1) expect((await call(emulator, 'scim')).status).toBe(200);
  });
});

describe.each(others)('scripted faults on %s', (surface) => {
  const withFault = async (fault: Fault) => {
    const emulator = await anEmulator();
    emulator.addFault(fault);
    return emulator;
  };

  test.each([
    [{ kind: 'rate-limited', retryAfterS: 7 }, 429],
    [{ kind: 'rate-limited' }, 429],
    [{ kind: 'server-error' }, 500],
    [{ kind: 'maintenance' }, 503],
    [{ kind: 'html-error' }, 502],
    [{ kind: 'token-disabled' }, 0],
  ] as [Fault, number][])('%o answers once', async (fault, status) => {
    const emulator = await withFault(fault);
    const first = await call(emulator, surface);
    expect(first.status).toBe(status || refusal[surface][0]);
    expect(first.headers.get('retry-after')).toBe(fault.retryAfterS ? '7' : null);
    expect((await call(emulator, surface)).status).toBe(200);
  });

  test('a cut connection, JSON that stops, a page, nothing, an error that says 200', async () => {
    await expect(call(await withFault({ kind: 'cut-connection' }), surface)).rejects.toThrow();
    const half = await call(await withFault({ kind: 'truncated-json' }), surface);
    expect(half).toMatchObject({ status: 200, body: undefined });
    expect(half.text.length).toBeGreaterThan(10);
    const page = await call(await withFault({ kind: 'html-body' }), surface);
    expect(page).toMatchObject({ status: 200, text: expect.stringMatching(/^<!DOCTYPE html>/) });
    expect(await call(await withFault({ kind: 'empty-body' }), surface)).toMatchObject({ status: 200, text: '' });
    const error = await call(await withFault({ kind: 'error-body-200' }), surface);
    expect(error).toMatchObject({ status: 200, text: expect.stringContaining('Something went wrong') });
    expect(error.text).not.toContain('data');
  });

  test('a slow answer is late by the time that was set', async () => {
    const waited: number[] = [];
    const emulator = await anEmulator({ sleep: async (ms) => void waited.push(ms) });
    emulator.addFault({ kind: 'slow', delayMs: 600_000 });
    expect((await call(emulator, surface)).status).toBe(200);
    expect(waited).toEqual([600_000]);
  });

  test('by endpoint, and the calls are counted', async () => {
    const endpoint = { events: 'event_types', product: 'graphql', scim: 'scim_users' }[surface];
    const emulator = await withFault({ kind: 'server-error', endpoint });
    for (const one of every.filter((name) => name !== surface)) {
      expect((await call(emulator, one)).status).toBe(200);
    }
    expect((await call(emulator, surface)).status).toBe(500);
    expect(emulator.requests().byEndpoint).toMatchObject({ account: 1, [endpoint]: 1 });
  });
});

test('a body that is too long ends the connection, and the next call is answered', async () => {
  const emulator = await anEmulator();
  const long = { method: 'POST', body: 'x'.repeat(3_000_000) };
  await expect(ask(emulator, 'events', '/events', long)).rejects.toThrow();
  expect((await call(emulator, 'events')).status).toBe(200);
});

test('all surfaces answer within the process as over the network', async () => {
  const emulator = await anEmulator();
  for (const surface of every) {
    const [path, init] = calls[surface];
    const { method = 'GET', body }: { method?: string; body?: object } = init;
    const inside = await emulator.fetch(`${emulator.addresses[surface]}${path}`, {
      method,
      headers: { Authorization: `Bearer ${emulator.tokens[surface]}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(await inside.text()).toBe((await call(emulator, surface)).text);
  }
});
