import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readReference } from '../../../app/reference/reference-files.ts';
import { readingsOf } from '../../../app/reference/report-csv.ts';
import { COMPARED } from '../../../app/report/kpis.ts';
import { ownFolder } from '../../e2e/command.ts';
import { runInProcess } from '../../e2e/in-process.ts';

const { business_units: units } = readReference('definitions/reference');
const kpis = COMPARED;
const period = ['2025-10-27', '2025-11-02'] as const;
const WEEK = '2025-10-27,2025-11-02';

const EXPORT = `\uFEFFBusiness Unit,Total Sales,Close Rate,Completed Jobs,Gross Margin %
Phoenix-Sales,"$199,130.39",35.85%,12,0.0
Z-DO NOT USE - West- Production,$0.00,0%,3,(1.50)%
Somewhere else,$5.00,1%,1,
Total,"$428,300.35",37.6 %,15,–
`;

test('a pasted report gives a reading for each unit and KPI of its kind, and says what it left out', () => {
  const { readings, otherColumns, otherRows } = readingsOf(EXPORT, { period, units, kpis });
  const [period_start, period_end] = period;
  const of = (business_unit: string, kpi: string, ui_value: string) => ({
    ...{ period_start, period_end, business_unit, kpi, ui_value },
  });
  expect(readings).toEqual([
    of('Phoenix-Sales', 'total_booked', '199130.39'),
    of('Phoenix-Sales', 'close_rate_percent', '35.85'),
    // A retired spelling means the unit of the reference; sales KPIs of a Production unit say nothing.
    of('Phoenix-Production', 'gpm_percent', '-1.50'),
    of('ALL', 'total_booked', '428300.35'),
    of('ALL', 'close_rate_percent', '37.6'),
  ]);
  expect(otherColumns).toEqual(['Completed Jobs']);
  expect(otherRows).toEqual(['Somewhere else']);
});

test.each([
  ['no column of units', 'Job,Total\n1,2\n', 'no column Business Unit'],
  ['no KPI', 'Business Unit,Jobs\nPhoenix-Sales,2\n', 'none of its columns is a KPI'],
  ['a decimal comma', 'Name;Booked\nPhoenix-Sales;1.234,50\n', '"1.234,50" in the report is not a number'],
])('a report that cannot be read is refused: %s', (_, text, reason) => {
  expect(() => readingsOf(text, { period, units, kpis })).toThrow(
    expect.objectContaining({ problems: [expect.stringContaining(reason)] }),
  );
});

test('a report without days is refused, and a file in the columns of ui_kpi_values.csv names them itself', () => {
  expect(() => readingsOf(EXPORT, { period: undefined, units, kpis })).toThrow('--period');
  const own = 'period_start,period_end,business_unit,kpi,ui_value\n2025-10-27,2025-10-27,ALL,lead_count,3\n';
  expect(readingsOf(own, { period: undefined, units, kpis }).readings).toEqual([
    {
      period_start: '2025-10-27',
      period_end: '2025-10-27',
      business_unit: 'ALL',
      kpi: 'lead_count',
      ui_value: '3',
    },
  ]);
});

test('report --add-ui-value --from-csv stores a report from standard input, and --replace renews it', async () => {
  const { folder, env: files } = ownFolder();
  cpSync('definitions/reference', join(folder, 'reference'), { recursive: true });
  const env = { ...files, REFERENCE_DIR: join(folder, 'reference') };
  const stored = () => readFileSync(join(folder, 'reference/ui_kpi_values.csv'), 'utf8');
  const report = (text: string, ...more: readonly string[]) =>
    runInProcess(['report', '--add-ui-value', '--from-csv', '-', '--period', WEEK, ...more], env, {
      stdin: Readable.from([text]) as NodeJS.ReadStream,
    });
  const first = await report(EXPORT, '--source', 'Sales report');
  expect(first.stdout).toContain('Columns that are no KPI: Completed Jobs.');
  expect(first.stdout).toContain('Rows that are no unit of the reference: Somewhere else.');
  expect(first.stdout).toContain('Screen values in ui_kpi_values.csv: 5 stored.');
  expect(stored()).toContain(`${WEEK},Phoenix-Sales,total_booked,199130.39,,,Sales report,,\n`);

  const later = EXPORT.replace('199,130.39', '199,200.00');
  await expect(report(later)).rejects.toThrow('has 199130.39 for total_booked of Phoenix-Sales');
  const file = join(folder, 'report.csv');
  writeFileSync(file, later);
  const renewed = await runInProcess(['report', '--from-csv', file, '--period', WEEK, '--replace'], env);
  expect(renewed.stdout).toContain('1 replaced, 4 there already.');
  expect(stored()).toContain(`${WEEK},Phoenix-Sales,total_booked,199200.00,,,Sales report,,\n`);
});
