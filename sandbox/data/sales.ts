import type { Book } from './book.ts';
import { addJob, type JobPlan } from './jobs.ts';
import { amount } from './money.ts';
import { addCustomer, type Customer } from './people.ts';
import type { Random } from './random.ts';
import { isCalibrated } from './targets.ts';
import { addDays, at, later, latest } from './time.ts';
import { unitName } from './units.ts';

export interface EstimatePlan {
  readonly id?: number;
  readonly status: 'Open' | 'Sold' | 'Dismissed';
  readonly cents: number;
  readonly soldOn?: string;
  readonly active?: boolean;
  readonly createdOn?: string;
  readonly isChangeOrder?: boolean;
  /** The estimate's own unit, which may differ from the job's. */
  readonly unit?: number;
}

export interface VisitPlan {
  readonly unit: number;
  readonly type: number;
  readonly created: string;
  readonly completed?: string;
  readonly status?: string;
  readonly customer?: Customer;
  readonly estimates?: readonly EstimatePlan[];
  readonly noCharge?: boolean;
  /** Invoiced for the visit, in cents. */
  readonly revenue?: number;
  /** When the visit takes place, if it is not completed. */
  readonly start?: string;
}

/** Adds a sales visit: a job of a Sales unit with its customer and estimates. */
export function addVisit(book: Book, random: Random, plan: VisitPlan): { id: number; customer: Customer } {
  const customer = plan.customer ?? addCustomer(book, random, { createdOn: plan.created });
  const start =
    plan.start ?? (plan.completed ? later(plan.completed, -90) : later(plan.created, 2 * 24 * 60));
  const lastSale = plan.estimates?.reduce<string | undefined>(
    (last, { soldOn }) => latest(soldOn ?? '', last),
    undefined,
  );
  const job: JobPlan = {
    unit: plan.unit,
    type: plan.type,
    status: plan.status ?? (plan.completed ? 'Completed' : 'Scheduled'),
    created: plan.created,
    customer,
    appointments: [{ start }],
    ...(plan.completed !== undefined && { completed: plan.completed }),
    ...(lastSale && { modified: lastSale }),
    ...(plan.noCharge !== undefined && { noCharge: plan.noCharge }),
    ...(plan.revenue !== undefined && {
      invoices: [{ subtotal: plan.revenue, date: (plan.completed ?? plan.created).slice(0, 10) }],
    }),
  };
  const { id, number } = addJob(book, job);
  for (const estimate of plan.estimates ?? []) {
    const createdOn = estimate.createdOn ?? later(plan.completed ?? plan.created, -20);
    addEstimate(
      book,
      { ...estimate, createdOn, unit: estimate.unit ?? plan.unit },
      { jobId: id, number, customer },
    );
  }
  return { id, customer };
}

/** Adds an estimate, with or without a job. */
export function addEstimate(
  book: Book,
  plan: EstimatePlan & { readonly createdOn: string; readonly unit: number },
  on: { readonly jobId: number | null; readonly number: string | null; readonly customer: Customer },
): void {
  const id = plan.id ?? book.id('estimates');
  const createdOn =
    plan.soldOn !== undefined && plan.soldOn < plan.createdOn ? later(plan.soldOn, -30) : plan.createdOn;
  const modifiedOn = later(latest(createdOn, plan.soldOn), 1);
  book.add('estimates', id, {
    jobId: on.jobId,
    jobNumber: on.number,
    locationId: on.customer.locationId,
    customerId: on.customer.id,
    name: 'Estimate',
    status: { value: { Open: 0, Sold: 1, Dismissed: 2 }[plan.status], name: plan.status },
    reviewStatus: 'None',
    summary: '',
    createdOn,
    modifiedOn,
    soldOn: plan.soldOn ?? null,
    soldBy: plan.soldOn ? 501 : null,
    active: plan.active ?? true,
    subtotal: amount(plan.cents),
    tax: amount(Math.round(plan.cents * 0.086)),
    businessUnitId: plan.unit,
    businessUnitName: unitName(plan.unit),
    isRecommended: false,
    isChangeOrder: plan.isChangeOrder ?? false,
    items: [
      {
        id: book.id('estimate_items'),
        sku: {
          id: 7000,
          name: book.profile.work.toUpperCase(),
          displayName: book.profile.work,
          type: 'Service',
          soldHours: 0,
          modifiedOn: createdOn,
        },
        skuAccount: '',
        description: book.profile.work,
        qty: 1,
        unitRate: amount(plan.cents),
        total: amount(plan.cents),
        unitCost: 0,
        totalCost: 0,
        createdOn,
        modifiedOn,
      },
    ],
  });
}

/** A time in office hours, when the local day is also the UTC day. `n` varies the time. */
export function officeTime(date: string, n: number): string {
  return at(date, `${String(8 + (n % 9)).padStart(2, '0')}:${String((n * 7) % 60).padStart(2, '0')}`);
}

/** A day some weeks before the given one; earlier if that day has calibrated figures. */
export function weeksBefore(date: string, weeks: number): string {
  let before = addDays(date, -7 * weeks);
  while (isCalibrated(before)) before = addDays(before, -1);
  return before;
}
