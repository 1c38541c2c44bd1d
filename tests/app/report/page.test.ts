import { expect, test } from 'vitest';
import { worst } from '../../../app/report/data.ts';
import { kpiText } from '../../../app/report/format.ts';
import { reportMarkdown } from '../../../app/report/markdown.ts';
import { renderPage } from '../../../app/report/page.tsx';
import { reportData } from './data.ts';

const data = reportData();

test('the report shows both values, the difference and the reason of a RED screen value', () => {
  const page = renderPage(data);
  for (const text of ['$27,150.00', '$17,230.00', '-$9,920.00', 'RED', 'Nevada-Sales', 'Total booked']) {
    expect(page).toContain(text);
  }
});

test('text from the data never becomes HTML markup in the report', () => {
  expect(renderPage(data)).not.toContain('<script');
});

test('the HTML of the report refers to no other file or address', () => {
  expect(renderPage(data)).not.toMatch(/src=|href="(?!#)|url\(|@import/);
});

test('the report formats amounts from their decimal text without rounding through a float', () => {
  expect(kpiText('total_booked', '12345678901234567890.12')).toBe('$12,345,678,901,234,567,890.12');
  expect(kpiText('close_rate_percent', '58.3')).toBe('58.30 %');
  expect(kpiText('lead_count', '1016')).toBe('1,016');
  expect(kpiText('gpm_percent', null)).toBe('–');
});

test('the verdict of a report without any check is RED', () => {
  expect(worst([])).toBe('RED');
  expect(worst(['GREEN', 'YELLOW'])).toBe('YELLOW');
  expect(worst(['YELLOW', 'RED', 'GREEN'])).toBe('RED');
});

test('the Markdown report names RED screen values, moved weeks with their records and failed entities', () => {
  const markdown = reportMarkdown(data);
  expect(markdown).toContain('🔴 Total booked, Nevada-Sales, 2025-08-18: screen $27,150.00, ours $17,230.00');
  expect(markdown).toContain(
    '↔ Total booked, Nevada-Sales, week 2025-10-13: $100.00 → $150.00 (estimates 42',
  );
  expect(markdown).toContain('payments was not read to the end');
  expect(markdown).toContain('| Nevada-Sales | – | – | – | $24,015.00 |');
});

test('the report says when there was no earlier run, no screen value and no assertion to compare', () => {
  const page = renderPage({ ...data, nightBefore: null, movements: [], reconciliation: [], assertions: [] });
  expect(page).toContain('There is no earlier nightly run to compare with yet.');
  expect(page).toContain('no screen value has been stored yet');
  expect(page).toContain('Not checked in this run.');
  expect(renderPage({ ...data, movements: [] })).toContain('was complete on 2025-10-26 has changed since');
});

test('the report shows a moved record of a counted KPI without an amount', () => {
  const [moved] = data.movements;
  if (!moved) throw new Error('no movement');
  const records = moved.records.map((record) => ({ ...record, amount: null }));
  const page = renderPage({ ...data, movements: [{ ...moved, records }] });
  expect(page).toContain('estimates 42 (Sold, 2025-10-14) counts now');
});

test('the report names entities that were not read beside its verdict in HTML and in Markdown', () => {
  const sentence = 'Not read for 2025-10-27: payments; their figures are older.';
  const [header = ''] = renderPage(data).split('</header>');
  expect(header).toContain(sentence);
  expect(reportMarkdown(data)).toContain(sentence);
  expect(renderPage({ ...data, unread: [] })).not.toContain('Not read for');
});

test('the report shows unmapped business units and failed entities', () => {
  const page = renderPage(data);
  expect(page).toContain('business_unit_id: 123456');
  expect(page).toContain('answered 500');
});
