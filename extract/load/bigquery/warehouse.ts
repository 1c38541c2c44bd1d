import PQueue from 'p-queue';
import { WarehouseError } from '../../../base/errors.ts';
import type { Config } from '../../config.ts';
import { type Cursor, NO_CURSOR } from '../../landing/manifest.ts';
import { type Receipt, ZERO_COUNTS } from '../receipt.ts';
import type { Load, Warehouse } from '../warehouse.ts';
import { type BigqueryClient, type BigqueryPlace, bigqueryClient } from './client.ts';
import { commitRuns } from './commit-runs.ts';
import { bigqueryJobs } from './jobs.ts';
import { bigqueryLeases } from './leases.ts';
import { loadTables } from './load-tables.ts';
import { missingRecordsScript } from './missing-at-source.ts';
import { openIds } from './open-records.ts';
import { replaceRows } from './replace-rows.ts';
import { rowsOf } from './rows.ts';
import { LEASE_MS, nextLease, stateOf, stateSql } from './state.ts';
import { type ExistingColumns, hasTable, prepareTables } from './tables.ts';
import { checkWriteAccess } from './write-access.ts';

export interface BigqueryOptions {
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly place: BigqueryPlace;
  /** Label of every job. */
  readonly runId: string;
  /** Google's client; by default it is created from the environment. */
  readonly google?: Parameters<typeof bigqueryClient>[1];
}

export interface BigqueryWarehouse extends Warehouse {
  /** For other requests to the same project. They are included in the warehouse's cost. */
  readonly client: BigqueryClient;
}

/** Opens a warehouse in BigQuery. It sends no request before `prepare`. */
export function openBigquery({ config, place, runId, google }: BigqueryOptions): BigqueryWarehouse {
  const { datasets } = config;
  const client = bigqueryClient(place, google);
  const jobs = bigqueryJobs(client);
  const sql = stateSql(datasets);
  const cursors = new Map<string, Cursor>();
  let existing: ExistingColumns = new Map();
  // Rewriting a page needs several copies of it in memory and one processor, so more at a time would only use more memory.
  const rewrites = new PQueue({ concurrency: 1 });

  const labels = (entity: string) => ({ run: runId, entity });
  const query = (text: string, entity: string) => jobs.query(text, labels(entity));
  const read = async (text: string, entity: string) => rowsOf(client, await query(text, entity));
  const leases = bigqueryLeases(sql, { query, read });

  /** Commits runs under a lease, and keeps the cursor after them. */
  async function commit(
    { landing, lease, now }: Omit<Load, 'manifest'>,
    runs: Pick<Parameters<typeof commitRuns>[1], 'manifests' | 'rebuilds' | 'unlogged' | 'receipt'>,
  ) {
    const { entity } = lease;
    const committed = await commitRuns(
      { client, jobs, config, landing, labels: labels(entity), now, rewrites },
      {
        ...runs,
        lease,
        cursor: cursors.get(entity) ?? NO_CURSOR,
        fields: existing,
        write: (script) => leases.write(script, entity, 'commit'),
      },
    );
    cursors.set(entity, committed.cursor);
    return committed;
  }

  return {
    client,
    async prepare(tables) {
      existing = await prepareTables(client, datasets, tables);
    },

    async begin(run) {
      const { entity } = run;
      const [[row], unfinished] = await Promise.all([
        read(sql.read(entity), entity),
        read(sql.unfinished(entity), entity),
      ]);
      const state = stateOf(row as Parameters<typeof stateOf>[0]);
      const lease = nextLease(run, state);
      await leases.take(run, lease);
      cursors.set(entity, state.cursor);
      const unfinishedRuns = unfinished.map(({ run_id }) => String(run_id));
      return { lease, cursor: state.cursor, updatedAt: state.updatedAt, unfinishedRuns };
    },

    openRecords: (entity) => openIds(datasets, entity, (text) => read(text, entity)),

    leaseMs: LEASE_MS,
    extendLease: leases.extend,

    load({ manifest, ...load }) {
      const { entity, run_id } = manifest;
      const receipt: Receipt = {
        ...ZERO_COUNTS,
        entity,
        runId: run_id,
        source: manifest.rows_source,
        read: manifest.rows_read,
      };
      return commit(load, { manifests: [manifest], receipt, rebuilds: false, unlogged: [] });
    },

    async rebuild({ manifests, ...load }) {
      const { entity, runId } = load.lease;
      const landed = new Set(manifests.map(({ run_id }) => run_id));
      const loaded = await read(sql.loaded(entity), entity);
      const missingRun = loaded.map(({ run_id }) => String(run_id)).find((run) => !landed.has(run));
      if (missingRun !== undefined) {
        throw new WarehouseError(
          `${entity}: run ${missingRun} is missing from the landing, so a replay would lose its rows`,
          { remedy: 'Restore its folder in the landing, or extract the entity again with --mode full.' },
        );
      }
      const logged = new Set((await read(sql.succeeded(entity), entity)).map(({ run_id }) => run_id));
      const receipt: Receipt = {
        ...ZERO_COUNTS,
        entity,
        runId,
        source: null,
        read: manifests.reduce((rows, { rows_read }) => rows + rows_read, 0),
      };
      const unlogged = manifests.filter(({ run_id }) => !logged.has(run_id));
      return (await commit(load, { manifests, receipt, rebuilds: true, unlogged })).receipt;
    },

    async query<Row>(text: string) {
      return (await read(text, 'query')) as unknown as readonly Row[];
    },

    async noteMissing(note) {
      await leases.write(missingRecordsScript(datasets, note), note.lease.entity);
    },

    replace: (table, rows) =>
      replaceRows(jobs, client, datasets, {
        table,
        rows,
        fields: existing.get(`${table.dataset}.${table.name}`) ?? [],
        labels: labels(table.name),
      }),

    async fail({ lease, error, metrics, now }) {
      await leases.write(sql.fail({ lease, error, metrics, now }), lease.entity);
    },

    releaseLease: leases.release,

    checkWriteAccess: (dataset) => checkWriteAccess(client, jobs, datasets[dataset], labels('doctor')),

    hasTable: ({ dataset, name }) => hasTable(client, datasets[dataset], name),

    loadTables: () => loadTables(client, datasets.stage),

    cost: jobs.cost,
    close() {},
  };
}
