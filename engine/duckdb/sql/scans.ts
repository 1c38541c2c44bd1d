import { type Reader, type ResolvedColumn, readNode, UnsupportedSql } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { columnName, expressionSql } from './expressions.ts';
import type { Scope } from './scope.ts';
import { identifier } from './types.ts';

interface Computed {
  readonly column: ResolvedColumn;
  readonly expr: TreeNode;
}

type ScanWriter = (reader: Reader, scope: Scope) => string;

const SCANS: Readonly<Record<string, ScanWriter>> = {
  TableScan: table,
  ProjectScan: project,
  FilterScan: filter,
  JoinScan: join,
  AggregateScan: aggregate,
  AnalyticScan: analytic,
  SetOperationScan: setOperation,
  ArrayScan: array,
  WithScan: withQueries,
  WithRefScan: withReference,
};

/** One SELECT with the columns of the scan, each under its unique name. */
export function scanSql(node: TreeNode, scope: Scope): string {
  const write = SCANS[node.kind];
  if (!write) throw new UnsupportedSql(`${node.kind}; add it to engine/duckdb/sql/scans.ts`);
  return readNode(node, (reader) => {
    reader.ignore('nodeSource', 'isOrdered');
    return write(reader, scope);
  });
}

function table(reader: Reader, scope: Scope): string {
  reader.ignore('columnIndexList', 'alias');
  const { name } = reader.value<{ name: string }>('table');
  const columns = reader
    .columns('columnList')
    .map((column) => `${identifier(column.name)} AS ${columnName(column)}`);
  return select(columns, scope.relation(name));
}

function project(reader: Reader, scope: Scope): string {
  const computed = expressions(reader.list<Computed>('exprList'), scope);
  const columns = reader.columns('columnList').map((column) => withName(column, computed));
  const input = reader.node('inputScan');
  return input.kind === 'SingleRowScan' ? select(columns) : select(columns, `(${scanSql(input, scope)})`);
}

function filter(reader: Reader, scope: Scope): string {
  const condition = expressionSql(reader.node('filterExpr'), scope);
  return `${select(reader.columns('columnList').map(columnName), input(reader, scope))} WHERE ${condition}`;
}

function join(reader: Reader, scope: Scope): string {
  const type = reader.text('joinType', 'INNER');
  if (!['INNER', 'LEFT', 'RIGHT', 'FULL'].includes(type)) throw new UnsupportedSql(`a join of type ${type}`);
  const condition = reader.optionalNode('joinExpr');
  const [left, right] = [reader.node('leftScan'), reader.node('rightScan')].map(
    (side) => `(${scanSql(side, scope)})`,
  );
  const on = condition ? expressionSql(condition, scope) : 'true';
  return select(reader.columns('columnList').map(columnName), `${left} ${type} JOIN ${right} ON ${on}`);
}

function aggregate(reader: Reader, scope: Scope): string {
  const groups = reader.list<Computed>('groupByList');
  const computed = expressions([...groups, ...reader.list<Computed>('aggregateList')], scope);
  const columns = reader.columns('columnList').map((column) => withName(column, computed));
  const by = groups.map(({ column }) => computed.get(column.columnId));
  return `${select(columns, input(reader, scope))}${by.length > 0 ? ` GROUP BY ${by.join(', ')}` : ''}`;
}

function analytic(reader: Reader, scope: Scope): string {
  const computed = new Map<string, string>();
  for (const group of reader.list<AnalyticGroup>('functionGroupList')) {
    const over = windowSql(group);
    for (const { column, expr } of group.analyticFunctionList) {
      computed.set(column.columnId, `${expressionSql(expr, scope)} OVER (${over})`);
    }
  }
  return select(
    reader.columns('columnList').map((column) => withName(column, computed)),
    input(reader, scope),
  );
}

interface AnalyticGroup {
  readonly analyticFunctionList: readonly Computed[];
  readonly partitionBy?: { readonly partitionByList?: readonly { readonly column: ResolvedColumn }[] };
  readonly orderBy?: { readonly orderByItemList?: readonly OrderItem[] };
}

interface OrderItem {
  readonly columnRef: { readonly column: ResolvedColumn };
  readonly isDescending?: boolean;
  readonly nullOrder?: string;
}

