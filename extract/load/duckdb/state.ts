import type { DuckDBConnection } from '@duckdb/node-api';
import type { Datasets } from '../../config.ts';
import type { Cursor, Manifest } from '../../landing/manifest.ts';
import { isLeaseActive, LEASE_MS, leaseHeldByOther, leaseTakenOver, ownLeaseOwner } from '../lease-owner.ts';
import type { Lease } from '../warehouse.ts';
import { rows } from './sql.ts';
import { tableName } from './tables.ts';

/** Reads and writes `sync_state`, which has cursors and leases. Every function runs in the caller's transaction. */
export function duckdbState(connection: DuckDBConnection, datasets: Datasets) {
  const table = tableName(datasets, { dataset: 'logs', name: 'sync_state' });

  async function read(entity: string) {
    const [row] = await rows(
      connection,
      `SELECT continuation_token, strftime(watermark, '%Y-%m-%dT%H:%M:%S.%gZ') AS watermark,
              epoch_ms(updated_at) AS updated_at,
              lease_owner, epoch_ms(lease_until) AS lease_until, fencing_number
       FROM ${table} WHERE entity = $entity`,
      { entity },
    );
    const {
      lease_owner: owner,
      lease_until: until,
      fencing_number: number,
      updated_at: updatedAt,
    } = row ?? {};
    return {
      exists: row !== undefined,
      cursor: { continuation_token: text(row?.continuation_token), watermark: text(row?.watermark) },
      updatedAt: typeof updatedAt === 'string' ? new Date(Number(updatedAt)) : null,
      owner: text(owner),
      leaseUntil: until == null ? null : new Date(Number(until)),
      fencingNumber: Number(number ?? 0),
    };
  }

  return {
    /** Takes the lease. @throws LeaseError while another active run holds it. */
    async take(
      run: { readonly entity: string; readonly runId: string },
      now: Date,
    ): Promise<{ lease: Lease; cursor: Cursor; updatedAt: Date | null }> {
      const { entity } = run;
      const state = await read(entity);
      if (isLeaseActive(state.owner, state.leaseUntil, now)) {
        throw leaseHeldByOther(entity, state.owner, LEASE_MS);
      }
      const lease: Lease = { ...run, owner: ownLeaseOwner(), fencingNumber: state.fencingNumber + 1 };
      if (!state.exists) await connection.run(`INSERT INTO ${table} (entity) VALUES ($entity)`, { entity });
      await connection.run(
        `UPDATE ${table}
         SET lease_owner = $owner, lease_until = $until::TIMESTAMPTZ, fencing_number = $number::BIGINT
         WHERE entity = $entity`,
        { entity, owner: lease.owner, until: leaseEnd(now), number: lease.fencingNumber },
      );
      return { lease, cursor: state.cursor, updatedAt: state.updatedAt };
    },

    /** Extends the lease. @throws LeaseError if another run has taken it over. */
    async extend({ entity, fencingNumber }: Lease, now: Date): Promise<void> {
      const { rowsChanged } = await connection.run(
        `UPDATE ${table} SET lease_until = $until::TIMESTAMPTZ
         WHERE entity = $entity AND fencing_number = $number::BIGINT AND lease_owner IS NOT NULL`,
        { entity, number: fencingNumber, until: leaseEnd(now) },
      );
      if (rowsChanged === 1) return;
      throw leaseTakenOver(entity);
    },

    async release({ entity, fencingNumber }: Lease): Promise<void> {
      await connection.run(
        `UPDATE ${table} SET lease_owner = NULL, lease_until = NULL
         WHERE entity = $entity AND fencing_number = $number::BIGINT`,
        { entity, number: fencingNumber },
      );
    },

    /** Moves the cursor if it is where the manifest began, and returns it. A backfill or sweep window does not move it. */
    async move(manifest: Manifest, now: Date): Promise<Cursor> {
      const { entity, run_id, mode, cursor_before: before, cursor_after: after } = manifest;
      if (manifest.window !== undefined) {
        const values = { entity, now: now.toISOString() };
        await connection.run(
          `UPDATE ${table} SET updated_at = $now::TIMESTAMPTZ WHERE entity = $entity`,
          values,
        );
        return (await read(entity)).cursor;
      }
      await connection.run(
        `UPDATE ${table}
         SET mode = $mode, continuation_token = $token, watermark = $watermark::TIMESTAMPTZ,
             last_run_id = $runId, updated_at = $now::TIMESTAMPTZ
         WHERE entity = $entity
           AND continuation_token IS NOT DISTINCT FROM $tokenBefore
           AND watermark IS NOT DISTINCT FROM $watermarkBefore::TIMESTAMPTZ`,
        {
          entity,
          mode,
          token: after.continuation_token,
          watermark: after.watermark,
          runId: run_id,
          now: now.toISOString(),
          tokenBefore: before.continuation_token,
          watermarkBefore: before.watermark,
        },
      );
      return (await read(entity)).cursor;
    },
  };
}

function leaseEnd(now: Date): string {
  return new Date(now.getTime() + LEASE_MS).toISOString();
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
