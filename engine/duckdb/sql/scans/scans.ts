import { type Reader, readNode, UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import { columnName, expressionSql } from '../expressions.ts';
import type { Scope } from '../scope.ts';
import { identifier } from '../types.ts';
import { aggregate } from './aggregate-scan.ts';
import { array } from './array-scan.ts';
import { type Computed, expressions, select, withName } from './columns.ts';
import { join } from './join-scan.ts';
import { orderBy } from './order-scan.ts';
import type { ScanWriter } from './scan-writer.ts';
import { setOperation } from './set-operation.ts';
import { analytic } from './window-scan.ts';
import { recursion, recursiveReference, withQueries, withReference } from './with-scan.ts';

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
  RecursiveScan: recursion,
  RecursiveRefScan: recursiveReference,
  OrderByScan: orderBy,
  LimitOffsetScan: limit,
  SingleRowScan: () => 'SELECT 1 AS _',
};

/** One SELECT with the columns of the scan, each under its unique name. */
export function scanSql(node: TreeNode, scope: Scope): string {
  const write = SCANS[node.kind];
  if (!write) throw new UnsupportedSql(`${node.kind}; add it to engine/duckdb/sql/scans`);
  return readNode(node, (reader) => {
    reader.ignore('nodeSource', 'isOrdered');
    return write(reader, scope, scanSql);
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
  const input = `(${scanSql(reader.node('inputScan'), scope)})`;
  return `${select(reader.columns('columnList').map(columnName), input)} WHERE ${condition}`;
}

function limit(reader: Reader, scope: Scope): string {
  const offset = reader.optionalNode('offset');
  const columns = reader.columns('columnList').map(columnName);
  const input = `(${scanSql(reader.node('inputScan'), scope)})`;
  return `${select(columns, input)} LIMIT ${expressionSql(reader.node('limit'), scope)}${
    offset ? ` OFFSET ${expressionSql(offset, scope)}` : ''
  }`;
}
