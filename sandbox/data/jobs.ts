import type { Book } from './book.ts';
import { amount, decimalText } from './money.ts';
import type { Customer } from './people.ts';
import { day, later, latest, localDay } from './time.ts';
import { unitName } from './units.ts';

export interface InvoicePlan {
  /** Before tax, in cents; negative for an adjustment. */
  readonly subtotal: number;
  readonly date: string;
  readonly discount?: number;
  readonly active?: boolean;
  /** Material and equipment lines; cost is quantity x unit cost. */
  readonly material?: readonly { readonly quantity: number; readonly unitCost: number }[];
  /** Default: the job's unit. */
  readonly unit?: number | null;
  /** Adjusts the job's first invoice. */
  readonly isAdjustment?: boolean;
  readonly balance?: number;
  /** Whether accounting does not have it yet. */
  readonly isPending?: boolean;
  /** The service dates an invoice when its job is completed. */
  readonly isUndated?: boolean;
}

export interface AppointmentPlan {
  readonly start: string;
  readonly status?: string;
  readonly unused?: boolean;
  readonly active?: boolean;
}

export interface JobPlan {
  readonly unit: number;
  readonly type: number;
  readonly status: string;
  readonly created: string;
  readonly completed?: string;
  readonly customer: Customer | { readonly id: number; readonly locationId: number };
  readonly appointments: readonly AppointmentPlan[];
  readonly invoices?: readonly InvoicePlan[];
  readonly noCharge?: boolean;
  /** `jobs.total` of the API, which is neither the sum of the invoices nor an amount before tax. */
  readonly total?: number;
  /** When the job was last modified, if that is later than all other dates. */
  readonly modified?: string;
  readonly projectId?: number;
}

export interface AddedJob {
  readonly id: number;
  readonly number: string;
  readonly invoiceIds: readonly number[];
  readonly customer: JobPlan['customer'];
}

/** Discounts are booked as an expense, so income accounts show the revenue before them. */
const INCOME = {
  id: 4000,
  name: 'Sales',
  number: '4000',
  type: 'Income',
  detailType: 'SalesOfProductIncome',
};
const DISCOUNTS = { id: 6100, name: 'Discounts', number: '6100', type: 'Expense', detailType: 'OtherCosts' };

/** A tax of about 8.6 %, so that a test notices if totals and subtotals are mixed up. */
const taxOf = (subtotal: number) => Math.round(subtotal * 0.086);

/** Adds a job with its appointments and invoices. */
export function addJob(book: Book, plan: JobPlan): AddedJob {
  const id = book.id('jobs');
  const number = String(id).slice(3);
  const appointmentIds = plan.appointments.map((appointment, index) =>
    addAppointment(book, plan, id, number, appointment, index),
  );
  const invoices = plan.invoices ?? [{ subtotal: 0, date: localDay(plan.completed ?? plan.created) }];
  const invoiceIds = invoices.map(() => book.id('invoices'));
  for (const [index, invoice] of invoices.entries())
    addInvoice(book, plan, { id, number, invoiceIds }, invoice, index);
  book.add('jobs', id, {
    jobNumber: number,
    customerId: plan.customer.id,
    locationId: plan.customer.locationId,
    jobStatus: plan.status,
    completedOn: plan.completed ?? null,
    businessUnitId: plan.unit,
    jobTypeId: plan.type,
    priority: 'Normal',
    campaignId: 61,
    appointmentCount: appointmentIds.length,
    firstAppointmentId: appointmentIds[0] ?? 0,
    lastAppointmentId: appointmentIds.at(-1) ?? 0,
    noCharge: plan.noCharge ?? false,
    notificationsEnabled: true,
    createdOn: plan.created,
    createdById: 301,
    modifiedOn: later(latest(plan.created, plan.completed, plan.modified), 7),
    invoiceId: invoiceIds[0] ?? null,
    projectId: plan.projectId ?? null,
    total: amount(plan.total ?? 0),
    customerPo: '',
    active: true,
  });
  return { id, number, invoiceIds, customer: plan.customer };
}

