import { type ResolvedColumn, UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import { columnName } from '../expressions.ts';
import type { Scope } from '../scope.ts';
import { select } from './columns.ts';
import type { ScanSql, ScanWriter } from './scan-writer.ts';

export interface SetInput {
  readonly scan: TreeNode;
  readonly outputColumnList: readonly ResolvedColumn[];
}

const OPERATORS: Readonly<Record<string, string>> = {
  UNION_ALL: 'UNION ALL',
  UNION_DISTINCT: 'UNION',
  INTERSECT_ALL: 'INTERSECT ALL',
  INTERSECT_DISTINCT: 'INTERSECT',
  EXCEPT_ALL: 'EXCEPT ALL',
  EXCEPT_DISTINCT: 'EXCEPT',
};

export function setOperator(type: string): string {
  const operator = OPERATORS[type];
  if (operator !== undefined) return operator;
  throw new UnsupportedSql(`${type.replace('_', ' ')}; add it to engine/duckdb/sql/scans/set-operation.ts`);
}

/** UNION, INTERSECT and EXCEPT; several of the same are evaluated from the left. */
export const setOperation: ScanWriter = (reader, scope, scan) => {
  reader.only('columnMatchMode', 'BY_POSITION');
  reader.only('columnPropagationMode', 'STRICT');
  const names = reader.columns('columnList').map(columnName);
  const operator = setOperator(reader.text('opType', 'UNION_ALL'));
  const inputs = reader.list<SetInput>('inputItemList').map((input) => setInput(input, names, scope, scan));
  return inputs.join(` ${operator} `);
};

/** One input of a set operation with the column names of the result. */
export function setInput(
  { scan: input, outputColumnList }: SetInput,
  names: readonly string[],
  scope: Scope,
  scan: ScanSql,
): string {
  const columns = outputColumnList.map((column, index) => `${columnName(column)} AS ${names[index]}`);
  return select(columns, `(${scan(input, scope)})`);
}
