import { local } from './alternatives.ts';

/** The records that a KPI may count: those of its model, and those that an alternative definition may count. */
export interface KpiSource {
  /** Entity of the records; its raw table names their landed pages. */
  readonly entity: string;
  /**
   * A query over the stage schema `{stage}`, one row per record: id, job_id, own_customer, own_unit, happened_at (an instant
   * or a plain date), status, and whatever the alternatives and the KPI's `amount` and `where` read.
   */
  readonly pool: string;
  /** How a row of the model `counted`, whose record is `record`, belongs to a row of the `pool`; by its id if absent. */
  readonly on?: string;
  /** Local day on which a record would count that the model does not count. */
  readonly day: string;
}

const JOB_POOL = `
  SELECT j.job_id AS id, j.job_id, coalesce(c.surviving_customer_id, j.customer_id) AS own_customer,
    j.business_unit AS own_unit, j.kind, j.in_kpi_set, j.job_status AS status, j.job_type_name AS type, j.is_estimate,
    j.is_warranty, j.is_excluded_from_production AS is_excluded, coalesce(c.{is_test}, false) AS is_test_customer, s.created_at, s.completed_at, j.created_date,
    j.completed_date, j.job_start_date, j.revenue, j.labor_cost, j.material_cost, j.return_amount, j.job_cost,
    j.revenue AS amount, j.job_start_date > DATE '{run_date}' AS is_after_today,
    EXISTS (SELECT 1 FROM {stage}.stg_estimates AS e WHERE e.job_id = j.job_id AND e.is_active) AS has_estimate,
    (SELECT min(i.invoice_date) FROM {stage}.stg_invoices AS i WHERE i.job_id = j.job_id) AS invoice_date
  FROM {stage}.int_job_facts AS j
  JOIN {stage}.stg_jobs AS s ON s.job_id = j.job_id
  LEFT JOIN {stage}.int_customers AS c ON c.customer_id = j.customer_id`;

const leads: KpiSource = {
  entity: 'jobs',
  pool: `SELECT *, created_at AS happened_at FROM (${JOB_POOL})`,
  day: local('created_at'),
};

const completedEstimates: KpiSource = {
  entity: 'jobs',
  pool: `SELECT *, completed_at AS happened_at FROM (${JOB_POOL})`,
  day: local('completed_at'),
};

const booked: KpiSource = {
  entity: 'estimates',
  pool: `
    SELECT e.estimate_id AS id, e.job_id, j.customer_id AS own_customer, j.business_unit AS own_unit, j.kind, j.in_kpi_set,
      e.estimate_status AS status, e.is_active, e.sold_at AS happened_at, e.sold_at, e.created_at, j.created_date,
      j.completed_date, j.is_estimate, coalesce(e.subtotal, 0) AS amount
    FROM {stage}.stg_estimates AS e
    JOIN {stage}.int_job_facts AS j ON j.job_id = e.job_id`,
  day: local('sold_at'),
};

const opportunities: KpiSource = {
  entity: 'jobs',
  pool: `
    SELECT p.*, o.is_closed, v.is_closed AS vendor_closed, v.event_date AS vendor_date,
      coalesce(sold.sold_amount, 0) AS sold_amount, coalesce(sold.first_sold_at, p.completed_at) AS happened_at,
      sold.first_sold_at
    FROM (${JOB_POOL}) AS p
    LEFT JOIN {stage}.int_opportunities AS o ON o.job_id = p.id
    LEFT JOIN {stage}.int_vendor_opportunities AS v ON v.job_id = p.id
    LEFT JOIN (
      SELECT job_id, min(sold_at) AS first_sold_at, sum(subtotal) AS sold_amount FROM {stage}.stg_estimates
      WHERE is_active AND estimate_status = 'Sold' GROUP BY job_id
    ) AS sold ON sold.job_id = p.id`,
  day: 'completed_date',
};

