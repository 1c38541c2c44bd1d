import type { Mutation } from './mutation.ts';

const income = "if(items.account_type = 'Income', items.total, null)";
const untyped = 'and items.job_id is not null';

/** Wrong definitions of columns of int_job_costing that no screen value and no assertion sees. */
export const COSTING: readonly Mutation[] = [
  {
    name: 'costing: canceled orders counted',
    model: 'int_job_material',
    from: "where coalesce(orders.purchase_order_status, '') <> 'Canceled'",
    to: '',
  },
  {
    name: 'costing: inactive receipts counted',
    model: 'int_job_material',
    from: 'where receipts.is_active',
    to: '',
  },
  {
    name: 'costing: receipts without an order left out',
    model: 'int_job_material',
    from: 'where receipts.is_active',
    to: 'where receipts.is_active and receipts.purchase_order_id is not null',
  },
  {
    name: 'costing: receipts without their tax',
    model: 'int_job_material',
    from: 'receipts.receipt_amount',
    to: 'receipts.receipt_amount - coalesce(receipts.tax_amount, 0)',
  },
  {
    name: 'costing: inactive bills counted',
    model: 'int_job_material',
    from: 'where bills.is_active',
    to: '',
  },
  {
    name: 'costing: bills with and without an order together',
    model: 'int_job_material',
    from: "if(bills.purchase_order_id is null, 'unordered bills', 'bills')",
    to: "'bills'",
  },
  {
    name: 'costing: the tax of an order taken for that of its bill',
    model: 'int_job_material',
    from: "sum(if(costs.source = 'bills', costs.tax, null))",
    to: "sum(if(costs.source = 'orders', costs.tax, null))",
  },
  {
    name: 'costing: receipts beside orders',
    model: 'int_job_costing',
    from: 'received_cost + unordered_bill_cost + line_cost as material_by_receipts',
    to: 'ordered_cost + received_cost + unordered_bill_cost + line_cost as material_by_receipts',
  },
  {
    name: 'costing: bills of orders alone',
    model: 'int_job_costing',
    from: 'billed_cost + unordered_bill_cost + line_cost as material_by_bills',
    to: 'billed_cost + line_cost as material_by_bills',
  },
  {
    name: 'costing: the tax of bills without an order kept',
    model: 'int_job_costing',
    from: 'received_cost - received_tax + unordered_bill_cost - unordered_bill_tax',
    to: 'received_cost - received_tax + unordered_bill_cost',
  },
  { name: 'income: every line', model: 'int_job_lines', from: income, to: 'items.total' },
  {
    name: 'income: service lines instead of accounts',
    model: 'int_job_lines',
    from: income,
    to: "if(items.item_type = 'Service', items.total, null)",
  },
  {
    name: 'income: lines of voided invoices',
    model: 'int_job_lines',
    from: 'where items.is_invoice_active and',
    to: 'where',
  },
  {
    name: 'revenue: adjusted invoices left out with their adjustments',
    model: 'int_job_revenue',
    from: 'if(invoices.adjustment_to_invoice_id is null, ',
    to: 'if(invoices.adjustment_to_invoice_id is null and invoices.invoice_id not in (select coalesce(adjustment_to_invoice_id, 0) from {stg_invoices}), ',
  },
  {
    name: 'revenue: adjustments alone',
    model: 'int_job_revenue',
    from: 'invoices.adjustment_to_invoice_id is null',
    to: 'invoices.adjustment_to_invoice_id is not null',
  },
  {
    name: 'labor: bonuses as working time',
    model: 'int_job_labor',
    from: "if(pay.type = 'TimesheetTime', ",
    to: "if(pay.type in ('TimesheetTime', 'InvoiceRelatedBonus'), ",
  },
  {
    name: 'labor: pay of unknown types lost',
    model: 'int_job_labor',
    from: '0,\n      pay.amount',
    to: '0,\n      0',
  },
  {
    name: 'labor: inactive items counted',
    model: 'int_job_labor',
    from: `where items.is_active ${untyped}`,
    to: 'where items.job_id is not null',
  },
];
