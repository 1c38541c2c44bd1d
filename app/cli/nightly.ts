import { type Command, Option } from 'commander';
import { compileModels } from '../pipeline/compile-models.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { reportCost } from '../pipeline/cost.ts';
import { EXIT, exitCodeOf } from '../pipeline/exit-code.ts';
import { runNight } from '../pipeline/night.ts';
import { configOf, openSession } from '../pipeline/session.ts';
import { readReference } from '../reference/reference-files.ts';
import { createProgress } from './live-progress.ts';
import { entitySummary, failureSummary, reportFailures, verdictSummary, weekSummary } from './summary.ts';

export function addNightly(program: Command, context: CommandContext): void {
  program
    .command('nightly')
    .description('Extract every entity, build the mart, check it against the screens, write the report.')
    .addOption(new Option('--json', 'print the report as JSON instead of tables'))
    .action((options: { json?: boolean }) => nightly(context, options.json === true));
}

async function nightly(context: CommandContext, asJson: boolean): Promise<void> {
  const config = configOf(context);
  // Errors in reference files and models are reported before anything runs.
  const reference = readReference(config.referenceDir);
  const graph = await compileModels(config);
  const session = await openSession(context, config, { use: 'read' });
  const progress = createProgress(context, config.logLevel);
  try {
    const night = await runNight(context, session, { graph, reference, progress });
    const { results, reports, hasFailed } = night;
    const { data, page, json, markdown } = night.report;
    const failures = [...failureSummary(results), ...reportFailures(reports)];
    const files = [`Report    ${page}`, `          ${json}`, `          ${markdown}`];
    files.push(`Landing   ${session.landing.uri('')}`);
    if (config.warehouse.kind === 'duckdb') files.push(`Warehouse ${config.warehouse.path}`);
    files.push(...reportCost(session, progress));
    const text = [
      // Why something failed comes before all that follows from it.
      ...failures,
      entitySummary(results),
      weekSummary(data),
      verdictSummary(data),
      files.join('\n'),
    ].join('\n\n');
    context.stdout.write(asJson ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
    if (asJson) for (const failure of failures) context.stderr.write(`${failure}\n`);
    context.exitWith(hasFailed ? EXIT.failed : exitCodeOf(data.verdict));
  } finally {
    progress.end();
    session.close();
  }
}
