import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namesOf } from '../../app/report/kpis.ts';
import { compileProject } from '../../engine/compile.ts';
import { duckdbQuery } from '../../engine/duckdb/sql/generate.ts';
import { identifier } from '../../engine/duckdb/sql/types.ts';
import { bareNames, type CatalogTable, sourceTables } from '../../engine/googlesql/catalog.ts';
import { inDependencyOrder, tableOf } from '../../engine/googlesql/resolve-query.ts';
import { startGoogleSql } from '../../engine/googlesql/server.ts';
import type { Value } from '../engine/engine-values.ts';
import { createTable, openMemory } from '../engine/engines.ts';
import { randomTenant } from '../engine/random-tenant.ts';

type Row = Readonly<Record<string, Value>>;
type Rows = ReadonlyMap<string, readonly Row[]>;
const SEEDS = [1, 2, 3, 4, 5];
const ADDITIVE = namesOf('sum');
/** The DuckDB SQL of each model, in order. */
const models: { name: string; sql: string }[] = [];

beforeAll(async () => {
  const variables = { sync_start_date: '2025-10-04', run_date: '2025-10-20' };
  const graph = await compileProject(process.cwd(), variables);
  const engine = await startGoogleSql();
  const tables: CatalogTable[] = sourceTables();
  for (const { target, query } of inDependencyOrder(graph.tables)) {
    const statement = await engine.analyze(bareNames(query), { tables });
    tables.push(tableOf(target.name, statement));
    models.push({ name: target.name, sql: duckdbQuery(statement, identifier) });
  }
  engine.close();
});

const connections: { closeSync(): void }[] = [];
afterAll(() => {
  for (const connection of connections) connection.closeSync();
});

/** Builds the mart of a tenant and returns the rows of a query over it. */
async function martOf(rows: Rows) {
  const connection = await openMemory();
  connections.push(connection);
  for (const { name, columns } of sourceTables())
    await createTable(connection, { name, columns, rows: rows.get(name) ?? [] });
  for (const { name, sql } of models) await connection.run(`CREATE TABLE ${identifier(name)} AS ${sql}`);
  return async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
}

const changed = (rows: Rows, table: string, change: (rows: readonly Row[]) => readonly Row[]): Rows =>
  new Map([...rows, [table, change(rows.get(table) ?? [])]]);
const column = (kpi: string) => `SELECT event_date, business_unit, ${kpi} FROM daily_kpis ORDER BY ALL`;

describe.each(SEEDS)('KPI invariants of random tenant %i', (seed) => {
  test('renaming every customer to a test customer leaves booked amounts and never adds a lead', async () => {
    const rows = randomTenant(seed);
    const original = await martOf(rows);
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
    const rows = randomTenant(seed);
    const split = changed(rows, 'raw_payments', (all) =>
      all.map((row) => ({ ...row, appliedTo: (row.appliedTo as readonly (Row | null)[]).flatMap(inTwo) })),
    );
    const [original, altered] = [await martOf(rows), await martOf(split)];
    expect(await altered(column('dollars_collected'))).toEqual(await original(column('dollars_collected')));
  });

  test('the days of a week add up to weekly_kpis', async () => {
    const mart = await martOf(randomTenant(seed));
    const sums = ADDITIVE.map((name) => `sum(d.${name}) AS ${name}`).join(', ');
    const differing = ADDITIVE.map((name) => `abs(w.${name} - s.${name}) > 0.05`).join(' OR ');
    const rows = await mart(
      `WITH s AS (
         SELECT c.week_start, d.business_unit, ${sums} FROM daily_kpis AS d
         JOIN int_calendar AS c ON c.calendar_date = d.event_date GROUP BY ALL
       )
       SELECT w.week_start, w.business_unit FROM weekly_kpis AS w
       JOIN s ON s.week_start = w.week_start AND s.business_unit = w.business_unit WHERE ${differing}`,
    );
    expect(rows).toEqual([]);
    expect(await mart('SELECT count(*)::INTEGER FROM weekly_kpis')).not.toEqual([[0]]);
  });

  test('the order in which pages arrive does not change the mart', async () => {
    const rows = randomTenant(seed);
    const reversed = new Map([...rows].map(([name, all]) => [name, all.toReversed()]));
    const [original, altered] = [await martOf(rows), await martOf(reversed)];
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
