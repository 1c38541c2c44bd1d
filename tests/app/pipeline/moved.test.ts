import { expect, test } from 'vitest';
import { movedText } from '../../../app/cli/moved-text.ts';
import { type MartValues, movedBetween, readMart } from '../../../app/pipeline/moved.ts';

type Row = Record<string, string | null>;

/** A mart of these weeks and days, read as from a warehouse. */
async function mart(weeks: readonly Row[], days: readonly Row[] = []): Promise<MartValues> {
  const query = async <T>(sql: string) => (sql.includes('weekly_kpis') ? weeks : days) as readonly T[];
  const read = await readMart(query, 'mart');
  if (!read) throw new Error('There is a mart');
  return read;
}

const week = (week_start: string, unit: string, numbers: Row): Row => ({
  ...{ week_start, business_unit: unit, region: 'NV', ...numbers },
});

test('what moved names each KPI with its cells and the largest difference, which may be downwards', async () => {
  const before = await mart(
    [
      week('2025-10-06', 'A', { lead_count: '5', total_booked: '100.500000000', gpm_percent: '40.00' }),
      week('2025-10-13', 'A', { lead_count: '7', total_booked: '900.000000000', gpm_percent: '40.00' }),
    ],
    [{ event_date: '2025-10-06', business_unit: 'A', lead_count: '5', gpm_percent: '41' }],
  );
  const after = await mart(
    [
      week('2025-10-06', 'A', { lead_count: '6', total_booked: '100.5', gpm_percent: '40.00' }),
      week('2025-10-13', 'A', { lead_count: '2', total_booked: '900', gpm_percent: '40.00' }),
    ],
    [{ event_date: '2025-10-06', business_unit: 'A', lead_count: '6', gpm_percent: null }],
  );
  const unit = 'A';
  expect(movedBetween(before, after)).toEqual([
    {
      ...{ kpi: 'lead_count', weeks: 2, days: 1 },
      largest: { period: '2025-10-13', isWeek: true, unit, before: '7', after: '2' },
    },
    {
      ...{ kpi: 'gpm_percent', weeks: 0, days: 1 },
      largest: { period: '2025-10-06', isWeek: false, unit, before: '41', after: null },
    },
  ]);
  expect(movedBetween(before, before)).toEqual([]);
});

test('of two equally large differences the later one is named', async () => {
  const marts = await Promise.all(
    ['1', '4'].map((count) =>
      mart(['2025-10-13', '2025-10-20', '2025-10-06'].map((day) => week(day, 'A', { lead_count: count }))),
    ),
  );
  const [before, after] = marts as [MartValues, MartValues];
  expect(movedBetween(before, after)[0]?.largest.period).toBe('2025-10-20');
});

test('a zero that was unknown moved, a new column moved, and a new day without a number did not', async () => {
  const before = await mart([week('2025-10-06', 'A', { lead_count: null })]);
  const after = await mart([
    week('2025-10-06', 'A', { lead_count: '0', new_kpi: '3' }),
    week('2025-10-13', 'A', { lead_count: '0', new_kpi: '0' }),
  ]);
  const moved = movedBetween(before, after);
  expect(moved.map(({ kpi, weeks }) => [kpi, weeks])).toEqual([
    ['lead_count', 1],
    ['new_kpi', 1],
  ]);
});

test('the table of what moved fits 80 columns with the longest names and shows cents only where they differ', async () => {
  const unit = 'Guaranteed Painting-Production';
  const of = (dollars: string, other: string) =>
    mart([week('2025-09-29', unit, { future_bookings_after_today: dollars, dollars_produced: other })]);
  const text = movedText(movedBetween(await of('1234567.25', '10.25'), await of('-1234567.25', '10.3')));
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text.replace(/\s+/g, ' ')).toContain('$1,234,567 → −$1,234,567');
  expect(text).toContain('$10.25 → $10.30');
  expect(movedText([])).toBe('No number of the mart moved.');
  expect(movedText(undefined)).toContain('no mart before');
});
