import { type Mutation, meanOfDays, RATIO } from './mutation.ts';

const produced = 'and not is_excluded_from_production';
const revenue = 'sum(invoices.subtotal) as revenue';
const labor = 'coalesce(items.amount, 0) + items.amount_adjustment as amount';
const lines = "items.item_type in ('Material', 'Equipment')";
const orders = "where coalesce(orders.purchase_order_status, '') <> 'Canceled'";
const warranty = "select\n  'warranty_cost' as kpi, event_date, business_unit,\n  cast(job_cost as numeric)";

/** Wrong definitions of produced, gross margin, warranty and collected. */
export const PRODUCTION: readonly Mutation[] = [
  {
    name: 'produced: totals with tax',
    model: 'int_job_revenue',
    from: revenue,
    to: 'sum(invoices.total) as revenue',
  },
  {
    name: 'produced: start in UTC',
    model: 'int_job_start',
    from: "date(first_appointments.first_start_at, 'America/Phoenix')",
    to: 'date(first_appointments.first_start_at)',
  },
  {
    name: 'produced: completed and held jobs only',
    model: 'int_produced',
    from: produced,
    to: `${produced} and job_status in ('Completed', 'Hold')`,
  },
  {
    name: 'produced: voided invoices counted',
    model: 'int_job_revenue',
    from: 'where invoices.is_active and',
    to: 'where',
  },
  {
    name: 'produced: one invoice per job',
    model: 'int_job_revenue',
    from: revenue,
    to: 'max(invoices.subtotal) as revenue',
  },
  {
    name: 'produced: adjustments left out',
    model: 'int_job_revenue',
    from: 'where invoices.is_active',
    to: 'where invoices.is_active and invoices.adjustment_to_invoice_id is null',
  },
  {
    name: "produced: the job's own total",
    model: 'int_job_facts',
    from: 'coalesce(revenue.revenue, 0) as revenue',
    to: 'coalesce(jobs.job_total, 0) as revenue',
  },
  {
    name: "produced: the invoice's unit",
    model: 'stg_jobs',
    from: 'raw.businessUnitId as business_unit_id',
    to: 'coalesce((select min(invoices.businessUnit.id) from {raw_invoices} as invoices where invoices.job.id = raw.id), raw.businessUnitId) as business_unit_id',
  },
  {
    name: 'produced: a row per invoice and job (fan-out)',
    model: 'int_job_facts',
    from: 'left join {int_job_revenue} as revenue',
    to: 'left join (select job_id, subtotal as revenue, subtotal as revenue_before_discount from {stg_invoices}) as revenue',
  },
  {
    name: 'produced: unused appointments start a job',
    model: 'int_job_start',
    from: 'where appointments.is_active and not appointments.is_unused',
    to: 'where appointments.is_active',
  },
  {
    name: 'produced: deleted appointments start a job',
    model: 'int_job_start',
    from: 'where appointments.is_active and not appointments.is_unused',
    to: 'where not appointments.is_unused',
  },
  {
    name: 'produced: the last appointment',
    model: 'int_job_start',
    from: 'min(appointments.start_at)',
    to: 'max(appointments.start_at)',
  },
  {
    name: 'produced: jobs without an appointment lost',
    model: 'int_job_start',
    from: "    date(jobs.completed_at, 'America/Phoenix'),\n    date(jobs.created_at, 'America/Phoenix')\n",
    to: '    null\n',
  },

  {
    name: 'margin: no material',
    model: 'int_job_facts',
    from: 'coalesce(material.material_cost, 0)',
    to: 'coalesce(material.material_cost * 0, 0)',
  },
  {
    name: 'margin: 30 % burden on labor',
    model: 'int_job_labor',
    from: labor,
    to: "(coalesce(items.amount, 0) + items.amount_adjustment) * numeric '1.3' as amount",
  },
  {
    name: 'margin: pay adjustments ignored',
    model: 'int_job_labor',
    from: labor,
    to: 'coalesce(items.amount, 0) as amount',
  },
  {
    name: 'margin: payroll adjustments added again',
    model: 'int_job_labor',
    from: 'from {stg_gross_pay_items} as items',
    to: 'from (select job_id, gross_pay_item_type, amount, amount_adjustment, is_active from {stg_gross_pay_items} union all select invoices.job_id, adjustments.adjustment_type, adjustments.amount, 0, adjustments.is_active from {stg_payroll_adjustments} as adjustments join {stg_invoices} as invoices on invoices.invoice_id = adjustments.invoice_id) as items',
  },
  {
    name: 'margin: equal pay items taken for one',
    model: 'int_job_labor',
    from: 'from {stg_gross_pay_items} as items',
    to: 'from (select distinct job_id, employee_id, pay_date, activity_code_id, gross_pay_item_type, amount, amount_adjustment, is_active from {stg_gross_pay_items}) as items',
  },
  {
    name: 'margin: inactive pay items counted',
    model: 'int_job_labor',
    from: 'where items.is_active and',
    to: 'where',
  },
  {
    name: 'margin: working time only',
    model: 'int_job_labor',
    from: 'where items.is_active',
    to: "where items.gross_pay_item_type = 'TimesheetTime' and items.is_active",
  },
  {
    name: 'margin: exported and received orders only',
    model: 'int_job_material',
    from: orders,
    to: "where orders.purchase_order_status in ('Exported', 'Received')",
  },
  {
    name: 'margin: pending orders left out',
    model: 'int_job_material',
    from: orders,
    to: "where orders.purchase_order_status in ('Exported', 'Received', 'Sent', 'PartiallyReceived')",
  },
  { name: 'margin: canceled orders counted', model: 'int_job_material', from: orders, to: '' },
  {
    name: 'margin: unit instead of total cost of lines',
    model: 'int_job_lines',
    from: 'items.total_cost',
    to: 'items.unit_cost',
  },
  {
    name: 'margin: no lines of invoices',
    model: 'int_job_lines',
    from: lines,
    to: 'false',
  },
  {
    name: 'margin: lines of voided invoices counted',
    model: 'int_job_lines',
    from: 'where items.is_invoice_active and',
    to: 'where',
  },
  {
    name: 'margin: bills never loaded',
    model: 'int_job_material',
    from: 'where bills.is_active',
    to: 'where false and bills.is_active',
  },
  {
    name: 'margin: order and its bill',
    model: 'int_job_material',
    from: 'bills.purchase_order_id is null or false',
    to: 'true',
  },
  {
    name: 'margin: order and its receipt',
    model: 'int_job_material',
    from: "'receipts',\n    false",
    to: "'receipts',\n    true",
  },
  {
    name: 'margin: receipts instead of orders',
    model: 'int_job_material',
    from: 'if(costs.is_counted, ',
    to: "if(if(costs.source = 'orders', false, if(costs.source = 'receipts', true, costs.is_counted)), ",
  },
  {
    name: 'margin: bills instead of orders',
    model: 'int_job_material',
    from: 'if(costs.is_counted, ',
    to: "if(if(costs.source = 'orders', false, if(costs.source = 'bills', true, costs.is_counted)), ",
  },
  {
    name: 'margin: without the tax of orders and bills',
    model: 'int_job_material',
    from: 'if(costs.is_counted, costs.cost,',
    to: 'if(costs.is_counted, costs.cost - coalesce(costs.tax, 0),',
  },
  {
    name: 'margin: returns ignored',
    model: 'int_job_returns',
    from: 'coalesce(sum(returns.return_amount), 0)',
    to: 'coalesce(sum(returns.return_amount * 0), 0)',
  },
  {
    name: 'margin: returns with the wrong sign',
    model: 'int_job_returns',
    from: 'coalesce(sum(returns.return_amount), 0)',
    to: 'coalesce(sum(returns.return_amount * -1), 0)',
  },
  {
    name: 'margin: canceled and inactive returns counted',
    model: 'int_job_returns',
    from: "where returns.is_active\n  and coalesce(returns.return_status, '') <> 'Canceled'\n  and returns.canceled_at is null\n  and",
    to: 'where',
  },
  {
    name: 'margin: jobs without revenue left out',
    model: 'int_produced',
    from: produced,
    to: `${produced} and revenue <> 0`,
  },
  {
    name: 'margin: revenue over cost',
    model: 'int_unit_values',
    from: RATIO,
    to: `if(ratios.kpi = 'gpm_percent', round(100 * below.value / nullif(below.value - above.value, 0), 2), ${RATIO})`,
  },
  {
    name: 'margin: mean of the daily margins',
    ...meanOfDays('gpm_percent'),
  },

  {
    name: 'warranty: share of jobs',
    model: 'int_facts',
    from: warranty,
    to: warranty.replace('job_cost', '1'),
  },
  {
    name: 'warranty: share of revenue',
    model: 'int_facts',
    from: warranty,
    to: warranty.replace('job_cost', 'revenue'),
  },
  {
    name: 'warranty: every touch-up',
    model: 'int_job_types',
    from: 'coalesce(by_id.is_warranty, by_name.is_warranty, false)',
    to: "coalesce(lower(job_types.job_type_name) like '%touchup%', false) or coalesce(by_id.is_warranty, by_name.is_warranty, false)",
  },

  {
    name: 'collected: entry in UTC instead of Paid On',
    model: 'stg_payments',
    from: "raw.date, null), 'UTC') as paid_on_date",
    to: "raw.createdOn, null), 'UTC') as paid_on_date",
  },
  {
    name: 'collected: Paid On turned into the zone',
    model: 'stg_payments',
    from: "raw.date, null), 'UTC') as paid_on_date",
    to: "raw.date, null), 'America/Phoenix') as paid_on_date",
  },
  {
    name: 'collected: equal payments taken for one',
    model: 'int_collections',
    from: 'where payments.is_active',
    to: 'where payments.is_active qualify row_number() over (partition by splits.invoice_id, payments.paid_on_date, splits.applied_amount order by splits.payment_split_id) = 1',
  },
  {
    name: 'collected: one invoice per payment',
    model: 'int_collections',
    from: 'where payments.is_active',
    to: 'where payments.is_active qualify row_number() over (partition by splits.payment_id order by splits.payment_split_id) = 1',
  },
  {
    name: 'collected: the whole payment for each part',
    model: 'int_collections',
    from: 'coalesce(splits.applied_amount, 0) as amount',
    to: 'coalesce(payments.total, 0) as amount',
  },
  {
    name: 'collected: refunds added',
    model: 'int_collections',
    from: 'coalesce(splits.applied_amount, 0) as amount',
    to: 'abs(coalesce(splits.applied_amount, 0)) as amount',
  },
  {
    name: "collected: the payment's unit",
    model: 'int_collections',
    from: 'on invoice_units.business_unit_id = invoices.business_unit_id',
    to: 'on invoice_units.business_unit_id = payments.business_unit_id',
  },
  {
    name: "collected: the job's unit",
    model: 'int_collections',
    from: 'when invoices.business_unit_id is not null then invoice_units.business_unit\n',
    to: 'when false then invoice_units.business_unit\n',
  },
];
