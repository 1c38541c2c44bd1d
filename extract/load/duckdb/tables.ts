import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { WarehouseError } from '../../../base/errors.ts';
import { type Column, duckdbType, type TableSchema } from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';
import { DuckDBListType, DuckDBStructType } from './library.ts';
import { literal, quoted, rows } from './sql.ts';

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
  const typesOf = ({ dataset, name }: TableSchema) => existing.get(`${datasets[dataset]}.${name}`);
  const meanings = await meaningsOf(
    connection,
    tables.flatMap((table) =>
      table.columns.map((column) => [typesOf(table)?.get(column.name), duckdbType(column)] as const),
    ),
  );
  for (const table of tables) {
    const name = tableName(datasets, table);
    const columns = table.columns.map((column) => `${quoted(column.name)} ${duckdbType(column)}`).join(', ');
    const types = typesOf(table);
    if (types === undefined) await connection.run(`CREATE TABLE ${name} (${columns})`);
    else await adapt(connection, name, table.columns, { types, meanings });
  }
}

export async function hasTable(
  connection: DuckDBConnection,
  schema: string,
  table: string,
): Promise<boolean> {
  return (await existingTypes(connection)).has(`${schema}.${table}`);
}

/** Names of a table's columns, in their order. */
export async function columnNames(
  connection: DuckDBConnection,
  schema: string,
  table: string,
): Promise<readonly string[]> {
  const found = await rows(
    connection,
    `SELECT column_name AS name FROM duckdb_columns()
     WHERE schema_name = ${literal(schema)} AND table_name = ${literal(table)} ORDER BY column_index`,
  );
  return found.map(({ name }) => String(name));
}

/** What DuckDB understands by each spelling of a type that stands against another one; asked in one statement. */
async function meaningsOf(
  connection: DuckDBConnection,
  pairs: readonly (readonly [existing: string | undefined, wanted: string])[],
): Promise<ReadonlyMap<string, DuckDBType>> {
  const different = pairs.filter(([existing, wanted]) => existing !== undefined && existing !== wanted);
  const spellings = [...new Set(different.flat())].filter((spelling) => spelling !== undefined);
  if (spellings.length === 0) return new Map();
  const reader = await connection.runAndReadAll(
    `SELECT ${spellings.map((spelling) => `NULL::${spelling}`).join(', ')}`,
  );
  return new Map(spellings.map((spelling, index) => [spelling, reader.columnType(index)]));
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
  stored: {
    readonly types: ReadonlyMap<string, string>;
    readonly meanings: ReadonlyMap<string, DuckDBType>;
  },
): Promise<void> {
  for (const column of columns) {
    const name = quoted(column.name);
    const existing = stored.types.get(column.name);
    const wanted = duckdbType(column);
    if (existing === undefined) await connection.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${wanted}`);
    const [before, after] = [stored.meanings.get(existing ?? ''), stored.meanings.get(wanted)];
    if (!before || !after || before.toString() === after.toString()) continue;
    assertGrown(table, column, before, after);
    await connection.run(`ALTER TABLE ${table} ALTER COLUMN ${name} SET DATA TYPE ${wanted}`);
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
