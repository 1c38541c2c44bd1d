import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { identifier, text } from '../duckdb/sql/types.ts';
import type { CatalogTable } from '../googlesql/catalog.ts';
import type { ResolvedType } from '../googlesql/resolved-node.ts';

/** A table of the warehouse with its columns. */
export interface StoredTable extends CatalogTable {
  /** The table in DuckDB SQL. */
  readonly relation: string;
}

const KINDS: Readonly<Record<string, string>> = {
  BIGINT: 'TYPE_INT64',
  INTEGER: 'TYPE_INT64',
  'DECIMAL(38,9)': 'TYPE_NUMERIC',
  DOUBLE: 'TYPE_DOUBLE',
  BOOLEAN: 'TYPE_BOOL',
  VARCHAR: 'TYPE_STRING',
  BLOB: 'TYPE_BYTES',
  DATE: 'TYPE_DATE',
  TIME: 'TYPE_TIME',
  TIMESTAMP: 'TYPE_DATETIME',
  'TIMESTAMP WITH TIME ZONE': 'TYPE_TIMESTAMP',
  JSON: 'TYPE_JSON',
};

/** The names of all tables in a database, and in DuckDB SQL the table of each. */
export async function tableNames(
  connection: DuckDBConnection,
  database: string,
): Promise<ReadonlyMap<string, string>> {
  const reader = await connection.runAndReadAll(
    `SELECT table_name, schema_name FROM duckdb_tables() WHERE database_name = ${text(database)} ORDER BY ALL`,
  );
  return new Map(
    reader
      .getRowsJson()
      .map(([name, schema]) => [
        String(name),
        `${identifier(database)}.${identifier(String(schema))}.${identifier(String(name))}`,
      ]),
  );
}

/** Reads the columns of a table. A column of a type that BigQuery lacks is left out. */
export async function storedTable(
  connection: DuckDBConnection,
  name: string,
  relation: string,
): Promise<StoredTable> {
  const reader = await connection.runAndReadAll(`SELECT * FROM ${relation} LIMIT 0`);
  const columns = reader.columnNames().flatMap((column, index) => {
    const type = googleSqlType(reader.columnType(index));
    return type === undefined ? [] : [{ name: column, type }];
  });
  return { name, columns, relation };
}

function googleSqlType(type: DuckDBType): ResolvedType | undefined {
  if ('valueType' in type && !('size' in type)) {
    const elementType = googleSqlType(type.valueType as DuckDBType);
    return elementType && { typeKind: 'TYPE_ARRAY', arrayType: { elementType } };
  }
  if ('entryNames' in type && 'entryTypes' in type) {
    const types = type.entryTypes as readonly DuckDBType[];
    const field = (type.entryNames as readonly string[]).flatMap((fieldName, index) => {
      const entry = types[index];
      const fieldType = entry && googleSqlType(entry);
      return fieldType ? [{ fieldName, fieldType }] : [];
    });
    return { typeKind: 'TYPE_STRUCT', structType: { field } };
  }
  const typeKind = KINDS[type.alias ?? String(type)] ?? KINDS[String(type)];
  return typeKind === undefined ? undefined : { typeKind };
}
