import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Inputs, openPlanted } from './planted.ts';

/** The inputs of an assertion with one planted fault, and the same inputs without it. */
interface Planted {
  readonly inputs: Inputs;
  readonly sound: Inputs;
  /** Variables for compiling the project. */
  readonly variables?: Readonly<Record<string, string>>;
}

const log = (counts: string, times = "timestamp '2025-10-27 10:00:00+00'") =>
  `select 'jobs' as entity, 'run' as run_id, 'success' as status, ${counts}, ${times} as start_time, ${times} as end_time, date(${times}) as run_date`;
const receipt = (read: number, landed: number, rejected = 0) =>
  log(
    `'incremental' as mode, cast(null as int64) as records_source, ${read} as records_read, ${landed} as records_landed, ${landed} as records_loaded, ${landed} as records_visible, ${landed} as records_new, ${rejected} as records_rejected`,
  );
/** The same log row for another entity or at another time. */
const of = (entity: string, log: string) => log.replace("'jobs'", `'${entity}'`);
const on = (instant: string, log: string) => log.replaceAll('2025-10-27 10', instant);
const stale = on('2025-10-26 10', of('estimates', receipt(1, 1)));
const unit = "select 'Tucson-Sales' as business_unit, 'sales' as kind, 'TUC' as region";
const day = (date: string, name = 'Tucson-Sales') =>
  `select date '${date}' as event_date, '${name}' as business_unit, 'sales' as kind`;
const values = (verdict: string) =>
  `select date '2025-08-18' as period_start, date '2025-08-18' as period_end, 'ALL' as business_unit, 'total_booked' as kpi, numeric '1' as ui_value, numeric '1' as our_value, numeric '0' as difference, '${verdict}' as verdict, '' as reason`;
const sold = (at: string) =>
  `select 1 as estimate_id, 7 as job_id, numeric '10' as subtotal, true as is_active, 'Sold' as estimate_status, ${at} as sold_at`;
const at = "timestamp '2025-08-18 16:00:00+00'";
const VENDOR = {
  stg_estimates: sold(at),
  stg_jobs: 'select 7 as job_id, 5 as job_type_id',
  stg_job_types: "select 5 as job_type_id, numeric '20' as sold_threshold",
  int_job_facts:
    "select 7 as job_id, 'Tucson-Sales' as business_unit, 'sales' as kind, true as in_kpi_set, 'Completed' as job_status, false as is_no_charge_flag, date '2025-08-17' as completed_date",
};
const vendorOpportunity = (isClosed: boolean) =>
  `select 7 as job_id, 'Tucson-Sales' as business_unit, ${isClosed} as is_closed, date '2025-08-17' as event_date`;
const split = (business_unit: string) =>
  `select 1 as payment_split_id, 2 as payment_id, 3 as invoice_id, date '2025-08-18' as event_date, numeric '5' as amount, ${business_unit} as business_unit`;
const type = (name: string, isKnown = true) =>
  `select 1 as job_type_id, '${name}' as job_type_name, ${isKnown} as is_known, true as is_estimate, false as is_warranty, true as is_estimate_by_name, true as is_estimate_by_reference, true as is_in_wbr_list`;
const units = (rest: string) => `select 1 as business_unit_id, ${rest}`;
const job = (fields: string) => `select 7 as job_id, ${fields}`;
const snapshot = (date: string, kpi = 'future_bookings') =>
  `select date '${date}' as snapshot_date, 'Tucson-Production' as business_unit, '${kpi}' as kpi, numeric '1' as value`;
const production = "select 'Tucson-Production' as business_unit, 'production' as kind";
const appointments = (named: string) =>
  `select 7 as job_id, 1 as appointment_id, ${at} as start_at, true as is_active, false as is_unused union all select 7, 2, timestamp '${named}', true, false`;
const rejected = (rows: string) => `select 'jobs' as entity, 'broken' as errors from unnest([${rows}]) as n`;

