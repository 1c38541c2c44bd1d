import { readReference } from '../../app/reference/reference-files.ts';
import { compileProject, type Graph } from '../../engine/compile.ts';
import { resolveGraph, runGraph } from '../../engine/duckdb/run-graph.ts';
import type { KeptQueries } from '../../engine/kept-queries.ts';
import type { PreparedAction } from '../../engine/prepare-graph.ts';
import { readConfig } from '../../extract/config.ts';
import { type DuckdbWarehouse, openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import { declaredTable } from '../../schemas/columns.ts';
import { PROJECT } from '../e2e/command.ts';

interface Models {
  readonly graph: Graph;
  readonly tables: readonly PreparedAction[];
}

const known = new Map<string, Promise<Models>>();
/** Few queries name the run date; the others are prepared once for all dates. */
const kept: KeptQueries = { queries: new Map(), save() {} };

/** The models of a run date without assertions. They are cached, because resolving takes longer than running. */
function modelsOf(runDate: string): Promise<Models> {
  const models = known.get(runDate) ?? resolve(runDate);
  known.set(runDate, models);
  return models;
}

async function resolve(runDate: string): Promise<Models> {
  const compiled = await compileProject(PROJECT, { run_date: runDate });
  const graph = { ...compiled, assertions: [] };
  return { graph, tables: await resolveGraph({ projectDir: PROJECT, graph, kept }) };
}

/** Builds the mart as the nightly run of `runDate` does: reference tables first, unchanged tables skipped. */
export async function buildMart(path: string, runDate: string): Promise<void> {
  const { graph, tables } = await modelsOf(runDate);
  const config = readConfig({ DUCKDB_PATH: path }, { cwd: PROJECT, now: new Date() });
  const warehouse = await openDuckdb(config, path);
  try {
    await loadReference(warehouse, config.referenceDir);
    const results = await runGraph(
      { projectDir: PROJECT, graph, connect: warehouse.connect, skipUnchanged: true },
      Promise.resolve(tables),
    );
    const broken = results.find(({ status }) => status !== 'passed');
    if (broken) throw new Error(broken.error ?? `${broken.name} was skipped`);
  } finally {
    warehouse.close();
  }
}

async function loadReference(warehouse: DuckdbWarehouse, folder: string): Promise<void> {
  for (const [name, rows] of Object.entries(readReference(folder))) {
    await warehouse.replace(declaredTable(`reference_${name}`), rows);
  }
}
