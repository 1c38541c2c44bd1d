import { UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { signatureOf } from '../../../googlesql/signature.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import { columnName, expressionSql } from '../expressions.ts';
import { templateOf } from '../functions/functions.ts';
import type { Scope } from '../scope.ts';
import { fillTemplate } from '../template.ts';
import { select } from './columns.ts';
import { argumentsOf, type Condition, conditionOf, type Part, type Side } from './join-condition.ts';
import type { ScanWriter } from './scan-writer.ts';

/** The sides whose rows a join keeps without a match. */
const KEPT: Readonly<Record<string, readonly Side[]>> = {
  INNER: [],
  LEFT: ['left'],
  RIGHT: ['right'],
  FULL: ['left', 'right'],
};

interface Join {
  readonly type: string;
  readonly left: string;
  readonly right: string;
}

/** A join of two scans. */
export const join: ScanWriter = (reader, scope, scan) => {
  const type = reader.text('joinType', 'INNER');
  const kept = KEPT[type];
  if (!kept) throw new UnsupportedSql(`a join of type ${type}`);
  const scans = { left: reader.node('leftScan'), right: reader.node('rightScan') };
  const sides = { type, left: `(${scan(scans.left, scope)})`, right: `(${scan(scans.right, scope)})` };
  const node = reader.optionalNode('joinExpr');
  const from = node ? fromSql(sides, conditionOf(node, scans, kept), scope) : onSql(sides, 'true');
  return select(reader.columns('columnList').map(columnName), from);
};

const onSql = ({ type, left, right }: Join, on: string) => `${left} ${type} JOIN ${right} ON ${on}`;

/**
 * DuckDB compares all pairs of rows of an outer join if a part of its condition is not a comparison of a value of one side
 * with a value of the other. Such a part is written in another way, by which the same pairs match.
 */
function fromSql(sides: Join, condition: Condition, scope: Scope): string {
  const { parts } = condition;
  const isCompared = ({ kind }: Part) => kind === 'comparison' || kind === 'unkept';
  if (sides.type === 'INNER' || parts.every(isCompared)) return onSql(sides, sqlOf(condition.node, scope));
  const key = parts.find(({ isEquality }) => isEquality);
  const others = parts.filter((part) => !isCompared(part));
  if (key && others.every(({ kind }) => kind === 'kept')) return onSql(sides, guarded(key, parts, scope));
  const written = lateral(sides, condition, scope);
  if (written !== undefined) return written;
  if (!condition.reachesOut) return onSql(sides, sqlOf(condition.node, scope));
  throw new UnsupportedSql(
    `a subquery or an outer query's column in the condition of this ${sides.type} JOIN; compute it in a query of WITH before the join`,
  );
}

const sqlOf = (node: TreeNode, scope: Scope) => expressionSql(node, scope);

/**
 * Parts that read only a kept side become parts of a key: `a.k = b.k AND a.flag` is written
 * `CASE WHEN a.flag THEN a.k END = b.k`. Both are true for the same pairs, because NULL equals nothing.
 */
function guarded(key: Part, parts: readonly Part[], scope: Scope): string {
  const values = argumentsOf(key.node).map((value, index) => {
    const guards = parts.filter(({ kind, side }) => kind === 'kept' && side === key.sides[index]);
    const sql = sqlOf(value, scope);
    if (guards.length === 0) return sql;
    return `CASE WHEN ${guards.map(({ node }) => sqlOf(node, scope)).join(' AND ')} THEN ${sql} END`;
  });
  const rest = parts.filter((part) => part !== key && part.kind !== 'kept');
  return [
    fillTemplate(templateOf(signatureOf(key.node)), values),
    ...rest.map(({ node }) => sqlOf(node, scope)),
  ].join(' AND ');
}

/** For each row of the kept side the rows of the other that match. DuckDB makes two hash joins of it. */
function lateral(
  { type, left, right }: Join,
  { node, isClosed }: Condition,
  scope: Scope,
): string | undefined {
  if (type === 'FULL' || !isClosed || scope.recursive) return undefined;
  const [kept, other] = type === 'LEFT' ? [left, right] : [right, left];
  return `${kept} LEFT JOIN LATERAL (SELECT * FROM ${other} WHERE ${sqlOf(node, scope)}) ON true`;
}
