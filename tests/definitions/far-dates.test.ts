import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Inputs, openPlanted, rows } from './planted.ts';

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

const JOB = {
  ...{ job_id: 'int64', business_unit: 'string', kind: 'string', in_kpi_set: 'bool', is_estimate: 'bool' },
  ...{ job_status: 'string', created_date: 'date', completed_date: 'date', job_start_date: 'date' },
  ...{ revenue: 'numeric', job_cost: 'numeric' },
};
const production = (created: string, start: string, revenue = '100') => [
  ...['7', "'Tucson-Production'", "'production'", 'true', 'false', "'Completed'"],
  ...[created, created, start, revenue, '0'],
];
const estimate = (completed: string) => [
  ...['8', "'Tucson-Sales'", "'sales'", 'true', 'true', "'Completed'", "'2025-10-20'", completed],
  ...["'2025-10-20'", '0', '0'],
];
const EVENT = { business_unit: 'string', event_date: 'date' };
const COUNTED = { ...EVENT, kind: 'string', in_kpi_set: 'bool', amount: 'numeric' };
const counted = (day: string, amount: string) => [
  ...["'Tucson-Production'", day, "'production'", 'true', amount],
];
const CREATED = "timestamp '2025-10-20 16:00:00+00'";
const NONE: Inputs = {
  int_leads: rows({ job_id: 'int64', ...EVENT }),
  int_job_facts: rows(JOB),
  int_opportunities: rows({ job_id: 'int64', ...EVENT }),
  int_booked: rows({ estimate_id: 'int64', ...EVENT, amount: 'numeric' }),
  int_invoiced: rows({ invoice_id: 'int64', ...COUNTED, open_balance: 'numeric' }),
  int_collections: rows({ payment_id: 'int64', ...COUNTED }),
  stg_estimates: `select 1 as estimate_id, ${CREATED} as created_at`,
  stg_invoices: `select 2 as invoice_id, 7 as job_id, ${CREATED} as created_at`,
  stg_jobs: "select 7 as job_id, 'Completed' as job_status",
  stg_payments: `select 3 as payment_id, ${CREATED} as created_at`,
};
const jobs = (...all: readonly string[][]) => ({ int_job_facts: rows(JOB, ...all) });

/** An open invoice without a date. */
const undated = {
  int_invoiced: rows({ invoice_id: 'int64', ...COUNTED, open_balance: 'numeric' }, [
    '2',
    ...counted('null', '80'),
    '80',
  ]),
};

/** The KPI, day and amount of each event that the mart leaves out. */
async function leftOut(inputs: Inputs): Promise<(string | undefined)[][]> {
  const found = await planted.rowsOf('assert_events_in_calendar', { ...NONE, ...inputs });
  return found.map(([kpi = '', , , day, amount]) => [kpi.replaceAll('"', ''), day, amount]);
}

describe('assert_events_in_calendar', () => {
  test.each<[string, Inputs, string[]]>([
    [
      'a job start in 2205',
      jobs(production("'2025-10-20'", "'2205-10-21'")),
      ['dollars_produced', '2205-10-21', '100'],
    ],
    [
      'a job start in 1925 of a job created in 2025',
      jobs(production("'2025-10-20'", "'1925-10-21'")),
      ['dollars_produced', '1925-10-21', '100'],
    ],
    [
      'a start in 2019 of a job created in 2025',
      jobs(production("'2025-10-20'", "'2019-10-21'")),
      ['dollars_produced', '2019-10-21', '100'],
    ],
    ['a job without any date', jobs(production('null', 'null')), ['dollars_produced', 'NULL', '100']],
    ['a completed estimate job without a completion', jobs(estimate('null')), ['num_estimates', 'NULL', '1']],
    [
      'a lead of the year 205',
      {
        int_leads: rows({ job_id: 'int64', ...EVENT }, ['8', "'Tucson-Sales'", "'0205-10-20'"]),
      },
      ['lead_count', '0205-10-20', '1'],
    ],
    [
      'an opportunity of 2205',
      {
        ...jobs(estimate("'2025-10-20'")),
        int_opportunities: rows({ job_id: 'int64', ...EVENT }, ['8', "'Tucson-Sales'", "'2205-10-20'"]),
      },
      ['sales_opportunities', '2205-10-20', '1'],
    ],
    [
      'a sale of 2205',
      {
        int_booked: rows({ estimate_id: 'int64', ...EVENT, amount: 'numeric' }, [
          ...['1', "'Tucson-Sales'", "'2205-10-20'", '55'],
        ]),
      },
      ['total_booked', '2205-10-20', '55'],
    ],
    [
      'an invoice without a date',
      {
        int_invoiced: rows({ invoice_id: 'int64', ...COUNTED, open_balance: 'numeric' }, [
          ...['2', ...counted('null', '70'), '70'],
        ]),
      },
      ['dollars_invoiced', 'NULL', '70'],
    ],
    [
      'a payment dated 2015 and entered in 2025',
      { int_collections: rows({ payment_id: 'int64', ...COUNTED }, ['3', ...counted("'2015-10-20'", '30')]) },
      ['dollars_collected', '2015-10-20', '30'],
    ],
  ])('assert_events_in_calendar lists %s', async (_, inputs, expected) => {
    expect(await leftOut(inputs)).toEqual([expected]);
  });

  test.each<[string, Inputs]>([
    [
      'an invoice without a date of a job that is not completed',
      { ...undated, stg_jobs: "select 7 as job_id, 'Scheduled' as job_status" },
    ],
    ['work of this week', jobs(production("'2025-10-20'", "'2025-10-21'"))],
    ['work that starts within a year', jobs(production("'2025-10-20'", "'2026-10-27'"))],
    ['a job that is older than SYNC_START_DATE', jobs(production("'2019-10-20'", "'2019-10-21'"))],
    ['a job without dates, revenue and cost', jobs(production('null', 'null', '0'))],
  ])('assert_events_in_calendar accepts %s', async (_, inputs) => {
    expect(await leftOut(inputs)).toEqual([]);
  });
});

