import type { ResolvedColumn } from '../../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import { columnName, expressionSql } from '../expressions.ts';
import type { Scope } from '../scope.ts';

/** A column that a scan computes. */
export interface Computed {
  readonly column: ResolvedColumn;
  readonly expr: TreeNode;
}

/** SQL of computed columns by column id. */
export function expressions(list: readonly Computed[], scope: Scope): Map<string, string> {
  return new Map(list.map(({ column, expr }) => [column.columnId, expressionSql(expr, scope)]));
}

export function withName(column: ResolvedColumn, computed: ReadonlyMap<string, string>): string {
  const expression = computed.get(column.columnId);
  return expression === undefined ? columnName(column) : `${expression} AS ${columnName(column)}`;
}

/** A scan may have no columns, for example below COUNT(*), but its rows are needed. */
export function select(columns: readonly string[], from?: string): string {
  return `SELECT ${columns.length > 0 ? columns.join(', ') : '1 AS _'}${from === undefined ? '' : ` FROM ${from}`}`;
}
