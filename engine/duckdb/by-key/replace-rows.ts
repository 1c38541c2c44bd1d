import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReplacedKeys } from '../../../extract/load/duckdb/readable-copy.ts';
import { contentHash, rowsIn, writeTableHashes } from '../input-hash.ts';
import { identifier } from '../sql/types.ts';
import type { Change } from './change.ts';
import { type Key, type KeyedQuery, rowsOfKeys } from './keyed-query.ts';

/** When tables get new rows for the keys that changed, and are not built whole. */
export interface ByKeyLimits {
  /** Rows in the whole warehouse from which on it is worth a dozen statements for a table: a guess. */
  readonly warehouseRows: number;
  /** The largest part of a table to be replaced: more would not be faster, and would leave gaps in its file. */
  readonly largestPart: number;
  /** The most rows of a table to be replaced: they are in memory twice, the old and the new. */
  readonly mostRows: number;
}

export const BY_KEY: ByKeyLimits = { warehouseRows: 200_000, largestPart: 0.2, mostRows: 100_000 };

export interface Replacement {
  readonly target: { readonly schema: string; readonly name: string };
  readonly byKey: KeyedQuery;
  /** The table's hashes before: `contentHash` is what it holds, `inputHash` what it is to be made of now. */
  readonly hashes: { readonly inputHash: string; readonly contentHash: string };
  /** The tables that the query reads and that changed. */
  readonly changes: ReadonlyMap<string, Change>;
  /** The columns of the table that are keys of others. */
  readonly keyColumns: readonly string[];
  /** Gives the table that a model or source is stored in. */
  readonly relation: (table: string) => string;
  readonly limits: ByKeyLimits;
}

export interface Replaced {
  readonly contentHash: string;
  readonly keys: ReplacedKeys;
  /** Absent if no other table can use it. */
  readonly change?: Change;
}

/** The database in memory that has the changed keys and rows of a run. */
const CHANGES = 'changes';

/** Prepares for `replaceRows`. */
export async function attachChanges(connection: DuckDBConnection): Promise<void> {
  await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS ${CHANGES}`);
}

/**
 * Computes again the rows of a table whose key occurs in what changed, and replaces them in one transaction.
 *
 * @returns undefined if no key has all that changed, or most rows would be replaced
 */
export async function replaceRows(
  connection: DuckDBConnection,
  { target, byKey, changes, hashes, keyColumns, relation, limits }: Replacement,
): Promise<Replaced | undefined> {
  const stored = relation(target.name);
  const before = hashes.contentHash;
  const part = (name: string) => `${CHANGES}.main.${identifier(`${target.name} ${name}`)}`;
  const [keys, old, fresh, rows] = [part('keys'), part('old'), part('new'), part('changed')];
  const store = (table: string, query: string) =>
    connection.run(`CREATE OR REPLACE TABLE ${table} AS ${query}`);
  // NULL is a key too.
  const isChanged = (column: string) =>
    `EXISTS (SELECT 1 FROM ${keys} AS changed WHERE changed.key IS NOT DISTINCT FROM ${column})`;
  const isRead = ({ inputs }: Key) => [...changes.keys()].every((table) => table in inputs);
  try {
    for (const key of byKey.keys.filter(isRead)) {
      await store(keys, keysOf(key, changes));
      const isReplaced = isChanged(`r.${identifier(key.column)}`);
      await store(old, `SELECT * FROM ${stored} AS r WHERE ${isReplaced}`);
      const oldHash = await hashOf(connection, old);
      if (rowsIn(oldHash) > Math.min(limits.mostRows, limits.largestPart * rowsIn(before))) continue;
      await store(fresh, rowsOfKeys(byKey, key, { relation, isChanged }));
      const contentHash = hashAfter(before, oldHash, await hashOf(connection, fresh));
      await connection.run('BEGIN');
      try {
        await connection.run(`DELETE FROM ${stored} AS r WHERE ${isReplaced}`);
        await connection.run(`INSERT INTO ${stored} BY NAME FROM ${fresh}`);
        await writeTableHashes(connection, stored, { inputHash: hashes.inputHash, contentHash });
        await connection.run('COMMIT');
      } catch (error) {
        await connection.run('ROLLBACK');
        throw error;
      }
      const replaced = { contentHash, keys: { before, column: key.column, keys } };
      if (keyColumns.length === 0) return replaced;
      const columns = keyColumns.map(identifier).join(', ');
      const counted = (table: string, sign: number) =>
        `SELECT ${columns}, hash(r) AS "row hash", ${sign} AS "came or went" FROM ${table} AS r`;
      await store(
        rows,
        `SELECT DISTINCT ${columns} FROM (${counted(old, -1)} UNION ALL ${counted(fresh, 1)})
         QUALIFY sum("came or went") OVER (PARTITION BY "row hash") <> 0`,
      );
      return { ...replaced, change: { before, rows } };
    }
    return undefined;
  } finally {
    // Even small tables take much memory: a block for each column.
    for (const table of [old, fresh]) await connection.run(`DROP TABLE IF EXISTS ${table}`);
  }
}

/** The query for the keys of all rows that went or came. */
function keysOf({ inputs }: Key, changes: Replacement['changes']): string {
  const queries = [...changes].map(
    ([table, { rows }]) => `SELECT ${identifier(inputs[table] ?? '')} AS key FROM ${rows}`,
  );
  return queries.length === 1 ? `SELECT DISTINCT key FROM (${queries[0]})` : queries.join(' UNION ');
}

async function hashOf(connection: DuckDBConnection, table: string): Promise<string> {
  const reader = await connection.runAndReadAll(`SELECT ${contentHash('r')} FROM ${table} AS r`);
  return String(reader.getRowsJson()[0]?.[0]);
}

/** A content hash is a count and a sum over the rows, so it follows from what went and what came. */
function hashAfter(before: string, went: string, came: string): string {
  const [held = [], less = [], more = []] = [before, went, came].map((hash) => hash.split(':').map(BigInt));
  return held.map((number, at) => number - (less[at] ?? 0n) + (more[at] ?? 0n)).join(':');
}
