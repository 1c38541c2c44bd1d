/**
 * The KPIs that can be compared with a screen value. A KPI with a `denominator` is a ratio and also has a `numerator`.
 * `tolerance` is the largest difference that counts as equal, in the KPI's unit; `relative` is the same as a fraction of the
 * screen's value. Between the tolerance and `alarm` the verdict is YELLOW.
 */
const KPIS = [
  { name: 'lead_count', kind: 'sales', tolerance: '0' },
  { name: 'lead_job_count', kind: 'sales', tolerance: '0' },
  { name: 'num_estimates', kind: 'sales', tolerance: '0' },
  { name: 'sales_opportunities', kind: 'sales', tolerance: '1' },
  { name: 'closed_opportunities', kind: 'sales', tolerance: '1' },
  {
    name: 'close_rate_percent',
    kind: 'sales',
    numerator: 'closed_opportunities',
    denominator: 'sales_opportunities',
    tolerance: '0.05',
  },
  { name: 'total_booked', kind: 'sales', tolerance: '0.01' },
  { name: 'dollars_produced', kind: 'production', tolerance: '0.01' },
  { name: 'dollars_collected', kind: 'production', tolerance: '0.01' },
  {
    name: 'gpm_percent',
    kind: 'production',
    numerator: 'gross_profit',
    denominator: 'dollars_produced',
    tolerance: '0.5',
    alarm: '2',
  },
  {
    name: 'warranty_percent',
    kind: 'production',
    numerator: 'warranty_cost',
    denominator: 'dollars_produced',
    tolerance: '0.05',
  },
  { name: 'future_bookings', kind: 'production', isSnapshot: true, tolerance: '0', relative: '0.01' },
  {
    name: 'future_bookings_after_today',
    kind: 'production',
    isSnapshot: true,
    tolerance: '0',
    relative: '0.01',
  },
  { name: 'outstanding_ar', kind: 'production', isSnapshot: true, tolerance: '0', relative: '0.01' },
];

/** KPIs that have a value only on dates with a snapshot. They add up over units, never over days. */
const SNAPSHOTS = KPIS.filter(({ isSnapshot }) => isSnapshot).map(({ name }) => name);

/** Entities that give a job's start day, and entities that give its material cost. */
const STARTED = ['jobs', 'appointments'];
const MATERIAL = ['purchase_orders', 'invoices', 'inventory_bills'];

/**
 * The measures of int_daily_measures: each comes from an aggregate by day and unit, and is NULL instead of 0 until all
 * entities it needs are loaded.
 */
const MEASURES = [
  { name: 'lead_count', kind: 'sales', aggregate: 'leads', needs: ['jobs', 'job_types', 'customers'] },
  { name: 'lead_job_count', kind: 'sales', aggregate: 'leads', needs: ['jobs', 'job_types', 'customers'] },
  { name: 'num_estimates', kind: 'sales', aggregate: 'completed_estimates', needs: ['jobs', 'job_types'] },
  // Revenue alone makes an opportunity, but only an estimate closes one.
  {
    name: 'sales_opportunities',
    kind: 'sales',
    aggregate: 'opportunities',
    needs: ['jobs', 'estimates', 'invoices'],
  },
  { name: 'closed_opportunities', kind: 'sales', aggregate: 'opportunities', needs: ['jobs', 'estimates'] },
  { name: 'total_booked', kind: 'sales', aggregate: 'booked', needs: ['jobs', 'estimates'] },
  { name: 'dollars_produced', kind: 'production', aggregate: 'produced', needs: [...STARTED, 'invoices'] },
  { name: 'dollars_invoiced', kind: 'production', aggregate: 'invoiced', needs: ['jobs', 'invoices'] },
  { name: 'labor_cost', kind: 'production', aggregate: 'produced', needs: [...STARTED, 'gross_pay_items'] },
  { name: 'material_cost', kind: 'production', aggregate: 'produced', needs: [...STARTED, ...MATERIAL] },
  { name: 'return_amount', kind: 'production', aggregate: 'produced', needs: [...STARTED, 'returns'] },
  {
    name: 'warranty_cost',
    kind: 'production',
    aggregate: 'produced',
    needs: [...STARTED, 'job_types', 'gross_pay_items', ...MATERIAL, 'returns'],
  },
  { name: 'dollars_collected', kind: 'production', aggregate: 'collected', needs: ['payments', 'invoices'] },
];

/** Columns of the mart that add up from days to weeks. */
const ADDITIVE = [
  'lead_job_count',
  'num_estimates',
  'sales_opportunities',
  'closed_opportunities',
  'total_booked',
  'dollars_produced',
  'dollars_invoiced',
  'labor_cost',
  'material_cost',
  'return_amount',
  'gross_profit',
  'warranty_cost',
  'dollars_collected',
];