/** One run of jobs per night with its number of new versions, the latest last. */
const nights = (...news: readonly number[]) =>
  news
    .map((count, i) => {
      const date = new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10);
      return `select 'jobs' as entity, date '${date}' as run_date, 'success' as status, 'incremental' as mode, ${count} as records_new`;
    })
    .join(' union all ');
/** Weeks without a record on Sundays. */
const weeks = (count: number, aDay = 40) =>
  Array.from({ length: count }, () => [...Array<number>(6).fill(aDay), 0]).flat();
const vanished = (condition: string) =>
  `select 'jobs' as entity, '1' as record_id, 'not found by its id' as evidence, ${at} as found_at from (select 1) where ${condition}`;

const invoices = (job: string) =>
  `select 3 as invoice_id, ${job} as job_id, date '2025-10-01' as invoice_date`;
const LINKED: Inputs = {
  stg_invoices: invoices('7'),
  stg_jobs: 'select 7 as job_id',
  stg_payments: "select 2 as payment_id, date '2025-10-01' as paid_on_date",
  stg_payment_splits: 'select 2 as payment_id, 3 as invoice_id',
  stg_estimates: `select 7 as job_id, ${at} as created_at`,
};
const UNITS: Inputs = {
  reference_business_units:
    "select 'Tucson-Sales' as normalised_name, 'sales' as kind, 'TUC' as region, true as in_kpi_set union all select 'Elsewhere', 'sales', 'ELSE', false",
  daily_kpis: unit,
  int_business_units: `select units.*, true as in_kpi_set from (${unit}) as units`,
};
const REPORTS = (day: string): Inputs => ({
  stg_ar_report: `select date '${day}' as as_of`,
  stg_collections_report: "select date '2025-10-01' as read_to",
});
const payment = (total: number, unapplied: number, isActive = true) =>
  `select 2 as payment_id, date '2025-10-01' as paid_on_date, numeric '${total}' as total, numeric '${unapplied}' as unapplied_amount, ${isActive} as is_active`;
const part = (amount: number, payment = 2) =>
  `select ${payment} as payment_id, numeric '${amount}' as applied_amount`;
const invoice = (id: number, job: number, amount: number) =>
  `select ${id} as invoice_id, ${job} as job_id, date '2025-10-01' as invoice_date, numeric '${amount}' as subtotal, numeric '${amount}' as total, numeric '${amount}' as balance, true as is_active`;
const year = (monday: string) =>
  `select date '${monday}' as week_start, date_sub(date '${monday}', interval 364 day) as week_start_year_before`;
/** A cost of each kind on job 7. */
const costs = (jobs: string): Inputs => ({
  stg_jobs: jobs,
  stg_gross_pay_items:
    "select 1 as gross_pay_item_id, 7 as job_id, numeric '10' as amount, numeric '0' as amount_adjustment, true as is_active",
  stg_purchase_orders:
    "select 1 as purchase_order_id, 7 as job_id, 'Sent' as purchase_order_status, numeric '10' as total",
  stg_receipts: "select 1 as receipt_id, 7 as job_id, numeric '10' as receipt_amount, true as is_active",
  stg_invoice_items:
    "select 3 as invoice_id, 7 as job_id, true as is_invoice_active, 'Material' as item_type, numeric '10' as total_cost",
  stg_inventory_bills:
    "select 1 as inventory_bill_id, 7 as job_id, numeric '10' as bill_amount, true as is_active, cast(null as int64) as purchase_order_id",
  stg_returns:
    "select 1 as return_id, 7 as job_id, numeric '10' as return_amount, true as is_active, 'Pending' as return_status, cast(null as timestamp) as canceled_at",
});

/** A produced job and a completed estimate, as the models count them. */
const jobFacts =
  "select 7 as job_id, 'Tucson-Production' as business_unit, 'production' as kind, true as in_kpi_set, false as is_estimate, 'Hold' as job_status, false as is_excluded_from_production, date '2025-10-27' as job_start_date, date '2025-10-28' as completed_date, numeric '100' as revenue, numeric '40' as job_cost union all select 8, 'Tucson-Sales', 'sales', true, true, 'Completed', false, null, date '2025-10-28', numeric '0', numeric '0'";
