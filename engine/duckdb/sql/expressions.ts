import {
  type Reader,
  type ResolvedColumn,
  type ResolvedType,
  readNode,
  UnsupportedSql,
} from '../../googlesql/resolved-node.ts';
import { isDatePart, signatureOf } from '../../googlesql/signature.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { aggregateWriter, castType, functionWriter, windowWriter } from './functions.ts';
import { literal } from './literals.ts';
import type { Scope } from './scope.ts';
import { identifier, text } from './types.ts';

/** The name of a resolved column in generated SQL. It is unique in its query, so references need no table name. */
export function columnName({ name, columnId }: ResolvedColumn): string {
  return identifier(`${name}_${columnId}`);
}

/** DuckDB SQL for a resolved expression. */
export function expressionSql(node: TreeNode, scope: Scope): string {
  if (node.kind === 'Literal') return literal(node);
  return readNode(node, (reader) => {
    reader.ignore('type', 'typeAnnotationMap');
    switch (node.kind) {
      case 'ColumnRef':
        reader.ignore('isCorrelated');
        return columnName(reader.value<ResolvedColumn>('column'));
      case 'FunctionCall':
        return functionWriter(signatureOf(node))(...argumentsSql(reader, scope));
      case 'AggregateFunctionCall':
        refuseNullHandling(reader);
        return aggregateWriter(signatureOf(node))(...argumentsSql(reader, scope));
      case 'AnalyticFunctionCall':
        refuseNullHandling(reader);
        return windowWriter(signatureOf(node))(...argumentsSql(reader, scope));
      case 'Cast':
        reader.only('returnNullOnError', false);
        return `CAST(${expressionSql(reader.node('expr'), scope)} AS ${castType(signatureOf(node))})`;
      case 'GetStructField':
        return structField(reader, scope);
      case 'SubqueryExpr':
        return subquery(reader, scope);
      default:
        throw new UnsupportedSql(`${node.kind}; add it to engine/duckdb/sql/expressions.ts`);
    }
  });
}

function argumentsSql(reader: Reader, scope: Scope): string[] {
  // `signatureOf` already covers the overload and errorMode.
  reader.ignore('function', 'signature', 'errorMode', 'functionCallInfo');
  return reader
    .nodes('argumentList')
    .filter((argument) => !isDatePart(argument))
    .map((argument) => expressionSql(argument, scope));
}

function refuseNullHandling(reader: Reader): void {
  reader.ignore('distinct');
  reader.only('nullHandlingModifier', 'DEFAULT_NULL_HANDLING');
}

function structField(reader: Reader, scope: Scope): string {
  const struct = reader.node('expr');
  const fields = (struct.type as ResolvedType).structType?.field ?? [];
  const field = fields[Number(reader.text('fieldIdx', '0'))];
  if (!field?.fieldName) throw new UnsupportedSql('a STRUCT field without a name');
  return `struct_extract(${expressionSql(struct, scope)}, ${text(field.fieldName)})`;
}

function subquery(reader: Reader, scope: Scope): string {
  // Column names are unique in the query, so correlated references need no parameter list.
  reader.ignore('parameterList', 'inCollation');
  const sql = `(${scope.subquery(reader.node('subquery'), scope)})`;
  switch (reader.text('subqueryType', 'SCALAR')) {
    case 'SCALAR':
      return sql;
    case 'EXISTS':
      return `EXISTS ${sql}`;
    case 'IN':
      return `(${expressionSql(reader.node('inExpr'), scope)} IN ${sql})`;
    default:
      throw new UnsupportedSql('a subquery that is neither scalar, EXISTS nor IN');
  }
}
