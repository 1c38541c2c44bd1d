import { type Reader, type ResolvedColumn, UnsupportedSql } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { templateOf } from './functions/functions.ts';
import { type CallClauses, fillTemplate } from './template.ts';

interface Writers {
  readonly sql: (expression: TreeNode) => string;
  readonly columnName: (column: ResolvedColumn) => string;
}

export interface OrderItem {
  readonly columnRef: { readonly column: ResolvedColumn };
  readonly isDescending?: boolean;
  readonly nullOrder?: string;
}

/** Aggregates that skip NULLs by themselves, or for which IGNORE NULLS is a filter. */
const IGNORES_NULLS = { filter: '$1 IS NOT NULL' };

/** One item of ORDER BY. In GoogleSQL NULL is the smallest value. */
export function orderSql(
  { columnRef, isDescending, nullOrder = 'ORDER_UNSPECIFIED' }: OrderItem,
  columnName: Writers['columnName'],
): string {
  const nulls = { NULLS_FIRST: 'FIRST', NULLS_LAST: 'LAST' }[nullOrder] ?? (isDescending ? 'LAST' : 'FIRST');
  return `${columnName(columnRef.column)} ${isDescending ? 'DESC' : 'ASC'} NULLS ${nulls}`;
}

/** An aggregate call of GROUP BY with its DISTINCT, IGNORE NULLS, ORDER BY, LIMIT and HAVING MAX. */
export function aggregateCall(
  reader: Reader,
  signature: string,
  args: readonly string[],
  { sql, columnName }: Writers,
): string {
  const order = reader.list<OrderItem>('orderByItemList').map((item) => orderSql(item, columnName));
  const limit = reader.optionalNode('limit');
  const having = reader.optional<{ havingExpr?: TreeNode }>('havingModifier');
  const clauses: CallClauses = {
    ...distinctOf(reader),
    ...(order.length > 0 && { orderBy: order.join(', ') }),
    ...nullsOf(reader, signature),
  };
  const extra = [limit, having?.havingExpr].flatMap((node) => (node ? [sql(node)] : []));
  return fillTemplate(templateOf(signature), [...args, ...extra], clauses);
}

/** A call with OVER. IGNORE NULLS stands inside the call of a window function, and is a filter of an aggregate. */
export function windowCall(reader: Reader, signature: string, args: readonly string[], over: string): string {
  const isNavigation = /^(first_value|last_value|nth_value|lag|lead)\(/.test(signature);
  const nulls = reader.text('nullHandlingModifier', 'DEFAULT_NULL_HANDLING');
  if (nulls === 'RESPECT_NULLS' && /^percentile/.test(signature)) {
    throw new UnsupportedSql('PERCENTILE with RESPECT NULLS; without it NULLs are ignored');
  }
  const ignores = nulls === 'IGNORE_NULLS';
  return fillTemplate(templateOf(signature), args, {
    ...distinctOf(reader),
    ...(ignores && (isNavigation ? { ignoreNulls: true } : IGNORES_NULLS)),
    over,
  });
}

function distinctOf(reader: Reader): CallClauses {
  return reader.text('distinct', 'false') === 'true' ? { distinct: true } : {};
}

function nullsOf(reader: Reader, signature: string): CallClauses {
  const nulls = reader.text('nullHandlingModifier', 'DEFAULT_NULL_HANDLING');
  const skipsNulls = signature.startsWith('string_agg') || signature.startsWith('array_concat_agg');
  return nulls === 'IGNORE_NULLS' || skipsNulls ? IGNORES_NULLS : {};
}