const produced =
  "select 7 as job_id, date '2025-10-27' as event_date, 'Tucson-Production' as business_unit, numeric '100' as revenue, numeric '40' as job_cost";
const estimates = "select 8 as job_id, date '2025-10-28' as event_date, 'Tucson-Sales' as business_unit";

const PLANTED: Readonly<Record<string, Planted>> = {
  assert_receipts_agree: {
    inputs: { ingestion_logs: receipt(10, 9) },
    sound: { ingestion_logs: receipt(10, 9, 1) },
  },
  assert_rejected_records_few: {
    inputs: { ingestion_logs: receipt(100, 99, 1) },
    sound: { ingestion_logs: receipt(5000, 4999, 1) },
  },
  assert_no_record_rejected: {
    inputs: { rejected_records: rejected('1') },
    sound: { rejected_records: `${rejected('1')} where n > 1` },
  },
  assert_entities_fresh: {
    inputs: {
      // A replay of today does not count as reading the entity.
      ingestion_logs: `${receipt(1, 1)} union all ${stale} union all ${of('estimates', receipt(1, 1)).replace('incremental', 'replay')}`,
    },
    sound: { ingestion_logs: `${stale} union all ${of('estimates', receipt(1, 1))}` },
  },
  assert_feeds_not_silent: {
    inputs: { ingestion_logs: nights(...weeks(4), 0, 0, 0) },
    sound: { ingestion_logs: nights(...weeks(4), 0, 0) },
  },
  assert_feeds_as_full_as_usual: {
    inputs: { ingestion_logs: nights(...Array<number>(20).fill(30), 2) },
    sound: { ingestion_logs: nights(...Array<number>(20).fill(30), 3) },
  },
  assert_no_record_vanished: {
    inputs: { vanished_records: vanished('true') },
    sound: { vanished_records: vanished('false') },
  },
  assert_kpi_units_exist: {
    inputs: { int_kpi_units: `${unit}, false as is_mapped` },
    sound: { int_kpi_units: `${unit}, true as is_mapped` },
  },
  assert_screen_values_equal: {
    inputs: { kpi_reconciliation: values('RED') },
    sound: { kpi_reconciliation: values('GREEN') },
  },
  assert_screen_values_explained: {
    inputs: { kpi_reconciliation: values('YELLOW') },
    sound: { kpi_reconciliation: values('GREEN') },
  },
  assert_screen_values_exist: {
    inputs: {
      kpi_reconciliation: `${values('GREEN')} from (select 1 as n) where n > 1`,
      reference_ui_kpi_values: "select numeric '1' as ui_value, 'total_booked' as kpi",
    },
    // A tenant that has read no screen yet.
    sound: {
      kpi_reconciliation: `${values('GREEN')} from (select 1 as n) where n > 1`,
      reference_ui_kpi_values: "select numeric '1' as ui_value, 'board:jobs' as kpi",
    },
  },
  assert_sold_estimates_dated: {
    inputs: { stg_estimates: sold('cast(null as timestamp)') },
    sound: { stg_estimates: sold(at) },
  },
  assert_estimates_have_jobs: {
    inputs: { stg_estimates: sold(at), stg_jobs: 'select 8 as job_id' },
    sound: { stg_estimates: sold(at), stg_jobs: 'select 7 as job_id' },
  },
  assert_collections_assigned: {
    inputs: { int_collections: split('cast(null as string)') },
    sound: { int_collections: split("'Tucson-Production'") },
  },
  assert_customer_merges_end: {
    inputs: { int_customers: 'select 1 as customer_id, 5 as surviving_customer_id, true as is_merged_on' },
    sound: { int_customers: 'select 1 as customer_id, 5 as surviving_customer_id, false as is_merged_on' },
  },
  assert_location_merges_end: {
    inputs: { int_locations: 'select 1 as location_id, 5 as surviving_location_id, true as is_merged_on' },
    sound: { int_locations: 'select 1 as location_id, 5 as surviving_location_id, false as is_merged_on' },
  },
  assert_deposits_applied: {
    inputs: {
      stg_payments:
        "select 1 as payment_id, date '2025-08-18' as paid_on_date, numeric '5' as unapplied_amount, true as is_active",
    },
    sound: {
      stg_payments:
        "select 1 as payment_id, date '2025-08-18' as paid_on_date, numeric '0' as unapplied_amount, true as is_active",
    },
  },
  assert_job_types_known: {
    inputs: { int_job_types: type('Estimate- New', false) },
    sound: { int_job_types: type('Estimate- New') },
  },
  assert_jobs_have_known_type: {
    inputs: { stg_jobs: job('9 as job_type_id'), stg_job_types: 'select 1 as job_type_id' },
    sound: { stg_jobs: job('1 as job_type_id'), stg_job_types: 'select 1 as job_type_id' },
  },
  assert_units_mapped: {
    // One unit of the six pairs is no longer listed by the tenant, and one unit is not mapped.
    inputs: {
      int_business_units: units("cast(null as string) as source_name, 'id' as mapped_by, true as in_kpi_set"),
      int_job_facts: job("2 as business_unit_id, false as in_kpi_set, numeric '5' as revenue"),
    },
    sound: {
      // The second unit is left out by the reference and has no job.
      int_business_units: `${units("'Tucson' as source_name, 'id' as mapped_by, true as in_kpi_set")} union all select 3, 'Office', 'id', false`,
      int_job_facts: job("1 as business_unit_id, true as in_kpi_set, numeric '5' as revenue"),
    },
  },
  assert_first_appointments_agree: {
    inputs: {
      stg_jobs: job('2 as first_appointment_id'),
      stg_appointments: appointments('2025-08-20 16:00:00+00'),
    },
    sound: {
      stg_jobs: job('2 as first_appointment_id'),
      stg_appointments: appointments('2025-08-18 20:00:00+00'),
    },
  },
  assert_links_cover: {
    inputs: { ...LINKED, stg_invoices: invoices('8') },
    sound: LINKED,
  },
  assert_mart_only_known_units: {
    inputs: { ...UNITS, daily_kpis: `${unit} union all select 'Elsewhere', 'sales', 'ELSE'` },
    sound: UNITS,
  },
  assert_mart_covers_every_day: {
    inputs: { daily_kpis: `${day('2025-10-27')} union all ${day('2025-10-25')}`, int_kpi_units: unit },
    sound: { daily_kpis: `${day('2025-10-27')} union all ${day('2025-10-26')}`, int_kpi_units: unit },
  },
  assert_snapshots_complete: {
    inputs: { kpi_snapshots: snapshot('2025-10-26'), int_kpi_units: production },
    sound: {
      kpi_snapshots: ['future_bookings', 'future_bookings_after_today', 'outstanding_ar']
        .map((kpi) => snapshot('2025-10-27', kpi))
        .join(' union all '),
      int_kpi_units: production,
    },
  },
  assert_reports_read: {
    inputs: REPORTS('2025-10-26'),
    sound: REPORTS('2025-10-27'),
    variables: { ar_source: 'report' },
  },
  assert_payments_add_up: {
    inputs: { stg_payments: payment(100, 0), stg_payment_splits: part(40) },
    sound: { stg_payments: payment(100, 60), stg_payment_splits: part(40) },
  },
  assert_invoices_have_jobs: {
    inputs: { stg_invoices: invoice(3, 8, 100), stg_jobs: 'select 7 as job_id' },
    // A record without an amount counts in no KPI.
    sound: {
      stg_invoices: `${invoice(3, 7, 100)} union all ${invoice(4, 8, 0)}`,
      stg_jobs: 'select 7 as job_id',
    },
  },
  assert_costs_have_jobs: {
    inputs: costs('select 8 as job_id'),
    sound: costs('select 7 as job_id'),
  },
  assert_weeks_begin_on_their_day: {
    inputs: { weekly_kpis_yoy: year('2025-10-19') },
    sound: { weekly_kpis_yoy: year('2025-10-20') },
  },
  assert_jobs_counted: {
    inputs: {
      int_job_facts: jobFacts,
      int_produced: `${produced} union all select 9, date '2025-10-27', 'Tucson-Production', numeric '5', numeric '0'`,
      int_completed_estimates: estimates,
    },
    sound: { int_job_facts: jobFacts, int_produced: produced, int_completed_estimates: estimates },
  },
  // A sale of 10 on a type with a threshold of 20: the job is open.
  assert_vendor_opportunities_counted: {
    inputs: { ...VENDOR, int_vendor_opportunities: vendorOpportunity(true) },
    sound: { ...VENDOR, int_vendor_opportunities: vendorOpportunity(false) },
  },
  assert_receivables_have_location: {
    inputs: {
      int_receivables:
        "select 'Tucson-Production' as business_unit, cast(null as int64) as location_id, numeric '5' as net_amount",
    },
    sound: {
      int_receivables:
        "select 'Tucson-Production' as business_unit, 1 as location_id, numeric '5' as net_amount",
    },
  },
  assert_collections_report_assigned: {
    inputs: {
      stg_collections_report:
        "select 1 as line, date '2025-10-27' as paid_on_date, 'unassigned' as business_unit, numeric '5' as amount",
      int_kpi_units: production,
    },
    sound: {
      stg_collections_report:
        "select 1 as line, date '2025-10-27' as paid_on_date, 'Tucson-Production' as business_unit, numeric '5' as amount",
      int_kpi_units: production,
    },
  },
  assert_receivables_equal_report: {
    inputs: {
      stg_ar_report:
        "select 'Tucson-Production' as business_unit, numeric '100' as net_amount, true as is_counted, date '2025-10-27' as as_of",
      int_receivables:
        "select 'Tucson-Production' as business_unit, numeric '98' as net_amount, true as is_counted",
      int_kpi_units: production,
    },
    sound: {
      stg_ar_report:
        "select 'Tucson-Production' as business_unit, numeric '100' as net_amount, true as is_counted, date '2025-10-27' as as_of",
      int_receivables:
        "select 'Tucson-Production' as business_unit, numeric '99.5' as net_amount, true as is_counted",
      int_kpi_units: production,
    },
  },
};

