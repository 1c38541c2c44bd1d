import type { Book } from './book.ts';
import { jobCents, paceOf, TRADES, type Week, type WeekOf } from './business.ts';
import { addPayment } from './collections.ts';
import { exactNumber } from './exact.ts';
import { addJob } from './jobs.ts';
import { addCustomer } from './people.ts';
import { addWork } from './production.ts';
import { isCollected } from './production-targets.ts';
import type { Random } from './random.ts';
import { addEstimate, addVisit, officeTime } from './sales.ts';
import { isCalibrated } from './targets.ts';
import { addDays, at, day, later } from './time.ts';
import { AREAS, type Area, ESTIMATE_TYPES, OUTSIDE, PRODUCTION, PRODUCTION_TYPES, SALES } from './units.ts';

/** The first day, from the given one on, without calibrated figures. */
function freeDay(date: string, isTaken = isCalibrated): string {
  let free = date;
  while (isTaken(free)) free = addDays(free, 1);
  return free;
}

/** Adds the ordinary work of the given days, without those that have calibrated figures. */
export function addBackground(
  book: Book,
  random: Random,
  { days, weekOf, scale }: { days: readonly string[]; weekOf: WeekOf; scale: number },
): void {
  const weeks = new Map<Area, Week>();
  const carried = new Map<Area, number>();
  for (const date of days) {
    const weekday = (new Date(date).getUTCDay() + 6) % 7;
    for (const area of AREAS) {
      const week = weekday === 0 ? undefined : weeks.get(area);
      const known = week ?? weekOf(TRADES[area], addDays(date, -weekday));
      weeks.set(area, known);
      let visits = (carried.get(area) ?? 0) + scale * (known.visitsOn[weekday] ?? 0);
      for (; visits >= 1; visits--) if (!isCalibrated(date)) addVisitAndWork(book, random, date, area, known);
      carried.set(area, visits);
    }
  }
}

/** Adds one estimate visit, and about as many jobs as are sold. */
function addVisitAndWork(book: Book, random: Random, date: string, area: Area, week: Week): void {
  const n = random.between(0, 90);
  const isSold = random.between(1, 1000) <= week.closed * 1000;
  addEstimateVisit(book, random, { date, area, week, n, isSold });
  if (random.between(1, 1000) <= week.closed * 1000) addPaidWork(book, random, { date, area, week, n });
}

interface Ordinary {
  readonly date: string;
  readonly area: Area;
  readonly week: Week;
  readonly n: number;
}

function addEstimateVisit(
  book: Book,
  random: Random,
  { date, area, week, n, isSold }: Ordinary & { isSold: boolean },
): void {
  const completedDay = freeDay(addDays(date, random.between(1, 4)));
  const soldDay = freeDay(addDays(completedDay, random.between(0, 9)));
  addVisit(book, random, {
    unit: SALES[area],
    type:
      ESTIMATE_TYPES[area === 'commercial' ? 'commercial' : 'residential'][n % 4] ??
      ESTIMATE_TYPES.residential[0],
    created: officeTime(date, n),
    completed: officeTime(completedDay, n),
    estimates: [
      {
        status: isSold ? 'Sold' : 'Open',
        cents: jobCents(random, week.ticket),
        ...(isSold && { soldOn: officeTime(soldDay, n) }),
      },
    ],
  });
}

function addPaidWork(book: Book, random: Random, { date, area, week, n }: Ordinary): void {
  const revenue = jobCents(random, week.ticket);
  const isWarranty = random.oneIn(16);
  const cost = isWarranty ? Math.trunc(revenue * 0.12) : revenue;
  const types = PRODUCTION_TYPES[area === 'commercial' ? 'commercial' : 'residential'];
  const job = addWork(book, random, {
    unit: PRODUCTION[area],
    type: isWarranty ? PRODUCTION_TYPES.warranty : (types[n % types.length] ?? types[0]),
    status: 'Completed',
    date,
    start: officeTime(date, n),
    revenue: isWarranty ? 0 : revenue,
    labor: Math.trunc((cost * week.labor * paceOf(n) * random.between(90, 110)) / 100),
    material: Math.trunc((cost * week.material * random.between(85, 115)) / 100),
    returned: 0,
    costWay: 'mixed',
    payWay: 'plain',
    n,
    withEdges: false,
  });
  const paidOn = freeDay(addDays(date, random.between(1, 30)), isCollected);
  const [invoiceId] = job.invoiceIds;
  if (!isWarranty && invoiceId)
    addPayment(book, { date: paidOn, splits: [{ invoiceId, cents: revenue }], unit: PRODUCTION[area] }, n);
}

