import type { DuckDBConnection } from '@duckdb/node-api';
import { contentHash, contentHashOf, VERSION } from '../input-hash.ts';
import { identifier, text } from '../sql/types.ts';
import type { Change } from './change.ts';

/** What a raw table held when models were last built from it. */
export interface RawContent {
  /** `count:checksum` of its versions. */
  readonly contentHash: string;
  /** The last run that had added versions. */
  readonly lastRun: string;
}

export type RawContents = Map<string, RawContent>;

/** In the warehouse, in the schema of the macros: no dataset has it, so neither readers nor models see it. */
const TABLE = 'googlesql.raw_contents';

const CREATE = `CREATE TABLE IF NOT EXISTS ${TABLE} (raw_table VARCHAR, content_hash VARCHAR, last_run VARCHAR)`;

export async function readRawContents(connection: DuckDBConnection): Promise<RawContents> {
  await connection.run(CREATE);
  const reader = await connection.runAndReadAll(`SELECT raw_table, content_hash, last_run FROM ${TABLE}`);
  return new Map(
    reader
      .getRowsJson()
      .map(([table, contentHash, lastRun]) => [
        String(table),
        { contentHash: String(contentHash), lastRun: String(lastRun) },
      ]),
  );
}

/** Replaces what is noted. */
export async function writeRawContents(connection: DuckDBConnection, contents: RawContents): Promise<void> {
  const rows = [...contents].map(
    ([table, { contentHash, lastRun }]) => `(${text(table)}, ${text(contentHash)}, ${text(lastRun)})`,
  );
  const values = rows.length > 0 ? `; INSERT INTO ${TABLE} VALUES ${rows.join(', ')}` : '';
  await connection.run(`BEGIN; ${CREATE}; DELETE FROM ${TABLE}${values}; COMMIT`);
}

/**
 * What a raw table holds, and what was added since models were last built from it. Versions are added by runs and never
 * changed; if that is not what happened, no change is returned.
 *
 * @param before what it held then
 */
export async function rawContentOf(
  connection: DuckDBConnection,
  source: { readonly schema: string; readonly name: string },
  before: RawContent | undefined,
): Promise<RawContent & { readonly change?: Change }> {
  const now = await contentHashOf(connection, source, true);
  if (before?.contentHash === now) return before;
  const relation = `${identifier(source.schema)}.${identifier(source.name)}`;
  const known = `_run_id <= ${text(before?.lastRun ?? '')}`;
  const reader = await connection.runAndReadAll(
    `SELECT coalesce(max(_run_id), ''), ${contentHash(VERSION, `FILTER (${known})`)} FROM ${relation}`,
  );
  const [lastRun = '', ofKnown] = (reader.getRowsJson()[0] ?? []).map(String);
  const content = { contentHash: now, lastRun };
  if (!before || before.contentHash !== ofKnown) return content;
  return {
    ...content,
    change: { before: before.contentHash, rows: `(SELECT * FROM ${relation} WHERE NOT ${known})` },
  };
}
