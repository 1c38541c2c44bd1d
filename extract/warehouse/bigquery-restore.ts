import type { Datasets } from '../config.ts';
import type { Manifest } from '../manifest.ts';
import type { PageOfRun } from './bigquery-load.ts';
import { literal, quoted, timestamp } from './bigquery-sql.ts';
import { stateSql } from './bigquery-state.ts';
import type { VersionNames } from './bigquery-versions.ts';

/**
 * Writes the log rows of landed runs anew from their manifests, with what the rebuilt table holds of each. Stands in
 * the rebuild's transaction, after its rows.
 */
export function restoreLogs(
  datasets: Datasets,
  entity: string,
  lost: readonly Manifest[],
  load: VersionNames | undefined,
  readmitted: readonly PageOfRun[],
): string {
  if (lost.length === 0) return '';
  const { logs } = stateSql(datasets);
  const ids = lost.map(({ run_id }) => literal(run_id)).join(', ');
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
    DELETE FROM ${logs} WHERE entity = ${literal(entity)} AND run_id IN (${ids});
    INSERT INTO ${logs} (
      run_id, entity, mode, window_from, window_before, backfill_since, backfill_until, run_date, start_time, end_time,
      status, api_calls, retries, bytes, pages, records_source, records_read, records_landed, records_rejected,
      unknown_fields, drift, records_loaded, records_visible, records_new
    )
    SELECT m.*, ${counted('l.loaded')}, ${counted('l.visible')}, ${counted('r.added')}
    FROM (${lost.map((manifest) => logRow(manifest, readmitted)).join(' UNION ALL ')}) AS m
    ${counts};`;
}

function logRow(manifest: Manifest, readmitted: readonly PageOfRun[]): string {
  const { window, rows_source: source, pages, rejected } = manifest;
  const rows = (files: readonly { readonly rows: number }[]) =>
    files.reduce((sum, file) => sum + file.rows, 0);
  const mended = rows(
    readmitted.filter(({ runId }) => runId === manifest.run_id).map(({ page }) => page.page),
  );
  return `
      SELECT ${literal(manifest.run_id)} AS run_id, ${literal(manifest.entity)} AS entity,
        ${literal(manifest.mode)} AS mode,
        ${timestamp(window?.from ?? null)} AS window_from, ${timestamp(window?.before ?? null)} AS window_before,
        ${timestamp(window?.since ?? null)} AS backfill_since, ${timestamp(window?.until ?? null)} AS backfill_until,
        DATE ${literal(manifest.run_date)} AS run_date, ${timestamp(manifest.started_at)} AS start_time,
        ${timestamp(manifest.ended_at)} AS end_time, 'success' AS status, ${manifest.api_calls} AS api_calls,
        ${manifest.retries} AS retries, ${manifest.bytes} AS bytes, ${pages.length} AS pages,
        CAST(${source ?? 'NULL'} AS INT64) AS records_source, ${manifest.rows_read} AS records_read,
        ${rows(pages) + mended} AS records_landed, ${rows(rejected) - mended} AS records_rejected,
        ${literal(JSON.stringify(Object.keys(manifest.unknown_fields)))} AS unknown_fields, ${driftOf(manifest)} AS drift`;
}

/** As a literal; runs that were landed before drift was noted have none. */
export function driftOf(manifest: Manifest | undefined): string {
  return manifest?.drift ? literal(JSON.stringify(manifest.drift)) : 'CAST(NULL AS STRING)';
}
