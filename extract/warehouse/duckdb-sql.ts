import type { DuckDBConnection, DuckDBValue, Json } from '@duckdb/node-api';

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

/** Runs `work` in a transaction: all of it, or nothing. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    // A failed COMMIT has already rolled back; what matters is why.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}
