import { readdirSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileProject } from '../../transform/compile.ts';
import { type GoogleSql, startGoogleSql } from '../../transform/googlesql.ts';
import { duckdbRows, openMemory } from '../transform/engines.ts';

/** What an assertion reads, with one fault in it, as queries; how many rows it must find, and without the fault none. */
interface Planted {
  readonly inputs: Readonly<Record<string, string>>;
  readonly sound: Readonly<Record<string, string>>;
}

const log = (counts: string, times = "timestamp '2025-10-27 10:00:00+00'") =>
  `select 'jobs' as entity, 'run' as run_id, 'success' as status, ${counts}, ${times} as start_time, ${times} as end_time`;
const receipt = (read: number, landed: number, rejected = 0) =>
  log(
    `'incremental' as mode, cast(null as int64) as records_source, ${read} as records_read, ${landed} as records_landed, ${landed} as records_loaded, ${landed} as records_visible, ${landed} as records_new, ${rejected} as records_rejected`,
  );
const stale = receipt(1, 1).replace("'jobs'", "'estimates'").replaceAll('2025-10-27 10', '2025-10-25 10');
const unit = "select 'Tucson-Sales' as business_unit, 'sales' as kind, 'TUC' as region";
const day = (date: string, name = 'Tucson-Sales') =>
  `select date '${date}' as event_date, '${name}' as business_unit, 'sales' as kind`;
const values = (verdict: string) =>
  `select date '2025-08-18' as period_start, date '2025-08-18' as period_end, 'ALL' as business_unit, 'total_booked' as kpi, numeric '1' as ui_value, numeric '1' as our_value, numeric '0' as difference, '${verdict}' as verdict, '' as reason`;
const sold = (at: string) =>
  `select 1 as estimate_id, 7 as job_id, numeric '10' as subtotal, true as is_active, 'Sold' as estimate_status, ${at} as sold_at`;
const at = "timestamp '2025-08-18 16:00:00+00'";
const split = (business_unit: string) =>
  `select 1 as payment_split_id, 2 as payment_id, 3 as invoice_id, date '2025-08-18' as event_date, numeric '5' as amount, ${business_unit} as business_unit`;
const type = (name: string, isKnown = true) =>
  `select 1 as job_type_id, '${name}' as job_type_name, ${isKnown} as is_known, true as is_estimate, true as is_estimate_by_reference, true as is_in_wbr_list`;
const units = (rest: string) => `select 1 as business_unit_id, ${rest}`;
const job = (fields: string) => `select 7 as job_id, ${fields}`;
const snapshot = (date: string, kpi = 'future_bookings') =>
  `select date '${date}' as snapshot_date, 'Tucson-Production' as business_unit, '${kpi}' as kpi, numeric '1' as value`;
const production = "select 'Tucson-Production' as business_unit, 'production' as kind";
const appointments = (named: string) =>
  `select 7 as job_id, 1 as appointment_id, ${at} as start_at, true as is_active, false as is_unused union all select 7, 2, timestamp '${named}', true, false`;
const rejected = (rows: string) => `select 'jobs' as entity, 'broken' as errors from unnest([${rows}]) as n`;

