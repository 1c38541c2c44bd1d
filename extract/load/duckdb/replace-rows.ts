import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdbType, type TableSchema } from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';
import type { TextRow } from '../warehouse.ts';
import { literal, quoted } from './sql.ts';
import { tableName } from './tables.ts';

/** Replaces a table's rows. Each cell is cast from text, so that decimals stay exact. */
export async function replaceRows(
  connection: DuckDBConnection,
  datasets: Datasets,
  table: TableSchema,
  rows: readonly TextRow[],
): Promise<void> {
  const name = tableName(datasets, table);
  const names = table.columns.map((column) => quoted(column.name)).join(', ');
  const cells = table.columns.map((column) => `CAST(${quoted(column.name)} AS ${duckdbType(column)})`);
  const shape = JSON.stringify([Object.fromEntries(table.columns.map((column) => [column.name, 'VARCHAR']))]);
  await connection.run(`DELETE FROM ${name}`);
  await connection.run(
    `INSERT INTO ${name} (${names}) SELECT ${cells.join(', ')}
     FROM (SELECT unnest(from_json($rows, ${literal(shape)}), recursive := true))`,
    { rows: JSON.stringify(rows) },
  );
}
