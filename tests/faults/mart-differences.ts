import { DuckDBInstance } from '@duckdb/node-api';
import { note } from './ledger.ts';

/** Has rows only when a week moved since the previous run, so none after the first run or a quiet one. */
const MAY_BE_EMPTY = new Set(['kpi_movements']);

/**
 * Compares the marts in two warehouse files row by row, without when a snapshot was taken.
 *
 * @returns the tables that differ with their first row, tables without a row, and KPIs that are nowhere other than 0.
 */
export async function martDifferences(ours: string, undisturbed: string): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  const told: string[] = [];
  try {
    await connection.run(
      `ATTACH '${ours}' AS ours (READ_ONLY); ATTACH '${undisturbed}' AS undisturbed (READ_ONLY)`,
    );
    const tables = await rows(
      `SELECT table_name AS name FROM duckdb_tables()
       WHERE database_name = 'undisturbed' AND schema_name = 'st_mart_v2' ORDER BY name`,
    );
    for (const name of tables.map((table) => String(table.name))) {
      const content = (file: string) =>
        `SELECT COLUMNS(name -> name <> 'snapshot_ts') FROM ${file}.st_mart_v2.${name}`;
      const without = (one: string, other: string) =>
        rows(`FROM (${content(one)} EXCEPT ALL ${content(other)}) ORDER BY ALL LIMIT 1`);
      const [lacks] = await without('undisturbed', 'ours');
      const [beyond] = await without('ours', 'undisturbed');
      if (lacks) told.push(`${name} lacks ${JSON.stringify(lacks)}`);
      if (beyond) told.push(`${name} has beyond ${JSON.stringify(beyond)}`);
      const [count] = await rows(`SELECT count(*) AS rows FROM undisturbed.st_mart_v2.${name}`);
      const martRows = Number(count?.rows);
      if (martRows === 0 && !MAY_BE_EMPTY.has(name)) told.push(`${name} is empty`);
      note({ martTable: name, martRows });
    }
    const [measures = {}] = await rows(
      `SELECT count_if(COLUMNS(* EXCLUDE (event_date, business_unit, region, kind)) <> 0)
       FROM undisturbed.st_mart_v2.daily_kpis`,
    );
    const unmoved = Object.entries(measures).filter(([, days]) => Number(days) === 0);
    told.push(...unmoved.map(([kpi]) => `daily_kpis has no ${kpi} other than 0`));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return told;
}