/** One run of jobs a night and the versions it brought, the latest last. */
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
      // A replay of today does not make it fresh.
      ingestion_logs: `${receipt(1, 1)} union all ${stale} union all ${receipt(1, 1).replace("'jobs'", "'estimates'").replace('incremental', 'replay')}`,
    },
    sound: { ingestion_logs: receipt(1, 1) },
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
  assert_screen_values_equal: {
    inputs: { kpi_reconciliation: values('RED') },
    sound: { kpi_reconciliation: values('GREEN') },
  },
  assert_screen_values_explained: {
    inputs: { kpi_reconciliation: values('YELLOW') },
    sound: { kpi_reconciliation: values('GREEN') },
  },
  assert_screen_values_exist: {
    inputs: { kpi_reconciliation: `${values('GREEN')} from (select 1 as n) where n > 1` },
    sound: { kpi_reconciliation: values('GREEN') },
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
    // A unit of the six pairs that the tenant no longer lists, and one that nobody mapped.
    inputs: {
      int_business_units: units("cast(null as string) as source_name, 'id' as mapped_by, true as in_kpi_set"),
      stg_jobs: job('2 as business_unit_id'),
    },
    sound: {
      int_business_units: units("'Tucson' as source_name, 'id' as mapped_by, true as in_kpi_set"),
      stg_jobs: job('1 as business_unit_id'),
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
    inputs: {
      stg_invoices: 'select 3 as invoice_id, 8 as job_id',
      stg_jobs: 'select 7 as job_id',
      stg_payment_splits: 'select 3 as invoice_id',
      stg_estimates: 'select 7 as job_id',
    },
    sound: {
      stg_invoices: 'select 3 as invoice_id, 7 as job_id',
      stg_jobs: 'select 7 as job_id',
      stg_payment_splits: 'select 3 as invoice_id',
      stg_estimates: 'select 7 as job_id',
    },
  },
  assert_mart_only_known_units: {
    inputs: { daily_kpis: day('2025-10-27', 'Unknown'), int_kpi_units: unit },
    sound: { daily_kpis: day('2025-10-27'), int_kpi_units: unit },
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

/** Those that turn RED, or must not, in another test. */
const ELSEWHERE = new Set([
  ...['assert_mart_equals_stage', 'assert_snapshots_equal_facts', 'assert_snapshots_stay_on_their_dates'],
  ...['assert_year_before_is_monday'],
  // By a payment that the report has and the entities have not, in tests/e2e/reports.test.ts.
  'assert_collections_equal_report',
  // By the random tenants of invariants.test.ts, which compute the same; and by an empty tenant in tests/e2e.
  ...['assert_weeks_equal_days', 'assert_raw_tables_filled'],
]);

const graph = await compileProject(process.cwd(), {});
let engine: GoogleSql;
let connection: DuckDBConnection;
beforeAll(async () => {
  engine = await startGoogleSql();
  connection = await openMemory();
});
afterAll(() => {
  engine.close();
  connection.closeSync();
});

async function found(name: string, inputs: Planted['inputs']): Promise<number> {
  const query = graph.assertions.find(({ target }) => target.name === name)?.query ?? '';
  const filled = query.replace(/`local\.\w+\.(\w+)`/g, (_, table: string) => {
    if (inputs[table] === undefined) throw new Error(`${name} reads ${table} too`);
    return `(${inputs[table]})`;
  });
  const rows = await duckdbRows(connection, await engine.analyze(filled, { tables: [] }));
  if (rows === 'ERROR') throw new Error(`${name} could not run`);
  return rows.length;
}

describe('an assertion finds the fault that is planted, and nothing without it', () => {
  test.each(Object.entries(PLANTED))('%s', async (name, { inputs, sound }) => {
    expect(await found(name, inputs)).toBeGreaterThan(0);
    expect(await found(name, sound)).toBe(0);
  });
});

describe('a feed that is silent is no alarm', () => {
  const silent = (...news: readonly number[]) =>
    found('assert_feeds_not_silent', { ingestion_logs: nights(...news) });
  test.each([
    ['on a quiet Sunday', [...weeks(4, 40)]],
    ['over a long weekend', [...weeks(4), ...weeks(1), 0, 0]],
    [
      'as long as it was silent over the holidays',
      [...weeks(3), 0, 0, 0, 0, ...weeks(1), ...Array<number>(9).fill(0)],
    ],
    ['of an empty tenant', Array<number>(60).fill(0)],
    ['after a first night', [5000, 0, 0, 0, 0, 0]],
    [
      'of a table that changes now and then',
      [3, ...Array<number>(30).fill(0), 1, ...Array<number>(20).fill(0)],
    ],
  ])('%s', async (_, news) => {
    expect(await silent(...news)).toBe(0);
  });

  test('but is one on the fourth silent night of a feed that spoke every night, however long the holidays', async () => {
    const everyNight = Array<number>(30).fill(40);
    expect(await silent(...everyNight, 0, 0, 0)).toBe(0);
    expect(await silent(...everyNight, 0, 0, 0, 0)).toBe(1);
    // A Sunday and four more were silent once; a Sunday and ten more are beyond twice that.
    expect(await silent(...weeks(3), 0, 0, 0, 0, ...weeks(1), ...Array<number>(10).fill(0))).toBe(1);
  });

  test('nor is a poor night where every seventh is', async () => {
    const poorest = Array.from({ length: 28 }, (_, i) => (i % 7 === 6 ? 1 : 300));
    expect(await found('assert_feeds_as_full_as_usual', { ingestion_logs: nights(...poorest, 0) })).toBe(0);
    expect(await found('assert_feeds_as_full_as_usual', { ingestion_logs: nights(300, 0) })).toBe(0);
  });
});

test('each assertion has one here or elsewhere', () => {
  const names = readdirSync('definitions/assertions').map((file) => file.replace('.sqlx', ''));
  expect(names.filter((name) => !PLANTED[name] && !ELSEWHERE.has(name))).toEqual([]);
});
