import type { DuckDBConnection, DuckDBValue, Json } from '@duckdb/node-api';
import { PipelineError, WarehouseError } from '../../../base/errors.ts';
import { duckdbType, type TableSchema } from '../../../schemas/columns.ts';
import type { TextRow } from '../warehouse.ts';

/** A name as an identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The rows of a query; 64-bit integers and decimals arrive as text. */
export async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: Readonly<Record<string, DuckDBValue>> = {},
): Promise<readonly Readonly<Record<string, Json | undefined>>[]> {
  const reader = await connection.runAndReadAll(sql, { ...values });
  return reader.getRowObjectsJson();
}

/** Runs statements one by one; returns the rows of the last one. */
export async function runAll(
  connection: DuckDBConnection,
  statements: readonly string[],
): Promise<readonly Readonly<Record<string, Json | undefined>>[]> {
  let last: Awaited<ReturnType<typeof rows>> = [];
  for (const statement of statements) last = await rows(connection, statement);
  return last;
}

/** Rows as a relation; each cell is cast from its text, so that decimals stay exact. */
export function inlineRows(table: TableSchema, values: readonly TextRow[]): string {
  const shape = JSON.stringify([Object.fromEntries(table.columns.map(({ name }) => [name, 'VARCHAR']))]);
  const cells = table.columns.map(
    (column) => `CAST(${quoted(column.name)} AS ${duckdbType(column)}) AS ${quoted(column.name)}`,
  );
  return `(SELECT ${cells.join(', ')}
    FROM (SELECT unnest(from_json(${literal(JSON.stringify(values))}, ${literal(shape)}), recursive := true)))`;
}

/** Runs `work` in a transaction: all of it, or nothing. @throws `failedTransaction` */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    throw await rolledBack(connection, error);
  }
}

/**
 * Rolls back, and returns the error to throw: a WarehouseError with the kind of DuckDB's error. DuckDB's text is kept back,
 * because it quotes values.
 */
export async function rolledBack(connection: DuckDBConnection, error: unknown): Promise<PipelineError> {
  // A failed COMMIT has rolled back already; what matters is why it failed.
  await connection.run('ROLLBACK').catch(() => {});
  if (error instanceof PipelineError) return error;
  const kind = /^[A-Z][\w ]{0,40} Error/i.exec(error instanceof Error ? error.message : '')?.[0];
  return new WarehouseError(
    `DuckDB refused the change (${kind ?? 'no reason given'}); the transaction was rolled back`,
    {
      remedy:
        'Check the disk and its free space, then run again; if the error repeats, report it with the name of the entity.',
      cause: error,
    },
  );
}
