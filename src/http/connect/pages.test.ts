import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ErrorCode, errorCatalog } from '../../errors/catalog.ts';
import { ForeknowError } from '../../errors/errors.ts';
import { aCheck, aLinkPage, CODE, openPages, SECRET } from './contract/page-door.ts';

/* The pages as a browser without scripts gets them. */

const KEY = 'eyJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6ImVsdmlzIn0.c2lnbmF0dXJl';
const EU = 'https://eu.knowbe4.com/ui/dashboard';
let pages: Awaited<ReturnType<typeof openPages>>;
beforeEach(async () => {
  pages = await openPages();
});
afterEach(() => pages.close());

async function ask(path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
  const init = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
  const response = await fetch(pages.url + path, { ...init, headers, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, main: text.slice(text.indexOf('<main')) };
}
const open = (query = '') => ask(`/connect-account?link_token=${SECRET}${query}`);
const post = (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  ask('/connect-account', { link: SECRET, region: EU, reporting: KEY, step: 'connect', ...fields }, headers);
const refuse = (code: ErrorCode, field?: string) => {
  pages.fake.refusal = new ForeknowError(code, {
    detail: `told of ${code}`,
    ...(field === undefined ? {} : { field }),
  });
};
const outcomeOf = (text: string, name: string) => {
  const value = new RegExp(`data-${name}="([^"]*)"`).exec(text)?.[1] ?? '';
  return value === '' ? null : JSON.parse(value.replaceAll('&quot;', '"'));
};

describe('what somebody sees before they give a key', () => {
  test('who asks, for whom, the gateway and what is read stand before the field of the key', async () => {
    const { status, main } = await open();
    expect(status).toBe(200);
    const at = [
      'Priya Raman, Northwind GRC',
      'Halden Foods',
      new URL(pages.url).host,
      'Phishing tests',
      'id="reporting"',
    ].map((text) => main.indexOf(text));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });

  test('streams that the link leaves out are not told as read', async () => {
    pages.fake.page = aLinkPage({ streams: ['account', 'groups', 'users'] });
    const { main } = await open();
    expect(main).toContain('People and groups');
    expect(main).not.toMatch(/Phishing tests|Training<|Risk scores/);
  });

  test('the host of the public address goes before the one that was asked', async () => {
    pages.fake.page = aLinkPage({ gatewayHost: 'foreknow.example.com' });
    const { text } = await open();
    expect(text).toContain('foreknow.example.com');
    expect(text).not.toContain(new URL(pages.url).host);
  });

  test('words of others are text, never markup', async () => {
    pages.fake.page = aLinkPage({ requester: '<script>alert(1)</script>', tenant: '"><img src=x>' });
    const { text } = await open();
    expect(text).not.toMatch(/<script>alert|<img/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('a link for more keys asks for each; those beside the Reporting token may be left out', async () => {
    pages.fake.page = aLinkPage({ keys: ['reporting', 'scim', 'events', 'product'] });
    const { main } = await open();
    for (const name of ['reporting', 'scim', 'scim_url', 'events', 'product']) expect(main).toContain(`name="${name}"`);
    expect(main.match(/optional/g)).toHaveLength(3);
    expect((await post()).status).toBe(200);
    expect(pages.fake.submitted[0]!.submission).toEqual({ region: EU, reporting: KEY, probeRegions: false });
  });

  test('a link that adds keys asks for no region and no Reporting token', async () => {
    const connection = {
      id: 'con_1',
      name: 'acme',
      region: 'eu',
      accountName: 'Halden Foods',
      state: 'active',
    } as const;
    pages.fake.page = aLinkPage({ task: 'add_key', connection, region: 'eu', keys: ['scim'] });
    const { main } = await open();
    expect(main).toContain('Add a key to acme');
    expect(main).not.toMatch(/name="(region|reporting)"/);
    await ask('/connect-account', { link: SECRET, scim: KEY, scim_url: 'https://eu.knowbe4.com/scim/v2/x' });
    expect(pages.fake.submitted[0]!.submission).toEqual({
      scim: { token: KEY, url: 'https://eu.knowbe4.com/scim/v2/x' },
      probeRegions: false,
    });
  });

  test('a test set-up may give another address, where the operator allows it', async () => {
    expect((await open()).main).not.toContain('name="base_url"');
    await post({ base_url: 'http://127.0.0.1:9' });
    expect(pages.fake.submitted[0]!.submission).not.toHaveProperty('baseUrl');
    pages.fake.page = aLinkPage({ otherAddresses: true });
    expect((await open()).main).toContain('name="base_url"');
    await post({ base_url: 'http://127.0.0.1:9' });
    expect(pages.fake.submitted[1]!.submission).toHaveProperty('baseUrl', 'http://127.0.0.1:9');
  });
});

describe('what a page lets in and out', () => {
  test('it loads its own files alone, is not kept, and says nothing about where it was', async () => {
    const { headers, text } = await open();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('set-cookie')).toBeNull();
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    for (const [, url] of text.matchAll(/(?:href|src)="(\/connect-account\/assets\/[^"]+)"/g)) {
      const file = await fetch(pages.url + url);
      expect(file.status).toBe(200);
      expect(file.headers.get('cache-control')).toMatch(/immutable/);
    }
    expect(text).not.toMatch(/<(script|style)(?![^>]*src)[^>]*>[^<]|style="|onclick/);
  });

  test('nobody frames it without origins; with them these do, and the opener is not cut off', async () => {
    const alone = await open();
    expect(alone.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(alone.headers.get('x-frame-options')).toBe('DENY');
    pages.fake.page = aLinkPage({ origins: ['https://app.example.com', 'http://localhost:5173'] });
    const framed = await open();
    expect(framed.headers.get('content-security-policy')).toContain(
      'frame-ancestors https://app.example.com http://localhost:5173',
    );
    expect(framed.headers.get('x-frame-options')).toBeNull();
    expect(framed.headers.get('cross-origin-opener-policy')).toBe('unsafe-none');
  });

  test('without a script, success leads to the redirect address, which the form may lead to', async () => {
    pages.fake.page = aLinkPage({ redirectUri: 'https://app.example.com/back?state=7' });
    expect((await open()).headers.get('content-security-policy')).toContain(
      "form-action 'self' https://app.example.com;",
    );
    const { status, headers } = await post();
    expect(status).toBe(303);
    expect(headers.get('location')).toBe(
      'https://app.example.com/back?state=7&result=success&integration=knowbe4&integrated_account_id=con_0000000000000001',
    );
  });

  test('with the script, success is a page that says where to go and what to tell to whom', async () => {
    const origins = ['https://app.example.com'];
    pages.fake.page = aLinkPage({ redirectUri: 'https://app.example.com/back', origins });
    const { status, main } = await post({}, { 'x-connect-page': '1' });
    expect(status).toBe(200);
    expect(outcomeOf(main, 'origins')).toEqual(origins);
    expect(outcomeOf(main, 'message')).toEqual({
      ...{ result: 'success', is_truto: true, integration: 'knowbe4', integrated_account_id: 'con_0000000000000001' },
    });
    expect(main).toContain('Halden Foods');
    expect(main).toContain('Read training');
  });
});

describe('a link that takes no key', () => {
  test.each([
    ['without a link', '/connect-account', 400],
    ['with an unknown one', '/connect-account?link_token=fkl_nothing', 404],
    ['with two', `/connect-account?link_token=${SECRET}&link_token=${SECRET}`, 400],
  ])('%s the page says so, in words', async (_, path, status) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('<h1>');
    expect(answer.text).not.toContain(SECRET);
  });

  test.each(['used', 'expired', 'revoked', 'ended'] as const)(
    'one that is %s says so, and tells whoever opened it',
    async (state) => {
      pages.fake.page = aLinkPage({ state, origins: ['https://app.example.com'] });
      for (const answer of [await open(), await post()]) {
        expect(answer.status).toBe(410);
        expect(answer.main).toContain('Ask Priya Raman, Northwind GRC for a new one');
        expect(answer.main).not.toContain('<form');
        expect(outcomeOf(answer.main, 'message')).toMatchObject({
          result: 'error',
          error_type: 'invalid_token',
          is_truto: true,
        });
      }
      expect(pages.fake.submitted).toEqual([]);
    },
  );

  test('one that was used up between two looks is told the same way', async () => {
    refuse('link_used');
    const { status, main } = await post();
    expect([status, main.includes('This link was used already')]).toEqual([410, true]);
  });

  test('another integration than KnowBe4 is refused with its error type', async () => {
    const { status, main } = await open('&integration=hubspot');
    expect(status).toBe(400);
    expect(outcomeOf(main, 'message')).toMatchObject({ error_type: 'invalid_integration' });
    for (const query of [
      '&integration=knowbe4',
      '&integrations=hubspot,KnowBe4',
      '&no_back=true&iframe=true&auth_format=api_key&skip_rapid_form=true',
    ]) {
      expect((await open(query)).status, query).toBe(200);
    }
  });

  test('looking for links is limited by network', async () => {
    const limited = await openPages({ failuresPerMinute: 2 });
    const statuses = [];
    for (let tries = 0; tries < 4; tries += 1) {
      statuses.push((await fetch(`${limited.url}/connect-account?link_token=fkl_${tries}`)).status);
    }
    expect(statuses).toEqual([404, 404, 429, 429]);
    expect((await fetch(`${limited.url}/connect-account?link_token=${SECRET}`)).status).toBe(200);
    await limited.close();
  });
});

describe('a form that comes back', () => {
  test('says beside the field what is wrong, and keeps what was typed but the key', async () => {
    refuse('connection_unauthorized');
    const { status, main, text } = await post();
    expect(status).toBe(422);
    expect(main).toContain('KnowBe4 refused this key');
    expect(main).toMatch(
      /<input id="reporting"[^>]*aria-describedby="reporting-problem reporting-hint"[^>]*aria-invalid="true"/,
    );
    expect(main).toContain(`value="${EU}"`);
    expect(main).toContain('value="probe"');
    expect(text).not.toContain(KEY);
    expect(outcomeOf(main, 'on-cancel')).toMatchObject({ result: 'error', error_type: 'connection_error' });
  });

  test('whatever the refusal, it is a page in words, without the key and without the words of the API', async () => {
    for (const code of Object.keys(errorCatalog) as ErrorCode[]) {
      for (const step of ['check', 'connect', 'probe']) {
        refuse(code);
        const { headers, text, status } = await post({ step });
        expect(headers.get('content-type'), code).toBe('text/html; charset=utf-8');
        expect(status, code).toBeGreaterThanOrEqual(400);
        expect(text, code).toContain('<h1>');
        expect(text, code).not.toContain(KEY);
        expect(text, code).not.toMatch(/undefined|\[object|problem\+json/);
      }
    }
  });

  test('each cause has words of its own', async () => {
    const said = async (code: ErrorCode) => {
      refuse(code);
      return /<h2>([^<]+)<\/h2>/.exec((await post()).main)![1];
    };
    const codes = [
      'connection_unauthorized',
      'wrong_product',
      'wrong_region',
      'connection_forbidden',
      'different_account',
      'remote_maintenance',
      'quota_exhausted',
      'too_many_attempts',
    ] as const;
    const words = new Set<string | undefined>();
    for (const code of codes) words.add(await said(code));
    expect(words.size).toBe(codes.length);
  });

  test('a refusal is told at the key that was refused, with its own words', async () => {
    pages.fake.page = aLinkPage({ task: 'add_key', keys: ['scim'] });
    refuse('connection_unauthorized', 'reporting');
    const form = { link: SECRET, scim: KEY, scim_url: 'https://eu.knowbe4.com/scim' };
    const { main } = await ask('/connect-account', form);
    expect(main).toContain('id="scim-problem"');
    expect(main).toContain('is not one of the SCIM');
    expect(main).not.toContain('value="probe"');
  });

  test('a key that names its region has that filled in', async () => {
    refuse('wrong_region');
    const payload = Buffer.from(JSON.stringify({ iss: 'uk.knowbe4.com' })).toString('base64url');
    const { main } = await post({ reporting: `eyJ.${payload}.x` });
    expect(main).toContain('value="https://uk.knowbe4.com"');
  });

  test('what is missing is said without asking anybody', async () => {
    for (const [fields, field] of [
      [{ region: ' ' }, 'region'],
      [{ reporting: ' "" ' }, 'reporting'],
    ] as const) {
      const { status, main } = await post(fields);
      expect(status).toBe(422);
      expect(main).toContain(`id="${field}-problem"`);
    }
    expect(pages.fake.submitted).toEqual([]);
  });

  test('a fault at one field of the gateway’s words is shown at that field', async () => {
    for (const [told, field] of [
      ['region', 'region'],
      ['scim.url', 'scim_url'],
      ['token', 'reporting'],
    ] as const) {
      pages.fake.page = aLinkPage({ keys: ['reporting', 'scim'] });
      refuse('invalid_request', told);
      expect((await post()).main, told).toContain(`id="${field}-problem"`);
    }
  });
});

describe('checking and connecting', () => {
  test('a check keeps nothing and shows the account and what the key can do', async () => {
    pages.fake.check = aCheck({ warnings: ['This is a trial account.'] });
    const { status, main } = await post({ step: 'check' });
    expect(status).toBe(200);
    expect(pages.fake.submitted.map(({ isCheck }) => isCheck)).toEqual([true]);
    for (const text of [
      'Halden Foods',
      'Diamond · 1,200 seats · Europe',
      'Read training',
      'This is a trial account.',
      'Connect this account',
    ]) {
      expect(main).toContain(text);
    }
  });

  test('the other regions are looked in only when somebody says so; the script shows what was found first', async () => {
    await post();
    await post({ step: 'probe' });
    await post({ step: 'probe' }, { 'x-connect-page': '1' });
    expect(pages.fake.submitted.map(({ submission, isCheck }) => [submission.probeRegions, isCheck])).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
  });

  test('the region that was found is the one that is connected with', async () => {
    pages.fake.check = aCheck({ region: 'ca' });
    expect((await post({ step: 'probe' }, { 'x-connect-page': '1' })).main).toContain('value="https://ca.knowbe4.com"');
  });

  test('a key is taken as it was meant', async () => {
    await post({ reporting: ` "Bearer ${KEY.slice(0, 20)}\n ${KEY.slice(20)}" ` });
    expect(pages.fake.submitted[0]!.submission.reporting).toBe(KEY);
  });

  test('the caller is told by network address', async () => {
    await post();
    expect(pages.fake.submitted[0]!.caller).toEqual({ from: '127.0.0.1', requestId: expect.any(String) });
  });

  test.each([
    ['JSON', '{"link":"x"}', 'application/json', 400],
    ['too much', `link=${'x'.repeat(40_000)}`, 'application/x-www-form-urlencoded', 413],
    ['nothing', '', 'application/x-www-form-urlencoded', 404],
  ])('a body that is %s is answered with a page', async (_, body, type, status) => {
    const response = await fetch(`${pages.url}/connect-account`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    await response.text();
  });
});

describe('a code', () => {
  test('opens the page of its link', async () => {
    expect((await ask('/connect')).main).toContain('name="code"');
    const { status, main } = await ask('/connect', { code: CODE.toLowerCase() });
    expect(status).toBe(200);
    expect(main).toContain('Priya Raman, Northwind GRC');
    expect(main).toContain(`name="link" value="${SECRET}"`);
  });

  test('a wrong one names nothing, and too many are refused', async () => {
    const wrong = await ask('/connect', { code: 'KB-2222-2222' });
    expect(wrong.status).toBe(422);
    expect(wrong.main).toContain('This code opens nothing');
    expect(wrong.main).not.toContain('Priya');
    refuse('too_many_attempts');
    const many = await ask('/connect', { code: CODE });
    expect([many.status, many.main.includes('Too many codes were tried')]).toEqual([429, true]);
  });
});

test('whatever is sent to a page, a page comes back, and nothing breaks', async () => {
  const name = fc.constantFrom(
    'link',
    'link_token',
    'code',
    'region',
    'reporting',
    'scim_url',
    'step',
    'integration',
    '__proto__',
  );
  const value = fc.oneof(fc.constantFrom(SECRET, 'probe', 'check', EU), fc.string());
  const fields = fc.array(fc.tuple(name, value), { maxLength: 6 });
  pages.fake.page = aLinkPage({ keys: ['reporting', 'scim'], otherAddresses: true });
  const call = fc.record({
    path: fc.constantFrom('/connect', '/connect-account'),
    query: fields,
    form: fc.option(fields),
  });
  const limited = { numRuns: 150 };
  const property = fc.asyncProperty(call, async ({ path, query, form }) => {
    const search = new URLSearchParams(query);
    const body = form === null ? null : new URLSearchParams(form);
    const response = await fetch(`${pages.url}${path}?${search}`, body === null ? {} : { method: 'POST', body });
    expect(response.status).toBeLessThan(500);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain('</html>');
  });
  await fc.assert(property, limited);
});
