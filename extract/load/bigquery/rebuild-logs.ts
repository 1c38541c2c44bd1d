import type { BigqueryField } from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';
import { confirmedSourceCount, type Manifest, sha256 } from '../../landing/manifest.ts';
import type { Loading, PageOfRun } from './load-runs.ts';
import { loadObject } from './load-tables.ts';
import { putCopy } from './pages.ts';
import { literal, quoted } from './sql.ts';
import { stateSql } from './state.ts';
import type { VersionNames } from './versions.ts';

/** A table with log rows of landed runs. They lack the counts that come from the rebuilt raw table. */
export interface RunsWithoutLog {
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Loads log rows, made from manifests, into a load table.
 *
 * In the text of a query they would exceed BigQuery's limit of one megabyte within a year or two.
 */
export async function loadRunsWithoutLog(
  { client, jobs, config, landing, labels, now }: Loading,
  unlogged: readonly Manifest[],
  nowValid: readonly PageOfRun[],
  existing: readonly BigqueryField[],
): Promise<RunsWithoutLog | undefined> {
  const rows = unlogged.map((manifest) => logRow(manifest, nowValid));
  const [first] = rows;
  if (first === undefined) return undefined;
  const ndjson = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const fields = existing.filter(({ name }) => name in first);
  const { table } = await loadObject(client, jobs, config.datasets.stage, {
    uri: await putCopy(landing, ndjson),
    sha256: sha256(ndjson),
    ...{ fields, labels, now },
    ignoreUnknownValues: false,
  });
  return { table, columns: fields.map(({ name }) => name) };
}

/**
 * Statements that write the log rows of runs that were not logged, with their counts in the rebuilt table.
 *
 * They follow the insert of the rows in the rebuild's transaction.
 */
export function rebuildLogs(
  datasets: Datasets,
  entity: string,
  { table, columns }: RunsWithoutLog,
  load: VersionNames | undefined,
): string {
  const { logs } = stateSql(datasets);
  const counts = load
    ? `LEFT JOIN (
        SELECT _run_id, COUNT(*) AS loaded,
          COUNT(DISTINCT CONCAT(CAST(${quoted(load.entity.key)} AS STRING), ' ', _row_hash)) AS visible
        FROM ${load.load} GROUP BY _run_id
      ) AS l ON l._run_id = m.run_id
      LEFT JOIN (SELECT _run_id, COUNT(*) AS added FROM ${load.raw} GROUP BY _run_id) AS r ON r._run_id = m.run_id`
    : '';
  const counted = (name: string) => (load ? `COALESCE(${name}, 0)` : '0');
  return `
    DELETE FROM ${logs} WHERE entity = ${literal(entity)} AND run_id IN (SELECT run_id FROM ${table});
    INSERT INTO ${logs} (${columns.join(', ')}, records_loaded, records_visible, records_new)
    SELECT ${columns.map((column) => `m.${column}`).join(', ')},
      ${counted('l.loaded')}, ${counted('l.visible')}, ${counted('r.added')}
    FROM ${table} AS m
    ${counts};`;
}

function logRow(manifest: Manifest, nowValid: readonly PageOfRun[]) {
  const { window, pages, rejected } = manifest;
  const rows = (files: readonly { readonly rows: number }[]) =>
    files.reduce((sum, file) => sum + file.rows, 0);
  const nowValidRows = rows(
    nowValid.filter(({ runId }) => runId === manifest.run_id).map(({ page }) => page.page),
  );
  return {
    ...{ run_id: manifest.run_id, entity: manifest.entity, mode: manifest.mode },
    ...{ window_from: window?.from ?? null, window_before: window?.before ?? null },
    ...{ backfill_since: window?.since ?? null, backfill_until: window?.until ?? null },
    ...{ run_date: manifest.run_date, start_time: manifest.started_at, end_time: manifest.ended_at },
    ...{ status: 'success', api_calls: manifest.api_calls, retries: manifest.retries, bytes: manifest.bytes },
    ...{
      pages: pages.length,
      records_source: confirmedSourceCount(manifest),
      records_read: manifest.rows_read,
    },
    ...{ records_landed: rows(pages) + nowValidRows, records_rejected: rows(rejected) - nowValidRows },
    unknown_fields: JSON.stringify(Object.keys(manifest.unknown_fields)),
    drift: driftOf(manifest),
  };
}

/** The drift of a run as JSON text; null for runs that were landed before drift was recorded. */
export function driftOf(manifest: Manifest | undefined): string | null {
  return manifest?.drift ? JSON.stringify(manifest.drift) : null;
}
