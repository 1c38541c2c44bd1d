import type { Book } from './book.ts';
import { createWeeks, jobCents, paceOf, type Trade } from './business.ts';
import { addPayment } from './collections.ts';
import { addJob } from './jobs.ts';
import { addCustomer } from './people.ts';
import { addWork } from './production.ts';
import type { Random } from './random.ts';
import { addVisit, officeTime } from './sales.ts';
import { addDays, at, daysFrom } from './time.ts';

/** What a unit does: estimate visits, jobs or both, as shares of its trade's visits. */
interface Unit {
  readonly id: number;
  readonly trade: Trade;
  readonly estimates: number;
  readonly jobs: number;
  readonly estimateType: number;
  readonly jobTypes: readonly number[];
}

const CALLBACK = 5009;

/** Invented. Money is in cents. */
const UNITS: readonly Unit[] = [
  {
    ...{ id: 3101, estimates: 0.4, jobs: 1, estimateType: 5002, jobTypes: [5003, 5004] },
    trade: { visits: 30, ticket: 140_000, closed: 0.55, labor: 0.3, material: 0.2 },
  },
  {
    ...{ id: 3102, estimates: 1, jobs: 0, estimateType: 5001, jobTypes: [] },
    trade: { visits: 12, ticket: 1_050_000, closed: 0.4, labor: 0.25, material: 0.35 },
  },
  {
    ...{ id: 3103, estimates: 0, jobs: 1, estimateType: 5001, jobTypes: [5005, 5006] },
    trade: { visits: 6, ticket: 1_050_000, closed: 0.4, labor: 0.25, material: 0.35 },
  },
  {
    ...{ id: 3104, estimates: 0.2, jobs: 1, estimateType: 5001, jobTypes: [5007, 5008] },
    trade: { visits: 24, ticket: 48_000, closed: 0.5, labor: 0.38, material: 0.12 },
  },
];

/** Busy months are those of frost and of heat. */
const SEASON = [1.25, 1.15, 0.9, 0.8, 0.85, 1.1, 1.25, 1.15, 0.85, 0.8, 0.95, 1.15];

/** Adds two years of ordinary work of a plumbing and HVAC company, and work planned for the weeks after the run date. */
export function addPlumbingWork(book: Book, random: Random, runDate: string, scale: number): void {
  const weekOf = createWeeks(random, runDate, SEASON);
  for (const unit of UNITS) {
    let week = weekOf(unit.trade, runDate);
    const due = { estimates: 0, jobs: 0 };
    let n = 0;
    for (const date of daysFrom(addDays(runDate, -730), addDays(runDate, -1))) {
      const weekday = (new Date(date).getUTCDay() + 6) % 7;
      if (weekday === 0) week = weekOf(unit.trade, date);
      const visits = scale * (week.visitsOn[weekday] ?? 0);
      due.estimates += visits * unit.estimates;
      due.jobs += visits * unit.jobs;
      for (; due.estimates >= 1; due.estimates--) addEstimateVisit(book, random, unit, week, date, n++);
      for (; due.jobs >= 1; due.jobs--) addServiceJob(book, random, unit, week, date, n++);
    }
    if (unit.jobs > 0) addPlanned(book, random, unit, runDate);
  }
}

function addEstimateVisit(
  book: Book,
  random: Random,
  unit: Unit,
  week: Trade,
  date: string,
  n: number,
): void {
  const isSold = random.between(1, 1000) <= week.closed * 1000;
  const completed = officeTime(addDays(date, random.between(0, 2)), n);
  const sold = addDays(date, random.between(2, 9));
  addVisit(book, random, {
    ...{ unit: unit.id, type: unit.estimateType, created: officeTime(date, n), completed },
    estimates: [
      {
        status: isSold ? 'Sold' : 'Open',
        cents: jobCents(random, week.ticket),
        // Half past midnight in New York is the day before in Phoenix.
        ...(isSold && { soldOn: n % 5 === 0 ? at(addDays(sold, -1), '21:30') : officeTime(sold, n) }),
      },
    ],
  });
}

function addServiceJob(book: Book, random: Random, unit: Unit, week: Trade, date: string, n: number): void {
  const isCallback = random.oneIn(20);
  const revenue = isCallback ? 0 : jobCents(random, week.ticket);
  const job = addWork(book, random, {
    unit: unit.id,
    type: isCallback ? CALLBACK : (unit.jobTypes[n % unit.jobTypes.length] ?? CALLBACK),
    status: 'Completed',
    date,
    // An emergency at half past one at night in New York, which is the evening before in Phoenix.
    start: n % 11 === 0 ? at(addDays(date, -1), '22:30') : officeTime(date, n),
    revenue,
    labor: Math.trunc(((revenue || 9_000) * week.labor * paceOf(n) * random.between(90, 110)) / 100),
    material: Math.trunc((revenue * week.material * random.between(85, 115)) / 100),
    returned: 0,
    costWay: 'mixed',
    payWay: 'plain',
    n,
    withEdges: false,
  });
  const paidOn = addDays(date, random.between(0, 20));
  const [invoiceId] = job.invoiceIds;
  if (revenue > 0 && invoiceId)
    addPayment(book, { date: paidOn, splits: [{ invoiceId, cents: revenue }], unit: unit.id }, n);
}

function addPlanned(book: Book, random: Random, unit: Unit, runDate: string): void {
  for (let n = 0; n < 8; n++) {
    const created = officeTime(addDays(runDate, -9), n);
    addJob(book, {
      ...{ unit: unit.id, type: unit.jobTypes[n % 2] ?? CALLBACK, status: 'Scheduled', created },
      customer: addCustomer(book, random, { createdOn: created }),
      appointments: [{ start: officeTime(addDays(runDate, 1 + 2 * n), n) }],
      invoices: [
        {
          subtotal: jobCents(random, unit.trade.ticket),
          date: addDays(runDate, -8),
          balance: random.between(4_000, 60_000),
        },
      ],
    });
  }
}
