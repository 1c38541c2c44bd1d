import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { type Column, duckdbType, type TableSchema } from '../../schemas/columns.ts';
import type { Datasets } from '../config.ts';
import { WarehouseError } from '../errors.ts';
import { DuckDBListType, DuckDBStructType } from './duckdb-library.ts';
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
    else await adapt(connection, name, table.columns, types);
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
  columns: readonly Column[],
  types: ReadonlyMap<string, string>,
): Promise<void> {
  const pairs = columns.map((column) => ({
    column,
    existing: types.get(column.name),
    wanted: duckdbType(column),
  }));
  // DuckDB spells a type in its own way: compared is what both spellings mean, for a whole table at once.
  const values = pairs.map(({ existing, wanted }) => `NULL::${existing ?? wanted}, NULL::${wanted}`);
  const reader = await connection.runAndReadAll(`SELECT ${values.join(', ')}`);
  for (const [index, { column, existing, wanted }] of pairs.entries()) {
    const name = quoted(column.name);
    const [before, after] = [reader.columnType(2 * index), reader.columnType(2 * index + 1)];
    if (existing === undefined) await connection.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${wanted}`);
    else if (before.toString() !== after.toString()) {
      assertGrown(table, column, before, after);
      await connection.run(`ALTER TABLE ${table} ALTER COLUMN ${name} SET DATA TYPE ${wanted}`);
    }
  }
}

/** @throws WarehouseError unless the type only gained fields. */
function assertGrown(table: string, column: Column, before: DuckDBType, after: DuckDBType): void {
  const leavesAfter = new Map(leaves(after, column.name));
  const changed = leaves(before, column.name).find(([path, type]) => leavesAfter.get(path) !== type);
  if (changed === undefined) return;
  const [path, type] = changed;
  const wantedType = leavesAfter.get(path) ?? 'that there is no such column';
  throw new WarehouseError(`${table}: column ${path} is ${type}, but its schema says ${wantedType}`, {
    remedy: 'Correct the schema, or drop the table and build it from the landing with `npm run replay`.',
  });
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
