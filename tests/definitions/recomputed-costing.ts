import type { Value } from '../engine/engine-values.ts';

export type Row = Readonly<Record<string, Value>>;
type Rows = ReadonlyMap<string, readonly Row[]>;
type Amounts = Record<string, bigint>;

export interface Settings {
  readonly costing_source: 'purchase_orders' | 'receipts' | 'bills';
  readonly costing_tax: 'on' | 'off';
}

/**
 * The amounts of int_job_costing by job, computed from raw rows without SQL and without the models: amounts in billionths,
 * which is what NUMERIC holds.
 */
export function recomputedCosting(
  rows: Rows,
  { costing_source, costing_tax }: Settings,
): Map<string, Amounts> {
  const jobs = new Map(newest(rows, 'raw_jobs').map(({ id }) => [String(id), new Map<string, bigint>()]));
  const add = (job: Value | undefined, column: string, amount: bigint) => {
    const known = jobs.get(String(job));
    known?.set(column, (known.get(column) ?? 0n) + amount);
  };
  const material = (job: Value | undefined, source: string, cost: bigint, tax: bigint) => {
    add(job, `${source}_cost`, cost);
    add(job, `${source}_tax`, tax);
    for (const [column, ofSource] of Object.entries(BY_SOURCE)) {
      if (source !== ofSource && source !== 'unordered_bill' && source !== 'line') continue;
      add(job, column, cost);
      add(job, `${column}_untaxed`, cost - tax);
      const isChosen = column === CHOSEN[costing_source];
      if (isChosen) add(job, 'material_cost', costing_tax === 'off' ? cost - tax : cost);
    }
  };
  for (const order of newest(rows, 'raw_purchase_orders')) {
    if (order.status !== 'Canceled') material(order.jobId, 'ordered', nano(order.total), nano(order.tax));
  }
  for (const receipt of newest(rows, 'raw_receipts').filter(isActive)) {
    material(receipt.jobId, 'received', nano(receipt.receiptAmount), nano(receipt.taxAmount));
  }
  for (const bill of newest(rows, 'raw_inventory_bills').filter(isActive)) {
    const source = bill.purchaseOrderId === null ? 'unordered_bill' : 'billed';
    material(bill.jobId, source, nano(bill.billAmount), nano(bill.taxAmount));
  }
  for (const invoice of newest(rows, 'raw_invoices').filter(isActive)) {
    const job = nested(invoice.job).id;
    if (invoice.subTotal !== null) {
      const subtotal = nano(invoice.subTotal);
      add(job, 'revenue', subtotal);
      add(job, 'revenue_before_discount', subtotal + nano(invoice.discountTotal));
      if (invoice.adjustmentToId === null) add(job, 'revenue_without_adjustments', subtotal);
    }
    for (const line of (invoice.items as readonly Value[]).map(nested)) {
      if (line.type === 'Material' || line.type === 'Equipment')
        material(job, 'line', nano(line.totalCost), 0n);
      if (nested(line.generalLedgerAccount).type === 'Income')
        add(job, 'revenue_income_items', nano(line.total));
    }
  }
  for (const pay of newest(rows, 'raw_gross_pay_items').filter(isActive)) {
    const amount = nano(pay.amount) + nano(pay.amountAdjustment);
    add(pay.jobId, 'labor_cost', amount);
    add(pay.jobId, PAY[String(pay.grossPayItemType)] ?? 'other_pay', amount);
  }
  for (const returned of newest(rows, 'raw_returns').filter(isActive)) {
    if (returned.status !== 'Canceled' && returned.dateCanceled === null)
      add(returned.jobId, 'return_amount', nano(returned.returnAmount));
  }
  return new Map(
    [...jobs].map(([job, known]) => {
      const of = (column: string) => known.get(column) ?? 0n;
      const amounts = Object.fromEntries(COLUMNS.map((column) => [column, of(column)]));
      return [job, { ...amounts, job_cost: of('labor_cost') + of('material_cost') - of('return_amount') }];
    }),
  );
}

const BY_SOURCE = {
  material_by_orders: 'ordered',
  material_by_receipts: 'received',
  material_by_bills: 'billed',
} as const;
const CHOSEN = {
  purchase_orders: 'material_by_orders',
  receipts: 'material_by_receipts',
  bills: 'material_by_bills',
} as const;
const PAY: Readonly<Record<string, string>> = {
  TimesheetTime: 'timesheet_pay',
  InvoiceRelatedBonus: 'invoice_bonus_pay',
  CustomBonus: 'custom_bonus_pay',
  Salary: 'salary_pay',
  Reimbursement: 'reimbursement_pay',
};

/** The columns of int_job_costing that hold amounts. */
export const COLUMNS: readonly string[] = [
  ...['revenue', 'revenue_before_discount', 'revenue_income_items', 'revenue_without_adjustments'],
  ...['labor_cost', ...Object.values(PAY), 'other_pay', 'material_cost'],
  ...['ordered', 'received', 'billed', 'unordered_bill'].flatMap((source) => [
    `${source}_cost`,
    `${source}_tax`,
  ]),
  ...['line_cost', 'return_amount', 'job_cost'],
  ...Object.keys(BY_SOURCE),
  ...Object.keys(BY_SOURCE).map((column) => `${column}_untaxed`),
];

/** A decimal in billionths. */
export function nano(value: Value | undefined): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value ?? 0)) ?? [];
  const digits = BigInt(whole + fraction.padEnd(9, '0').slice(0, 9));
  return sign ? -digits : digits;
}

const isActive = ({ active }: Row) => active !== false;
const nested = (value: Value | undefined): Row => (value ?? {}) as Row;

/** The newest version of each record: by generation, then by change time, then by when it was read. */
function newest(rows: Rows, table: string): readonly Row[] {
  const versions = new Map<string, Row>();
  const order = (row: Row) => [
    String(row._generation ?? 0).padStart(9, '0'),
    String(row.modifiedOn).padEnd(40),
    String(row._extracted_at),
  ];
  for (const row of rows.get(table) ?? []) {
    const known = versions.get(String(row.id));
    if (known === undefined || order(known).join() < order(row).join()) versions.set(String(row.id), row);
  }
  return [...versions.values()];
}
