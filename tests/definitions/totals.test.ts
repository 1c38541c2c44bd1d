import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KPIS, namesOf } from '../../app/report/kpis.ts';
import { type Inputs, openPlanted, rows } from './planted.ts';

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

const NUMBERS = Object.fromEntries(
  KPIS.map(({ name, unit }) => [name, unit === 'count' ? 'int64' : 'numeric']),
);
/** Columns of the mart with these values on one day, 0 elsewhere; only sums are compared. */
const cells = (values: Readonly<Record<string, string>>) =>
  KPIS.map(({ name, type }) => values[name] ?? (type === 'sum' ? '0' : 'null'));

const MART_DAY = { event_date: 'date', business_unit: 'string', ...NUMBERS };
const TUCSON = { event_date: 'date', business_unit: 'string' };
const LEAD = { ...TUCSON, customer_id: 'int64', job_id: 'int64' };
const EVENT = { ...TUCSON, amount: 'numeric' };
const OPPORTUNITY = { ...TUCSON, is_closed: 'bool', sold_amount: 'numeric' };
const JOB = {
  job_id: 'int64',
  ...{ job_start_date: 'date', completed_date: 'date', business_unit: 'string', kind: 'string' },
  ...{ in_kpi_set: 'bool', is_estimate: 'bool', job_status: 'string', is_excluded_from_production: 'bool' },
  ...{ is_warranty: 'bool', revenue: 'numeric', labor_cost: 'numeric', material_cost: 'numeric' },
  ...{ return_amount: 'numeric', job_cost: 'numeric' },
};
/** Sales of `day`: a lead, a completed estimate, a closed opportunity and a sale of 100. */
const sales = (day: string) => [`'${day}'`, "'Tucson-Sales'"];
const produced = (day: string, { isWarranty = false, isExcluded = false } = {}) => [
  ...['7', `'${day}'`, `'${day}'`, "'Tucson-Production'", "'production'", 'true', 'false', "'Completed'"],
  ...[`${isExcluded}`, `${isWarranty}`, '1000', '300', '200', '50', '450'],
];
const estimate = (day: string) => [
  ...['8', `'${day}'`, `'${day}'`, "'Tucson-Sales'", "'sales'", 'true', 'true', "'Completed'", 'false'],
  ...['false', '0', '0', '0', '0', '0'],
];
const paid = (day: string, amount: string) => [...[`'${day}'`, "'Tucson-Production'", amount]];

const DAY = '2025-10-20';
/** A day with one event of each kind, as stage tables hold them. */
const STAGE: Inputs = {
  int_leads: rows(LEAD, sales(DAY)),
  int_booked: rows({ ...TUCSON, amount: 'numeric' }, [...sales(DAY), '100']),
  int_opportunities: rows(OPPORTUNITY, [...sales(DAY), 'true', '120']),
  int_vendor_opportunities: rows(OPPORTUNITY, [...sales(DAY), 'true', '0']),
  int_job_facts: rows(JOB, estimate(DAY), produced(DAY, { isWarranty: true })),
  int_invoiced: rows(EVENT, paid(DAY, '1086')),
  int_collected: rows(EVENT, paid(DAY, '70')),
};
const MART: Readonly<Record<string, string>> = {
  ...{ lead_job_count: '1', num_estimates: '1', sales_opportunities: '1', closed_opportunities: '1' },
  ...{
    closed_sales_amount: '120',
    total_booked: '100',
    dollars_produced: '1000',
    dollars_invoiced: '1086',
    labor_cost: '300',
  },
  ...{ material_cost: '200', return_amount: '50', gross_profit: '550', warranty_cost: '450' },
  ...{ sales_opportunities_vendor: '1', closed_opportunities_vendor: '1', dollars_collected: '70' },
};
const ADDITIVE = Object.keys(MART);

const mart = (values: Readonly<Record<string, string>>, day = DAY) =>
  rows(MART_DAY, [`'${day}'`, "'Tucson-Production'", ...cells(values)]);

/** Columns whose totals differ. */
async function differing(inputs: Inputs, variables?: Readonly<Record<string, string>>): Promise<string[]> {
  const found = await planted.rowsOf('assert_mart_equals_stage', { ...STAGE, ...inputs }, variables);
  return found.map(([kpi = '']) => kpi.replaceAll('"', ''));
}

test('the planted day has every sum of the mart', () => {
  expect(namesOf('sum')).toEqual(expect.arrayContaining(ADDITIVE));
});

