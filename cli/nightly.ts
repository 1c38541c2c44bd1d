import { type Command, Option } from 'commander';
import { readReference } from '../extract/reference.ts';
import type { EntityResult } from '../extract/run.ts';
import { type CommandContext, EXIT, type ExitCode } from './context.ts';
import { tellCost } from './cost.ts';
import { createProgress } from './progress.ts';
import { configOf, openSession, type Session } from './session.ts';
import { compileModels, extractTenant, runModels, writeReport } from './stages.ts';
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
  // What is wrong with the project's own files is told before anything runs.
  const reference = readReference(config.referenceDir);
  const graph = await compileModels({ config }, context.signal);
  const started = context.now();
  const session = await openSession(context, config);
  const progress = createProgress(context, config.logLevel);
  progress.say(
    `Reads ${session.source} for ${config.runDate}${config.credentials ? '' : ': no ST_* credentials are set, records are synthetic'}.`,
  );
  try {
    const { results, reports } = await extractTenant(context, session, progress);
    context.signal.throwIfAborted();
    const failures = [...failureSummary(results), ...reportFailures(reports)];
    const models = await runModels(context, session, { graph, reference, progress });
    const { data, page, json, markdown } = await writeReport(context, session);
    progress.end();
    const files = [`Report    ${page}`, `          ${json}`, `          ${markdown}`];
    files.push(`Landing   ${session.landing.uri('')}`);
    if (config.warehouse.kind === 'duckdb') files.push(`Warehouse ${config.warehouse.path}`);
    files.push(...tellCost(session, progress));
    const text = [
      entitySummary(results),
      weekSummary(data),
      verdictSummary(data),
      ...failures,
      files.join('\n'),
    ].join('\n\n');
    context.stdout.write(asJson ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
    if (asJson) for (const failure of failures) context.stderr.write(`${failure}\n`);
    const isBroken =
      failures.length > 0 || models.some(({ kind, status }) => kind !== 'assertion' && status !== 'passed');
    progress.night({
      runDate: config.runDate,
      status: isBroken ? 'failed' : 'success',
      verdict: data.verdict,
      seconds: (context.now().getTime() - started.getTime()) / 1000,
      ...effortOf(results),
      ...costOf(session),
    });
    context.exitWith(isBroken ? EXIT.failed : exitCodeOf(data.verdict));
  } finally {
    progress.end();
    session.close();
  }
}

function effortOf(results: readonly EntityResult[]) {
  const sum = (value: (result: EntityResult) => number) => results.reduce((all, one) => all + value(one), 0);
  return {
    calls: sum(({ effort }) => effort.calls),
    retries: sum(({ effort }) => effort.retries),
    bytes: sum(({ effort }) => effort.bytes),
    newRows: sum((result) => (result.status === 'success' ? result.receipt.new : 0)),
  };
}

function costOf({ warehouse }: Session) {
  const cost = warehouse.cost();
  return cost && { cost };
}

/** RED is 2; what is YELLOW is documented and passes. */
export function exitCodeOf(verdict: 'GREEN' | 'YELLOW' | 'RED'): ExitCode {
  return verdict === 'RED' ? EXIT.red : EXIT.green;
}
