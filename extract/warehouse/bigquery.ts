import PQueue from 'p-queue';
import type { Config } from '../config.ts';
import { entity as entityNamed } from '../entities.ts';
import { LeaseError, WarehouseError } from '../errors.ts';
import type { Landing } from '../landing/port.ts';
import type { Cursor, Manifest } from '../manifest.ts';
import { assertAgreement, NOTHING_COUNTED, type Receipt } from '../receipt.ts';
import { type BigqueryClient, type BigqueryPlace, bigqueryClient } from './bigquery-client.ts';
import { commitScript, raisedCounts } from './bigquery-commit.ts';
import { bigqueryJobs } from './bigquery-jobs.ts';
import { loadRuns } from './bigquery-load.ts';
import { loadTables } from './bigquery-load-tables.ts';
import { openIds } from './bigquery-open-records.ts';
import { loadRejected } from './bigquery-rejected.ts';
import { replaceRows } from './bigquery-replace.ts';
import { tryWrites } from './bigquery-rights.ts';
import { rowsOf } from './bigquery-rows.ts';
import { tableName } from './bigquery-sql.ts';
import {
  heldByOther,
  isLeaseLost,
  movedBy,
  nextLease,
  PROLONG_MS,
  stateOf,
  stateSql,
  takenOver,
} from './bigquery-state.ts';
import { hasTable, prepareTables, type StandingFields } from './bigquery-tables.ts';
import type { Lease, Warehouse } from './port.ts';

export interface BigqueryOptions {
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly place: BigqueryPlace;
  /** Label of every job. */
  readonly runId: string;
  /** Google's client, where it is not to be made from the environment. */
  readonly google?: Parameters<typeof bigqueryClient>[1];
}

export interface BigqueryWarehouse extends Warehouse {
  /** For other requests to the same place; they are counted among the warehouse's. */
  readonly client: BigqueryClient;
}

