import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readableCopyPath } from '../../../extract/load/duckdb/readable-copy.ts';
import { filesIn, PROJECT, run } from '../../e2e/command.ts';
import { copyFirstNight } from '../../e2e/first-night.ts';
import { runningService } from './service.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'serve-pages-'));
const reference = join(folder, 'reference');
const env = { REFERENCE_DIR: reference };
const HTML = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };
const NEVADA = '/kpis/total_booked/Nevada-Sales/2025-08-18';
const MARGIN = '/kpis/gpm_percent/Nevada-Production/2025-10-20..2025-10-26';

beforeAll(async () => {
  await copyFirstNight(folder);
  cpSync(join(PROJECT, 'definitions/reference'), reference, { recursive: true });
  const screens = join(reference, 'ui_kpi_values.csv');
  const line = '2025-08-18,2025-08-18,Nevada-Sales,total_booked,';
  writeFileSync(screens, readFileSync(screens, 'utf8').replace(`${line}27150.00`, `${line}17230.00`));
  expect((await run(['transform'], { ...filesIn(folder), ...env })).code).toBe(2);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the pages of the HTTP service', () => {
  test('a browser gets pages and a program gets JSON from the same addresses', async () => {
    const { ask } = await runningService({ folder, env });
    for (const path of ['/', '/weeks/2025-10-13', '/runs', '/entities', '/checks', NEVADA]) {
      const page = await ask(path, HTML);
      expect([path, page.status, page.type]).toEqual([path, 200, 'text/html']);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.text).not.toContain('<script');
    }
    expect((await ask('/runs', HTML)).text).toMatch(/data-label="Night of"[^>]*>27 Oct 2025</);
    expect((await ask('/entities')).json.count).toBe(23);
    const explained = await ask(NEVADA);
    expect(explained.json).toMatchObject({ cell: { kpi: 'total_booked' }, agrees: true });
    expect(explained.json.numerator.records[0]).toMatchObject({ id: '367713720', job_number: '000318' });
  });

  test('an error is a page for a browser and problem JSON for a program', async () => {
    const { ask } = await runningService({ folder, env });
    for (const [path, text] of [
      ['/nothing', 'There is no such page'],
      ['/kpis/total_boked/Nevada-Sales/2025-08-18', 'did you mean'],
      [
        '/kpis/total_booked/Nevada-Sales/2030-01-01',
        '2030-01-01 is after 2025-10-27, the last day of the mart',
      ],
      ['/runs/nobody', 'There is no such run'],
      ['/weeks/2025-10-27', 'The last complete week begins on 2025-10-20'],
      ['/weeks/2001-01-01', 'The mart has no numbers of the week of 2001-01-01'],
      ['/weeks/2025-02-30', '2025-02-30 is not a day such as 2025-08-18'],
    ] as const) {
      const page = await ask(path, HTML);
      expect([path, page.status, page.type]).toEqual([path, 404, 'text/html']);
      expect(page.text.replaceAll('&quot;', '"')).toContain(text);
      const problem = await ask(path);
      expect([problem.status, problem.type]).toEqual([404, 'application/problem+json']);
    }
  });

  test('without a mart the pages say how to get one', async () => {
    const { ask } = await runningService();
    for (const path of ['/', '/weeks/2025-10-13', '/checks', NEVADA]) {
      const page = await ask(path, HTML);
      expect([path, page.status]).toEqual([path, 404]);
      expect(page.text).toContain('POST /nightly builds it');
    }
    expect((await ask('/runs', HTML)).text).toContain('Nothing runs now.');
  });

  test('a number, and a week, say which entity was not read to the end', async () => {
    const own = mkdtempSync(join(tmpdir(), 'serve-unread-'));
    onTestFinished(() => rmSync(own, { recursive: true, force: true }));
    cpSync(folder, own, { recursive: true });
    const instance = await DuckDBInstance.create(readableCopyPath(filesIn(own).DUCKDB_PATH));
    const connection = await instance.connect();
    await connection.run("UPDATE st_logs_v2.ingestion_logs SET status = 'failed' WHERE entity = 'payments'");
    connection.closeSync();
    instance.closeSync();
    const { ask } = await runningService({ folder: own, env });
    const older = 'Collected is older: payments was not read to the end.';
    for (const path of ['/weeks/2025-10-13', '/kpis/dollars_collected/ALL/2025-10-26'])
      expect([path, (await ask(path, HTML)).text.includes(older)]).toEqual([path, true]);
    expect((await ask(NEVADA, HTML)).text).not.toContain('is older');
  });

  test('a page is sent compressed to a browser that takes gzip, and as it is to another', async () => {
    const { ask } = await runningService({ folder, env });
    const encoding = async (accepted: string) => {
      const { headers, text } = await ask('/', {
        headers: { ...HTML.headers, 'accept-encoding': accepted },
      });
      expect(text).toContain('KPI report for');
      return headers.get('content-encoding');
    };
    expect([await encoding('gzip, br'), await encoding('identity')]).toEqual(['gzip', null]);
  });

  test('each record of a tenant leads to its job in ServiceTitan, and none of the sandbox does', async () => {
    const tenant = { ST_CLIENT_ID: 'x', ST_CLIENT_SECRET: 'x', ST_TENANT_ID: '1', ST_APP_KEY: 'x' };
    const links = async (more: object) => {
      const { ask } = await runningService({ folder, env: { ...env, ...more } });
      const { text } = await ask(NEVADA, HTML);
      return text.match(/href="https:\/\/go\.servicetitan\.com\/#\/Job\/Index\/\d+"/g)?.length ?? 0;
    };
    expect([await links(tenant), await links({})]).toEqual([7, 0]);
  });

  test('the page of a margin shows the labor and material of its jobs', async () => {
    const { ask } = await runningService({ folder, env });
    const { text } = await ask(MARGIN, HTML);
    expect(text).toContain('Labor and material of these jobs');
    const cents = (amount = '') => Number(amount.replace(/[$,.]/g, '').replace('−', '-'));
    const of = (label: string) =>
      [...text.matchAll(new RegExp(`data-label="${label}"[^>]*>(−?\\$[\\d,.]+)`, 'g'))].map(([, amount]) =>
        cents(amount),
      );
    const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
    const profit = cents(/Gross profit: (\S+) from 13 records of jobs/.exec(text)?.[1]);
    const produced = cents(/Produced: (\S+) from 9 records of jobs/.exec(text)?.[1]);
    expect(sum(of('Amount'))).toBe(profit + produced);
    // The last row adds up the others.
    for (const label of ['Produced', 'Labor', 'Material']) {
      const amounts = of(label);
      expect(amounts.length, label).toBe(14);
      expect(sum(amounts.slice(0, -1)), label).toBe(amounts.at(-1));
    }
  });
});

