import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ForeknowError } from '../../src/errors/errors.ts';
import { aCheck, aLinkPage, CODE, openPages, SECRET } from '../../src/http/connect/contract/page-door.ts';
import { accessibilityFaults, hasBrowser, hostPage, openBrowser, serveHost } from '../browser/browser.ts';

/* The connect page in a real browser, over use cases that a test leads. */

const KEY = 'eyJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6ImVsdmlzIn0.c2lnbmF0dXJl';
const EU = 'https://eu.knowbe4.com/ui/dashboard';
const SUCCESS = {
  ...{ result: 'success', is_truto: true, integration: 'knowbe4', integrated_account_id: 'con_0000000000000001' },
};

let browser: Browser;
let pages: Awaited<ReturnType<typeof openPages>>;
let host: Awaited<ReturnType<typeof serveHost>>;
let context: BrowserContext;
let page: Page;
let faults: string[];

const linkUrl = () => `${pages.url}/connect-account?link_token=${SECRET}`;
const watch = (one: Page) => one.on('pageerror', (error) => faults.push(String(error)));

describe.skipIf(!hasBrowser)('in a browser', () => {
  beforeAll(async () => {
    browser = await openBrowser();
    host = await serveHost(hostPage);
  });
  afterAll(async () => {
    await browser.close();
    await host.close();
  });
  beforeEach(async () => {
    pages = await openPages();
    faults = [];
    context = await browser.newContext();
    page = await context.newPage();
    watch(page);
  });
  afterEach(async () => {
    await context.close();
    await pages.close();
    expect(faults).toEqual([]);
  });

  async function fill(one: Pick<Page, 'fill'> = page): Promise<void> {
    await one.fill('#region', EU);
    await one.fill('#reporting', KEY);
  }
  const primary = (one: Page = page) => one.locator('button.primary');

  test('a key is checked without a reload, the account is shown, and then it is connected', async () => {
    await page.goto(linkUrl());
    await page.evaluate('window.stays = true');
    await fill();
    await primary().click();
    await page.getByRole('heading', { name: 'This key works' }).waitFor();
    expect(await page.textContent('#checked')).toContain('Halden Foods');
    expect(pages.fake.submitted.map(({ isCheck }) => isCheck)).toEqual([true]);
    expect(await primary().textContent()).toBe('Connect this account');
    await primary().click();
    await page.getByRole('heading', { name: 'Your KnowBe4 account is connected' }).waitFor();
    expect(pages.fake.submitted.map(({ isCheck, submission }) => [isCheck, submission.reporting])).toEqual([
      [true, KEY],
      [false, KEY],
    ]);
    expect(await page.evaluate('window.stays')).toBe(true);
    expect(await page.title()).toBe('Connected · Foreknow');
  });

  test('the link leaves the address bar, and no address ever holds a key', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url(), request.headers().referer ?? ''));
    await page.goto(linkUrl());
    await expect.poll(() => page.url()).toBe(`${pages.url}/connect-account`);
    await fill();
    await primary().click();
    await page.locator('#checked').waitFor();
    expect(asked.filter((url) => url.includes(SECRET))).toEqual([linkUrl()]);
    expect(asked.join()).not.toContain(KEY);
  });

  test('what is pasted is cleaned, and an address tells its region', async () => {
    await page.goto(linkUrl());
    await page.fill('#region', EU);
    expect(await page.textContent('#region-found')).toBe('Region: Europe');
    await page.fill('#region', 'https://example.com');
    expect(await page.textContent('#region-found')).toBe('This names no region of KnowBe4 yet.');
    await page.fill('#reporting', ` "Bearer ${KEY}" `);
    await page.dispatchEvent('#reporting', 'paste');
    await expect.poll(() => page.inputValue('#reporting')).toBe(KEY);
  });

  test('a refused key is told beside its field, which keeps it, and the other regions are asked only on request', async () => {
    pages.fake.refusal = new ForeknowError('connection_unauthorized', { detail: 'refused' });
    await page.goto(linkUrl());
    await fill();
    await primary().click();
    await page.locator('#alert').waitFor();
    expect(await page.textContent('#reporting-problem')).toContain('KnowBe4 refused this key');
    expect(await page.inputValue('#reporting')).toBe(KEY);
    expect(await page.evaluate('document.activeElement.id')).toBe('alert');
    expect(pages.fake.submitted[0]!.submission.probeRegions).toBe(false);
    pages.fake.refusal = null;
    pages.fake.check = aCheck({ region: 'uk' });
    await page.getByRole('button', { name: 'Look in the other regions' }).click();
    await page.locator('#checked').waitFor();
    expect(pages.fake.submitted[1]).toMatchObject({ isCheck: true, submission: { probeRegions: true } });
    await primary().click();
    await page.locator('[data-last]').waitFor();
    expect(pages.fake.submitted[2]!.submission).toMatchObject({ region: 'https://uk.knowbe4.com', reporting: KEY });
  });

  test('another key after a check is checked again', async () => {
    await page.goto(linkUrl());
    await fill();
    await primary().click();
    await page.locator('#checked').waitFor();
    await page.getByText('Use another account or key').click();
    await page.fill('#reporting', `${KEY}x`);
    expect(await page.locator('#checked').count()).toBe(0);
    await primary().click();
    await page.locator('#checked').waitFor();
    expect(pages.fake.submitted.map(({ isCheck }) => isCheck)).toEqual([true, true]);
  });

  test('a gateway that cannot be reached is told on the page, which stays usable', async () => {
    await page.goto(linkUrl());
    await fill();
    await page.route('**/connect-account', (route) => route.abort());
    await primary().click();
    await page.getByText('The gateway could not be reached').waitFor();
    await page.unroute('**/connect-account');
    await primary().click();
    await page.locator('#checked').waitFor();
  });

  describe('as a pop-up', () => {
    const allowHost = () => {
      pages.fake.page = aLinkPage({ origins: ['https://other.example.com', host.origin] });
    };
    async function openPopUp(): Promise<Page> {
      await page.goto(host.origin);
      const opened = context.waitForEvent('page');
      await page.evaluate(`popUp(${JSON.stringify(linkUrl())})`);
      const popUp = await opened;
      watch(popUp);
      await popUp.waitForLoadState();
      return popUp;
    }
    const outcome = () => page.evaluate('outcome');
    /** Clicks what ends the window: the click itself may not live to see its own end. */
    const endBy = async (popUp: Page, name: string): Promise<void> => {
      const closed = popUp.waitForEvent('close');
      popUp
        .getByRole('button', { name })
        .click()
        .catch(() => {});
      await closed;
    };
    const messages = () => page.evaluate('all');
    const connectIn = async (popUp: Page) => {
      await fill(popUp);
      await primary(popUp).click();
      await popUp.locator('#checked').waitFor();
      await primary(popUp).click();
    };

    test('success is told to the page that opened it, once, from the gateway’s origin', async () => {
      allowHost();
      await connectIn(await openPopUp());
      await expect.poll(outcome).toEqual(SUCCESS);
      expect(await messages()).toEqual([{ origin: pages.url, data: SUCCESS }]);
    });

    test('a page whose origin the link does not allow is told nothing', async () => {
      pages.fake.page = aLinkPage({ origins: ['https://other.example.com'] });
      const popUp = await openPopUp();
      await connectIn(popUp);
      await popUp.locator('[data-last]').waitFor();
      expect(await messages()).toEqual([]);
      await endBy(popUp, 'Close this window');
      await expect.poll(outcome).toBe('closed');
    });

    test.each(['used', 'expired'] as const)('a link that is %s is told with its error type', async (state) => {
      allowHost();
      pages.fake.page = { ...pages.fake.page, state };
      await openPopUp();
      await expect.poll(outcome).toMatchObject({ result: 'error', error_type: 'invalid_token' });
    });

    test('giving up after a refusal tells why; before one, that it was closed', async () => {
      allowHost();
      const first = await openPopUp();
      await endBy(first, 'Cancel');
      await expect.poll(outcome).toBe('closed');
      pages.fake.refusal = new ForeknowError('connection_unauthorized', { detail: 'refused' });
      const second = await openPopUp();
      await fill(second);
      await primary(second).click();
      await second.locator('#alert').waitFor();
      await endBy(second, 'Cancel');
      await expect.poll(outcome).toMatchObject({ error_type: 'connection_error', error: 'KnowBe4 refused this key' });
    });

    test('a window that is closed by hand is learnt from the window', async () => {
      allowHost();
      await (await openPopUp()).close();
      await expect.poll(outcome).toBe('closed');
    });
  });

  describe('in a frame', () => {
    const frameIn = async () => {
      await page.goto(host.origin);
      await page.evaluate(`frameIn(${JSON.stringify(`${linkUrl()}&iframe=true`)})`);
    };

    test('an origin of the link may frame it, and is told how it ended', async () => {
      pages.fake.page = aLinkPage({ origins: [host.origin] });
      await frameIn();
      const frame = page.frameLocator('iframe');
      await frame.locator('#region').fill(EU);
      await frame.locator('#reporting').fill(KEY);
      await frame.locator('button.primary').click();
      await frame.locator('#checked').waitFor();
      await frame.locator('button.primary').click();
      await expect.poll(() => page.evaluate('outcome')).toEqual(SUCCESS);
    });

    test('giving up in a frame is told as closed', async () => {
      pages.fake.page = aLinkPage({ origins: [host.origin] });
      await frameIn();
      await page.frameLocator('iframe').getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(() => page.evaluate('outcome')).toBe('closed');
    });

    test('any other origin gets an empty frame', async () => {
      pages.fake.page = aLinkPage({ origins: ['https://other.example.com'] });
      const blocked: string[] = [];
      page.on('console', (message) => blocked.push(message.text()));
      await frameIn();
      await expect.poll(() => blocked.join()).toContain('frame-ancestors');
      expect(await page.frameLocator('iframe').locator('#reporting').count()).toBe(0);
    });
  });

  describe('in the same window', () => {
    const back = () => `${host.origin}/back?state=7`;
    const arrival = () => `${back()}&result=success&integration=knowbe4&integrated_account_id=con_0000000000000001`;

    test('the browser goes on to the redirect address', async () => {
      pages.fake.page = aLinkPage({ redirectUri: back(), origins: [host.origin] });
      await page.goto(linkUrl());
      await fill();
      await primary().click();
      await page.locator('#checked').waitFor();
      await primary().click();
      await page.waitForURL(arrival());
    });

    test('a pop-up that nobody closes goes there too, after it was told', async () => {
      pages.fake.page = aLinkPage({ redirectUri: back(), origins: [host.origin] });
      await page.goto(host.origin);
      const opened = context.waitForEvent('page');
      await page.evaluate(`popUp(${JSON.stringify(linkUrl())})`);
      const popUp = await opened;
      await fill(popUp);
      await primary(popUp).click();
      await popUp.locator('#checked').waitFor();
      await primary(popUp).click();
      await expect.poll(() => page.evaluate('outcome')).toEqual(SUCCESS);
      expect(popUp.url()).toBe(`${pages.url}/connect-account`);
      await popUp.waitForURL(arrival());
    });

    test('and without a script the form’s answer leads there', async () => {
      pages.fake.page = aLinkPage({ redirectUri: back(), origins: [host.origin] });
      const plain = await browser.newContext({ javaScriptEnabled: false });
      const one = await plain.newPage();
      await one.goto(linkUrl());
      await fill(one);
      await one.locator('button.primary').click();
      await one.waitForURL(arrival());
      await plain.close();
    });
  });

  test('without a script the form works: what was wrong is told, then it connects', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    const one = await plain.newPage();
    await one.goto(linkUrl());
    pages.fake.refusal = new ForeknowError('connection_forbidden', { detail: 'refused' });
    await fill(one);
    await one.getByRole('button', { name: 'Check and connect' }).click();
    expect(await one.textContent('#alert')).toContain('does not let it in');
    expect(await one.inputValue('#region')).toBe(EU);
    expect(await one.inputValue('#reporting')).toBe('');
    pages.fake.refusal = null;
    await one.fill('#reporting', KEY);
    await one.getByRole('button', { name: 'Check and connect' }).click();
    expect(await one.textContent('main')).toContain('You can close this window.');
    await plain.close();
  });

  test('a code is typed, and leads to the page of its link', async () => {
    await page.goto(`${pages.url}/connect`);
    await page.fill('#code', 'KB-2222-2222');
    await page.keyboard.press('Enter');
    await page.getByText('This code opens nothing').waitFor();
    await page.fill('#code', CODE);
    await page.keyboard.press('Enter');
    await page.locator('#reporting').waitFor();
    await fill();
    await primary().click();
    await page.locator('#checked').waitFor();
  });

  test('everything is done by keyboard alone, in the order of the page', async () => {
    await page.goto(linkUrl());
    const tabTo = async (wanted: string): Promise<void> => {
      for (let presses = 0; presses < 15; presses += 1) {
        await page.keyboard.press('Tab');
        const here = await page.evaluate('document.activeElement.id || document.activeElement.textContent');
        if (here === wanted) return;
      }
      throw new Error(`${wanted} is not reached by Tab`);
    };
    await tabTo('region');
    await page.keyboard.type('eu.knowbe4.com');
    await tabTo('reporting');
    await page.keyboard.type(KEY);
    await tabTo('Check the key');
    await page.keyboard.press('Space');
    await page.locator('#checked').waitFor();
    await tabTo('Connect this account');
    await page.keyboard.press('Enter');
    await page.locator('[data-last]').waitFor();
  });

  describe('for everybody', () => {
    const ways: readonly { readonly name: string; readonly options: Parameters<Browser['newContext']>[0] }[] = [
      { name: 'light', options: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } },
      { name: 'dark, 320 px', options: { viewport: { width: 320, height: 640 }, colorScheme: 'dark' } },
    ];
    const states: readonly (readonly [name: string, reach: (one: Page) => Promise<void>])[] = [
      ['the form', async (one) => void (await one.goto(linkUrl()))],
      [
        'every kind of key, opened',
        async (one) => {
          pages.fake.page = aLinkPage({ keys: ['reporting', 'scim', 'events', 'product'], otherAddresses: true });
          await one.goto(linkUrl());
          for (const summary of await one.locator('summary').all()) await summary.click();
        },
      ],
      [
        'a refusal',
        async (one) => {
          pages.fake.refusal = new ForeknowError('connection_unauthorized', { detail: 'refused' });
          await one.goto(linkUrl());
          await fill(one);
          await primary(one).click();
          await one.locator('#alert').waitFor();
        },
      ],
      [
        'a check',
        async (one) => {
          pages.fake.check = aCheck({ warnings: ['This is a trial account.'] });
          await one.goto(linkUrl());
          await fill(one);
          await primary(one).click();
          await one.locator('#checked').waitFor();
        },
      ],
      [
        'waiting',
        async (one) => {
          await one.goto(linkUrl());
          await fill(one);
          await one.route('**/connect-account', () => {});
          await primary(one).click();
          await one.getByText('Asking KnowBe4').waitFor();
        },
      ],
      [
        'success',
        async (one) => {
          await one.goto(linkUrl());
          await fill(one);
          await primary(one).click();
          await one.locator('#checked').waitFor();
          await primary(one).click();
          await one.locator('[data-last]').waitFor();
        },
      ],
      [
        'a link that was used',
        async (one) => {
          pages.fake.page = aLinkPage({ state: 'used' });
          await one.goto(linkUrl());
        },
      ],
      ['an unknown link', async (one) => void (await one.goto(`${pages.url}/connect-account?link_token=x`))],
      [
        'a wrong code',
        async (one) => {
          await one.goto(`${pages.url}/connect`);
          await one.fill('#code', 'KB-2222-2222');
          await primary(one).click();
          await one.locator('#alert').waitFor();
        },
      ],
    ];

    test.each(ways)(
      '$name: axe finds nothing in any state, and nothing runs over the edge',
      async ({ options }) => {
        const found: string[] = [];
        for (const [name, reach] of states) {
          Object.assign(pages.fake, { page: aLinkPage(), refusal: null, check: aCheck() });
          const one = await browser.newContext(options);
          const shown = await one.newPage();
          watch(shown);
          await reach(shown);
          found.push(...(await accessibilityFaults(shown)).map((fault) => `${name}: ${fault}`));
          const over = await shown.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          if (over > 0) found.push(`${name}: ${over} px over the edge`);
          await one.close();
        }
        expect(found).toEqual([]);
      },
      120_000,
    );

    test('the theme follows the reader, and nothing moves for who wants it still', async () => {
      const look = async (options: Parameters<Browser['newContext']>[0]) => {
        const one = await browser.newContext(options);
        const shown = await one.newPage();
        await shown.goto(linkUrl());
        await fill(shown);
        await shown.route('**/connect-account', () => {});
        await primary(shown).click();
        await shown.getByText('Asking KnowBe4').waitFor();
        const seen = await shown.evaluate(`[
          getComputedStyle(document.body).backgroundColor,
          getComputedStyle(document.querySelector('.progress'), '::after').animationName,
        ]`);
        await one.close();
        return seen;
      };
      expect(await look({ colorScheme: 'light' })).toEqual(['rgb(251, 251, 252)', 'asking']);
      expect(await look({ colorScheme: 'dark', reducedMotion: 'reduce' })).toEqual(['rgb(13, 15, 18)', 'none']);
    });
  });
});
