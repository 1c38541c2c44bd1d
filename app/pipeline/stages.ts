import { sleep } from '../../base/sleep.ts';
import { compileProject, type Graph } from '../../engine/compile.ts';
import type { ActionResult } from '../../engine/duckdb/run-graph.ts';
import type { OnEvent } from '../../extract/events.ts';
import { type EntityResult, extractAll } from '../../extract/run.ts';
import { readReports } from '../../extract/saved-reports.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { type Entity, entities } from '../../schemas/entities.ts';
import type { Progress } from '../cli/live-progress.ts';
import { movementsOf } from '../explain/moved-records.ts';
import { RULES } from '../explain/rules.ts';
import { collectReport } from '../report/collect.ts';
import type { ReportData, Verdict } from '../report/data.ts';
import { putReport } from './backends.ts';
import type { CommandContext } from './context.ts';
import { builtFor } from './mart-date.ts';
import type { ReferenceTables } from './reference-files.ts';
import { PROJECT_DIR, type Session } from './session.ts';
import { withTenant } from './tenant.ts';

/** Compiles the models for the configured day, zone and datasets. */
export function compileModels({
  config,
  ...session
}: Pick<Session, 'config'> & { asOf?: string }): Promise<Graph> {
  const { datasets, warehouse } = config;
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
    {
      schema: datasets.mart,
      assertionSchema: datasets.logs,
      ...(warehouse.kind === 'bigquery' && { database: warehouse.projectId, location: warehouse.location }),
    },
  );
}

/**
 * Reads every entity and then the saved reports, so that both see the same balances. The tenant is let go before the
 * models run: a sandbox holds all of its records in memory.
 */
export function extractTenant(context: CommandContext, session: Session, { extract: onEvent }: Progress) {
  return withTenant(context, session, onEvent, async (common) => {
    const results = await extractAll({ ...common, entities });
    return { results, reports: await readReports({ ...common, tables: declaredTables(), sleep }) };
  });
}

/** Reads and loads only these entities. */
export function extractEntities(
  context: CommandContext,
  session: Session,
  { entities, onEvent }: { entities: readonly Entity[]; onEvent: OnEvent },
): Promise<readonly EntityResult[]> {
  return withTenant(context, session, onEvent, (common) => extractAll({ ...common, entities }));
}

/** Loads the reference tables, runs the graph and stores what the assertions found. */
export async function runModels(
  context: CommandContext,
  session: Session,
  stage: {
    graph: Graph;
    reference: ReferenceTables;
    progress: Progress;
    /** Whether tables may stay that would become what they are; by default all are built. */
    keepUnchanged?: boolean;
  },
): Promise<readonly ActionResult[]> {
  const { warehouse, config } = session;
  const { graph, reference, progress, keepUnchanged = false } = stage;
  await warehouse.replace(tableNamed('reference_business_units'), reference.business_units);
  await warehouse.replace(tableNamed('reference_job_types'), reference.job_types);
  await warehouse.replace(tableNamed('reference_ui_kpi_values'), reference.ui_kpi_values);
  const results = await session.runGraph({
    graph,
    keepUnchanged,
    onResult: progress.transform,
    signal: context.signal,
  });
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

/** The report in its three forms, from the mart and the logs. */
export async function makeReport(
  context: CommandContext,
  session: Session,
): Promise<{ data: ReportData; html: string; json: string; markdown: string }> {
  const { config, source } = session;
  const { query } = session.warehouse;
  const { datasets, timeZone } = config;
  // A report made on a later day is still that of the night which built the mart.
  const runDate = (await builtFor(query, datasets.mart)) ?? config.runDate;
  const engine = config.warehouse.kind;
  const movements = await movementsOf({
    ...{ query, datasets, engine, logs: datasets.logs },
    ...{ zone: timeZone, runDate, rules: RULES },
  });
  const data = await collectReport({ query, datasets, movements, runDate, source, now: context.now() });
  // Charts need a document and a drawing library, which no other stage does.
  const [{ renderPage }, { reportMarkdown }] = await Promise.all([
    import('../report/page.tsx'),
    import('../report/markdown.ts'),
  ]);
  return {
    data,
    html: renderPage(data),
    json: `${JSON.stringify(data, null, 2)}\n`,
    markdown: reportMarkdown(data),
  };
}

/** Writes report.html, report.json and report.md. */
export async function writeReport(
  context: CommandContext,
  session: Session,
): Promise<{ data: ReportData; page: string; json: string; markdown: string }> {
  const report = await makeReport(context, session);
  return {
    data: report.data,
    page: await putReport(session, 'report.html', report.html),
    markdown: await putReport(session, 'report.md', report.markdown),
    json: await putReport(session, 'report.json', report.json),
  };
}

function tableNamed(name: string) {
  const table = declaredTables().find((declared) => declared.name === name);
  if (!table) throw new Error(`schemas/ declares no table ${name}`);
  return table;
}
