import { type Command, Option } from 'commander';
import { compileModels } from '../pipeline/compile-models.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { reportCost } from '../pipeline/cost.ts';
import { EXIT, exitCodeOf } from '../pipeline/exit-code.ts';
import { runNight } from '../pipeline/night.ts';
import { withNotice } from '../pipeline/notice.ts';
import { noteRunning } from '../pipeline/running.ts';
import { configOf, nextRunId, openSession, type Session } from '../pipeline/session.ts';
import { readReference } from '../reference/reference-files.ts';
import { closingScreen } from './closing.ts';
import { createProgress } from './live-progress.ts';
import { entitySummary, failureSummary, reportFailures, verdictSummary, weekSummary } from './summary.ts';
import { wrapText } from './wrapped.ts';

export function addNightly(program: Command, context: CommandContext): void {
  program
    .command('nightly')
    .description('Extract every entity, build the mart, check it against the screens, write the report.')
    .addOption(new Option('--json', 'print the report as JSON instead of tables'))
    .addOption(new Option('--verbose', 'first print every entity, unit and finding'))
    .action((options: NightlyOptions) => nightly(context, options));
}

interface NightlyOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

async function nightly(context: CommandContext, { json: asJson, verbose }: NightlyOptions): Promise<void> {
  const config = configOf(context);
  const runId = nextRunId(context);
  const shown = createProgress(context, config.logLevel);
  const progress = noteRunning(config, { runId, kind: 'nightly' }, shown, context.now);
  let session: Session | undefined;
  try {
    const night = await withNotice(context, config, progress.say, async () => {
      // Errors in reference files and models are reported before anything runs.
      const reference = readReference(config.referenceDir);
      const graph = await compileModels(config);
      session = await openSession(context, config, { use: 'read', runId });
      return runNight(context, session, { graph, reference, progress });
    });
    if (!session) throw new TypeError('The night ran without a session');
    const { results, reports, hasFailed } = night;
    const { data, page } = night.report;
    const failures = [...failureSummary(results), ...reportFailures(reports)];
    const details = [entitySummary(results), weekSummary(data), verdictSummary(data)];
    const places = [`Report     ${page}`];
    places.push(
      config.warehouse.kind === 'duckdb'
        ? `Warehouse  ${config.warehouse.path}`
        : `Landing    ${session.landing.uri('')}`,
      ...reportCost(session, progress),
      'Details    npm run report',
    );
    // Why something failed comes before all that follows from it.
    const warnings = night.warning === undefined ? [] : [wrapText(night.warning)];
    const text = [...warnings, ...failures, ...(verbose ? details : []), closingScreen(data, places)].join(
      '\n\n',
    );
    context.stdout.write(asJson ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
    if (asJson) for (const failure of failures) context.stderr.write(`${failure}\n`);
    context.exitWith(hasFailed ? EXIT.failed : exitCodeOf(data.verdict));
  } finally {
    progress.end();
    session?.close();
  }
}
