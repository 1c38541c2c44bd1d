import { type Command, Option } from 'commander';
import { PipelineError, UsageError } from '../../base/errors.ts';
import { isMissingTable } from '../../extract/load/missing-table.ts';
import { readCell } from '../explain/cell.ts';
import { explain } from '../explain/explain.ts';
import { explanationText, type Tabulate } from '../explain/text.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { EXIT } from '../pipeline/exit-code.ts';
import { martDate } from '../pipeline/mart-date.ts';
import { configOf, openReadSession } from '../pipeline/session.ts';
import { RULES } from '../report/rules.ts';
import { textTable } from './text-table.ts';
import { WIDTH, wrapText } from './wrapped.ts';

/** Columns of a terminal that has room for the type of a job. */
const WITH_TYPES = 104;

interface ExplainFlags {
  readonly week?: boolean;
  readonly ui?: string;
  readonly json?: boolean;
}

export function addExplain(program: Command, context: CommandContext): void {
  program
    .command('explain')
    .description('List the records behind a number, and what alternative definitions would add or drop.')
    .argument('<kpi>', 'a KPI of the mart, such as total_booked')
    .argument('<unit>', 'a business unit by its name in business_units.csv, or ALL')
    .argument('<period>', 'a day such as 2025-08-18, or a period such as 2025-08-18..2025-08-24')
    .addOption(new Option('--week', 'the whole week of that day'))
    .addOption(
      new Option('--ui <number>', 'compare with this number from a screen instead of the stored one'),
    )
    .addOption(new Option('--json', 'print as JSON'))
    .action((kpi: string, businessUnit: string, period: string, flags: ExplainFlags) =>
      explainCell(context, { kpi, businessUnit, period, week: flags.week === true }, flags),
    );
}

async function explainCell(
  context: CommandContext,
  asked: Parameters<typeof readCell>[0],
  { ui, json }: ExplainFlags,
): Promise<void> {
  if (ui !== undefined && !/^-?\d{1,15}(\.\d{1,9})?$/.test(ui)) {
    throw new UsageError(['--ui is not a number like 27150.00'], 'Give it without thousands separators.');
  }
  const session = await openReadSession(context, configOf(context));
  try {
    const { query } = session.warehouse;
    const { datasets, timeZone, warehouse } = session.config;
    const units = await query<{ business_unit: string; kind: string }>(
      `SELECT business_unit, kind FROM ${datasets.stage}.int_kpi_units ORDER BY business_unit`,
    ).catch((cause: unknown) => {
      if (!isMissingTable(cause)) throw cause;
      throw new PipelineError('The warehouse has no mart to explain', {
        remedy: 'Run `npm run nightly`, or `npm run transform` if raw tables are loaded.',
        cause,
      });
    });
    const runDate = (await martDate(query, datasets.mart)) ?? session.config.runDate;
    const kinds = new Map(units.map(({ business_unit, kind }) => [business_unit, kind]));
    const cell = readCell(asked, kinds, runDate);
    const explanation = await explain(cell, {
      query,
      datasets,
      engine: warehouse.kind,
      zone: timeZone,
      runDate,
      rules: RULES,
      screenValue: ui,
    });
    const width = Math.max(WIDTH, (context.stdout as { readonly columns?: number }).columns ?? 0);
    const tabulate: Tabulate = (...table) => textTable(...table, width);
    const layout = { tabulate, timeZone, isWide: width >= WITH_TYPES };
    const text = wrapText(explanationText(explanation, layout), { width });
    context.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : `${text}\n`);
    context.exitWith(explanation.agrees === false ? EXIT.failed : EXIT.green);
  } finally {
    session.close();
  }
}
