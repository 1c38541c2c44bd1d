import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier, text } from './sql/types.ts';

/** How a table differs from the one that it replaced. A row that changed is one that went and one that came. */
export interface RowChanges {
  readonly gone: number;
  readonly come: number;
  /** Columns that the table gained and lost; then rows are not compared. */
  readonly newColumns: readonly string[];
  readonly goneColumns: readonly string[];
}

interface Changed {
  readonly changes?: RowChanges;
}

/** Calls `build`, which replaces a table, and compares the rows before and after it. A new table has no changes. */
export async function withRowChanges<T extends object>(
  connection: DuckDBConnection,
  { schema, name }: { readonly schema: string; readonly name: string },
  build: () => Promise<T>,
): Promise<T & Changed> {
  const table = `${identifier(schema)}.${identifier(name)}`;
  const columns = async () =>
    (
      await connection.runAndReadAll(
        `SELECT column_name FROM duckdb_columns() WHERE schema_name = ${text(schema)} AND table_name = ${text(name)} ORDER BY column_index`,
      )
    )
      .getRowsJson()
      .map(([column]) => String(column));
  const hashes = `SELECT hash(r) AS row, count(*) AS times FROM ${table} AS r GROUP BY ALL`;
  const before = await columns();
  if (before.length === 0) return { ...(await build()) };
  await connection.run(`CREATE OR REPLACE TEMP TABLE rows_before AS ${hashes}`);
  try {
    const built = await build();
    const after = await columns();
    const newColumns = after.filter((column) => !before.includes(column));
    const goneColumns = before.filter((column) => !after.includes(column));
    if (after.join() !== before.join()) {
      return { ...built, changes: { gone: 0, come: 0, newColumns, goneColumns } };
    }
    const reader = await connection.runAndReadAll(`
      SELECT
        coalesce(sum(greatest(coalesce(b.times, 0) - coalesce(a.times, 0), 0)), 0) AS gone,
        coalesce(sum(greatest(coalesce(a.times, 0) - coalesce(b.times, 0), 0)), 0) AS come
      FROM rows_before AS b FULL JOIN (${hashes}) AS a USING (row)`);
    const [gone, come] = reader.getRowsJson()[0] ?? [];
    return { ...built, changes: { gone: Number(gone), come: Number(come), newColumns, goneColumns } };
  } finally {
    await connection.run('DROP TABLE IF EXISTS rows_before');
  }
}
