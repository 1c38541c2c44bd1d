import type { Book } from './book.ts';
import type { AddedJob } from './jobs.ts';
import { amount } from './money.ts';
import { officeTime } from './sales.ts';
import { addDays, day, later } from './time.ts';
import type { WorkPlan } from './work-plan.ts';

/** Adds pay items and adjustments for a job's labor cost, in cents. */
export function addPay(book: Book, plan: WorkPlan, job: AddedJob, cents: number): void {
  const half = Math.trunc(cents * 0.45);
  const rest = cents - 2 * half;
  const adjustment = Math.trunc(cents * 0.3);
  const parts: readonly (readonly [
    amount: number,
    adjustment: number | null,
    type: string,
    activity: number,
  ])[] =
    cents === 0
      ? []
      : plan.payWay === 'equal'
        ? // Two people with the same hours: the items differ only in their id.
          [
            [half, null, 'TimesheetTime', 41],
            [half, null, 'TimesheetTime', 41],
            [rest, null, 'InvoiceRelatedBonus', 44],
          ]
        : plan.payWay === 'adjusted'
          ? [
              [cents - adjustment - 100, adjustment, 'TimesheetTime', 43],
              [100, null, 'CustomBonus', 45],
            ]
          : [
              [Math.trunc(cents * 0.3), null, 'TimesheetTime', 41],
              [Math.trunc(cents * 0.1), null, 'TimesheetTime', 42],
              [cents - Math.trunc(cents * 0.3) - Math.trunc(cents * 0.1), null, 'InvoiceRelatedBonus', 44],
            ];
  for (const [value, adjusted, type, activity] of parts) {
    addPayItem(book, plan, job, { value, adjusted, type, activity });
    if (type !== 'TimesheetTime') addAdjustment(book, plan, job, value);
  }
  if (plan.withEdges && plan.n % 4 === 0) {
    // Inactive, as after a recalculation.
    addPayItem(book, plan, job, {
      value: 45000,
      adjusted: null,
      type: 'TimesheetTime',
      activity: 41,
      active: false,
    });
  }
}

function addPayItem(
  book: Book,
  { date, n }: WorkPlan,
  job: AddedJob,
  item: { value: number; adjusted: number | null; type: string; activity: number; active?: boolean },
): void {
  const createdOn = book.past(officeTime(addDays(date, 1), n));
  book.add('gross_pay_items', book.id('gross_pay_items'), {
    employeeId: 501 + (n % 24),
    employeeType: 'Technician',
    payrollId: 1 + (n % 50),
    date: day(addDays(date, 1)),
    activity: 'Work',
    activityCodeId: item.activity,
    amount: amount(item.value),
    amountAdjustment: item.adjusted === null ? null : amount(item.adjusted),
    grossPayItemType: item.type,
    paidDurationHours: 4,
    jobId: job.id,
    jobNumber: job.number,
    invoiceId: job.invoiceIds[0] ?? null,
    createdOn,
    modifiedOn: later(createdOn, 60),
    active: item.active ?? true,
  });
}

/** Adds a payroll adjustment. Its amount is already among the gross pay items. */
function addAdjustment(book: Book, { date, n }: WorkPlan, job: AddedJob, value: number): void {
  const postedOn = book.past(officeTime(addDays(date, 1), n));
  const fields = {
    employeeType: 'Technician',
    employeeId: 501 + (n % 24),
    postedOn,
    amount: amount(value),
    type: 'Direct',
  };
  book.add('payroll_adjustments', book.id('payroll_adjustments'), {
    ...fields,
    activityCodeId: 45,
    invoiceId: job.invoiceIds[0] ?? null,
    createdOn: postedOn,
    modifiedOn: postedOn,
    active: true,
  });
}
