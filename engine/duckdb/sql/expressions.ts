import {
  type Reader,
  type ResolvedColumn,
  type ResolvedType,
  readNode,
  UnsupportedSql,
} from '../../googlesql/resolved-node.ts';
import { isDatePart, signatureOf } from '../../googlesql/signature.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { aggregateCall } from './calls.ts';
import { castSql } from './casts.ts';
import { isSafeByItself, templateOf, typedCall } from './functions/functions.ts';
import { literal } from './literals.ts';
import type { Scope } from './scope.ts';
import { fillTemplate, safely } from './template.ts';
import { duckdbTypeOf, fieldNames, identifier, text } from './types.ts';

interface Computed {
  readonly column: ResolvedColumn;
  readonly expr: TreeNode;
}

/** The name of a resolved column in generated SQL. It is unique in its query, so references need no table name. */
export function columnName({ name, columnId }: ResolvedColumn): string {
  return identifier(`${name}_${columnId}`);
}

/** DuckDB SQL for a resolved expression. */
export function expressionSql(node: TreeNode, scope: Scope): string {
  if (node.kind === 'Literal') return literal(node);
  return readNode(node, (reader) => {
    reader.ignore('type', 'typeAnnotationMap');
    const write = EXPRESSIONS[node.kind];
    if (!write) throw new UnsupportedSql(`${node.kind}; add it to engine/duckdb/sql/expressions.ts`);
    return write(reader, scope, node);
  });
}

type ExpressionWriter = (reader: Reader, scope: Scope, node: TreeNode) => string;

const EXPRESSIONS: Readonly<Record<string, ExpressionWriter>> = {
  ColumnRef: (reader, scope) => {
    reader.ignore('isCorrelated');
    const column = reader.value<ResolvedColumn>('column');
    return scope.bound?.get(column.columnId) ?? columnName(column);
  },
  FunctionCall: scalarCall,
  AggregateFunctionCall: (reader, scope, node) =>
    aggregateCall(reader, signatureOf(node), argumentsSql(reader, scope), {
      sql: (expression) => expressionSql(expression, scope),
      columnName,
    }),
  Cast: (reader, scope, node) => {
    const from = reader.node('expr');
    reader.ignore('returnNullOnError');
    const sql = expressionSql(from, scope);
    const types = { from: from.type as ResolvedType, to: node.type as ResolvedType };
    return castSql(sql, types, node.returnNullOnError === true);
  },
  MakeStruct: (reader, scope, node) => {
    const values = reader.nodes('fieldList').map((field) => expressionSql(field, scope));
    const names = fieldNames(node.type as ResolvedType);
    return `{${values.map((value, index) => `${text(names[index] ?? '')}: ${value}`).join(', ')}}`;
  },
  GetStructField: (reader, scope) => {
    const struct = reader.node('expr');
    const name = fieldNames(struct.type as ResolvedType)[Number(reader.text('fieldIdx', '0'))];
    return `struct_extract(${expressionSql(struct, scope)}, ${text(name ?? '')})`;
  },
  GetJsonField: (reader, scope) => {
    const path = `$."${reader.text('fieldName').replaceAll('"', '\\"')}"`;
    return `json_extract(${expressionSql(reader.node('expr'), scope)}, ${text(path)})`;
  },
  SubqueryExpr: subquery,
};

function scalarCall(reader: Reader, scope: Scope, node: TreeNode): string {
  const signature = signatureOf(node);
  const args = argumentsSql(reader, scope);
  // GoogleSQL gives the array a type also if it has no elements; DuckDB does not.
  if (signature.startsWith('$make_array(') && args.length === 0) {
    return `CAST([] AS ${duckdbTypeOf(node.type as ResolvedType)})`;
  }
  const types = node.argumentList as readonly { type: ResolvedType }[] | undefined;
  const sql =
    typedCall(signature, args, types?.map(({ type }) => type) ?? []) ??
    fillTemplate(templateOf(signature), args);
  return signature.startsWith('safe.') && !isSafeByItself(signature) ? safely(sql, args) : sql;
}

function argumentsSql(reader: Reader, scope: Scope): string[] {
  // `signatureOf` already covers the overload and errorMode.
  reader.ignore('function', 'signature', 'errorMode', 'functionCallInfo');
  return reader
    .nodes('argumentList')
    .filter((argument) => !isDatePart(argument))
    .map((argument) => expressionSql(argument, scope));
}

function subquery(reader: Reader, scope: Scope, node: TreeNode): string {
  // Column names are unique in the query, so correlated references need no parameter list.
  reader.ignore('parameterList', 'inCollation');
  if (isValueOfOneRow(node)) {
    reader.ignore('subqueryType');
    return valueOfOneRow(reader.node('subquery'), scope);
  }
  const sql = `(${scope.subquery(reader.node('subquery'), scope)})`;
  switch (reader.text('subqueryType', 'SCALAR')) {
    case 'SCALAR':
      return sql;
    case 'EXISTS':
      return `EXISTS ${sql}`;
    case 'ARRAY':
      return `coalesce(ARRAY ${sql}, CAST([] AS ${duckdbTypeOf(node.type as ResolvedType)}))`;
    case 'IN': {
      const value = reader.node('inExpr');
      if ((value.type as ResolvedType).structType) {
        throw new UnsupportedSql('IN with several columns; write EXISTS with one comparison per column');
      }
      return `(${expressionSql(value, scope)} IN ${sql})`;
    }
    default:
      throw new UnsupportedSql('a subquery that is neither scalar, ARRAY, EXISTS nor IN');
  }
}

/**
 * Whether a scalar subquery computes one value from columns and literals, without a table. GoogleSQL writes PIVOT so, once
 * for each column and aggregate. DuckDB turns each such subquery into a join.
 */
function isValueOfOneRow({ subqueryType = 'SCALAR', subquery: value }: TreeNode): boolean {
  const { kind, exprList, inputScan: names } = value as Projection;
  return (
    subqueryType === 'SCALAR' &&
    kind === 'ProjectScan' &&
    exprList?.length === 1 &&
    names?.kind === 'ProjectScan' &&
    (names.inputScan as TreeNode).kind === 'SingleRowScan' &&
    (names as Projection).exprList?.every(({ expr }) => ['ColumnRef', 'Literal'].includes(expr.kind)) === true
  );
}

type Projection = TreeNode & { readonly exprList?: readonly Computed[]; readonly inputScan?: TreeNode };

function valueOfOneRow(value: TreeNode, scope: Scope): string {
  return readNode(value, (reader) => {
    reader.ignore('columnList', 'nodeSource', 'isOrdered');
    const bound = readNode(reader.node('inputScan'), (names) => {
      names.ignore('columnList', 'inputScan', 'nodeSource', 'isOrdered');
      return names
        .list<Computed>('exprList')
        .map(({ column, expr }) => [column.columnId, expressionSql(expr, scope)] as const);
    });
    const [computed] = reader.list<Computed>('exprList');
    if (!computed) throw new UnsupportedSql('a subquery without a column');
    return expressionSql(computed.expr, { ...scope, bound: new Map([...(scope.bound ?? []), ...bound]) });
  });
}
