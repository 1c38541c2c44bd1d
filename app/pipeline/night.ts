import type { ActionResult } from '../../engine/action-result.ts';
import type { Graph } from '../../engine/compile.ts';
import type { EntityResult } from '../../extract/entity-run.ts';
import { type Entity, findEntity } from '../../schemas/entities.ts';
import type { ReferenceTables } from '../reference/reference-files.ts';
import type { ReportData } from '../report/data.ts';
import { buildModels } from './build-models.ts';
import type { CommandContext } from './context.ts';
import { type Extracted, extractTenant } from './extract-tenant.ts';
import { foreignReference } from './foreign-reference.ts';
import type { Progress } from './progress.ts';
import { publish, type Session } from './session.ts';
import { type WrittenReport, writeReport } from './write-report.ts';

/** Results of a nightly run. */
export interface Night extends Extracted {
  readonly models: readonly ActionResult[];
  readonly report: WrittenReport;
  /** What people must know before anything else: that the reference files are another company's. */
  readonly warning?: string;
  /** An entity, a saved report or a model failed. A RED assertion does not count as a failure. */
  readonly hasFailed: boolean;
}

/**
 * Runs the nightly pipeline: extracts every entity, builds and checks the models, writes the report, logs a summary.
 *
 * @throws the signal's reason when it is asked to stop
 */
export async function runNight(
  context: CommandContext,
  session: Session,
  { graph, reference, progress }: { graph: Graph; reference: ReferenceTables; progress: Progress },
): Promise<Night> {
  const { config, source } = session;
  const startedAt = context.now();
  const note = config.credentials ? '' : '; no ST_* credentials are set, so the records are synthetic';
  progress.say(`Reading ${source} for ${config.runDate}${note}.`);

  // The models are translated while the entities are read.
  const prepared = session.models.prepare(graph, context.signal);
  const { results, reports } = await extractTenant(context, session, progress.extract);
  context.signal.throwIfAborted();
  const warning = await foreignReference(session, reference);
  if (warning !== undefined) progress.say(warning);
  const models = await buildModels(context, session, {
    models: prepared,
    reference,
    progress,
    skipUnchanged: true,
  });
  // Both only read the warehouse, and each leaves one core idle.
  const published = publish(session, progress.say);
  const report = await writeReport(context, session, published).finally(() => published);
  sayNotChosen(report.data, config.entities, progress);
  progress.end();

  const hasFailed =
    [...results, ...reports].some(({ status }) => status === 'failed') || models.some(isFailedModel);
  const cost = session.warehouse.cost();
  progress.night({
    runDate: config.runDate,
    status: hasFailed ? 'failed' : 'success',
    verdict: report.data.verdict,
    seconds: (context.now().getTime() - startedAt.getTime()) / 1000,
    ...totalMetrics(results),
    ...(cost && { cost }),
  });
  return { results, reports, models, report, ...(warning !== undefined && { warning }), hasFailed };
}

/** Entities that were read before stay as they are when ENTITIES does not name them any more; that is said, and no error. */
function sayNotChosen(
  { entities: known }: Pick<ReportData, 'entities'>,
  chosen: readonly Entity[],
  { say }: Progress,
): void {
  const isChosen = (name: string) => chosen.some((entity) => entity.name === name);
  const left = known
    .filter(({ entity }) => !isChosen(entity) && findEntity(entity))
    .map(({ entity }) => entity);
  if (left.length > 0)
    say(`Not read, because ENTITIES does not name them: ${left.join(', ')}. Their tables stay as they were.`);
}

function isFailedModel({ kind, status }: ActionResult): boolean {
  return kind !== 'assertion' && status !== 'passed';
}

function totalMetrics(results: readonly EntityResult[]) {
  const sum = (value: (result: EntityResult) => number) => results.reduce((all, one) => all + value(one), 0);
  return {
    calls: sum(({ metrics }) => metrics.calls),
    retries: sum(({ metrics }) => metrics.retries),
    bytes: sum(({ metrics }) => metrics.bytes),
    newRows: sum((result) => (result.status === 'success' ? result.receipt.new : 0)),
  };
}
