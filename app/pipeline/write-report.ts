import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { explanationsOf } from '../explain/explanations.ts';
import { movementsOf } from '../explain/moved-records.ts';
import { collectReport } from '../report/collect.ts';
import type { ReportData } from '../report/data.ts';
import { RULES } from '../report/rules.ts';
import type { CommandContext } from './context.ts';
import { martDate } from './mart-date.ts';
import type { Session } from './session.ts';

/** Makes the report from the mart and the logs, in its three formats. */
export async function makeReport(
  context: CommandContext,
  session: Session,
): Promise<{ data: ReportData; html: string; json: string; markdown: string }> {
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
  const explanations = await explanationsOf(collected.reconciliation, explaining);
  const data: ReportData = { ...collected, explanations };
  // Only this step needs the HTML and chart libraries, so only it loads them.
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

/** The report's data, and the path of each of its files. */
export interface WrittenReport {
  readonly data: ReportData;
  readonly page: string;
  readonly json: string;
  readonly markdown: string;
}

/** Writes report.html, report.json and report.md. */
export async function writeReport(context: CommandContext, session: Session): Promise<WrittenReport> {
  const report = await makeReport(context, session);
  return {
    data: report.data,
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
  const folder = join(dirname(warehouse.path), 'report');
  await mkdir(folder, { recursive: true });
  const path = join(folder, file);
  // A process that is killed while it writes leaves the report of the night before, never half a file.
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
  return path;
}