test('the page of a number leads to the week before and after, and not past the last day of the mart', async () => {
  const { ask } = await runningService({ folder, env });
  const links = async (period: string) => {
    const { text } = await ask(`/kpis/total_booked/Nevada-Sales/${period}`, HTML);
    return [...text.matchAll(/href="\/kpis\/total_booked\/Nevada-Sales\/([^"]+)"/g)].map(([, to]) => to);
  };
  const [before, after] = ['2025-10-06..2025-10-12', '2025-10-20..2025-10-26'];
  expect(await links('2025-10-13..2025-10-19')).toEqual([before, after]);
  expect(await links(after)).toEqual(['2025-10-13..2025-10-19', '2025-10-27..2025-11-02']);
  expect(await links('2025-10-27')).toEqual(['2025-10-26']);
});

test('the report leads to the weeks before it, which show the numbers that the week before is compared with', async () => {
  const { ask } = await runningService({ folder, env });
  const linksOf = (text: string) => [...text.matchAll(/href="\/weeks\/([^"]+)"/g)].map(([, start]) => start);
  expect(linksOf((await ask('/', HTML)).text)).toEqual(['2025-10-13']);
  const { text } = await ask('/weeks/2025-10-15', HTML);
  expect(linksOf(text)).toEqual(['2025-10-06', '2025-10-20']);
  expect(linksOf((await ask('/weeks/2025-10-20', HTML)).text)).toEqual(['2025-10-13']);
  const first = await ask('/weeks/2023-11-01', HTML);
  expect([first.status, linksOf(first.text)]).toEqual([200, ['2023-11-06']]);
  const { json } = await ask('/report', { headers: { accept: 'application/json' } });
  const booked = json.company.kpis.find(({ kpi }: { kpi: string }) => kpi === 'total_booked');
  expect(booked.weekBefore).toMatch(/^\d{5,}\.\d+$/);
  const shown = `$${Math.round(Number(booked.weekBefore)).toLocaleString('en')}`;
  expect(text).toMatch(new RegExp(`total_booked/ALL/2025-10-13..2025-10-19">\\${shown}<`));
  expect(text).not.toContain(`>$${Math.round(Number(booked.value)).toLocaleString('en')}<`);
});

