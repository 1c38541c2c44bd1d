import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../extract/config.ts';
import { PipelineError } from '../extract/errors.ts';
import { folderLanding } from '../extract/landing/folder.ts';
import type { Landing } from '../extract/landing/port.ts';
import type { Warehouse } from '../extract/warehouse/port.ts';
import type { ActionResult } from '../transform/run.ts';
import { type ModelRun, PROJECT_DIR } from './session.ts';

/** Where a run works: landing and warehouse, and what differs between a laptop and Google Cloud. */
export interface Place {
  readonly landing: Landing;
  readonly warehouse: Warehouse;
  /** Runs the compiled models where the warehouse is. */
  readonly runGraph: (run: ModelRun) => Promise<readonly ActionResult[]>;
  /** Writes a file of the report, such as `report.html`; returns where it is. */
  readonly putReport: (file: string, text: string) => Promise<string>;
}

/** Google's clients and DuckDB are each loaded where they are needed alone. */
export async function openPlace(config: Config, runId: string): Promise<Place> {
  const landing = await openLanding(config.landing);
  return config.warehouse.kind === 'bigquery'
    ? bigqueryPlace(config, config.warehouse, landing, runId)
    : duckdbPlace(config, config.warehouse.path, landing);
}

async function duckdbPlace(config: Config, path: string, landing: Landing): Promise<Place> {
  // An image that runs on BigQuery leaves DuckDB out.
  const { openDuckdb } = await import('../extract/warehouse/duckdb.ts');
  const warehouse = await openDuckdb(config, path);
  const reportDir = join(dirname(path), 'report');
  return {
    landing,
    warehouse,
    async runGraph(run) {
      const { runGraph } = await import('../transform/run.ts');
      return runGraph({ ...run, projectDir: PROJECT_DIR, connect: warehouse.connect });
    },
    async putReport(file, text) {
      const path = join(reportDir, file);
      await mkdir(reportDir, { recursive: true });
      await writeFile(path, text);
      return path;
    },
  };
}

async function bigqueryPlace(
  config: Config,
  place: Extract<Config['warehouse'], { kind: 'bigquery' }>,
  landing: Landing,
  runId: string,
): Promise<Place> {
  const { openBigquery } = await import('../extract/warehouse/bigquery.ts');
  return {
    landing,
    warehouse: openBigquery({ config, place, runId }),
    async runGraph() {
      throw new PipelineError('Models are not run on BigQuery by this version', {
        remedy: 'Run `npx dataform run` at the root of the project.',
      });
    },
    // A container's disk goes with it; beside the pages, in a folder per run, a report is written once like them.
    async putReport(file, text) {
      const path = `reports/${runId}/${file}`;
      await landing.put(path, Buffer.from(text));
      return landing.uri(path);
    },
  };
}

async function openLanding(landing: Config['landing']): Promise<Landing> {
  if (landing.kind === 'folder') return folderLanding(landing.path);
  const { gcsLanding } = await import('../extract/landing/gcs.ts');
  const bucket = gcsLanding(landing);
  // A bucket that is missing or closed is told once and at once, not by each entity.
  await bucket.list('');
  return bucket;
}
