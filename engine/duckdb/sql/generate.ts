import { type ResolvedColumn, readNode, UnsupportedSql } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { columnName } from './expressions.ts';
import { scanSql } from './scans/scans.ts';
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
