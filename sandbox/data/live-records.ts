import type { Book } from './book.ts';
import { addJob } from './jobs.ts';
import { decimalText } from './money.ts';
import { addCustomer } from './people.ts';
import type { Random } from './random.ts';
import { officeTime } from './sales.ts';
import { at, day, later } from './time.ts';
import { PRODUCTION, PRODUCTION_TYPES } from './units.ts';

/** A day without calibrated figures. */
const QUIET = '2025-06-13';

/** The amount of an invoice of a project without a job, as one live tenant has it. */
const PROJECT_INVOICE = 977_100;

/**
 * Adds records that live tenants have and the vendor's documents do not show: an invoice of an open job without a date, a
 * void as an active zero, an original at balance 0 beside its negative adjustment, a balance that a credit memo lowered, an
 * invoice of a project alone.
 */
export function addLiveRecords(book: Book, random: Random): void {
  const created = officeTime(QUIET, 1);
  const customer = addCustomer(book, random, { createdOn: created });
  const jobOf = (status: string, n: number) =>
    addJob(book, {
      ...{ unit: PRODUCTION.phoenix, type: PRODUCTION_TYPES.residential[0], status, created, customer },
      ...(status === 'Completed' && { completed: officeTime(QUIET, n + 2) }),
      appointments: [{ start: officeTime(QUIET, n) }],
      invoices: [],
    });
  const add = (fields: Readonly<Record<string, unknown>>, cents: number, balance: number) => {
    const id = book.id('invoices');
    const createdOn = at(QUIET, '18:05');
    book.add('invoices', id, {
      ...{ syncStatus: 'Pending', referenceNumber: `L${id}`, invoiceDate: day(QUIET), dueDate: day(QUIET) },
      ...{ subTotal: decimalText(cents), discountTotal: '0.00', salesTax: '0.00' },
      ...{ total: decimalText(cents), balance: decimalText(balance) },
      customer: { id: customer.id, name: 'Customer' },
      location: { id: customer.locationId, name: 'Location' },
      businessUnit: { id: PRODUCTION.phoenix, name: 'Phoenix-Production' },
      ...{ adjustmentToId: null, job: null, projectId: null, items: [] },
      ...{ createdOn, modifiedOn: later(createdOn, 6), active: true, ...fields },
    });
    return id;
  };
  const ofJob = (status: string, n: number) => {
    const job = jobOf(status, n);
    return { job: { id: job.id, number: job.number, type: 'Job' } };
  };

  add({ ...ofJob('Scheduled', 1), invoiceDate: null, dueDate: null }, 25_000, 0);
  add({ ...ofJob('Completed', 2), summary: 'Void' }, 0, 0);
  const completed = ofJob('Completed', 3);
  const original = add(completed, 50_000, 0);
  add({ ...completed, adjustmentToId: original }, -50_000, -50_000);
  add(ofJob('Completed', 4), 30_000, 12_000);
  const projectId = book.records('projects').at(-1)?.id;
  add({ projectId: projectId ? Number(projectId) : 1 }, PROJECT_INVOICE, 0);
}
