import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPages, plan } from '../../src/http/approve/contract/page-door.ts';
import { PRIYAS_SECRET } from '../../src/http/contract/fake-operators.ts';
import { accessibilityFaults, hasBrowser, openBrowser } from '../browser/browser.ts';

/* The page on which people approve, in a real browser without a script. */

let browser: Browser;
describe.skipIf(!hasBrowser)('in a browser', () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const looks: readonly (readonly [string, BrowserContextOptions])[] = [
    ['light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
    ['dark, 320 px', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ];
  const isCut = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  test.each(looks)('somebody signs in, reads the plan and approves it by keyboard alone: %s', async (_, options) => {
    const pages = await openPages();
    const context = await browser.newContext(options);
    context.setDefaultTimeout(6000);
    const page = await context.newPage();
    const faults: unknown[] = [];
    const look = async (where: string) =>
      faults.push(...(await accessibilityFaults(page)).map((fault) => `${where}: ${fault}`));

    await page.goto(`${pages.url}/plans/${plan.id}`);
    await look('login');
    expect(await isCut(page)).toBe(false);
    await page.locator('#name').focus();
    await page.keyboard.type('priya');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PRIYAS_SECRET);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Plan ${plan.id}` }).waitFor();
    await look('plan');
    expect(await isCut(page)).toBe(false);

    await page.locator('#secret').focus();
    await page.keyboard.type(PRIYAS_SECRET);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await look('refused');
    // The Enter key alone decides nothing.
    expect(await page.getByRole('alert').textContent()).toContain('Choose what to do.');
    expect(pages.fake.said).toEqual([]);
    await page.getByRole('checkbox').first().focus();
    await page.keyboard.press('Space');
    await page.locator('#secret').focus();
    await page.keyboard.type(PRIYAS_SECRET);
    await page.getByRole('button', { name: 'Approve the chosen steps' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${pages.url}/plans/${plan.id}`);
    await expect
      .poll(() => pages.fake.said.map(({ about }) => about))
      .toEqual([{ digest: plan.digest, steps: ['st_1'], reason: null }]);
    expect(faults).toEqual([]);
    await context.close();
    await pages.close();
  });
});
