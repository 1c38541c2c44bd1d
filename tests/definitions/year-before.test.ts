import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlanted, rows } from './planted.ts';

const { columnsOf } = createRequire(import.meta.url)('../../includes/kpis.js') as {
  readonly columnsOf: (kind: 'sales' | 'production') => readonly string[];
};
const KPIS = [...columnsOf('sales'), ...columnsOf('production')];
let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

/** Weeks in which each KPI has this value. */
const weeks = (values: Readonly<Record<string, number>>) =>
  rows(
    {
      ...{ week_start: 'date', business_unit: 'string', region: 'string', kind: 'string' },
      ...Object.fromEntries(KPIS.map((name) => [name, 'numeric'])),
    },
    ...Object.entries(values).map(([monday, value]) => [
      ...[`'${monday}'`, "'Tucson-Sales'", "'TUC'", "'sales'"],
      ...KPIS.map(() => String(value)),
    ]),
  );

/** Value, value of the year before and change of a week, which are the same for each KPI. */
async function week(monday: string, variables: Readonly<Record<string, string>>) {
  const weekly_kpis = weeks({ [monday]: 10, [daysBefore(monday, 364)]: 70 });
  const found = await planted.rowsOf('weekly_kpis_yoy', { weekly_kpis }, variables);
  const cells = found.find(([start]) => start === monday)?.slice(5) ?? [];
  const triples = KPIS.map((_, at) => cells.slice(3 * at, 3 * at + 3).join(' '));
  expect(triples).toHaveLength(new Set(triples).size * KPIS.length);
  return triples[0];
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
