const { costingNeeds } = require('./rules');

/** Entities that give a job's start day, and entities that give its cost by the default of `costing_source`. */
const STARTED = 'jobs appointments';
const MATERIAL = 'purchase_orders invoices inventory_bills';
const COST = `gross_pay_items ${MATERIAL} returns`;

/**
 * The table of KPIs: one row per column of the marts, in their order. Models, report, explanations, LookML and docs read it.
 *
 * - `name` is the column, `label` what people call it, `description` what the column holds; `meaning` is the sentence for
 *   managers. The report shows the KPIs that have one; a night's last screen shows those with a `short` heading.
 *   A rise is for the better, unless `better` is `down`.
 * - `kind`: which units have it, `sales` or `production`; a unit of kind `both` has all.
 * - `unit`: `count`, `usd` or `percent`.
 * - `type`: a `sum` adds `amount` over the rows of the model `from`; a `distinct` counts the different values of `counted`
 *   there; a `ratio` is `numerator` / `denominator`, times 100 if its unit is `percent`; a `snapshot` is taken once a day by
 *   kpi_snapshots, and `from` has its records. `from` has only rows that count, with event_date and business_unit; `where` picks some of them. `amount` and
 *   `where` are SQL over its columns. `record` is its column with the id of the record, job_id if it is not named.
 * - `needs`: it is NULL, not 0, until each of these entities was loaded.
 * - `tolerance` is the largest difference to a screen that counts as equal, in the KPI's unit; `relative` is the same as a
 *   fraction of the screen's value. Between the tolerance and `alarm` the verdict is YELLOW. Without a tolerance no screen
 *   value is compared.
 */
