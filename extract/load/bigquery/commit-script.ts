import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Datasets } from '../../config.ts';
import type { Manifest } from '../../landing/manifest.ts';
import type { Counts, Receipt } from '../receipt.ts';
import type { Lease } from '../warehouse.ts';
import { BigqueryError } from './errors.ts';
import { missingRecordsTable } from './missing-at-source.ts';
import { driftOf, type RunsWithoutLog, rebuildLogs } from './rebuild-logs.ts';
import type { RejectedLoad } from './rejected-records.ts';
import { literal, quoted, tableName, timestamp } from './sql.ts';
import { type CursorUpdate, stateSql } from './state.ts';
import { countOfVersions, countOfVisible, insertOfNewVersions, type VersionNames } from './versions.ts';

/** The changes of one transaction. */
export interface Commit {
  readonly lease: Lease;
  readonly now: Date;
  /** The load table and the raw table; undefined if no rows were loaded. */
  readonly load: VersionNames | undefined;
  /** Whether the raw table is emptied first. */
  readonly rebuilds: boolean;
  /** Loaded rejected records. They replace those of the same runs in `rejected_records`. */
  readonly rejected: RejectedLoad;
  readonly cursorUpdate: CursorUpdate | undefined;
  /** The receipt so far. The script adds the counts of versions. */
  readonly receipt: Receipt;
  /** undefined for a replay, which reads nothing from the API. */
  readonly manifest: Manifest | undefined;
  /** Landed runs that the log does not have as successful. They are logged again. */
  readonly unlogged: RunsWithoutLog | undefined;
}

/** The error that a script raises if counts disagree. The counts loaded, versions and visible follow it. */
const COUNTS_DISAGREE = 'COUNTS_DISAGREE';

/**
 * A script that commits a load in one transaction.
 *
 * It checks the lease, adds new versions and rejected records, checks the counts, writes the log row and moves the cursor.
 * Its result is one row: versions, visible, added.
 */
export function commitScript(datasets: Datasets, commit: Commit): string {
  const { lease, now, load, rebuilds, rejected, cursorUpdate, unlogged } = commit;
  const { assertLeaseHeld, move } = stateSql(datasets);
  const raw = tableName(datasets, { dataset: 'raw', name: `raw_${lease.entity}` });
  return `
    DECLARE standing INT64 DEFAULT 0;
    DECLARE loaded INT64 DEFAULT 0;
    DECLARE added INT64 DEFAULT 0;
    DECLARE versions INT64 DEFAULT 0;
    DECLARE visible INT64 DEFAULT 0;
    BEGIN TRANSACTION;
    ${assertLeaseHeld(lease)}
    ${rebuilds ? `DELETE FROM ${raw} WHERE TRUE;` : ''}
    ${rejected.runIds.length > 0 ? replaceRejected(datasets, lease.entity, rejected) : ''}
    ${load ? addVersions(datasets, commit, load) : ''}
    ${unlogged ? rebuildLogs(datasets, lease.entity, unlogged, load) : ''}
    ${logRow(datasets, commit)}
    ${move(lease, cursorUpdate, now)}
    COMMIT TRANSACTION;
    SELECT versions, visible, added;`;
}

/** The counts in the error of a script whose counts disagreed; undefined for any other error. */
export function raisedCounts(error: unknown): Partial<Counts> | undefined {
  const raised =
    error instanceof BigqueryError && error.find(new RegExp(`${COUNTS_DISAGREE} (\\d+) (\\d+) (\\d+)`));
  if (!raised) return undefined;
  return { loaded: Number(raised[1]), versions: Number(raised[2]), visible: Number(raised[3]) };
}

function addVersions(datasets: Datasets, { lease, receipt }: Commit, load: VersionNames): string {
  return `
    SET standing = (SELECT COUNT(*) FROM ${load.raw});
    ${insertOfNewVersions(load)};
    SET added = (SELECT COUNT(*) FROM ${load.raw}) - standing;
    SET loaded = (SELECT COUNT(*) FROM ${load.load});
    SET versions = (${countOfVersions(load)});
    SET visible = (${countOfVisible(load)});
    IF loaded <> ${receipt.loaded} OR versions <> visible THEN
      SELECT ERROR(CONCAT(
        '${COUNTS_DISAGREE} ', CAST(loaded AS STRING), ' ', CAST(versions AS STRING), ' ', CAST(visible AS STRING)
      ));
    END IF;
    ${clearResolved(rejectedTable(datasets), 'rejected_at', lease.entity, load.load)}
    ${clearResolved(missingRecordsTable(datasets), 'found_at', lease.entity, load.load)}`;
}

function replaceRejected(datasets: Datasets, entity: string, { table, runIds }: RejectedLoad): string {
  const name = rejectedTable(datasets);
  const columns = 'entity, run_id, record_id, record, errors, rejected_at';
  return `
    DELETE FROM ${name}
    WHERE entity = ${literal(entity)} AND run_id IN (${runIds.map((id) => literal(id)).join(', ')});
    ${table === undefined ? '' : `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${table};`}`;
}

/**
 * Deletes the notes of rejected or missing records that were loaded after the note was written.
 *
 * It compares with all loaded rows, because the raw table may already have had the version that was loaded.
 */
function clearResolved(table: string, notedAt: string, entity: string, load: string): string {
  const key = quoted(entityNamed(entity).key);
  return `
    DELETE FROM ${table} AS noted
    WHERE noted.entity = ${literal(entity)} AND EXISTS (
      SELECT 1 FROM ${load} AS seen
      WHERE CAST(seen.${key} AS STRING) = noted.record_id AND seen._extracted_at > noted.${notedAt}
    );`;
}

function logRow(datasets: Datasets, { lease, now, receipt, manifest }: Commit): string {
  const unknown = manifest ? literal(JSON.stringify(Object.keys(manifest.unknown_fields))) : 'NULL';
  return `
    UPDATE ${stateSql(datasets).logs} SET
      status = 'success', error = NULL, end_time = ${timestamp(now)},
      api_calls = ${manifest?.api_calls ?? 0}, retries = ${manifest?.retries ?? 0},
      bytes = ${manifest?.bytes ?? 0}, pages = ${manifest?.pages.length ?? 'NULL'},
      records_source = ${receipt.source ?? 'NULL'}, records_read = ${receipt.read},
      records_landed = ${receipt.landed}, records_loaded = ${receipt.loaded},
      records_visible = visible, records_new = added, records_rejected = ${receipt.rejected},
      unknown_fields = ${unknown}, drift = ${literal(driftOf(manifest))}
    WHERE run_id = ${literal(receipt.runId)} AND entity = ${literal(lease.entity)};`;
}

export function rejectedTable(datasets: Datasets): string {
  return tableName(datasets, { dataset: 'logs', name: 'rejected_records' });
}