describe('assert_mart_equals_stage', () => {
  test('assert_mart_equals_stage passes when nothing is lost', async () => {
    expect(await differing({ daily_kpis: mart(MART) })).toEqual([]);
  });

  test.each(ADDITIVE)('assert_mart_equals_stage finds a lost cent of %s in the mart', async (name) => {
    // A count has no cents.
    const lost = { ...MART, [name]: String(Number(MART[name]) - (NUMBERS[name] === 'int64' ? 1 : 0.01)) };
    expect(await differing({ daily_kpis: mart(lost) })).toEqual([name]);
    expect(await differing({ daily_kpis: mart({ ...MART, [name]: 'null' }) })).toEqual([name]);
  });

  test('assert_mart_equals_stage ignores events before SYNC_START_DATE and after the run date', async () => {
    const beyond = ['2025-08-31', '2025-10-28'];
    const more = {
      int_leads: rows(LEAD, sales(DAY), ...beyond.map(sales)),
      int_job_facts: rows(
        JOB,
        estimate(DAY),
        produced(DAY, { isWarranty: true }),
        ...beyond.map((day) => produced(day)),
      ),
      daily_kpis: mart(MART),
    };
    expect(await differing(more, { sync_start_date: '2025-09-01' })).toEqual([]);
    expect(await differing(more, { sync_start_date: '2025-08-31' })).toContain('lead_job_count');
  });

  test('assert_mart_equals_stage leaves out jobs of types that are excluded from production', async () => {
    const jobs = (isExcluded: boolean) => ({
      int_job_facts: rows(
        JOB,
        estimate(DAY),
        produced(DAY, { isWarranty: true }),
        produced(DAY, { isExcluded }),
      ),
      daily_kpis: mart(MART),
    });
    expect(await differing(jobs(true))).toEqual([]);
    expect(await differing(jobs(false))).toContain('dollars_produced');
  });

  test('assert_mart_equals_stage accepts cells that are each rounded to cents', async () => {
    const days = ['2025-10-18', '2025-10-19', DAY];
    const halves = rows(EVENT, ...days.map((day) => paid(day, '0.005')));
    const cell = (day: string) => mart({ dollars_collected: '0.01' }, day);
    const none: Inputs = {
      ...STAGE,
      ...{ int_leads: rows(LEAD), int_booked: rows({ ...TUCSON, amount: 'numeric' }) },
      ...{ int_opportunities: rows(OPPORTUNITY), int_vendor_opportunities: rows(OPPORTUNITY) },
      int_job_facts: rows(JOB),
      ...{ int_invoiced: rows(EVENT), int_collected: halves },
    };
    expect(await differing({ ...none, daily_kpis: days.map(cell).join(' union all ') })).toEqual([]);
  });
});

describe('assert_weeks_equal_days', () => {
  const CALENDAR = `select date '${DAY}' as calendar_date, date '2025-10-20' as week_start`;
  const WEEK = { week_start: 'date', business_unit: 'string', ...NUMBERS };
  const weeks = (values: Readonly<Record<string, string>>) => ({
    weekly_kpis: rows(WEEK, [`'2025-10-20'`, "'Tucson-Production'", ...cells(values)]),
    int_calendar: CALENDAR,
    daily_kpis: mart(MART),
  });
  const off = async (values: Readonly<Record<string, string>>) =>
    (await planted.rowsOf('assert_weeks_equal_days', weeks(values))).length;

  test('assert_weeks_equal_days passes when every column of a week is the sum of its days', async () => {
    expect(await off(MART)).toBe(0);
  });
  test.each(
    ADDITIVE,
  )('assert_weeks_equal_days is RED when %s of a week differs or is NULL on one side', async (name) => {
    expect(await off({ ...MART, [name]: '999' })).toBe(1);
    expect(await off({ ...MART, [name]: 'null' })).toBe(1);
  });
});

describe('assert_marts_show_values', () => {
  const VALUE = {
    period_start: 'date',
    period_end: 'date',
    business_unit: 'string',
    kpi: 'string',
    value: 'numeric',
  };
  const valuesOf = (end: string) =>
    ADDITIVE.map((name) => [
      `'${DAY}'`,
      `'${end}'`,
      "'Tucson-Production'",
      `'${name}'`,
      MART[name] ?? 'null',
    ]);
  const WEEK = { week_start: 'date', business_unit: 'string', ...NUMBERS };
  const marts = {
    int_unit_values: rows(VALUE, ...valuesOf(DAY), ...valuesOf('2025-10-26')),
    daily_kpis: mart(MART),
    weekly_kpis: rows(WEEK, [`'${DAY}'`, "'Tucson-Production'", ...cells(MART)]),
  };
  const off = async (inputs: Inputs) =>
    (await planted.rowsOf('assert_marts_show_values', { ...marts, ...inputs })).length;

  test('assert_marts_show_values passes when each cell of the marts is the computed value', async () => {
    expect(await off({})).toBe(0);
  });

  test.each(ADDITIVE)('assert_marts_show_values is RED when a mart lacks or changes %s', async (name) => {
    const week = (value: string) =>
      rows(WEEK, [`'${DAY}'`, "'Tucson-Production'", ...cells({ ...MART, [name]: value })]);
    expect(await off({ weekly_kpis: week('999') })).toBe(1);
    expect(await off({ weekly_kpis: week('null') })).toBe(1);
    expect(await off({ daily_kpis: mart({ ...MART, [name]: '999' }) })).toBe(1);
  });
});
