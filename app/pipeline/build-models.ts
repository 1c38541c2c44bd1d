import type { ActionResult } from '../../engine/action-result.ts';
import { declaredTables, type TableSchema } from '../../schemas/columns.ts';
import type { ReferenceTables } from '../reference/reference-files.ts';
import type { PreparedModels } from './backends.ts';
import type { CommandContext } from './context.ts';
import type { Progress } from './progress.ts';
import type { Session } from './session.ts';
import { verdictOf } from './verdict.ts';

/** Loads the reference tables, builds the models, runs the assertions and stores their verdicts. */
export async function buildModels(
  context: CommandContext,
  session: Session,
  options: {
    readonly models: PreparedModels;
    readonly reference: ReferenceTables;
    readonly progress: Progress;
    /** By default every table is built. */
    readonly skipUnchanged?: boolean;
  },
): Promise<readonly ActionResult[]> {
  const { warehouse } = session;
  const { models, reference, progress, skipUnchanged = false } = options;
  await warehouse.replace(tableNamed('reference_business_units'), reference.business_units);
  await warehouse.replace(tableNamed('reference_job_types'), reference.job_types);
  await warehouse.replace(tableNamed('reference_ui_kpi_values'), reference.ui_kpi_values);
  const results = await session.models.build(models, {
    skipUnchanged,
    onResult: progress.transform,
    signal: context.signal,
  });
  await storeVerdicts(context, session, results);
  return results;
}

async function storeVerdicts(
  { now }: CommandContext,
  { warehouse, config }: Session,
  results: readonly ActionResult[],
): Promise<void> {
  const assertions = results.filter(({ kind }) => kind === 'assertion');
  await warehouse.replace(
    tableNamed('assertion_results'),
    assertions.map((result) => ({
      assertion: result.name,
      file: result.file,
      verdict: verdictOf(result),
      failing_rows: result.rows === undefined ? null : String(result.rows),
      sample: result.error ?? (result.sample ? JSON.stringify(result.sample) : null),
      run_date: config.runDate,
      checked_at: now().toISOString(),
    })),
  );
}

/** Lists the models that failed, with file and line, and those that were skipped because of them. */
export function failedModels(results: readonly ActionResult[]): string[] {
  const models = results.filter(({ kind }) => kind !== 'assertion');
  const failed = models
    .filter(({ status }) => status === 'failed')
    .map(({ error, file }) => error ?? `${file}: failed`);
  const skipped = results.filter(({ status }) => status === 'skipped').map(({ name }) => name);
  return skipped.length > 0 ? [...failed, `skipped because of that: ${skipped.join(', ')}`] : failed;
}

function tableNamed(name: string): TableSchema {
  const table = declaredTables().find((declared) => declared.name === name);
  if (!table) throw new Error(`schemas/ declares no table ${name}`);
  return table;
}
