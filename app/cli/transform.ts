import { type Command, Option } from 'commander';
import { ConfigurationError, UsageError } from '../../base/errors.ts';
import type { ActionResult } from '../../engine/action-result.ts';
import type { Graph } from '../../engine/compile.ts';
import type { Config } from '../../extract/config.ts';
import { buildModels, failedModels } from '../pipeline/build-models.ts';
import { compileModels } from '../pipeline/compile-models.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { reportCost } from '../pipeline/cost.ts';
import { EXIT, exitCodeOf } from '../pipeline/exit-code.ts';
import { foreignReference } from '../pipeline/foreign-reference.ts';
import { movedBetween, readMart } from '../pipeline/moved.ts';
import { configOf, openSession, publish } from '../pipeline/session.ts';
import { writeReport } from '../pipeline/write-report.ts';
import { readReference } from '../reference/reference-files.ts';
import { PRICE_PER_TIB, pricePerTib, priceSummary } from './dry-run.ts';
import { createProgress } from './live-progress.ts';
import { movedText } from './moved-text.ts';
import { verdictSummary, weekSummary } from './summary.ts';
import { textTable } from './text-table.ts';
import { wrapText } from './wrapped.ts';

export function addTransform(program: Command, context: CommandContext): void {
  program
    .command('transform')
    .description('Build the models from the loaded raw tables, check them and write the report.')
    .addOption(
      new Option(
        '--as-of <instant>',
        'use only record versions that were loaded by then, such as 2025-10-27T16:00:00Z',
      ),
    )
    .addOption(new Option('--dry-run', 'on BigQuery: print what each action would bill, and run nothing'))
    .addOption(
      new Option('--price <dollars>', 'with --dry-run: price of a TiB').default(String(PRICE_PER_TIB)),
    )
    .addOption(new Option('--json', 'print the result of each model and assertion as JSON'))
    .addOption(
      new Option(
        '--watch',
        'stay, build again after each edit of a model or a reference file, and show what moved; Ctrl-C ends it',
      ).conflicts(['asOf', 'dryRun', 'json']),
    )
    .action((options: TransformOptions) => transform(context, options));
}

interface TransformOptions {
  readonly asOf?: string;
  readonly dryRun?: boolean;
  readonly price: string;
  readonly json?: boolean;
  readonly watch?: boolean;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z$/;

async function transform(context: CommandContext, options: TransformOptions): Promise<void> {
  if (options.asOf !== undefined && !INSTANT.test(options.asOf)) {
    throw new UsageError(
      ['--as-of is not an instant like 2025-10-27T16:00:00Z'],
      'Give it in UTC, with a Z at the end.',
    );
  }
  const config = configOf(context);
  if (options.watch) {
    const { watchModels } = await import('./watch.ts');
    return watchModels(context, config);
  }
  const reference = readReference(config.referenceDir);
  const graph = await compileModels(config, options.asOf);
  if (options.dryRun) return dryRun(context, config, graph, options);
  const session = await openSession(context, config);
  const progress = createProgress(context, config.logLevel);
  try {
    const models = session.models.prepare(graph, context.signal);
    const before = await readMart(session.warehouse.query, config.datasets.mart);
    const results = await buildModels(context, session, { models, reference, progress });
    const broken = failedModels(results);
    if (broken.length > 0) {
      progress.end();
      context.stdout.write(
        options.json
          ? `${JSON.stringify(results, null, 2)}\n`
          : `${broken.map((text) => wrapText(text)).join('\n')}\n`,
      );
      return context.exitWith(EXIT.failed);
    }
    await publish(session, progress.say);
    const { data, page } = await writeReport(context, session);
    const after = await readMart(session.warehouse.query, config.datasets.mart);
    progress.end();
    const files = [`Report    ${page}`, ...reportCost(session, progress)].join('\n');
    const moved = movedText(before && after && movedBetween(before, after));
    const warning = await foreignReference(session, reference);
    const warnings = warning === undefined ? [] : [wrapText(warning)];
    const text = [...warnings, slowest(results), weekSummary(data), verdictSummary(data), moved, files].join(
      '\n\n',
    );
    context.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : `${text}\n`);
    context.exitWith(exitCodeOf(data.verdict));
  } finally {
    progress.end();
    session.close();
  }
}

async function dryRun(
  context: CommandContext,
  config: Config,
  graph: Graph,
  { price, json }: TransformOptions,
): Promise<void> {
  const perTib = pricePerTib(price);
  const session = await openSession(context, config);
  try {
    const { price: priceModels } = session.models;
    if (!priceModels) {
      throw new ConfigurationError(
        ['--dry-run prices BigQuery queries, but this run would use DuckDB, which bills nothing'],
        'Set BQ_PROJECT_ID and LANDING_URI, or omit the option.',
      );
    }
    const actions = await priceModels(graph, context.signal);
    context.stdout.write(`${json ? JSON.stringify(actions, null, 2) : priceSummary(actions, perTib)}\n`);
  } finally {
    session.close();
  }
}

function slowest(results: readonly ActionResult[]): string {
  const tables = results.filter(({ kind }) => kind === 'table').toSorted((a, b) => b.seconds - a.seconds);
  const headings = ['Slowest models', 'Rows', 'Seconds'];
  const rows = tables.slice(0, 5).map(({ name, rows, seconds }) => [name, rows ?? null, seconds.toFixed(2)]);
  return `${results.length} models and assertions ran\n${textTable(headings, rows, new Set(['Rows', 'Seconds']))}`;
}
