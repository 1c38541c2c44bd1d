import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { duckdbQuery } from '../../engine/duckdb/sql/generate.ts';
import { constant } from '../../engine/duckdb/sql/literals.ts';
import { SETUP } from '../../engine/duckdb/sql/macros.ts';
import { duckdbTypeOf, identifier } from '../../engine/duckdb/sql/types.ts';
import type { CatalogTable } from '../../engine/googlesql/catalog.ts';
import type { ResolvedType } from '../../engine/googlesql/resolved-node.ts';
import type { GoogleSql } from '../../engine/googlesql/server.ts';
import type { TreeNode } from '../../engine/googlesql/tree.ts';
import { duckdbText, type Value, wireOf, wireText } from './engine-values.ts';

/** A table with the same rows in both engines. */
export interface TestTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ResolvedType }[];
  readonly rows: readonly Readonly<Record<string, Value>>[];
}

/** The table with its rows, for GoogleSQL's reference engine. */
export function catalogTable({ name, columns, rows }: TestTable): CatalogTable {
  const row = rows.map((record) => ({
    cell: columns.map((column) => wireOf(record[column.name] ?? null, column.type)),
  }));
  return { name, columns, content: { tableData: { row } } };
}

/** A database in memory that can run generated SQL. */
export async function openMemory(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const statement of ["SET TimeZone = 'UTC'", ...SETUP]) await connection.run(statement);
  return connection;
}

export async function createTable(
  connection: DuckDBConnection,
  { name, columns, rows }: TestTable,
): Promise<void> {
  const declared = columns.map((column) => `${identifier(column.name)} ${duckdbTypeOf(column.type)}`);
  await connection.run(`CREATE OR REPLACE TABLE ${identifier(name)} (${declared.join(', ')})`);
  if (rows.length === 0) return;
  const values = rows.map((record) => {
    const cells = columns.map(({ name: column, type }) =>
      constant(wireOf(record[column] ?? null, type), type),
    );
    return `(${cells.join(', ')})`;
  });
  await connection.run(`INSERT INTO ${identifier(name)} VALUES ${values.join(', ')}`);
}

/** Rows of GoogleSQL's reference engine as text, in the engine's order; an error is one row. */
export async function googleSqlRows(
  engine: GoogleSql,
  sql: string,
  tables: readonly CatalogTable[],
): Promise<string[][] | 'ERROR'> {
  try {
    return textRows(await engine.evaluate(sql, { tables }));
  } catch {
    return 'ERROR';
  }
}

/** The rows of an evaluation as text. */
export function textRows({ columns, rows }: Awaited<ReturnType<GoogleSql['evaluate']>>): string[][] {
  return rows.map((cells) =>
    columns.map(({ type }, index) => wireText((cells[index] ?? {}) as object, type as ResolvedType)),
  );
}

/** Rows by DuckDB's SQL for the resolved query. @throws UnsupportedSql */
export async function duckdbRows(
  connection: DuckDBConnection,
  statement: TreeNode,
  relation: (table: string) => string = identifier,
): Promise<string[][] | 'ERROR'> {
  return rowsOfSql(connection, duckdbQuery(statement, relation), statement);
}

/** Rows of DuckDB SQL that was made of a resolved query. */
export async function rowsOfSql(
  connection: DuckDBConnection,
  sql: string,
  statement: TreeNode,
): Promise<string[][] | 'ERROR'> {
  const columns = statement.outputColumnList as readonly { column: { type: ResolvedType } }[];
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowsJson();
    return rows.map((cells) => columns.map(({ column }, index) => duckdbText(cells[index], column.type)));
  } catch {
    return 'ERROR';
  }
}
