import { existsSync } from 'node:fs';
import type { ActionResult } from '../../engine/action-result.ts';
import type { PricedAction } from '../../engine/bigquery/price.ts';
import type { Graph } from '../../engine/compile.ts';
import type { BuildMemory } from '../../engine/duckdb/build-memory.ts';
import type { PreparedAction } from '../../engine/prepare-graph.ts';
import type { Config } from '../../extract/config.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import type { ReplacedKeys } from '../../extract/load/duckdb/readable-copy.ts';
import type { DuckdbWarehouse } from '../../extract/load/duckdb/warehouse.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { PROJECT_DIR } from './project-dir.ts';

/** In place of a run's id, where somebody only looks at the warehouse. */
export const LOOK = 'look';

/** The warehouse that the configuration names, and the engine that builds models in it. */
export interface Backend {
  readonly warehouse: Warehouse;
  readonly models: ModelEngine;
  /** Writes the copy that readers open, so that no run shuts them out; absent where readers and runs do not meet. */
  readonly publish?: () => Promise<void>;
  /** Reads what `status` shows, to be stored when the warehouse is closed; no run may change the logs in between. */
  readonly noteStatus?: () => Promise<void>;
}

/** Builds the compiled models where the warehouse is. */
interface ModelEngine {
  /** Starts the work on the models that needs no raw table yet; `build` waits for it. */
  readonly prepare: (graph: Graph, signal: AbortSignal, memory?: BuildMemory) => PreparedModels;
  readonly build: (models: PreparedModels, options: BuildOptions) => Promise<readonly ActionResult[]>;
  /** What makes a second build of this process fast; absent where each build is a run of its own. */
  readonly remember?: () => Promise<BuildMemory>;
  /** Prices each model without building it; absent where queries cost nothing. */
  readonly price?: (graph: Graph, signal: AbortSignal) => Promise<readonly PricedAction[]>;
}

/** A compiled graph whose queries are being translated for the engine. */
export interface PreparedModels {
  readonly graph: Graph;
  /** Each action with its DuckDB SQL; absent on BigQuery, which reads the models as they are. */
  readonly actions?: Promise<readonly PreparedAction[]>;
}

interface BuildOptions {
  /** Skips each table whose query and inputs did not change since it was built. */
  readonly skipUnchanged: boolean;
  readonly memory?: BuildMemory;
  readonly onResult: (result: ActionResult) => void;
  /** Told of each table that went with its model. */
  readonly onDropped: (table: string) => void;
  readonly signal: AbortSignal;
}

/** Opens the landing. Google's client is loaded only for a bucket. */
export async function openLanding({ landing }: Pick<Config, 'landing'>): Promise<Landing> {
  if (landing.kind === 'folder') return folderLanding(landing.path);
  const { gcsLanding } = await import('../../extract/landing/gcs.ts');
  const bucket = gcsLanding(landing);
  // Reports a missing or forbidden bucket once, before any entity starts.
  await bucket.list('');
  return bucket;
}

/**
 * Opens DuckDB or BigQuery, as configured, without creating anything in it. The caller closes the warehouse.
 *
 * @param runId the run that opens it. A look gives up soon if BigQuery fails.
 */
export async function openBackend(
  config: Pick<Config, 'warehouse' | 'datasets' | 'personalData' | 'entities'>,
  runId = LOOK,
): Promise<Backend> {
  return config.warehouse.kind === 'bigquery'
    ? openBigqueryBackend(config, config.warehouse, runId)
    : openDuckdbBackend(config, config.warehouse.path);
}

/**
 * Opens what readers read: on DuckDB the copy of the last run, which any number of readers may open while a run writes;
 * undefined before a run has written one.
 */
export async function openReadableBackend(
  config: Pick<Config, 'warehouse' | 'datasets' | 'personalData' | 'entities'>,
): Promise<Backend | undefined> {
  if (config.warehouse.kind === 'bigquery') return openBackend(config);
  const { readableCopyPath } = await import('../../extract/load/duckdb/readable-copy.ts');
  const path = readableCopyPath(config.warehouse.path);
  if (!existsSync(path)) return undefined;
  const { openDuckdb } = await import('../../extract/load/duckdb/warehouse.ts');
  const warehouse = await openDuckdb(config, path, true);
  return { warehouse, models: duckdbModels(warehouse.connect, config) };
}

