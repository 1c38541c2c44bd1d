import type { DuckDBConnection } from '@duckdb/node-api';
import type { Applied } from './apply.ts';
import { text } from './sql/types.ts';

/** What each assertion found, and the hash of its query and inputs, by the name of the assertion. */
export type Verdicts = Map<string, { readonly inputHash: string; readonly found: Applied }>;

/** In the warehouse, in the schema of the macros: no dataset has it, so neither readers nor models see it. */
const TABLE = 'googlesql.assertion_verdicts';

const CREATE = `CREATE TABLE IF NOT EXISTS ${TABLE} (assertion VARCHAR, input_hash VARCHAR, found VARCHAR)`;

/** The verdicts of the last run that ended. */
export async function readVerdicts(connection: DuckDBConnection): Promise<Verdicts> {
  await connection.run(CREATE);
  const reader = await connection.runAndReadAll(`SELECT assertion, input_hash, found FROM ${TABLE}`);
  return new Map(
    reader
      .getRowsJson()
      .map(([name, inputHash, found]) => [
        String(name),
        { inputHash: String(inputHash), found: JSON.parse(String(found)) as Applied },
      ]),
  );
}

/** Replaces the stored verdicts. */
export async function writeVerdicts(connection: DuckDBConnection, verdicts: Verdicts): Promise<void> {
  const rows = [...verdicts].map(
    ([name, { inputHash, found }]) => `(${text(name)}, ${text(inputHash)}, ${text(JSON.stringify(found))})`,
  );
  const values = rows.length > 0 ? `; INSERT INTO ${TABLE} VALUES ${rows.join(', ')}` : '';
  await connection.run(`BEGIN; ${CREATE}; DELETE FROM ${TABLE}${values}; COMMIT`);
}
