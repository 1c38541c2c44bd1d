import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportData } from '../../app/report/data.ts';
import { NIGHT, printed } from '../../docs/pictures.ts';
import { entities } from '../../schemas/entities.ts';
import { contents, type Ended, filesIn, PROJECT, query, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-nightly-'));
const warehouse = join(folder, 'warehouse.duckdb');
let first: Ended;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  first = await run(['nightly', '--verbose'], filesIn(folder));
});

describe('nightly on an empty folder with nothing configured', () => {
  test('nightly on an empty folder ends with exit code 0 and prints where everything is', () => {
    expect(first.stderr.split('\n')[0]).toContain('sandbox tenant');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain(warehouse);
    expect(first.stdout).toContain('0 RED');
  });

  test('the README shows the screen with which a nightly run ends', () => {
    const [, , shown] = NIGHT.exec(readFileSync(join(PROJECT, 'README.md'), 'utf8')) ?? [];
    // With --verbose the same lines stand below the details.
    expect(shown?.split('\n').length).toBeLessThan(24);
    expect(printed(first.stdout, folder).endsWith(`\n\n${shown}`)).toBe(true);
  });

  test('nightly fills every raw table', async () => {
    const counts = await Promise.all(
      entities.map(async ({ name }) => {
        const [row] = await query(warehouse, `SELECT count(*) AS n FROM st_raw_v2.raw_${name}`);
        return [name, Number(row?.n)] as const;
      }),
    );
    expect(counts.filter(([, count]) => count === 0)).toEqual([]);
    expect(counts).toHaveLength(23);
  });

  test('nightly explains why more invoices are read than are new, and the numbers agree', async () => {
    const [, read, added] = /^invoices +success +(\d+) +(\d+) /m.exec(first.stdout) ?? [];
    const open = 'SELECT count(*) AS n FROM st_raw_v2.raw_invoices WHERE balance <> 0';
    expect(await query(warehouse, open)).toEqual([{ n: String(Number(read) - Number(added)) }]);
    expect(first.stdout).toContain(
      '\n\ninvoices whose balance is not 0 are read in every run; New counts only changes.\n\n',
    );
    expect(first.stdout.match(/are read in every run/g)).toHaveLength(1);
  });

  test('nightly equals all 192 screen values', async () => {
    const verdicts = await query(
      warehouse,
      'SELECT verdict, count(*) AS n FROM st_mart_v2.kpi_reconciliation GROUP BY ALL',
    );
    expect(verdicts).toEqual([{ verdict: 'GREEN', n: '192' }]);
  });

  test('daily_kpis has a row for each day and unit and values for all ten KPIs', async () => {
    const [row] = await query(
      warehouse,
      `SELECT count(*) // count(DISTINCT business_unit) AS days, count(DISTINCT business_unit) AS units,
         date_diff('day', min(event_date), max(event_date)) + 1 AS span, max(event_date) AS last_day,
         ${TEN.map((kpi) => `count(${kpi}) AS ${kpi}`).join(', ')}
       FROM st_mart_v2.daily_kpis`,
    );
    expect(row).toMatchObject({ units: '12', last_day: '2025-10-27', days: row?.span });
    expect(TEN.filter((kpi) => row?.[kpi] === '0')).toEqual([]);
  });

  test('nightly writes a self-contained HTML report and a JSON report', () => {
    const html = readFileSync(join(folder, 'report/report.html'), 'utf8');
    expect(html).toContain('<!doctype html>');
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    // Written beside and then renamed, so nothing half written is left.
    const names = ['report.html', 'report.json', 'report.md'];
    expect(readdirSync(join(folder, 'report')).sort()).toEqual(names);
  });

  test('nightly writes the report after the copy for readers, so that the service takes it', () => {
    const writtenAt = (name: string) => statSync(join(folder, name)).mtimeMs;
    expect(writtenAt('report/report.json')).toBeGreaterThanOrEqual(writtenAt('warehouse.readable.duckdb'));
  });

  test('the report shows the week of the whole company as the screens do, and the month as the mart adds it up', async () => {
    const { company, regions } = reportOf(folder);
    const numbers = new Map(company?.kpis.map((each) => [each.kpi, each]));
    expect(company?.week).toEqual({ start: '2025-10-20', end: '2025-10-26' });
    // Screen values of ALL units in that week.
    expect(Number(numbers.get('total_booked')?.value)).toBe(428300.35);
    expect(Number(numbers.get('num_estimates')?.value)).toBe(190);
    const [month] = await query(
      warehouse,
      `SELECT sum(total_booked) AS booked, round(100 * sum(closed_opportunities) / sum(sales_opportunities), 2) AS rate
       FROM st_mart_v2.daily_kpis WHERE event_date BETWEEN '2025-10-01' AND '2025-10-26'`,
    );
    expect(numbers.get('total_booked')?.month).toBe(month?.booked);
    expect(Number(numbers.get('close_rate_percent')?.month)).toBe(Number(month?.rate));
    // The sandbox has records from October 2023 on, so every week has one a year before.
    expect(company?.kpis.filter(({ takenOn, yearBefore }) => !takenOn && yearBefore === null)).toEqual([]);
    expect(numbers.get('outstanding_ar')).toMatchObject({ takenOn: '2025-10-27', weekBefore: null });
    expect(regions).toHaveLength(6);
    const sum = regions.reduce(
      (all, { kpis }) => all + Math.round(Number(kpis.total_booked?.value) * 100),
      0,
    );
    expect(sum).toBe(42830035);
  });

  test('the sandbox looks like a business: margins spread, seasons differ, units owe different amounts', async () => {
    const [margins] = await query(
      warehouse,
      `SELECT count(*)::INTEGER AS weeks, count(DISTINCT gpm_percent)::INTEGER AS different, (max(gpm_percent) - min(gpm_percent))::DOUBLE AS spread
       FROM st_mart_v2.weekly_kpis WHERE business_unit = 'Phoenix-Production' AND gpm_percent IS NOT NULL`,
    );
    expect(Number(margins?.different)).toBeGreaterThan(0.8 * Number(margins?.weeks));
    expect(Number(margins?.spread)).toBeGreaterThan(5);
    const [seasons] = await query(
      warehouse,
      `SELECT (max(booked) / min(booked))::DOUBLE AS ratio FROM (
         SELECT quarter(event_date) AS season, sum(total_booked) AS booked FROM st_mart_v2.daily_kpis
         WHERE year(event_date) = 2024 GROUP BY ALL)`,
    );
    expect(Number(seasons?.ratio)).toBeGreaterThan(1.2);
    const owed = "SELECT DISTINCT value FROM st_mart_v2.kpi_snapshots WHERE kpi = 'outstanding_ar'";
    expect(await query(warehouse, owed)).toHaveLength(6);
  });

  test('the money of a finding that counts in no number is what the rows of its assertion add up to', () => {
    const counted = reportOf(folder).assertions.filter(({ uncounted_amount: amount }) => amount != null);
    expect(counted.length).toBeGreaterThan(2);
    for (const { name, failing_rows, sample, uncounted_amount: amount } of counted) {
      const rows = JSON.parse(sample ?? '[]') as Record<string, string>[];
      const shown = rows.reduce((sum, row) => sum + Number(row.uncounted_amount), 0);
      if (rows.length === Number(failing_rows)) expect([name, shown]).toEqual([name, Number(amount)]);
      else expect(shown).toBeLessThanOrEqual(Number(amount));
    }
  });

  test('nightly writes progress as JSON lines when no terminal is attached', () => {
    const lines = first.stderr.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { type?: string; entity?: string });
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(23);
  });
});

