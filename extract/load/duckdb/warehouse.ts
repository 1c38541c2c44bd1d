import type { DuckDBConnection } from '@duckdb/node-api';
import PQueue from 'p-queue';
import { WarehouseError } from '../../../base/errors.ts';
import type { Config } from '../../config.ts';
import type { Landing } from '../../landing/landing.ts';
import { agreedCount, type LandedPage, type Manifest } from '../../landing/manifest.ts';
import { LEASE_MS } from '../lease-owner.ts';
import { assertAgreement, NOTHING_COUNTED, type Receipt, sumOf } from '../receipt.ts';
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
  /** Another connection to the open file, its session in UTC; the caller closes it. */
  connect(): Promise<DuckDBConnection>;
}

/**
 * Lines of one load table. It is compared with the raw table as a whole, so it must not grow with the run.
 */
const LOAD_BYTES = 32 * 1024 * 1024;

/**
 * Opens the warehouse in a DuckDB file, or creates it.
 *
 * @throws WarehouseError when another process has it open, or it is no DuckDB file of this version.
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
  // Loads go one after the other. What else runs have to note goes beside them, on a connection of its own, so that the
  // next entity is read while one is loaded.
  const connection = await connect();
  const state = duckdbState(connection, config.datasets);
  const logs = duckdbLogs(connection, config.datasets);
  const turns = new PQueue({ concurrency: 1 });
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => turns.add(() => inTransaction(connection, work));
  const aside = await connect();
  const notes = { state: duckdbState(aside, config.datasets), logs: duckdbLogs(aside, config.datasets) };
  const asideTurns = new PQueue({ concurrency: 1 });
  const inTurnAside = <T>(work: () => Promise<T>): Promise<T> =>
    asideTurns.add(() => inTransaction(aside, work));
  /** Entities whose rows of state and log belong to a load: another transaction on them would refuse it. */
  const loading = new Set<string>();

  /** A load in its turn; one that holds an amount of 10^9 or more is begun anew with room for it. */
  function inLoad<T>({ entity }: Lease, work: (amounts: Amounts) => Promise<T>): Promise<T> {
    return turns.add(async () => {
      await asideTurns.add(async () => loading.add(entity));
      // Each thread that writes holds a block of 256 kB for every column: with the hundreds that are nested in an invoice,
      // two of them need more than the limit.
      await connection.run('SET threads = 1');
      try {
        return await inTransaction(connection, () => work('DECIMAL(18,9)')).catch((error: unknown) => {
          if (!isTooNarrow(error)) throw error;
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
    let counts = NOTHING_COUNTED;
    const { rejected, readmitted } = await loadRejected(connection, config, landing, manifest);
    const work = (readable: Parameters<typeof loadPages>[3]) =>
      loadPages(connection, config, run, readable, amounts);
    for (const pages of portions(manifest.pages)) {
      counts = sumOf(counts, await withReadablePages(landing, manifest, pages, work));
    }
    for (const { ndjson, ...read } of readmitted) {
      counts = sumOf(counts, await withReadableLines(landing, ndjson, read, work));
    }
    const landed = [...manifest.pages, ...readmitted.map(({ page }) => page)];
    const receipt: Receipt = {
      ...run,
      ...counts,
      source: manifest.rows_source,
      read: manifest.rows_read,
      landed: landed.reduce((total, page) => total + page.rows, 0),
      rejected,
    };
    assertAgreement(receipt);
    return receipt;
  }

  /** A rebuild empties the table: every run that is in it must still be landed. */
  async function assertAllLanded(entity: string, manifests: readonly Manifest[]): Promise<void> {
    const landed = new Set(manifests.map(({ run_id }) => run_id));
    const lost = (await logs.loaded(entity)).find((run) => !landed.has(run));
    if (lost === undefined) return;
    throw new WarehouseError(
      `${entity}: the landing no longer holds run ${lost}, so its rows would be lost`,
      {
        remedy: 'Restore that folder of the landing, or extract the entity again with --mode full.',
      },
    );
  }

  return {
    connect,
    prepare: (tables) => inTurn(() => prepareTables(connection, config.datasets, tables)),
    begin: (run) =>
      inTurnAside(async () => {
        const taken = await notes.state.take({ entity: run.entity, runId: run.runId }, run.now);
        const unfinishedRuns = await notes.logs.unfinished(run.entity);
        await notes.logs.start(run);
        return { ...taken, unfinishedRuns };
      }),
    openRecords: (entity) =>
      inTurnAside(async () => ({
        rejectedIds: await rejectedIds(aside, config, entity),
        openIds: await openRecordIds(aside, config, entity),
      })),
    leaseMs: LEASE_MS,
    extendLease: (lease, now) =>
      inTurnAside(async () => {
        // A load keeps the lease by itself.
        if (!loading.has(lease.entity)) await notes.state.extend(lease, now);
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
        let total: Receipt = { ...NOTHING_COUNTED, entity, runId, source: null };
        for (const manifest of manifests) {
          const agreed = { ...manifest, rows_source: agreedCount(manifest) };
          const receipt = await loadRun(agreed, landing, amounts);
          total = { ...total, ...sumOf(total, receipt) };
          await state.move(manifest, now);
          if (await logs.restore(manifest))
            await logs.succeed(receipt, manifest, new Date(manifest.ended_at));
        }
        await logs.succeed(total, undefined, now);
        return total;
      }),
    async query<Row>(sql: string) {
      // A connection of its own: reading must not wait for a load.
      const reading = await connect();
      try {
        return (await reading.runAndReadAll(sql)).getRowObjectsJson() as unknown as readonly Row[];
      } finally {
        reading.closeSync();
      }
    },
    noteMissing: (note) =>
      inTurnAside(async () => {
        await notes.state.extend(note.lease, note.now);
        await noteMissing(aside, config, note);
      }),
    replace: (table, rows) => inTurn(() => replaceRows(connection, config.datasets, table, rows)),
    fail: (failure) => inTurnAside(() => notes.logs.fail(failure)),
    releaseLease: (lease) => inTurnAside(() => notes.state.release(lease)),
    cost: () => undefined,
    checkWriteAccess: (dataset) => inTurn(() => checkWriteAccess(connection, config.datasets[dataset])),
    hasTable: ({ dataset, name }) => inTurn(() => hasTable(connection, config.datasets[dataset], name)),
    // They are temporary, and end with the connection that made them.
    loadTables: async () => [],
    close() {
      connection.closeSync();
      aside.closeSync();
      instance.closeSync();
    },
  };
}

/** Whether a cast of amounts to 64 bits is why a transaction was given up. */
function isTooNarrow(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message.includes('DECIMAL(18,9)');
}

function* portions(pages: readonly LandedPage[]): Generator<readonly LandedPage[]> {
  let portion: LandedPage[] = [];
  let bytes = 0;
  for (const page of pages) {
    if (portion.length > 0 && bytes + page.line_bytes > LOAD_BYTES) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(page);
    bytes += page.line_bytes;
  }
  if (portion.length > 0) yield portion;
}
