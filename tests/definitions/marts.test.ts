import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KPIS } from '../../app/report/kpis.ts';
import { type Inputs, openPlanted, rows } from './planted.ts';

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

const VALUE = {
  ...{ period_start: 'date', period_end: 'date', business_unit: 'string', region: 'string', kind: 'string' },
  ...{ kpi: 'string', value: 'numeric', numerator: 'numeric', denominator: 'numeric' },
};
const MONDAY = '2025-10-20';
const value = (end: string, unit: string, kpi: string, ...numbers: readonly string[]) => {
  const [name = '', region = '', kind = ''] = unit.split(' ');
  return [`'${MONDAY}'`, `'${end}'`, `'${name}'`, `'${region}'`, `'${kind}'`, `'${kpi}'`, ...numbers];
};

/** Rows of a mart: the columns before the KPIs, and each KPI that is not NULL. */
async function martOf(name: string, inputs: Inputs, keys: number) {
  const found = await planted.rowsOf(name, inputs);
  return found
    .map((row) => [
      ...row.slice(0, keys).map((cell) => cell.replaceAll('"', '')),
      Object.fromEntries(
        KPIS.map((kpi, at) => [kpi.name, row[keys + at]] as const).filter(([, cell]) => cell !== 'NULL'),
      ),
    ])
    .sort();
}

describe('the marts', () => {
  const int_unit_values = rows(
    VALUE,
    value(MONDAY, 'Tucson-Sales TUC sales', 'lead_count', '1', '1'),
    value(MONDAY, 'Tucson-Sales TUC sales', 'close_rate_percent', '33.33', '1', '3'),
    value(MONDAY, 'Tucson-Production TUC production', 'outstanding_ar', '22', '22'),
    value('2025-10-26', 'Tucson-Sales TUC sales', 'lead_count', '7', '7'),
    value('2025-10-26', 'Queens NYC both', 'gpm_percent', 'null', 'null', 'null'),
  );

  test('daily_kpis has a row per day and unit, each KPI in its own column, without the weeks', async () => {
    expect(await martOf('daily_kpis', { int_unit_values }, 4)).toEqual([
      [MONDAY, 'Tucson-Production', 'TUC', 'production', { outstanding_ar: '22' }],
      [MONDAY, 'Tucson-Sales', 'TUC', 'sales', { lead_count: '1', close_rate_percent: '33.33' }],
    ]);
  });

  test('weekly_kpis has a row per week and unit, also if all its KPIs are unknown', async () => {
    expect(await martOf('weekly_kpis', { int_unit_values }, 4)).toEqual([
      [MONDAY, 'Queens', 'NYC', 'both', {}],
      [MONDAY, 'Tucson-Sales', 'TUC', 'sales', { lead_count: '7' }],
    ]);
  });

  test('a region adds up its units of a kind, and divides their sums', async () => {
    const inputs = {
      int_kpi_units: rows(
        { business_unit: 'string', kind: 'string', region: 'string' },
        ["'Bronx'", "'both'", "'NYC'"],
        ["'Queens-Sales'", "'sales'", "'NYC'"],
        ["'Jersey'", "'sales'", "'NJ'"],
      ),
      int_unit_values: rows(
        VALUE,
        value(MONDAY, 'Bronx NYC both', 'closed_opportunities', '1', '1'),
        value(MONDAY, 'Bronx NYC both', 'close_rate_percent', '50', '1', '2'),
        value(MONDAY, 'Bronx NYC both', 'dollars_produced', '100', '100'),
        value(MONDAY, 'Queens-Sales NYC sales', 'closed_opportunities', '1', '1'),
        value(MONDAY, 'Queens-Sales NYC sales', 'close_rate_percent', '100', '1', '1'),
        value(MONDAY, 'Jersey NJ sales', 'close_rate_percent', '33.33', '1', '3'),
      ),
    };
    // 2 of 3 is 66.67 %, not the mean of 50 and 100. One of the two units produces too.
    expect(await martOf('regional_kpis', inputs, 4)).toEqual([
      [MONDAY, 'NJ', 'Jersey', 'NULL', { close_rate_percent: '33.33' }],
      [
        ...[MONDAY, 'NYC', 'Bronx, Queens-Sales', 'Bronx'],
        { closed_opportunities: '2', close_rate_percent: '66.67', dollars_produced: '100' },
      ],
    ]);
  });
});
