import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Datasets } from '../../config.ts';
import type { Manifest } from '../../landing/manifest.ts';
import type { Counts, Receipt } from '../receipt.ts';
import type { Lease } from '../warehouse.ts';
import { BigqueryRefusal } from './errors.ts';
import { missingRecordsTable } from './missing-at-source.ts';
import { driftOf, type RunsWithoutLog, rebuildLogs } from './rebuild-logs.ts';
import type { RejectedLoad } from './rejected-records.ts';
import { literal, quoted, tableName, timestamp } from './sql.ts';
import { type Moved, stateSql } from './state.ts';
import { countOfVersions, countOfVisible, insertOfNewVersions, type VersionNames } from './versions.ts';

/** What one transaction writes. */
export interface Commit {
  readonly lease: Lease;
  readonly now: Date;
  /** Loaded rows as rows of the raw table; undefined when there are none. */
  readonly load: VersionNames | undefined;
  /** Whether the raw table is emptied first. */
  readonly rebuilds: boolean;
  /** Loaded rejected records, which replace those that their runs have in the table, and those that fit by now. */
  readonly rejected: RejectedLoad;
  readonly moved: Moved | undefined;
  /** The receipt so far; the script counts the rest. */
  readonly receipt: Receipt;
  /** undefined for a replay, which reads nothing from the service. */
  readonly manifest: Manifest | undefined;
  /** Landed runs that the log does not know as loaded, to be noted again. */
  readonly lost: RunsWithoutLog | undefined;
}

/** What a script raises when counts do not agree; they stand behind it: loaded, versions, visible. */
const DISAGREE = 'COUNTS_DISAGREE';

/**
 * One script, one transaction: it checks the lease, adds the new versions and the rejected records, counts, writes
 * the log row and moves the state. Its result is one row: versions, visible, new.
 */
export function commitScript(datasets: Datasets, commit: Commit): string {
  const { lease, now, load, rebuilds, rejected, moved, lost } = commit;
  const { assertHeld, move } = stateSql(datasets);
  const raw = tableName(datasets, { dataset: 'raw', name: `raw_${lease.entity}` });
  return `
    DECLARE standing INT64 DEFAULT 0;
    DECLARE loaded INT64 DEFAULT 0;
    DECLARE added INT64 DEFAULT 0;
    DECLARE versions INT64 DEFAULT 0;
    DECLARE visible INT64 DEFAULT 0;
    BEGIN TRANSACTION;
    ${assertHeld(lease)}
    ${rebuilds ? `DELETE FROM ${raw} WHERE TRUE;` : ''}
    ${rejected.runIds.length > 0 ? replaceRejected(datasets, lease.entity, rejected) : ''}
    ${load ? addVersions(datasets, commit, load) : ''}
    ${lost ? rebuildLogs(datasets, lease.entity, lost, load) : ''}
    ${logRow(datasets, commit)}
    ${move(lease, moved, now)}
    COMMIT TRANSACTION;
    SELECT versions, visible, added;`;
}

/** Counts that a script raised because they do not agree; undefined for any other error. */
export function raisedCounts(error: unknown): Partial<Counts> | undefined {
  const raised =
    error instanceof BigqueryRefusal && error.find(new RegExp(`${DISAGREE} (\\d+) (\\d+) (\\d+)`));
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
        '${DISAGREE} ', CAST(loaded AS STRING), ' ', CAST(versions AS STRING), ' ', CAST(visible AS STRING)
      ));
    END IF;
    ${forgetSeenAgain(rejectedTable(datasets), 'rejected_at', lease.entity, load.load)}
    ${forgetSeenAgain(missingRecordsTable(datasets), 'found_at', lease.entity, load.load)}`;
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
 * Takes out the rejected records that came again later and fit the schema, or the vanished ones that came again: they are
 * among the loaded rows, also when the raw table had that version already.
 */
function forgetSeenAgain(table: string, notedAt: string, entity: string, load: string): string {
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
