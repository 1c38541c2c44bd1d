import { LeaseError } from '../../../base/errors.ts';
import type { Datasets } from '../../config.ts';
import type { Cursor, Manifest } from '../../landing/manifest.ts';
import { instantOf } from '../instant.ts';
import { isLeaseActive, ownLeaseOwner } from '../lease-owner.ts';
import type { Failure, Lease, Run } from '../warehouse.ts';
import { BigqueryRefusal } from './errors.ts';
import { literal, tableName, timestamp } from './sql.ts';

/** A statement costs seconds here, so that leases are longer than DuckDB's and prolonged less often. */
export const LEASE_MS = 180_000;
/** How old a lease gets before it is prolonged. */
export const HEARTBEAT_MS = 60_000;

/** What a script raises when the lease is another's. */
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

/** The SQL of `sync_state` and `ingestion_logs`. */
export function stateSql(datasets: Datasets) {
  const state = tableName(datasets, { dataset: 'logs', name: 'sync_state' });
  const logs = tableName(datasets, { dataset: 'logs', name: 'ingestion_logs' });

  const runIds = (entity: string, condition: string) =>
    `SELECT run_id FROM ${logs} WHERE entity = ${literal(entity)} AND mode <> 'replay' AND ${condition}
     ORDER BY start_time, run_id`;

  const heldUnder = ({ entity, fencingNumber }: Lease) =>
    `(entity = ${literal(entity)} AND fencing_number = ${fencingNumber} AND lease_owner IS NOT NULL)`;
  const heldUnderAny = (leases: readonly Lease[]) => leases.map(heldUnder).join(' OR ');

  return {
    state,
    logs,
    read: (entity: string) =>
      `SELECT continuation_token, watermark, updated_at, lease_owner, lease_until, fencing_number
       FROM ${state} WHERE entity = ${literal(entity)}`,

    /** Runs after the last one that ended well, oldest first. */
    unfinished: (entity: string) =>
      runIds(
        entity,
        `status <> 'success' AND start_time >= COALESCE(
           (SELECT MAX(start_time) FROM ${logs} WHERE entity = ${literal(entity)} AND status = 'success'),
           TIMESTAMP '0001-01-01 00:00:00+00')`,
      ),

    /** Runs whose rows stand in the raw table. */
    loaded: (entity: string) => runIds(entity, `status = 'success' AND records_landed > 0`),

    succeeded: (entity: string) =>
      `SELECT run_id FROM ${logs} WHERE entity = ${literal(entity)} AND status = 'success'`,

    /** Takes the lease, unless another did since it was read, and notes the run as running. */
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
      `UPDATE ${state} SET lease_until = ${leaseEnd(now)} WHERE ${heldUnderAny(leases)}`,

    /** Entities whose lease is still that one. */
    standing: (leases: readonly Lease[]) => `SELECT entity FROM ${state} WHERE ${heldUnderAny(leases)}`,

    release: ({ entity, fencingNumber }: Lease) =>
      `UPDATE ${state} SET lease_owner = NULL, lease_until = NULL
       WHERE entity = ${literal(entity)} AND fencing_number = ${fencingNumber}`,

    fail: ({ lease: { entity, runId }, error, metrics, now }: Failure) =>
      `UPDATE ${logs} SET
         status = 'failed', error = ${literal(error)}, end_time = ${timestamp(now)},
         api_calls = ${metrics.calls}, retries = ${metrics.retries}, bytes = ${metrics.bytes}
       WHERE run_id = ${literal(runId)} AND entity = ${literal(entity)} AND status = 'running'`,

    /** First statement of a transaction that may commit under this lease alone. */
    assertHeld: (lease: Lease) => `
      IF (SELECT COUNT(*) FROM ${state} WHERE ${heldUnder(lease)}) <> 1 THEN
        SELECT ERROR('${LEASE_LOST}');
      END IF;`,

    /**
     * Moves the cursor if it moves; only the holder of the lease does. Writes in any case, so that the transaction and one
     * that takes the lease abort each other.
     *
     * @param now when the load was asked for: beats may have prolonged the lease beyond that since.
     */
    move({ entity, fencingNumber }: Lease, moved: Moved | undefined, now: Date): string {
      const changes = [`lease_until = GREATEST(lease_until, ${leaseEnd(now)})`];
      if (moved) changes.push(`updated_at = ${timestamp(now)}`);
      if (moved?.by) {
        const { continuation_token, watermark } = moved.cursor;
        changes.push(
          `mode = ${literal(moved.by.mode)}, last_run_id = ${literal(moved.by.runId)}`,
          `continuation_token = ${literal(continuation_token)}, watermark = ${timestamp(watermark)}`,
        );
      }
      return `
      UPDATE ${state} SET ${changes.join(', ')}
      WHERE entity = ${literal(entity)} AND fencing_number = ${fencingNumber};`;
    },
  };
}

/** Where the cursor stands after a load that state takes note of. */
export interface Moved {
  readonly cursor: Cursor;
  /** The run that moved it; undefined for one window, which moves none. */
  readonly by: { readonly mode: string; readonly runId: string } | undefined;
}

/** Moves the cursor along the manifests that begin where it stands; undefined when state stays as it is. */
export function movedBy(cursor: Cursor, manifests: readonly Manifest[]): Moved | undefined {
  let moved: Moved | undefined;
  for (const { cursor_before: before, cursor_after, mode, window, run_id: runId } of manifests) {
    const at = moved?.cursor ?? cursor;
    const stands =
      before.continuation_token === at.continuation_token && sameInstant(before.watermark, at.watermark);
    if (window !== undefined) moved = { cursor: at, by: moved?.by };
    else if (stands) moved = { cursor: cursor_after, by: { mode, runId } };
  }
  return moved;
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

/** @throws LeaseError while another living run holds the entity. */
export function nextLease({ entity, runId, now }: Run, { owner, leaseUntil, fencingNumber }: State): Lease {
  if (owner !== null && isLeaseActive(owner, leaseUntil, now)) throw leasedByOther(entity, owner);
  return { entity, runId, owner: ownLeaseOwner(), fencingNumber: fencingNumber + 1 };
}

export function leasedByOther(entity: string, owner: string): LeaseError {
  return new LeaseError(`${entity}: another run (${owner}) works on it`, {
    remedy: `Wait until that run has ended; a lease without a heartbeat ends after ${LEASE_MS / 1000} s.`,
  });
}

export function takenOver(entity: string): LeaseError {
  return new LeaseError(`${entity}: another run took it over while this one was away; nothing was kept`, {
    remedy: 'Nothing needs to be done: the other run goes on.',
  });
}

/** Whether a script ended because the lease is another's. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof BigqueryRefusal && error.find(new RegExp(LEASE_LOST)) !== null;
}

function leaseEnd(now: Date): string {
  return timestamp(new Date(now.getTime() + LEASE_MS));
}
