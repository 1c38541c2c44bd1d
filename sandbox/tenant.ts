import { SANDBOX_RUN_DATE } from './clock.ts';
import { addBackground, addUnusualRecords } from './data/background.ts';
import { type Book, createBook } from './data/book.ts';
import { createWeeks } from './data/business.ts';
import { addCalibratedCollections } from './data/collections.ts';
import { addLeadEdges, addOtherSalesJobs } from './data/leads.ts';
import { addLiveRecords } from './data/live-records.ts';
import { addStaff } from './data/people.ts';
import { addPlannedWork } from './data/planned-work.ts';
import { addPlumbingWork } from './data/plumbing.ts';
import { PLUMBING } from './data/plumbing-units.ts';
import { addCalibratedProduction } from './data/production-week.ts';
import { createRandom } from './data/random.ts';
import { addReceivables } from './data/receivables.ts';
import { addCalibratedSales } from './data/sales-week.ts';
import { addThresholdSales } from './data/threshold-sales.ts';
import { addDays, at, daysFrom } from './data/time.ts';
import { addUnitsAndTypes } from './data/units.ts';
import { createEntityStore, type EntityStore, type Tenant } from './store/store.ts';

export interface TenantOptions {
  /** Another seed gives other people, amounts and times, but the same calibrated figures. */
  readonly seed: number;
  /** The tenant's last day, `YYYY-MM-DD`. Its clock stands still at 05:00 in Phoenix. */
  readonly runDate: string;
  /** Multiplies the ordinary work. The calibrated weeks do not change. */
  readonly scale: number;
  /** Gives records the forms of live answers, and adds records that live tenants have; the KPIs stay the same. */
  readonly live?: boolean;
  /** Whose work it is; default: `painting`. Only the painting company has calibrated figures. */
  readonly company?: Company;
}

export const COMPANIES = ['painting', 'plumbing'] as const;
export type Company = (typeof COMPANIES)[number];

/**
 * Makes the synthetic tenant: two years of a painting company whose KPIs equal published screen values, or of a plumbing and
 * HVAC company in New York. The same options give the same bytes in every process.
 */
export function createTenant(options: TenantOptions): Tenant {
  const now = at(options.runDate, '05:00');
  const isPainting = options.company !== 'plumbing';
  const book = createBook(now, {
    live: options.live ?? false,
    ...(!isPainting && { profile: PLUMBING.profile }),
  });
  if (isPainting) addPainting(book, options);
  else addPlumbing(book, options);

  const stores = new Map<string, EntityStore>();
  return {
    tenantId: isPainting ? '900000001' : '900000002',
    now: () => new Date(now),
    entity(name) {
      const records = book.records(name);
      if (records.length === 0) return undefined;
      const store = stores.get(name) ?? createEntityStore(records);
      stores.set(name, store);
      return store;
    },
  };
}

function addPlumbing(book: Book, { seed, runDate, scale }: TenantOptions): void {
  const since = addDays(runDate, -731);
  const { units, types, profile } = PLUMBING;
  const { city, state, zip } = profile;
  const address = { street: '1 Main St', city, state, zip, country: 'USA' };
  addUnitsAndTypes(book, since, { units, types, address });
  addStaff(book, since);
  addPlumbingWork(book, createRandom(seed), runDate, scale);
}

function addPainting(book: Book, { seed, runDate, scale, live = false }: TenantOptions): void {
  const random = createRandom(seed);
  // A run date after the usual one continues the same business: all its records, and the work of the days since.
  const lastDay = runDate < SANDBOX_RUN_DATE ? runDate : SANDBOX_RUN_DATE;
  const since = addDays(lastDay, -731);
  addUnitsAndTypes(book, since);
  addStaff(book, since);
  addCalibratedSales(book, random);
  addLeadEdges(book, random);
  addCalibratedProduction(book, random);
  addCalibratedCollections(book, random);
  addUnusualRecords(book, random, lastDay);
  const weekOf = createWeeks(random, lastDay);
  const days = daysFrom(addDays(lastDay, -730), addDays(lastDay, -1));
  addBackground(book, random, { days, weekOf, scale });
  addPlannedWork(book, random, lastDay);
  addReceivables(book, random, lastDay);
  addThresholdSales(book, random);
  addOtherSalesJobs(book, random);
  if (live) addLiveRecords(book, random);
  addBackground(book, random, { days: daysFrom(lastDay, addDays(runDate, -1)), weekOf, scale });
}
