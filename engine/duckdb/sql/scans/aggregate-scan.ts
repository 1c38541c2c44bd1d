import { type ResolvedColumn, readNode, UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import { type Computed, expressions, select, withName } from './columns.ts';
import type { ScanWriter } from './scan-writer.ts';

interface GroupingCall {
  readonly groupByColumn: { readonly column: ResolvedColumn };
  readonly outputColumn: ResolvedColumn;
}

/** GROUP BY, with ROLLUP, CUBE and GROUPING SETS. */
export const aggregate: ScanWriter = (reader, scope, scan) => {
  const groups = reader.list<Computed>('groupByList');
  const computed = expressions([...groups, ...reader.list<Computed>('aggregateList')], scope);
  const keyOf = ({ columnId }: ResolvedColumn) => computed.get(columnId) ?? '';
  for (const { groupByColumn, outputColumn } of reader.list<GroupingCall>('groupingCallList')) {
    computed.set(outputColumn.columnId, `CAST(GROUPING(${keyOf(groupByColumn.column)}) AS BIGINT)`);
  }
  const columns = reader.columns('columnList').map((column) => withName(column, computed));
  reader.ignore('rollupColumnList');
  const sets = reader.nodes('groupingSetList').map((set) => groupingSet(set, keyOf));
  const by =
    sets.length > 0 ? [`GROUPING SETS (${sets.join(', ')})`] : groups.map(({ column }) => keyOf(column));
  const from = `(${scan(reader.node('inputScan'), scope)})`;
  return `${select(columns, from)}${by.length > 0 ? ` GROUP BY ${by.join(', ')}` : ''}`;
};

/** `(a, b)`, `ROLLUP (a, b)` or `CUBE (a, b)`. */
function groupingSet(node: TreeNode, keyOf: (column: ResolvedColumn) => string): string {
  return readNode(node, (reader) => {
    const keys = (list: readonly TreeNode[]) =>
      `(${list.map((ref) => keyOf(ref.column as ResolvedColumn)).join(', ')})`;
    const several = (field: string) => {
      const sets = reader.list<{ columnList?: readonly TreeNode[] }>(field);
      return `(${sets.map(({ columnList = [] }) => keys(columnList)).join(', ')})`;
    };
    switch (node.kind) {
      case 'GroupingSet':
        return keys(reader.list<TreeNode>('groupByColumnList'));
      case 'Rollup':
        return `ROLLUP ${several('rollupColumnList')}`;
      case 'Cube':
        return `CUBE ${several('cubeColumnList')}`;
      default:
        throw new UnsupportedSql(`${node.kind}; add it to engine/duckdb/sql/scans/aggregate-scan.ts`);
    }
  });
}
