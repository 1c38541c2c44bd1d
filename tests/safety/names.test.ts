import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseHTML } from 'linkedom';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { addScreenValues } from '../../app/reference/add-screen-value.ts';
import { reportMarkdown } from '../../app/report/markdown.ts';
import { readConfig } from '../../extract/config.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { createTenant } from '../../sandbox/tenant.ts';
import { reportData } from '../app/report/data.ts';
import { contents, type Ended, filesIn, PROJECT, query, start } from '../e2e/command.ts';
import { settings } from '../e2e/settings.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Business units whose hostile names would do harm if a program interpreted them. */
const UNITS = {
  'Nevada-Sales': `<script>alert("1")</script><img src=x onerror='alert(2)'>`,
  'Phoenix-Sales': `O'Neil"; DROP TABLE st_raw_v2.raw_jobs; --`,
  'Nevada-Production': `=HYPERLINK("http://evil.example","x")|'/C calc'!A0`,
  'Phoenix-Production': '| a | [link](javascript:alert(3)) `code` ](',
};
const { 'Nevada-Sales': MARKUP, 'Phoenix-Sales': QUOTES } = UNITS;
const folder = mkdtempSync(join(tmpdir(), 'safety-names-'));
const reference = join(folder, 'reference');
let sandbox: Sandbox;
let env: Record<string, string>;
let nightly: Ended;

