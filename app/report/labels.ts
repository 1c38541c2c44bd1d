/** A number of the mart as people call it, and how it is written. */
export interface Label {
  readonly label: string;
  readonly unit: 'usd' | 'percent' | 'count';
  /** What it counts, in one sentence; only of the ten KPIs. */
  readonly meaning?: string;
}

const usd = (label: string, meaning?: string): Label => ({ label, unit: 'usd', ...(meaning && { meaning }) });
const percent = (label: string, meaning: string): Label => ({ label, unit: 'percent', meaning });
const count = (label: string, meaning?: string): Label => ({
  label,
  unit: 'count',
  ...(meaning && { meaning }),
});

/** Every number that people see, by its column in the mart. Page, terminal, message and explanation take the names from here. */
export const LABELS: Readonly<Record<string, Label>> = {
  lead_count: count('Leads', 'Customers who asked for an estimate, by the day of the request.'),
  num_estimates: count('Estimates', 'Estimate visits that were completed, by the day of completion.'),
  close_rate_percent: percent('Close rate', 'Sales opportunities that were won, in percent.'),
  total_booked: usd('Booked', 'Sold estimates, by the day of the sale.'),
  dollars_produced: usd('Produced', 'Invoices of jobs before tax, by the day on which the job started.'),
  gpm_percent: percent('Gross margin', 'Produced less labor and material, in percent of produced.'),
  warranty_percent: percent('Warranty', 'Cost of warranty jobs, in percent of produced.'),
  dollars_collected: usd('Collected', 'Payments applied to invoices, by the day they were paid.'),
  future_bookings: usd('Future bookings', 'Jobs planned from this week on for a year, as of a day.'),
  outstanding_ar: usd('Receivables', 'Open balances of 10 dollars or more per location, as of a day.'),
  lead_job_count: count('Lead jobs'),
  sales_opportunities: count('Opportunities'),
  closed_opportunities: count('Closed sales'),
  dollars_invoiced: usd('Invoiced'),
  labor_cost: usd('Labor'),
  material_cost: usd('Material'),
  return_amount: usd('Returns'),
  gross_profit: usd('Gross profit'),
  warranty_cost: usd('Warranty cost'),
  future_bookings_after_today: usd('Future bookings after today'),
};

/** `total_booked` as `Booked`; a name without a label as it is, with blanks. */
export function kpiTitle(kpi: string): string {
  const words = kpi.replaceAll('_', ' ');
  return LABELS[kpi]?.label ?? words.charAt(0).toUpperCase() + words.slice(1);
}
