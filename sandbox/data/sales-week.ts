import type { Book } from './book.ts';
import { addLeads } from './leads.ts';
import type { Random } from './random.ts';
import { addVisit, type EstimatePlan, officeTime, weeksBefore } from './sales.ts';
import { NEVADA_SALES, SALES_DAY, SALES_WEEKS, type SalesWeek } from './targets.ts';
import { addDays, at } from './time.ts';
import { AREAS, type Area, estimateType, PRODUCTION, PRODUCTION_TYPES, SALES, salesUnit } from './units.ts';

/** Adds the sales visits that give the sales figures of the screens. */
export function addCalibratedSales(book: Book, random: Random): void {
  for (const week of SALES_WEEKS) {
    for (const area of AREAS) {
      addLeads(book, random, week, area);
      addOpportunities(book, random, dayPlans(week, area));
      addQuietVisits(book, random, week, area);
    }
  }
  addPhoenixDay(book, random);
}

interface DayPlan {
  readonly date: string;
  readonly area: Area;
  readonly open: number;
  readonly closed: number;
  readonly booked: number;
  /** Second sold estimates on the closed jobs. */
  readonly second: number;
  /** Estimates sold on jobs that were closed before. */
  readonly onClosedJobs: number;
  /** Their sum, where a screen value fixes it. */
  readonly bookedOnClosedJobs?: number;
  /** Further estimates of the day's closed jobs, sold after the week. */
  readonly laterSales?: readonly EstimatePlan[];
  /** Closed jobs whose visit was in an earlier week. */
  readonly late: number;
}

function dayPlans(week: SalesWeek, area: Area): DayPlan[] {
  const closed = week.closed[area];
  const busiest = closed.indexOf(Math.max(...closed));
  const late = lateSales(week, area);
  return closed.map((count, index) => ({
    date: addDays(week.monday, index),
    area,
    open: week.open[area][index] ?? 0,
    closed: count,
    booked: week.booked[area][index] ?? 0,
    second: index === busiest ? week.secondSales[area] : 0,
    onClosedJobs: index === busiest && !isNevadaMonday(area, week.monday) ? week.salesOnClosedJobs[area] : 0,
    late: late[index] ?? 0,
    ...(index === busiest && salesOfOtherWeeks(week, area)),
  }));
}

/** The sales that make the average sale of closed jobs another number than what was sold in the week for each of them. */
function salesOfOtherWeeks(week: SalesWeek, area: Area): Partial<DayPlan> {
  if (!week.closedSales) return {};
  const later = week.laterSales?.[area] ?? [];
  const sum = (all: readonly number[]) => all.reduce((total, cents) => total + cents, 0);
  return {
    bookedOnClosedJobs: sum(week.booked[area]) + sum(later) - week.closedSales[area],
    // The tenant's clock stands still at 05:00 on the day after the week.
    laterSales: later.map((cents) => ({
      status: 'Sold',
      cents,
      soldOn: at(addDays(week.monday, 7), '04:10'),
    })),
  };
}

/**
 * How many of each day's closed jobs were visited in an earlier week, so that the visits of the week plus two quiet visits
 * give the number of completed jobs. Monday comes last, because it has its own screen value.
 */
function lateSales(week: SalesWeek, area: Area): number[] {
  const sum = (days: readonly number[]) => days.reduce((total, count) => total + count, 0);
  let wanted = Math.max(2, sum(week.open[area]) + sum(week.closed[area]) - week.completed[area] + 2);
  const late = week.closed[area].map(() => 0);
  for (const index of [1, 2, 3, 4, 5, 6, 0]) {
    if (index === 0 && week.monday === '2025-08-18') continue;
    late[index] = Math.min(wanted, week.closed[area][index] ?? 0);
    wanted -= late[index] ?? 0;
  }
  return late;
}

function isNevadaMonday(area: Area, date: string): boolean {
  return area === 'nevada' && date === '2025-08-18';
}