beforeAll(async () => {
  cpSync(join(PROJECT, 'definitions/reference'), reference, { recursive: true });
  for (const [name, following] of [
    // The names that the tenant uses stay, or nothing would map to the units.
    ['business_units', ',(?:sales|production),'],
    ['ui_kpi_values', ','],
  ] as const) {
    const file = join(reference, `${name}.csv`);
    const renamed = Object.entries(UNITS).reduce(
      (text, [unit, evil]) =>
        text.replaceAll(
          new RegExp(`(?<=,)${unit}(?=${following})`, 'g'),
          () => `"${evil.replaceAll('"', '""')}"`,
        ),
      readFileSync(file, 'utf8'),
    );
    writeFileSync(file, renamed);
  }
  sandbox = await startSandbox({ tenant: createTenant({ runDate: '2025-10-27', seed: 1, scale: 0 }) });
  env = { ...settings(sandbox), ...filesIn(folder), REFERENCE_DIR: reference };
  nightly = await start(['nightly'], env).ended;
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const report = (kind: string) => readFileSync(join(folder, `report/report.${kind}`), 'utf8');

describe('business units whose names are markup, SQL, formulas and links', () => {
  test('business units with hostile names have rows in the mart like any others', async () => {
    expect([0, 2], nightly.stdout + nightly.stderr).toContain(nightly.code);
    const units = await query(
      env.DUCKDB_PATH ?? '',
      'SELECT DISTINCT business_unit FROM st_mart_v2.daily_kpis',
    );
    expect(units.map(({ business_unit }) => business_unit)).toEqual(
      expect.arrayContaining(Object.values(UNITS)),
    );
    expect(Object.keys(await contents(env.DUCKDB_PATH ?? ''))).toContain('st_raw_v2.raw_jobs');
  });

  test.skipIf(!existsSync(CHROMIUM))(
    'hostile business unit names run nothing in a real browser (apt-get install chromium)',
    async () => {
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      onTestFinished(() => browser.close());
      const page = await browser.newPage();
      const happened: string[] = [];
      page.on('dialog', (dialog) => {
        happened.push(dialog.message());
        dialog.dismiss();
      });
      page.on('request', (request) => void happened.push(request.url()));
      await page.goto(pathToFileURL(join(folder, 'report/report.html')).href);
      await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
      for (const text of [MARKUP, QUOTES]) expect(await page.locator('body').innerText()).toContain(text);
      // Only the page itself was requested, and no dialog was shown.
      expect(happened).toEqual([expect.stringMatching(/^file:/)]);
      // The same text in a page that does not escape it would have been noticed.
      await page.setContent(`<p>${MARKUP}</p>`);
      expect(happened.length).toBeGreaterThan(1);
    },
  );

  test('hostile business unit names are plain text in the HTML report, its charts and labels', () => {
    const { document } = parseHTML(report('html'));
    const markup = 'script, img, a[href^="javascript"], [onerror]';
    expect([...document.querySelectorAll(markup)].map(({ outerHTML }) => outerHTML)).toEqual([]);
    const cells = [...document.querySelectorAll('th, td')].map(({ textContent }) => textContent);
    expect(cells).toEqual(expect.arrayContaining(Object.values(UNITS)));
    const labels = [...document.querySelectorAll('svg[aria-label]')].map((svg) =>
      svg.getAttribute('aria-label'),
    );
    for (const unit of Object.values(UNITS)) expect(labels.join('\n')).toContain(` of ${unit}: `);
  });

  test('hostile business unit names are plain text in the Markdown report and keep its table columns', () => {
    const lines = report('md').split('\n');
    const table = lines.filter((line) => line.startsWith('| '));
    const columns = (line: string) => line.replaceAll(/\\./g, '').split('|').length;
    expect(table.length).toBeGreaterThan(12);
    const widths = new Set(table.map(columns));
    // There is one table for each kind of unit.
    expect(widths.size).toBeLessThanOrEqual(2);
    expect(report('md')).not.toMatch(/(?<!\\)<script|(?<!\\)\[link(?<!\\)\]/);
  });

  test('hostile business unit names are read back unchanged from the JSON report', () => {
    const { week } = JSON.parse(report('json'));
    expect(week.rows.map((row: { business_unit: string }) => row.business_unit)).toContain(MARKUP);
  });

  test.each([MARKUP, QUOTES])('explain finds a business unit by its hostile name: %s', async (unit) => {
    const ended = await start(['explain', 'total_booked', unit, '2025-10-20..2025-10-26', '--json'], env)
      .ended;
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(ended.stdout)).toMatchObject({ cell: { businessUnit: unit }, agrees: true });
  });
});

test.each<[string, readonly string[]]>([
  ['a business unit', ['total_booked', "x' OR '1'='1", '2025-10-20']],
  ['a KPI', ["total_booked' --", 'ALL', '2025-10-20']],
  ['a period', ['total_booked', 'ALL', "2025-10-20' OR 1=1 --"]],
  ['a screen value', ['total_booked', 'ALL', '2025-10-20', '--ui', "1'; DROP TABLE x; --"]],
  ['a business unit with escape sequences', ['total_booked', 'evil\u001b[2J\u009b31m\nunit', '2025-10-20']],
])('explain refuses SQL or control characters as %s and prints them harmlessly', async (_, args) => {
  const ended = await start(['explain', ...args], env).ended;
  expect(ended.code).toBe(3);
  expect(ended.stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test.each([
  'BQ_DATASET_RAW',
  'BQ_DATASET_STAGE',
  'BQ_DATASET_MART',
  'BQ_DATASET_LOGS',
])('SQL in %s is refused as a dataset name', (name) => {
  for (const value of ['x"; DROP SCHEMA st_raw_v2; --', "x' OR 1=1", 'a.b', '../x', 'x\ny']) {
    const read = () => readConfig({ ...env, [name]: value }, { cwd: '/', now: new Date() });
    expect(read).toThrow(`${name} is not a dataset name`);
  }
});

describe('hostile text in a screen value', () => {
  const reading = {
    period_start: '2025-11-03',
    period_end: '2025-11-09',
    business_unit: QUOTES,
    kpi: 'total_booked',
  };
  const ownCopy = () => {
    const copy = mkdtempSync(join(tmpdir(), 'safety-reading-'));
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    cpSync(reference, copy, { recursive: true });
    return copy;
  };

  test.each([
    '=1+1',
    '+1+1',
    '@SUM(A1)',
    '-1+cmd',
    '\t=1+1',
  ])('a screen value whose source note is the formula %j is refused', (source_note) => {
    const copy = ownCopy();
    const before = readFileSync(join(copy, 'ui_kpi_values.csv'));
    const note = () => addScreenValues(copy, [{ ...reading, ui_value: '1', source_note }]);
    expect(note).toThrow('source_note begins like a formula');
    expect(readFileSync(join(copy, 'ui_kpi_values.csv'))).toEqual(before);
  });

  test('a screen value that is negative is accepted', () => {
    expect(
      addScreenValues(ownCopy(), [{ ...reading, ui_value: '-12.50', source_note: 'Reports > A' }]).line,
    ).toBeGreaterThan(1);
  });

  test('a screen value with control characters is refused', () => {
    const note = () => addScreenValues(ownCopy(), [{ ...reading, ui_value: '1', source_note: 'a\u001b[2J' }]);
    expect(note).toThrow('source_note contains a control character');
  });
});

test('hostile text in errors and assertions stays on its line of the Markdown report', () => {
  const data = reportData();
  const evil = 'x\n- 🟢 all is well | <b>\u001b[2J';
  const [entity] = data.entities;
  if (!entity) throw new Error('the report has an entity');
  const markdown = reportMarkdown({ ...data, entities: [{ ...entity, status: 'failed', error: evil }] });
  expect(markdown).toContain('- 🔴');
  expect(markdown).not.toContain('\n- 🟢 all is well');
  expect(markdown).not.toMatch(/[^\P{Cc}\n]/u);
});
