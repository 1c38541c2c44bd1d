import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderPage } from '../../../app/report/page.tsx';
import { reportData } from './data.ts';
import { folderOfSuite } from './folder.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const UNFOLD = "for (const details of document.querySelectorAll('details')) details.open = true";
const VIEWS = {
  light: { viewport: { width: 1200, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1200, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  laptop: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  desk: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  // A4 across, without its margins.
  print: { viewport: { width: 1047, height: 718 }, colorScheme: 'light' },
} as const;

/** Needs a Chromium of the system: `apt-get install chromium`, or set CHROMIUM_PATH. */
describe.skipIf(!existsSync(CHROMIUM))('report in Chromium (apt-get install chromium; CHROMIUM_PATH)', () => {
  const folder = folderOfSuite();
  const file = join(folder, 'report.html');
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, renderPage(reportData()));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function open(view: keyof typeof VIEWS): Promise<{ page: Page; requests: string[] }> {
    const page = await browser.newPage(VIEWS[view]);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.emulateMedia({ media: view === 'print' ? 'print' : 'screen' });
    await page.goto(pathToFileURL(file).href);
    return { page, requests };
  }

  test.each([
    'light',
    'dark',
    'phone',
  ] as const)('axe finds no accessibility problem in the report in the %s view', async (view) => {
    const { page } = await open(view);
    await page.evaluate(UNFOLD);
    await page.evaluate(AXE);
    const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
      'axe.run().then((result) => result.violations)',
    );
    expect(found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });

  test.each([
    'phone',
    'laptop',
    'desk',
    'print',
  ] as const)('nothing of the report is cut or scrolls sideways in the %s view', async (view) => {
    const { page } = await open(view);
    await page.evaluate(UNFOLD);
    const beyond = await page.evaluate<string[]>(
      `[...document.querySelectorAll('main *')].filter((part) => getComputedStyle(part).clipPath === 'none' && !part.closest('.sr') &&
        (part.getBoundingClientRect().right > innerWidth || part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX !== 'visible'))
        .map((part) => part.outerHTML.slice(0, 80))`,
    );
    expect(beyond).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  test('on a phone a row of the units becomes a card with a label before each number', async () => {
    const { page } = await open('phone');
    const row = page.locator('#units tbody tr').first();
    expect(await row.evaluate((part) => getComputedStyle(part).display)).toBe('block');
    const label = await row
      .locator('td')
      .nth(3)
      .evaluate((part) => getComputedStyle(part, '::before').content);
    expect(label).toBe('"Booked"');
  });

  test('the report page opened in a browser requests nothing but itself', async () => {
    const { requests } = await open('light');
    expect(requests).toEqual([pathToFileURL(file).href]);
  });

  test('the keyboard reaches the skip link of the report first and then everything that unfolds', async () => {
    const { page } = await open('phone');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the numbers');
    const reached = new Set<string>();
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate<string>('document.activeElement.textContent'));
    }
    const folded = await page.locator('summary').allTextContents();
    expect(folded.length).toBeGreaterThan(3);
    expect([...reached]).toEqual(expect.arrayContaining(folded));
  });

  test('a chart of the report describes its values in its aria-label', async () => {
    const { page } = await open('light');
    const label = await page.locator('.multiples svg').first().getAttribute('aria-label');
    expect(label).toMatch(
      /^Leads of .*: 3 weeks between 4 and 12, 12 in the week of 2025-10-20; 1 of 1 screen/,
    );
  });
});
