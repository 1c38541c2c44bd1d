import { movementsOf } from '../explain/moved-records.ts';
import { entities } from '../extract/entities.ts';
import type { ReferenceTables } from '../extract/reference.ts';
import { readReports } from '../extract/reports.ts';
import { extractAll } from '../extract/run.ts';
import { collectReport } from '../report/collect.ts';
import type { ReportData, Verdict } from '../report/data.ts';
import { declaredTables } from '../schemas/columns.ts';
import { compileProject, type Graph } from '../transform/compile.ts';
import type { ActionResult } from '../transform/run.ts';
import type { CommandContext } from './context.ts';
import type { Progress } from './progress.ts';
import { connectTenant, PROJECT_DIR, type Session } from './session.ts';
import { sleep } from './sleep.ts';

/** Compiles the models for the configured day, zone and datasets. */
export function compileModels(
  { config, ...session }: Pick<Session, 'config'> & { asOf?: string },
  signal: AbortSignal,
): Promise<Graph> {
  const { datasets } = config;
  return compileProject(
    PROJECT_DIR,
    {
      raw_dataset: datasets.raw,
      stage_dataset: datasets.stage,
      mart_dataset: datasets.mart,
      logs_dataset: datasets.logs,
      time_zone: config.timeZone,
      sync_start_date: config.syncStartDate,
      run_date: config.runDate,
      as_of: session.asOf ?? '',
    },
    signal,
  );
}

/**
 * Reads every entity and then the saved reports, so that both see the same balances. The tenant is let go before the
 * models run: a sandbox holds all of its records in memory.
 */
export async function extractTenant(context: CommandContext, session: Session, progress: Progress) {
  const client = await connectTenant(context, session.config);
  const common = {
    config: session.config,
    client,
    runId: session.runId,
    landing: session.landing,
    warehouse: session.warehouse,
    clock: context.now,
    onEvent: progress.extract,
    signal: context.signal,
  };
  try {
    const results = await extractAll({ ...common, entities });
    return { results, reports: await readReports({ ...common, tables: declaredTables(), sleep }) };
  } finally {
    client.close();
  }
}

/** Loads the reference tables, runs the graph and stores what the assertions found. */
export async function runModels(
  context: CommandContext,
  session: Session,
  stage: { graph: Graph; reference: ReferenceTables; progress: Progress },
): Promise<readonly ActionResult[]> {
  const { warehouse, config } = session;
  const { graph, reference, progress } = stage;
  await warehouse.replace(tableNamed('reference_business_units'), reference.business_units);
  await warehouse.replace(tableNamed('reference_job_types'), reference.job_types);
  await warehouse.replace(tableNamed('reference_ui_kpi_values'), reference.ui_kpi_values);
  const results = await session.runGraph({ graph, onResult: progress.transform, signal: context.signal });
  const checked = results.filter(({ kind }) => kind === 'assertion');
  await warehouse.replace(
    tableNamed('assertion_results'),
    checked.map((result) => ({
      assertion: result.name,
      file: result.file,
      verdict: verdictOf(result),
      failing_rows: result.rows === undefined ? null : String(result.rows),
      sample: result.error ?? (result.sample ? JSON.stringify(result.sample) : null),
      run_date: config.runDate,
      checked_at: context.now().toISOString(),
    })),
  );
  return results;
}

/** An assertion that could not run proves nothing: RED, also when it is only a warning. */
export function verdictOf({ status, error, tags }: Pick<ActionResult, 'status' | 'error' | 'tags'>): Verdict {
  if (status === 'passed') return 'GREEN';
  return status === 'failed' && error === undefined && tags.includes('warning') ? 'YELLOW' : 'RED';
}

/** Writes report.html, report.json and report.md from the mart and the logs. */
export async function writeReport(
  context: CommandContext,
  session: Session,
): Promise<{ data: ReportData; page: string; json: string; markdown: string }> {
  const { config, source, putReport } = session;
  const { query } = session.warehouse;
  const { datasets, runDate, timeZone } = config;
  const engine = config.warehouse.kind;
  const movements = await movementsOf({
    ...{ query, datasets, engine, logs: datasets.logs },
    ...{ zone: timeZone, runDate },
  });
  const data = await collectReport({ query, datasets, movements, runDate, source, now: context.now() });
  // Charts need a document and a drawing library, which no other stage does.
  const [{ renderPage }, { reportMarkdown }] = await Promise.all([
    import('../report/page.tsx'),
    import('../report/markdown.ts'),
  ]);
  const page = await putReport('report.html', renderPage(data));
  const markdown = await putReport('report.md', reportMarkdown(data));
  const json = await putReport('report.json', `${JSON.stringify(data, null, 2)}\n`);
  return { data, page, json, markdown };
}

function tableNamed(name: string) {
  const table = declaredTables().find((declared) => declared.name === name);
  if (!table) throw new Error(`schemas/ declares no table ${name}`);
  return table;
}