const KPIS = [
  {
    ...{ name: 'lead_count', label: 'Leads', kind: 'sales', unit: 'count', type: 'distinct', tolerance: '0' },
    ...{ from: 'int_leads', counted: 'customer_id', needs: 'jobs job_types customers' },
    short: 'Leads',
    meaning: 'Customers who asked for an estimate, by the day of the request.',
    description:
      'Distinct customers with an estimate job created in the period, test customers left out. Days do not add up.',
  },
  {
    ...{
      name: 'lead_job_count',
      label: 'Lead jobs',
      kind: 'sales',
      unit: 'count',
      type: 'sum',
      tolerance: '0',
    },
    ...{ from: 'int_leads', amount: '1', needs: 'jobs job_types customers' },
    description: 'Estimate jobs created in the period, test customers left out.',
  },
  {
    ...{
      name: 'num_estimates',
      label: 'Estimates',
      kind: 'sales',
      unit: 'count',
      type: 'sum',
      tolerance: '0',
    },
    ...{ from: 'int_completed_estimates', amount: '1', needs: 'jobs job_types' },
    meaning: 'Estimate visits that were completed, by the day of completion.',
    description: 'Estimate jobs completed in the period; no estimate record is required.',
  },
  {
    ...{ name: 'sales_opportunities', label: 'Opportunities', kind: 'sales', unit: 'count', type: 'sum' },
    ...{ from: 'int_opportunities', amount: '1', needs: 'jobs estimates invoices', tolerance: '1' },
    description: 'Jobs with an estimate or revenue, by first sale if closed, by completion if open.',
  },
  {
    // Revenue alone makes an opportunity, but only an estimate closes one.
    ...{ name: 'closed_opportunities', label: 'Closed sales', kind: 'sales', unit: 'count', type: 'sum' },
    ...{
      from: 'int_opportunities',
      where: 'is_closed',
      amount: '1',
      needs: 'jobs estimates',
      tolerance: '1',
    },
    description: 'Sales opportunities with a sold estimate.',
  },
  {
    ...{ name: 'close_rate_percent', label: 'Close rate', kind: 'sales', unit: 'percent', type: 'ratio' },
    ...{ numerator: 'closed_opportunities', denominator: 'sales_opportunities', tolerance: '0.05' },
    short: 'Close',
    meaning: 'Sales opportunities that were won, in percent.',
    description: '100 x closed_opportunities / sales_opportunities; NULL without an opportunity.',
  },
  {
    ...{
      name: 'closed_sales_amount',
      label: 'Sales of closed jobs',
      kind: 'sales',
      unit: 'usd',
      type: 'sum',
    },
    ...{ from: 'int_opportunities', where: 'is_closed', amount: 'sold_amount', needs: 'jobs estimates' },
    description: 'Subtotals of all sold estimates of the closed opportunities, whatever their day, USD.',
  },
  {
    ...{ name: 'closed_average_sale', label: 'Average sale', kind: 'sales', unit: 'usd', type: 'ratio' },
    ...{ numerator: 'closed_sales_amount', denominator: 'closed_opportunities', tolerance: '0.01' },
    description: 'closed_sales_amount / closed_opportunities, USD; NULL without a closed opportunity.',
  },
  {
    ...{ name: 'total_booked', label: 'Booked', kind: 'sales', unit: 'usd', type: 'sum', tolerance: '0.01' },
    ...{ from: 'int_booked', record: 'estimate_id', amount: 'amount', needs: 'jobs estimates' },
    short: 'Booked',
    meaning: 'Sold estimates, by the day of the sale.',
    description: 'Subtotals of sold estimates by the day they were sold, USD.',
  },
  {
    ...{ name: 'sales_opportunities_vendor', label: 'Opportunities (vendor)', kind: 'sales', unit: 'count' },
    ...{ type: 'sum', from: 'int_vendor_opportunities', amount: '1', needs: 'jobs job_types estimates' },
    description:
      'Completed jobs that are not no-charge, and no-charge jobs with a sale of at least the sold threshold.',
  },
  {
    ...{ name: 'closed_opportunities_vendor', label: 'Closed sales (vendor)', kind: 'sales', unit: 'count' },
    ...{ type: 'sum', from: 'int_vendor_opportunities', where: 'is_closed', amount: '1' },
    needs: 'jobs job_types estimates',
    description: 'Those of sales_opportunities_vendor with a sale of at least the sold threshold.',
  },
  {
    ...{ name: 'close_rate_vendor_percent', label: 'Close rate (vendor)', kind: 'sales', unit: 'percent' },
    ...{ type: 'ratio', numerator: 'closed_opportunities_vendor', denominator: 'sales_opportunities_vendor' },
    description:
      '100 x closed_opportunities_vendor / sales_opportunities_vendor; NULL without an opportunity.',
  },
  {
    ...{ name: 'dollars_produced', label: 'Produced', kind: 'production', unit: 'usd', type: 'sum' },
    ...{ from: 'int_produced', amount: 'revenue', needs: `${STARTED} invoices`, tolerance: '0.01' },
    short: 'Produced',
    meaning: 'Invoices of jobs before tax, by the day on which the job started.',
    description:
      'Subtotals of the active invoices of jobs that started in the period, all job statuses, USD.',
  },
  {
    ...{ name: 'dollars_invoiced', label: 'Invoiced', kind: 'production', unit: 'usd', type: 'sum' },
    ...{ from: 'int_invoiced', record: 'invoice_id', amount: 'amount', needs: 'jobs invoices' },
    description:
      'Totals with tax of active invoices by invoice date, USD. Continues an older series and is not a KPI.',
  },
  {
    ...{ name: 'labor_cost', label: 'Labor', kind: 'production', unit: 'usd', type: 'sum' },
    ...{ from: 'int_produced', amount: 'labor_cost', needs: `${STARTED} gross_pay_items` },
    description: 'All gross pay of the jobs in dollars_produced, USD.',
  },
  {
    ...{ name: 'material_cost', label: 'Material', kind: 'production', unit: 'usd', type: 'sum' },
    ...{ from: 'int_produced', amount: 'material_cost', needs: `${STARTED} ${MATERIAL}` },
    description:
      'Purchase orders not canceled (or what the variable costing_source names), material and equipment lines, bills without an order, of the jobs in dollars_produced, USD.',
  },
  {
    ...{ name: 'return_amount', label: 'Returns', kind: 'production', unit: 'usd', type: 'sum' },
    ...{ from: 'int_produced', amount: 'return_amount', needs: `${STARTED} returns` },
    description: 'Returned material of the jobs in dollars_produced, as a positive amount, USD.',
  },
  {
    ...{ name: 'gross_profit', label: 'Gross profit', kind: 'production', unit: 'usd', type: 'sum' },
    ...{ from: 'int_produced', amount: 'revenue - job_cost', needs: `${STARTED} ${COST}` },
    description: 'dollars_produced - labor_cost - material_cost + return_amount, USD.',
  },
  {
    ...{ name: 'gpm_percent', label: 'Gross margin', kind: 'production', unit: 'percent', type: 'ratio' },
    ...{ numerator: 'gross_profit', denominator: 'dollars_produced', tolerance: '0.5', alarm: '2' },
    short: 'Margin',
    meaning: 'Produced less labor and material, in percent of produced.',
    description: '100 x gross_profit / dollars_produced; NULL where nothing was produced.',
  },
  {
    ...{ name: 'warranty_cost', label: 'Warranty cost', kind: 'production', unit: 'usd', type: 'sum' },
    ...{ from: 'int_produced', where: 'is_warranty', amount: 'job_cost' },
    needs: `${STARTED} job_types ${COST}`,
    description: 'Cost of warranty and touch-up jobs that started in the period, USD.',
  },
  {
    ...{ name: 'warranty_percent', label: 'Warranty', kind: 'production', unit: 'percent', type: 'ratio' },
    ...{ numerator: 'warranty_cost', denominator: 'dollars_produced', tolerance: '0.05' },
    better: 'down',
    meaning: 'Cost of warranty jobs, in percent of produced.',
    description: '100 x warranty_cost / dollars_produced; NULL where nothing was produced.',
  },
  {
    ...{ name: 'dollars_collected', label: 'Collected', kind: 'production', unit: 'usd', type: 'sum' },
    ...{
      from: 'int_collected',
      record: 'payment_id',
      amount: 'amount',
      needs: 'payments invoices',
      tolerance: '0.01',
    },
    short: 'Collected',
    meaning: 'Payments applied to invoices, by the day they were paid.',
    description: 'Payments applied to invoices of the unit, by Paid On, refunds negative, USD.',
  },
  {
    ...{
      name: 'future_bookings',
      label: 'Future bookings',
      kind: 'production',
      unit: 'usd',
      type: 'snapshot',
    },
    ...{ from: 'int_future_bookings', amount: 'amount', needs: `${STARTED} invoices` },
    ...{ tolerance: '0', relative: '0.01' },
    meaning: 'Jobs planned from this week on for a year, as of a day.',
    description:
      'Snapshot: invoiced subtotals of jobs, not canceled, that start from the first day of the week to one year after the snapshot, USD.',
  },
  {
    ...{ name: 'future_bookings_after_today', label: 'Future bookings after today' },
    ...{ kind: 'production', unit: 'usd', type: 'snapshot', tolerance: '0', relative: '0.01' },
    ...{ from: 'int_future_bookings', where: 'is_after_today', amount: 'amount' },
    needs: `${STARTED} invoices`,
    description: 'Snapshot: future_bookings from the day after the snapshot on, USD.',
  },
  {
    ...{ name: 'outstanding_ar', label: 'Receivables', kind: 'production', unit: 'usd', type: 'snapshot' },
    ...{ tolerance: '0', relative: '0.01', needs: 'jobs invoices locations' },
    ...{ from: 'int_receivables', record: 'location_id', amount: 'if(is_counted, net_amount, 0)' },
    better: 'down',
    meaning: 'Open balances per location, small ones left out, as of a day.',
    description:
      'Snapshot: net open balances per location, locations with a net below the variable receivables_minimum left out, USD.',
  },
];

