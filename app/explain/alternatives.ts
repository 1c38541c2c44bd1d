import type { Kpi } from '../report/kpis.ts';
import { RULES } from '../report/rules.ts';

/** How a number selects and adds up its records: SQL over the columns of a pool (facts.ts). */
export interface Rule {
  /** Local day on which a record counts. */
  readonly date: string;
  readonly where: string;
  readonly amount: string;
}

/** Another definition of the KPIs of a model: the parts of the rule that it changes. */
export interface Alternative extends Partial<Rule> {
  /** The model of the facts. */
  readonly model: string;
  readonly name: string;
  /** The KPI that it changes; all that are computed from the model if absent. */
  readonly kpi?: string;
  /** Whether it is ServiceTitan's own definition, by its help. The others were in use or proposed. */
  readonly isVendor?: true;
  /** What stands for a condition of the KPI's row, such as `is_closed`. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Why it is not ours. */
  readonly why: string;
}

export const local = (instant: string) => `{day:${instant}}`;
const utc = (instant: string) => `{utc_day:${instant}}`;
const SALES = "in_kpi_set AND kind IN ('sales', 'both')";
const PRODUCTION = "in_kpi_set AND kind IN ('production', 'both')";
const PRODUCED = `${PRODUCTION} AND NOT is_excluded`;
const DAYS = "days of the screens begin at midnight in the tenant's zone";

/** Rows of one model. */
function of(model: string, rows: readonly Omit<Alternative, 'model'>[]): readonly Alternative[] {
  return rows.map((row) => ({ model, ...row }));
}

/** Material under ServiceTitan's other settings of job costing: columns of int_job_costing. */
function otherCosting({ costing_source, costing_tax }: typeof RULES): readonly Omit<Alternative, 'model'>[] {
  const own = { purchase_orders: 'orders', receipts: 'receipts', bills: 'bills' }[costing_source] ?? 'orders';
  const isUntaxed = costing_tax === 'off';
  const column = (source: string, untaxed: boolean) => `material_by_${source}${untaxed ? '_untaxed' : ''}`;
  const others = ['orders', 'receipts', 'bills'].filter((source) => source !== own);
  return [
    ...others.map((source) => [`material by ${source}`, column(source, isUntaxed)]),
    [isUntaxed ? 'material with tax' : 'material without tax', column(own, !isUntaxed)],
  ].map(([name = '', cost = '']) => ({
    name,
    kpi: 'gross_profit',
    isVendor: true,
    amount: `revenue - job_cost + material_cost - ${cost}`,
    why: 'a setting of the tenant; its own is in dataform.json',
  }));
}

/** Whether a definition is another one of this KPI. */
export function changes({ model, kpi }: Alternative, { from, name }: Pick<Kpi, 'from' | 'name'>): boolean {
  return model === from && (kpi ?? name) === name;
}

/**
 * All alternative definitions. `explain` and the report compute them, docs/kpis.md lists them, and a test puts each into the
 * models and requires that a screen value or an assertion turns RED.
 */
