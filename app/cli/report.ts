import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { isCalendarDay } from '../../base/calendar.ts';
import { PipelineError, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { exitCodeOf } from '../pipeline/exit-code.ts';
import { configOf, openReadSession } from '../pipeline/session.ts';
import { writeReport } from '../pipeline/write-report.ts';
import { addScreenValues, type Reading } from '../reference/add-screen-value.ts';
import { readReference } from '../reference/reference-files.ts';
import { readingsOf } from '../reference/report-csv.ts';
import { COMPARED } from '../report/kpis.ts';
import { verdictSummary, weekSummary } from './summary.ts';

interface ReportFlags {
  readonly json?: boolean;
  readonly addUiValue?: string | true;
  readonly fromCsv?: string;
  readonly period?: string;
  readonly replace?: boolean;
  readonly readOn?: string;
  readonly source?: string;
}

export function addReport(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description(
      'Write the report again from the mart of the last run, or store a number that you read off a screen.',
    )
    .addOption(new Option('--json', 'print the report as JSON instead of tables'))
    .addOption(
      new Option(
        '--add-ui-value [reading]',
        'store period_start,period_end,unit,kpi,value in ui_kpi_values.csv; the next transform compares it',
      ),
    )
    .addOption(
      new Option(
        '--from-csv <file>',
        'with --add-ui-value: read a report of ServiceTitan that was exported as CSV; - reads standard input',
      ),
    )
    .addOption(new Option('--period <days>', 'with --from-csv: first and last day of the report'))
    .addOption(new Option('--replace', 'with --add-ui-value: replace a reading that is stored already'))
    .addOption(new Option('--read-on <instant>', 'with --add-ui-value: when the screen was read'))
    .addOption(new Option('--source <text>', 'with --add-ui-value: which screen or report'))
    .action((flags: ReportFlags) =>
      flags.addUiValue === undefined && flags.fromCsv === undefined
        ? report(context, flags)
        : storeScreenValues(context, flags.addUiValue ?? true, flags),
    );
}

async function report(context: CommandContext, { json }: ReportFlags): Promise<void> {
  const session = await openReadSession(context, configOf(context));
  try {
    const { data, page } = await writeReport(context, session).catch((cause: unknown) => {
      if (!isMissingTable(cause)) throw cause;
      throw new PipelineError('The warehouse has no mart to report on', {
        remedy: 'Run `npm run nightly`, or `npm run transform` if raw tables are loaded.',
        cause,
      });
    });
    const text = [weekSummary(data), verdictSummary(data), `Report  ${page}`].join('\n\n');
    context.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
    context.exitWith(exitCodeOf(data.verdict));
  } finally {
    session.close();
  }
}

async function storeScreenValues(
  context: CommandContext,
  reading: string | true,
  flags: ReportFlags,
): Promise<void> {
  const { readOn, source, replace = false, fromCsv } = flags;
  const { referenceDir } = configOf(context);
  const read =
    fromCsv === undefined
      ? { readings: [typedReading(reading)], notes: [] }
      : await reportReadings(context, referenceDir, fromCsv, flags);
  const readings = read.readings.map((one) => ({
    ...one,
    ...(readOn !== undefined && { read_on: readOn }),
    ...(source !== undefined && { source_note: source }),
  }));
  const { added, replaced, unchanged, line } = addScreenValues(referenceDir, readings, { replace });
  const counts = [
    ...(added > 0 ? [`${added} stored`] : []),
    ...(replaced > 0 ? [`${replaced} replaced`] : []),
    ...(unchanged > 0 ? [`${unchanged} there already`] : []),
  ];
  const where = readings.length === 1 ? `line ${line} of ui_kpi_values.csv` : 'ui_kpi_values.csv';
  context.stdout.write(
    `${[...read.notes, `Screen values in ${where}: ${counts.join(', ')}.`, 'Run `npm run transform` to compare.'].join('\n')}\n`,
  );
}

function typedReading(reading: string | true): Reading {
  const cells = reading === true ? [] : reading.split(',').map((part) => part.trim());
  const [period_start, period_end, business_unit, kpi, ui_value, ...rest] = cells;
  if (!period_start || !period_end || !business_unit || !kpi || !ui_value || rest.length > 0) {
    throw new UsageError(
      ['--add-ui-value is not period_start,period_end,unit,kpi,value'],
      'For example: --add-ui-value 2025-10-20,2025-10-26,ALL,total_booked,187250.40',
    );
  }
  return { period_start, period_end, business_unit, kpi, ui_value };
}

async function reportReadings(
  { stdin }: CommandContext,
  referenceDir: string,
  file: string,
  { period, addUiValue = true }: ReportFlags,
): Promise<{ readonly readings: readonly Reading[]; readonly notes: readonly string[] }> {
  if (addUiValue !== true)
    throw new UsageError(['--add-ui-value and --from-csv both name a reading'], 'Give one.');
  const [start = '', end = '', ...rest] = period?.split(',') ?? [];
  if (period !== undefined && !([start, end].every(isCalendarDay) && rest.length === 0)) {
    throw new UsageError(['--period is not two days'], 'For example: --period 2025-10-20,2025-10-26');
  }
  const { readings, otherColumns, otherRows } = readingsOf(await csvText(file, stdin), {
    period: period === undefined ? undefined : [start, end],
    units: readReference(referenceDir).business_units,
    kpis: COMPARED,
  });
  if (readings.length === 0) {
    throw new UsageError(
      [
        `the report has no number of a unit in ${referenceDir}; its rows are ${otherRows.join(', ') || 'none'}`,
      ],
      'Give the rows the names that business_units.csv has.',
    );
  }
  return {
    readings,
    notes: [
      ...(otherColumns.length > 0 ? [`Columns that are no KPI: ${printable(otherColumns.join(', '))}.`] : []),
      ...(otherRows.length > 0
        ? [`Rows that are no unit of the reference: ${printable(otherRows.join(', '))}.`]
        : []),
    ],
  };
}

function csvText(file: string, stdin: CommandContext['stdin']): string | Promise<string> {
  try {
    if (file !== '-') return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError([`the file ${file} cannot be read`], 'Check its name and its permissions.');
  }
  return stdin === undefined || stdin.isTTY ? '' : readAll(stdin);
}
