import type { Graph } from '../../engine/compile.ts';
import type { ActionResult } from '../../engine/duckdb/run-graph.ts';
import type { EntityResult } from '../../extract/run.ts';
import type { ReportResult } from '../../extract/saved-reports.ts';
import type { Progress } from '../cli/live-progress.ts';
import type { CommandContext } from './context.ts';
import type { ReferenceTables } from './reference-files.ts';
import type { Session } from './session.ts';
import { extractTenant, runModels, writeReport } from './stages.ts';

/** What came of a night. */
export interface Night {
  readonly results: readonly EntityResult[];
  readonly reports: readonly ReportResult[];
  readonly models: readonly ActionResult[];
  readonly report: Awaited<ReturnType<typeof writeReport>>;
  /** An entity, a saved report or a model failed; a RED assertion alone is no failure of the night. */
  readonly isBroken: boolean;
}

/**
 * Extracts every entity, builds and checks the models, writes the report, and tells the night's figures.
 *
 * @throws the signal's reason when it is asked to stop
 */
export async function runNight(
  context: CommandContext,
  session: Session,
  stage: { graph: Graph; reference: ReferenceTables; progress: Progress },
): Promise<Night> {
  const { progress } = stage;
  const { config } = session;
  const started = context.now();
  progress.say(
    `Reads ${session.source} for ${config.runDate}${config.credentials ? '' : ': no ST_* credentials are set, records are synthetic'}.`,
  );
  session.prepareGraph(stage.graph, context.signal);
  const { results, reports } = await extractTenant(context, session, progress);
  context.signal.throwIfAborted();
  const models = await runModels(context, session, { ...stage, keepUnchanged: true });
  const report = await writeReport(context, session);
  progress.end();
  const isBroken =
    [...results, ...reports].some(({ status }) => status === 'failed') || models.some(isBrokenModel);
  progress.night({
    runDate: config.runDate,
    status: isBroken ? 'failed' : 'success',
    verdict: report.data.verdict,
    seconds: (context.now().getTime() - started.getTime()) / 1000,
    ...effortOf(results),
    ...costOf(session),
  });
  return { results, reports, models, report, isBroken };
}

function costOf({ warehouse }: Session) {
  const cost = warehouse.cost();
  return cost && { cost };
}

function isBrokenModel({ kind, status }: ActionResult): boolean {
  return kind !== 'assertion' && status !== 'passed';
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
