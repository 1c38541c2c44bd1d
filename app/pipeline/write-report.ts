import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../extract/config.ts';
import { readableCopyPath } from '../../extract/load/duckdb/readable-copy.ts';
import { explanationsOf } from '../explain/explanations.ts';
import { movementsOf } from '../explain/moved-records.ts';
import { collectReport } from '../report/collect.ts';
import { REPORT_FORMAT, type ReportData } from '../report/data.ts';
import { RULES } from '../report/rules.ts';
import type { CommandContext } from './context.ts';
import { martDate } from './mart-date.ts';
import type { Session } from './session.ts';

/** Makes the report from the mart and the logs. */
export async function makeReport(context: CommandContext, session: Session): Promise<ReportData> {
  const { config, source } = session;
  const { query } = session.warehouse;
  const { datasets, timeZone } = config;
  // A report that is made on a later day still shows the run date of the mart.
  const runDate = (await martDate(query, datasets.mart)) ?? config.runDate;
  const engine = config.warehouse.kind;
  const explaining = { query, datasets, engine, zone: timeZone, runDate, rules: RULES };
  const movements = await movementsOf({ ...explaining, logs: datasets.logs });
  const collected = await collectReport({
    ...{ query, datasets, movements, runDate, source, now: context.now() },
    ...{ timeZone, syncStartDate: config.syncStartDate, chosen: config.entities.map(({ name }) => name) },
  });
  return { ...collected, explanations: await explanationsOf(collected.reconciliation, explaining) };
}

/** The report in its three formats. */
export async function renderReport(
  data: ReportData,
): Promise<{ readonly html: string; readonly json: string; readonly markdown: string }> {
  // Only this step needs the HTML library, so only it loads it.
  const [{ renderPage }, { reportMarkdown }] = await Promise.all([
    import('../report/page.tsx'),
    import('../report/markdown.ts'),
  ]);
  return {
    html: renderPage(data),
    json: `${JSON.stringify(data, null, 2)}\n`,
    markdown: reportMarkdown(data),
  };
}

/**
 * The report that the last run wrote beside its DuckDB file, which saves the queries of making it; undefined if what readers
 * see has changed since.
 */
export async function storedReport({
  warehouse,
}: Pick<Config, 'warehouse'>): Promise<ReportData | undefined> {
  if (warehouse.kind === 'bigquery') return undefined;
  const file = join(reportFolder(warehouse.path), 'report.json');
  try {
    const [copy, report] = await Promise.all([stat(readableCopyPath(warehouse.path)), stat(file)]);
    if (report.mtimeMs < copy.mtimeMs) return undefined;
    const data = JSON.parse(await readFile(file, 'utf8')) as ReportData;
    return data.format === REPORT_FORMAT ? data : undefined;
  } catch {
    // There is none, or another version wrote it.
    return undefined;
  }
}

function reportFolder(warehousePath: string): string {
  return join(dirname(warehousePath), 'report');
}

/** The report's data, and the path of each of its files. */
export interface WrittenReport {
  readonly data: ReportData;
  readonly page: string;
  readonly json: string;
  readonly markdown: string;
}

/**
 * Writes report.html, report.json and report.md.
 *
 * @param published settled once readers see what the report is of: they take a report that is newer for it
 */
export async function writeReport(
  context: CommandContext,
  session: Session,
  published: Promise<void> = Promise.resolve(),
): Promise<WrittenReport> {
  const data = await makeReport(context, session);
  const report = await renderReport(data);
  await published;
  return {
    data,
    page: await writeReportFile(session, 'report.html', report.html),
    markdown: await writeReportFile(session, 'report.md', report.markdown),
    json: await writeReportFile(session, 'report.json', report.json),
  };
}

/**
 * Writes one file of the report: next to a DuckDB file, or on BigQuery into a folder of the run in the landing, because a
 * container loses its disk and a landed object is never overwritten.
 *
 * @returns its path or URI
 */
async function writeReportFile(
  { config: { warehouse }, landing, runId }: Session,
  file: string,
  text: string,
): Promise<string> {
  if (warehouse.kind === 'bigquery') {
    const path = `reports/${runId}/${file}`;
    await landing.put(path, Buffer.from(text));
    return landing.uri(path);
  }
  const folder = reportFolder(warehouse.path);
  await mkdir(folder, { recursive: true });
  const path = join(folder, file);
  // A process that is killed while it writes leaves the report of the night before, never half a file.
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
  return path;
}