const quoted = (text) => (text === undefined ? 'cast(null as string)' : `'${text}'`);
const numeric = (text) => `cast(${text ?? 'null'} as numeric)`;

/** What a ratio is multiplied by: 100 for a percentage, 1 for an amount. */
const factorOf = ({ type, unit }) => (type === 'ratio' ? (unit === 'percent' ? '100' : '1') : undefined);

/** The table as a query, for int_kpis: models join it and compare nothing with names of KPIs. */
function rows() {
  return KPIS.map(
    (kpi, at) => `select
  ${at + 1} as position, '${kpi.name}' as kpi, '${kpi.label}' as label, '${kpi.kind}' as kind, '${kpi.unit}' as unit,
  '${kpi.type}' as type, ${quoted(kpi.numerator)} as numerator, ${quoted(kpi.denominator)} as denominator,
  ${numeric(factorOf(kpi))} as factor, ${quoted(kpi.needs && costingNeeds(kpi.needs))} as needs, ${numeric(kpi.tolerance)} as tolerance,
  ${numeric(kpi.alarm ?? kpi.tolerance)} as alarm, ${numeric(kpi.relative ?? 0)} as relative_tolerance`,
  ).join('\nunion all\n');
}

/** The facts of every sum and distinct count below one another, for int_facts; `ref` is Dataform's. */
function facts(ref) {
  return KPIS.filter(({ type }) => type === 'sum' || type === 'distinct')
    .map(
      ({ name, from, where, amount = '1', counted = 'null' }) => `select
  '${name}' as kpi, event_date, business_unit,
  cast(${amount} as numeric) as amount, cast(${counted} as int64) as counted_id
from ${ref(from)}${where ? `\nwhere ${where}` : ''}`,
    )
    .join('\nunion all\n');
}

/** The columns of the marts, or those of one type: `names()` for UNPIVOT, `names({ quote: "'" })` for PIVOT. */
function names({ quote = '', type } = {}) {
  return KPIS.filter((kpi) => type === undefined || kpi.type === type)
    .map(({ name }) => `${quote}${name}${quote}`)
    .join(', ');
}

/** For `select * replace (…)`: the counts as another type. They are whole numbers in the marts and NUMERIC among the others. */
function countsAs(type) {
  return KPIS.filter(({ unit }) => unit === 'count')
    .map(({ name }) => `cast(${name} as ${type}) as ${name}`)
    .join(', ');
}

/** The columns of a mart, counts as whole numbers. */
function columns() {
  return KPIS.map(({ name, unit }) => (unit === 'count' ? `cast(${name} as int64) as ${name}` : name)).join(
    ',\n  ',
  );
}

/** A ratio with two decimals, `factor` from int_kpis; NULL if the denominator is not positive. */
function ratio(factor, numerator, denominator) {
  return `round(${factor} * cast(${numerator} as numeric)
    / nullif(greatest(cast(${denominator} as numeric), 0), 0), 2)`;
}

module.exports = { KPIS, rows, facts, names, countsAs, columns, ratio };
