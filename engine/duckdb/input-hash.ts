import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { sourceTables } from '../googlesql/catalog.ts';
import type { PreparedAction } from '../prepare-graph.ts';
import { SETUP } from './sql/generate.ts';
import { identifier, text } from './sql/types.ts';

/**
 * Of what a stored table was made and what it holds. It is kept as the table's comment, so it cannot outlive the table:
 * whoever replaces or drops that takes it away, and a run that is killed before the comment stands leaves none.
 */
export interface InputHash {
  /** Hash of the query and of the contents of all that it reads. */
  readonly recipe: string;
  /** Count and checksum of the rows; equal contents have the same. */
  readonly content: string;
}

/** Columns that stand for a whole version of a record: the load computes the hash over the rest. */
const VERSION = ['id', '_row_hash', '_run_id', '_extracted_at'];

/** The provenance of every table that has one, by `dataset.table`. */
export async function readInputHash(connection: DuckDBConnection): Promise<ReadonlyMap<string, InputHash>> {
  const reader = await connection.runAndReadAll(
    'SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE comment IS NOT NULL',
  );
  return new Map(
    reader.getRowObjectsJson().flatMap(({ schema_name, table_name, comment }) => {
      const [, recipe, content] = /^made of (\w+), holds (\S+)$/.exec(String(comment)) ?? [];
      return recipe && content ? [[`${schema_name}.${table_name}`, { recipe, content }]] : [];
    }),
  );
}

export async function writeInputHash(
  connection: DuckDBConnection,
  relation: string,
  { recipe, content }: InputHash,
): Promise<void> {
  await connection.run(`COMMENT ON TABLE ${relation} IS ${text(`made of ${recipe}, holds ${content}`)}`);
}

/** Everything that decides what an action gives: its query, the engine, and the contents that it reads. */
export function recipeOf(
  { sql, kind, action }: PreparedAction,
  contents: ReadonlyMap<string, string>,
  engineVersion: string,
): string {
  const read = (action.dependencyTargets ?? []).map(({ name }) => [name, contents.get(name) ?? null]);
  return createHash('sha256')
    .update(JSON.stringify([engineVersion, SETUP, kind, sql, read]))
    .digest('hex');
}

/**
 * Count and checksum of a table's rows, whatever their order.
 *
 * @param isChangeLog whether its rows are versions of records, of which the load's own columns tell everything
 */
export async function contentOf(
  connection: DuckDBConnection,
  { schema, name }: { readonly schema: string; readonly name: string },
  isChangeLog: boolean,
): Promise<string> {
  const row = isChangeLog ? VERSION.map(identifier).join(', ') : 'r';
  const reader = await connection.runAndReadAll(
    `SELECT count(*) || ':' || coalesce(sum(hash(${row})), 0) FROM ${identifier(schema)}.${identifier(name)} AS r`,
  );
  return String(reader.getRowsJson()[0]?.[0]);
}

/** Tables up to this size are hashed anew before they are kept: a night of 1.7 million rows takes 0.07 s for them, 1.3 s for all. */
const HASHED_ROWS = 100_000;

/** Whether a table still holds what its note says; of a large one only the count of its rows is looked at. */
export async function isUntouched(
  connection: DuckDBConnection,
  target: { readonly schema: string; readonly name: string },
  { content }: InputHash,
): Promise<boolean> {
  const rows = rowsIn(content);
  if (rows <= HASHED_ROWS) return (await contentOf(connection, target, false)) === content;
  const { schema, name } = target;
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FROM ${identifier(schema)}.${identifier(name)}`,
  );
  return Number(reader.getRowsJson()[0]?.[0]) === rows;
}

/** How many rows a content stands for. */
export function rowsIn(content: string): number {
  return Number.parseInt(content, 10);
}

/** Names of the tables that the loads fill. */
export function changeLogs(): ReadonlySet<string> {
  return new Set(
    sourceTables().flatMap(({ name, columns }) =>
      VERSION.every((wanted) => columns.some((column) => column.name === wanted)) ? [name] : [],
    ),
  );
}
