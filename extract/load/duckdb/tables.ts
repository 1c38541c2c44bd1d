import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { WarehouseError } from '../../../base/errors.ts';
import { type Column, duckdbType, type TableSchema } from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';
import { DuckDBListType, DuckDBStructType } from './library.ts';
import { quoted, rows } from './sql.ts';

/** `"st_raw_v2"."raw_jobs"` */
export function tableName(datasets: Datasets, table: Pick<TableSchema, 'dataset' | 'name'>): string {
  return `${quoted(datasets[table.dataset])}.${quoted(table.name)}`;
}

/** Creates missing datasets and tables, and adds columns that a schema has gained. Rows never change. */
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
  const parsedTypes = await parseTypes(
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
    else await alterColumns(connection, name, table.columns, { types, parsedTypes });
  }
}

export async function hasTable(
  connection: DuckDBConnection,
  schema: string,
  table: string,
): Promise<boolean> {
  return (await existingTypes(connection)).has(`${schema}.${table}`);
}

/** Parses with DuckDB, in one statement, the types of columns whose text differs between table and schema. */
async function parseTypes(
  connection: DuckDBConnection,
  pairs: readonly (readonly [existing: string | undefined, wanted: string])[],
): Promise<ReadonlyMap<string, DuckDBType>> {
  const different = pairs.filter(([existing, wanted]) => existing !== undefined && existing !== wanted);
  const types = [...new Set(different.flat())].filter((type) => type !== undefined);
  if (types.length === 0) return new Map();
  const reader = await connection.runAndReadAll(`SELECT ${types.map((type) => `NULL::${type}`).join(', ')}`);
  return new Map(types.map((type, index) => [type, reader.columnType(index)]));
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

async function alterColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column[],
  stored: {
    readonly types: ReadonlyMap<string, string>;
    readonly parsedTypes: ReadonlyMap<string, DuckDBType>;
  },
): Promise<void> {
  for (const column of columns) {
    const name = quoted(column.name);
    const existing = stored.types.get(column.name);
    const wanted = duckdbType(column);
    if (existing === undefined) await connection.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${wanted}`);
    const [before, after] = [stored.parsedTypes.get(existing ?? ''), stored.parsedTypes.get(wanted)];
    if (!before || !after || before.toString() === after.toString()) continue;
    assertOnlyFieldsAdded(table, column, before, after);
    await connection.run(`ALTER TABLE ${table} ALTER COLUMN ${name} SET DATA TYPE ${wanted}`);
  }
}

/** @throws WarehouseError if the type changed other than by new fields. */
function assertOnlyFieldsAdded(table: string, column: Column, before: DuckDBType, after: DuckDBType): void {
  const typesAfter = new Map(scalarTypes(after, column.name));
  const changed = scalarTypes(before, column.name).find(([path, type]) => typesAfter.get(path) !== type);
  if (changed === undefined) return;
  const [path, type] = changed;
  const wantedType = typesAfter.get(path) ?? 'that the column does not exist';
  throw new WarehouseError(`${table}: column ${path} is ${type}, but its schema says ${wantedType}`, {
    remedy: 'Correct the schema, or drop the table and rebuild it from the landing with `npm run replay`.',
  });
}

/** The scalar types inside a type, with their paths: `items[].total` → `DECIMAL(38,9)`. */
function scalarTypes(type: DuckDBType, path: string): readonly (readonly [path: string, type: string])[] {
  if (type instanceof DuckDBListType) return scalarTypes(type.valueType, `${path}[]`);
  if (!(type instanceof DuckDBStructType)) return [[path, type.toString()]];
  return type.entryNames.flatMap((name, index) => {
    const entry = type.entryTypes[index];
    return entry === undefined ? [] : scalarTypes(entry, `${path}.${name}`);
  });
}
