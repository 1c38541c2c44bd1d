import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { closingScreen } from '../../../app/cli/closing.ts';
import { cut } from '../../../app/cli/live-progress.ts';
import type { ReportData } from '../../../app/report/data.ts';
import { region, reportData } from '../report/data.ts';

const PLACES = [
  'Report     .local/report/report.html',
  'Warehouse  .local/warehouse.duckdb',
  'Details    npm run report',
];
const lines = (data: ReportData) => stripVTControlCharacters(closingScreen(data, PLACES)).split('\n');
const data = { ...reportData(), unread: [] };
const [off] = data.reconciliation;
const [finding] = data.assertions;
if (!off || !finding) throw new Error('the report has no finding');

test('the last screen begins with the verdict, shows the week, what to look at, and where things are', () => {
  const screen = lines(data);
  expect(screen[0]).toMatch(/^RED {5}1 of 3 screen values is off: Booked of Nevada-Sales, 18 Aug 2025; 1/);
  expect(screen.join('\n')).toMatch(/^Company +– +– +\$428,300/m);
  expect(screen.join('\n')).toMatch(/^ {2}on the week +– +– +\+7 %/m);
  expect(screen).toContain('✗ Booked of Nevada-Sales, 18 Aug 2025: screen $27,150.00, ours $17,230.00');
  expect(screen).toContain('▲ 1 business unit (12 jobs, $5,000) is not among the units that count.');
  expect(screen.slice(-3)).toEqual(PLACES);
});

test.each([
  ['twenty screen values and fifty findings', 20, 50],
  ['one finding', 0, 1],
] as const)('the last screen fits 24 lines of 80 columns with %s', (_, values, findings) => {
  const many = {
    ...data,
    reconciliation: Array.from({ length: values }, () => ({
      ...off,
      business_unit: 'Guaranteed Painting-Sales'.repeat(3),
    })),
    assertions: Array.from({ length: findings }, () => finding),
    regions: Array.from({ length: 6 }, (__, nth) =>
      region(`Guaranteed Painting ${nth}`, { total_booked: ['1234567.89', '1'] }),
    ),
  };
  const screen = lines(many);
  expect(screen.length).toBeLessThanOrEqual(23);
  expect(Math.max(...screen.map((line) => line.length))).toBeLessThanOrEqual(80);
  if (findings > 10) expect(screen.join('\n')).toMatch(/ and \d+ more in the report/);
});

test('the last screen of a night without a complete week says so', () => {
  expect(lines({ ...data, company: null, regions: [] }).join('\n')).toContain('no complete week');
});

test('a line of the live display never wraps, whatever an error says', () => {
  expect(cut('\u001b[31mshort\u001b[39m', 80)).toBe('\u001b[31mshort\u001b[39m');
  const long = cut(`\u001b[31m✗\u001b[39m failed  ${'an error of many words '.repeat(20)}`, 80);
  expect(long).toHaveLength(80);
  expect(long.endsWith('…')).toBe(true);
});