/** Adds opportunities. Open ones count on the day of completion, closed ones on the day of the first sale. */
function addOpportunities(book: Book, random: Random, plans: readonly DayPlan[]): void {
  for (const plan of plans) {
    for (let n = 0; n < plan.open; n++) addOpenVisit(book, random, plan, n);
    if (isNevadaMonday(plan.area, plan.date)) addNevadaSales(book, random, plan);
    else if (plan.closed > 0) addSales(book, random, plan);
  }
}

function addOpenVisit(book: Book, random: Random, { date, area, open }: DayPlan, n: number): void {
  const completed = n === open - 1 && open > 2 ? at(date, '18:25') : officeTime(date, n);
  // One Phoenix visit has revenue but no estimate. It is an opportunity too.
  const hasRevenueOnly = area === 'phoenix' && n === 1 && date.endsWith('-22');
  addVisit(book, random, {
    unit: salesUnit(area, n),
    type: estimateType(area, n),
    created: officeTime(weeksBefore(date, 1 + (n % 2)), n),
    completed,
    noCharge: n % 6 === 5,
    ...(hasRevenueOnly
      ? { revenue: 15000 }
      : { estimates: [{ status: n % 4 === 3 ? 'Dismissed' : 'Open', cents: 420000 + n * 900 }] }),
  });
}

function addSales(book: Book, random: Random, plan: DayPlan): void {
  const {
    date,
    area,
    booked,
    closed,
    late,
    second,
    onClosedJobs,
    bookedOnClosedJobs,
    laterSales = [],
  } = plan;
  const parts =
    bookedOnClosedJobs === undefined
      ? random.split(booked, closed + second + onClosedJobs)
      : [
          ...random.split(booked - bookedOnClosedJobs, closed + second),
          ...random.split(bookedOnClosedJobs, onClosedJobs),
        ];
  const sold = (index: number, n: number): EstimatePlan => ({
    status: 'Sold',
    cents: parts[index] ?? 0,
    // The last sale of a day is in the evening, which is the next day in UTC.
    soldOn: n === closed - 1 ? at(date, '18:02') : officeTime(date, n + 2),
  });
  for (let n = 0; n < closed; n++) {
    const isLate = n < late;
    const extra = n < second ? [sold(closed + n, n)] : [];
    const isCommercialType = area === 'phoenix' && isLate;
    addVisit(book, random, {
      unit: salesUnit(area, n),
      // Total booked and closed opportunities do not filter by job type.
      type: isCommercialType ? PRODUCTION_TYPES.carpentry : estimateType(area, n),
      created: officeTime(weeksBefore(date, isLate ? 4 : 1), n),
      completed: isLate ? officeTime(weeksBefore(date, 3), n) : officeTime(date, n),
      estimates: [
        {
          ...sold(n, n),
          ...(n % 3 === 0 && { unit: PRODUCTION[area], createdOn: officeTime(weeksBefore(date, 1), n) }),
        },
        ...extra,
        ...laterSales.slice(n, n + 1),
        ...edgeEstimates(area, n, date),
      ],
    });
  }
  for (let n = 0; n < onClosedJobs; n++) {
    const firstSale = officeTime(weeksBefore(date, 3), n);
    addVisit(book, random, {
      unit: SALES[area],
      type: estimateType(area, n),
      created: officeTime(weeksBefore(date, 4), n),
      completed: firstSale,
      estimates: [
        { status: 'Sold', cents: 120000 + n * 500, soldOn: firstSale },
        sold(closed + second + n, 0),
      ],
    });
  }
}

/** Estimates on sold jobs that must not change the booked sum. */
function edgeEstimates(area: Area, n: number, date: string): EstimatePlan[] {
  if (n === 0) {
    return [
      { status: 'Sold', cents: 777700, soldOn: officeTime(date, 5), active: false },
      { status: 'Dismissed', cents: 888800 },
      // Sold, then set back to open.
      { status: 'Open', cents: 999900 },
    ];
  }
  if (n === 1) return [{ status: 'Sold', cents: 0, soldOn: officeTime(date, 6) }];
  if (n === 2 && area === 'phoenix') {
    return [
      { status: 'Sold', cents: 50000, soldOn: officeTime(date, 6) },
      { status: 'Sold', cents: -50000, soldOn: officeTime(date, 7), isChangeOrder: true },
    ];
  }
  return [];
}

