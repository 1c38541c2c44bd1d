import { type ResolvedColumn, readNode } from '../../../googlesql/resolved-node.ts';
import { signatureOf } from '../../../googlesql/signature.ts';
import { nodesIn, type TreeNode } from '../../../googlesql/tree.ts';

export type Side = 'left' | 'right';

/** The condition of a join, as the parts that AND joins. */
export interface Condition {
  readonly node: TreeNode;
  readonly parts: readonly Part[];
  /** It reads columns of the two sides and no outer query's, and equal values of these columns are the same values. */
  readonly isClosed: boolean;
  /** It has a subquery or reads an outer query's column, which DuckDB refuses in the condition of an outer join. */
  readonly reachesOut: boolean;
}

export interface Part {
  readonly node: TreeNode;
  /** The side of each argument, if the part is a call; undefined for an argument that reads both sides, or more. */
  readonly sides: readonly (Side | undefined)[];
  /** The side that the part reads; undefined if it reads both, or more. */
  readonly side: Side | undefined;
  /**
   * `comparison`: compares a value of one side with values of the other; `kept` and `unkept`: reads only a side whose rows
   * the join keeps, or only the other; `other`: any other part.
   */
  readonly kind: 'comparison' | 'kept' | 'unkept' | 'other';
  /** It is `=` between the two sides. */
  readonly isEquality: boolean;
}

const COMPARISONS =
  /^\$(equal|not_equal|less|less_or_equal|greater|greater_or_equal|between|is_(not_)?distinct_from)\(/;

/** @param kept sides whose rows the join keeps without a match */
export function conditionOf(
  node: TreeNode,
  scans: Readonly<Record<Side, TreeNode>>,
  kept: readonly Side[],
): Condition {
  const columns = { left: columnsOf(scans.left), right: columnsOf(scans.right) };
  const parts = partsOf(node).map((part) => partOf(part, columns, kept));
  const nodes = nodesIn(node);
  const refs = nodes.filter(({ kind }) => kind === 'ColumnRef');
  const isOfSides = ({ columnId }: ResolvedColumn) =>
    columns.left.has(columnId) || columns.right.has(columnId);
  const [inner, outer] = [
    refs.filter((ref) => isOfSides(columnOf(ref))),
    refs.filter((ref) => !isOfSides(columnOf(ref))),
  ];
  const isClosed =
    inner.every((ref) => SAME_IF_EQUAL.has(columnOf(ref).type.typeKind)) &&
    // A subquery reads its own columns without correlation.
    [...outer, ...Object.values(scans).flatMap(nodesIn)].every(({ isCorrelated }) => !isCorrelated);
  const reachesOut = outer.length > 0 || nodes.some(({ kind }) => kind === 'SubqueryExpr');
  return { node, parts, isClosed, reachesOut };
}

/** Types of which equal values are the same value: not FLOAT64, where 0 equals -0, nor INTERVAL, where 30 days equal a month. */
export const SAME_IF_EQUAL = new Set(
  ['INT64', 'NUMERIC', 'BOOL', 'STRING', 'BYTES', 'DATE', 'TIMESTAMP', 'DATETIME', 'TIME'].map(
    (name) => `TYPE_${name}`,
  ),
);

type Columns = Readonly<Record<Side, ReadonlySet<string>>>;

function columnsOf({ columnList }: TreeNode): Set<string> {
  return new Set(((columnList ?? []) as readonly ResolvedColumn[]).map(({ columnId }) => columnId));
}

function partsOf(condition: TreeNode): readonly TreeNode[] {
  return isCall(condition, /^\$and\(/) ? argumentsOf(condition).flatMap(partsOf) : [condition];
}

function partOf(node: TreeNode, columns: Columns, kept: readonly Side[]): Part {
  // A part that reads neither side, such as TRUE, counts as one of a kept side.
  const side = sideOf(node, columns, kept[0]);
  const sides = node.kind === 'FunctionCall' ? argumentsOf(node).map((value) => sideOf(value, columns)) : [];
  const isComparison =
    isCall(node, COMPARISONS) &&
    sides[0] !== undefined &&
    sides.slice(1).every((other) => other !== undefined && other !== sides[0]);
  const isEquality = isComparison && isCall(node, /^\$equal\(/);
  const ofOneSide = side && (kept.includes(side) ? 'kept' : 'unkept');
  return { node, sides, side, isEquality, kind: isComparison ? 'comparison' : (ofOneSide ?? 'other') };
}

function isCall(node: TreeNode, signature: RegExp): boolean {
  return node.kind === 'FunctionCall' && signature.test(signatureOf(node));
}

export function argumentsOf(call: TreeNode): readonly TreeNode[] {
  return readNode(call, (reader) => {
    reader.ignore('type', 'typeAnnotationMap', 'function', 'signature', 'errorMode', 'functionCallInfo');
    return reader.nodes('argumentList');
  });
}

/** @param neither the answer for an expression that reads no column */
function sideOf(expression: TreeNode, { left, right }: Columns, neither?: Side): Side | undefined {
  const read = columnsRead(expression);
  if (read === undefined) return undefined;
  if (read.length === 0) return neither;
  if (read.every(({ columnId }) => left.has(columnId))) return 'left';
  return read.every(({ columnId }) => right.has(columnId)) ? 'right' : undefined;
}

/** Undefined if the expression has a subquery, which may read anything. */
function columnsRead(expression: TreeNode): readonly ResolvedColumn[] | undefined {
  const nodes = nodesIn(expression);
  if (nodes.some(({ kind }) => kind === 'SubqueryExpr')) return undefined;
  return nodes.filter(({ kind }) => kind === 'ColumnRef').map(columnOf);
}

function columnOf(reference: TreeNode): ResolvedColumn {
  return reference.column as ResolvedColumn;
}
