import type { PerArea } from './units.ts';

type Week = readonly [number, number, number, number, number, number, number];

/** A week's sales figures on the screens. Amounts are in cents; lists run from Monday to Sunday. */
export interface SalesWeek {
  readonly monday: string;
  readonly leadJobs: PerArea<Week>;
  /** Lead jobs of customers who already have a lead job in the week. */
  readonly repeatedCustomers: PerArea<number>;
  readonly completed: PerArea<number>;
  readonly closed: PerArea<Week>;
  readonly open: PerArea<Week>;
  readonly booked: PerArea<Week>;
  /** Second sold estimates on closed jobs. */
  readonly secondSales: PerArea<number>;
  /** Estimates sold on jobs that were closed earlier. */
  readonly salesOnClosedJobs: PerArea<number>;
  /** All sold estimates of the jobs that were closed in the week, whatever their day; without a screen value, any amount. */
  readonly closedSales?: PerArea<number>;
  /** The estimates of jobs closed in the week that were sold after it. */
  readonly laterSales?: PerArea<readonly number[]>;
  /** Canceled jobs with a completion date. */
  readonly canceled: PerArea<number>;
}

export const SALES_WEEKS: readonly SalesWeek[] = [
  {
    monday: '2025-08-18',
    leadJobs: {
      tucson: [8, 7, 7, 7, 6, 2, 2],
      phoenix: [17, 16, 18, 16, 17, 8, 5],
      nevada: [4, 6, 5, 5, 5, 2, 1],
      andys: [5, 4, 5, 4, 4, 2, 1],
      commercial: [5, 4, 5, 4, 4, 1, 0],
      guaranteed: [2, 1, 2, 1, 1, 1, 0],
    },
    repeatedCustomers: { tucson: 0, phoenix: 1, nevada: 0, andys: 0, commercial: 1, guaranteed: 0 },
    completed: { tucson: 46, phoenix: 85, nevada: 22, andys: 24, commercial: 24, guaranteed: 7 },
    closed: {
      tucson: [3, 4, 4, 4, 4, 2, 0],
      phoenix: [7, 6, 5, 6, 5, 1, 1],
      nevada: [6, 2, 2, 2, 2, 0, 0],
      andys: [2, 2, 2, 2, 2, 0, 0],
      commercial: [1, 2, 1, 2, 1, 0, 0],
      guaranteed: [1, 2, 1, 1, 1, 1, 0],
    },
    open: {
      tucson: [3, 4, 4, 4, 4, 1, 0],
      phoenix: [5, 10, 10, 10, 9, 2, 1],
      nevada: [1, 2, 2, 2, 2, 0, 0],
      andys: [3, 4, 4, 4, 3, 0, 0],
      commercial: [4, 4, 4, 4, 3, 0, 0],
      guaranteed: [1, 1, 0, 0, 0, 0, 0],
    },
    booked: {
      tucson: [484458, 2110453, 1850000, 1725900, 1628200, 1200000, 0],
      phoenix: [3024151, 2011175, 1843000, 2156800, 1870000, 450000, 300000],
      nevada: [2715000, 1950000, 2124000, 1800000, 2000000, 0, 0],
      andys: [612000, 585091, 640000, 652600, 600000, 0, 0],
      commercial: [1900000, 2580360, 2200000, 3100000, 2200000, 0, 0],
      guaranteed: [410000, 640000, 382740, 420000, 454000, 300000, 0],
    },
    secondSales: { tucson: 2, phoenix: 4, nevada: 1, andys: 1, commercial: 1, guaranteed: 0 },
    salesOnClosedJobs: { tucson: 1, phoenix: 2, nevada: 1, andys: 1, commercial: 0, guaranteed: 0 },
    canceled: { tucson: 4, phoenix: 9, nevada: 2, andys: 2, commercial: 1, guaranteed: 1 },
  },
  {
    monday: '2025-10-06',
    // Screen values of leads exist only for Phoenix and Andy's, and none exist for completed and canceled visits.
    leadJobs: {
      tucson: [7, 7, 6, 6, 6, 2, 1],
      phoenix: [25, 25, 24, 23, 22, 9, 6],
      nevada: [5, 5, 5, 5, 4, 1, 0],
      andys: [5, 5, 5, 4, 4, 1, 1],
      commercial: [3, 3, 3, 2, 2, 0, 0],
      guaranteed: [2, 2, 1, 1, 1, 0, 0],
    },
    repeatedCustomers: { tucson: 0, phoenix: 0, nevada: 0, andys: 0, commercial: 0, guaranteed: 0 },
    completed: { tucson: 42, phoenix: 100, nevada: 20, andys: 20, commercial: 18, guaranteed: 7 },
    closed: {
      tucson: [3, 3, 3, 2, 2, 0, 0],
      phoenix: [8, 8, 8, 8, 7, 2, 0],
      nevada: [2, 2, 2, 2, 1, 0, 0],
      andys: [2, 2, 2, 1, 1, 0, 0],
      commercial: [2, 2, 2, 2, 1, 0, 0],
      guaranteed: [1, 1, 1, 1, 0, 0, 0],
    },
    open: {
      tucson: [6, 7, 7, 6, 6, 1, 0],
      phoenix: [13, 14, 14, 13, 12, 2, 1],
      nevada: [3, 3, 3, 3, 2, 0, 0],
      andys: [3, 3, 4, 3, 3, 0, 0],
      commercial: [3, 2, 2, 2, 2, 0, 0],
      guaranteed: [1, 1, 1, 1, 0, 0, 0],
    },
    booked: {
      tucson: [1200000, 1200000, 1234166, 1000000, 1000000, 0, 0],
      phoenix: [5000000, 5000000, 5000000, 5000000, 4421778, 1000000, 0],
      nevada: [900000, 900000, 900000, 900000, 632500, 0, 0],
      andys: [600000, 600000, 568165, 400000, 300000, 0, 0],
      commercial: [1800000, 1800000, 1800000, 1800000, 1184800, 0, 0],
      guaranteed: [400000, 400000, 339200, 300000, 0, 0, 0],
    },
    secondSales: { tucson: 1, phoenix: 3, nevada: 1, andys: 0, commercial: 1, guaranteed: 0 },
    salesOnClosedJobs: { tucson: 1, phoenix: 2, nevada: 0, andys: 0, commercial: 0, guaranteed: 0 },
    canceled: { tucson: 2, phoenix: 4, nevada: 1, andys: 1, commercial: 0, guaranteed: 0 },
  },
  {
    monday: '2025-10-20',
    leadJobs: {
      tucson: [7, 7, 6, 6, 6, 3, 1],
      phoenix: [24, 25, 24, 23, 22, 9, 5],
      nevada: [5, 6, 5, 5, 5, 1, 1],
      andys: [5, 5, 4, 4, 4, 1, 1],
      commercial: [2, 2, 2, 2, 2, 0, 0],
      guaranteed: [2, 2, 2, 2, 2, 1, 0],
    },
    repeatedCustomers: { tucson: 3, phoenix: 9, nevada: 2, andys: 0, commercial: 0, guaranteed: 0 },
    completed: { tucson: 38, phoenix: 106, nevada: 15, andys: 15, commercial: 11, guaranteed: 5 },
    closed: {
      tucson: [3, 4, 4, 3, 5, 1, 0],
      phoenix: [7, 8, 8, 7, 6, 2, 0],
      nevada: [1, 3, 0, 0, 3, 0, 0],
      andys: [1, 2, 1, 2, 1, 1, 0],
      commercial: [1, 1, 0, 0, 0, 0, 0],
      guaranteed: [0, 0, 0, 1, 0, 0, 0],
    },
    open: {
      tucson: [3, 5, 5, 5, 4, 1, 1],
      phoenix: [10, 13, 13, 13, 15, 2, 2],
      nevada: [2, 2, 2, 2, 2, 0, 0],
      andys: [2, 2, 2, 2, 3, 0, 0],
      commercial: [2, 2, 2, 2, 2, 0, 0],
      guaranteed: [0, 1, 1, 0, 1, 0, 0],
    },
    booked: {
      tucson: [1417293, 1323317, 2707541, 1159867, 10121471, 284662, 0],
      phoenix: [2076950, 5552867, 2932770, 4930602, 2732725, 1687125, 0],
      nevada: [119000, 758000, 0, 0, 1524500, 0, 0],
      andys: [559600, 1117840, 132000, 715660, 325125, 481120, 0],
      commercial: [70000, 60000, 0, 0, 0, 0, 0],
      guaranteed: [0, 0, 0, 40000, 0, 0, 0],
    },
    secondSales: { tucson: 3, phoenix: 6, nevada: 0, andys: 1, commercial: 0, guaranteed: 0 },
    salesOnClosedJobs: { tucson: 2, phoenix: 4, nevada: 0, andys: 1, commercial: 0, guaranteed: 0 },
    // The screen shows averages: 8438.915, 5065.4945, 3430.7143, 3764.18125, 650 and 400 for each closed job.
    closedSales: {
      tucson: 16877830,
      phoenix: 19248879,
      nevada: 2401500,
      andys: 3011345,
      commercial: 130000,
      guaranteed: 40000,
    },
    laterSales: {
      tucson: [90000],
      phoenix: [185000, 120000],
      nevada: [],
      andys: [],
      commercial: [],
      guaranteed: [],
    },
    canceled: { tucson: 10, phoenix: 20, nevada: 3, andys: 3, commercial: 2, guaranteed: 1 },
  },
];

/** One day of Phoenix with its own screen values. */
export const SALES_DAY = {
  date: '2025-10-15',
  leadJobs: 27,
  completed: 23,
  closed: 11,
  open: 16,
  booked: 5692867,
} as const;

/** Nevada's estimates sold on 2025-08-18. The last one was sold at 18:02 local time. */
export const NEVADA_SALES: readonly (readonly [id: number, cents: number, soldAt: string])[] = [
  [367713720, 140000, '09:40'],
  [386511207, 536000, '10:55'],
  [364222245, 90000, '11:30'],
  [386224084, 459000, '13:05'],
  [367189381, 370000, '14:20'],
  [386520863, 128000, '15:45'],
  [386522888, 992000, '18:02:27'],
];

/** Whether the figures of the screens include this day, so that no other work may be added. */
export function isCalibrated(date: string): boolean {
  return (
    (date >= '2025-08-18' && date <= '2025-08-24') ||
    (date >= '2025-10-06' && date <= '2025-10-12') ||
    (date >= '2025-10-20' && date <= '2025-10-26') ||
    date === SALES_DAY.date
  );
}