test('a second nightly run adds no row, makes at most two calls per entity and changes no table', async () => {
  const before = await contents(warehouse);
  const second = await run(['nightly', '--json'], filesIn(folder));
  expect(second.code).toBe(0);
  const { entities: receipts } = JSON.parse(second.stdout) as { entities: Record<string, string>[] };
  expect(receipts).toHaveLength(23);
  for (const receipt of receipts) {
    expect(receipt).toMatchObject({ status: 'success', records_new: '0' });
    expect(Number(receipt.api_calls)).toBeLessThanOrEqual(2);
  }
  const after = await contents(warehouse);
  // The log has one more row for each entity; every other table is unchanged.
  const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
  expect(changed.filter((table) => !LOGS.has(table))).toEqual([]);
});

test('status and report show the last nightly run as text and as JSON', async () => {
  const [status, statusJson, report] = await Promise.all([
    run(['status'], filesIn(folder)),
    // One after the other, because only one process at a time can open the file.
    run(['status', '--help'], filesIn(folder)),
    run(['report', '--help'], filesIn(folder)),
  ]);
  expect(status.stdout).toMatch(/^Night of 2025-10-27, .* 23 loaded, \d+ calls, [\d,]+ new rows/);
  expect(status.stdout).toContain('purchase_orders');
  expect(status.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect([statusJson.code, report.code]).toEqual([0, 0]);
  const { entities: rows } = JSON.parse((await run(['status', '--json'], filesIn(folder))).stdout);
  expect(rows).toHaveLength(23);
  const again = await run(['report', '--json'], filesIn(folder));
  expect(JSON.parse(again.stdout)).toMatchObject({ verdict: 'YELLOW', runDate: '2025-10-27' });
});

function reportOf(place: string): ReportData {
  return JSON.parse(readFileSync(join(place, 'report/report.json'), 'utf8'));
}

const TEN = [
  'lead_count',
  'total_booked',
  'dollars_produced',
  'gpm_percent',
  'dollars_collected',
  'num_estimates',
  'close_rate_percent',
  'future_bookings',
  'warranty_percent',
  'outstanding_ar',
];
const LOGS = new Set(['st_logs_v2.ingestion_logs', 'st_logs_v2.sync_state', 'st_logs_v2.assertion_results']);
