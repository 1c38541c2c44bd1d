import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlanted, rows } from './planted.ts';

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

const REFERENCE = {
  ...{ business_unit_id: 'int64', raw_name: 'string', normalised_name: 'string', kind: 'string' },
  ...{ region: 'string', in_kpi_set: 'bool' },
};
const line = (id: string, name: string) => [id, `'${name}'`, `'${name}'`, "'sales'", "'R'", 'true'];
const LISTED = {
  business_unit_id: 'int64',
  source_name: 'string',
  business_unit: 'string',
  in_kpi_set: 'bool',
};

test('a unit is mapped if the list or a job of the tenant has it, and not if it was renamed', async () => {
  const found = await planted.rowsOf('int_kpi_units', {
    reference_business_units: rows(
      REFERENCE,
      line('null', 'By name'),
      line('null', 'Renamed'),
      line('3', 'Only in jobs'),
      line('4', 'Nowhere'),
    ),
    int_business_units: rows(
      LISTED,
      ['1', "'By name'", "'By name'", 'true'],
      // The tenant renamed the unit, so the name of the reference maps nothing.
      ['2', "'New name'", 'null', 'false'],
      ['3', 'null', "'Only in jobs'", 'true'],
      ['4', 'null', "'Nowhere'", 'true'],
    ),
    stg_jobs: rows({ job_id: 'int64', business_unit_id: 'int64' }, ['7', '3'], ['8', '2'], ['9', 'null']),
  });
  expect(found.map((row) => [row[0], row[3]]).sort()).toEqual([
    ['"By name"', 'true'],
    ['"Nowhere"', 'false'],
    ['"Only in jobs"', 'true'],
    ['"Renamed"', 'false'],
  ]);
});

const DAY = { event_date: 'date', business_unit: 'string' };
const AMOUNT = { ...DAY, amount: 'numeric' };

test('the KPIs of a unit that nothing maps to are NULL, and those of the others are 0', async () => {
  const found = await planted.rowsOf('daily_kpis', {
    int_leads: rows({ ...DAY, customer_id: 'int64' }, ["'2025-10-27'", "'Tucson-Sales'", '1']),
    int_completed_estimates: rows(DAY),
    int_produced: rows({
      ...{ ...DAY, revenue: 'numeric', labor_cost: 'numeric', material_cost: 'numeric' },
      ...{ return_amount: 'numeric', job_cost: 'numeric', is_warranty: 'bool' },
    }),
    int_opportunities: rows({ ...DAY, is_closed: 'bool', sold_amount: 'numeric' }),
    int_vendor_opportunities: rows({ ...DAY, is_closed: 'bool' }),
    int_booked: rows({ ...DAY, amount: 'numeric' }),
    int_invoiced: rows(AMOUNT),
    int_collected: rows(AMOUNT),
    int_calendar: "select date '2025-10-27' as calendar_date, date '2025-10-27' as week_start",
    kpi_snapshots: rows({ snapshot_date: 'date', business_unit: 'string', kpi: 'string', value: 'numeric' }),
    int_kpi_units: rows(
      { business_unit: 'string', kind: 'string', region: 'string', is_mapped: 'bool' },
      ["'Tucson-Sales'", "'sales'", "'TUC'", 'true'],
      ["'Nevada-Sales'", "'sales'", "'NEV'", 'false'],
    ),
    int_loaded_entities: rows(
      { entity: 'string' },
      ...['jobs', 'job_types', 'customers', 'estimates', 'invoices'].map((name) => [`'${name}'`]),
    ),
  });
  const salesOf = (unit: string) => found.find((row) => row[1] === `"${unit}"`)?.slice(4, 13);
  // Leads, lead jobs, estimates, opportunities, closed ones, close rate, their sales, average sale, booked.
  expect(salesOf('Tucson-Sales')).toEqual(['1', '1', '0', '0', '0', 'NULL', '0', 'NULL', '0']);
  expect(salesOf('Nevada-Sales')).toEqual(Array(9).fill('NULL'));
});
