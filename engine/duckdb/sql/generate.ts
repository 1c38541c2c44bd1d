import { type ResolvedColumn, readNode, UnsupportedSql } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { columnName } from './expressions.ts';
import { scanSql } from './scans.ts';
import type { Scope } from './scope.ts';
import { identifier } from './types.ts';

/**
 * Writes DuckDB SQL for a query that GoogleSQL has resolved. The outermost SELECT sets the published column names.
 *
 * @throws UnsupportedSql for anything that it does not know; it never guesses.
 */
export function duckdbQuery(statement: TreeNode, relation: Scope['relation']): string {
  if (statement.kind !== 'QueryStmt') throw new UnsupportedSql(`${statement.kind}; a model is one query`);
  return readNode(statement, (reader) => {
    reader.only('isValueTable', false);
    const published = reader
      .list<{ name: string; column: ResolvedColumn }>('outputColumnList')
      .map(({ name, column }) => `${columnName(column)} AS ${identifier(name)}`);
    const query = scanSql(reader.node('query'), { relation, withColumns: new Map(), subquery: scanSql });
    return `SELECT ${published.join(', ')} FROM (${query})`;
  });
}

/**
 * The schema and macros that generated SQL calls. They are stored in the database file, so that views work in any DuckDB
 * client. NUMERIC division has 9 decimals, rounds half away from zero and fails for zero; it uses integers to be exact.
 */
export const SETUP: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS googlesql',
  `CREATE OR REPLACE MACRO googlesql.numeric_units(a) AS
     CAST(a * CAST(1000000000 AS DECIMAL(10, 0)) AS HUGEINT)`,
  `CREATE OR REPLACE MACRO googlesql.numeric_divide(a, b) AS
     CASE
       WHEN b = 0 THEN CAST(CAST('division by zero: ' || CAST(a AS VARCHAR) AS HUGEINT) AS DECIMAL(38, 9))
       ELSE CAST(
         CAST(
           sign(a) * sign(b) * (
             (abs(googlesql.numeric_units(a)) * 2000000000 + abs(googlesql.numeric_units(b)))
             // (2 * abs(googlesql.numeric_units(b)))
           ) AS DECIMAL(38, 0)
         ) * CAST(0.000000001 AS DECIMAL(10, 9)) AS DECIMAL(38, 9)
       )
     END`,
];
