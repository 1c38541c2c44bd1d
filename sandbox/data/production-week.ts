import type { Book } from './book.ts';
import { addWork } from './production.ts';
import { PRODUCTION_WEEKS, type ProductionWeek } from './production-targets.ts';
import type { Random } from './random.ts';
import { officeTime } from './sales.ts';
import { addDays, at } from './time.ts';
import { AREAS, type Area, PRODUCTION, PRODUCTION_TYPES, RETIRED } from './units.ts';
import type { CostWay, PayWay, WorkPlan } from './work-plan.ts';

/** Each area gets its cost in another way, so that each wrong cost rule is far off in some area. */
const COST_WAYS: Readonly<Record<Area, CostWay>> = {
  tucson: 'orders',
  phoenix: 'mixed',
  nevada: 'orders',
  andys: 'lines',
  commercial: 'bills',
  guaranteed: 'orders',
};
const PAY_WAYS: Readonly<Record<Area, PayWay>> = {
  tucson: 'equal',
  phoenix: 'plain',
  nevada: 'adjusted',
  andys: 'plain',
  commercial: 'equal',
  guaranteed: 'plain',
};

/** Adds the jobs that give the production figures of the job-cost report. */
export function addCalibratedProduction(book: Book, random: Random): void {
  for (const week of PRODUCTION_WEEKS) {
    for (const area of AREAS.filter((each) => week.jobs[each] > 0)) addArea(book, random, week, area);
  }
}

interface Slot {
  readonly status: string;
  readonly type: number;
  readonly revenue: number;
  readonly isWarranty: boolean;
}

function addArea(book: Book, random: Random, week: ProductionWeek, area: Area): void {
  const slots = slotsOf(random, week, area);
  const paying = slots.filter(({ isWarranty, status }) => !isWarranty && status !== 'Canceled').length;
  const warranties = week.warrantyJobs[area];
  const warrantyCost = warranties > 0 ? random.split(week.warrantyCost[area], warranties) : [];
  // The cost of a warranty job is all labor here, as it nearly is in reality.
  const labor = random.split(week.labor[area] - week.warrantyCost[area], paying);
  const material = random.split(week.material[area], paying);
  const returns = week.returned[area] > 0 ? random.split(week.returned[area], Math.min(2, paying)) : [];
  let payingIndex = 0;
  let warranty = 0;
  slots.forEach((slot, n) => {
    const isIdle = !slot.isWarranty && slot.status === 'Canceled';
    const index = isIdle || slot.isWarranty ? -1 : payingIndex++;
    const plan: Omit<WorkPlan, 'start' | 'date'> = {
      unit: area === 'phoenix' && n % 12 === 5 ? RETIRED.production : PRODUCTION[area],
      type: slot.type,
      status: slot.status,
      revenue: slot.revenue,
      labor: slot.isWarranty ? (warrantyCost[warranty++] ?? 0) : (labor[index] ?? 0),
      material: material[index] ?? 0,
      returned: returns[index] ?? 0,
      costWay: COST_WAYS[area],
      payWay: PAY_WAYS[area],
      n,
      withEdges: true,
    };
    const date = addDays(week.monday, n % 5);
    // Sunday evening is Monday, and so next week, in UTC.
    const isSundayEvening = n === 1;
    const sunday = addDays(week.monday, 6);
    addWork(book, random, {
      ...plan,
      date: isSundayEvening ? sunday : date,
      start: isSundayEvening ? at(sunday, '17:30') : officeTime(date, n),
    });
  });
}

/** The jobs of a week with type and status. Completed jobs get the revenue that the other jobs leave. */
function slotsOf(random: Random, week: ProductionWeek, area: Area): Slot[] {
  const usual = area === 'commercial' ? PRODUCTION_TYPES.commercial : PRODUCTION_TYPES.residential;
  const usualType = (n: number) => usual[n % usual.length] ?? usual[0];
  const unfinished = week.unfinished
    .filter((group) => group.area === area)
    .flatMap(({ status, cents }) =>
      cents.map((revenue, n): Slot => ({ status, type: usualType(n), revenue, isWarranty: false })),
    );
  const inspections = (area === 'phoenix' ? week.inspections : []).map(
    ([type, revenue]): Slot => ({
      status: 'Completed',
      type: PRODUCTION_TYPES[type],
      revenue,
      isWarranty: false,
    }),
  );
  const warranties = Array.from(
    { length: week.warrantyJobs[area] },
    (_, n): Slot => ({
      status: 'Completed',
      type: n % 2 === 0 ? PRODUCTION_TYPES.warranty : PRODUCTION_TYPES.touchup,
      revenue: 0,
      isWarranty: true,
    }),
  );
  const fixed = [...unfinished, ...inspections];
  const usualCount = week.jobs[area] - fixed.length - warranties.length;
  const rest = week.revenue[area] - fixed.reduce((sum, { revenue }) => sum + revenue, 0);
  // A few jobs have cost but no revenue.
  const idle = Math.min(3, Math.floor(usualCount / 4));
  const completed = [...random.split(rest, usualCount - idle), ...Array(idle).fill(0)].map(
    (revenue: number, n): Slot => ({
      status: 'Completed',
      // Its name looks like warranty work, but it does not count as such.
      type: n === 4 ? PRODUCTION_TYPES.windowTouchup : usualType(n),
      revenue,
      isWarranty: false,
    }),
  );
  return [...completed, ...fixed, ...warranties];
}