function windowSql({ partitionBy, orderBy }: AnalyticGroup): string {
  const partition = partitionBy?.partitionByList?.map(({ column }) => columnName(column)) ?? [];
  const order = orderBy?.orderByItemList?.map(orderSql) ?? [];
  return [
    partition.length > 0 ? `PARTITION BY ${partition.join(', ')}` : '',
    order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function orderSql({ columnRef, isDescending, nullOrder = 'ORDER_UNSPECIFIED' }: OrderItem): string {
  if (nullOrder !== 'ORDER_UNSPECIFIED') throw new UnsupportedSql(`an order with ${nullOrder}`);
  // In GoogleSQL NULL is the smallest value.
  return `${columnName(columnRef.column)} ${isDescending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`;
}

function setOperation(reader: Reader, scope: Scope): string {
  const type = reader.text('opType', 'UNION_ALL');
  reader.only('columnMatchMode', 'BY_POSITION');
  reader.only('columnPropagationMode', 'STRICT');
  if (type !== 'UNION_ALL')
    throw new UnsupportedSql(`${type.replace('_', ' ')}; add it to engine/duckdb/sql/scans.ts`);
  const names = reader.columns('columnList').map(columnName);
  const inputs = reader.list<{ scan: TreeNode; outputColumnList: readonly ResolvedColumn[] }>(
    'inputItemList',
  );
  return inputs
    .map(({ scan, outputColumnList }) => {
      const columns = outputColumnList.map((column, index) => `${columnName(column)} AS ${names[index]}`);
      return select(columns, `(${scanSql(scan, scope)})`);
    })
    .join(' UNION ALL ');
}

function array(reader: Reader, scope: Scope): string {
  const element = reader.value<ResolvedColumn>('elementColumn');
  const rows = `unnest(${expressionSql(reader.node('arrayExpr'), scope)})`;
  const computed = new Map([[element.columnId, rows]]);
  const columns = reader.columns('columnList').map((column) => withName(column, computed));
  const source = reader.optionalNode('inputScan');
  // Each element makes a row, even if no column reads it.
  if (!reader.columns('columnList').some(({ columnId }) => columnId === element.columnId))
    columns.push(`${rows} AS _`);
  return select(
    columns,
    source && source.kind !== 'SingleRowScan' ? `(${scanSql(source, scope)})` : undefined,
  );
}

function withQueries(reader: Reader, scope: Scope): string {
  reader.only('recursive', false);
  const entries = reader.list<{ withQueryName: string; withSubquery: TreeNode }>('withEntryList');
  const inner = { ...scope, withColumns: new Map(scope.withColumns) };
  const queries = entries.map(({ withQueryName, withSubquery }) => {
    const sql = `${identifier(withQueryName)} AS (${scanSql(withSubquery, inner)})`;
    inner.withColumns.set(withQueryName, withSubquery.columnList as readonly ResolvedColumn[]);
    return sql;
  });
  reader.ignore('columnList');
  return `WITH ${queries.join(', ')} ${scanSql(reader.node('query'), inner)}`;
}

function withReference(reader: Reader, scope: Scope): string {
  const name = reader.text('withQueryName');
  const defined = scope.withColumns.get(name);
  if (!defined) throw new UnsupportedSql(`the WITH query ${name} outside its scope`);
  const columns = reader.columns('columnList').map((column, index) => {
    const source = defined[index];
    if (!source) throw new UnsupportedSql(`the WITH query ${name} with other columns than it defines`);
    return `${columnName(source)} AS ${columnName(column)}`;
  });
  return select(columns, identifier(name));
}

function input(reader: Reader, scope: Scope): string {
  return `(${scanSql(reader.node('inputScan'), scope)})`;
}

function expressions(list: readonly Computed[], scope: Scope): Map<string, string> {
  return new Map(list.map(({ column, expr }) => [column.columnId, expressionSql(expr, scope)]));
}

function withName(column: ResolvedColumn, computed: ReadonlyMap<string, string>): string {
  const expression = computed.get(column.columnId);
  return expression === undefined ? columnName(column) : `${expression} AS ${columnName(column)}`;
}

/** A scan may have no columns, for example below COUNT(*), but its rows are needed. */
function select(columns: readonly string[], from?: string): string {
  return `SELECT ${columns.length > 0 ? columns.join(', ') : '1 AS _'}${from === undefined ? '' : ` FROM ${from}`}`;
}
