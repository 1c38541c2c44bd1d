import type { ResolvedColumn } from '../../googlesql/resolved-node.ts';
import { nodesIn, type TreeNode } from '../../googlesql/tree.ts';
import type { Computed } from '../sql/scans/columns.ts';
import { argumentsOf, conditionOf, SAME_IF_EQUAL, type Side } from '../sql/scans/join-condition.ts';
import type { SetInput } from '../sql/scans/set-operation.ts';

/** The rows of a table decide together: no column picks out those that matter. */
export const WHOLE = Symbol('whole');

/**
 * Of a column, each table that was read: the rows that have a value in the column are computed from the rows that have the
 * same value (or NULL) in this column of the table, and from no others of it.
 */
export type Origin = ReadonlyMap<string, string | typeof WHOLE>;

/** The rows of a scan: every table that they are computed from, and the origins of those columns that have one, by column id. */
interface Rows {
  readonly tables: ReadonlySet<string>;
  readonly origins: ReadonlyMap<string, Origin>;
}

/** What a scan is made of; the queries of WITH that it may name, by name. */
type Derive = (node: TreeNode, queries: ReadonlyMap<string, NamedRows>) => Rows;

interface NamedRows extends Rows {
  readonly columns: readonly ResolvedColumn[];
}

/**
 * The origin of each column of a resolved query, where it has one. What is not known to keep rows of different keys apart
 * has none: a missing origin costs time, a wrong one would leave rows as they were.
 *
 * @param query the outermost scan
 */
export function keyOrigins(query: TreeNode): ReadonlyMap<string, Origin> {
  return rowsOf(query, new Map()).origins;
}

const rowsOf: Derive = (node, queries) => {
  const derive = DERIVED[node.kind] ?? unknown;
  return withSubqueries(derive(node, queries), node, queries);
};

const DERIVED: Readonly<Record<string, Derive>> = {
  TableScan: (node) => {
    const { name } = node.table as { name: string };
    const origins = columnsOf(node).map(
      (column) => [column.columnId, new Map([[name, column.name]])] as const,
    );
    return { tables: new Set([name]), origins: new Map(origins) };
  },
  FilterScan: (node, queries) => rowsOf(node.inputScan as TreeNode, queries),
  OrderByScan: (node, queries) => rowsOf(node.inputScan as TreeNode, queries),
  ProjectScan: (node, queries) => renamed(rowsOf(node.inputScan as TreeNode, queries), node.exprList, true),
  AggregateScan: (node, queries) => {
    const input = rowsOf(node.inputScan as TreeNode, queries);
    const hasSets = ((node.groupingSetList ?? []) as readonly unknown[]).length > 0;
    return hasSets ? { ...input, origins: new Map() } : renamed(input, node.groupByList, false);
  },
  AnalyticScan: (node, queries) => {
    const input = rowsOf(node.inputScan as TreeNode, queries);
    const partitions = ((node.functionGroupList ?? []) as readonly WindowGroup[]).map(
      ({ partitionBy }) => new Set(partitionBy?.partitionByList?.map(({ column }) => column.columnId)),
    );
    const isKept = (id: string) => partitions.every((partition) => partition.has(id));
    return { ...input, origins: new Map([...input.origins].filter(([id]) => isKept(id))) };
  },
  ArrayScan: (node, queries) =>
    node.inputScan ? rowsOf(node.inputScan as TreeNode, queries) : { tables: new Set(), origins: new Map() },
  JoinScan: joined,
  SetOperationScan: united,
  WithScan: (node, queries) => {
    const known = new Map(queries);
    const entries = (node.withEntryList ?? []) as readonly {
      withQueryName: string;
      withSubquery: TreeNode;
    }[];
    for (const { withQueryName, withSubquery } of entries)
      known.set(withQueryName, { ...rowsOf(withSubquery, known), columns: columnsOf(withSubquery) });
    return rowsOf(node.query as TreeNode, known);
  },
  WithRefScan: (node, queries) => {
    const named = queries.get(node.withQueryName as string);
    if (!named) return unknown(node, queries);
    const origins = columnsOf(node).flatMap((column, index) => {
      const origin = named.origins.get(named.columns[index]?.columnId ?? '');
      return origin ? [[column.columnId, origin] as const] : [];
    });
    return { tables: named.tables, origins: new Map(origins) };
  },
};

interface WindowGroup {
  readonly partitionBy?: { readonly partitionByList?: readonly { readonly column: ResolvedColumn }[] };
}

/** Any other scan, such as LIMIT: its rows depend on all rows of each table. */
function unknown(node: TreeNode, queries: ReadonlyMap<string, NamedRows>): Rows {
  return { tables: tablesIn(node, queries), origins: new Map() };
}

/** Adds the tables that only subqueries in expressions of this scan read: all their rows matter. */
function withSubqueries(
  { tables, origins }: Rows,
  node: TreeNode,
  queries: ReadonlyMap<string, NamedRows>,
): Rows {
  const subqueries = nodesOf(node).filter(({ kind }) => kind === 'SubqueryExpr');
  const read = new Set(subqueries.flatMap((subquery) => [...tablesIn(subquery, queries)]));
  if (read.size === 0) return { tables, origins };
  const all: Origin = wholly(read);
  return {
    tables: new Set([...tables, ...read]),
    origins: new Map([...origins].map(([id, origin]) => [id, both(origin, all)])),
  };
}