/** Adds the seven estimates of 2025-08-18 in Nevada. The first job has two of them. */
function addNevadaSales(book: Book, random: Random, { date, area, closed }: DayPlan): void {
  const sales = NEVADA_SALES.map(
    ([id, cents, time]): EstimatePlan => ({ id, status: 'Sold', cents, soldOn: at(date, time) }),
  );
  const [first, second, ...others] = sales;
  const groups = [[first, second], ...others.map((sale) => [sale])].slice(0, closed);
  groups.forEach((group, n) => {
    addVisit(book, random, {
      unit: SALES[area],
      type: estimateType(area, n),
      created: officeTime(weeksBefore(date, 1), n),
      completed: officeTime(date, n),
      estimates: group.flatMap((sale) => sale ?? []),
    });
  });
}

/**
 * Adds completed visits that are not opportunities of the week, because they have no estimate or were sold in another week.
 * They bring the number of completed estimate jobs to its target. Also adds canceled visits with a completion date.
 */
function addQuietVisits(book: Book, random: Random, week: SalesWeek, area: Area): void {
  const plans = dayPlans(week, area);
  const counted = plans.reduce((sum, { open, closed, late }) => sum + open + closed - late, 0);
  const missing = week.completed[area] - counted;
  for (let n = 0; n < missing; n++) {
    const isMonday = n < 4 && area === 'phoenix' && week.monday === '2025-08-18';
    addQuietVisit(book, random, area, addDays(week.monday, isMonday ? 0 : 1 + (n % 4)), n);
  }
  // Completed, but without an estimate type, an estimate or revenue, so it counts in no figure.
  if (area === 'phoenix') {
    const date = addDays(week.monday, 3);
    addVisit(book, random, {
      unit: SALES.phoenix,
      type: PRODUCTION_TYPES.carpentry,
      created: officeTime(weeksBefore(date, 1), 3),
      completed: officeTime(date, 3),
    });
  }
  for (let n = 0; n < week.canceled[area]; n++) {
    const date = addDays(week.monday, n % 5);
    addVisit(book, random, {
      unit: SALES[area],
      type: estimateType(area, n),
      created: officeTime(weeksBefore(date, 1), n),
      completed: officeTime(date, n),
      status: 'Canceled',
      estimates: n % 2 === 0 ? [{ status: 'Open', cents: 250000 }] : [],
    });
  }
}

function addQuietVisit(book: Book, random: Random, area: Area, date: string, n: number): void {
  const soldBefore = officeTime(weeksBefore(date, 2), n);
  const estimates: EstimatePlan[] =
    // No estimate, or only a deleted one.
    n % 8 === 0
      ? []
      : n % 8 === 1
        ? [{ status: 'Open', cents: 100000, active: false }]
        : [{ status: 'Sold', cents: 230000 + n * 700, soldOn: soldBefore }];
  addVisit(book, random, {
    unit: salesUnit(area, n),
    type: estimateType(area, n),
    created: officeTime(weeksBefore(date, 3), n),
    completed: officeTime(date, n),
    estimates,
  });
}

/** Adds the single Phoenix day with screen values: 27 leads, 23 completed, 11 of 27 closed. */
function addPhoenixDay(book: Book, random: Random): void {
  const { date, leadJobs, completed, closed, open, booked } = SALES_DAY;
  for (let n = 0; n < leadJobs; n++) {
    addVisit(book, random, {
      unit: SALES.phoenix,
      type: estimateType('phoenix', n),
      created: n === leadJobs - 1 ? at(date, '19:40') : officeTime(date, n),
      start: officeTime(addDays(date, 14), n),
    });
  }
  const late = closed + open - completed;
  addOpportunities(book, random, [
    { date, area: 'phoenix', open, closed, booked, second: 2, onClosedJobs: 1, late },
  ]);
}