test('of events outside the calendar only the dollars of a KPI count in no number', async () => {
  const inputs = { ...NONE, ...jobs(production('null', 'null'), estimate('null')) };
  const found = await planted.rowsOf('assert_events_in_calendar', inputs);
  expect(found.map((row) => [row[0], row[5]]).sort()).toEqual([
    ['"dollars_produced"', '100'],
    ['"num_estimates"', '0'],
  ]);
});

test('instants of the first and the last day of the .NET calendar are NULL in staging', async () => {
  const instants = [
    "'0001-01-01 07:00:00+00'",
    "'9999-12-31 23:59:59.999999+00'",
    "'2025-10-20 16:00:00+00'",
  ];
  const raw_payments = rows(
    {
      ...{ id: 'int64', date: 'timestamp', typeId: 'int64', total: 'numeric', unappliedAmount: 'numeric' },
      ...{ refundedPaymentId: 'int64', businessUnit: 'struct<id int64>', customer: 'struct<id int64>' },
      ...{ active: 'bool' },
      ...{
        createdOn: 'timestamp',
        modifiedOn: 'timestamp',
        _extracted_at: 'timestamp',
        _generation: 'int64',
      },
    },
    ...instants.map((at, index) => [
      ...[String(index), at, 'null', '1', 'null', 'null', 'null', 'null', 'true', at, at, at, '0'],
    ]),
  );
  const found = await planted.rowsOf('stg_payments', { raw_payments });
  const days = found.map((row) => [row[1], row[9]]);
  expect(days.sort()).toEqual([
    ['2025-10-20', '2025-10-20 16:00:00+00'],
    ['NULL', 'NULL'],
    ['NULL', 'NULL'],
  ]);
});

test('an event of a wrong year does not stretch the mart to SYNC_START_DATE', async () => {
  const AMOUNT = { ...EVENT, amount: 'numeric' };
  const paid = (day: string, amount: string) => ["'Tucson-Production'", day, amount];
  const found = await planted.rowsOf('daily_kpis', {
    int_leads: rows({ ...EVENT, customer_id: 'int64' }),
    int_completed_estimates: rows(EVENT),
    int_produced: rows({
      ...{ ...EVENT, revenue: 'numeric', labor_cost: 'numeric', material_cost: 'numeric' },
      ...{ return_amount: 'numeric', job_cost: 'numeric', is_warranty: 'bool' },
    }),
    int_opportunities: rows({ ...EVENT, is_closed: 'bool', sold_amount: 'numeric' }),
    int_vendor_opportunities: rows({ ...EVENT, is_closed: 'bool' }),
    int_booked: rows({ ...EVENT, amount: 'numeric' }),
    int_invoiced: rows(AMOUNT),
    int_collected: rows(AMOUNT, paid("'0205-10-26'", '5'), paid("'2025-10-26'", '7'), paid('null', '9')),
    int_calendar: `select calendar_date, date '2025-10-20' as week_start
      from unnest(generate_date_array(date '2025-10-20', date '2025-10-27')) as calendar_date`,
    int_kpi_units:
      "select 'Tucson-Production' as business_unit, 'production' as kind, 'TUC' as region, true as is_mapped",
    int_loaded_entities: rows({ entity: 'string' }, ["'payments'"], ["'invoices'"]),
    kpi_snapshots: rows({ snapshot_date: 'date', business_unit: 'string', kpi: 'string', value: 'numeric' }),
  });
  expect(found.map(([day]) => day).sort()).toEqual(['2025-10-26', '2025-10-27']);
});
