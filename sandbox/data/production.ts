import type { Book } from './book.ts';
import { type AddedJob, type AppointmentPlan, addJob, type InvoicePlan } from './jobs.ts';
import { amount, decimalText } from './money.ts';
import { addCustomer } from './people.ts';
import type { Random } from './random.ts';
import { officeTime, weeksBefore } from './sales.ts';
import { addDays, day, later, latest } from './time.ts';

/** How a job's cost comes together; each way defeats another wrong rule. */
export type CostWay = 'orders' | 'lines' | 'bills' | 'mixed';
export type PayWay = 'plain' | 'equal' | 'adjusted';

export interface WorkPlan {
  readonly unit: number;
  readonly type: number;
  readonly status: string;
  /** The instant of the first appointment that counts. */
  readonly start: string;
  readonly date: string;
  /** All in cents. */
  readonly revenue: number;
  readonly labor: number;
  readonly material: number;
  readonly returned: number;
  readonly costWay: CostWay;
  readonly payWay: PayWay;
  /** Counts the jobs of a unit, to spread the edge cases over them. */
  readonly n: number;
  readonly withEdges: boolean;
}

/** Adds a production job with invoices, pay, material and returns whose sums are exactly the plan's. */
export function addWork(book: Book, random: Random, plan: WorkPlan): AddedJob {
  const created = officeTime(weeksBefore(plan.date, 2), plan.n);
  const isDone = plan.status === 'Completed';
  const customer = addCustomer(book, random, { createdOn: created });
  const linesMaterial = plan.costWay === 'lines' ? plan.material : 0;
  const job = addJob(book, {
    unit: plan.unit,
    type: plan.type,
    status: plan.status,
    created,
    ...(isDone && { completed: book.past(later(plan.start, 60 * 26)) }),
    customer,
    appointments: appointments(plan),
    invoices: invoices(plan, linesMaterial),
    total: plan.revenue + 12345,
    projectId: plan.n % 6 === 0 ? addProject(book, created, customer) : 0,
  });
  addPay(book, plan, job, plan.labor);
  addMaterial(book, random, plan, job, plan.material - linesMaterial);
  addReturns(book, plan, job);
  return job;
}

function appointments({ start, date, status, n, withEdges }: WorkPlan): AppointmentPlan[] {
  const first: AppointmentPlan = { start, ...(status === 'Canceled' && { status: 'Canceled' }) };
  const followUp = { start: later(start, 24 * 60) };
  if (!withEdges) return [first];
  const earlier = officeTime(weeksBefore(date, 1), n);
  // Booked first, then not used or deleted: neither is the job's start.
  if (n % 7 === 1) return [{ start: earlier, unused: true }, first, followUp];
  if (n % 7 === 2) return [{ start: earlier, active: false }, first];
  return n % 7 === 3 ? [first, followUp, { start: later(start, 48 * 60) }] : [first];
}

/** Invoices whose active subtotals add up to the revenue. */
function invoices({ revenue, date, n, withEdges, unit }: WorkPlan, linesMaterial: number): InvoicePlan[] {
  const invoiced = n % 4 === 3 ? addDays(date, 9) : date;
  const material = linesMaterial > 0 ? materialLines(linesMaterial) : [];
  const base = { date: invoiced, ...(material.length > 0 && { material }) };
  if (!withEdges || revenue === 0) return [{ ...base, subtotal: revenue }];
  const voided = {
    subtotal: 99999,
    date: invoiced,
    active: false,
    material: [{ quantity: 3, unitCost: 90000 }],
  };
  switch (n % 6) {
    case 0:
      // Progress bills.
      return [
        { ...base, subtotal: Math.trunc(revenue * 0.4) },
        { subtotal: revenue - Math.trunc(revenue * 0.4), date: addDays(invoiced, 5) },
      ];
    case 1:
      // Billed too much and adjusted.
      return [
        { ...base, subtotal: revenue + 64000 },
        { subtotal: -64000, date: addDays(invoiced, 3), isAdjustment: true },
      ];
    case 2:
      return [{ ...base, subtotal: revenue }, voided];
    case 3:
      return [{ ...base, subtotal: revenue, discount: 6000 }];
    case 4:
      // The invoice names another unit; the job's counts.
      return [{ ...base, subtotal: revenue, unit: unit === 899 ? 901 : 899 }];
    default:
      return [{ ...base, subtotal: revenue }];
  }
}

/** Lines whose quantity x unit cost add up to the amount; the unit costs alone are far less. */
function materialLines(cents: number): { quantity: number; unitCost: number }[] {
  const unitCost = Math.trunc(cents / 12);
  const rest = cents - 10 * unitCost;
  return [
    { quantity: 10, unitCost },
    { quantity: 1, unitCost: rest },
  ];
}

function addProject(book: Book, createdOn: string, customer: { id: number; locationId: number }): number {
  const id = book.id('projects');
  const fields = {
    number: String(id),
    name: 'Project',
    status: 'Open',
    customerId: customer.id,
    locationId: customer.locationId,
  };
  book.add('projects', id, { ...fields, createdOn, modifiedOn: later(createdOn, 2), active: true });
  return id;
}