/** Assertions whose planted fault is in another test, named in the comment above each group. */
const ELSEWHERE = new Set([
  // totals.test.ts
  ...['assert_mart_equals_stage', 'assert_weeks_equal_days', 'assert_marts_show_values'],
  // snapshots.test.ts
  'assert_snapshots_equal_facts',
  // A wrong definition in mutations.test.ts.
  'assert_snapshots_stay_on_their_dates',
  // Further down in this file, table by table.
  'assert_raw_tables_filled',
  // far-dates.test.ts
  'assert_events_in_calendar',
  // A payment that the saved report has and the entities lack, in tests/e2e/reports.test.ts.
  'assert_collections_equal_report',
]);

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

async function found(name: string, inputs: Inputs, variables?: Planted['variables']): Promise<number> {
  return (await planted.rowsOf(name, inputs, variables)).length;
}

describe('the planted fault of an assertion', () => {
  test.each(Object.entries(PLANTED))('%s finds its planted fault and finds nothing without it', async (name, {
    inputs,
    sound,
    variables,
  }) => {
    expect(await found(name, inputs, variables)).toBeGreaterThan(0);
    expect(await found(name, sound, variables)).toBe(0);
  });
});

describe('assert_entities_fresh', () => {
  const unread = (...logs: readonly string[]) =>
    found('assert_entities_fresh', { ingestion_logs: [receipt(1, 1), ...logs].join(' union all ') });
  const today = of('estimates', receipt(1, 1));
  test.each([
    ['is RED when an entity was read only the day before', [stale], 1],
    ['is RED when the last read of an entity failed', [today.replace("'success'", "'failed'")], 1],
    [
      'is RED when a second read of the day failed',
      [today, on('2025-10-27 11', today).replace("'success'", "'failed'")],
      1,
    ],
    [
      'passes when a failed read was repeated',
      [today.replace("'success'", "'failed'"), on('2025-10-27 11', today)],
      0,
    ],
    [
      'passes while another run reads the entity',
      [today, on('2025-10-27 11', today).replace("'success'", "'running'")],
      0,
    ],
    [
      'passes when a read of a later day failed',
      [today, on('2025-10-28 10', today).replace("'success'", "'failed'")],
      0,
    ],
  ] as const)('assert_entities_fresh %s', async (_, logs, expected) => {
    expect(await unread(...logs)).toBe(expected);
  });
});

