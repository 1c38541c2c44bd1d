import type { ResolvedColumn } from '../../../googlesql/resolved-node.ts';
import { columnName, expressionSql } from '../expressions.ts';
import { select, withName } from './columns.ts';
import type { ScanWriter } from './scan-writer.ts';

/** UNNEST, alone or joined to a table: one row per element. LEFT JOIN UNNEST keeps a row whose array is empty. */
export const array: ScanWriter = (reader, scope, scan) => {
  const element = reader.value<ResolvedColumn>('elementColumn');
  const offset = reader.optional<{ column?: ResolvedColumn }>('arrayOffsetColumn')?.column;
  const condition = reader.optionalNode('joinExpr');
  const isOuter = reader.text('isOuter', 'false') === 'true';
  const values = expressionSql(reader.node('arrayExpr'), scope);
  const source = reader.optionalNode('inputScan');
  const from = source && source.kind !== 'SingleRowScan' ? `(${scan(source, scope)})` : undefined;
  const wanted = reader.columns('columnList');
  const elements = (list: string, place: string) =>
    new Map([
      [element.columnId, `unnest(${list})`],
      ...(offset ? [[offset.columnId, `unnest(${place})`] as const] : []),
    ]);
  if (condition === undefined || (!isOuter && from === undefined)) {
    // An empty array has no element, so an outer join puts one NULL in its place.
    const list = isOuter ? `CASE WHEN len(${values}) > 0 THEN ${values} ELSE [NULL] END` : values;
    const places = !isOuter
      ? `range(len(${values}))`
      : `CASE WHEN len(${values}) > 0 THEN range(len(${values})) ELSE [NULL] END`;
    const computed = elements(list, places);
    const columns = wanted.map((column) => withName(column, computed));
    // Each element makes a row, even if no column reads it.
    if (!wanted.some(({ columnId }) => computed.has(columnId))) columns.push(`unnest(${list}) AS _`);
    const rows = select(columns, from);
    return condition === undefined
      ? rows
      : `SELECT * FROM (${rows}) WHERE ${expressionSql(condition, scope)}`;
  }
  const computed = elements(values, `range(len(${values}))`);
  const made = [element, ...(offset ? [offset] : [])].map((column) => withName(column, computed));
  const join = isOuter ? 'LEFT JOIN' : 'JOIN';
  return select(
    wanted.map(columnName),
    `${from ?? '(SELECT 1 AS _)'} ${join} LATERAL (${select(made)}) ON ${expressionSql(condition, scope)}`,
  );
};
