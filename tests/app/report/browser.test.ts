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
const VIEWS = {
  light: { viewport: { width: 1200, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1200, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light' },
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
    await page.goto(pathToFileURL(file).href);
    return { page, requests };
  }

  test.each([
    'light',
    'dark',
    'phone',
  ] as const)('axe finds no serious accessibility problem in the report in the %s view', async (view) => {
    const { page } = await open(view);
    for (const details of await page.locator('summary').all()) await details.click();
    await page.evaluate(AXE);
    const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
      'axe.run().then((result) => result.violations)',
    );
    const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });

  test('on a phone the tables of the report scroll in their own boxes and the page does not', async () => {
    const { page } = await open('phone');
    const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths[0]).toBe(widths[1]);
  });

  test('the report page opened in a browser requests nothing but itself', async () => {
    const { requests } = await open('light');
    expect(requests).toEqual([pathToFileURL(file).href]);
  });

  test('the keyboard reaches the skip link of the report first and then every table', async () => {
    const { page } = await open('phone');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the numbers');
    const labels = new Set<string>();
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press('Tab');
      labels.add(await page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""'));
    }
    expect([...labels]).toEqual(expect.arrayContaining(['Sales units', 'The last receipt of each entity']));
  });

  test('a chart of the report describes its values in its aria-label', async () => {
    const { page } = await open('light');
    const label = await page.locator('figure svg').first().getAttribute('aria-label');
    expect(label).toMatch(
      /^Lead count of .*: 3 weeks between 4 and 12, 12 in the week of 2025-10-20; 1 of 1 screen/,
    );
  });
});
