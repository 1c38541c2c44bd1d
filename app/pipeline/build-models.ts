import type { ActionResult } from '../../engine/action-result.ts';
import type { Graph } from '../../engine/compile.ts';
import type { BuildMemory } from '../../engine/duckdb/build-memory.ts';
import { declaredTable } from '../../schemas/columns.ts';
import type { ReferenceTables } from '../reference/reference-files.ts';
import type { PreparedModels } from './backends.ts';
import type { CommandContext } from './context.ts';
import { foreignReference } from './foreign-reference.ts';
import type { Progress } from './progress.ts';
import type { Session } from './session.ts';
import { verdictOf } from './verdict.ts';

/**
 * Loads the reference tables, builds the models, runs the assertions and stores their verdicts. Screen values of another
 * company are left out.
 */
export async function buildModels(
  context: CommandContext,
  session: Session,
  options: {
    readonly models: PreparedModels;
    readonly reference: ReferenceTables;
    readonly progress: Progress;
    /** By default every table is built. */
    readonly skipUnchanged?: boolean;
    readonly memory?: BuildMemory;
  },
): Promise<readonly ActionResult[]> {
  const { warehouse } = session;
  const { models, reference, progress, memory, skipUnchanged = false } = options;
  await warehouse.replace(declaredTable('reference_business_units'), reference.business_units);
  await warehouse.replace(declaredTable('reference_job_types'), reference.job_types);
  const isForeign = (await foreignReference(session, reference)) !== undefined;
  const values = isForeign ? [] : reference.ui_kpi_values;
  await warehouse.replace(declaredTable('reference_ui_kpi_values'), values);
  const results = await session.models.build(models, {
    skipUnchanged,
    ...(memory && { memory }),
    onResult: progress.transform,
    onDropped: (table) => progress.say(`${table} is dropped, because its model is gone.`),
    signal: context.signal,
  });
  await storeVerdicts(context, session, { results, graph: models.graph });
  return results;
}

async function storeVerdicts(
  { now }: CommandContext,
  { warehouse, config }: Session,
  { results, graph }: { results: readonly ActionResult[]; graph: Graph },
): Promise<void> {
  const descriptions = new Map(
    graph.assertions.map(({ target, actionDescriptor }) => [target.name, actionDescriptor?.description]),
  );
  const assertions = results.filter(({ kind }) => kind === 'assertion');
  await warehouse.replace(
    declaredTable('assertion_results'),
    assertions.map((result) => ({
      assertion: result.name,
      file: result.file,
      verdict: verdictOf(result),
      failing_rows: result.rows === undefined ? null : String(result.rows),
      uncounted_amount: result.sums?.uncounted_amount ?? null,
      job_count: result.sums?.job_count ?? null,
      description: descriptions.get(result.name) ?? null,
      sample: result.error ?? (result.sample ? JSON.stringify(result.sample) : null),
      run_date: config.runDate,
      checked_at: now().toISOString(),
    })),
  );
}

/** Says why models failed, with file, line and a caret below the place, and how many others wait for them. */
export function failedModels(results: readonly Refusable[]): string[] {
  const models = results.filter(({ kind }) => kind !== 'assertion');
  const failed = models
    .filter(({ status }) => status === 'failed')
    .map(({ error, file, excerpt }) =>
      [error ?? `${file}: failed`, ...(excerpt ? [excerpt] : [])].join('\n'),
    );
  const waiting = models.filter(({ status }) => status === 'skipped').length;
  if (waiting === 0) return failed;
  const them = failed.length === 1 ? 'it' : 'them';
  return [...failed, waiting === 1 ? `1 model waits for ${them}.` : `${waiting} models wait for ${them}.`];
}

type Refusable = Pick<ActionResult, 'kind' | 'status' | 'file' | 'error' | 'excerpt'>;
