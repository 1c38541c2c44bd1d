import { ESTIMATE_TYPES, PRODUCTION, PRODUCTION_TYPES, SALES, unitName } from '../../sandbox/data/units.ts';
import { type Dice, instantText } from './values.ts';
import type { GeneratedEntity, Volumes } from './volumes.ts';

type Fields = Readonly<Record<string, unknown>>;

const DAY_MS = 86_400_000;

/** First ids. All ids have ten digits, so that every record of an entity has the same length. */
export const FIRST_ID: Readonly<Record<GeneratedEntity, number>> = {
  jobs: 4_000_000_000,
  appointments: 4_100_000_000,
  appointment_assignments: 4_200_000_000,
  projects: 4_300_000_000,
  estimates: 4_400_000_000,
  invoices: 4_500_000_000,
  payments: 4_600_000_000,
  gross_pay_items: 4_700_000_000,
  payrolls: 4_800_000_000,
  payroll_adjustments: 4_810_000_000,
  customers: 4_820_000_000,
  locations: 4_830_000_000,
  purchase_orders: 4_840_000_000,
  inventory_bills: 4_850_000_000,
  returns: 4_860_000_000,
  receipts: 4_870_000_000,
};

const SALES_UNITS = Object.values(SALES);
const PRODUCTION_UNITS = Object.values(PRODUCTION);
const TYPES = { sales: ESTIMATE_TYPES.residential, production: PRODUCTION_TYPES.residential };

interface Context {
  readonly roll: Dice;
  readonly atMs: number;
}

/** The index of the parent of child `index`. Parents and children are in the order of time. */
function parentOf(index: number, children: number, parents: number): number {
  return Math.min(parents - 1, Math.floor((index * parents) / children));
}

/** Jobs alternate: an estimate visit, then production work. */
function unitOf(job: number): number {
  const units = job % 2 === 0 ? SALES_UNITS : PRODUCTION_UNITS;
  return units[(job >> 1) % units.length] ?? 0;
}

function jobTypeOf(job: number): number {
  const types = job % 2 === 0 ? TYPES.sales : TYPES.production;
  return types[(job >> 1) % types.length] ?? 0;
}

