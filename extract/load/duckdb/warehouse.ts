import type { DuckDBConnection } from '@duckdb/node-api';
import PQueue from 'p-queue';
import { WarehouseError } from '../../../base/errors.ts';
import type { Config } from '../../config.ts';
import type { Landing } from '../../landing/landing.ts';
import { confirmedSourceCount, type LandedPage, type Manifest } from '../../landing/manifest.ts';
import { LEASE_MS } from '../lease-owner.ts';
import { addCounts, assertCountsAgree, type Receipt, ZERO_COUNTS } from '../receipt.ts';
import type { Lease, Warehouse } from '../warehouse.ts';
import type { Amounts } from './load-table.ts';
import { duckdbLogs } from './logs.ts';
import { noteMissing } from './missing-at-source.ts';
import { openFile } from './open.ts';
import { openRecordIds } from './open-records.ts';
import { withReadableLines, withReadablePages } from './pages.ts';
import { loadRejected, rejectedIds } from './rejected-records.ts';
import { replaceRows } from './replace-rows.ts';
import { inTransaction } from './sql.ts';
import { duckdbState } from './state.ts';
import { hasTable, prepareTables, tableName } from './tables.ts';
import { loadPages } from './versions.ts';
import { checkWriteAccess } from './write-access.ts';

export interface DuckdbWarehouse extends Warehouse {
  /** Opens another connection to the file, with its session in UTC. The caller closes it. */
  connect(): Promise<DuckDBConnection>;
}

/** The most bytes of one load table. It is compared with the raw table in one query, so it must not grow with the run. */
const MAX_LOAD_TABLE_BYTES = 32 * 1024 * 1024;

/**
 * Opens the warehouse in a DuckDB file, or creates it.
 *
 * @throws WarehouseError if another process has it open, or if this version cannot read it.
 */
