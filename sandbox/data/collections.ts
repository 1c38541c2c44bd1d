import type { Book } from './book.ts';
import { type AddedJob, addJob } from './jobs.ts';
import { decimalText } from './money.ts';
import { addCustomer, type Customer } from './people.ts';
import type { Random } from './random.ts';
import { officeTime } from './sales.ts';
import { COLLECTIONS_WEEK } from './targets.ts';
import { addDays, at, day, later } from './time.ts';
import { AREAS, ESTIMATE_TYPES, OUTSIDE, PRODUCTION, PRODUCTION_TYPES, SALES, unitName } from './units.ts';

export interface Split {
  readonly invoiceId: number;
  readonly cents: number;
}

export interface PaymentPlan {
  readonly date: string;
  readonly splits: readonly Split[];
  readonly unapplied?: number;
  readonly active?: boolean;
  /** The unit on the payment itself, which does not count. */
  readonly unit: number;
  readonly createdOn?: string;
  readonly appliedOn?: string;
  readonly refundOf?: number;
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

/** A job of the month before, whose invoices the week's payments pay. */
function billedJob(
  book: Book,
  random: Random,
  unit: number,
  cents: number,
  n: number,
  invoiceUnit?: number | null,
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
    invoices: [{ subtotal: cents, date, ...(invoiceUnit !== undefined && { unit: invoiceUnit }) }],
  });
}

/** Adds the payments behind the collected figures of each unit, and those that count nowhere or elsewhere. */
export function addCalibratedCollections(book: Book, random: Random): void {
  const { monday, collected } = COLLECTIONS_WEEK;
  const invoiceOf = new Map<string, number>();
  for (const [order, area] of AREAS.entries()) {
    const target = collected[area];
    const unit = PRODUCTION[area];
    // Of the week's sum: two equal payments, a refund, a part of a payment shared with the next area, the rest.
    const equal = 150000;
    const refund = -82550;
    const shared = 230000;
    const parts = random.split(target - 2 * equal - refund - shared, 18);
    const job = billedJob(book, random, unit, 900000, order);
    const [invoiceId = 0] = job.invoiceIds;
    invoiceOf.set(area, invoiceId);
    for (const n of [1, 2])
      addPayment(
        book,
        {
          date: addDays(monday, 1),
          splits: [{ invoiceId, cents: equal }],
          unit,
          createdOn: officeTime(addDays(monday, 1), n),
        },
        0,
      );
    const refunded = addPayment(
      book,
      { date: '2025-08-05', splits: [{ invoiceId, cents: -refund }], unit },
      order,
    );
    addPayment(
      book,
      { date: addDays(monday, 3), splits: [{ invoiceId, cents: refund }], unit, refundOf: refunded },
      order,
    );
    parts.forEach((cents, n) => addWeekPayment(book, random, { area: order, unit, cents, n, monday }));
  }
  addSharedPayments(book, invoiceOf, monday);
  addPaymentEdges(book, random, monday);
}

function addWeekPayment(
  book: Book,
  random: Random,
  given: { area: number; unit: number; cents: number; n: number; monday: string },
): void {
  const { unit, cents, n, monday } = given;
  const date = addDays(monday, n % 7);
  // The unit of the invoice counts, not that of its job; without one, the job's.
  const isOtherJob = n === 7;
  const hasNoUnit = n === 8;
  const job = billedJob(
    book,
    random,
    isOtherJob ? OUTSIDE.production : unit,
    cents,
    n + 20,
    isOtherJob ? unit : hasNoUnit ? null : unit,
  );
  const isSundayEvening = n === 6;
  addPayment(
    book,
    {
      date,
      splits: [{ invoiceId: job.invoiceIds[0] ?? 0, cents }],
      unit: n % 3 === 0 ? PRODUCTION.nevada : unit,
      // Entered in the evening, when it is already next week in UTC; or posted days later.
      ...(isSundayEvening && { createdOn: at(date, '19:30') }),
      ...(n === 9 && { createdOn: officeTime(addDays(monday, 9), n) }),
      ...(n === 10 && { appliedOn: officeTime(addDays(monday, 10), n) }),
      ...(n === 11 && { unapplied: 50000 }),
    },
    n,
  );
}

/** One payment over the invoices of all areas. */
function addSharedPayments(book: Book, invoiceOf: ReadonlyMap<string, number>, monday: string): void {
  const splits = AREAS.map((area) => ({ invoiceId: invoiceOf.get(area) ?? 0, cents: 230000 }));
  addPayment(book, { date: addDays(monday, 2), splits, unit: PRODUCTION.phoenix }, 4);
}

/** Payments that must not move any of the figures. */
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
  // Dated on the day before the week and entered in its first hours, by UTC.
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
