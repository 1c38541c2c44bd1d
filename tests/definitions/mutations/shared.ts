import type { Mutation } from './mutation.ts';

const inSet = 'coalesce(by_id.in_kpi_set, by_name.in_kpi_set, false) as in_kpi_set';
const unit = 'coalesce(by_id.normalised_name, by_name.normalised_name) as business_unit';

/** Wrong rules of units, weeks and versions, and of the snapshot KPIs. */
export const SHARED: readonly Mutation[] = [
  {
    name: 'units: the retired ones left out',
    model: 'int_business_units',
    from: inSet,
    to: "coalesce(by_id.in_kpi_set, by_name.in_kpi_set, false) and not coalesce(units.business_unit_name like 'Z-%', false) as in_kpi_set",
  },
  {
    name: 'units: 117043321 mapped to Commercial',
    model: 'int_business_units',
    from: unit,
    to: `if(units.business_unit_id = 117043321, 'Commercial-AZ-Production', coalesce(by_id.normalised_name, by_name.normalised_name)) as business_unit`,
  },
  {
    name: 'units: 901 not mapped',
    model: 'int_business_units',
    from: inSet,
    to: 'coalesce(by_id.in_kpi_set, by_name.in_kpi_set, false) and units.business_unit_id <> 901 as in_kpi_set',
  },
  {
    name: 'units: those outside the six pairs counted',
    model: 'int_business_units',
    from: inSet,
    to: 'true as in_kpi_set',
  },
  {
    name: 'units: rows for those outside the six pairs',
    model: 'int_kpi_units',
    from: 'where reference.in_kpi_set',
    to: 'where reference.normalised_name is not null',
  },
  {
    name: 'weeks: from Sunday',
    model: 'int_calendar',
    from: 'week(monday)',
    to: 'week(sunday)',
  },
  {
    name: 'weeks: 365 days back',
    model: 'weekly_kpis_yoy',
    from: 'interval 364 day',
    to: 'interval 365 day',
  },
  {
    name: 'receivables: voided invoices counted',
    model: 'int_invoiced',
    from: 'where invoices.is_active',
    to: '',
  },
  {
    name: 'receivables: invoices without a date counted',
    model: 'int_receivables',
    from: "if(invoiced.event_date <= date '2025-10-27', invoiced.open_balance, 0)",
    to: "if(coalesce(invoiced.event_date <= date '2025-10-27', true), invoiced.open_balance, 0)",
  },
  {
    name: 'receivables: invoices dated after the run date counted',
    model: 'int_receivables',
    from: "if(invoiced.event_date <= date '2025-10-27', invoiced.open_balance, 0)",
    to: 'if(invoiced.event_date is not null, invoiced.open_balance, 0)',
  },
  {
    name: 'receivables: credits left out',
    model: 'int_receivables',
    from: 'invoiced.open_balance <> 0',
    to: 'invoiced.open_balance > 0',
  },
  {
    name: 'future bookings: a row per appointment (fan-out)',
    model: 'int_future_bookings',
    from: 'from {int_job_facts} as jobs',
    to: 'from {int_job_facts} as jobs join {stg_invoices} as fan on fan.business_unit_id = jobs.business_unit_id and fan.invoice_date = jobs.created_date',
  },
  {
    name: 'future bookings: invoice date in the future',
    model: 'int_future_bookings',
    from: 'and jobs.job_start_date >= date_trunc',
    to: 'and jobs.job_id in (select i.job_id from {stg_invoices} as i where i.invoice_date > jobs.created_date) and jobs.job_start_date > date_trunc',
  },
  {
    name: 'future bookings: from the day after only',
    model: 'int_future_bookings',
    from: 'jobs.job_start_date >= date_trunc',
    to: 'jobs.job_start_date > date_trunc',
  },
  {
    name: 'future bookings: without an end',
    model: 'int_future_bookings',
    from: 'interval 1 year',
    to: 'interval 2 year',
  },
  {
    name: 'future bookings: read from Sales units',
    model: 'int_future_bookings',
    from: "jobs.kind in ('production', 'both')",
    to: "jobs.kind in ('sales', 'both')",
  },
  {
    name: 'snapshots: repeated on each date',
    model: 'int_last_snapshots',
    from: 'on periods.calendar_date = snapshots.snapshot_date',
    to: 'on true',
  },
];
