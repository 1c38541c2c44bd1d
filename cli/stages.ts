import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { movementsOf } from '../explain/moved-records.ts';
import type { ReferenceTables } from '../extract/reference.ts';
import { collectReport, type Query } from '../report/collect.ts';
import type { ReportData, Verdict } from '../report/data.ts';
import { reportMarkdown } from '../report/markdown.ts';
import { renderPage } from '../report/page.tsx';
import { declaredTables } from '../schemas/columns.ts';
import { compileProject, type Graph } from '../transform/compile.ts';
import { type ActionResult, runGraph } from '../transform/run.ts';
import type { CommandContext } from './context.ts';
import type { Progress } from './progress.ts';
import type { Session } from './session.ts';

/** The Dataform project: this repository's root. */
export const PROJECT_DIR = fileURLToPath(new URL('../', import.meta.url));

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
  const results = await runGraph({
    projectDir: PROJECT_DIR,
    graph,
    connect: warehouse.connect,
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

/** Writes report.html, report.json and report.md from the mart and the logs. */
export async function writeReport(
  context: CommandContext,
  session: Session,
): Promise<{ data: ReportData; page: string; json: string }> {
  const { config, reportDir, source } = session;
  return withQuery(session, async (query) => {
    const { datasets, runDate, timeZone } = config;
    const movements = await movementsOf({ query, datasets, logs: datasets.logs, zone: timeZone, runDate });
    const data = await collectReport({ query, datasets, movements, runDate, source, now: context.now() });
    const page = join(reportDir, 'report.html');
    const json = join(reportDir, 'report.json');
    const markdown = join(reportDir, 'report.md');
    await mkdir(reportDir, { recursive: true });
    await writeFile(page, renderPage(data));
    await writeFile(markdown, reportMarkdown(data));
    await writeFile(json, `${JSON.stringify(data, null, 2)}\n`);
    return { data, page, json };
  });
}

/** Reads the warehouse over a connection of its own. */
export async function withQuery<T>(
  { warehouse }: Pick<Session, 'warehouse'>,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const connection = await warehouse.connect();
  try {
    return await work(
      async <Row>(sql: string) =>
        (await connection.runAndReadAll(sql)).getRowObjectsJson() as unknown as readonly Row[],
    );
  } finally {
    connection.closeSync();
  }
}

function tableNamed(name: string) {
  const table = declaredTables().find((declared) => declared.name === name);
  if (!table) throw new Error(`schemas/ declares no table ${name}`);
  return table;
}