function addPay(book: Book, plan: WorkPlan, job: AddedJob, cents: number): void {
  const half = Math.trunc(cents * 0.45);
  const rest = cents - 2 * half;
  const adjustment = Math.trunc(cents * 0.3);
  const parts: readonly (readonly [
    amount: number,
    adjustment: number | null,
    type: string,
    activity: number,
  ])[] =
    cents === 0
      ? []
      : plan.payWay === 'equal'
        ? // Two men, the same hours: equal in everything but the id.
          [
            [half, null, 'TimesheetTime', 41],
            [half, null, 'TimesheetTime', 41],
            [rest, null, 'InvoiceRelatedBonus', 44],
          ]
        : plan.payWay === 'adjusted'
          ? [
              [cents - adjustment - 100, adjustment, 'TimesheetTime', 43],
              [100, null, 'CustomBonus', 45],
            ]
          : [
              [Math.trunc(cents * 0.3), null, 'TimesheetTime', 41],
              [Math.trunc(cents * 0.1), null, 'TimesheetTime', 42],
              [cents - Math.trunc(cents * 0.3) - Math.trunc(cents * 0.1), null, 'InvoiceRelatedBonus', 44],
            ];
  for (const [value, adjusted, type, activity] of parts) {
    addPayItem(book, plan, job, { value, adjusted, type, activity });
    if (type !== 'TimesheetTime') addAdjustment(book, plan, job, value);
  }
  if (plan.withEdges && plan.n % 4 === 0) {
    // Recalculated away.
    addPayItem(book, plan, job, {
      value: 45000,
      adjusted: null,
      type: 'TimesheetTime',
      activity: 41,
      active: false,
    });
  }
}

function addPayItem(
  book: Book,
  { date, n }: WorkPlan,
  job: AddedJob,
  item: { value: number; adjusted: number | null; type: string; activity: number; active?: boolean },
): void {
  const createdOn = book.past(officeTime(addDays(date, 1), n));
  book.add('gross_pay_items', book.id('gross_pay_items'), {
    employeeId: 501 + (n % 24),
    employeeType: 'Technician',
    payrollId: 1 + (n % 50),
    date: day(addDays(date, 1)),
    activity: 'Work',
    activityCodeId: item.activity,
    amount: amount(item.value),
    amountAdjustment: item.adjusted === null ? null : amount(item.adjusted),
    grossPayItemType: item.type,
    paidDurationHours: 4,
    jobId: job.id,
    jobNumber: job.number,
    invoiceId: job.invoiceIds[0] ?? null,
    createdOn,
    modifiedOn: later(createdOn, 60),
    active: item.active ?? true,
  });
}

/** What payroll shows as an adjustment is already among the gross pay items. */
function addAdjustment(book: Book, { date, n }: WorkPlan, job: AddedJob, value: number): void {
  const postedOn = book.past(officeTime(addDays(date, 1), n));
  const fields = {
    employeeType: 'Technician',
    employeeId: 501 + (n % 24),
    postedOn,
    amount: amount(value),
    type: 'Direct',
  };
  book.add('payroll_adjustments', book.id('payroll_adjustments'), {
    ...fields,
    activityCodeId: 45,
    invoiceId: job.invoiceIds[0] ?? null,
    createdOn: postedOn,
    modifiedOn: postedOn,
    active: true,
  });
}

const ORDER_STATUSES = ['Exported', 'Pending', 'Received', 'Sent', 'PartiallyReceived'] as const;

function addMaterial(book: Book, random: Random, plan: WorkPlan, job: AddedJob, cents: number): void {
  const asBills = plan.costWay === 'bills' ? cents : plan.costWay === 'mixed' ? Math.trunc(cents / 3) : 0;
  if (asBills > 0) addBill(book, plan, job, asBills, null, true);
  const asOrders = cents - asBills;
  const parts = asOrders > 0 ? random.split(asOrders, asOrders > 50000 ? 2 : 1) : [];
  parts.forEach((part, index) => {
    const status = ORDER_STATUSES[(plan.n + index) % ORDER_STATUSES.length] ?? 'Exported';
    const orderId = addOrder(book, plan, job, part, status);
    // A billed order: the bill repeats its cost.
    if (plan.withEdges && index === 0) addBill(book, plan, job, part, orderId, true);
  });
  if (plan.withEdges && plan.n % 3 === 0) addOrder(book, plan, job, 88000, 'Canceled');
  if (plan.withEdges && plan.n % 5 === 0) addBill(book, plan, job, 77000, null, false);
}

function addOrder(
  book: Book,
  { date, n, unit }: WorkPlan,
  job: AddedJob,
  cents: number,
  status: string,
): number {
  const id = book.id('purchase_orders');
  const tax = Math.trunc(cents * 0.08);
  const createdOn = officeTime(addDays(date, -1), n);
  const modifiedOn = later(createdOn, 90);
  const item = {
    id: book.id('purchase_order_items'),
    skuId: 900,
    description: 'Paint',
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
    shipTo: {
      street: '1 Depot Road',
      unit: null,
      city: 'Exampleville',
      state: 'AZ',
      zip: '85001',
      country: 'USA',
    },
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
  return id;
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
    // Now and then an enum arrives as its number.
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

function addReturns(book: Book, plan: WorkPlan, job: AddedJob): void {
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
    // Tax and shipping are inside the amount.
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
