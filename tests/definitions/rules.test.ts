import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlanted, rows } from './planted.ts';

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

describe('rules that the owner may switch', () => {
  test('excluded_production_types excludes job types by their names', async () => {
    const inputs = {
      reference_job_types: rows({
        ...{ job_type_id: 'int64', name: 'string', is_estimate: 'bool', is_warranty: 'bool' },
        ...{ excluded_from_produced: 'bool', in_wbr_list: 'bool' },
      }),
      stg_job_types: rows(
        { job_type_id: 'int64', job_type_name: 'string', is_no_charge: 'bool', sold_threshold: 'numeric' },
        ['1', "'PM Inspection'", 'false', '0'],
        ['2', "'Interior'", 'false', '0'],
      ),
    };
    const excluded = async (variables: Readonly<Record<string, string>>) =>
      (await planted.rowsOf('int_job_types', inputs, variables)).map(([id, , , , isExcluded]) => [
        id,
        isExcluded,
      ]);
    expect(await excluded({})).toEqual([
      ['1', 'false'],
      ['2', 'false'],
    ]);
    expect(await excluded({ excluded_production_types: 'Other|PM Inspection' })).toEqual([
      ['1', 'true'],
      ['2', 'false'],
    ]);
  });

  test('receivables_minimum is the smallest net of a location that receivables count', async () => {
    const inputs = {
      int_invoiced: rows(
        {
          location_id: 'int64',
          business_unit: 'string',
          event_date: 'date',
          open_balance: 'numeric',
          is_posted: 'bool',
        },
        ['1', "'Queens'", "'2025-10-20'", '24.99', 'true'],
        ['2', "'Queens'", "'2025-10-20'", '25', 'true'],
      ),
      int_locations: rows({ location_id: 'int64', surviving_location_id: 'int64' }),
    };
    const counted = async (variables: Readonly<Record<string, string>>) =>
      (await planted.rowsOf('int_receivables', inputs, variables)).map((row) => row.at(-1)).sort();
    expect(await counted({})).toEqual(['true', 'true']);
    expect(await counted({ receivables_minimum: '25' })).toEqual(['false', 'true']);
  });

  test('sold_threshold_on decides whether one estimate or all sales of a job must reach the threshold', async () => {
    const job =
      "date '2025-08-17' as completed_date, 5 as job_type_id, 'Tucson-Sales' as business_unit, 'sales' as kind";
    const inputs = {
      stg_estimates: rows(
        {
          job_id: 'int64',
          sold_at: 'timestamp',
          subtotal: 'numeric',
          estimate_status: 'string',
          is_active: 'bool',
        },
        ['7', "'2025-08-18 16:00:00+00'", '300', "'Sold'", 'true'],
        ['7', "'2025-08-20 16:00:00+00'", '200', "'Sold'", 'true'],
      ),
      stg_jobs: 'select 7 as job_id, 5 as job_type_id',
      int_job_types: "select 5 as job_type_id, numeric '500' as sold_threshold",
      stg_job_types: "select 5 as job_type_id, numeric '500' as sold_threshold",
      int_job_facts: `select 7 as job_id, true as in_kpi_set, 'Completed' as job_status, false as is_no_charge_flag, ${job}`,
    };
    const counted = (variables: Readonly<Record<string, string>>) =>
      planted.rowsOf('int_vendor_opportunities', inputs, variables);
    expect(await counted({})).toEqual([['7', '"Tucson-Sales"', 'false', '2025-08-17']]);
    // Together they reach it: the day of the first of them.
    const together = { sold_threshold_on: 'job' };
    expect(await counted(together)).toEqual([['7', '"Tucson-Sales"', 'true', '2025-08-18']]);
    expect(await planted.rowsOf('assert_vendor_opportunities_counted', inputs, together)).toEqual([]);
  });

  test.each([
    ['monday', '2025-10-20'],
    ['sunday', '2025-10-26'],
    ['wednesday', '2025-10-22'],
  ])('with week_start = %s the week of Sunday 26 October 2025 begins on %s', async (week_start, first) => {
    const days = { sync_start_date: '2025-10-01', run_date: '2025-10-26', week_start };
    const calendar = await planted.rowsOf('int_calendar', {}, days);
    expect(calendar.find(([day]) => day === '2025-10-26')?.[1]).toBe(first);
    const year = `select date '${first}' as week_start, date_sub(date '${first}', interval 364 day) as week_start_year_before`;
    const check = 'assert_weeks_begin_on_their_day';
    expect(await planted.rowsOf(check, { weekly_kpis_yoy: year }, days)).toEqual([]);
    const wrong = year.replaceAll(first, '2025-10-21');
    expect(await planted.rowsOf(check, { weekly_kpis_yoy: wrong }, days)).toHaveLength(1);
  });
});
