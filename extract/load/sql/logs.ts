import type { Entity } from '../../../schemas/entities.ts';
import { confirmedSourceCount, type Manifest } from '../../landing/manifest.ts';
import type { Receipt } from '../receipt.ts';
import type { Failure, Run, TextRow } from '../warehouse.ts';
import { type Dialect, EARLIEST, number, timestamp } from './dialect.ts';
import { turnedBack } from './versions.ts';

/** The SQL of `ingestion_logs`: one row per run and entity. */
export function logsSql({ literal, table }: Dialect) {
  const logs = table({ dataset: 'logs', name: 'ingestion_logs' });

  const runIds = (entity: string, condition: string) =>
    `select run_id from ${logs} where entity = ${literal(entity)} and mode <> 'replay' and ${condition}
     order by start_time, run_id`;

  return {
    /** Logs the run as running, and runs of this entity that are still logged so as abandoned. */
    start: ({ entity, runId, runDate, mode, window, now }: Run) => [
      `update ${logs} set status = 'abandoned', end_time = ${timestamp(now)}
       where entity = ${literal(entity)} and status = 'running'`,
      `insert into ${logs}
         (run_id, entity, mode, window_from, window_before, backfill_since, backfill_until, run_date, start_time, status)
       values (${literal(runId)}, ${literal(entity)}, ${literal(mode)},
         ${timestamp(window?.from ?? null)}, ${timestamp(window?.before ?? null)},
         ${timestamp(window?.since ?? null)}, ${timestamp(window?.until ?? null)},
         date ${literal(runDate)}, ${timestamp(now)}, 'running')`,
    ],

    /** Runs of each entity after its last one that succeeded, oldest first. */
    unfinished: (entities: readonly string[]) =>
      `select l.entity, l.run_id from ${logs} as l
       left join (
         select entity, max(start_time) as start_time from ${logs} where status = 'success' group by entity
       ) as succeeded on succeeded.entity = l.entity
       where l.entity in (${entities.map(literal).join(', ')}) and l.mode <> 'replay' and l.status <> 'success'
         and l.start_time >= coalesce(succeeded.start_time, ${EARLIEST})
       order by l.start_time, l.run_id`,

    /** Runs whose rows are in the raw table or among the rejected records. */
    loaded: (entity: string) =>
      runIds(entity, `status = 'success' and (records_landed > 0 or records_rejected > 0)`),

    succeeded: (entity: string) =>
      `select run_id from ${logs} where entity = ${literal(entity)} and status = 'success'`,

    fail: ({ lease: { entity, runId }, error, metrics, now }: Failure) =>
      `update ${logs} set
         status = 'failed', error = ${literal(error)}, end_time = ${timestamp(now)},
         api_calls = ${metrics.calls}, retries = ${metrics.retries}, bytes = ${metrics.bytes}
       where run_id = ${literal(runId)} and entity = ${literal(entity)} and status = 'running'`,

    /**
     * @param manifest undefined for a replay, which reads nothing from the service.
     * @param counts queries, in parentheses, that count what the load added and what a complete read turned back.
     */
    succeed: (
      receipt: Receipt,
      manifest: Manifest | undefined,
      now: Date,
      counts: { readonly added: string; readonly reverted: string },
    ) =>
      `update ${logs} set
         status = 'success', error = null, end_time = ${timestamp(now)},
         api_calls = ${manifest?.api_calls ?? 0}, retries = ${manifest?.retries ?? 0},
         bytes = ${manifest?.bytes ?? 0}, pages = ${number(manifest?.pages.length)},
         records_source = ${number(receipt.source)}, records_read = ${receipt.read},
         records_landed = ${receipt.landed}, records_loaded = ${receipt.loaded},
         records_visible = ${receipt.visible},
         records_new = ${counts.added}, records_reverted = ${counts.reverted},
         records_rejected = ${receipt.rejected},
         unknown_fields = ${literal(manifest ? JSON.stringify(Object.keys(manifest.unknown_fields)) : null)},
         drift = ${literal(manifest ? JSON.stringify(manifest.drift) : null)}
       where run_id = ${literal(receipt.runId)} and entity = ${literal(receipt.entity)}`,

    /** Counts that the log row of a run holds. */
    counts: (runId: string, entity: string) =>
      `select cast(records_new as string) as added, cast(records_reverted as string) as reverted
       from ${logs} where run_id = ${literal(runId)} and entity = ${literal(entity)}`,

    /** Logs runs again that the log has lost, from rows of `unloggedRow`, with what the raw table holds of each. */
    rebuild: (entity: Entity, unlogged: string, raw: string) => {
      const columns = UNLOGGED_COLUMNS.join(', ');
      return [
        `delete from ${logs}
         where entity = ${literal(entity.name)} and run_id in (select run_id from ${unlogged} as lost)`,
        `insert into ${logs} (${columns}, records_new, records_reverted)
         select ${UNLOGGED_COLUMNS.map((name) => `lost.${name}`).join(', ')},
           coalesce(r.added, 0), coalesce(b.reverted, 0)
         from ${unlogged} as lost
         left join (select _run_id, count(*) as added from ${raw} group by _run_id) as r on r._run_id = lost.run_id
         left join (
           select _run_id, count(*) as reverted from (${turnedBack({ entity, raw })}) as t group by _run_id
         ) as b on b._run_id = lost.run_id`,
      ];
    },
  };
}

/** The log row of a landed run, as far as its manifest tells; versions are counted in the rebuilt raw table. */
export function unloggedRow(manifest: Manifest, readmitted: number): TextRow {
  const { window, pages, rejected } = manifest;
  const rows = (files: readonly { readonly rows: number }[]) =>
    files.reduce((sum, file) => sum + file.rows, 0);
  const loaded = String(rows(pages) + readmitted);
  return {
    ...{ run_id: manifest.run_id, entity: manifest.entity, mode: manifest.mode },
    ...{ window_from: window?.from, window_before: window?.before },
    ...{ backfill_since: window?.since, backfill_until: window?.until },
    ...{ run_date: manifest.run_date, start_time: manifest.started_at, end_time: manifest.ended_at },
    ...{ status: 'success', api_calls: String(manifest.api_calls), retries: String(manifest.retries) },
    ...{ bytes: String(manifest.bytes), pages: String(pages.length) },
    ...{
      records_source: confirmedSourceCount(manifest)?.toString(),
      records_read: String(manifest.rows_read),
    },
    ...{ records_landed: loaded, records_loaded: loaded, records_visible: loaded },
    records_rejected: String(rows(rejected) - readmitted),
    unknown_fields: JSON.stringify(Object.keys(manifest.unknown_fields)),
    drift: JSON.stringify(manifest.drift),
  };
}

const UNLOGGED_COLUMNS = [
  ...['run_id', 'entity', 'mode', 'window_from', 'window_before', 'backfill_since', 'backfill_until'],
  ...['run_date', 'start_time', 'end_time', 'status', 'api_calls', 'retries', 'bytes', 'pages'],
  ...['records_source', 'records_read', 'records_landed', 'records_loaded', 'records_visible'],
  ...['records_rejected', 'unknown_fields', 'drift'],
];