describe('assert_rejected_records_few', () => {
  const few = (...logs: readonly string[]) =>
    found('assert_rejected_records_few', { ingestion_logs: logs.join(' union all ') });
  const bad = receipt(1000, 500, 500);
  test.each([
    ['stays RED when a second read of the day brings nothing', [bad, on('2025-10-27 11', receipt(0, 0))], 1],
    ['passes the next day', [on('2025-10-26 10', bad), receipt(0, 0)], 0],
    ['ignores reads that failed', [bad.replace("'success'", "'failed'"), receipt(1000, 1000)], 0],
    [
      'ignores reads that are not from the cursor, such as a sweep',
      [bad.replace('incremental', 'sweep'), receipt(1000, 1000)],
      0,
    ],
  ] as const)('assert_rejected_records_few (a tenth of a percent of the day) %s', async (_, logs, expected) => {
    expect(await few(...logs)).toBe(expected);
  });
});

describe('assert_links_cover', () => {
  /** `count` invoices of one day, all on one job. */
  const many = (count: number, day: string, job: number) =>
    `select 3 as invoice_id, ${job} as job_id, date '${day}' as invoice_date
     from unnest(generate_date_array(date '2000-01-01', date_add(date '2000-01-01', interval ${count - 1} day))) as n`;
  const covered = (...all: readonly string[]) =>
    found('assert_links_cover', { ...LINKED, stg_invoices: all.join(' union all ') });

  test('assert_links_cover is RED when every link is missing', async () => {
    const none = 'select 2 as payment_id, 3 as invoice_id from (select 1 as n) where n > 1';
    expect(await found('assert_links_cover', { ...LINKED, stg_payment_splits: none })).toBe(1);
  });

  test('assert_links_cover notices links that broke this month among years of good ones', async () => {
    const years = many(2000, '2025-01-01', 7);
    expect(await covered(years, many(46, '2025-10-20', 7), many(4, '2025-10-20', 8))).toBe(1);
    expect(await covered(years, many(48, '2025-10-20', 7), many(2, '2025-10-20', 8))).toBe(0);
    expect(await covered(years, many(45, '2025-10-20', 7), many(4, '2025-10-20', 8))).toBe(0);
  });
});