/** Needs a Chromium of the system: `apt-get install chromium`, or set CHROMIUM_PATH. */
describe.skipIf(!existsSync(CHROMIUM))(
  'the pages in Chromium (apt-get install chromium; CHROMIUM_PATH)',
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());

    async function open(url: string, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
      const page = await browser.newPage({ viewport: { width, height: 850 }, colorScheme });
      onTestFinished(() => page.close());
      await page.goto(url);
      return page;
    }

    test('one walks from a RED number to its record, to the run that read it, and back to the report', async () => {
      const { url } = await runningService({ folder, env });
      const page = await open(`${url}/`);
      expect(await page.locator('.verdict').textContent()).toContain('1 of 192 screen values is off');
      await page.locator('#off a', { hasText: '$27,150.00' }).click();
      expect(new URL(page.url()).pathname).toBe(NEVADA);
      expect(await page.locator('.verdict').textContent()).toMatch(
        /\$27,150.00 · the screen shows \$17,230.00 . RED/,
      );
      expect(await page.locator('main').textContent()).toContain('Without estimate 386522888 ($9,920.00)');
      const row = page.locator('tr', { has: page.locator('th', { hasText: /^386522888$/ }) });
      expect(await row.textContent()).toContain('18 Aug 2025, 18:02');
      await row.locator('a').click();
      expect(await page.locator('h1').textContent()).toMatch(/^Run \d{8}T/);
      await page.locator('nav a', { hasText: 'Report' }).click();
      expect(await page.locator('h1').textContent()).toContain('KPI report for 27 Oct 2025');
    });

    test.each([
      [390, 'light'],
      [1280, 'light'],
      [1440, 'dark'],
    ] as const)('axe finds nothing on any page, and nothing is cut, at %s pixels in the %s view', async (width, colorScheme) => {
      const { url } = await runningService({ folder, env });
      for (const path of [
        '/',
        '/weeks/2025-10-13',
        '/runs',
        '/entities',
        '/checks',
        NEVADA,
        MARGIN,
        '/nothing',
      ]) {
        const page = await open(`${url}${path}`, width, colorScheme);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        await page.evaluate(AXE);
        const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
          'axe.run().then((result) => result.violations)',
        );
        expect([path, found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([path, []]);
      }
    });

    test('a run is watched live without script, and the report opens meanwhile', async () => {
      const { url, ask } = await runningService({ folder, env: { ...env, RATE_LIMIT_PER_SECOND: '1' } });
      const { json } = await ask('/nightly', { method: 'POST' });
      const page = await open(`${url}/runs`);
      await expect
        .poll(
          async () =>
            page
              .locator('.verdict')
              .textContent({ timeout: 500 })
              .catch(() => ''),
          { timeout: 120_000 },
        )
        .toContain('nightly for 2025-10-27 runs now');
      await page.goto(`${url}/runs/${json.runId}`);
      expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(1);
      // Somebody else reads the report of the night before, and the records behind a number.
      const other = await open(`${url}/`, 390);
      expect(await other.locator('h1').textContent()).toContain('KPI report for 27 Oct 2025');
      await other.locator('#units a', { hasText: '$24,015' }).click();
      expect(await other.locator('h1').textContent()).toBe('Booked of Nevada-Sales, week of 20 Oct 2025');
      expect(await other.locator('tbody tr').count()).toBeGreaterThan(5);
      // The page loads itself again until the run has ended.
      await expect
        .poll(
          async () =>
            page
              .locator('h1')
              .textContent({ timeout: 500 })
              .catch(() => ''),
          { timeout: 300_000 },
        )
        .toBe(`Run ${json.runId}`);
      await expect
        .poll(
          async () =>
            page
              .locator('.verdict')
              .textContent({ timeout: 500 })
              .catch(() => ''),
          { timeout: 60_000 },
        )
        .toContain('success, RED');
    });
  },
);
