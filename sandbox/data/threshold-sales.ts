import type { Book } from './book.ts';
import type { Random } from './random.ts';
import { addVisit, officeTime } from './sales.ts';
import { addDays } from './time.ts';
import { ESTIMATE_TYPES, SALES } from './units.ts';

/** A day without calibrated figures. */
const QUIET = '2025-06-16';

/**
 * Adds visits of a job type with a sold threshold of $2,500, which ServiceTitan's own rule of opportunities counts otherwise
 * than ours: no-charge visits sold at and below it, sales that reach it only together, a small sale before a large one.
 */
export function addThresholdSales(book: Book, random: Random): void {
  const visit = (n: number, cents: readonly number[], noCharge = false) =>
    addVisit(book, random, {
      unit: SALES.tucson,
      type: ESTIMATE_TYPES.cabinets,
      created: officeTime(addDays(QUIET, -7), n),
      completed: officeTime(QUIET, n),
      noCharge,
      estimates: cents.map((each, week) => ({
        status: 'Sold',
        cents: each,
        soldOn: officeTime(addDays(QUIET, 1 + 7 * week), n),
      })),
    });
  visit(1, [250_000], true);
  visit(2, [100_000], true);
  visit(3, [100_000, 200_000]);
  visit(4, [100_000, 400_000]);
}
