import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addScreenValues } from '../../../app/reference/add-screen-value.ts';
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
  const { line } = addScreenValues(dir, [
    {
      ...READING,
      source_note: 'Board, "sales"',
      read_on: '2025-11-20T16:00:00Z',
    },
  ]);
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
  addScreenValues(dir, [READING]);
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
  expect(() => addScreenValues(dir, [{ ...READING, ...wrong }])).toThrow(message);
  expect(text()).toBe(before);
});

test('another value for a reading that is stored is refused with its line, and the same one is no change', () => {
  const { dir, text } = reference();
  const { line } = addScreenValues(dir, [READING]);
  const before = text();
  const other = { ...READING, ui_value: '1' };
  expect(() => addScreenValues(dir, [other])).toThrow(
    `ui_kpi_values.csv:${line}: has 1250.40 for total_booked`,
  );
  expect(addScreenValues(dir, [READING])).toEqual({ added: 0, replaced: 0, unchanged: 1, line });
  expect(text()).toBe(before);
});

test('with replace the stored line gets the value, keeps its notes, and no other line changes', () => {
  const { dir, text } = reference();
  const [, ...old] = text().trimEnd().split('\n');
  const first = readReference(dir).ui_kpi_values[0];
  const key = ['period_start', 'period_end', 'business_unit', 'kpi'] as const;
  const reading = Object.fromEntries(key.map((name) => [name, String(first?.[name])]));
  const stored = addScreenValues(dir, [{ ...reading, ui_value: '7.5' }, READING], { replace: true });
  expect(stored).toEqual({ added: 1, replaced: 1, unchanged: 0, line: old.length + 2 });
  const [header, changed, ...rest] = text().trimEnd().split('\n');
  expect(header).toBe(
    'period_start,period_end,business_unit,kpi,ui_value,unit,seed_bq_value,source_note,read_on,known_gap',
  );
  expect(changed).toBe(old[0]?.replace(`,${first?.ui_value},`, ',7.5,'));
  expect(rest.slice(0, -1)).toEqual(old.slice(1));
});
