import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namesOf } from '../../app/report/kpis.ts';
import { compileProject } from '../../engine/compile.ts';
import { startGoogleSql } from '../../engine/googlesql/server.ts';
import type { Value } from '../engine/engine-values.ts';
import { built, type Model, translated } from '../engine/models.ts';
import { randomTenant } from '../engine/random-tenant.ts';

type Row = Readonly<Record<string, Value>>;
type Rows = ReadonlyMap<string, readonly Row[]>;
const SEEDS = [1, 2, 3, 4, 5];
const ADDITIVE = namesOf('sum');
let models: readonly Model[];

beforeAll(async () => {
  const variables = { sync_start_date: '2025-10-04', run_date: '2025-10-20' };
  const engine = await startGoogleSql();
  models = await translated(engine, (await compileProject(process.cwd(), variables)).tables);
  engine.close();
});

/** Builds the mart of a tenant and returns the rows of a query over it. */
async function martOf(rows: Rows) {
  const connection = await built(models, rows);
  connections.push(connection);
  return async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
}

const connections: { closeSync(): void }[] = [];
afterAll(() => {
  for (const connection of connections) connection.closeSync();
});

const changed = (rows: Rows, table: string, change: (rows: readonly Row[]) => readonly Row[]): Rows =>
  new Map([...rows, [table, change(rows.get(table) ?? [])]]);
const column = (kpi: string) => `SELECT event_date, business_unit, ${kpi} FROM daily_kpis ORDER BY ALL`;

describe.each(SEEDS)('KPI invariants of random tenant %i', (seed) => {
  const rows = randomTenant(seed);
  let original: Awaited<ReturnType<typeof martOf>>;
  beforeAll(async () => {
    original = await martOf(rows);
  });

  test('renaming every customer to a test customer leaves booked amounts and never adds a lead', async () => {
    const altered = await martOf(
      changed(rows, 'raw_customers', (all) => all.map((row) => ({ ...row, name: 'Test' }))),
    );
    expect(await altered(column('total_booked'))).toEqual(await original(column('total_booked')));
    const total = 'SELECT sum(lead_job_count)::INTEGER FROM daily_kpis';
    const [[leads = null] = []] = await original(total);
    const [[fewer = null] = []] = await altered(total);
    expect(Number(fewer)).toBeLessThanOrEqual(Number(leads));
  });

  test('a payment split into two parts collects the same dollars as in one part', async () => {
    const split = changed(rows, 'raw_payments', (all) =>
      all.map((row) => ({ ...row, appliedTo: (row.appliedTo as readonly (Row | null)[]).flatMap(inTwo) })),
    );
    const altered = await martOf(split);
    expect(await altered(column('dollars_collected'))).toEqual(await original(column('dollars_collected')));
  });

  test('the days of a week add up to weekly_kpis', async () => {
    const sums = ADDITIVE.map((name) => `sum(d.${name}) AS ${name}`).join(', ');
    const differing = ADDITIVE.map((name) => `abs(w.${name} - s.${name}) > 0.05`).join(' OR ');
    const differences = await original(
      `WITH s AS (
         SELECT c.week_start, d.business_unit, ${sums} FROM daily_kpis AS d
         JOIN int_calendar AS c ON c.calendar_date = d.event_date GROUP BY ALL
       )
       SELECT w.week_start, w.business_unit FROM weekly_kpis AS w
       JOIN s ON s.week_start = w.week_start AND s.business_unit = w.business_unit WHERE ${differing}`,
    );
    expect(differences).toEqual([]);
    expect(await original('SELECT count(*)::INTEGER FROM weekly_kpis')).not.toEqual([[0]]);
  });

  test('the order in which pages arrive does not change the mart', async () => {
    const reversed = new Map([...rows].map(([name, all]) => [name, all.toReversed()]));
    const altered = await martOf(reversed);
    for (const table of ['daily_kpis', 'weekly_kpis', 'kpi_reconciliation', 'kpi_snapshots']) {
      const all = `SELECT * FROM ${table} ORDER BY ALL`;
      expect(await altered(all)).toEqual(await original(all));
    }
  });
});

/** The same amount for the same invoice, split into two parts with different keys. */
function inTwo(part: Row | null): (Row | null)[] {
  const amount = part?.appliedAmount;
  if (part === null || typeof amount !== 'string') return [part];
  const first = '1.25';
  const rest = String((Math.round(Number(amount) * 1000) - 1250) / 1000);
  return [
    { ...part, appliedAmount: first },
    { ...part, appliedId: `9${String(part.appliedId ?? 0)}`, appliedAmount: rest },
  ];
}
