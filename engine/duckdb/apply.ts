import type { DuckDBConnection, Json } from '@duckdb/node-api';
import { SAMPLE_ROWS, SUMMED, type Sums } from '../action-result.ts';
import type { PreparedAction } from '../prepare-graph.ts';
import { identifier, text } from './sql/types.ts';

/** The result of an action: the rows in a table, or the rows that an assertion found with a sample of them. */
export interface Applied {
  readonly rows?: number;
  readonly sample?: readonly Record<string, Json>[];
  readonly sums?: Sums;
}

/**
 * Replaces a table, merges rows into an incremental table, or counts the rows that an assertion finds. A view is stored as
 * a table, because DuckDB would evaluate the view again for each query that reads it.
 */
export function apply(prepared: PreparedAction, connection: DuckDBConnection): Promise<Applied> {
  return prepared.kind === 'assertion' ? check(prepared, connection) : build(prepared, connection);
}

async function check({ sql, columns }: PreparedAction, connection: DuckDBConnection): Promise<Applied> {
  const sums = SUMMED.filter((name) => columns.includes(name)).map(
    (name) => `, CAST(sum(${identifier(name)}) AS VARCHAR) AS ${identifier(name)}`,
  );
  const [counted] = await rows(`SELECT count(*) AS n${sums.join('')} FROM (${sql})`, connection);
  const { n, ...summed } = counted ?? {};
  if (Number(n ?? 0) === 0) return { rows: 0 };
  const sample = await rows(`SELECT * FROM (${sql}) LIMIT ${SAMPLE_ROWS}`, connection);
  return { rows: Number(n), sample, sums: summed as Sums };
}

async function build(prepared: PreparedAction, connection: DuckDBConnection): Promise<Applied> {
  const { schema, name } = prepared.action.target;
  const relation = `${identifier(schema)}.${identifier(name)}`;
  const stored = await storedType(schema, name, connection);
  if (prepared.kind === 'incremental' && stored === 'BASE TABLE') {
    await mergeRows(prepared, relation, connection);
  } else {
    if (stored === 'VIEW') await connection.run(`DROP VIEW ${relation}`);
    await connection.run(`CREATE OR REPLACE TABLE ${relation} AS ${prepared.sql}`);
  }
  return { rows: await countOf(relation, connection) };
}

/** Does what Dataform's MERGE does on BigQuery: a row replaces the stored row with the same key; other rows stay. */
async function mergeRows(
  { action, columns, incrementalSql }: PreparedAction,
  relation: string,
  connection: DuckDBConnection,
): Promise<void> {
  const names = columns.map(identifier).join(', ');
  const isSame = (action.uniqueKey ?? [])
    .map((key) => `stored.${identifier(key)} = fresh.${identifier(key)}`)
    .join(' AND ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE fresh_rows AS ${incrementalSql}`);
  await connection.run('BEGIN');
  try {
    if (isSame) await connection.run(`DELETE FROM ${relation} stored USING fresh_rows fresh WHERE ${isSame}`);
    await connection.run(`INSERT INTO ${relation} (${names}) SELECT ${names} FROM fresh_rows`);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK');
    throw error;
  } finally {
    await connection.run('DROP TABLE IF EXISTS fresh_rows');
  }
}

async function storedType(
  schema: string,
  name: string,
  connection: DuckDBConnection,
): Promise<'VIEW' | 'BASE TABLE' | undefined> {
  const [stored] = await rows(
    `SELECT table_type FROM information_schema.tables WHERE table_schema = ${text(schema)} AND table_name = ${text(name)}`,
    connection,
  );
  return stored?.table_type as 'VIEW' | 'BASE TABLE' | undefined;
}

async function countOf(relation: string, connection: DuckDBConnection): Promise<number> {
  const [counted] = await rows(`SELECT count(*) AS n FROM ${relation}`, connection);
  return Number(counted?.n ?? 0);
}

async function rows(sql: string, connection: DuckDBConnection): Promise<Record<string, Json>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}
