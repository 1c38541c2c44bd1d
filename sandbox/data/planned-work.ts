import type { Book } from './book.ts';
import { addJob } from './jobs.ts';
import { addCustomer } from './people.ts';
import type { Random } from './random.ts';
import { officeTime } from './sales.ts';
import { addDays } from './time.ts';
import { AREAS, PRODUCTION, PRODUCTION_TYPES } from './units.ts';

/** Starts on both sides of each border of future bookings: the run date, the day after, a year later, a year and a day. */
const BORDERS = [0, 1, 365, 366];

/** Work that is booked for the weeks after the run date; a part of it is canceled again. */
export function addPlannedWork(book: Book, random: Random, runDate: string): void {
  const ordinary = Array.from({ length: 60 }, (_, n) => 1 + n * 3);
  for (const [n, days] of [...ordinary, ...BORDERS].entries()) {
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
