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
