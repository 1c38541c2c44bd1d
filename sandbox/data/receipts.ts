import type { Book } from './book.ts';
import type { AddedJob } from './jobs.ts';
import { amount } from './money.ts';
import { later } from './time.ts';
import type { WorkPlan } from './work-plan.ts';

/** A purchase order, as far as its receipts depend on it. */
export interface Order {
  readonly id: number;
  readonly itemId: number;
  readonly status: string;
  readonly cents: number;
  /** When its first delivery came. */
  readonly receivedOn: string;
}

/** Adds what has come of an order: all of it, a part, or nothing yet. */
export function addReceipts(book: Book, plan: WorkPlan, job: AddedJob, order: Order): void {
  for (const [index, cents] of deliveries(order, plan.n).entries()) {
    const receivedOn = book.past(later(order.receivedOn, index * 2 * 24 * 60));
    addReceipt(book, plan, job, { order, receivedOn, cents });
  }
}

/** The deliveries of an order, in cents. */
function deliveries({ status, cents }: Order, n: number): number[] {
  if (status === 'PartiallyReceived') return [Math.trunc(cents * 0.6)];
  if (status !== 'Received' && status !== 'Exported') return [];
  // Some orders come in two deliveries.
  const first = Math.trunc(cents / 2);
  return n % 7 === 3 ? [first, cents - first] : [cents];
}

interface ReceiptPlan {
  readonly order?: Order;
  readonly receivedOn: string;
  readonly cents: number;
  /** A canceled receipt is inactive; it has no status. */
  readonly active?: boolean;
}

export function addReceipt(
  book: Book,
  { unit }: WorkPlan,
  job: AddedJob,
  { order, receivedOn, cents, active = true }: ReceiptPlan,
): void {
  const id = book.id('receipts');
  const tax = Math.trunc(cents * 0.08);
  book.add('receipts', id, {
    active,
    number: `E${id}`,
    vendorInvoiceNumber: '',
    createdById: 301,
    memo: '',
    purchaseOrderId: order?.id ?? null,
    billId: null,
    jobId: job.id,
    businessUnitId: unit,
    vendorId: 21,
    inventoryLocationId: 1,
    shipTo: shipTo(book),
    shipToDescription: '',
    // The amount includes tax and shipping.
    receiptAmount: amount(cents),
    taxAmount: amount(tax),
    shippingAmount: 0,
    receivedOn,
    syncStatus: 'Pending',
    landedCostMethod: 'None',
    items: [
      {
        id: book.id('receipt_items'),
        skuId: 900,
        name: book.profile.work,
        code: 'M900',
        description: book.profile.work,
        quantity: 1,
        cost: amount(cents - tax),
        purchaseOrderItemId: order?.itemId ?? null,
      },
    ],
    createdOn: receivedOn,
    modifiedOn: later(receivedOn, 20),
  });
}

/** Where vendors deliver. */
export function shipTo({ profile: { city, state, zip } }: Book): Readonly<Record<string, string | null>> {
  return { street: '1 Depot Road', unit: null, city, state, zip, country: 'USA' };
}
