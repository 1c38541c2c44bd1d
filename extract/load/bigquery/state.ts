import type { Datasets } from '../../config.ts';
import type { Cursor, Manifest } from '../../landing/manifest.ts';
import { instantOf } from '../instant.ts';
import { isLeaseActive, leaseHeldByOther, ownLeaseOwner } from '../lease-owner.ts';
import type { Failure, Lease, Run } from '../warehouse.ts';
import { BigqueryError } from './errors.ts';
import { literal, tableName, timestamp } from './sql.ts';

/** A statement takes seconds in BigQuery, so leases last longer than DuckDB's and are extended less often. */
export const LEASE_MS = 180_000;
/** A lease is extended when its last extension is this old. */
export const EXTEND_AFTER_MS = 60_000;

/** The error that a script raises if another run has the lease. */
const LEASE_LOST = 'LEASE_LOST';

export interface State {
  readonly cursor: Cursor;
  readonly updatedAt: Date | null;
  readonly owner: string | null;
  readonly leaseUntil: Date | null;
  readonly fencingNumber: number;
}

type Row = Readonly<Record<string, string | null>>;

export type StateSql = ReturnType<typeof stateSql>;

/** The SQL that reads and writes `sync_state` and `ingestion_logs`. */
export function stateSql(datasets: Datasets) {
  const state = tableName(datasets, { dataset: 'logs', name: 'sync_state' });
  const logs = tableName(datasets, { dataset: 'logs', name: 'ingestion_logs' });

  const runIds = (entity: string, condition: string) =>
    `SELECT run_id FROM ${logs} WHERE entity = ${literal(entity)} AND mode <> 'replay' AND ${condition}
     ORDER BY start_time, run_id`;

  const leaseCondition = ({ entity, fencingNumber }: Lease) =>
    `(entity = ${literal(entity)} AND fencing_number = ${fencingNumber} AND lease_owner IS NOT NULL)`;
  const anyLeaseCondition = (leases: readonly Lease[]) => leases.map(leaseCondition).join(' OR ');

  return {
    logs,
    read: (entity: string) =>
      `SELECT continuation_token, watermark, updated_at, lease_owner, lease_until, fencing_number
       FROM ${state} WHERE entity = ${literal(entity)}`,

    /** Runs after the last successful one, oldest first. */
    unfinished: (entity: string) =>
      runIds(
        entity,
        `status <> 'success' AND start_time >= COALESCE(
           (SELECT MAX(start_time) FROM ${logs} WHERE entity = ${literal(entity)} AND status = 'success'),
           TIMESTAMP '0001-01-01 00:00:00+00')`,
      ),

    /** Runs whose rows are in the raw table. */
    loaded: (entity: string) => runIds(entity, `status = 'success' AND records_landed > 0`),

    succeeded: (entity: string) =>
      `SELECT run_id FROM ${logs} WHERE entity = ${literal(entity)} AND status = 'success'`,

    /** Takes the lease, unless another run has taken it since the state was read, and logs the run as running. */
    take: ({ entity, runId, runDate, mode, window, now }: Run, lease: Lease) => `
      BEGIN TRANSACTION;
      IF (SELECT COALESCE(MAX(fencing_number), 0) FROM ${state} WHERE entity = ${literal(entity)})
        <> ${lease.fencingNumber - 1} THEN
        SELECT ERROR('${LEASE_LOST}');
      END IF;
      MERGE ${state} AS s USING (SELECT ${literal(entity)} AS entity) AS t ON s.entity = t.entity
      WHEN MATCHED THEN UPDATE SET
        lease_owner = ${literal(lease.owner)}, lease_until = ${leaseEnd(now)},
        fencing_number = ${lease.fencingNumber}
      WHEN NOT MATCHED THEN INSERT (entity, lease_owner, lease_until, fencing_number)
        VALUES (${literal(entity)}, ${literal(lease.owner)}, ${leaseEnd(now)}, ${lease.fencingNumber});
      UPDATE ${logs} SET status = 'abandoned', end_time = ${timestamp(now)}
      WHERE entity = ${literal(entity)} AND status = 'running';
      INSERT INTO ${logs} (
        run_id, entity, mode, window_from, window_before, backfill_since, backfill_until, run_date, start_time, status
      )
      VALUES (${literal(runId)}, ${literal(entity)}, ${literal(mode)},
        ${timestamp(window?.from ?? null)}, ${timestamp(window?.before ?? null)},
        ${timestamp(window?.since ?? null)}, ${timestamp(window?.until ?? null)},
        DATE ${literal(runDate)}, ${timestamp(now)}, 'running');
      COMMIT TRANSACTION;`,

    extend: (leases: readonly Lease[], now: Date) =>
      `UPDATE ${state} SET lease_until = ${leaseEnd(now)} WHERE ${anyLeaseCondition(leases)}`,

    /** Entities whose lease has not been taken over. */
    stillHeld: (leases: readonly Lease[]) => `SELECT entity FROM ${state} WHERE ${anyLeaseCondition(leases)}`,

    release: ({ entity, fencingNumber }: Lease) =>
      `UPDATE ${state} SET lease_owner = NULL, lease_until = NULL
       WHERE entity = ${literal(entity)} AND fencing_number = ${fencingNumber}`,

    fail: ({ lease: { entity, runId }, error, metrics, now }: Failure) =>
      `UPDATE ${logs} SET
         status = 'failed', error = ${literal(error)}, end_time = ${timestamp(now)},
         api_calls = ${metrics.calls}, retries = ${metrics.retries}, bytes = ${metrics.bytes}
       WHERE run_id = ${literal(runId)} AND entity = ${literal(entity)} AND status = 'running'`,

    /** First statement of a transaction. It aborts the transaction if the lease has been taken over. */
    assertLeaseHeld: (lease: Lease) => `
      IF (SELECT COUNT(*) FROM ${state} WHERE ${leaseCondition(lease)}) <> 1 THEN
        SELECT ERROR('${LEASE_LOST}');
      END IF;`,

    /**
     * Updates the cursor, if it moves, and the lease.
     *
     * Only the holder of the lease changes the row. The statement always writes, so that this transaction conflicts with one
     * that takes the lease.
     *
     * @param now when the load began. Heartbeats may have extended the lease further since.
     */
    move({ entity, fencingNumber }: Lease, update: CursorUpdate | undefined, now: Date): string {
      const changes = [`lease_until = GREATEST(lease_until, ${leaseEnd(now)})`];
      if (update) changes.push(`updated_at = ${timestamp(now)}`);
      if (update?.run) {
        const { continuation_token, watermark } = update.cursor;
        changes.push(
          `mode = ${literal(update.run.mode)}, last_run_id = ${literal(update.run.runId)}`,
          `continuation_token = ${literal(continuation_token)}, watermark = ${timestamp(watermark)}`,
        );
      }
      return `
      UPDATE ${state} SET ${changes.join(', ')}
      WHERE entity = ${literal(entity)} AND fencing_number = ${fencingNumber};`;
    },
  };
}