/** The fields that models join, filter and sum by. They are consistent with those of related records. */
export function linksOf(
  name: GeneratedEntity,
  index: number,
  volumes: Volumes,
  { roll, atMs }: Context,
): Fields {
  const parentIndex = (parent: GeneratedEntity) => parentOf(index, volumes[name], volumes[parent]);
  const id = (parent: GeneratedEntity, at: number) => FIRST_ID[parent] + at;
  const day = (ms: number) => `${new Date(ms).toISOString().slice(0, 10)}T00:00:00Z`;
  const cents = 20_000 + roll.below(900_000);
  const customerOf = (job: number) => (job * 7) % volumes.customers;
  const job = name === 'jobs' ? index : parentIndex('jobs');
  const work = Math.min(volumes.jobs - 1, job | 1);
  const unit = { id: unitOf(job), name: unitName(unitOf(job)).trim() };
  switch (name) {
    case 'jobs':
      return {
        jobNumber: String(index),
        customerId: id('customers', customerOf(index)),
        locationId: id('locations', customerOf(index)),
        jobStatus: index % 16 === 5 ? 'Canceled' : index > volumes.jobs * 0.995 ? 'Scheduled' : 'Completed',
        completedOn: index > volumes.jobs * 0.995 ? null : instantText(atMs - 3_600_000, roll),
        businessUnitId: unit.id,
        jobTypeId: jobTypeOf(index),
        campaignId: 61,
        firstAppointmentId: id('appointments', Math.ceil((index * volumes.appointments) / volumes.jobs)),
        invoiceId: id('invoices', parentIndex('invoices')),
        noCharge: false,
        total: cents / 100,
        recallForId: null,
        warrantyId: null,
        createdFromEstimateId: null,
        projectId: null,
      };
    case 'appointments':
      return {
        jobId: id('jobs', job),
        start: instantText(atMs - 7_200_000, roll),
        end: instantText(atMs - 3_600_000, roll),
        status: 'Done',
        unused: false,
      };
    case 'appointment_assignments':
      return {
        jobId: id('jobs', job),
        appointmentId: id('appointments', parentIndex('appointments')),
        technicianId: 501 + (index % 24),
        status: 'Done',
      };
    case 'estimates': {
      const isSold = index % 3 === 0;
      return {
        jobId: id('jobs', job - (job % 2)),
        customerId: id('customers', customerOf(job - (job % 2))),
        status: isSold ? { value: 1, name: 'Sold' } : { value: 0, name: 'Open' },
        soldOn: isSold ? instantText(atMs - 1000, roll) : null,
        soldBy: isSold ? 501 : null,
        subtotal: cents / 100,
        tax: Math.round(cents * 0.086) / 100,
        businessUnitId: unitOf(job - (job % 2)),
        isChangeOrder: false,
      };
    }
    case 'invoices':
      return {
        job: { id: id('jobs', job), number: String(job), type: 'Job' },
        customer: { id: id('customers', customerOf(job)), name: 'Customer' },
        location: { id: id('locations', customerOf(job)), name: 'Location' },
        businessUnit: unit,
        invoiceDate: day(atMs),
        subTotal: (cents / 100).toFixed(2),
        discountTotal: '0.00',
        salesTax: (cents * 0.00086).toFixed(2),
        total: (cents * 0.01086).toFixed(2),
        balance: isOpen(index) ? (cents * 0.01086).toFixed(2) : '0.00',
        adjustmentToId: null,
        syncStatus: 'Posted',
      };
    case 'payments': {
      const invoice = parentIndex('invoices');
      return {
        appliedTo: [
          {
            appliedAmount: (cents / 100).toFixed(2),
            appliedBy: 'office',
            appliedId: 4_900_000_000 + index,
            appliedOn: instantText(atMs, roll),
            appliedTo: id('invoices', invoice),
            appliedToReferenceNumber: String(invoice),
          },
        ],
        businessUnit: unit,
        date: day(atMs),
        total: (cents / 100).toFixed(2),
        unappliedAmount: '0.00',
        typeId: '5',
        refundedPaymentId: null,
      };
    }
    case 'gross_pay_items':
      return {
        employeeId: 501 + (index % 24),
        employeeType: 'Technician',
        payrollId: id('payrolls', parentIndex('payrolls')),
        date: day(atMs),
        jobId: id('jobs', work),
        amount: cents / 1000,
        activityCodeId: 44,
      };
    case 'payrolls':
      return {
        employeeId: 501 + (index % 24),
        employeeType: 'Technician',
        startedOn: day(atMs - 14 * DAY_MS),
        endedOn: day(atMs),
        status: 'Locked',
      };
    case 'payroll_adjustments':
      return {
        employeeId: 501 + (index % 24),
        employeeType: 'Technician',
        postedOn: day(atMs),
        amount: cents / 1000,
        activityCodeId: 45,
        invoiceId: id('invoices', parentIndex('invoices')),
      };
    case 'customers':
      return { mergedToId: null };
    case 'locations':
      return { customerId: id('customers', parentIndex('customers')), mergedToId: null };
    case 'projects':
      return { customerId: id('customers', parentIndex('customers')), status: 'Open' };
    case 'purchase_orders':
      return {
        jobId: id('jobs', work),
        businessUnitId: unitOf(work),
        status: 'Received',
        date: day(atMs),
        total: cents / 1000,
        tax: 0,
        shipping: 0,
      };
    case 'receipts':
      return {
        jobId: id('jobs', work),
        purchaseOrderId: id('purchase_orders', parentIndex('purchase_orders')),
        businessUnitId: unitOf(work),
        receiptAmount: cents / 1000,
        taxAmount: 0,
        shippingAmount: 0,
      };
    case 'inventory_bills':
      return {
        jobId: id('jobs', work),
        businessUnit: { id: unitOf(work), name: unitName(unitOf(work)) },
        billDate: day(atMs),
        billAmount: (cents / 1000).toFixed(2),
        taxAmount: '0.00',
        shippingAmount: '0.00',
      };
    case 'returns':
      return {
        jobId: id('jobs', work),
        businessUnitId: unitOf(work),
        status: 'Returned',
        returnDate: day(atMs),
        returnAmount: cents / 1000,
        taxAmount: 0,
        shippingAmount: 0,
        dateCanceled: null,
      };
  }
}

/** Whether the invoice is open: one of 100 is. */
export function isOpen(invoice: number): boolean {
  return invoice % 100 === 0;
}
