import type { Query } from '../../extract/load/warehouse.ts';

/** Columns with the time of a run. */
const OF_THE_RUN = new Set(['snapshot_ts', 'last_loaded_at']);

/** The rows of a table or view as texts, without the columns that differ between two runs. */
export async function rowsOf(query: Query, table: string): Promise<readonly string[]> {
  const rows = await query<Record<string, unknown>>(`SELECT * FROM ${table}`);
  return rows.map((row) => JSON.stringify(Object.entries(row).filter(([name]) => !OF_THE_RUN.has(name))));
}

/** The rows of a table that only one of two warehouses has, at most ten. */
export async function compare(
  table: string,
  cloud: { readonly query: Query },
  duckdb: { readonly query: Query },
): Promise<{ cells: number; differing: readonly string[] }> {
  const [theirs, ours] = [await rowsOf(cloud.query, table), await rowsOf(duckdb.query, table)];
  const counts = new Map<string, number>();
  for (const row of theirs) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of ours) counts.set(row, (counts.get(row) ?? 0) - 1);
  const cells = ours.reduce((total, row) => total + (JSON.parse(row) as unknown[]).length, 0);
  const differing = [...counts].filter(([, count]) => count !== 0).slice(0, 10);
  return {
    cells,
    differing: differing.map(([row, count]) => `${count > 0 ? 'BigQuery' : 'DuckDB'}: ${row}`),
  };
}
