import PQueue from 'p-queue';
import { compileModels } from '../../app/pipeline/compile-models.ts';
import { PROJECT_DIR } from '../../app/pipeline/project-dir.ts';
import { readReference } from '../../app/reference/reference-files.ts';
import type { Graph } from '../../engine/compile.ts';
import { resolveGraph, runGraph } from '../../engine/duckdb/run-graph.ts';
import { type Config, readConfig } from '../../extract/config.ts';
import { literal, quoted } from '../../extract/load/duckdb/sql.ts';
import { type DuckdbWarehouse, openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import type { TextRow } from '../../extract/load/warehouse.ts';
import { columnsOf, declaredTables, duckdbType, rawTable } from '../../schemas/columns.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { settingsOf } from '../command.ts';
import { PROJECT } from '../processes.ts';
import { splitRecords } from './floor.ts';
import { type LandedPages, landPages } from './pages.ts';
import type { ProgramSettings, Work } from './program.ts';

/** No line of the tenant is longer. DuckDB's default of 16 MB takes twice that in memory for each thread that reads. */
const LONGEST_LINE = 1024 * 1024;

/** DuckDB's limit, the same as the pipeline's once all entities are read. */
const FLOOR_MEMORY = '384MB';

/**
 * The minimum that a whole first night must do: reads feeds and lists like the floor, reads the pages of each entity into
 * its raw table while others are read, and builds the models. It checks nothing, computes no hash, looks for no stored
 * versions, keeps no state, logs only that it has read each entity, runs no assertion and writes no report.
 *
 * @throws Error if a model fails
 */
export async function floorNight(settings: ProgramSettings): Promise<Work> {
  const started = performance.now();
  const since = (ms: number) => (performance.now() - ms) / 1000;
  const config = readConfig(settingsOf({ ...settings, landing: settings.folder }), {
    cwd: PROJECT,
    now: new Date(),
  });
  const graph = { ...(await compileModels(config)), assertions: [] };
  // As in the pipeline, the models are translated while the entities are read.
  const resolved = resolveGraph({ projectDir: PROJECT_DIR, graph });
  resolved.catch(() => {});
  const warehouse = await openDuckdb(config, settings.database);
  try {
    await warehouse.prepare(declaredTables());
    const { load, done } = await typedLoads(warehouse, config.datasets.raw);
    let readSeconds = 0;
    const work = await landPages(settings, splitRecords, (pages) => {
      readSeconds = since(started);
      return load(pages);
    });
    await done();
    const loadedSeconds = since(started);
    await fillTablesBeside(warehouse, config, settings.entities);
    await buildModels(warehouse, graph, resolved);
    return {
      ...work,
      phases: [
        { name: 'read', seconds: readSeconds },
        { name: 'load', seconds: loadedSeconds - readSeconds },
        { name: 'models', seconds: since(started) - loadedSeconds },
      ],
    };
  } finally {
    warehouse.close();
  }
}

/**
 * Loads two entities at a time, each with one thread: that keeps two cores busy, and takes less memory and processor time
 * than two threads for one entity.
 */
async function typedLoads({ connect }: DuckdbWarehouse, schema: string) {
  const queue = new PQueue({ concurrency: 2 });
  const settings = await connect();
  await settings.run('SET threads = 1');
  await settings.run(`SET memory_limit = '${FLOOR_MEMORY}'`);
  const at = new Date().toISOString();
  return {
    load: (pages: LandedPages): Promise<void> =>
      queue.add(async () => {
        const connection = await connect();
        await connection.run(typedInsert(schema, pages, at)).finally(() => connection.closeSync());
      }),
    async done() {
      await settings.run('RESET threads');
      settings.closeSync();
    },
  };
}

function typedInsert(schema: string, { entity, files }: LandedPages, at: string): string {
  const columns = columnsOf(readSchema(entity)).map((column) => {
    const type = duckdbType(column).replaceAll('DECIMAL(38,9)', 'DECIMAL(18,9)');
    return `${quoted(column.name)}: ${literal(type)}`;
  });
  return `INSERT INTO ${quoted(schema)}.${rawTable(entity).name} BY NAME
    SELECT *, 'floor' AS _row_hash, 'floor' AS _run_id, TIMESTAMPTZ ${literal(at)} AS _extracted_at, 0 AS _generation
    FROM read_ndjson(
      [${files.map(literal).join(', ')}], columns = {${columns.join(', ')}}, maximum_object_size = ${LONGEST_LINE}
    )`;
}

/** What the models read beside the records: the reference files, and from the log which entities were read to the end. */
async function fillTablesBeside(
  warehouse: Pick<DuckdbWarehouse, 'replace'>,
  { referenceDir, runDate }: Pick<Config, 'referenceDir' | 'runDate'>,
  entities: readonly string[],
): Promise<void> {
  const { business_units, job_types, ui_kpi_values } = readReference(referenceDir);
  const at = new Date().toISOString();
  const run = {
    run_id: 'floor',
    mode: 'full',
    run_date: runDate,
    start_time: at,
    end_time: at,
    status: 'success',
  };
  const rows: Readonly<Record<string, readonly TextRow[]>> = {
    reference_business_units: business_units,
    reference_job_types: job_types,
    reference_ui_kpi_values: ui_kpi_values,
    ingestion_logs: entities.map((entity) => ({ ...run, entity })),
  };
  for (const table of declaredTables()) {
    const content = rows[table.name];
    if (content) await warehouse.replace(table, content);
  }
}

async function buildModels(
  { connect }: DuckdbWarehouse,
  graph: Graph,
  resolved: ReturnType<typeof resolveGraph>,
): Promise<void> {
  const results = await runGraph({ projectDir: PROJECT_DIR, graph, connect }, resolved);
  const failed = results.filter(({ status }) => status !== 'passed');
  if (failed.length > 0) throw new Error(`Models failed: ${failed.map((each) => each.error ?? each.name)}`);
}
