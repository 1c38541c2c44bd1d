import { expect, test } from 'vitest';
import { companyOf } from '../../../app/report/totals.ts';
import type { Query } from '../../../extract/load/warehouse.ts';

/** A week of a unit, with the KPIs that are named. */
const week = (
  business_unit: string,
  kind: string,
  region: string,
  kpis: Readonly<Record<string, string>>,
) => ({
  ...{ week_start: '2025-10-20', business_unit, kind, region },
  ...{ closed_opportunities: null, sales_opportunities: null, close_rate_percent: null, total_booked: null },
  ...{ dollars_produced: null, lead_count: null },
  ...kpis,
});

/** The regions of the report over these weeks and snapshots of 2025-10-27. */
async function regionsOf(
  weeks: readonly object[],
  snapshots: readonly object[] = [],
  counts: readonly object[] = [],
) {
  const query = (async (sql: string) => {
    if (sql.includes('as first_day')) return [{ first_day: '2024-01-01' }];
    if (sql.includes('.weekly_kpis')) return weeks;
    if (sql.includes('record_count')) return counts;
    return sql.includes('.kpi_snapshots') ? snapshots : [];
  }) as Query;
  const datasets = { stage: 'stage', mart: 'mart' };
  return (await companyOf({ query, datasets, runDate: '2025-10-27', syncStartDate: '2020-01-01' })).regions;
}

test('a region of one unit that sells and produces has all its numbers and its name', async () => {
  const [region] = await regionsOf([
    week('Queens', 'both', 'NYC', { total_booked: '100', dollars_produced: '80' }),
  ]);
  expect(region).toMatchObject({ name: 'Queens', salesUnit: 'Queens', productionUnit: 'Queens' });
  expect([region?.kpis.total_booked?.value, region?.kpis.dollars_produced?.value]).toEqual(['100', '80']);
});

test('a region of two units of a kind adds up their numbers, and divides their sums', async () => {
  const taken = (business_unit: string, value: string) => ({
    ...{ day: '2025-10-27', kpi: 'outstanding_ar', business_unit, value },
  });
  const [region] = await regionsOf(
    [
      week('Bronx', 'both', 'NYC', {
        ...{ closed_opportunities: '1', sales_opportunities: '2', close_rate_percent: '50' },
        total_booked: '100.10',
      }),
      week('Queens-Sales', 'sales', 'NYC', {
        ...{ closed_opportunities: '1', sales_opportunities: '1', close_rate_percent: '100' },
        total_booked: '0.9',
      }),
      week('Queens-Production', 'production', 'NYC', { dollars_produced: '7' }),
    ],
    [taken('Bronx', '5'), taken('Queens-Production', '6')],
  );
  // 2 of 3, not the mean of 50 and 100.
  expect(region?.kpis.close_rate_percent?.value).toBe('66.67');
  expect(region?.kpis.total_booked?.value).toBe('101');
  expect(region?.kpis.dollars_produced?.value).toBe('7');
  expect(region?.kpis.outstanding_ar?.value).toBe('11');
  // Several units have no records and no screen of their own together.
  expect(region).toMatchObject({ name: 'NYC', salesUnit: null, productionUnit: null });
});

test('a region of a sales and a production unit is called by the name that they share', async () => {
  const [region] = await regionsOf([
    week('Tucson-Production', 'production', 'TUC', { dollars_produced: '7' }),
    week('Tucson-Sales', 'sales', 'TUC', { close_rate_percent: '33.33' }),
  ]);
  expect(region).toMatchObject({
    ...{ name: 'Tucson', salesUnit: 'Tucson-Sales', productionUnit: 'Tucson-Production' },
  });
  expect(region?.kpis.close_rate_percent?.value).toBe('33.33');
});

test('a region counts the records of its producing units in the week and in the one before', async () => {
  const counted = (business_unit: string, kpi: string, value: string, week_before: string) => ({
    ...{ business_unit, kpi, value, week_before },
  });
  const [region] = await regionsOf(
    [week('A', 'production', 'NYC', {}), week('B', 'production', 'NYC', {})],
    [],
    [
      counted('A', 'dollars_produced', '3', '2'),
      counted('B', 'dollars_produced', '4', '0'),
      counted('A', 'dollars_collected', '1', '5'),
      counted('C', 'dollars_collected', '9', '9'),
    ],
  );
  expect(region?.records).toEqual({
    dollars_produced: { value: 7, weekBefore: 2 },
    dollars_collected: { value: 1, weekBefore: 5 },
  });
});
