import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Inputs, openPlanted, rows } from './planted.ts';

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

const REPORT = { ar_source: 'report' };
const LOADED = { entity: 'string', last_loaded_at: 'timestamp', last_run_date: 'date' };
/** Entities with the run date they were read for; all were read in the morning of 2025-10-27. */
const read = (days: Readonly<Record<string, string>>) =>
  rows(
    LOADED,
    ...Object.entries(days).map(([name, day]) => [`'${name}'`, "'2025-10-27 12:00:00+00'", `'${day}'`]),
  );
const TONIGHT = { jobs: '2025-10-27', appointments: '2025-10-27', invoices: '2025-10-27' };
const INPUTS: Inputs = {
  int_kpi_units: "select 'Tucson-Production' as business_unit, 'production' as kind, true as is_mapped",
  int_future_bookings:
    "select 'Tucson-Production' as business_unit, numeric '500' as amount, true as is_after_today",
  int_receivables:
    "select 'Tucson-Production' as business_unit, numeric '70' as net_amount, true as is_counted",
  int_loaded_entities: read(TONIGHT),
  stg_ar_report:
    "select '' as business_unit, numeric '0' as net_amount, false as is_counted, date '2000-01-01' as as_of",
};
const report = (...days: readonly string[]) =>
  rows(
    { business_unit: 'string', net_amount: 'numeric', is_counted: 'bool', as_of: 'date' },
    ...days.map((day) => ["'Tucson-Production'", '60', 'true', `'${day}'`]),
  );

/** The snapshots that the run of 2025-10-27 writes, by KPI. */
async function taken(inputs: Inputs, variables?: Readonly<Record<string, string>>) {
  const found = await planted.rowsOf('kpi_snapshots', { ...INPUTS, ...inputs }, variables);
  return Object.fromEntries(found.map(([, , , kpi = '', value]) => [kpi.replaceAll('"', ''), value]));
}
const ALL = { future_bookings: '500', future_bookings_after_today: '500', outstanding_ar: '70' };

describe('snapshots of the run date', () => {
  test('a snapshot is taken when jobs, appointments and invoices were read that day', async () => {
    expect(await taken({})).toEqual(ALL);
  });

  test.each(Object.keys(TONIGHT))('no snapshot is taken when %s was not read that day', async (name) => {
    const { [name]: _, ...others } = TONIGHT as Record<string, string>;
    for (const int_loaded_entities of [read(others), read({ ...TONIGHT, [name]: '2025-10-26' })]) {
      expect(await taken({ int_loaded_entities })).toEqual({});
    }
  });

  test('no snapshot is taken for a day before the last day that was read', async () => {
    const day = '2025-10-28';
    const later = { jobs: day, appointments: day, invoices: day };
    expect(await taken({ int_loaded_entities: read(later) })).toEqual({});
  });
});

describe('a run for a wrong date in the future', () => {
  const run = (entity: string, runDate: string, end: string) => [
    ...[`'${entity}'`, `'${runDate}'`, "'success'", "'incremental'", `'2025-10-${end}:00:00+00'`],
  ];
  const LOG = {
    ...{ entity: 'string', run_date: 'date', status: 'string', mode: 'string', end_time: 'timestamp' },
  };
  const loaded = async (...runs: readonly string[][]) =>
    (await planted.rowsOf('int_loaded_entities', { ingestion_logs: rows(LOG, ...runs) })).map(
      ([entity, , day]) => [entity?.replaceAll('"', ''), day],
    );

  test('a snapshot is taken again on the next night of the right date', async () => {
    const wrong = run('jobs', '2052-10-26', '26 12');
    expect(await loaded(wrong)).toEqual([['jobs', '2052-10-26']]);
    expect(await loaded(wrong, run('jobs', '2025-10-27', '27 12'))).toEqual([['jobs', '2025-10-27']]);
  });

  test('a day that was read again later belongs to its last read', async () => {
    expect(await loaded(run('jobs', '2025-10-27', '27 12'), run('jobs', '2025-10-26', '27 14'))).toEqual([
      ['jobs', '2025-10-26'],
    ]);
  });

  test.each([
    ['assert_rejected_records_few', 1],
    ['assert_feeds_not_silent', 5],
    ['assert_feeds_as_full_as_usual', 1],
  ])('%s does not look at nights of a later date', async (name, wrongNights) => {
    const LOGGED = { ...LOG, records_read: 'int64', records_rejected: 'int64', records_new: 'int64' };
    const nights = Array.from({ length: 20 }, (_, at) => [
      ...run('jobs', `2025-09-${String(at + 1).padStart(2, '0')}`, '26 12'),
      ...['100', '0', '100'],
    ]);
    const wrong = Array.from({ length: wrongNights }, (_, at) => [
      ...run('jobs', `2052-10-0${at + 1}`, '26 12'),
      ...['10', '10', '0'],
    ]);
    const found = await planted.rowsOf(name, { ingestion_logs: rows(LOGGED, ...nights, ...wrong) });
    expect(found).toEqual([]);
  });
});

