import type { Book } from './book.ts';
import { type AddedJob, type AppointmentPlan, addJob, type InvoicePlan } from './jobs.ts';
import { addMaterial, addReturns } from './material.ts';
import { addPay } from './pay.ts';
import { addCustomer } from './people.ts';
import type { Random } from './random.ts';
import { officeTime, weeksBefore } from './sales.ts';
import { addDays, later } from './time.ts';
import type { WorkPlan } from './work-plan.ts';

/** Adds a production job with invoices, pay, material and returns. Their sums are exactly those of the plan. */
export function addWork(book: Book, random: Random, plan: WorkPlan): AddedJob {
  const created = officeTime(weeksBefore(plan.date, 2), plan.n);
  const isDone = plan.status === 'Completed';
  const customer = addCustomer(book, random, { createdOn: created });
  const linesMaterial = plan.costWay === 'lines' ? plan.material : 0;
  const job = addJob(book, {
    unit: plan.unit,
    type: plan.type,
    status: plan.status,
    created,
    ...(isDone && { completed: book.past(later(plan.start, 60 * 26)) }),
    customer,
    appointments: appointments(plan),
    invoices: invoices(plan, linesMaterial),
    total: plan.revenue + 12345,
    projectId: plan.n % 6 === 0 ? addProject(book, created, customer) : 0,
  });
  addPay(book, plan, job, plan.labor);
  addMaterial(book, random, plan, job, plan.material - linesMaterial);
  addReturns(book, plan, job);
  return job;
}

function appointments({ start, date, status, n, withEdges }: WorkPlan): AppointmentPlan[] {
  const first: AppointmentPlan = { start, ...(status === 'Canceled' && { status: 'Canceled' }) };
  const followUp = { start: later(start, 24 * 60) };
  if (!withEdges) return [first];
  const earlier = officeTime(weeksBefore(date, 1), n);
  // The earlier appointment is unused or deleted, so it is not the job's start.
  if (n % 7 === 1) return [{ start: earlier, unused: true }, first, followUp];
  if (n % 7 === 2) return [{ start: earlier, active: false }, first];
  return n % 7 === 3 ? [first, followUp, { start: later(start, 48 * 60) }] : [first];
}

/** Invoices whose active subtotals add up to the revenue. */
function invoices({ revenue, date, n, withEdges, unit }: WorkPlan, linesMaterial: number): InvoicePlan[] {
  const invoiced = n % 4 === 3 ? addDays(date, 9) : date;
  const material = linesMaterial > 0 ? materialLines(linesMaterial) : [];
  const base = { date: invoiced, ...(material.length > 0 && { material }) };
  if (!withEdges || revenue === 0) return [{ ...base, subtotal: revenue }];
  const voided = {
    subtotal: 99999,
    date: invoiced,
    active: false,
    material: [{ quantity: 3, unitCost: 90000 }],
  };
  switch (n % 6) {
    case 0:
      // Billed in two parts.
      return [
        { ...base, subtotal: Math.trunc(revenue * 0.4) },
        { subtotal: revenue - Math.trunc(revenue * 0.4), date: addDays(invoiced, 5) },
      ];
    case 1:
      // Billed too much, then adjusted.
      return [
        { ...base, subtotal: revenue + 64000 },
        { subtotal: -64000, date: addDays(invoiced, 3), isAdjustment: true },
      ];
    case 2:
      return [{ ...base, subtotal: revenue }, voided];
    case 3:
      return [{ ...base, subtotal: revenue, discount: 6000 }];
    case 4:
      // The invoice has another unit than its job; the job's unit counts.
      return [{ ...base, subtotal: revenue, unit: unit === 899 ? 901 : 899 }];
    default:
      return [{ ...base, subtotal: revenue }];
  }
}

/** Lines whose quantity x unit cost add up to the amount. The sum of the unit costs alone is much lower. */
function materialLines(cents: number): { quantity: number; unitCost: number }[] {
  const unitCost = Math.trunc(cents / 12);
  const rest = cents - 10 * unitCost;
  return [
    { quantity: 10, unitCost },
    { quantity: 1, unitCost: rest },
  ];
}

function addProject(book: Book, createdOn: string, customer: { id: number; locationId: number }): number {
  const id = book.id('projects');
  const fields = {
    number: String(id),
    name: 'Project',
    status: 'Open',
    customerId: customer.id,
    locationId: customer.locationId,
  };
  book.add('projects', id, { ...fields, createdOn, modifiedOn: later(createdOn, 2), active: true });
  return id;
}
