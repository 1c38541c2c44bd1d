import type { Book } from './book.ts';
import { type AddedJob, addJob } from './jobs.ts';
import { decimalText } from './money.ts';
import { addCustomer, type Customer } from './people.ts';
import { COLLECTIONS_WEEKS } from './production-targets.ts';
import type { Random } from './random.ts';
import { officeTime } from './sales.ts';
import { addDays, at, day, later } from './time.ts';
import {
  AREAS,
  type Area,
  ESTIMATE_TYPES,
  OUTSIDE,
  PRODUCTION,
  PRODUCTION_TYPES,
  SALES,
  unitName,
} from './units.ts';

interface Split {
  readonly invoiceId: number;
  readonly cents: number;
}

export interface PaymentPlan {
  readonly date: string;
  readonly splits: readonly Split[];
  readonly unapplied?: number;
  readonly active?: boolean;
  /** The unit of the payment itself. KPIs ignore it. */
  readonly unit: number;
  readonly createdOn?: string;
  readonly appliedOn?: string;
  readonly refundOf?: number;
  readonly customer?: { readonly id: number };
}

export function addPayment(book: Book, plan: PaymentPlan, n: number): number {
  const id = book.id('payments');
  const applied = plan.splits.reduce((sum, { cents }) => sum + cents, 0);
  const createdOn = plan.createdOn ?? officeTime(plan.date, n);
  book.add('payments', id, {
    active: plan.active ?? true,
    appliedTo: plan.splits.map(({ invoiceId, cents }) => ({
      appliedAmount: decimalText(cents),
      appliedBy: 'office',
      appliedId: book.id('payment_splits'),
      appliedOn: plan.appliedOn ?? createdOn,
      appliedTo: invoiceId,
      appliedToReferenceNumber: String(invoiceId),
    })),
    businessUnit: { id: plan.unit, name: unitName(plan.unit) },
    createdOn,
    customer: plan.customer ? { id: plan.customer.id, name: 'Customer' } : null,
    date: day(plan.date),
    modifiedOn: later(createdOn, 2),
    refundedPaymentId: plan.refundOf ?? null,
    syncStatus: 'Posted',
    total: decimalText(applied + (plan.unapplied ?? 0)),
    type: 'Check',
    typeId: '5',
    unappliedAmount: decimalText(plan.unapplied ?? 0),
  });
  return id;
}

/** Adds a job of July, whose invoices the payments pay. */
function billedJob(
  book: Book,
  random: Random,
  unit: number,
  cents: number,
  n: number,
  { invoiceUnit, balance }: { readonly invoiceUnit?: number | null; readonly balance?: number } = {},
): AddedJob {
  const date = addDays('2025-07-07', n % 25);
  const customer: Customer = addCustomer(book, random, { createdOn: officeTime(addDays(date, -9), n) });
  return addJob(book, {
    unit,
    type:
      unit === SALES.phoenix || unit === OUTSIDE.sales
        ? ESTIMATE_TYPES.residential[0]
        : PRODUCTION_TYPES.residential[0],
    status: 'Completed',
    created: officeTime(addDays(date, -9), n),
    completed: officeTime(addDays(date, 1), n),
    customer,
    appointments: [{ start: officeTime(date, n) }],
    invoices: [
      {
        ...{ subtotal: cents, date },
        ...(invoiceUnit !== undefined && { unit: invoiceUnit }),
        ...(balance !== undefined && { balance }),
      },
    ],
  });
}

/** Adds the payments that give the calibrated collections of each unit, and payments that must not count for it. */
export function addCalibratedCollections(book: Book, random: Random): void {
  for (const week of COLLECTIONS_WEEKS) {
    const areas = AREAS.filter((area) => week.collected[area] !== undefined);
    const invoiceIds = areas.map((area, order) => addArea(book, random, week, area, order));
    // One payment for invoices of all these areas.
    const splits = invoiceIds.map((invoiceId) => ({ invoiceId, cents: SHARED }));
    addPayment(book, { date: addDays(week.monday, 2), splits, unit: PRODUCTION.phoenix }, 4);
    addPaymentEdges(book, random, week.monday);
  }
}

