import { expect, test } from 'vitest';
import { type ReportData, worst } from '../../report/data.ts';
import { kpiText } from '../../report/format.ts';
import { renderPage } from '../../report/page.tsx';

const data: ReportData = {
  generatedAt: '2025-10-27T12:00:00Z',
  runDate: '2025-10-27',
  source: 'the sandbox tenant',
  verdict: 'RED',
  reconciliation: [
    {
      period_start: '2025-08-18',
      period_end: '2025-08-18',
      business_unit: 'Nevada-Sales',
      kpi: 'total_booked',
      ui_value: '27150.00',
      our_value: '17230.00',
      difference: '-9920.00',
      tolerance: '0.01',
      verdict: 'RED',
      reason: 'off by -9920.00 <script>alert(1)</script>',
    },
  ],
  week: {
    start: '2025-10-20',
    end: '2025-10-26',
    rows: [{ business_unit: 'Nevada-Sales', kind: 'sales', total_booked: '24015', dollars_produced: null }],
  },
  assertions: [
    {
      name: 'assert_x',
      file: 'definitions/assertions/assert_x.sqlx',
      verdict: 'YELLOW',
      failing_rows: 2,
      sample: '[]',
    },
  ],
  entities: [],
};

test('a cell that is off shows both values, the difference and the reason', () => {
  const page = renderPage(data);
  for (const text of ['$27,150.00', '$17,230.00', '-$9,920.00', 'RED', 'Nevada-Sales', 'Total booked']) {
    expect(page).toContain(text);
  }
});

test('text from the data never becomes markup', () => {
  expect(renderPage(data)).not.toContain('<script');
});

test('the page reaches for nothing outside itself', () => {
  expect(renderPage(data)).not.toMatch(/(?:src|href)=|url\(|@import/);
});

test('amounts are written digit by digit, without a float on the way', () => {
  expect(kpiText('total_booked', '12345678901234567890.12')).toBe('$12,345,678,901,234,567,890.12');
  expect(kpiText('close_rate_percent', '58.3')).toBe('58.30 %');
  expect(kpiText('lead_count', '1016')).toBe('1,016');
  expect(kpiText('gpm_percent', null)).toBe('–');
});

test('no verdict at all is RED, for an empty check proves nothing', () => {
  expect(worst([])).toBe('RED');
  expect(worst(['GREEN', 'YELLOW'])).toBe('YELLOW');
  expect(worst(['YELLOW', 'RED', 'GREEN'])).toBe('RED');
});