export const ALTERNATIVES: readonly Alternative[] = [
  ...of('int_leads', [
    { name: 'creation dated in world time (UTC)', date: utc('created_at'), why: DAYS },
    {
      name: 'test customers counted',
      where: `${SALES} AND is_estimate`,
      why: 'the screen leaves them out',
    },
    {
      name: 'all job types',
      where: `${SALES} AND NOT is_test_customer`,
      why: 'the screen lists estimate jobs',
    },
    {
      name: 'without commercial types',
      where: "is_counted AND lower(type) NOT LIKE '%comm%'",
      why: 'the screen counts 22 of Commercial',
    },
    { name: 'by completion', date: 'completed_date', why: 'gives 190, the completed estimates' },
  ]),
  ...of('int_completed_estimates', [
    { name: 'completion dated in world time (UTC)', date: utc('completed_at'), why: DAYS },
    {
      name: 'canceled jobs with a completion counted',
      where: `${SALES} AND is_estimate`,
      why: 'a canceled visit was not made',
    },
    { name: 'all job types', where: `${SALES} AND status = 'Completed'`, why: 'gives 191 instead of 190' },
    {
      name: 'only jobs with an estimate',
      where: 'is_counted AND has_estimate',
      why: 'gives 187 instead of 190',
    },
  ]),
  ...of('int_booked', [
    {
      name: 'sale dated in world time (UTC)',
      date: utc('sold_at'),
      why: 'gives 17,230.00 instead of 27,150.00 for Nevada',
    },
    { name: 'by creation of the estimate', date: local('created_at'), why: 'screens go by the sale' },
    { name: 'by creation of the job', date: 'created_date', why: 'screens go by the sale' },
    { name: 'by completion of the job', date: 'completed_date', why: 'screens go by the sale' },
    { name: 'deleted estimates counted', where: `${SALES} AND status = 'Sold'`, why: 'nobody bought them' },
    {
      name: 'all statuses, by sale or creation',
      date: local('coalesce(sold_at, created_at)'),
      where: `${SALES} AND is_active`,
      why: 'an open estimate is no sale',
    },
    {
      name: 'estimate job types only',
      where: 'is_counted AND is_estimate',
      why: 'other jobs are sold too, and the screens count them',
    },
  ]),
  ...of('int_opportunities', [
    {
      name: "ServiceTitan's rule",
      isVendor: true,
      date: 'vendor_date',
      where: 'vendor_date IS NOT NULL',
      instead: { is_closed: 'vendor_closed' },
      why: 'no screen decides between the two rules yet; see above',
    },
    {
      name: 'sale dated in world time (UTC)',
      date: `coalesce(${utc('first_sold_at')}, counted_on)`,
      why: DAYS,
    },
    {
      name: 'by completion only',
      date: 'coalesce(completed_date, counted_on)',
      why: '76 of 76 closed jobs count on the day of the sale',
    },
    {
      name: 'visits without charge counted',
      where: `${SALES} AND status <> 'Canceled'`,
      why: 'they are no chance to sell',
    },
    {
      name: 'estimate job types only',
      where: 'is_counted AND is_estimate',
      why: 'the screen of this number shows all types (76 of 202)',
    },
  ]),
  ...of('int_produced', [
    {
      name: 'completed jobs only',
      where: "is_counted AND status = 'Completed'",
      why: 'the October export contains unfinished jobs',
    },
    { name: 'by invoice date', date: 'invoice_date', why: 'the report goes by the start of the job' },
    { name: 'by completion', date: 'completed_date', why: 'the report goes by the start of the job' },
    {
      name: 'inspections and washing left out',
      where: `${PRODUCTION} AND coalesce(lower(type) NOT LIKE '%inspection%' AND lower(type) NOT LIKE '%washing%', true)`,
      why: 'the October export contains them',
    },
    ...otherCosting(RULES),
  ]),
  ...of('int_collected', [
    {
      name: 'by day of entry in world time (UTC)',
      date: utc('created_at'),
      why: 'the report goes by Paid On',
    },
    { name: 'by the day of application', date: local('applied_at'), why: 'the report goes by Paid On' },
    { name: 'voided payments counted', where: PRODUCTION, why: 'nobody paid them' },
    { name: 'refunds left out', where: 'is_counted AND amount > 0', why: 'the report subtracts them' },
  ]),
  ...of('int_future_bookings', [
    {
      name: 'canceled jobs counted',
      where: `${PRODUCED} AND job_start_date >= DATE '{run_week}' AND job_start_date <= DATE '{run_date}' + INTERVAL 1 YEAR`,
      why: 'canceled work is not planned',
    },
    {
      name: 'by invoice date after the run date',
      where: `${PRODUCED} AND invoice_date > DATE '{run_date}'`,
      why: 'the board goes by the start of the job',
    },
  ]),
  ...of('int_receivables', [
    {
      name: "ServiceTitan's net of unapplied payments",
      isVendor: true,
      where: 'id IS NOT NULL AND net_amount - unapplied_amount >= {receivables_minimum}',
      amount: 'net_amount - unapplied_amount',
      why: 'deposits are shown beside; no screen was read with its time yet',
    },
    {
      name: 'posted and exported invoices only',
      where: 'id IS NOT NULL AND posted_amount >= {receivables_minimum}',
      amount: 'posted_amount',
      why: 'an invoice is owed before accounting has it',
    },
    {
      name: 'invoices without a date and later ones counted',
      where: 'id IS NOT NULL AND net_amount + not_yet_owed_amount >= {receivables_minimum}',
      amount: 'net_amount + not_yet_owed_amount',
      why: 'they are not owed yet; ServiceTitan leaves them out',
    },
    {
      name: 'without the limit',
      where: 'id IS NOT NULL',
      amount: 'net_amount',
      why: 'the report keeps locations of 10.00 or more',
    },
    {
      name: 'including amounts without a location',
      where: 'has_minimum OR id IS NULL',
      amount: 'net_amount',
      why: 'the report drops them',
    },
  ]),
];