describe('assert_payments_add_up', () => {
  const off = (payments: string, splits: string) =>
    found('assert_payments_add_up', { stg_payments: payments, stg_payment_splits: splits });
  test.each([
    ['is RED for a payment without its parts', payment(100, 0), part(100, 9), 1],
    [
      'passes for a payment split over several invoices',
      payment(100, 10),
      `${part(40)} union all ${part(50)}`,
      0,
    ],
    ['passes for a refund', payment(-30, 0), part(-30), 0],
    [
      'passes when the parts miss the payment by a cent',
      payment(100, 0),
      `${part(33.33)} union all ${part(33.33)} union all ${part(33.33)}`,
      0,
    ],
    ['ignores a void payment', payment(100, 0, false), part(40), 0],
  ] as const)('assert_payments_add_up %s', async (_, payments, splits, expected) => {
    expect(await off(payments, splits)).toBe(expected);
  });
});

describe('assert_jobs_counted', () => {
  const off = (int_produced: string, int_completed_estimates = estimates) =>
    found('assert_jobs_counted', { int_job_facts: jobFacts, int_produced, int_completed_estimates });
  test.each([
    ['has another day', "2025-10-27'", "2025-10-26'"],
    ['has another unit', 'Tucson', 'Nevada'],
    ['has another revenue', "'100'", "'99'"],
    ['has another cost', "'40'", "'41'"],
    ['is missing', '7 as', '6 as'],
  ])('assert_jobs_counted is RED when a produced job %s', async (_, from, to) => {
    expect(await off(produced.replace(from, to))).toBeGreaterThan(0);
  });
  test('assert_jobs_counted is RED when a completed estimate is dated or assigned otherwise', async () => {
    expect(await off(produced, estimates.replace('10-28', '10-27'))).toBe(1);
    expect(await off(produced, estimates.replace('Tucson', 'Nevada'))).toBe(1);
  });
});

