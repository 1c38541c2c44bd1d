import { type OrderItem, orderSql } from '../calls.ts';
import { columnName } from '../expressions.ts';
import { select } from './columns.ts';
import type { ScanWriter } from './scan-writer.ts';

export const orderBy: ScanWriter = (reader, scope, scan) => {
  const order = reader.list<OrderItem>('orderByItemList').map((item) => orderSql(item, columnName));
  const from = `(${scan(reader.node('inputScan'), scope)})`;
  return `${select(reader.columns('columnList').map(columnName), from)} ORDER BY ${order.join(', ')}`;
};