const produced: KpiSource = {
  entity: 'jobs',
  pool: `
    SELECT p.*, job_start_date AS happened_at, c.material_by_orders, c.material_by_receipts, c.material_by_bills,
      c.material_by_orders_untaxed, c.material_by_receipts_untaxed, c.material_by_bills_untaxed
    FROM (${JOB_POOL}) AS p
    JOIN (
      SELECT job_id, material_by_orders, material_by_receipts, material_by_bills, material_by_orders_untaxed,
        material_by_receipts_untaxed, material_by_bills_untaxed
      FROM {stage}.int_job_costing
    ) AS c ON c.job_id = p.id`,
  day: 'job_start_date',
};

const collected: KpiSource = {
  entity: 'payments',
  pool: `
    SELECT s.payment_split_id AS split_id, s.payment_id AS id, i.job_id, i.customer_id AS own_customer,
      c.business_unit AS own_unit, c.kind, c.in_kpi_set, CASE WHEN p.is_active THEN 'active' ELSE 'voided' END AS status,
      p.paid_on_date, p.paid_on_date AS happened_at, p.created_at, s.applied_at, coalesce(s.applied_amount, 0) AS amount
    FROM {stage}.stg_payment_splits AS s
    JOIN {stage}.stg_payments AS p ON p.payment_id = s.payment_id
    LEFT JOIN {stage}.stg_invoices AS i ON i.invoice_id = s.invoice_id
    LEFT JOIN (
      SELECT i.invoice_id,
        CASE WHEN i.business_unit_id IS NULL THEN j.business_unit ELSE u.business_unit END AS business_unit,
        CASE WHEN i.business_unit_id IS NULL THEN j.kind ELSE u.kind END AS kind,
        coalesce(CASE WHEN i.business_unit_id IS NULL THEN j.in_kpi_set ELSE u.in_kpi_set END, false) AS in_kpi_set
      FROM {stage}.stg_invoices AS i
      LEFT JOIN {stage}.int_business_units AS u ON u.business_unit_id = i.business_unit_id
      LEFT JOIN {stage}.int_job_facts AS j ON j.job_id = i.job_id
    ) AS c ON c.invoice_id = s.invoice_id`,
  on: 'counted.payment_split_id = pool.split_id',
  day: 'paid_on_date',
};

const booking: KpiSource = {
  entity: 'jobs',
  pool: `SELECT *, job_start_date AS happened_at FROM (${JOB_POOL})`,
  day: "DATE '{run_date}'",
};

const receivable: KpiSource = {
  entity: 'locations',
  pool: `
    SELECT coalesce(r.location_id, u.location_id) AS id, NULL AS job_id, NULL AS own_customer,
      coalesce(r.business_unit, u.business_unit) AS own_unit, NULL AS happened_at,
      CASE WHEN r.is_counted THEN 'counted' ELSE 'left out' END AS status, coalesce(r.is_counted, false) AS has_minimum,
      coalesce(r.net_amount, 0) AS net_amount, coalesce(r.posted_amount, 0) AS posted_amount,
      coalesce(r.not_yet_owed_amount, 0) AS not_yet_owed_amount, coalesce(u.unapplied_amount, 0) AS unapplied_amount
    FROM {stage}.int_receivables AS r
    FULL JOIN {stage}.int_unapplied_payments AS u
      ON u.location_id = r.location_id AND u.business_unit = r.business_unit`,
  on: 'counted.location_id = pool.id AND counted.business_unit = pool.own_unit',
  day: "DATE '{run_date}'",
};

/** The records by the model of the facts. */
export const SOURCES: Readonly<Record<string, KpiSource>> = {
  int_leads: leads,
  int_completed_estimates: completedEstimates,
  int_booked: booked,
  int_opportunities: opportunities,
  int_produced: produced,
  int_collected: collected,
  int_future_bookings: booking,
  int_receivables: receivable,
};
