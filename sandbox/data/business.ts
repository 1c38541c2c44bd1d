import type { Random } from './random.ts';
import { addDays } from './time.ts';
import type { Area } from './units.ts';

/** What an area's ordinary weeks are like. Money is in cents; the others are shares, except the visits. */
export interface Trade {
  /** Estimate visits in a usual week of the last year. */
  readonly visits: number;
  readonly ticket: number;
  readonly closed: number;
  readonly labor: number;
  readonly material: number;
}

/** Invented, in the proportions of the calibrated weeks. */
export const TRADES: Readonly<Record<Area, Trade>> = {
  phoenix: { visits: 34, ticket: 780_000, closed: 0.37, labor: 0.31, material: 0.22 },
  tucson: { visits: 14, ticket: 860_000, closed: 0.43, labor: 0.3, material: 0.2 },
  nevada: { visits: 11, ticket: 740_000, closed: 0.39, labor: 0.33, material: 0.23 },
  andys: { visits: 10, ticket: 690_000, closed: 0.41, labor: 0.34, material: 0.21 },
  guaranteed: { visits: 8, ticket: 810_000, closed: 0.3, labor: 0.32, material: 0.24 },
  commercial: { visits: 6, ticket: 2_300_000, closed: 0.24, labor: 0.37, material: 0.28 },
};

/** How busy a painting company of the desert is in each month, January first: 1 is usual. */
const SEASON = [0.78, 0.88, 1.12, 1.22, 1.15, 1, 0.86, 0.84, 0.98, 1.14, 1.06, 0.8];
/** Monday to Sunday, as shares of the week. */
const WEEKDAYS = [0.2, 0.19, 0.18, 0.18, 0.16, 0.07, 0.02];
/** Weeks before the run date, and before the same day a year earlier, with all of the work: those that reports compare. */
const FULL_WEEKS = 15;
/** The work of other weeks, as a share: a night on a laptop has to stay short. */
const THINNED = 0.3;
/** Work per year before the last one, as a share of the year after it. */
const GROWTH = 0.82;

/** What an area's week is like. */
export interface Week extends Trade {
  /** Visits on each day of the week, Monday first. */
  readonly visitsOn: readonly number[];
}

/** What the week from a Monday is like for a trade. */
export type WeekOf = (trade: Trade, monday: string) => Week;

/** Makes weeks that differ as those of a business do: season, growth, good and bad luck, better and worse margins. */
export function createWeeks(random: Random, runDate: string, busy: readonly number[] = SEASON): WeekOf {
  const between = (least: number, most: number) => random.between(least * 1000, most * 1000) / 1000;
  return (trade, monday) => {
    const weeksBefore = (Date.parse(runDate) - Date.parse(monday)) / (7 * 86_400_000);
    const share = weeksBefore % 52 <= FULL_WEEKS ? 1 : THINNED;
    const season = busy[Number(addDays(monday, 3).slice(5, 7)) - 1] ?? 1;
    // One week in fourteen is a very bad one, one a very good one.
    const luck = random.oneIn(14)
      ? between(0.35, 0.55)
      : random.oneIn(14)
        ? between(1.5, 1.8)
        : between(0.8, 1.2);
    const visits = trade.visits * share * season * luck * GROWTH ** (weeksBefore / 52);
    return {
      visits,
      visitsOn: WEEKDAYS.map((part) => part * visits),
      ticket: Math.round(trade.ticket * between(0.85, 1.15)),
      closed: trade.closed * between(0.8, 1.2),
      labor: trade.labor * between(0.9, 1.12),
      material: trade.material * between(0.88, 1.12),
    };
  };
}

/** The amount of one job: most lie below the ticket, a few far above it, and all together give it on average. */
export function jobCents(random: Random, ticket: number): number {
  return Math.round((ticket * random.between(25, 155) * random.between(30, 170)) / 9_000);
}

/** A technician's pace: the hours that a job takes, compared with the usual ones. */
export function paceOf(n: number): number {
  return 0.86 + ((n * 7) % 24) / 82;
}
