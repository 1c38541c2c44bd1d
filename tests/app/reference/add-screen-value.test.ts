import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addScreenValue } from '../../../app/reference/add-screen-value.ts';
import { readReference } from '../../../app/reference/reference-files.ts';
import { testFolder } from '../../extract/night.ts';

const READING = {
  period_start: '2025-10-27',
  period_end: '2025-11-02',
  business_unit: "Andy's Painting-Sales",
  kpi: 'total_booked',
  ui_value: '1250.40',
};

function reference(): { dir: string; text: () => string } {
  const dir = join(testFolder(), 'reference');
  cpSync('definitions/reference', dir, { recursive: true });
  return { dir, text: () => readFileSync(join(dir, 'ui_kpi_values.csv'), 'utf8') };
}

test('a new screen value is appended as the last line and read back unchanged', () => {
  const { dir, text } = reference();
  const line = addScreenValue(dir, {
    ...READING,
    source_note: 'Board, "sales"',
    read_on: '2025-11-20T16:00:00Z',
  });
  expect(text().trimEnd().split('\n')).toHaveLength(line);
  expect(readReference(dir).ui_kpi_values.at(-1)).toMatchObject({
    ...READING,
    source_note: 'Board, "sales"',
    ui_decimals: '2',
  });
});

test('adding a screen value to a file without a final newline keeps its last line', () => {
  const { dir, text } = reference();
  writeFileSync(join(dir, 'ui_kpi_values.csv'), text().trimEnd());
  const before = readReference(dir).ui_kpi_values.length;
  addScreenValue(dir, READING);
  expect(readReference(dir).ui_kpi_values).toHaveLength(before + 1);
});

test.each([
  ['an unknown KPI', { kpi: 'total_boked' }, 'there is no KPI "total_boked"'],
  ['an unknown business unit', { business_unit: 'Nowhere' }, 'there is no business unit "Nowhere"'],
  ['a text instead of a number', { ui_value: '1,250' }, 'ui_value is "1,250", which is not a number'],
  ['a day that does not exist', { period_start: '2025-02-30' }, 'period_start is "2025-02-30"'],
  ['an unknown column', { colour: 'red' }, 'has no column colour'],
])('a screen value with %s is refused and the file does not change', (_, wrong, message) => {
  const { dir, text } = reference();
  const before = text();
  expect(() => addScreenValue(dir, { ...READING, ...wrong })).toThrow(message);
  expect(text()).toBe(before);
});

test('a screen value that is in the file already is refused with its line number', () => {
  const { dir } = reference();
  const line = addScreenValue(dir, READING);
  expect(() => addScreenValue(dir, READING)).toThrow(`repeats line ${line}`);
});