/** The cursor after a load. */
export interface CursorUpdate {
  readonly cursor: Cursor;
  /** The run that moved the cursor; undefined if only windows of a backfill or sweep were loaded, which do not move it. */
  readonly run: { readonly mode: string; readonly runId: string } | undefined;
}

/** The cursor after these manifests: each that begins at the cursor moves it. Undefined if the state does not change. */
export function cursorUpdateOf(cursor: Cursor, manifests: readonly Manifest[]): CursorUpdate | undefined {
  let update: CursorUpdate | undefined;
  for (const { cursor_before: before, cursor_after, mode, window, run_id: runId } of manifests) {
    const at = update?.cursor ?? cursor;
    const beginsAtCursor =
      before.continuation_token === at.continuation_token && sameInstant(before.watermark, at.watermark);
    if (window !== undefined) update = { cursor: at, run: update?.run };
    else if (beginsAtCursor) update = { cursor: cursor_after, run: { mode, runId } };
  }
  return update;
}

function sameInstant(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : Date.parse(a) === Date.parse(b);
}

export function stateOf(row: Row | undefined): State {
  const at = (text: string | null | undefined) => (text ? instantOf(text) : null);
  return {
    cursor: {
      continuation_token: row?.continuation_token ?? null,
      watermark: at(row?.watermark)?.toISOString() ?? null,
    },
    updatedAt: at(row?.updated_at),
    owner: row?.lease_owner ?? null,
    leaseUntil: at(row?.lease_until),
    fencingNumber: Number(row?.fencing_number ?? 0),
  };
}

/** The lease that a new run takes. @throws LeaseError while another active run holds it. */
export function nextLease({ entity, runId, now }: Run, { owner, leaseUntil, fencingNumber }: State): Lease {
  if (owner !== null && isLeaseActive(owner, leaseUntil, now))
    throw leaseHeldByOther(entity, owner, LEASE_MS);
  return { entity, runId, owner: ownLeaseOwner(), fencingNumber: fencingNumber + 1 };
}

/** Whether a script failed because another run has the lease. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof BigqueryError && error.find(new RegExp(LEASE_LOST)) !== null;
}

function leaseEnd(now: Date): string {
  return timestamp(new Date(now.getTime() + LEASE_MS));
}