/** Adds records that violate the vendor's documents. None of them changes a calibrated figure. */
export function addUnusualRecords(book: Book, random: Random, runDate: string): void {
  const quiet = '2025-06-11';
  const created = officeTime(quiet, 1);
  const known = addCustomer(book, random, { createdOn: created, active: null });
  const visit = (unit: number, type: number, estimates: Parameters<typeof addVisit>[2]['estimates'] = []) =>
    addVisit(book, random, {
      unit,
      type,
      created,
      completed: officeTime(quiet, 3),
      customer: known,
      estimates,
    });
  // Sold without a date, so it closes its job and books nothing; a unit outside the six pairs; an unknown unit; an
  // unknown job type.
  visit(SALES.tucson, ESTIMATE_TYPES.residential[1], [{ status: 'Sold', cents: 410000 }]);
  visit(OUTSIDE.sales, ESTIMATE_TYPES.commercial[0], [
    { status: 'Sold', cents: 520000, soldOn: officeTime('2025-08-20', 4) },
  ]);
  visit(123456, ESTIMATE_TYPES.residential[0], [
    { status: 'Sold', cents: 610000, soldOn: officeTime('2025-08-21', 4) },
  ]);
  visit(SALES.phoenix, 999999);
  // Estimates without a job, with a job that does not exist, and on a production job.
  const loose = {
    status: 'Sold',
    cents: 715000,
    soldOn: officeTime('2025-08-19', 5),
    createdOn: officeTime('2025-08-01', 5),
    unit: SALES.phoenix,
  } as const;
  addEstimate(book, loose, { jobId: null, number: null, customer: known });
  addEstimate(book, loose, { jobId: 1, number: '1', customer: known });
  const produced = addJob(book, {
    unit: PRODUCTION.phoenix,
    type: PRODUCTION_TYPES.training,
    status: 'Completed',
    created,
    completed: officeTime(quiet, 5),
    customer: known,
    // Without an appointment, the completion date counts as the start.
    appointments: [],
  });
  addEstimate(book, loose, { jobId: produced.id, number: produced.number, customer: known });
  // A lead whose customer does not exist.
  addVisit(book, random, {
    unit: SALES.nevada,
    type: ESTIMATE_TYPES.residential[0],
    created,
    customer: { id: 1, locationId: 1 },
  });
  addInvoicesWithoutJob(book, quiet);
  addUnusualPay(book, quiet);
  addPayrolls(book, runDate);
  addFreshRecords(book, random, runDate);
}

function addInvoicesWithoutJob(book: Book, date: string): void {
  for (const [index, unit] of [PRODUCTION.phoenix, SALES.tucson, null].entries()) {
    const createdOn = at(date, '20:15');
    book.add('invoices', book.id('invoices'), {
      syncStatus: 'Posted',
      referenceNumber: `M${index}`,
      invoiceDate: day(date),
      subTotal: '120.00',
      salesTax: '10.32',
      total: '130.32',
      // Open, and nobody knows at which location.
      balance: index === 0 ? '130.32' : '0.00',
      businessUnit: unit === null ? null : { id: unit, name: 'Unit' },
      job: null,
      items: null,
      // Seven digits of a second; the warehouses store six.
      createdOn: createdOn.replace('Z', '.1234567Z'),
      modifiedOn: later(createdOn, 4).replace('Z', '.2876004Z'),
      sentStatus: 'NotSent',
      reviewStatus: 'NeedsReview',
      invoiceConfiguration: 'MembershipInvoice',
      active: true,
      // A field that the schema does not know, as after a new release of the service.
      ...(index === 0 && { taxBreakdown: { county: '1.10', lines: [exactNumber('12345678901234567890')] } }),
    });
  }
}

function addUnusualPay(book: Book, date: string): void {
  const createdOn = officeTime(date, 2);
  const item = {
    employeeId: 501,
    employeeType: 'Technician',
    payrollId: 1,
    date: day(date),
    createdOn,
    modifiedOn: later(createdOn, 9),
  };
  const kind = { grossPayItemType: 'Salary', active: true, amount: 812.5 };
  // A record without an id cannot be identified, so it must be rejected.
  book.add('gross_pay_items', null, { ...item, ...kind, jobId: 0, memo: 'no id' });
  book.add('gross_pay_items', book.id('gross_pay_items'), { ...item, ...kind, jobId: 0 });
  const order = book.id('purchase_orders');
  book.add('purchase_orders', order, {
    number: String(order),
    status: 'Sent',
    typeId: 1,
    vendorId: 21,
    date: day(date),
    // Twenty digits, more than a double can hold. The order has no job.
    total: exactNumber('12345678901.123456789'),
    tax: 0,
    shipping: 0,
    summary: '',
    createdOn,
    modifiedOn: later(createdOn, 5),
  });
}

function addPayrolls(book: Book, runDate: string): void {
  for (let n = 0; n < 50; n++) {
    const startedOn = at(addDays(runDate, -14 * (50 - n)), '00:00');
    book.add('payrolls', 1 + n, {
      startedOn,
      endedOn: later(startedOn, 14 * 24 * 60),
      employeeId: 501 + (n % 24),
      employeeType: 'Technician',
      status: n < 48 ? 'Locked' : 'Pending',
      createdOn: startedOn,
      modifiedOn: later(startedOn, 60),
      active: n !== 7,
    });
  }
}

/** Adds records changed in the last 15 minutes. The feeds do not have them before the next night. */
function addFreshRecords(book: Book, random: Random, runDate: string): void {
  const now = at(runDate, '05:00');
  for (let n = 0; n < 3; n++)
    addCustomer(book, random, {
      createdOn: officeTime(addDays(runDate, -3), n),
      modifiedOn: later(now, -3 - n),
    });
}