/** A warehouse in BigQuery; nothing is asked before it is prepared. */
export function openBigquery({ config, place, runId, google }: BigqueryOptions): BigqueryWarehouse {
  const { datasets } = config;
  const client = bigqueryClient(place, google);
  const jobs = bigqueryJobs(client);
  const sql = stateSql(datasets);
  // Transactions that change the same table abort each other: those of this process wait for their turn.
  const turns = new PQueue({ concurrency: 1 });
  const cursors = new Map<string, Cursor>();
  const prolongedMs = new Map<string, number>();
  let standing: StandingFields = new Map();

  const labels = (entity: string) => ({ run: runId, entity });
  const fieldsOf = (table: string) => standing.get(table) ?? [];
  const read = async (text: string, entity: string) => rowsOf(client, await jobs.query(text, labels(entity)));

  /** Writes in turn. @throws LeaseError when the script met another's lease. */
  async function write(text: string, entity: string) {
    return turns.add(async () => {
      try {
        return await jobs.query(text, labels(entity));
      } catch (error) {
        throw isLeaseLost(error) ? takenOver(entity) : error;
      }
    });
  }

  /** Loads runs into short-lived tables, and commits them in one step. */
  async function commit(
    manifests: readonly Manifest[],
    options: {
      lease: Lease;
      landing: Landing;
      now: Date;
      rebuilds: boolean;
      lost: readonly Manifest[];
      receipt: Receipt;
    },
  ): Promise<Receipt> {
    const { lease, landing, now, rebuilds, lost } = options;
    const { entity } = lease;
    const loading = { client, jobs, config, landing, labels: labels(entity), now };
    const rawFields = fieldsOf(`raw.raw_${entity}`);
    const rejected = await loadRejected(loading, manifests, fieldsOf('logs.rejected_records'));
    const load = await loadRuns(loading, manifests, rejected.readmitted, rawFields);
    const landed = [
      ...manifests.flatMap(({ pages }) => pages),
      ...rejected.readmitted.map(({ page }) => page.page),
    ];
    const receipt: Receipt = {
      ...options.receipt,
      landed: landed.reduce((total, { rows }) => total + rows, 0),
      rejected: rejected.rows,
      loaded: load?.rows ?? 0,
    };
    assertAgreement(receipt);

    const cursor = cursors.get(entity) ?? { continuation_token: null, watermark: null };
    const moved = movedBy(cursor, manifests);
    const raw = tableName(datasets, { dataset: 'raw', name: `raw_${entity}` });
    const names = load && { raw, load: load.table, entity: entityNamed(entity), standing: rawFields };
    const manifest = rebuilds ? undefined : manifests[0];
    const script = commitScript(datasets, {
      ...{ lease, now, rebuilds, rejected, moved, receipt, manifest, lost },
      load: names,
    });
    const job = await write(script, entity).catch((error: unknown) => {
      const counts = raisedCounts(error);
      if (counts) assertAgreement({ ...receipt, ...counts });
      throw error;
    });
    const [counts] = await rowsOf(client, job);
    if (moved) cursors.set(entity, moved.cursor);
    prolongedMs.set(entity, now.getTime());
    return {
      ...receipt,
      versions: Number(counts?.versions),
      visible: Number(counts?.visible),
      new: Number(counts?.added),
    };
  }

  return {
    client,
    async prepare(tables) {
      standing = await prepareTables(client, datasets, tables);
    },

    async begin(run) {
      const { entity, now } = run;
      const [[row], unfinished] = await Promise.all([
        read(sql.read(entity), entity),
        read(sql.unfinished(entity), entity),
      ]);
      const state = stateOf(row as Parameters<typeof stateOf>[0]);
      const lease = nextLease(run, state);
      await write(sql.take(run, lease), entity).catch((error: unknown) => {
        throw error instanceof LeaseError ? heldByOther(entity, 'begun at the same time') : error;
      });
      cursors.set(entity, state.cursor);
      prolongedMs.set(entity, now.getTime());
      const unfinishedRuns = unfinished.map(({ run_id }) => String(run_id));
      return { lease, cursor: state.cursor, updatedAt: state.updatedAt, unfinishedRuns };
    },

    openRecords: (entity) => openIds(datasets, entity, (text) => read(text, entity)),

    async extend(lease, now) {
      const { entity } = lease;
      if (now.getTime() - (prolongedMs.get(entity) ?? 0) < PROLONG_MS) return;
      const { statistics } = await write(sql.extend(lease, now), entity);
      if (statistics?.query?.numDmlAffectedRows !== '1') throw takenOver(entity);
      prolongedMs.set(entity, now.getTime());
    },

    async load({ manifest, ...options }) {
      const { entity, run_id } = manifest;
      const receipt: Receipt = {
        ...NOTHING_COUNTED,
        entity,
        runId: run_id,
        source: manifest.rows_source,
        read: manifest.rows_read,
      };
      const committed = await commit([manifest], { ...options, receipt, rebuilds: false, lost: [] });
      return { receipt: committed, cursor: cursors.get(entity) ?? manifest.cursor_before };
    },

    async rebuild({ manifests, ...options }) {
      const { entity, runId } = options.lease;
      const landed = new Set(manifests.map(({ run_id }) => run_id));
      const loaded = await read(sql.loaded(entity), entity);
      const lost = loaded.map(({ run_id }) => String(run_id)).find((run) => !landed.has(run));
      if (lost !== undefined) {
        throw new WarehouseError(
          `${entity}: the landing no longer holds run ${lost}, so its rows would be lost`,
          { remedy: 'Restore that folder of the landing, or extract the entity again with --mode full.' },
        );
      }
      const known = new Set((await read(sql.succeeded(entity), entity)).map(({ run_id }) => run_id));
      const receipt: Receipt = {
        ...NOTHING_COUNTED,
        entity,
        runId,
        source: null,
        read: manifests.reduce((rows, { rows_read }) => rows + rows_read, 0),
      };
      const unknown = manifests.filter(({ run_id }) => !known.has(run_id));
      return commit(manifests, { ...options, receipt, rebuilds: true, lost: unknown });
    },

    async query<Row>(text: string) {
      return (await read(text, 'query')) as unknown as readonly Row[];
    },

    replace: (table, rows) =>
      replaceRows(jobs, client, datasets, {
        table,
        rows,
        fields: fieldsOf(`${table.dataset}.${table.name}`),
        labels: labels(table.name),
      }),

    async fail({ lease, error, effort, now }) {
      await write(sql.fail({ lease, error, effort, now }), lease.entity);
    },

    async end(lease) {
      await write(sql.release(lease), lease.entity);
    },

    tryWrites: (dataset) => tryWrites(client, jobs, datasets[dataset], labels('doctor')),

    hasTable: ({ dataset, name }) => hasTable(client, datasets[dataset], name),

    loadTables: () => loadTables(client, datasets.stage),

    cost: jobs.cost,
    close() {},
  };
}