test('money that counts in no number is that of the jobs of a unit that does not count', async () => {
  const { inputs } = PLANTED.assert_units_mapped ?? { inputs: {} };
  const rows = await planted.rowsOf('assert_units_mapped', inputs);
  // Unit 1 counts, although the list of the tenant lacks it; unit 2 has one job of 5.
  expect(rows.map((row) => [row[0], row[3], row[4]]).sort()).toEqual([
    ['1', 'NULL', 'NULL'],
    ['2', '1', '5'],
  ]);
});

test('a sold estimate with neither job nor date is counted once among the money that counts in no number', async () => {
  const amounts = async (sold_at: string) => {
    const inputs = { stg_estimates: sold(sold_at), stg_jobs: 'select 8 as job_id' };
    const found = ['assert_estimates_have_jobs', 'assert_sold_estimates_dated'].map((name) =>
      planted.rowsOf(name, inputs),
    );
    return (await Promise.all(found)).flat().map(([, , amount]) => amount);
  };
  expect(await amounts(at)).toEqual(['10']);
  expect(await amounts('cast(null as timestamp)')).toEqual(['0', '10']);
});

test.each([
  ['purchase_orders', 'purchase_orders'],
  ['receipts', 'receipts'],
])('assert_costs_have_jobs reports each kind of cost on a job that was not loaded: costing_source %s', async (costing_source, source) => {
  const told = await planted.rowsOf('assert_costs_have_jobs', costs('select 8 as job_id'), {
    costing_source,
  });
  expect(told.map(([entity]) => entity).sort()).toEqual(
    ['gross_pay_items', 'inventory_bills', 'invoices', 'returns', source]
      .toSorted()
      .map((name) => `"${name}"`),
  );
});

test('assert_costs_have_jobs reports a bill of an order only if bills are cost', async () => {
  const billed = {
    ...costs('select 8 as job_id'),
    stg_inventory_bills:
      "select 1 as inventory_bill_id, 7 as job_id, numeric '10' as bill_amount, true as is_active, 5 as purchase_order_id",
  };
  const told = async (costing_source: string) =>
    (await planted.rowsOf('assert_costs_have_jobs', billed, { costing_source })).map(([entity]) => entity);
  expect(await told('receipts')).not.toContain('"inventory_bills"');
  expect(await told('bills')).toContain('"inventory_bills"');
});

describe('assert_reports_read', () => {
  const none = {
    stg_ar_report: 'select cast(null as date) as as_of',
    stg_collections_report: 'select cast(null as date) as read_to',
  };
  test.each([
    [{}, 0],
    [{ ar_source: 'report' }, 1],
    [{ collections_source: 'report' }, 1],
    [{ ar_source: 'report', collections_source: 'report' }, 2],
  ] as const)('assert_reports_read requires that the saved reports of the KPIs were read for the day: %j', async (variables, expected) => {
    expect(await found('assert_reports_read', none, variables)).toBe(expected);
  });
});