/** Parts of each area's sum, in cents: two equal payments, a refund, and a part of one payment for all areas. */
const EQUAL = 150000;
const REFUND = -82550;
const SHARED = 230000;

function addArea(
  book: Book,
  random: Random,
  { monday, collected }: (typeof COLLECTIONS_WEEKS)[number],
  area: Area,
  order: number,
): number {
  const unit = PRODUCTION[area];
  const [invoiceId = 0] = billedJob(book, random, unit, 900000, order).invoiceIds;
  const date = addDays(monday, 1);
  for (const n of [1, 2]) {
    addPayment(
      book,
      { date, splits: [{ invoiceId, cents: EQUAL }], unit, createdOn: officeTime(date, n) },
      0,
    );
  }
  const refundOf = addPayment(
    book,
    { date: '2025-08-05', splits: [{ invoiceId, cents: -REFUND }], unit },
    order,
  );
  addPayment(
    book,
    { date: addDays(monday, 3), splits: [{ invoiceId, cents: REFUND }], unit, refundOf },
    order,
  );
  const rest = (collected[area] ?? 0) - 2 * EQUAL - REFUND - SHARED;
  for (const [n, cents] of random.split(rest, 18).entries())
    addWeekPayment(book, random, { unit, cents, n, monday });
  return invoiceId;
}

function addWeekPayment(
  book: Book,
  random: Random,
  given: { unit: number; cents: number; n: number; monday: string },
): void {
  const { unit, cents, n, monday } = given;
  const date = addDays(monday, n % 7);
  // The unit of the invoice counts. If the invoice has no unit, the unit of the job counts.
  const isOtherJob = n === 7;
  const hasNoUnit = n === 8;
  const job = billedJob(book, random, isOtherJob ? OUTSIDE.production : unit, cents, n + 20, {
    invoiceUnit: isOtherJob ? unit : hasNoUnit ? null : unit,
    // A customer with a deposit still owes something.
    ...(n === 11 && { balance: 90000 }),
  });
  const isSundayEvening = n === 6;
  addPayment(
    book,
    {
      date,
      customer: job.customer,
      splits: [{ invoiceId: job.invoiceIds[0] ?? 0, cents }],
      unit: n % 3 === 0 ? PRODUCTION.nevada : unit,
      // Entered on Sunday evening, which is next week in UTC, or posted days later.
      ...(isSundayEvening && { createdOn: at(date, '19:30') }),
      ...(n === 9 && { createdOn: officeTime(addDays(monday, 9), n) }),
      ...(n === 10 && { appliedOn: officeTime(addDays(monday, 10), n) }),
      ...(n === 11 && { unapplied: 50000 }),
    },
    n,
  );
}

/** Adds payments that must not change any calibrated figure. */
function addPaymentEdges(book: Book, random: Random, monday: string): void {
  const invoice = (unit: number, n: number) => billedJob(book, random, unit, 300000, n).invoiceIds[0] ?? 0;
  const date = addDays(monday, 2);
  const splits = (unit: number, n: number, cents: number) => [{ invoiceId: invoice(unit, n), cents }];
  addPayment(
    book,
    { date, splits: splits(PRODUCTION.phoenix, 1, 300000), unit: PRODUCTION.phoenix, active: false },
    1,
  );
  addPayment(book, { date, splits: splits(SALES.phoenix, 2, 210000), unit: PRODUCTION.phoenix }, 2);
  addPayment(book, { date, splits: splits(OUTSIDE.production, 3, 190000), unit: PRODUCTION.tucson }, 3);
  addPayment(book, { date, splits: [], unapplied: 400000, unit: PRODUCTION.phoenix }, 5);
  // Dated on the day before the week, but entered in the first hours of the week in UTC.
  const sunday = addDays(monday, -1);
  addPayment(
    book,
    {
      date: sunday,
      splits: splits(PRODUCTION.phoenix, 4, 175000),
      unit: PRODUCTION.phoenix,
      createdOn: at(sunday, '19:00'),
    },
    6,
  );
}
