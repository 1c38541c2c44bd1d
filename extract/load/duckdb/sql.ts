import type { DuckDBConnection, DuckDBValue, Json } from '@duckdb/node-api';
import { PipelineError, WarehouseError } from '../../../base/errors.ts';

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

/**
 * Runs `work` in a transaction: all of it, or nothing.
 *
 * @throws WarehouseError with the kind of DuckDB's error; its text is kept back, for it quotes values.
 */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    // A failed COMMIT has already rolled back; what matters is why.
    await connection.run('ROLLBACK').catch(() => {});
    if (error instanceof PipelineError) throw error;
    const kind = /^[A-Z][\w ]{0,40} Error/i.exec(error instanceof Error ? error.message : '')?.[0];
    throw new WarehouseError(
      `DuckDB refused the change (${kind ?? 'no reason given'}); nothing of it was kept`,
      {
        remedy: 'Check the disk and its room, then run again; if it stays, report it with the entity.',
        cause: error,
      },
    );
  }
}
