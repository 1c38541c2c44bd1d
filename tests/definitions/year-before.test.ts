import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlanted, rows } from './planted.ts';

let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

/** Weeks in which a KPI has this value. */
const weeks = (values: Readonly<Record<string, number>>) =>
  rows(
    {
      ...{ period_start: 'date', period_end: 'date', business_unit: 'string', region: 'string' },
      ...{ kind: 'string', kpi: 'string', value: 'numeric' },
    },
    ...Object.entries(values).map(([monday, value]) => [
      ...[`'${monday}'`, `'${daysBefore(monday, -6)}'`, "'Tucson-Sales'", "'TUC'", "'sales'"],
      ...["'total_booked'", String(value)],
    ]),
  );

/** Value, value of the year before and change of a week. */
async function week(monday: string, variables: Readonly<Record<string, string>>) {
  const int_unit_values = weeks({ [monday]: 10, [daysBefore(monday, 364)]: 70 });
  const found = await planted.rowsOf('weekly_kpis_yoy', { int_unit_values }, variables);
  return found
    .find(([start]) => start === monday)
    ?.slice(6)
    .join(' ');
}

function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
}

test('a finished week is compared with the same week of the year before', async () => {
  expect(await week('2025-10-20', { run_date: '2025-10-27' })).toBe('10 70 -60');
});

test('a week in progress has no change against the year before, on its Monday neither', async () => {
  expect(await week('2025-10-20', { run_date: '2025-10-20' })).toBe('10 70 NULL');
  expect(await week('2025-10-20', { run_date: '2025-10-26' })).toBe('10 70 NULL');
});

test('a week has no change when its week of the year before was loaded only in part', async () => {
  expect(await week('2025-10-20', { sync_start_date: '2024-10-23' })).toBe('10 70 NULL');
  expect(await week('2025-10-20', { sync_start_date: '2024-10-21' })).toBe('10 70 -60');
});