/** Scans in this scan derive their own subqueries. */
const SCANS_INSIDE = [
  'inputScan',
  'leftScan',
  'rightScan',
  'query',
  'withEntryList',
  'inputItemList',
  'table',
];

function nodesOf(node: TreeNode): TreeNode[] {
  const own = Object.entries(node).filter(([field]) => !SCANS_INSIDE.includes(field));
  return own.flatMap(([, value]) => nodesIn(value));
}

function tablesIn(node: TreeNode, queries: ReadonlyMap<string, NamedRows>): Set<string> {
  return new Set(
    nodesIn(node).flatMap(({ kind, table, withQueryName }) => {
      if (kind === 'TableScan') return [(table as { name: string }).name];
      return kind === 'WithRefScan' ? [...(queries.get(withQueryName as string)?.tables ?? [])] : [];
    }),
  );
}

/** Columns that are only another name of a column have its origin. */
function renamed(input: Rows, list: unknown, keepsOthers: boolean): Rows {
  const origins = new Map(keepsOthers ? input.origins : []);
  for (const { column, expr } of (list ?? []) as readonly Computed[]) {
    const origin = expr.kind === 'ColumnRef' && input.origins.get((expr.column as ResolvedColumn).columnId);
    if (origin) origins.set(column.columnId, origin);
  }
  return { tables: input.tables, origins };
}

const KEPT: Readonly<Record<string, readonly Side[]>> = { INNER: [], LEFT: ['left'], RIGHT: ['right'] };

function joined(node: TreeNode, queries: ReadonlyMap<string, NamedRows>): Rows {
  const kept = KEPT[(node.joinType as string | undefined) ?? 'INNER'];
  if (!kept || ((node.parameterList ?? []) as readonly unknown[]).length > 0) return unknown(node, queries);
  const scans = { left: node.leftScan as TreeNode, right: node.rightScan as TreeNode };
  const rows = { left: rowsOf(scans.left, queries), right: rowsOf(scans.right, queries) };
  const partners = equalColumns(node, scans, kept);
  const origins = new Map<string, Origin>();
  // A column of a side whose rows are not kept is NULL also where nothing matches, which all rows of the other decide.
  for (const side of kept.length > 0 ? kept : (['left', 'right'] as const)) {
    const other = rows[side === 'left' ? 'right' : 'left'];
    for (const [id, origin] of rows[side].origins) {
      const matched = (partners.get(id) ?? []).flatMap((partner) => other.origins.get(partner) ?? []);
      origins.set(id, both(origin, matched[0] ?? wholly(other.tables)));
    }
  }
  return { tables: new Set([...rows.left.tables, ...rows.right.tables]), origins };
}

/** The columns that the condition demands to be equal to a column of the other side. */
function equalColumns(
  { joinExpr }: TreeNode,
  scans: Readonly<Record<Side, TreeNode>>,
  kept: readonly Side[],
): ReadonlyMap<string, readonly string[]> {
  const partners = new Map<string, string[]>();
  if (!joinExpr) return partners;
  for (const { node, isEquality } of conditionOf(joinExpr as TreeNode, scans, kept).parts) {
    if (!isEquality) continue;
    const [one, two] = argumentsOf(node).map((argument) =>
      argument.kind === 'ColumnRef' ? (argument.column as ResolvedColumn) : undefined,
    );
    if (!one || !two || !SAME_IF_EQUAL.has(one.type.typeKind)) continue;
    partners.set(one.columnId, [...(partners.get(one.columnId) ?? []), two.columnId]);
    partners.set(two.columnId, [...(partners.get(two.columnId) ?? []), one.columnId]);
  }
  return partners;
}

function united(node: TreeNode, queries: ReadonlyMap<string, NamedRows>): Rows {
  if (((node.opType as string | undefined) ?? 'UNION_ALL') !== 'UNION_ALL') return unknown(node, queries);
  const items = ((node.inputItemList ?? []) as readonly SetInput[]).map(({ scan, outputColumnList }) => ({
    rows: rowsOf(scan, queries),
    outputColumnList,
  }));
  const origins = columnsOf(node).flatMap((column, index) => {
    const found = items.map(({ rows, outputColumnList }) =>
      rows.origins.get(outputColumnList[index]?.columnId ?? ''),
    );
    const known = found.filter((origin) => origin !== undefined);
    return known.length < found.length ? [] : [[column.columnId, known.reduce(both, new Map())] as const];
  });
  return { tables: new Set(items.flatMap(({ rows }) => [...rows.tables])), origins: new Map(origins) };
}

function columnsOf({ columnList }: TreeNode): readonly ResolvedColumn[] {
  return (columnList ?? []) as readonly ResolvedColumn[];
}

function wholly(tables: ReadonlySet<string>): Origin {
  return new Map([...tables].map((table) => [table, WHOLE]));
}

/** A table that is read by two columns is read whole: a row of it may matter by either. */
function both(one: Origin, two: Origin): Origin {
  const merged = new Map(one);
  for (const [table, column] of two)
    merged.set(table, merged.has(table) && merged.get(table) !== column ? WHOLE : column);
  return merged;
}
