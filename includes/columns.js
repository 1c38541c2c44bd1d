/** The description of each published column, for all marts. */
const UNIT_COLUMNS = {
  business_unit: 'One of the twelve units of the six pairs.',
  region: 'Region code shared by both units of a pair.',
  kind: "sales or production; the other kind's columns are NULL.",
};

const KPI_COLUMNS = {
  lead_count:
    'Distinct customers with an estimate job created in the period, test customers left out. Days do not add up.',
  lead_job_count: 'Estimate jobs created in the period, test customers left out.',
  num_estimates: 'Estimate jobs completed in the period; no estimate record is required.',
  sales_opportunities: 'Jobs with an estimate or revenue, by first sale if closed, by completion if open.',
  closed_opportunities: 'Sales opportunities with a sold estimate.',
  close_rate_percent: '100 x closed_opportunities / sales_opportunities; NULL without an opportunity.',
  total_booked: 'Subtotals of sold estimates by the day they were sold, USD.',
  dollars_produced:
    'Subtotals of the active invoices of jobs that started in the period, all job statuses, USD.',
  dollars_invoiced:
    'Totals with tax of active invoices by invoice date, USD. Continues an older series and is not a KPI.',
  labor_cost: 'All gross pay of the jobs in dollars_produced, USD.',
  material_cost:
    'Purchase orders not canceled, material and equipment lines, bills without an order, of the jobs in dollars_produced, USD.',
  return_amount: 'Returned material of the jobs in dollars_produced, as a positive amount, USD.',
  gross_profit: 'dollars_produced - labor_cost - material_cost + return_amount, USD.',
  gpm_percent: '100 x gross_profit / dollars_produced; NULL where nothing was produced.',
  warranty_cost: 'Cost of warranty and touch-up jobs that started in the period, USD.',
  warranty_percent: '100 x warranty_cost / dollars_produced; NULL where nothing was produced.',
  dollars_collected: 'Payments applied to invoices of the unit, by Paid On, refunds negative, USD.',
  future_bookings:
    'Snapshot: invoiced subtotals of jobs, not canceled, that start from the Monday of the week to one year after the snapshot, USD.',
  future_bookings_after_today: 'Snapshot: future_bookings from the day after the snapshot on, USD.',
  outstanding_ar: 'Snapshot: net open balances per location, locations with a net below 10 left out, USD.',
};

module.exports = { UNIT_COLUMNS, KPI_COLUMNS };
