import type { DuckDBConnection } from '@duckdb/node-api';
import type { UnitTest } from './compile.ts';
import { duckdbQuery } from './duckdb/sql/generate.ts';
import { identifier } from './duckdb/sql/types.ts';
import type { CatalogTable } from './googlesql/catalog.ts';
import { modelError, type Origin, resolveQuery, tableOf } from './googlesql/resolve-query.ts';
import type { GoogleSql } from './googlesql/server.ts';
import type { TreeNode } from './googlesql/tree.ts';

/** The actual and the expected rows of a unit test, each row as JSON text, sorted. */
export interface UnitTestResult {
  readonly actual: readonly string[];
  readonly expected: readonly string[];
}

/**
 * Runs a Dataform unit test on DuckDB: the model's query over the test's inputs, and the query of the expected rows.
 *
 * @throws ModelError with the file of the test when GoogleSQL or the translation to DuckDB refuses a query
 */
export async function runUnitTest(
  test: UnitTest,
  engines: {
    readonly engine: GoogleSql;
    readonly connection: DuckDBConnection;
    readonly projectDir: string;
    readonly tables: readonly CatalogTable[];
  },
): Promise<UnitTestResult> {
  const { engine, connection, projectDir, tables } = engines;
  const rowsOf = async (query: string) => {
    const origin = { projectDir, fileName: test.fileName };
    const statement = await resolveQuery(engine, query, { tables }, origin);
    const sql = duckdbSql(statement, query, origin);
    const names = tableOf(test.name, statement).columns.map(({ name }) => name);
    const reader = await connection.runAndReadAll(sql);
    const rows = reader
      .getRowsJson()
      .map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i]])));
    // A query without ORDER BY returns rows in any order.
    return rows.map((row) => JSON.stringify(row)).sort();
  };
  return { actual: await rowsOf(test.testQuery), expected: await rowsOf(test.expectedOutputQuery) };
}

function duckdbSql(statement: TreeNode, query: string, origin: Origin): string {
  try {
    return duckdbQuery(statement, identifier);
  } catch (error) {
    throw modelError(error, query, origin);
  }
}