function addAppointment(
  book: Book,
  plan: JobPlan,
  jobId: number,
  number: string,
  given: AppointmentPlan,
  index: number,
): number {
  const id = book.id('appointments');
  const modifiedOn = later(latest(plan.created, plan.completed), 5);
  book.add('appointments', id, {
    jobId,
    appointmentNumber: `${number}-${index + 1}`,
    start: given.start,
    end: later(given.start, 120),
    arrivalWindowStart: given.start,
    arrivalWindowEnd: later(given.start, 60),
    status: given.status ?? (plan.completed ? 'Done' : 'Scheduled'),
    createdOn: plan.created,
    modifiedOn,
    customerId: plan.customer.id,
    unused: given.unused ?? false,
    createdById: 301,
    isConfirmed: true,
    active: given.active ?? true,
  });
  book.add('appointment_assignments', book.id('appointment_assignments'), {
    technicianId: 501 + (id % 24),
    technicianName: 'Technician',
    assignedById: 301,
    assignedOn: plan.created,
    status: plan.completed ? 'Done' : 'Scheduled',
    isPaused: false,
    jobId,
    appointmentId: id,
    createdOn: plan.created,
    modifiedOn,
    // Unassigned again; both endpoints leave out such rows by default.
    active: id % 17 !== 0,
  });
  return id;
}

function addInvoice(
  book: Book,
  plan: JobPlan,
  job: Omit<AddedJob, 'customer'>,
  invoice: InvoicePlan,
  index: number,
): void {
  const tax = taxOf(invoice.subtotal);
  const unit = invoice.unit === undefined ? plan.unit : invoice.unit;
  const createdOn = book.past(latest(plan.created, `${invoice.date}T16:00:00Z`));
  const modifiedOn = later(createdOn, 11);
  const discount = invoice.discount ?? 0;
  const lines = [
    { type: 'Service', quantity: 1, unitCost: 0, price: invoice.subtotal + discount, account: INCOME },
    ...(invoice.material ?? []).map((line) => ({
      type: line.quantity === 2 ? 'Equipment' : 'Material',
      price: 0,
      account: INCOME,
      ...line,
    })),
    ...(discount > 0
      ? [{ type: 'PriceModifier', quantity: 1, unitCost: 0, price: -discount, account: DISCOUNTS }]
      : []),
  ];
  book.add('invoices', job.invoiceIds[index] ?? 0, {
    syncStatus: invoice.isPending ? 'Pending' : 'Posted',
    referenceNumber: `${job.number}${index > 0 ? `-${index}` : ''}`,
    invoiceDate: invoice.isUndated ? null : day(invoice.date),
    dueDate: invoice.isUndated ? null : day(invoice.date),
    subTotal: decimalText(invoice.subtotal),
    discountTotal: decimalText(discount),
    salesTax: decimalText(tax),
    total: decimalText(invoice.subtotal + tax),
    balance: decimalText(invoice.balance ?? 0),
    customer: { id: plan.customer.id, name: 'Customer' },
    location: { id: plan.customer.locationId, name: 'Location' },
    businessUnit: unit === null ? null : { id: unit, name: unitName(unit) },
    createdOn,
    modifiedOn,
    adjustmentToId: invoice.isAdjustment ? (job.invoiceIds[0] ?? null) : null,
    job: { id: job.id, number: job.number, type: 'Job' },
    sentStatus: 'NotSent',
    reviewStatus: 'NeedsReview',
    invoiceConfiguration: 'JobInvoice',
    active: invoice.active ?? true,
    items:
      invoice.subtotal === 0 && !invoice.material
        ? null
        : lines.map((line, order) => ({
            id: book.id('invoice_items'),
            description: 'Work as agreed.\nSecond line, "quoted" \\ <b>bold</b> - ñ',
            quantity: decimalText(line.quantity * 100),
            cost: decimalText(line.unitCost),
            totalCost: decimalText(line.quantity * line.unitCost),
            price: decimalText(line.price),
            type: line.type,
            skuId: 7000 + order,
            total: decimalText(line.price),
            inventory: false,
            taxable: true,
            isChargeable: true,
            generalLedgerAccount: line.account,
            membershipTypeId: 0,
            createdOn,
            modifiedOn,
            order,
            addOn: false,
          })),
  });
}
