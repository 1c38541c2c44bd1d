import { type Command, Option } from 'commander';
import { PipelineError, UsageError } from '../../base/errors.ts';
import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { exitCodeOf } from '../pipeline/exit-code.ts';
import { configOf, openReadSession } from '../pipeline/session.ts';
import { writeReport } from '../pipeline/write-report.ts';
import { addScreenValue } from '../reference/add-screen-value.ts';
import { verdictSummary, weekSummary } from './summary.ts';

interface ReportFlags {
  readonly json?: boolean;
  readonly addUiValue?: string;
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
        '--add-ui-value <reading>',
        'store period_start,period_end,unit,kpi,value in ui_kpi_values.csv; the next transform compares it',
      ),
    )
    .addOption(new Option('--read-on <instant>', 'with --add-ui-value: when the screen was read'))
    .addOption(new Option('--source <text>', 'with --add-ui-value: which screen or report'))
    .action((flags: ReportFlags) =>
      flags.addUiValue === undefined
        ? report(context, flags)
        : storeScreenValue(context, flags.addUiValue, flags),
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

async function storeScreenValue(
  context: CommandContext,
  reading: string,
  { readOn, source }: ReportFlags,
): Promise<void> {
  const [period_start, period_end, business_unit, kpi, ui_value, ...rest] = reading
    .split(',')
    .map((part) => part.trim());
  if (!period_start || !period_end || !business_unit || !kpi || !ui_value || rest.length > 0) {
    throw new UsageError(
      ['--add-ui-value is not period_start,period_end,unit,kpi,value'],
      'For example: --add-ui-value 2025-10-27,2025-11-02,Phoenix-Sales,total_booked,187250.40',
    );
  }
  const row = { period_start, period_end, business_unit, kpi, ui_value };
  const line = addScreenValue(configOf(context).referenceDir, {
    ...row,
    ...(readOn !== undefined && { read_on: readOn }),
    ...(source !== undefined && { source_note: source }),
  });
  context.stdout.write(
    `Stored in line ${line} of ui_kpi_values.csv; run \`npm run transform\` to compare it.\n`,
  );
}
