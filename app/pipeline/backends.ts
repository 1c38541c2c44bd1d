import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PricedAction } from '../../engine/bigquery/price.ts';
import type { Graph } from '../../engine/compile.ts';
import type { ActionResult } from '../../engine/duckdb/run-graph.ts';
import type { PreparedAction } from '../../engine/prepare-graph.ts';
import type { Config } from '../../extract/config.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import type { DuckdbWarehouse } from '../../extract/load/duckdb/warehouse.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { countingModels } from './cost.ts';
import { type ModelRun, PROJECT_DIR, type Session } from './session.ts';

/** A warehouse, and how models run in it. */
export interface WarehousePlace {
  readonly warehouse: Warehouse;
  /** Begins what a run of these models needs beside the raw tables; `runGraph` waits for it. */
  readonly prepareGraph: (graph: Graph, signal: AbortSignal) => void;
  /** Runs the compiled models where the warehouse is. */
  readonly runGraph: (run: ModelRun) => Promise<readonly ActionResult[]>;
  /** Says what each model would cost, and builds nothing; undefined where queries cost nothing. */
  readonly priceGraph?: (run: Pick<ModelRun, 'graph' | 'signal'>) => Promise<readonly PricedAction[]>;
}

/** Opens the landing. Google's client is loaded only where there is a bucket. */
export async function openLanding({ landing }: Pick<Config, 'landing'>): Promise<Landing> {
  if (landing.kind === 'folder') return folderLanding(landing.path);
  const { gcsLanding } = await import('../../extract/landing/gcs.ts');
  const bucket = gcsLanding(landing);
  // A bucket that is missing or closed is told once and at once, not by each entity.
  await bucket.list('');
  return bucket;
}

/** Opens the warehouse as it is; nothing is created in it. The caller closes it. */
export async function openWarehouse(
  config: Pick<Config, 'warehouse' | 'datasets' | 'personalData'>,
  runId = 'look',
): Promise<WarehousePlace> {
  if (config.warehouse.kind === 'bigquery') return bigqueryPlace(config, config.warehouse, runId);
  // An image that runs on BigQuery leaves DuckDB out.
  const { openDuckdb } = await import('../../extract/load/duckdb/warehouse.ts');
  const warehouse = await openDuckdb(config, config.warehouse.path);
  return { warehouse, ...duckdbModels(warehouse.connect) };
}

/** Runs models in an open DuckDB file; GoogleSQL may resolve them while the entities are read. */
function duckdbModels(connect: DuckdbWarehouse['connect']): Omit<WarehousePlace, 'warehouse'> {
  const resolved = new WeakMap<Graph, Promise<readonly PreparedAction[]>>();
  return {
    prepareGraph(graph, signal) {
      const begun = import('../../engine/duckdb/run-graph.ts').then(({ resolveGraph }) =>
        resolveGraph({ projectDir: PROJECT_DIR, graph, signal }),
      );
      // Told by runGraph, if the night comes so far.
      begun.catch(() => {});
      resolved.set(graph, begun);
    },
    async runGraph(run) {
      const { runGraph } = await import('../../engine/duckdb/run-graph.ts');
      return runGraph({ ...run, projectDir: PROJECT_DIR, connect }, resolved.get(run.graph));
    },
  };
}

async function bigqueryPlace(
  config: Pick<Config, 'datasets' | 'personalData'>,
  place: Extract<Config['warehouse'], { kind: 'bigquery' }>,
  runId: string,
): Promise<WarehousePlace> {
  const { openBigquery } = await import('../../extract/load/bigquery/warehouse.ts');
  const { bigqueryClient } = await import('../../extract/load/bigquery/client.ts');
  const { warehouse, onJob } = countingModels(openBigquery({ config, place, runId }));
  const dataform = { projectDir: PROJECT_DIR, place, request: bigqueryClient(place).request };
  return {
    warehouse,
    prepareGraph() {},
    async runGraph(run) {
      const { runDataform } = await import('../../engine/bigquery/run-graph.ts');
      return runDataform({ ...run, ...dataform, query: warehouse.query, runId, onJob });
    },
    async priceGraph(run) {
      const { priceActions } = await import('../../engine/bigquery/price.ts');
      return priceActions({ ...run, ...dataform });
    },
  };
}

/** Whether there is a warehouse already; opening would make one. */
export function warehouseExists({ warehouse }: Pick<Config, 'warehouse'>): boolean {
  return warehouse.kind !== 'duckdb' || existsSync(warehouse.path);
}

/**
 * Writes a file of the run's report, such as `report.html`: beside a DuckDB file, or below the landing in a folder of the
 * run. A container's disk goes with it, and what is landed is written once, like the pages.
 *
 * @returns where it is
 */
export async function putReport(
  { config: { warehouse }, landing, runId }: Pick<Session, 'config' | 'landing' | 'runId'>,
  file: string,
  text: string,
): Promise<string> {
  if (warehouse.kind === 'bigquery') {
    const path = `reports/${runId}/${file}`;
    await landing.put(path, Buffer.from(text));
    return landing.uri(path);
  }
  const folder = join(dirname(warehouse.path), 'report');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), text);
  return join(folder, file);
}
