import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, filesIn, PROJECT, query, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-screen-'));
const reference = join(folder, 'reference');
const screens = join(reference, 'ui_kpi_values.csv');
const env = { ...filesIn(folder), REFERENCE_DIR: reference };
const LINE = '2025-08-18,2025-08-18,Nevada-Sales,total_booked,27150.00';
let night: Ended;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  cpSync(join(PROJECT, 'definitions/reference'), reference, { recursive: true });
  const text = readFileSync(screens, 'utf8');
  expect(text).toContain(LINE);
  writeFileSync(screens, text.replace(LINE, LINE.replace('27150.00', '27150.02')));
  night = await run(['nightly', '--verbose'], env);
});

describe('a screen value that is off by two cents', () => {
  test('a screen value that is off by two cents makes nightly end with exit code 2', () => {
    expect(night.code).toBe(2);
  });

  test('a screen value that is off by two cents is the only RED row of kpi_reconciliation', async () => {
    const red = await query(
      env.DUCKDB_PATH,
      "SELECT * FROM st_mart_v2.kpi_reconciliation WHERE verdict = 'RED'",
    );
    expect(red).toMatchObject([
      {
        business_unit: 'Nevada-Sales',
        kpi: 'total_booked',
        ui_value: '27150.020000000',
        difference: '-0.020000000',
      },
    ]);
  });

  test('a screen value that is off by two cents is shown on the terminal and in the report', () => {
    expect(night.stdout).toMatch(
      /RED {2}total_booked Nevada-Sales 2025-08-18: screen \$27,150.02, ours \$27,150.00/,
    );
    expect(night.stdout).toMatch(
      /RED {5}1 of 192 screen values is off: Booked of Nevada-Sales, 18 Aug 2025\..*✗ Booked of Nevada-Sales/s,
    );
    const html = readFileSync(join(folder, 'report/report.html'), 'utf8');
    expect(html).toContain('27,150.02');
    const report = JSON.parse(readFileSync(join(folder, 'report/report.json'), 'utf8'));
    expect(report.verdict).toBe('RED');
    expect(report.reconciliation.filter((row: { verdict: string }) => row.verdict === 'RED')).toHaveLength(1);
    expect(report.explanations).toMatchObject([
      { kpi: 'total_booked', business_unit: 'Nevada-Sales', entity: 'estimates', records: 7 },
    ]);
    const [{ alternatives }] = report.explanations;
    const utc = alternatives.find(({ name }: { name: string }) => name === 'sale dated in world time (UTC)');
    expect(utc).toMatchObject({ value: '17230', equalsScreen: false, dropCount: 1 });
    expect(html).toContain('No alternative definition and no single record makes the two equal.');
  });
});

test('a screen value needs only its five required columns', async () => {
  const rows = parse(readFileSync(join(PROJECT, 'definitions/reference/ui_kpi_values.csv')), {
    columns: true,
  }) as Record<string, string>[];
  const names = ['period_start', 'period_end', 'business_unit', 'kpi', 'ui_value'];
  const lines = rows.map((row) => names.map((name) => row[name]).join(','));
  writeFileSync(screens, `${[names.join(','), ...lines].join('\n')}\n`);
  const again = await run(['transform'], env);
  expect(again.stdout).toMatch(/Screen values {2}192 GREEN/);
  expect(again.code).toBe(0);
});

describe('broken reference files', () => {
  test.each([
    ['an unknown KPI', ['total_booked', 'total_boked'], /ui_kpi_values.csv:2: .*total_boked/],
    [
      'a date that does not exist',
      ['2025-08-18,2025-08-18,Phoenix', '2025-08-32,2025-08-18,Phoenix'],
      /:2: .*2025-08-32/,
    ],
    ['a value that is not a number', ['30241.51,usd', '30.241,51,usd'], /ui_kpi_values.csv:2: /],
    ['an unknown business unit', ['Phoenix-Sales', 'Phenix-Sales'], /:2: .*Phenix-Sales/],
    ['a missing column', ['ui_value', 'value'], /ui_kpi_values.csv.*ui_value/],
  ] as const)('a broken reference file stops transform with exit code 3 before anything runs: %s', async (_, [
    from,
    to,
  ], message) => {
    const text = readFileSync(join(PROJECT, 'definitions/reference/ui_kpi_values.csv'), 'utf8');
    writeFileSync(screens, text.replace(from, to));
    const ended = await run(['transform'], env);
    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBe(3);
  });
});
