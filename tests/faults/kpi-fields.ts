import type { Name } from './entity-names.ts';

/** Two Production units and two Sales units, by their ids in the reference table. */
const UNITS = [898, 7911196, 901, 95771031] as const;
const STATUSES = ['Scheduled', 'Completed', 'Canceled'] as const;

/** Fields that make a record count in a KPI. Each number gives another unit, day, state or amount. */
export function kpiFields(name: Name, number: number): Readonly<Record<string, unknown>> {
  const unit = UNITS[number % 4];
  switch (name) {
    case 'jobs':
      return {
        customerId: 1 + (number % 7),
        locationId: 1 + (number % 5),
        businessUnitId: unit,
        jobTypeId: 1 + (Math.floor(number / 12) % 3),
        jobStatus: STATUSES[number % 3],
        completedOn: `${day(number)}T23:30:00Z`,
      };
    case 'invoices':
      return {
        subTotal: 100 + number,
        invoiceDate: `${day(number)}T00:00:00Z`,
        // Even numbers are jobs of Production.
        job: { id: 2 + 2 * (number % 26) },
        businessUnit: { id: unit },
        location: { id: 1 + (number % 5) },
      };
    default:
      return {};
  }
}

/** Records that the models join to jobs and invoices, beside those that the sandbox makes from each schema. */
export function joinedRecords(): Readonly<Record<string, readonly string[]>> {
  const stamps = { createdOn: '2025-01-01T00:00:00Z', modifiedOn: '2025-06-01T00:00:00Z' };
  const records = (count: number, fieldsOf: (number: number) => object) =>
    Array.from({ length: count }, (_, index) =>
      JSON.stringify({ id: index + 1, active: true, ...stamps, ...fieldsOf(index + 1) }),
    );
  return {
    job_types: records(3, (number) => ({ name: ['Estimate- RES-EXT', 'Warranty', 'Interior'][number - 1] })),
    estimates: records(30, (number) => ({
      jobId: number,
      status: { name: number % 3 === 0 ? 'Open' : 'Sold' },
      subtotal: 1000 + number,
      soldOn: `${day(number)}T05:00:00Z`,
    })),
    payments: records(20, (number) => ({
      date: `${day(number)}T00:00:00Z`,
      appliedTo: [{ appliedId: number, appliedTo: number, appliedAmount: 10 + number }],
    })),
    gross_pay_items: records(53, (number) => ({ jobId: number, amount: 20 + number })),
    purchase_orders: records(53, (number) => ({ jobId: number, total: 5 + number, status: 'Sent' })),
    receipts: records(9, (number) => ({ jobId: 2 * number, receiptAmount: 4 + number })),
    inventory_bills: records(9, (number) => ({ jobId: 2 * number, billAmount: 3 + number })),
    returns: records(9, (number) => ({ jobId: 2 * number, returnAmount: number, status: 'Pending' })),
  };
}

/** A day in the month of the first run, before or after it. */
function day(number: number): string {
  return `2025-10-${String(1 + (number % 31)).padStart(2, '0')}`;
}
