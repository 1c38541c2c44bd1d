import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { movementsOf } from '../../../app/explain/moved-records.ts';
import { RULES } from '../../../app/report/rules.ts';

test('the records of many moved numbers are looked for two numbers at a time on DuckDB', async () => {
  const moved = Array.from({ length: 30 }, (_, index) => ({
    ...{ week_start: '2025-10-13', business_unit: `Unit ${index}`, kpi: 'lead_count' },
    ...{ night_before: '2025-10-27', value_before: '1', value: '2' },
  }));
  let running = 0;
  let most = 0;
  const query = async (sql: string) => {
    running += 1;
    most = Math.max(most, running);
    await setTimeout(2);
    running -= 1;
    return (sql.includes('kpi_movements') ? moved : []) as never;
  };
  const datasets = { raw: 'r', stage: 's', mart: 'm', logs: 'l' };
  const found = await movementsOf({
    ...{ query, datasets, logs: 'l', engine: 'duckdb', zone: 'America/Phoenix' },
    ...{ runDate: '2025-10-28', rules: RULES },
  });
  expect(found).toHaveLength(30);
  expect(found.map(({ business_unit }) => business_unit)).toEqual(moved.map((row) => row.business_unit));
  expect(most).toBe(2);
});