async function openDuckdbBackend(
  config: Pick<Config, 'datasets' | 'personalData' | 'entities'>,
  path: string,
): Promise<Backend> {
  // The image for BigQuery does not contain DuckDB.
  const { openDuckdb } = await import('../../extract/load/duckdb/warehouse.ts');
  const warehouse = await openDuckdb(config, path);
  const replaced = new Map<string, ReplacedKeys>();
  let store = () => {};
  const close = () => {
    warehouse.close();
    store();
  };
  return {
    warehouse: { ...warehouse, close },
    models: duckdbModels(warehouse.connect, config, (table, keys) => replaced.set(table, keys)),
    async publish() {
      const { writeReadableCopy } = await import('../../extract/load/duckdb/readable-copy.ts');
      await writeReadableCopy(warehouse.connect, path, config.datasets, replaced);
    },
    async noteStatus() {
      const { LAST_RUNS, readStatus } = await import('./status.ts');
      const { storeStatus } = await import('./stored-status.ts');
      const status = await readStatus(warehouse.query, config.datasets, LAST_RUNS);
      store = () => storeStatus(path, config.datasets, status);
    },
  };
}

function duckdbModels(
  connect: DuckdbWarehouse['connect'],
  config: Pick<Config, 'datasets' | 'entities'>,
  onReplaced?: (table: string, keys: ReplacedKeys) => void,
): ModelEngine {
  const engine = () => import('../../engine/duckdb/run-graph.ts');
  return {
    prepare(graph, signal, memory) {
      const resolve = async () => {
        const { resolveGraph } = await engine();
        const { keptQueries } = await import('../../engine/kept-queries.ts');
        const options = { projectDir: PROJECT_DIR, graph, signal };
        return memory
          ? resolveGraph({ ...options, memory })
          : resolveGraph({ ...options, kept: keptQueries(PROJECT_DIR, 'run') });
      };
      const actions = resolve();
      // `build` reports this error; a run that fails earlier must not end in an unhandled rejection.
      actions.catch(() => {});
      return { graph, actions };
    },
    async remember() {
      const { startBuildMemory } = await import('../../engine/duckdb/build-memory.ts');
      return startBuildMemory();
    },
    async build({ graph, actions }, options) {
      const { runGraph } = await engine();
      const results = await runGraph(
        { ...options, graph, projectDir: PROJECT_DIR, connect, ...(onReplaced && { onReplaced }) },
        actions,
      );
      await describe(connect, graph, config);
      return results;
    },
  };
}

/** Writes the descriptions of models, raw tables and logs into the file, where other programs show them. */
async function describe(
  connect: DuckdbWarehouse['connect'],
  graph: Graph,
  { datasets, entities }: Pick<Config, 'datasets' | 'entities'>,
): Promise<void> {
  const { writeComments } = await import('../../extract/load/duckdb/comments.ts');
  const { descriptionsOf } = await import('../../engine/descriptions.ts');
  const tables = declaredTables(entities.map(({ name }) => name));
  const declared = tables.map(({ dataset, name, description, columns }) => ({
    ...{ schema: datasets[dataset], name, comment: description || null },
    columns: columns.map((column) => ({ name: column.name, comment: column.description ?? null })),
  }));
  const connection = await connect();
  try {
    await writeComments(connection, [...declared, ...descriptionsOf(graph)]);
  } finally {
    connection.closeSync();
  }
}

async function openBigqueryBackend(
  config: Pick<Config, 'datasets' | 'personalData'>,
  place: Extract<Config['warehouse'], { kind: 'bigquery' }>,
  runId: string,
): Promise<Backend> {
  const { openBigquery } = await import('../../extract/load/bigquery/warehouse.ts');
  const { BRIEF } = await import('../../extract/load/bigquery/jobs.ts');
  const { bigqueryClient } = await import('../../extract/load/bigquery/client.ts');
  const { withModelJobs } = await import('./cost.ts');
  const retries = runId === LOOK ? BRIEF : undefined;
  const { warehouse, onJob } = withModelJobs(openBigquery({ config, place, runId, retries }));
  const dataform = { projectDir: PROJECT_DIR, place, request: bigqueryClient(place).request };
  const models: ModelEngine = {
    prepare: (graph) => ({ graph }),
    async build({ graph }, options) {
      const { runDataform } = await import('../../engine/bigquery/run-graph.ts');
      return runDataform({ ...options, ...dataform, graph, query: warehouse.query, runId, onJob });
    },
    async price(graph, signal) {
      const { priceActions } = await import('../../engine/bigquery/price.ts');
      return priceActions({ ...dataform, graph, signal });
    },
  };
  return { warehouse, models };
}

/** Whether there is a warehouse already; opening a DuckDB file would create it. */
export function warehouseExists({ warehouse }: Pick<Config, 'warehouse'>): boolean {
  return warehouse.kind !== 'duckdb' || existsSync(warehouse.path);
}
