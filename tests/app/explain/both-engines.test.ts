import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCell } from '../../../app/explain/cell.ts';
import { literal } from '../../../app/explain/evidence.ts';
import { explain } from '../../../app/explain/explain.ts';
import { EXPLAINED } from '../../../app/explain/measures.ts';
import { movementsOf } from '../../../app/explain/moved-records.ts';
import { collectReport } from '../../../app/report/collect.ts';
import { RULES } from '../../../app/report/rules.ts';
import { compileProject } from '../../../engine/compile.ts';
import { type CatalogTable, sourceTables } from '../../../engine/googlesql/catalog.ts';
import { inDependencyOrder, resolveQuery, tableOf } from '../../../engine/googlesql/resolve-query.ts';
import { type GoogleSql, startGoogleSql } from '../../../engine/googlesql/server.ts';
import type { Query } from '../../../extract/load/warehouse.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const UNIT = "Andy's Painting-Sales";
let engine: GoogleSql;
let tables: CatalogTable[];

beforeAll(async () => {
  engine = await startGoogleSql();
  const graph = await compileProject(PROJECT, {});
  tables = sourceTables();
  for (const { target, query, fileName } of inDependencyOrder(graph.tables)) {
    const statement = await resolveQuery(engine, query, { tables }, { projectDir: PROJECT, fileName });
    tables.push(tableOf(target.name, statement));
  }
});
afterAll(() => engine.close());

/** Resolves each query with GoogleSQL against the columns of the models and answers it with `rows`. */
function analysing(rows: (sql: string) => readonly object[]) {
  const asked: string[] = [];
  const query = (async (sql: string) => {
    asked.push(sql);
    await engine.analyze(sql.replace(/\bst_(?:raw|stage|mart|logs)_v2\.(\w+)/g, '$1'), { tables });
    return rows(sql);
  }) as Query;
  return { query, asked };
}

const common = {
  datasets: { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' },
  engine: 'bigquery',
  zone: 'America/Phoenix',
  runDate: '2025-10-27',
  rules: RULES,
} as const;

describe('the queries of report and explain on GoogleSQL', () => {
  test('GoogleSQL accepts each query of the report', async () => {
    const { query, asked } = analysing((sql) =>
      sql.includes('as first_day') ? [{ first_day: '2024-01-01' }] : [],
    );
    const report = { query, ...common, movements: [], source: 'a test', now: new Date() };
    await collectReport({ ...report, timeZone: common.zone, syncStartDate: '2020-01-01', chosen: [] });
    expect(asked).toHaveLength(14);
  });

  test.each(
    Object.keys(EXPLAINED),
  )('GoogleSQL accepts each query that explains %s and its movement of a week', async (kpi) => {
    const moved = { kpi, business_unit: UNIT, week_start: '2025-10-13', night_before: '2025-10-20' };
    const { query, asked } = analysing((sql) => {
      if (sql.includes('kpi_movements')) return [{ ...moved, value_before: '1', value: '2' }];
      return sql.includes('int_kpi_values') ? [{ value: '1', numerator: '1', denominator: '1' }] : [];
    });
    await movementsOf({ ...common, query, logs: common.datasets.logs });
    const kinds = new Map([[UNIT, /estimates|lead|opport|close|booked/.test(kpi) ? 'sales' : 'production']]);
    const cell = readCell({ kpi, businessUnit: UNIT, period: '2025-10-27', week: false }, kinds);
    await explain(cell, { ...common, query, screenValue: '27150.00' });
    // One query lists the records of a measure under all definitions.
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.length).toBeLessThan(7);
  });

  test('GoogleSQL reads a text literal with quotes and backslashes as it was written', async () => {
    const text = "it's \\ 'quoted'";
    const { rows } = await engine.evaluate(`SELECT ${literal(text)} AS text`, { tables: [] });
    expect(JSON.stringify(rows)).toContain(JSON.stringify(text).slice(1, -1));
  });

  test('GoogleSQL refuses a query with a function that only DuckDB has', async () => {
    const { query } = analysing(() => []);
    await expect(query('SELECT timezone("UTC", soldOn) FROM st_raw_v2.raw_estimates')).rejects.toThrow(
      'timezone',
    );
  });
});
