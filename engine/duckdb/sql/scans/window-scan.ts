import {
  type Reader,
  type ResolvedColumn,
  readNode,
  UnsupportedSql,
} from '../../../googlesql/resolved-node.ts';
import { isDatePart, signatureOf } from '../../../googlesql/signature.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import { type OrderItem, orderSql, windowCall } from '../calls.ts';
import { columnName, expressionSql } from '../expressions.ts';
import type { Scope } from '../scope.ts';
import { type Computed, select, withName } from './columns.ts';
import type { ScanWriter } from './scan-writer.ts';

/** Functions that share PARTITION BY and ORDER BY; each has its own frame. */
interface AnalyticGroup {
  readonly analyticFunctionList: readonly Computed[];
  readonly partitionBy?: { readonly partitionByList?: readonly { readonly column: ResolvedColumn }[] };
  readonly orderBy?: { readonly orderByItemList?: readonly OrderItem[] };
}

export const analytic: ScanWriter = (reader, scope, scan) => {
  const computed = new Map<string, string>();
  for (const group of reader.list<AnalyticGroup>('functionGroupList')) {
    for (const { column, expr } of group.analyticFunctionList) {
      computed.set(column.columnId, callSql(expr, group, scope));
    }
  }
  return select(
    reader.columns('columnList').map((column) => withName(column, computed)),
    `(${scan(reader.node('inputScan'), scope)})`,
  );
};

function callSql(call: TreeNode, group: AnalyticGroup, scope: Scope): string {
  if (call.kind !== 'AnalyticFunctionCall') throw new UnsupportedSql(`${call.kind} with OVER`);
  return readNode(call, (reader) => {
    // `signatureOf` already covers the overload.
    reader.ignore('type', 'typeAnnotationMap', 'function', 'signature', 'functionCallInfo');
    reader.only('errorMode', 'DEFAULT_ERROR_MODE');
    const args = reader
      .nodes('argumentList')
      .filter((argument) => !isDatePart(argument))
      .map((argument) => expressionSql(argument, scope));
    return windowCall(reader, signatureOf(call), args, `OVER (${windowSql(group, frameSql(reader, scope))})`);
  });
}

function windowSql({ partitionBy, orderBy }: AnalyticGroup, frame: string): string {
  const partition = partitionBy?.partitionByList?.map(({ column }) => columnName(column)) ?? [];
  const order = orderBy?.orderByItemList?.map((item) => orderSql(item, columnName)) ?? [];
  return [
    partition.length > 0 ? `PARTITION BY ${partition.join(', ')}` : '',
    order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
    frame,
  ]
    .filter(Boolean)
    .join(' ');
}

const BOUNDS: Readonly<Record<string, string>> = {
  UNBOUNDED_PRECEDING: 'UNBOUNDED PRECEDING',
  OFFSET_PRECEDING: 'PRECEDING',
  CURRENT_ROW: 'CURRENT ROW',
  OFFSET_FOLLOWING: 'FOLLOWING',
  UNBOUNDED_FOLLOWING: 'UNBOUNDED FOLLOWING',
};

function frameSql(reader: Reader, scope: Scope): string {
  const frame = reader.optional<WindowFrame>('windowFrame');
  if (!frame) return '';
  const [from, to] = [frame.startExpr, frame.endExpr].map((bound) => boundSql(bound, scope));
  return `${frame.frameUnit ?? 'ROWS'} BETWEEN ${from} AND ${to}`;
}

interface WindowFrame {
  readonly frameUnit?: string;
  readonly startExpr?: FrameBound;
  readonly endExpr?: FrameBound;
}

interface FrameBound {
  readonly boundaryType?: string;
  readonly expression?: TreeNode;
}

function boundSql(bound: FrameBound | undefined, scope: Scope): string {
  const words = BOUNDS[bound?.boundaryType ?? 'UNBOUNDED_PRECEDING'];
  if (words === undefined) throw new UnsupportedSql(`a window frame with ${bound?.boundaryType}`);
  return bound?.expression ? `${expressionSql(bound.expression, scope)} ${words}` : words;
}
