import type { Book } from './book.ts';
import type { AddedJob } from './jobs.ts';
import { amount, decimalText } from './money.ts';
import type { Random } from './random.ts';
import { addReceipt, addReceipts, type Order, shipTo } from './receipts.ts';
import { officeTime } from './sales.ts';
import { addDays, day, later, latest } from './time.ts';
import type { WorkPlan } from './work-plan.ts';

const ORDER_STATUSES = ['Exported', 'Pending', 'Received', 'Sent', 'PartiallyReceived'] as const;
/** Of ordinary orders, most have been received. */
const ORDINARY_STATUSES = [
  ...['Exported', 'Received', 'Exported', 'PartiallyReceived', 'Exported', 'Received', 'Exported'],
  ...['Sent', 'Exported', 'Pending'],
] as const;

/** Adds purchase orders, receipts and bills for a job's material, in cents, beyond the material lines of its invoices. */
export function addMaterial(book: Book, random: Random, plan: WorkPlan, job: AddedJob, cents: number): void {
  const asBills = plan.costWay === 'bills' ? cents : plan.costWay === 'mixed' ? Math.trunc(cents / 3) : 0;
  if (asBills > 0) addBill(book, plan, job, asBills, null, true);
  const asOrders = cents - asBills;
  const parts = asOrders > 0 ? random.split(asOrders, asOrders > 50000 ? 2 : 1) : [];
  const statuses = plan.withEdges ? ORDER_STATUSES : ORDINARY_STATUSES;
  parts.forEach((part, index) => {
    const status = statuses[(plan.n + index) % statuses.length] ?? 'Exported';
    const order = addOrder(book, plan, job, part, status);
    addReceipts(book, plan, job, order);
    // The bill of an order repeats its cost, so it must not count again. Some vendors bill more than was ordered.
    const billed = part + (plan.n % 4 === 1 ? 2500 : 0);
    if (plan.withEdges && index === 0) addBill(book, plan, job, billed, order.id, true);
  });
  if (plan.withEdges) addUnusualReceipts(book, plan, job);
  if (plan.withEdges && plan.n % 3 === 0) addOrder(book, plan, job, 88000, 'Canceled');
  if (plan.withEdges && plan.n % 5 === 0) addBill(book, plan, job, 77000, null, false);
}

/** Adds a receipt that was canceled, and one that no order announced. */
function addUnusualReceipts(book: Book, plan: WorkPlan, job: AddedJob): void {
  const receivedOn = officeTime(plan.date, plan.n);
  if (plan.n % 5 === 3) addReceipt(book, plan, job, { receivedOn, cents: 55000, active: false });
  if (plan.n % 7 === 6) addReceipt(book, plan, job, { receivedOn, cents: 15500 });
}

function addOrder(
  book: Book,
  { date, n, unit }: WorkPlan,
  job: AddedJob,
  cents: number,
  status: string,
): Order {
  const id = book.id('purchase_orders');
  const tax = Math.trunc(cents * 0.08);
  const createdOn = officeTime(addDays(date, -1), n);
  const modifiedOn = later(createdOn, 90);
  const item = {
    id: book.id('purchase_order_items'),
    skuId: 900,
    description: book.profile.work,
    quantity: 1,
    quantityReceived: 0,
  };
  book.add('purchase_orders', id, {
    number: String(id),
    jobId: job.id,
    invoiceId: job.invoiceIds[0] ?? null,
    status,
    typeId: 1,
    vendorId: 21,
    businessUnitId: unit,
    vendorDocumentNumber: '',
    date: day(date),
    sentOn: status === 'Pending' ? null : modifiedOn,
    receivedOn: status === 'Received' || status === 'Exported' ? modifiedOn : null,
    total: amount(cents),
    tax: amount(tax),
    shipping: 0,
    summary: '',
    shipTo: shipTo(book),
    items: [
      {
        ...item,
        createdOn,
        modifiedOn,
        cost: amount(cents - tax),
        total: amount(cents - tax),
        status,
        chargeable: true,
      },
    ],
    createdOn,
    modifiedOn,
  });
  return { id, itemId: item.id, status, cents, receivedOn: modifiedOn };
}

function addBill(
  book: Book,
  { date, n, unit }: WorkPlan,
  job: AddedJob,
  cents: number,
  orderId: number | null,
  active: boolean,
): void {
  const createdOn = book.past(officeTime(date, n + 3));
  const tax = Math.trunc(cents * 0.08);
  book.add('inventory_bills', book.id('inventory_bills'), {
    purchaseOrderId: orderId,
    syncStatus: 'Posted',
    referenceNumber: `B${job.number}`,
    billDate: day(date),
    billAmount: decimalText(cents),
    taxAmount: decimalText(tax),
    shippingAmount: '0.00',
    otherAmount: '0.00',
    // Some answers contain the number of an enum value.
    landedCostMethod: n % 9 === 0 ? 0 : 'None',
    jobId: job.id,
    jobNumber: job.number,
    businessUnit: { id: unit, name: 'Unit' },
    vendor: { id: 21, name: 'Vendor' },
    createdOn,
    modifiedOn: later(createdOn, 30),
    active,
    items: null,
  });
}

/** Adds the returns of a job, and returns that must not count. */
export function addReturns(book: Book, plan: WorkPlan, job: AddedJob): void {
  if (plan.returned > 0) addReturn(book, plan, job, plan.returned, 'Returned', true);
  if (!plan.withEdges) return;
  if (plan.n % 5 === 1) addReturn(book, plan, job, 33000, 'Canceled', true);
  if (plan.n % 5 === 2) addReturn(book, plan, job, 44000, 'Returned', false);
}

function addReturn(
  book: Book,
  { date, n, unit }: WorkPlan,
  job: AddedJob,
  cents: number,
  status: string,
  active: boolean,
): void {
  const id = book.id('returns');
  const createdOn = book.past(officeTime(addDays(date, 2), n));
  const canceled = status === 'Canceled' ? later(createdOn, 60) : null;
  book.add('returns', id, {
    active,
    number: `R${id}`,
    referenceNumber: '',
    status,
    returnTypeId: 1,
    vendorId: 21,
    jobId: job.id,
    businessUnitId: unit,
    memo: '',
    // The amount includes tax and shipping.
    returnAmount: amount(cents),
    taxAmount: amount(Math.trunc(cents * 0.08)),
    shippingAmount: 0,
    returnDate: day(addDays(date, 2)),
    dateCanceled: canceled,
    createdOn,
    modifiedOn: latest(later(createdOn, 30), canceled ?? undefined),
    syncStatus: 'Pending',
  });
}
