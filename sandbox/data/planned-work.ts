import type { Book } from './book.ts';
import { addJob } from './jobs.ts';
import { addCustomer } from './people.ts';
import type { Random } from './random.ts';
import { officeTime } from './sales.ts';
import { addDays } from './time.ts';
import { AREAS, PRODUCTION, PRODUCTION_TYPES } from './units.ts';

/** Days after the run date on both sides of the limits of future bookings. */
const LIMIT_DAYS = [0, 1, 365, 366];

/** Adds work that is booked for the weeks after the run date. Some of it is canceled. */
export function addPlannedWork(book: Book, random: Random, runDate: string): void {
  const ordinary = Array.from({ length: 60 }, (_, n) => 1 + n * 3);
  for (const [n, days] of [...ordinary, ...LIMIT_DAYS].entries()) {
    const area = AREAS[n % AREAS.length] ?? 'phoenix';
    const created = officeTime(addDays(runDate, -70 + (n % 40)), n);
    addJob(book, {
      unit: PRODUCTION[area],
      type: PRODUCTION_TYPES.residential[n % 3] ?? PRODUCTION_TYPES.residential[0],
      status: n % 15 === 14 ? 'Canceled' : 'Scheduled',
      created,
      customer: addCustomer(book, random, { createdOn: created }),
      appointments: [{ start: officeTime(addDays(runDate, days), n) }],
      invoices: [
        { subtotal: random.between(100000, 900000), date: addDays(created.slice(0, 10), 1), balance: 12300 },
      ],
    });
  }
}
