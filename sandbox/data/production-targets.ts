import { addDays } from './time.ts';
import type { Area, PerArea } from './units.ts';

/** A week's figures on the job-cost report, in cents. Cost is labor + material - returned. */
export interface ProductionWeek {
  readonly monday: string;
  readonly jobs: PerArea<number>;
  readonly revenue: PerArea<number>;
  readonly labor: PerArea<number>;
  readonly material: PerArea<number>;
  readonly returned: PerArea<number>;
  readonly warrantyJobs: PerArea<number>;
  readonly warrantyCost: PerArea<number>;
  /** Revenue of jobs whose status is not Completed, one entry per job. */
  readonly unfinished: readonly {
    readonly area: Area;
    readonly status: string;
    readonly cents: readonly number[];
  }[];
  /** Revenue of inspection and washing jobs in Phoenix, which an older rule left out. */
  readonly inspections: readonly (readonly [
    type: 'pmInspection' | 'safetyInspection' | 'windowWashing',
    cents: number,
  ])[];
}

export const PRODUCTION_WEEKS: readonly ProductionWeek[] = [
  {
    monday: '2025-08-18',
    jobs: { tucson: 48, phoenix: 104, nevada: 12, andys: 34, commercial: 14, guaranteed: 8 },
    revenue: {
      tucson: 8376116,
      phoenix: 23289198,
      nevada: 2397500,
      andys: 5375256,
      commercial: 7734525,
      guaranteed: 3047230,
    },
    // The report gives only the margin. Labor and material are chosen so that their cost gives that margin.
    labor: {
      tucson: 2660000,
      phoenix: 7100000,
      nevada: 1150000,
      andys: 1300000,
      commercial: 2000000,
      guaranteed: 980000,
    },
    material: {
      tucson: 1735580,
      phoenix: 4431299,
      nevada: 691083,
      andys: 1554271,
      commercial: 2140845,
      guaranteed: 870380,
    },
    returned: {
      tucson: 40000,
      phoenix: 80000,
      nevada: 20000,
      andys: 50000,
      commercial: 40000,
      guaranteed: 200000,
    },
    warrantyJobs: { tucson: 2, phoenix: 9, nevada: 3, andys: 4, commercial: 0, guaranteed: 0 },
    warrantyCost: {
      tucson: 32155,
      phoenix: 292791,
      nevada: 250740,
      andys: 76115,
      commercial: 0,
      guaranteed: 0,
    },
    unfinished: [{ area: 'phoenix', status: 'Hold', cents: [2491120] }],
    inspections: [
      ['pmInspection', 12000],
      ['safetyInspection', 8000],
    ],
  },
  {
    monday: '2025-10-06',
    // Report values exist only for Phoenix and Andy's.
    jobs: { tucson: 0, phoenix: 105, nevada: 0, andys: 37, commercial: 0, guaranteed: 0 },
    revenue: { tucson: 0, phoenix: 22547100, nevada: 0, andys: 4906700, commercial: 0, guaranteed: 0 },
    labor: { tucson: 0, phoenix: 6500000, nevada: 0, andys: 1300000, commercial: 0, guaranteed: 0 },
    material: { tucson: 0, phoenix: 4783946, nevada: 0, andys: 1465789, commercial: 0, guaranteed: 0 },
    returned: { tucson: 0, phoenix: 60000, nevada: 0, andys: 20000, commercial: 0, guaranteed: 0 },
    warrantyJobs: { tucson: 0, phoenix: 6, nevada: 0, andys: 3, commercial: 0, guaranteed: 0 },
    warrantyCost: { tucson: 0, phoenix: 150000, nevada: 0, andys: 60000, commercial: 0, guaranteed: 0 },
    unfinished: [],
    inspections: [],
  },
  {
    monday: '2025-10-20',
    jobs: { tucson: 57, phoenix: 112, nevada: 13, andys: 42, commercial: 13, guaranteed: 8 },
    revenue: {
      tucson: 9501727,
      phoenix: 21854335,
      nevada: 3424000,
      andys: 3327401,
      commercial: 6024473,
      guaranteed: 3324303,
    },
    labor: {
      tucson: 3274461,
      phoenix: 7416144,
      nevada: 1012566,
      andys: 1384533,
      commercial: 2477588,
      guaranteed: 1542630,
    },
    material: {
      tucson: 1986777,
      phoenix: 4602687,
      nevada: 879048,
      andys: 704975,
      commercial: 2038477,
      guaranteed: 369645,
    },
    returned: { tucson: 2813, phoenix: 10197, nevada: 0, andys: 6600, commercial: 32792, guaranteed: 0 },
    warrantyJobs: { tucson: 2, phoenix: 13, nevada: 2, andys: 10, commercial: 0, guaranteed: 0 },
    warrantyCost: {
      tucson: 43862,
      phoenix: 357579,
      nevada: 50000,
      andys: 201533,
      commercial: 0,
      guaranteed: 0,
    },
    unfinished: [
      { area: 'phoenix', status: 'Scheduled', cents: Array(16).fill(250000) },
      { area: 'tucson', status: 'Scheduled', cents: Array(8).fill(250000) },
      { area: 'andys', status: 'Scheduled', cents: Array(4).fill(125000) },
      { area: 'commercial', status: 'Scheduled', cents: [300000, 300000, 200000] },
      { area: 'guaranteed', status: 'Scheduled', cents: [200000] },
      { area: 'nevada', status: 'Scheduled', cents: [100000, 79080] },
      { area: 'phoenix', status: 'In Progress', cents: [400000] },
      { area: 'tucson', status: 'InProgress', cents: [322000] },
      { area: 'phoenix', status: 'Hold', cents: [520000] },
      { area: 'phoenix', status: 'Canceled', cents: [45000, 0, 0, 0, 0] },
      { area: 'tucson', status: 'Canceled', cents: [0, 0, 0] },
      { area: 'andys', status: 'Canceled', cents: [0, 0] },
    ],
    inspections: [
      ['windowWashing', 40000],
      ['windowWashing', 25000],
    ],
  },
];

/** The weeks with collections on the screens: cents per Production unit. */
export const COLLECTIONS_WEEKS: readonly {
  readonly monday: string;
  readonly collected: Partial<PerArea<number>>;
}[] = [
  {
    monday: '2025-08-18',
    collected: {
      tucson: 9262487,
      phoenix: 25082533,
      nevada: 9587728,
      andys: 6529729,
      commercial: 6243950,
      guaranteed: 6552111,
    },
  },
  { monday: '2025-10-06', collected: { phoenix: 19103900, andys: 3352400 } },
];

/** Whether collections of this day have a target, so that no other payment may be added. */
export function isCollected(date: string): boolean {
  return COLLECTIONS_WEEKS.some(({ monday }) => date >= monday && date <= addDays(monday, 6));
}