/** Published columns of a kind of unit, in order. */
function columnsOf(kind) {
  return kind === 'sales'
    ? [
        'lead_count',
        'lead_job_count',
        'num_estimates',
        'sales_opportunities',
        'closed_opportunities',
        'close_rate_percent',
        'total_booked',
      ]
    : [
        'dollars_produced',
        'dollars_invoiced',
        'labor_cost',
        'material_cost',
        'return_amount',
        'gross_profit',
        'gpm_percent',
        'warranty_cost',
        'warranty_percent',
        'dollars_collected',
        ...SNAPSHOTS,
      ];
}

/**
 * The table of events behind each additive column, summed by date and business unit. It proves that the mart lost no event
 * and counted none twice.
 */
function stageTotals() {
  const total = (column, table, date, { amount = '1', where = 'true' } = {}) => ({
    ...{ column, table, date, amount, where },
  });
  const completed = "in_kpi_set and kind = 'sales' and is_estimate and job_status = 'Completed'";
  const production = "in_kpi_set and kind = 'production'";
  const produced = `${production} and not ${isExcludedFromProduction('job_type_name')}`;
  const ofJobs = (column, amount) =>
    total(column, 'int_job_facts', 'job_start_date', { amount, where: produced });
  return [
    total('lead_job_count', 'int_leads', 'event_date'),
    total('num_estimates', 'int_job_facts', 'completed_date', { where: completed }),
    total('sales_opportunities', 'int_opportunities', 'event_date'),
    total('closed_opportunities', 'int_opportunities', 'event_date', { where: 'is_closed' }),
    total('total_booked', 'int_booked', 'event_date', { amount: 'amount' }),
    ofJobs('dollars_produced', 'revenue'),
    total('dollars_invoiced', 'int_invoiced', 'event_date', { amount: 'amount', where: production }),
    ofJobs('labor_cost', 'labor_cost'),
    ofJobs('material_cost', 'material_cost'),
    ofJobs('return_amount', 'return_amount'),
    ofJobs('gross_profit', 'revenue - labor_cost - material_cost + return_amount'),
    ofJobs('warranty_cost', 'if(is_warranty, job_cost, 0)'),
    total('dollars_collected', 'int_collected', 'event_date', { amount: 'amount', where: production }),
  ];
}

/** Entities without which no KPI can be right. */
const NEEDED_ENTITIES = [
  'jobs',
  'appointments',
  'estimates',
  'invoices',
  'payments',
  'gross_pay_items',
  'purchase_orders',
  'inventory_bills',
  'returns',
  'customers',
  'job_types',
  'business_units',
];

/** A percentage with two decimals; NULL if the denominator is not positive. */
function percent(numerator, denominator) {
  return `round(100 * cast(${numerator} as numeric)
    / nullif(greatest(cast(${denominator} as numeric), 0), 0), 2)`;
}

/**
 * A value rounded to the decimals that the screen prints: none to two. The casts change nothing on BigQuery. On DuckDB
 * rounding gives a narrower type, and without the casts the first branch would cut the digits of the others.
 */
function roundedTo(value, decimals) {
  return `case
      when ${decimals} = 0 then cast(round(${value}, 0) as numeric)
      when ${decimals} = 1 then cast(round(${value}, 1) as numeric)
      else cast(round(${value}, 2) as numeric)
    end`;
}

function grossProfit(row) {
  return `(${row}.dollars_produced - ${row}.labor_cost - ${row}.material_cost + ${row}.return_amount)`;
}

/** Whether a KPI is taken from a saved report instead of the entities. */
function isFromReport(variable) {
  return dataform.projectConfig.vars[variable] === 'report';
}

/** The customer flag that leaves leads out: the substring rule of the screens, or the rule by whole words. */
function testCustomerFlag() {
  return dataform.projectConfig.vars.test_customer_rule === 'word'
    ? 'is_test_customer_word'
    : 'is_test_customer';
}

/** Whether production leaves a job type out: the variable lists names separated by `|`, none by default. */
function isExcludedFromProduction(name) {
  const excluded = dataform.projectConfig.vars.excluded_production_types.split('|').filter(Boolean);
  const list = excluded.map((type) => `'${type.replace(/'/g, "\\'")}'`).join(', ');
  return excluded.length > 0 ? `coalesce(${name} in (${list}), false)` : 'false';
}

module.exports = {
  KPIS,
  SNAPSHOTS,
  ADDITIVE,
  stageTotals,
  NEEDED_ENTITIES,
  MEASURES,
  columnsOf,
  percent,
  roundedTo,
  grossProfit,
  isFromReport,
  testCustomerFlag,
  isExcludedFromProduction,
};
