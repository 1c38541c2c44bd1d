import type { DuckDBConnection } from '@duckdb/node-api';
import type { Datasets } from '../../config.ts';
import type { Manifest } from '../../landing/manifest.ts';
import type { Receipt } from '../receipt.ts';
import type { Failure, Run } from '../warehouse.ts';
import { rows } from './sql.ts';
import { tableName } from './tables.ts';

/** Reads and writes `ingestion_logs`, which has one row per run and entity. Every function runs in the caller's transaction. */
export function duckdbLogs(connection: DuckDBConnection, datasets: Datasets) {
  const table = tableName(datasets, { dataset: 'logs', name: 'ingestion_logs' });

  async function runIds(condition: string, entity: string): Promise<readonly string[]> {
    const found = await rows(
      connection,
      `SELECT run_id FROM ${table} AS log
       WHERE entity = $entity AND mode <> 'replay' AND ${condition} ORDER BY start_time, run_id`,
      { entity },
    );
    return found.map(({ run_id }) => String(run_id));
  }

  async function insert({ entity, runId, runDate, mode, window, now }: Run): Promise<void> {
    const noWindow = { from: null, before: null, since: null, until: null };
    await connection.run(
      `INSERT INTO ${table}
         (run_id, entity, mode, window_from, window_before, backfill_since, backfill_until, run_date, start_time, status)
       VALUES ($runId, $entity, $mode, $from::TIMESTAMPTZ, $before::TIMESTAMPTZ, $since::TIMESTAMPTZ,
         $until::TIMESTAMPTZ, $runDate::DATE, $now::TIMESTAMPTZ, 'running')`,
      { runId, entity, mode, ...(window ?? noWindow), runDate, now: now.toISOString() },
    );
  }

  return {
    /** Logs the run as running, and earlier runs of the entity that are still logged as running as abandoned. */
    async start(run: Run): Promise<void> {
      await connection.run(
        `UPDATE ${table} SET status = 'abandoned', end_time = $now::TIMESTAMPTZ
         WHERE entity = $entity AND status = 'running'`,
        { entity: run.entity, now: run.now.toISOString() },
      );
      await insert(run);
    },

    /** Logs a landed run as running if the log does not have it. Returns false if it is already logged as successful. */
    async startUnlessLogged({
      entity,
      run_id: runId,
      run_date: runDate,
      ...manifest
    }: Manifest): Promise<boolean> {
      const [known] = await rows(
        connection,
        `SELECT status FROM ${table} WHERE entity = $entity AND run_id = $runId`,
        { entity, runId },
      );
      if (known?.status === 'success') return false;
      const { mode, window, started_at } = manifest;
      if (!known) await insert({ entity, runId, runDate, mode, window, now: new Date(started_at) });
      return true;
    },

    /** @param manifest undefined for a replay, which reads nothing from the API. */
    async succeed(receipt: Receipt, manifest: Manifest | undefined, now: Date): Promise<void> {
      await connection.run(
        `UPDATE ${table}
         SET status = 'success', error = NULL, end_time = $now::TIMESTAMPTZ,
             api_calls = $calls::BIGINT, retries = $retries::BIGINT, bytes = $bytes::BIGINT,
             pages = $pages::BIGINT, records_source = $source::BIGINT, records_read = $read::BIGINT,
             records_landed = $landed::BIGINT, records_loaded = $loaded::BIGINT,
             records_visible = $visible::BIGINT, records_new = $new::BIGINT,
             records_rejected = $rejected::BIGINT, unknown_fields = $unknown, drift = $drift
         WHERE run_id = $runId AND entity = $entity`,
        {
          runId: receipt.runId,
          entity: receipt.entity,
          now: now.toISOString(),
          calls: manifest?.api_calls ?? 0,
          retries: manifest?.retries ?? 0,
          bytes: manifest?.bytes ?? 0,
          pages: manifest?.pages.length ?? null,
          source: receipt.source,
          read: receipt.read,
          landed: receipt.landed,
          loaded: receipt.loaded,
          visible: receipt.visible,
          new: receipt.new,
          rejected: receipt.rejected,
          unknown: manifest ? JSON.stringify(Object.keys(manifest.unknown_fields)) : null,
          drift: manifest?.drift ? JSON.stringify(manifest.drift) : null,
        },
      );
    },

    async fail({ lease, error, now, metrics }: Failure): Promise<void> {
      await connection.run(
        `UPDATE ${table}
         SET status = 'failed', error = $error, end_time = $now::TIMESTAMPTZ,
             api_calls = $calls::BIGINT, retries = $retries::BIGINT, bytes = $bytes::BIGINT
         WHERE run_id = $runId AND entity = $entity AND status = 'running'`,
        { runId: lease.runId, entity: lease.entity, error, now: now.toISOString(), ...metrics },
      );
    },

    /** Runs after the last successful one, oldest first. */
    unfinished: (entity: string) =>
      runIds(
        `status <> 'success' AND start_time >= coalesce(
           (SELECT max(start_time) FROM ${table} AS good
            WHERE good.entity = log.entity AND good.status = 'success'),
           '-infinity')`,
        entity,
      ),

    /** Runs whose rows are in the raw table. */
    loaded: (entity: string) => runIds(`status = 'success' AND records_landed > 0`, entity),
  };
}
