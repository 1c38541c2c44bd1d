import { expect, test } from 'vitest';
import { createTenant } from '../../sandbox/tenant.ts';

interface Receipt {
  readonly active: boolean;
  readonly jobId: number | null;
  readonly purchaseOrderId: number | null;
  readonly receiptAmount: number;
  readonly taxAmount: number;
}
interface Order {
  readonly id: number;
  readonly jobId: number | null;
  readonly status: string;
  readonly total: number;
}

const tenant = createTenant({ runDate: '2025-10-27', seed: 1, scale: 1 });
const all = <T>(entity: string): T[] =>
  (tenant.entity(entity)?.all() ?? []).map(({ json }) => JSON.parse(json));
const receipts = all<Receipt>('receipts');
const orders = all<Order>('purchase_orders').filter(({ status }) => status !== 'Canceled');

test('most orders of the sandbox are received in full, some in part, and some not yet', () => {
  const received = new Map<number | null, number>();
  for (const { active, purchaseOrderId, receiptAmount } of receipts) {
    if (active) received.set(purchaseOrderId, (received.get(purchaseOrderId) ?? 0) + receiptAmount);
  }
  const share = (test: (amount: number, total: number) => boolean) =>
    orders.filter(({ id, total }) => test(received.get(id) ?? 0, total)).length / orders.length;
  const isEqual = (amount: number, total: number) => Math.abs(amount - total) < 0.005;
  expect(share(isEqual)).toBeGreaterThan(0.5);
  expect(share((amount, total) => amount > 0 && amount < total && !isEqual(amount, total))).toBeGreaterThan(
    0.05,
  );
  expect(share((amount) => amount === 0)).toBeGreaterThan(0.1);
  // No order has more than was ordered, and a pending one has nothing.
  expect(share((amount, total) => amount > total && !isEqual(amount, total))).toBe(0);
  expect(orders.filter(({ id, status }) => status === 'Pending' && received.has(id))).toEqual([]);
});

test('a receipt of the sandbox belongs to the job of its order, and its amount includes a tax', () => {
  const jobOf = new Map(orders.map(({ id, jobId }) => [id, jobId]));
  const ordered = receipts.filter(({ purchaseOrderId }) => purchaseOrderId !== null);
  expect(ordered.filter(({ purchaseOrderId, jobId }) => jobOf.get(purchaseOrderId ?? 0) !== jobId)).toEqual(
    [],
  );
  expect(receipts.filter(({ taxAmount, receiptAmount }) => taxAmount >= receiptAmount)).toEqual([]);
  expect(receipts.filter(({ taxAmount }) => taxAmount > 0).length).toBeGreaterThan(receipts.length * 0.9);
});

test('the sandbox has canceled receipts, and receipts without an order', () => {
  expect(receipts.filter(({ active }) => !active).length).toBeGreaterThan(50);
  const unordered = receipts.filter(({ active, purchaseOrderId }) => active && purchaseOrderId === null);
  expect(unordered.length).toBeGreaterThan(50);
});
