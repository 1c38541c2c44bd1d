import { type ResolvedColumn, UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import { columnName } from '../expressions.ts';
import type { Scope } from '../scope.ts';
import { identifier } from '../types.ts';
import { select } from './columns.ts';
import type { ScanWriter } from './scan-writer.ts';
import { type SetInput, setInput, setOperator } from './set-operation.ts';

export const withQueries: ScanWriter = (reader, scope, scan) => {
  const isRecursive = reader.text('recursive', 'false') === 'true';
  const entries = reader.list<{ withQueryName: string; withSubquery: TreeNode }>('withEntryList');
  const inner = { ...scope, withColumns: new Map(scope.withColumns) };
  const queries = entries.map(({ withQueryName, withSubquery }) => {
    const columns = withSubquery.columnList as readonly ResolvedColumn[];
    const own: Scope = { ...inner, recursive: { name: withQueryName, columns } };
    const sql = `${identifier(withQueryName)} AS (${scan(withSubquery, own)})`;
    inner.withColumns.set(withQueryName, columns);
    return sql;
  });
  reader.ignore('columnList');
  const query = scan(reader.node('query'), inner);
  return `WITH ${isRecursive ? 'RECURSIVE ' : ''}${queries.join(', ')} ${query}`;
};

export const withReference: ScanWriter = (reader, scope) => {
  const name = reader.text('withQueryName');
  const defined = scope.withColumns.get(name);
  if (!defined) throw new UnsupportedSql(`the WITH query ${name} outside its scope`);
  return reference(name, reader.columns('columnList'), defined);
};

/** A WITH query that reads itself: its first rows, then rows made of the rows before, until there are none. */
export const recursion: ScanWriter = (reader, scope, scan) => {
  const names = reader.columns('columnList').map(columnName);
  const operator = setOperator(reader.text('opType', 'UNION_ALL'));
  const terms = ['nonRecursiveTerm', 'recursiveTerm'].map((field) =>
    setInput(reader.value<SetInput>(field), names, scope, scan),
  );
  return terms.join(` ${operator} `);
};

export const recursiveReference: ScanWriter = (reader, { recursive }) => {
  if (!recursive) throw new UnsupportedSql('a recursive reference outside WITH RECURSIVE');
  return reference(recursive.name, reader.columns('columnList'), recursive.columns);
};

function reference(
  name: string,
  wanted: readonly ResolvedColumn[],
  defined: readonly ResolvedColumn[],
): string {
  const columns = wanted.map((column, index) => {
    const source = defined[index];
    if (!source) throw new UnsupportedSql(`the WITH query ${name} with other columns than it defines`);
    return `${columnName(source)} AS ${columnName(column)}`;
  });
  return select(columns, identifier(name));
}