describe('receivables from the saved report (ar_source=report)', () => {
  test('receivables from the saved report are those read on the run date', async () => {
    const stg_ar_report = report('2025-10-26', '2025-10-27');
    expect(await taken({ stg_ar_report }, REPORT)).toEqual({ ...ALL, outstanding_ar: '60' });
  });

  test.each([
    ['no report was read', report()],
    ['the report was read the day before', report('2025-10-26')],
  ])('receivables are unknown when %s, and assert_snapshots_complete is RED', async (_, stg_ar_report) => {
    const { outstanding_ar: __, ...others } = ALL;
    const values = await taken({ stg_ar_report }, REPORT);
    expect(values).toEqual(others);
    const snapshots = rows(
      { snapshot_date: 'date', business_unit: 'string', kpi: 'string', value: 'numeric' },
      ...Object.entries(values).map(([kpi, value = 'null']) => [
        ...["'2025-10-27'", "'Tucson-Production'", `'${kpi}'`, value],
      ]),
    );
    const inputs = { kpi_snapshots: snapshots, int_kpi_units: INPUTS.int_kpi_units ?? '' };
    expect(await planted.rowsOf('assert_snapshots_complete', inputs, REPORT)).toHaveLength(1);
  });

  const raw = (...lines: readonly (readonly string[])[]) =>
    rows(
      {
        line: 'int64',
        location_name: 'string',
        business_unit: 'string',
        net_amount: 'numeric',
        as_of: 'date',
      },
      ...lines.map((line, at) => [String(at + 1), ...line, "'2025-10-27'"]),
    );
  const NAMES =
    "select 'West - Sales' as raw_name, 'Phoenix-Production' as normalised_name union all select 'Phoenix-Production', 'Phoenix-Production'";
  test('stg_ar_report applies the minimum to the net of a location in a unit under all its names', async () => {
    const found = await planted.rowsOf('stg_ar_report', {
      reference_business_units: NAMES,
      raw_ar_report: raw(
        ["'Smith'", "'West - Sales'", '500'],
        ["' Smith '", "'Phoenix-Production'", '-200'],
        ["'Jones'", "'Phoenix-Production'", '6'],
        ["'Jones'", "'West  -  Sales'", '6'],
        ["'Brown'", "'Phoenix-Production'", '9.99'],
        ["'Brown'", "'Tucson-Production'", '20'],
        ["'Name'", "'Phoenix-Production'", '700'],
      ),
    });
    expect(found.map(([line, unit, net, counts]) => [line, unit, net, counts]).sort()).toEqual([
      ['1', '"Phoenix-Production"', '300', 'true'],
      ['3', '"Phoenix-Production"', '12', 'true'],
      ['5', '"Phoenix-Production"', '9.99', 'false'],
      ['6', '"Tucson-Production"', '20', 'true'],
    ]);
  });
});

describe('assert_snapshots_equal_facts', () => {
  const FACTS: Inputs = {
    stg_invoices: rows({
      ...{ location_id: 'int64', job_id: 'int64', business_unit_id: 'int64' },
      ...{ balance: 'numeric', is_active: 'bool', invoice_date: 'date' },
    }),
    int_business_units: rows({ business_unit_id: 'int64', business_unit: 'string' }),
    int_locations: rows({ location_id: 'int64', surviving_location_id: 'int64' }),
  };
  const job = (status: string) =>
    rows(
      {
        ...{
          job_id: 'int64',
          location_id: 'int64',
          business_unit: 'string',
          is_excluded_from_production: 'bool',
        },
        ...{ job_status: 'string', revenue: 'numeric', job_start_date: 'date' },
      },
      ['1', '1', "'Tucson-Production'", 'false', status, '500', "'2025-10-28'"],
    );
  const snapshot = (value: string) =>
    rows({ snapshot_date: 'date', business_unit: 'string', kpi: 'string', value: 'numeric' }, [
      "'2025-10-27'",
      "'Tucson-Production'",
      "'future_bookings'",
      value,
    ]);
  test.each([
    ['counts a job whose status is unknown', 'null', '500', 0],
    ['leaves out a canceled job', "'Canceled'", '0', 0],
    ['is RED when a job of unknown status is lost', 'null', '0', 1],
    ['is RED when a canceled job counts', "'Canceled'", '500', 1],
  ] as const)('assert_snapshots_equal_facts %s', async (_, status, value, expected) => {
    const inputs = { ...FACTS, int_job_facts: job(status), kpi_snapshots: snapshot(value) };
    expect(await planted.rowsOf('assert_snapshots_equal_facts', inputs)).toHaveLength(expected);
  });
});
