import { setTimeout } from 'node:timers/promises';
import { createClient } from '../../extract/api/client.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import { NO_CURSOR } from '../../extract/landing/manifest.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { extractAll } from '../../extract/run.ts';
import { declaredTables, type TableSchema } from '../../schemas/columns.ts';
import { entity } from '../../schemas/entities.ts';
import { CREDENTIALS } from '../server.ts';
import { RUN_DATE, SYNC_START_DATE } from '../tenant/volumes.ts';
import type { ProgramSettings, Work } from './program.ts';

/** Feeds that every contender reads concurrently: the default of MAX_CONCURRENT_REQUESTS. */
export const CONCURRENT_FEEDS = 5;

/** The pipeline from API to landing. Nothing is loaded. */
export function landByPipeline(settings: ProgramSettings): Promise<Work> {
  return extracted(settings, noLoadWarehouse());
}

/** The pipeline from API to raw tables. */
export async function extractAndLoad(settings: ProgramSettings): Promise<Work> {
  const warehouse = await openDuckdb({ datasets: DATASETS, personalData: 'keep' }, settings.database);
  try {
    await warehouse.prepare(tablesOf(settings.entities));
    return await extracted(settings, warehouse);
  } finally {
    warehouse.close();
  }
}

/** The defaults of BQ_DATASET_RAW, BQ_DATASET_STAGE, BQ_DATASET_MART and BQ_DATASET_LOGS. */
export const DATASETS = {
  raw: 'st_raw_v2',
  stage: 'st_stage_v2',
  mart: 'st_mart_v2',
  logs: 'st_logs_v2',
} as const;

/** The tables that a load of these entities needs: their raw tables, state and logs. */
export function tablesOf(names: readonly string[]): readonly TableSchema[] {
  return declaredTables().filter(
    ({ dataset, name }) => dataset === 'logs' || names.includes(name.replace(/^raw_/, '')),
  );
}

async function extracted({ url, entities, folder }: ProgramSettings, warehouse: Warehouse): Promise<Work> {
  const clock = () => new Date();
  const client = createClient({
    config: {
      authUrl: url,
      apiUrl: url,
      maxConcurrentRequests: CONCURRENT_FEEDS,
      rateLimitPerSecond: 100_000,
    },
    credentials: CREDENTIALS,
    clock,
    sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  });
  const results = await extractAll({
    config: {
      syncMode: 'full',
      lookbackDays: 7,
      syncStartDate: SYNC_START_DATE,
      runDate: RUN_DATE,
      datasets: DATASETS,
      maxConcurrentRequests: CONCURRENT_FEEDS,
    },
    runId: 'bench',
    landing: folderLanding(folder),
    warehouse,
    entities: entities.map(entity).map(({ openRecords: _, ...withoutOpenRecords }) => withoutOpenRecords),
    client,
    clock,
    onEvent: () => {},
    signal: new AbortController().signal,
  }).finally(() => client.close());
  let work: Work = { rows: 0, bytes: 0 };
  for (const result of results) {
    if (result.status === 'failed') throw result.error;
    work = { rows: work.rows + result.receipt.read, bytes: work.bytes + result.metrics.bytes };
  }
  return work;
}

/** A warehouse that loads nothing and confirms every manifest. */
function noLoadWarehouse(): Warehouse {
  return {
    prepare: async () => {},
    begin: async ({ entity: name, runId }) => ({
      lease: { entity: name, runId, owner: 'bench', fencingNumber: 1 },
      cursor: NO_CURSOR,
      updatedAt: null,
      unfinishedRuns: [],
    }),
    openRecords: async () => ({ rejectedIds: [], openIds: [] }),
    leaseMs: 60_000,
    extendLease: async () => {},
    loadEarly: async () => undefined,
    allRead: async () => {},
    readAhead: async () => {},
    load: async ({ manifest }) => {
      const rows = manifest.rows_read;
      const counts = {
        read: rows,
        landed: rows,
        rejected: 0,
        loaded: rows,
        visible: rows,
        new: rows,
        reverted: 0,
      };
      const receipt = {
        ...counts,
        entity: manifest.entity,
        runId: manifest.run_id,
        source: manifest.rows_source,
      };
      return { receipt, cursor: manifest.cursor_after };
    },
    rebuild: async () => {
      throw new Error('The benchmark does not rebuild raw tables');
    },
    noteMissing: async () => {},
    replace: async () => {},
    fail: async () => {},
    releaseLease: async () => {},
    checkWriteAccess: async () => {},
    hasTable: () => Promise.resolve(true),
    loadTables: () => Promise.resolve([]),
    query: () => Promise.resolve([]),
    cost: () => undefined,
    close: () => {},
  };
}
