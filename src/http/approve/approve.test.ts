import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ForeknowError } from '../../errors/errors.ts';
import { anApproval, aStep, at } from '../../provisioning/contract/builders.ts';
import { PRIYAS_SECRET, priya } from '../contract/fake-operators.ts';
import { openPages, plan } from './contract/page-door.ts';

let pages: Awaited<ReturnType<typeof openPages>>;
let cookie: string;
beforeEach(async () => {
  pages = await openPages();
  cookie = '';
});
afterEach(() => pages.close());

const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(pages.url + path, { redirect: 'manual', headers: { cookie, ...headers } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};
const post = async (
  path: string,
  fields: Record<string, string> | readonly (readonly [string, string])[],
  headers: Record<string, string> = {},
) => {
  const body = new URLSearchParams(fields as Record<string, string>);
  const answer = await fetch(pages.url + path, {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: { cookie, ...headers },
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};
const login = async () => {
  const { headers } = await post('/login', { name: 'priya', secret: PRIYAS_SECRET, to: `/plans/${plan.id}` });
  cookie = headers.get('set-cookie')!.split(';')[0]!;
};
const csrfIn = (text: string): string => /name="csrf" value="([\da-f]{64})"/.exec(text)![1]!;
const form = async (fields: Record<string, string> = {}) => {
  const { text } = await get(`/plans/${plan.id}`);
  return { csrf: csrfIn(text), digest: plan.digest, secret: PRIYAS_SECRET, ...fields };
};

describe('signing in', () => {
  test('is asked for before a plan is shown, and leads there', async () => {
    const { status, headers } = await get(`/plans/${plan.id}`);
    expect([status, headers.get('location')]).toEqual([303, `/login?to=%2Fplans%2F${plan.id}`]);
    const done = await post('/login', { name: 'priya', secret: PRIYAS_SECRET, to: `/plans/${plan.id}` });
    expect([done.status, done.headers.get('location')]).toEqual([303, `/plans/${plan.id}`]);
    expect(done.headers.get('set-cookie')).toMatch(
      /^foreknow_operator=fko_s{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=/,
    );
  });

  test('keeps what it gives to encrypted connections where callers use one', async () => {
    await pages.close();
    pages = await openPages({ publicUrl: 'https://foreknow.example.com' });
    const { headers } = await post('/login', { name: 'priya', secret: PRIYAS_SECRET });
    expect(headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('leads to no other place than a plan of ours', async () => {
    for (const to of ['https://example.com/', '//example.com', '/plans/../x', 'javascript:alert(1)']) {
      const { headers } = await post('/login', { name: 'priya', secret: PRIYAS_SECRET, to });
      expect(headers.get('location')).toBe('/plans');
    }
  });

  test('without a plan in mind leads to those that are open', async () => {
    expect((await get('/plans')).headers.get('location')).toBe('/login');
    await login();
    const { status, text } = await get('/plans');
    expect(status).toBe(200);
    expect(text).toContain(`<a href="/plans/${plan.id}">${plan.id}</a> for acme`);
    expect(text).toContain('Waits for people');
    expect(text).not.toContain('approve_all');
  });

  test('with a wrong secret says so, and never sends it back', async () => {
    const { status, text, headers } = await post('/login', { name: '<i>priya', secret: 'wrong wrong wrong', to: '' });
    expect(status).toBe(422);
    expect(text).toContain('Name, secret or code is wrong');
    expect(text).toContain('&lt;i&gt;priya');
    expect(text).not.toContain('wrong wrong wrong');
    expect(headers.get('set-cookie')).toBeNull();
  });
});

test('whoever tries to sign in again and again is slowed down, with any name', async () => {
  for (let tries = 0; tries < 30; tries += 1) {
    expect((await post('/login', { name: `nobody-${tries}`, secret: 'wrong' })).status).toBe(422);
  }
  const { status, text, headers } = await post('/login', { name: 'priya', secret: PRIYAS_SECRET });
  expect([status, headers.get('set-cookie')]).toEqual([429, null]);
  expect(text).toContain('Too many tries at once');
});

describe('a plan', () => {
  beforeEach(login);

  test('is shown with what it does, what KnowBe4 does, and everything escaped', async () => {
    const { status, text, headers } = await get(`/plans/${plan.id}`);
    expect(status).toBe(200);
    for (const part of [
      ...['Plan pl_aaaaaaaa for acme', 'Aiko Tanaka', 'Tom Blake', 'A seat is freed.', 'Two accounts meet.', 'sam'],
      ...['<h3>And perhaps</h3>', 'Somebody is enrolled in Annual 2026.'],
      ...['<b>archive share</b> tripped', 'needs 2 people', 'cannot be undone wholly'],
      '<del>&lt;b&gt;Clerk&lt;/b&gt;</del> → <ins>Lead &quot;R&amp;D&quot;</ins>',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('<script');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect((await get('/plans/pl_none')).status).toBe(404);
  });

  test('is approved whole, in part, or refused, with the secret each time', async () => {
    const whole = await post(
      `/plans/${plan.id}`,
      await form({ act: 'approve_all', reason: ' Fine. ', code: '123456' }),
    );
    expect([whole.status, whole.headers.get('location')]).toEqual([303, `/plans/${plan.id}`]);
    const some = Object.entries(await form({ act: 'approve_steps' }));
    await post(`/plans/${plan.id}`, [...some, ['step', 'st_1'], ['step', 'st_2']]);
    await post(`/plans/${plan.id}`, await form({ act: 'reject', reason: 'Not before Monday.' }));
    const { digest } = plan;
    expect(pages.fake.said.map(({ act, about }) => [act, about])).toEqual([
      ['approve', { digest, steps: null, reason: 'Fine.' }],
      ['approve', { digest, steps: ['st_1', 'st_2'], reason: null }],
      ['reject', 'Not before Monday.'],
    ]);
    expect(pages.fake.said[0]).toMatchObject({
      decider: {
        proof: { name: 'priya', secret: PRIYAS_SECRET, code: '123456' },
        from: expect.stringMatching(/^session [0-9a-f]{16}$/),
      },
      actor: { kind: 'person', id: priya.id, name: 'priya', door: 'http', from: '127.0.0.1' },
    });
  });

  test.each<[string, Record<string, string>, Record<string, string>, number]>([
    ['without the secret of the page', { act: 'approve_all', csrf: 'x' }, {}, 422],
    ['with a wrong secret', { act: 'approve_all', secret: 'wrong wrong wrong' }, {}, 422],
    ['with none', { act: 'approve_all', secret: '' }, {}, 422],
    ['without a word of what', { act: '' }, {}, 422],
    ['refused without a reason', { act: 'reject' }, {}, 422],
    ['from a page of somebody else', { act: 'approve_all' }, { 'sec-fetch-site': 'cross-site' }, 403],
    ['from another origin', { act: 'approve_all' }, { origin: 'https://example.com' }, 403],
  ])('is not decided about %s', async (_, fields, headers, status) => {
    const { status: answered } = await post(`/plans/${plan.id}`, await form(fields), headers);
    expect(answered).toBe(status);
    expect(pages.fake.said).toEqual([]);
  });

  test('that cannot be approved so says why', async () => {
    pages.fake.refusal = new ForeknowError('second_person_needed', {
      ...{ detail: 'priya has approved this already.', hint: 'Let another person do it.' },
    });
    const { status, text } = await post(`/plans/${plan.id}`, await form({ act: 'approve_all' }));
    expect(status).toBe(422);
    expect(text).toContain('priya has approved this already. Let another person do it.');
    expect(text).not.toContain(PRIYAS_SECRET);
  });

  test('comes back with what was chosen and said when it was refused, without the secret', async () => {
    const fields = Object.entries(
      await form({ act: 'approve_steps', secret: 'wrong wrong wrong', reason: 'Only "Tom"' }),
    );
    const { status, text } = await post(`/plans/${plan.id}`, [...fields, ['step', 'st_2']]);
    expect(status).toBe(422);
    expect(text).toContain('value="st_2" checked>');
    expect(text).toContain('value="st_1">');
    expect(text).toContain('value="Only &quot;Tom&quot;"');
    expect(text).not.toContain('wrong wrong wrong');
  });

  const lapsed = anApproval(plan, { lapsed: { at: at(30), reason: 'The rules are others.' } });
  const end = { at: at(60), by: 'system', reason: 'A newer plan took its place.' };
  test.each<[string, Partial<typeof pages.fake>, string, boolean]>([
    ['that is applied', { state: 'applied' }, 'foreknow undo pl_aaaaaaaa', false],
    ['that is being applied', { state: 'applying' }, '2 planned', false],
    ['that was replaced', { state: 'superseded', end }, end.reason, false],
    ['whose time is over', { now: new Date(plan.expiresAt) }, '<b>Expired.</b>', false],
    ['that a guard blocks', { state: 'blocked' }, 'Nobody can approve it as it is', false],
    ['that is a draft', { state: 'draft' }, 'mode observe', false],
    ['that is approved', { state: 'approved' }, 'foreknow apply pl_aaaaaaaa', true],
    ['that waits', { approvals: [] }, 'It needs one person.', true],
    ['that somebody else approved', {}, 'sam approved; another person has to as well.', true],
    [
      'that they approved',
      { approvals: [anApproval(plan, { operator: priya })] },
      'has to be approved by another',
      true,
    ],
    ['whose approval holds no more', { approvals: [lapsed] }, 'does not hold any more: The rules are others.', true],
  ])('%s says so, and what comes next', async (_, changes, words, isAsked) => {
    Object.assign(pages.fake, changes);
    const { status, text } = await get(`/plans/${plan.id}`);
    expect(status).toBe(200);
    expect(text).toContain(words);
    expect(text.includes('approve_all')).toBe(isAsked);
    expect(text.includes('type="checkbox"')).toBe(isAsked);
  });

  test('of many steps is shown in parts, each of which says how many there are', async () => {
    pages.fake.steps = Array.from({ length: 450 }, (_, place) => aStep({ id: `st_${place + 1}` }));
    const first = await get(`/plans/${plan.id}`);
    expect(first.text).toContain('Steps 1 to 200 of 450');
    expect(first.text).toContain('approves all 450.');
    expect(first.text).toContain(`/plans/${plan.id}?after=199`);
    const last = await get(`/plans/${plan.id}?after=399`);
    expect(last.text).toContain('Steps 401 to 450 of 450');
    expect(last.text).not.toContain('Further steps');
    expect(last.text).toContain(`action="/plans/${plan.id}?after=399"`);
  });

  test('is not shown any more after signing out', async () => {
    const { csrf } = await form();
    await post('/logout', { csrf: 'wrong' });
    expect((await get(`/plans/${plan.id}`)).status).toBe(200);
    const { status, headers } = await post('/logout', { csrf });
    expect([status, headers.get('location')]).toEqual([303, '/login']);
    expect((await get(`/plans/${plan.id}`)).status).toBe(303);
    expect((await post(`/plans/${plan.id}`, { csrf, act: 'approve_all' })).status).toBe(303);
    expect(pages.fake.said).toEqual([]);
  });
});