export async function openDuckdb(
  config: Pick<Config, 'datasets' | 'personalData'>,
  path: string,
): Promise<DuckdbWarehouse> {
  const instance = await openFile(path);
  const connect = async () => {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
  // Loads run one at a time. Leases and logs have their own connection, so that the next entity can be read during a load.
  const connection = await connect();
  const state = duckdbState(connection, config.datasets);
  const logs = duckdbLogs(connection, config.datasets);
  const loadQueue = new PQueue({ concurrency: 1 });
  const inLoadQueue = <T>(work: () => Promise<T>): Promise<T> =>
    loadQueue.add(() => inTransaction(connection, work));
  const logConnection = await connect();
  const leases = duckdbState(logConnection, config.datasets);
  const runLogs = duckdbLogs(logConnection, config.datasets);
  const logQueue = new PQueue({ concurrency: 1 });
  const inLogQueue = <T>(work: () => Promise<T>): Promise<T> =>
    logQueue.add(() => inTransaction(logConnection, work));
  /** Entities that are being loaded. Another transaction on their state or log rows would make the load fail. */
  const loading = new Set<string>();

  /** Runs a load in its turn. If it meets an amount of 10^9 or more, it starts again with a wider type. */
  function inLoad<T>({ entity }: Lease, work: (amounts: Amounts) => Promise<T>): Promise<T> {
    return loadQueue.add(async () => {
      await logQueue.add(async () => loading.add(entity));
      // Each writing thread needs 256 kB per column. An invoice has hundreds of nested columns, so two threads would exceed
      // the memory limit.
      await connection.run('SET threads = 1');
      try {
        return await inTransaction(connection, () => work('DECIMAL(18,9)')).catch((error: unknown) => {
          if (!isAmountTooLarge(error)) throw error;
          return inTransaction(connection, () => work('DECIMAL(38,9)'));
        });
      } finally {
        loading.delete(entity);
        await connection.run('RESET threads');
      }
    });
  }

  async function loadRun(manifest: Manifest, landing: Landing, amounts: Amounts): Promise<Receipt> {
    const run = { entity: manifest.entity, runId: manifest.run_id };
    let counts = ZERO_COUNTS;
    const { rejected, nowValid } = await loadRejected(connection, config, landing, manifest);
    const work = (readable: Parameters<typeof loadPages>[3]) =>
      loadPages(connection, config, run, readable, amounts);
    for (const pages of chunks(manifest.pages)) {
      counts = addCounts(counts, await withReadablePages(landing, manifest, pages, work));
    }
    for (const { ndjson, ...read } of nowValid) {
      counts = addCounts(counts, await withReadableLines(landing, ndjson, read, work));
    }
    const landed = [...manifest.pages, ...nowValid.map(({ page }) => page)];
    const receipt: Receipt = {
      ...run,
      ...counts,
      source: manifest.rows_source,
      read: manifest.rows_read,
      landed: landed.reduce((total, page) => total + page.rows, 0),
      rejected,
    };
    assertCountsAgree(receipt);
    return receipt;
  }

  /** A rebuild empties the table, so every run in it must still be landed. */
  async function assertAllLanded(entity: string, manifests: readonly Manifest[]): Promise<void> {
    const landed = new Set(manifests.map(({ run_id }) => run_id));
    const missingRun = (await logs.loaded(entity)).find((run) => !landed.has(run));
    if (missingRun === undefined) return;
    throw new WarehouseError(
      `${entity}: run ${missingRun} is missing from the landing, so a replay would lose its rows`,
      {
        remedy: 'Restore its folder in the landing, or extract the entity again with --mode full.',
      },
    );
  }

  return {
    connect,
    prepare: (tables) => inLoadQueue(() => prepareTables(connection, config.datasets, tables)),
    begin: (run) =>
      inLogQueue(async () => {
        const taken = await leases.take({ entity: run.entity, runId: run.runId }, run.now);
        const unfinishedRuns = await runLogs.unfinished(run.entity);
        await runLogs.start(run);
        return { ...taken, unfinishedRuns };
      }),
    openRecords: (entity) =>
      inLogQueue(async () => ({
        rejectedIds: await rejectedIds(logConnection, config, entity),
        openIds: await openRecordIds(logConnection, config, entity),
      })),
    leaseMs: LEASE_MS,
    extendLease: (lease, now) =>
      inLogQueue(async () => {
        // A load extends the lease itself.
        if (!loading.has(lease.entity)) await leases.extend(lease, now);
      }),
    load: ({ manifest, landing, lease, now }) =>
      inLoad(lease, async (amounts) => {
        await state.extend(lease, now);
        const receipt = await loadRun(manifest, landing, amounts);
        await logs.succeed(receipt, manifest, now);
        return { receipt, cursor: await state.move(manifest, now) };
      }),
    rebuild: ({ manifests, landing, lease, now }) =>
      inLoad(lease, async (amounts) => {
        const { entity, runId } = lease;
        await state.extend(lease, now);
        await assertAllLanded(entity, manifests);
        await connection.run(
          `DELETE FROM ${tableName(config.datasets, { dataset: 'raw', name: `raw_${entity}` })}`,
        );
        let total: Receipt = { ...ZERO_COUNTS, entity, runId, source: null };
        for (const manifest of manifests) {
          const checked = { ...manifest, rows_source: confirmedSourceCount(manifest) };
          const receipt = await loadRun(checked, landing, amounts);
          total = { ...total, ...addCounts(total, receipt) };
          await state.move(manifest, now);
          if (await logs.startUnlessLogged(manifest))
            await logs.succeed(receipt, manifest, new Date(manifest.ended_at));
        }
        await logs.succeed(total, undefined, now);
        return total;
      }),
    async query<Row>(sql: string) {
      // Its own connection, so that a query does not wait for a load.
      const reader = await connect();
      try {
        return (await reader.runAndReadAll(sql)).getRowObjectsJson() as unknown as readonly Row[];
      } finally {
        reader.closeSync();
      }
    },
    noteMissing: (note) =>
      inLogQueue(async () => {
        await leases.extend(note.lease, note.now);
        await noteMissing(logConnection, config, note);
      }),
    replace: (table, rows) => inLoadQueue(() => replaceRows(connection, config.datasets, table, rows)),
    fail: (failure) => inLogQueue(() => runLogs.fail(failure)),
    releaseLease: (lease) => inLogQueue(() => leases.release(lease)),
    cost: () => undefined,
    checkWriteAccess: (dataset) => inLoadQueue(() => checkWriteAccess(connection, config.datasets[dataset])),
    hasTable: ({ dataset, name }) => inLoadQueue(() => hasTable(connection, config.datasets[dataset], name)),
    // DuckDB's load tables are temporary and end with their connection.
    loadTables: async () => [],
    close() {
      connection.closeSync();
      logConnection.closeSync();
      instance.closeSync();
    },
  };
}

/** Whether a transaction failed because an amount did not fit DECIMAL(18,9). */
function isAmountTooLarge(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message.includes('DECIMAL(18,9)');
}

function* chunks(pages: readonly LandedPage[]): Generator<readonly LandedPage[]> {
  let chunk: LandedPage[] = [];
  let bytes = 0;
  for (const page of pages) {
    if (chunk.length > 0 && bytes + page.line_bytes > MAX_LOAD_TABLE_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(page);
    bytes += page.line_bytes;
  }
  if (chunk.length > 0) yield chunk;
}