describe('assert_raw_tables_filled', () => {
  const entities = [
    ...['jobs', 'appointments', 'estimates', 'invoices', 'payments', 'gross_pay_items', 'purchase_orders'],
    ...['inventory_bills', 'returns', 'customers', 'job_types', 'business_units'],
  ];
  const filled = Object.fromEntries(
    [...entities, 'receipts'].map((name) => [`raw_${name}`, 'select 1 as id']),
  );
  test('assert_raw_tables_filled is RED without receipts only if they are cost', async () => {
    const inputs = { ...filled, raw_receipts: 'select 1 as id from (select 1 as n) where n > 1' };
    expect(await found('assert_raw_tables_filled', inputs)).toBe(0);
    expect(await found('assert_raw_tables_filled', inputs, { costing_source: 'receipts' })).toBe(1);
  });
  test.each(entities)('assert_raw_tables_filled is RED when raw_%s has no row', async (name) => {
    const inputs = { ...filled, [`raw_${name}`]: 'select 1 as id from (select 1 as n) where n > 1' };
    expect(await planted.rowsOf('assert_raw_tables_filled', inputs)).toEqual([[`"${name}"`, '0']]);
    expect(await found('assert_raw_tables_filled', filled)).toBe(0);
  });
});

test('assert_mart_only_known_units reports a unit of the KPI set without a row in the mart', async () => {
  const other =
    "select 'Nevada-Sales' as business_unit, 'sales' as kind, 'NEV' as region, true as in_kpi_set";
  const inputs = { ...UNITS, int_business_units: `${UNITS.int_business_units} union all ${other}` };
  expect(await found('assert_mart_only_known_units', inputs)).toBe(1);
});

describe('assert_feeds_not_silent and assert_feeds_as_full_as_usual (volume alarms in the mart)', () => {
  const silent = (...news: readonly number[]) =>
    found('assert_feeds_not_silent', { ingestion_logs: nights(...news) });
  test.each([
    ['on a quiet Sunday', [...weeks(4, 40)]],
    ['over a long weekend', [...weeks(4), ...weeks(1), 0, 0]],
    [
      'up to twice as long as over the holidays',
      [...weeks(3), 0, 0, 0, 0, ...weeks(1), ...Array<number>(9).fill(0)],
    ],
    ['of an empty tenant', Array<number>(60).fill(0)],
    ['after a first night', [5000, 0, 0, 0, 0, 0]],
    [
      'of a table that changes now and then',
      [3, ...Array<number>(30).fill(0), 1, ...Array<number>(20).fill(0)],
    ],
  ])('assert_feeds_not_silent accepts a silent feed %s', async (_, news) => {
    expect(await silent(...news)).toBe(0);
  });

  test('assert_feeds_not_silent is RED on the fourth silent night of a feed that had rows every night', async () => {
    const everyNight = Array<number>(30).fill(40);
    expect(await silent(...everyNight, 0, 0, 0)).toBe(0);
    expect(await silent(...everyNight, 0, 0, 0, 0)).toBe(1);
    // The longest silence was 5 nights: a Sunday and four more. A Sunday and ten more exceed twice that.
    expect(await silent(...weeks(3), 0, 0, 0, 0, ...weeks(1), ...Array<number>(10).fill(0))).toBe(1);
  });

  test('assert_feeds_as_full_as_usual accepts a poor night when every seventh night is poor', async () => {
    const poorest = Array.from({ length: 28 }, (_, i) => (i % 7 === 6 ? 1 : 300));
    expect(await found('assert_feeds_as_full_as_usual', { ingestion_logs: nights(...poorest, 0) })).toBe(0);
    expect(await found('assert_feeds_as_full_as_usual', { ingestion_logs: nights(300, 0) })).toBe(0);
  });
});

test('each assertion has a planted fault in a test', () => {
  const names = readdirSync('definitions/assertions', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sqlx'))
    .map((file) => basename(file, '.sqlx'));
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => !PLANTED[name] && !ELSEWHERE.has(name))).toEqual([]);
});
