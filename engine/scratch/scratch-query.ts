import type { DuckDBConnection, Json } from '@duckdb/node-api';
import { PipelineError } from '../../base/errors.ts';
import { duckdbQuery } from '../duckdb/sql/generate.ts';
import { SETUP } from '../duckdb/sql/macros.ts';
import { identifier } from '../duckdb/sql/types.ts';
import { bareNames } from '../googlesql/catalog.ts';
import { tableOf } from '../googlesql/resolve-query.ts';
import { UnsupportedSql } from '../googlesql/resolved-node.ts';
import { startGoogleSql } from '../googlesql/server.ts';
import { SqlError } from '../googlesql/sql-error.ts';
import type { TreeNode } from '../googlesql/tree.ts';
import { lineWithCaret, withReferences } from './references.ts';
import { storedTable, tableNames } from './stored-tables.ts';

/** A query that GoogleSQL, the translation or DuckDB refused. The message has the line and a caret. */
export class ScratchError extends PipelineError {
  override readonly name = 'ScratchError';
}

export interface ScratchResult {
  /** Columns without a name are called `f0_`, `f1_` … as BigQuery does. */
  readonly columns: readonly { readonly name: string; readonly typeKind: string }[];
  readonly rows: readonly (readonly Json[])[];
  /** Whether the query has more rows than the limit. */
  readonly hasMore: boolean;
}

interface ScratchOptions {
  /** A connection that cannot write to the database. */
  readonly connection: DuckDBConnection;
  readonly database: string;
  /** Rows to read; undefined reads all. */
  readonly limit: number | undefined;
  readonly signal: AbortSignal;
}

/** Runs a BigQuery query with `${ref('…')}` on the tables of a DuckDB database. @throws ScratchError */
export async function runScratchQuery(
  text: string,
  { connection, database, limit, signal }: ScratchOptions,
): Promise<ScratchResult> {
  for (const statement of ["SET TimeZone = 'UTC'", ...SETUP]) await connection.run(statement);
  const { columns, sql } = await translated(text, connection, database);
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const reader = await connection.runAndReadUntil(
      sql,
      limit === undefined ? Number.MAX_SAFE_INTEGER : limit + 1,
    );
    const rows = reader.getRowsJson();
    return { columns, rows: rows.slice(0, limit), hasMore: limit !== undefined && rows.length > limit };
  } catch (cause) {
    signal.throwIfAborted();
    throw new ScratchError(`The query failed while it ran: ${runtimeReason(cause)}`, { cause });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

async function translated(text: string, connection: DuckDBConnection, database: string) {
  const { sql, names, offsetInText } = withReferences(text);
  const expression = sql.indexOf('${');
  if (expression >= 0) {
    throw new ScratchError(
      `Only \${ref('…')} has a meaning here\n${lineWithCaret(text, offsetInText(expression))}`,
      { remedy: "Write the value itself, such as date '2025-10-20'." },
    );
  }
  const stored = await tableNames(connection, database);
  for (const name of names) if (!stored.has(name)) throw missingTable(name, stored);
  const query = bareNames(sql);
  const named = [...stored].filter(([name]) => new RegExp(`\\b${name}\\b`, 'i').test(query));
  const tables = await Promise.all(named.map(([name, relation]) => storedTable(connection, name, relation)));
  const engine = await startGoogleSql();
  try {
    const statement = await engine.analyze(query, { tables });
    if (statement.kind !== 'QueryStmt') {
      throw new ScratchError('The statement is not a query, and the scratch pad only reads', {
        remedy: 'Write a query that begins with SELECT or WITH.',
      });
    }
    const relation = (name: string) => stored.get(name) ?? identifier(name);
    return { sql: duckdbQuery(statement, relation), columns: columnsOf(statement) };
  } catch (cause) {
    throw withPlace(cause, text, query, offsetInText);
  } finally {
    engine.close();
  }
}

function columnsOf(statement: TreeNode): ScratchResult['columns'] {
  let unnamed = 0;
  return tableOf('result', statement).columns.map(({ name, type }) => ({
    name: name.startsWith('$') ? `f${unnamed++}_` : name,
    typeKind: type.typeKind,
  }));
}

function withPlace(
  cause: unknown,
  text: string,
  query: string,
  offsetInText: (offset: number) => number,
): unknown {
  const at = (offset: number) => `\n${lineWithCaret(text, offsetInText(offset))}`;
  if (cause instanceof SqlError) {
    const { place } = cause;
    if (!place) return new ScratchError(cause.message, { cause });
    const lines = query.split('\n').slice(0, place.line - 1);
    const offset = lines.reduce((sum, line) => sum + line.length + 1, 0) + place.column - 1;
    return new ScratchError(`${cause.message}${at(offset)}`, { cause });
  }
  if (cause instanceof UnsupportedSql) {
    const message = `DuckDB does not support ${cause.message}`;
    if (cause.offset === undefined) return new ScratchError(message, { cause });
    const offset = Buffer.from(query).toString('utf8', 0, cause.offset).length;
    return new ScratchError(`${message}${at(offset)}`, { cause });
  }
  return cause;
}

function missingTable(name: string, stored: ReadonlyMap<string, string>): ScratchError {
  const similar = [...stored.keys()].filter((known) => known.includes(name) || name.includes(known));
  const all = [...stored.keys()].filter((known) => !known.startsWith('_'));
  return new ScratchError(`The warehouse has no table ${name}`, {
    remedy:
      similar.length > 0
        ? `Perhaps ${similar.slice(0, 3).join(' or ')}?`
        : all.length > 0
          ? `It has ${all.join(', ')}.`
          : 'Run `npm run nightly` first.',
  });
}

/** Messages of the translation's own errors are texts that a cast refused. */
function runtimeReason(cause: unknown): string {
  const line = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
  return /(division by zero|the array index is out of range|negative length)[^']*/.exec(line)?.[0] ?? line;
}
