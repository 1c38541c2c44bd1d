import type { DuckDBConnection, DuckDBValue, Json } from '@duckdb/node-api';
import { PipelineError, WarehouseError } from '../../../base/errors.ts';

/** Quotes a name as an identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text as a string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Runs a query and returns its rows. 64-bit integers and decimals are text. */
export async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: Readonly<Record<string, DuckDBValue>> = {},
): Promise<readonly Readonly<Record<string, Json | undefined>>[]> {
  const reader = await connection.runAndReadAll(sql, { ...values });
  return reader.getRowObjectsJson();
}

/**
 * Runs `work` in a transaction, and rolls it back if it fails.
 *
 * @throws WarehouseError with the type of DuckDB's error, but without its text, which may quote values.
 */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    // A failed COMMIT has already rolled back. The first error is the one to report.
    await connection.run('ROLLBACK').catch(() => {});
    if (error instanceof PipelineError) throw error;
    const kind = /^[A-Z][\w ]{0,40} Error/i.exec(error instanceof Error ? error.message : '')?.[0];
    throw new WarehouseError(
      `DuckDB refused the change (${kind ?? 'no reason given'}); the transaction was rolled back`,
      {
        remedy:
          'Check the disk and its free space, then run again; if the error repeats, report it with the name of the entity.',
        cause: error,
      },
    );
  }
}
