import type { Book } from './book.ts';
import { addCustomer, type Customer } from './people.ts';
import type { Random } from './random.ts';
import { addVisit, officeTime } from './sales.ts';
import { SALES_WEEKS, type SalesWeek } from './targets.ts';
import { addDays, at } from './time.ts';
import {
  type Area,
  ESTIMATE_TYPES,
  estimateType,
  PRODUCTION,
  PRODUCTION_TYPES,
  SALES,
  salesUnit,
} from './units.ts';

/**
 * Adds lead jobs by the local day of their creation. The last one of each day is created in the evening, which is the next
 * day in UTC. The visits are after the week, so that they change no other figure of the week.
 */
export function addLeads(book: Book, random: Random, week: SalesWeek, area: Area): void {
  let repeats = week.repeatedCustomers[area];
  let previous: Customer | undefined;
  const isPast = week.monday < '2025-10-01';
  week.leadJobs[area].forEach((count, index) => {
    const date = addDays(week.monday, index);
    for (let n = 0; n < count; n++) {
      const created = n === count - 1 && count > 1 ? at(date, '19:40') : officeTime(date, n);
      // Phoenix: a customer with two jobs on one day, in August on the Monday with its own screen value. Commercial: a
      // customer with jobs on two days of the week.
      const isRepeat =
        repeats > 0 &&
        previous !== undefined &&
        (area === 'commercial' ? index > 0 && n === 0 : (index > 0 || isPast) && n > 0 && n % 2 === 0);
      if (isRepeat) repeats--;
      const visit = addVisit(book, random, {
        unit: salesUnit(area, n),
        // A type that is missing in the WBR list. Its jobs are completed after the week.
        type: isPast && n % 11 === 10 ? ESTIMATE_TYPES.unlisted : estimateType(area, n),
        created,
        ...(isRepeat &&
          previous && {
            customer: area === 'phoenix' && isPast ? mergedInto(book, random, previous, created) : previous,
          }),
        ...(isPast && n % 5 !== 4 && { completed: officeTime(addDays(week.monday, 8 + (n % 4)), n) }),
        ...(isPast && n % 5 === 4 && { status: 'Canceled' }),
        start: officeTime(addDays(week.monday, 8 + (n % 4)), n),
        estimates:
          isPast && n % 5 !== 4
            ? [{ status: n % 3 === 0 ? 'Dismissed' : 'Open', cents: 310000 + n * 1100 }]
            : [],
      });
      previous = visit.customer;
    }
  });
}

/** A customer merged into a second one, which was merged into the survivor. The chain counts as one customer. */
function mergedInto(book: Book, random: Random, survivor: Customer, createdOn: string): Customer {
  const between = addCustomer(book, random, { createdOn, mergedToId: survivor.id, active: false });
  return addCustomer(book, random, { createdOn, mergedToId: between.id, active: false });
}

/** Adds visits that a wrong lead rule would count or miss, such as those of test customers. */
export function addLeadEdges(book: Book, random: Random): void {
  for (const monday of SALES_WEEKS.map((week) => week.monday)) {
    const date = addDays(monday, 2);
    const visit = (name: string, n: number) => {
      const created = officeTime(date, n);
      const customer = addCustomer(book, random, { name, createdOn: created });
      addVisit(book, random, {
        unit: SALES.phoenix,
        type: ESTIMATE_TYPES.residential[0],
        created,
        customer,
        start: officeTime(addDays(date, 9), n),
      });
    };
    // The screens leave out names that contain "test", so Protestman is left out too.
    visit('Test Customer', 1);
    visit('PLEASE IGNORE - TESTING', 2);
    visit('Avery Protestman', 3);
    // An estimate job of a Production unit is not a lead.
    const created = officeTime(date, 4);
    addVisit(book, random, {
      unit: PRODUCTION.phoenix,
      type: ESTIMATE_TYPES.residential[0],
      created,
      start: officeTime(addDays(date, 9), 4),
      status: 'Canceled',
    });
  }
}

/** Adds jobs of a Sales unit that are no estimates. A lead rule without job types would count them. */
export function addOtherSalesJobs(book: Book, random: Random): void {
  for (const { monday } of SALES_WEEKS) {
    addVisit(book, random, {
      unit: SALES.tucson,
      type: PRODUCTION_TYPES.carpentry,
      created: officeTime(addDays(monday, 2), 5),
      start: officeTime(addDays(monday, 9), 5),
    });
  }
}
