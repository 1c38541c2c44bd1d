import { type DuckDBConnection, DuckDBListType, DuckDBStructType, type DuckDBType } from '@duckdb/node-api';
import { type Column, duckdbType, type TableSchema } from '../../schemas/columns.ts';
import type { Datasets } from '../config.ts';
import { WarehouseError } from '../errors.ts';
import { quoted, rows } from './duckdb-sql.ts';

/** `"st_raw_v2"."raw_jobs"` */
export function tableName(datasets: Datasets, table: Pick<TableSchema, 'dataset' | 'name'>): string {
  return `${quoted(datasets[table.dataset])}.${quoted(table.name)}`;
}

/** Creates datasets and tables, and adds columns that a schema has gained since. Data is never touched. */
export async function prepareTables(
  connection: DuckDBConnection,
  datasets: Datasets,
  tables: readonly TableSchema[],
): Promise<void> {
  for (const dataset of Object.values(datasets)) {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(dataset)}`);
  }
  const existing = await existingTypes(connection);
  for (const table of tables) {
    const name = tableName(datasets, table);
    const columns = table.columns.map((column) => `${quoted(column.name)} ${duckdbType(column)}`).join(', ');
    const types = existing.get(`${datasets[table.dataset]}.${table.name}`);
    if (types === undefined) await connection.run(`CREATE TABLE ${name} (${columns})`);
    else for (const column of table.columns) await adapt(connection, name, column, types.get(column.name));
  }
}

async function existingTypes(
  connection: DuckDBConnection,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const tables = new Map<string, Map<string, string>>();
  const columns = await rows(
    connection,
    'SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()',
  );
  for (const { schema_name, table_name, column_name, data_type } of columns) {
    const table = `${schema_name}.${table_name}`;
    const types = tables.get(table) ?? new Map<string, string>();
    tables.set(table, types.set(String(column_name), String(data_type)));
  }
  return tables;
}

async function adapt(
  connection: DuckDBConnection,
  table: string,
  column: Column,
  existing: string | undefined,
): Promise<void> {
  const wanted = duckdbType(column);
  if (existing === undefined) {
    await connection.run(`ALTER TABLE ${table} ADD COLUMN ${quoted(column.name)} ${wanted}`);
    return;
  }
  // DuckDB spells a type in its own way: compared is what both spellings mean.
  const reader = await connection.runAndReadAll(`SELECT NULL::${existing}, NULL::${wanted}`);
  const [before, after] = [reader.columnType(0), reader.columnType(1)];
  if (before.toString() === after.toString()) return;
  const leavesAfter = new Map(leaves(after, column.name));
  const changed = leaves(before, column.name).find(([path, type]) => leavesAfter.get(path) !== type);
  if (changed) {
    const [path, type] = changed;
    const wantedType = leavesAfter.get(path) ?? 'that there is no such column';
    throw new WarehouseError(`${table}: column ${path} is ${type}, but its schema says ${wantedType}`, {
      remedy: 'Correct the schema, or drop the table and build it from the landing with `npm run replay`.',
    });
  }
  await connection.run(`ALTER TABLE ${table} ALTER COLUMN ${quoted(column.name)} SET DATA TYPE ${wanted}`);
}

/** Each scalar inside a type with its path: `items[].total` → `DECIMAL(38,9)`. */
function leaves(type: DuckDBType, path: string): readonly (readonly [path: string, type: string])[] {
  if (type instanceof DuckDBListType) return leaves(type.valueType, `${path}[]`);
  if (!(type instanceof DuckDBStructType)) return [[path, type.toString()]];
  return type.entryNames.flatMap((name, index) => {
    const entry = type.entryTypes[index];
    return entry === undefined ? [] : leaves(entry, `${path}.${name}`);
  });
}
