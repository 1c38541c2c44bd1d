import type { Book } from './book.ts';
import { addJob, type InvoicePlan } from './jobs.ts';
import { addCustomer } from './people.ts';
import type { Random } from './random.ts';
import { officeTime } from './sales.ts';
import { addDays } from './time.ts';
import { AREAS, ESTIMATE_TYPES, PRODUCTION, PRODUCTION_TYPES, SALES } from './units.ts';

/** The day of the jobs, a day without calibrated figures. */
const QUIET = '2025-06-12';

/**
 * Open balances in cents, one list per location. Each list exposes a wrong rule, which would give another net: a limit for
 * each invoice, no limit, credits left out, inactive invoices included.
 */
const OPEN: readonly (readonly (number | { readonly inactive: number })[])[] = [
  [412_50, -62_50],
  [600, 600],
  [400, 300, 299],
  [1000],
  [-8500, 1500],
  [{ inactive: 900_000 }, 25_00],
];

/** Days since the invoice, one for each of the three ages. */
const AGES = [12, 45, 140];

/** Adds locations with open balances in each Production unit, and one with an open Sales job. */
export function addReceivables(book: Book, random: Random, runDate: string): void {
  for (const area of AREAS) {
    for (const [n, balances] of OPEN.entries()) {
      addOpenJob(
        book,
        random,
        PRODUCTION[area],
        n,
        balances.map((open, index) => invoice(open, runDate, index)),
      );
    }
  }
  addOrdinary(book, random, runDate);
  addOpenJob(book, random, SALES.phoenix, 7, [invoice(77_700, runDate, 0)]);
  addNotYetOwed(book, random, runDate);
}

/** Adds what is not owed yet: an invoice without a date, of a job that is not done, and one with a later date. */
function addNotYetOwed(book: Book, random: Random, runDate: string): void {
  const open = { subtotal: 240_000, balance: 240_000 };
  addOpenJob(book, random, PRODUCTION.tucson, 1, [{ ...open, date: runDate, isUndated: true }], 'Scheduled');
  addOpenJob(book, random, PRODUCTION.tucson, 2, [{ ...open, date: addDays(runDate, 9) }]);
}

/** Adds what customers of each Production unit still owe, more in some units than in others, most of it not yet old. */
function addOrdinary(book: Book, random: Random, runDate: string): void {
  for (const [order, area] of AREAS.entries()) {
    for (let n = 0; n < 3 + 2 * order; n++) {
      const days = random.pick([5, 9, 14, 21, 28, 40, 55, 80, 130]);
      const subtotal = random.between(90_000, 620_000);
      const date = addDays(runDate, -days);
      addOpenJob(book, random, PRODUCTION[area], n, [
        { subtotal, date, balance: random.oneIn(3) ? subtotal : Math.trunc(subtotal / 2) },
      ]);
    }
  }
}

function invoice(open: number | { readonly inactive: number }, runDate: string, index: number): InvoicePlan {
  const balance = typeof open === 'number' ? open : open.inactive;
  return {
    subtotal: Math.abs(balance) * 2,
    date: addDays(runDate, -(AGES[index % AGES.length] ?? 0)),
    balance,
    // The newest invoices are not posted yet.
    isPending: index === 0,
    active: typeof open === 'number',
  };
}

function addOpenJob(
  book: Book,
  random: Random,
  unit: number,
  n: number,
  invoices: readonly InvoicePlan[],
  status = 'Completed',
): void {
  const created = officeTime(addDays(QUIET, -10), n);
  addJob(book, {
    unit,
    type: unit === SALES.phoenix ? ESTIMATE_TYPES.residential[0] : PRODUCTION_TYPES.residential[0],
    status,
    created,
    ...(status === 'Completed' && { completed: officeTime(addDays(QUIET, 1), n) }),
    customer: addCustomer(book, random, { createdOn: created }),
    appointments: [{ start: officeTime(QUIET, n) }],
    invoices,
  });
}
