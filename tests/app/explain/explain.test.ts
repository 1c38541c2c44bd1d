import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { textTable } from '../../../app/cli/text-table.ts';
import { readCell } from '../../../app/explain/cell.ts';
import { type Explanation, explain } from '../../../app/explain/explain.ts';
import { EXPLAINED } from '../../../app/explain/measures.ts';
import { explanationText, type Tabulate } from '../../../app/explain/text.ts';
import { valuesOf } from '../../../app/explain/values.ts';
import { COMPARED } from '../../../app/report/kpis.ts';
import { RULES, type Rules } from '../../../app/report/rules.ts';
import { readableCopyPath } from '../../../extract/load/duckdb/readable-copy.ts';
import { filesIn, query, run } from '../../e2e/command.ts';
import { copyFirstNight } from '../../e2e/first-night.ts';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
const env = filesIn(folder);
const KPIS = COMPARED.map(({ name, kind, type }) => ({ name, kind, isSnapshot: type === 'snapshot' }));
const UNITS: Readonly<Record<string, readonly string[]>> = {
  sales: ['Phoenix-Sales', "Andy's Painting-Sales", 'ALL'],
  production: ['Nevada-Production', 'ALL'],
};

beforeAll(async () => {
  await copyFirstNight(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Explains as the command does, with one connection for all tests. */
async function explained(
  kpi: string,
  businessUnit: string,
  period: string,
  options: {
    week?: boolean;
    screenValue?: string;
    runDate?: string;
    rules?: Partial<Rules>;
    onPlan?: (plan: string) => void;
  } = {},
): Promise<Explanation> {
  const { week = false, screenValue, runDate = '2025-10-27', rules, onPlan } = options;
  const instance = await DuckDBInstance.create(env.DUCKDB_PATH, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const read = async <Row>(sql: string) => {
    if (onPlan) onPlan(String((await connection.runAndReadAll(`EXPLAIN ${sql}`)).getRowsJson()));
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as unknown as readonly Row[];
  };
  try {
    const units = await read<{ business_unit: string; kind: string }>(
      'SELECT * FROM st_stage_v2.int_kpi_units',
    );
    const kinds = new Map(units.map(({ business_unit, kind }) => [business_unit, kind]));
    const cell = readCell({ kpi, businessUnit, period, week }, kinds);
    const datasets = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2' };
    return await explain(cell, {
      query: read,
      engine: 'duckdb',
      datasets,
      zone: 'America/Phoenix',
      runDate,
      rules: { ...RULES, ...rules },
      screenValue,
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('explain lists the seven estimates of a day and the one that a UTC date would drop', async () => {
  const { stdout, code } = await run(['explain', 'total_booked', 'Nevada-Sales', '2025-08-18'], env);
  expect(code).toBe(0);
  expect(stdout).toContain('7 estimates add up to $27,150.00');
  expect(stdout).toMatch(/sale dated in world time \(UTC\) +17,230.00 +27,150.00\n/);
  expect(stdout).toContain('sale dated in world time (UTC) drops estimates 386522888 (9,920.00)\n');
  // 01:02 on the 19th in UTC; one line says the zone of all times.
  expect(stdout).toMatch(/386522888 .*2025-08-18 18:02:27 +2025-08-18 .* 1\/\d+\n/);
  expect(stdout.split('times in America/Phoenix')).toHaveLength(2);
  expect(stdout).toMatch(/run 1 is \d{8}T\d+Z-\w+\n/);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('explain names jobs by their number, and in a wide terminal their types', async () => {
  const explanation = await explained('total_booked', 'Nevada-Sales', '2025-08-18');
  const [record] = explanation.numerator?.records ?? [];
  const timeZone = 'America/Phoenix';
  expect(explanationText(explanation, { tabulate: textTable, timeZone })).toMatch(
    new RegExp(`^${record?.id} +${record?.job_number} +2025-`, 'm'),
  );
  const tabulate: Tabulate = (...table) => textTable(...table, 120);
  const wide = explanationText(explanation, { tabulate, timeZone, isWide: true });
  expect(wide).toMatch(new RegExp(`^${record?.id} +${record?.job_number} +${record?.job_type} +2025-`, 'm'));
});

test('every KPI with a screen value can be explained', () => {
  expect(KPIS.map(({ name }) => name).filter((name) => !EXPLAINED[name])).toEqual([]);
});

describe('the records that explain lists for a KPI', () => {
  const cells = KPIS.flatMap(({ name, kind, isSnapshot }) =>
    (UNITS[kind] ?? []).map((unit) => [name, unit, isSnapshot === true] as const),
  );
  test.each(
    cells,
  )('the records that explain lists add up to the mart: %s of %s', async (kpi, unit, isSnapshot) => {
    const day = isSnapshot ? '2025-10-27' : '2025-08-18';
    const { agrees, value, numerator } = await explained(kpi, unit, day, { week: !isSnapshot });
    expect(agrees).toBe(true);
    expect(value).not.toBeNull();
    expect(numerator?.records.length).toBeGreaterThan(0);
    // Each record names the run and page that it came from.
    expect(numerator?.records.filter(({ page }) => page === null)).toEqual([]);
  });
});

// A join that compares every pair of rows takes milliseconds here, and minutes at a real tenant's size.
test.each(KPIS)('explain compares no two tables row by row: $name', async ({ name, kind, isSnapshot }) => {
  const plans: string[] = [];
  const options = { week: !isSnapshot, screenValue: '1', onPlan: (plan: string) => plans.push(plan) };
  await explained(name, UNITS[kind]?.[0] ?? '', isSnapshot ? '2025-10-27' : '2025-08-18', options);
  expect(plans.length).toBeGreaterThan(2);
  expect(plans.length).toBeLessThan(6);
  expect(plans.filter((plan) => /NL_JOIN|NESTED_LOOP_JOIN|CROSS_PRODUCT/.test(plan))).toEqual([]);
});

test('explain says what gross margin would be under the other settings of job costing', async () => {
  const explanation = await explained('gpm_percent', 'Nevada-Production', '2025-10-20', { week: true });
  const { numerator, denominator } = explanation;
  if (!numerator) throw new Error('there are no records');
  const values = new Map(
    valuesOf('gpm_percent', { numerator, denominator }).map(({ name, value }) => [
      name,
      Number(value).toFixed(2),
    ]),
  );
  const [expected] = await query(
    env.DUCKDB_PATH,
    `SELECT ${['receipts', 'bills', 'orders_untaxed']
      .map(
        (of) =>
          `round(100 * (1 - sum(job_cost - material_cost + material_by_${of}) / sum(revenue)), 2) AS ${of}`,
      )
      .join(', ')}
     FROM st_stage_v2.int_job_costing
     WHERE business_unit = 'Nevada-Production' AND job_start_date BETWEEN '2025-10-20' AND '2025-10-26'`,
  );
  const of = (name: string) => Number(expected?.[name]).toFixed(2);
  expect(values.get('material by receipts')).toBe(of('receipts'));
  expect(values.get('material by bills')).toBe(of('bills'));
  expect(values.get('material without tax')).toBe(of('orders_untaxed'));
  expect(new Set(values.values()).size).toBeGreaterThan(3);
  // What was produced does not depend on it.
  expect(denominator?.neighbours.filter(({ name }) => name.startsWith('material'))).toEqual([]);
  expect(explanationText(explanation, { tabulate: textTable, timeZone: 'America/Phoenix' })).toMatch(
    /Of the numerator:\n\n.*\n.*material by receipts/s,
  );
});

describe('explain with a screen value that differs from ours (--ui)', () => {
  test('explain names the record that must be left out to equal the screen value', async () => {
    const { screen } = await explained('total_booked', 'Nevada-Sales', '2025-08-18', {
      screenValue: '25750.00',
    });
    expect(screen?.candidates).toContain('without estimates 367713720 (1400) they are equal');
  });

  test('explain names the record that must be added to equal the screen value', async () => {
    const { screen } = await explained('total_booked', 'Nevada-Sales', '2025-08-18', {
      screenValue: '31350.00',
    });
    expect(screen?.candidates[0]).toMatch(/^with estimates \d+ \(4200/);
  });

  test('explain names the alternative definition that gives the screen value', async () => {
    const { screen } = await explained('total_booked', 'Nevada-Sales', '2025-08-18', {
      screenValue: '17230.00',
    });
    expect(screen?.candidates[0]).toBe(
      'the alternative definition "sale dated in world time (UTC)" gives 17230',
    );
  });
});

test("explain names the vendor's definition that gives the screen value, also of a ratio", async () => {
  // The four visits of the week of 16 June 2025 that the two rules count differently.
  const options = { week: true } as const;
  const ours = await explained('close_rate_percent', 'Tucson-Sales', '2025-06-16', options);
  const { numerator, denominator } = ours;
  if (!numerator) throw new Error('no records');
  const vendor = valuesOf('close_rate_percent', { numerator, denominator }).find(({ isVendor }) => isVendor);
  expect(vendor?.value).not.toBe(ours.value);
  const screenValue = vendor?.value ?? '';
  const { screen } = await explained('close_rate_percent', 'Tucson-Sales', '2025-06-16', {
    ...options,
    screenValue,
  });
  expect(screen?.candidates).toEqual([`the vendor's definition "ServiceTitan's rule" gives ${screenValue}`]);
});

test('explain says that the mart is old if its number is not that of its models, and which definition gives it', async () => {
  const changed = mkdtempSync(join(tmpdir(), 'explain-changed-'));
  onTestFinished(() => rmSync(changed, { recursive: true, force: true }));
  await copyFirstNight(changed);
  const files = filesIn(changed);
  // explain reads the copy that the night left for readers.
  const instance = await DuckDBInstance.create(readableCopyPath(files.DUCKDB_PATH));
  const connection = await instance.connect();
  await connection.run(
    `UPDATE st_stage_v2.int_kpi_values SET value = 17230, numerator = 17230
     WHERE kpi = 'total_booked' AND business_unit = 'Nevada-Sales' AND period_start = DATE '2025-08-18'
       AND period_end = DATE '2025-08-18'`,
  );
  connection.closeSync();
  instance.closeSync();
  const { stdout, code } = await run(['explain', 'total_booked', 'Nevada-Sales', '2025-08-18'], files);
  expect(code).toBe(1);
  const text = stdout.replace(/\s+/g, ' ');
  expect(text).toContain('THE RECORDS DO NOT ADD UP TO THE MART.');
  expect(text).toContain('number is that of the alternative "sale dated in world time (UTC)"');
  expect(text).toContain(
    'The mart is older than the models that it is computed from: run `npm run transform`',
  );
});

describe('explain for a week in progress', () => {
  test.each([
    'dollars_produced',
    'lead_count',
  ])('explain adds up a week in progress to its days until the run date: %s', async (kpi) => {
    const { agrees, value } = await explained(kpi, 'ALL', '2025-10-27', { week: true });
    expect([agrees, value === null]).toEqual([true, false]);
  });

  test('explain lists the records of a week in progress although the mart is of an earlier run date', async () => {
    const args = ['explain', 'dollars_produced', 'ALL', '2025-10-27', '--week'];
    expect(await run(args, { ...env, RUN_DATE: '2025-10-29' })).toMatchObject({ code: 0 });
  });
});

describe('explain for a number without records of its own', () => {
  test('explain lists no records for a snapshot of another day than the run date and says why', async () => {
    const later = { runDate: '2025-10-28' };
    const { value, numerator, agrees, unlisted } = await explained(
      'outstanding_ar',
      'ALL',
      '2025-10-27',
      later,
    );
    expect(value).not.toBeNull();
    expect([numerator, agrees]).toEqual([null, null]);
    expect(unlisted).toContain('A snapshot stores its number');
  });

  test.each([
    ['dollars_collected', { collections_source: 'report' }],
    ['outstanding_ar', { ar_source: 'report' }],
  ])('explain lists no records for %s when it comes from a saved report', async (kpi, rules) => {
    const { numerator, unlisted } = await explained(kpi, 'ALL', '2025-10-27', { rules });
    expect(numerator).toBeNull();
    expect(unlisted).toContain('comes from the saved report');
  });
});

test('explain lists what the model of a KPI counts, so an edited rule explains itself', async () => {
  const changed = mkdtempSync(join(tmpdir(), 'explain-edited-'));
  onTestFinished(() => rmSync(changed, { recursive: true, force: true }));
  await copyFirstNight(changed);
  const files = filesIn(changed);
  const instance = await DuckDBInstance.create(readableCopyPath(files.DUCKDB_PATH));
  const connection = await instance.connect();
  // As if int_booked left out estimates below 1,000 and dated the largest one a day later.
  await connection.run(
    `DELETE FROM st_stage_v2.int_booked WHERE amount < 1000;
     UPDATE st_stage_v2.int_booked SET event_date = event_date + 1 WHERE estimate_id = 386522888`,
  );
  connection.closeSync();
  instance.closeSync();
  const { stdout } = await run(['explain', 'total_booked', 'Nevada-Sales', '2025-08-18'], files);
  // 27,150 - 900 - 9,920.
  expect(stdout).toContain('5 estimates add up to $16,330.00');
  const nextDay = await run(['explain', 'total_booked', 'Nevada-Sales', '2025-08-19'], files);
  expect(nextDay.stdout).toContain('386522888');
});

test("alternative definitions follow the owner's choice of test-customer rule", async () => {
  const leads = async (rules: Partial<Rules>) => {
    const { numerator } = await explained('lead_job_count', 'ALL', '2025-08-18', { week: true, rules });
    return numerator?.neighbours.find(({ name }) => name === 'all job types')?.total;
  };
  expect(await leads({})).toBeDefined();
  expect(await leads({ test_customer_rule: 'word' })).not.toBe(await leads({}));
});

test('explain counts a customer with leads in two units once in each unit, as the mart does', async () => {
  // Every one of the twelve weeks before the run date agrees.
  for (let week = 1; week <= 12; week++) {
    const monday = new Date(Date.parse('2025-10-20') - (week - 1) * 7 * 86_400_000)
      .toISOString()
      .slice(0, 10);
    expect([monday, (await explained('lead_count', 'ALL', monday, { week: true })).agrees]).toEqual([
      monday,
      true,
    ]);
  }
});

describe('explain with wrong arguments or an unusual period', () => {
  test.each([
    [['total_boked', 'Nevada-Sales', '2025-08-18'], 'the KPIs are lead_count'],
    [['total_booked', 'Nevada', '2025-08-18'], "Andy's Painting-Sales"],
    [['total_booked', 'Nevada-Production', '2025-08-18'], 'total_booked has no unit'],
    [
      ['total_booked', 'Nevada-Sales', '2030-01-01'],
      '2030-01-01 is after 2025-10-27, the last day of the mart',
    ],
    [['total_booked', 'Nevada-Sales', '18.08.2025'], '2025-08-18..2025-08-24'],
    [['total_booked', 'Nevada-Sales', '2025-08-18', '--ui', '27,150'], '--ui is not a number'],
  ])('explain refuses %j with the valid choices and exit code 3', async (args, message) => {
    const ended = await run(['explain', ...args], env);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(message);
  });

  test('explain lists the records of a period that the mart has no row for', async () => {
    const { value, agrees, numerator } = await explained(
      'total_booked',
      'Nevada-Sales',
      '2025-08-18..2025-08-20',
    );
    expect([value, agrees]).toEqual([null, null]);
    const [row] = await query(
      env.DUCKDB_PATH,
      `SELECT CAST(sum(total_booked) AS VARCHAR) AS total FROM st_mart_v2.daily_kpis
       WHERE business_unit = 'Nevada-Sales' AND event_date BETWEEN DATE '2025-08-18' AND DATE '2025-08-20'`,
    );
    expect(numerator?.total).toBe(String(Number(row?.total)));
  });
});
