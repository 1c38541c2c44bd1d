import type { ResolvedColumn } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { duckdbQuery } from '../sql/generate.ts';
import { SAME_IF_EQUAL } from '../sql/scans/join-condition.ts';
import type { Scope } from '../sql/scope.ts';
import { identifier } from '../sql/types.ts';
import { keyOrigins, WHOLE } from './key-origins.ts';

/** A column of a model that its rows can be computed again by. */
export interface Key {
  readonly column: string;
  /** Tables of which only the rows with the same value matter, each with the column that has it. Others are read whole. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** How the rows of a model with some values of a key are computed again without its other rows. */
export interface KeyedQuery {
  /** First those that most tables are read by. */
  readonly keys: readonly Key[];
  /** The query of the model with a mark in place of each table that a key may be read by. */
  readonly marked: string;
}

/** What stands in a query for a table that may be read by key. */
const markOf = (table: string) => identifier(`rows of ${table}`);

/** The keys of a resolved query, if it has any. */
export function keyedQuery(statement: TreeNode, relation: Scope['relation']): KeyedQuery | undefined {
  const origins = keyOrigins(statement.query as TreeNode);
  const published = statement.outputColumnList as readonly { name: string; column: ResolvedColumn }[];
  const keys = published.flatMap(({ name, column }): Key[] => {
    if (!SAME_IF_EQUAL.has(column.type.typeKind)) return [];
    const inputs = [...(origins.get(column.columnId) ?? [])].flatMap(([table, from]) =>
      from === WHOLE ? [] : [[table, from] as const],
    );
    return inputs.length === 0 ? [] : [{ column: name, inputs: Object.fromEntries(inputs) }];
  });
  if (keys.length === 0) return undefined;
  const tables = new Set(keys.flatMap(({ inputs }) => Object.keys(inputs)));
  const size = ({ inputs }: Key) => Object.keys(inputs).length;
  return {
    keys: keys.toSorted((a, b) => size(b) - size(a)),
    marked: duckdbQuery(statement, (table) => (tables.has(table) ? markOf(table) : relation(table))),
  };
}

/**
 * The rows of a model whose key changed.
 *
 * @param relation gives the table that a model or source is stored in
 * @param isChanged gives the condition that a column has a changed key
 */
export function rowsOfKeys(
  { keys, marked }: KeyedQuery,
  { inputs }: Key,
  { relation, isChanged }: { relation: Scope['relation']; isChanged: (column: string) => string },
): string {
  const tables = new Set(keys.flatMap((key) => Object.keys(key.inputs)));
  return [...tables].reduce((sql, table) => {
    const column = inputs[table];
    const condition = column === undefined ? '' : ` AS r WHERE ${isChanged(`r.${identifier(column)}`)}`;
    const rows = condition ? `(SELECT * FROM ${relation(table)}${condition})` : relation(table);
    return sql.replaceAll(markOf(table), rows);
  }, marked);
}

/** The columns of each table that queries read it by. */
export function keyColumnsOf(
  queries: readonly { readonly byKey?: KeyedQuery }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const columns = new Map<string, Set<string>>();
  for (const { inputs } of queries.flatMap(({ byKey }) => byKey?.keys ?? []))
    for (const [table, column] of Object.entries(inputs))
      columns.set(table, (columns.get(table) ?? new Set()).add(column));
  return columns;
}
