import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MEMORY_LIMIT } from '../extract/load/duckdb/open.ts';
import { LARGE_FEEDS } from './extract.ts';
import { interleaved, spread, timesFaster, timesLessCpu } from './measure.ts';
import { measured, startServer } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { speedOf } from './speed.ts';
import { renderTenant } from './tenant/render.ts';

/** Fraction of the tenant. At the whole volume loads take minutes, and the section `night` measures those. */
const FRACTION = { quick: 0.4, whole: 0.1 };

/** Landing to raw tables: compares the pipeline's load with DuckDB's own load of the same files. */
export async function measureLoad(bench: Bench): Promise<Section> {
  const landing = join(bench.folder, 'landing');
  const scale = (bench.quick ? FRACTION.quick : FRACTION.whole) * bench.tenant.scale;
  const tenant = await renderTenant(bench.cache, { scale, rowsPerPage: bench.tenant.rowsPerPage });
  const server = await startServer(tenant);
  const source = { url: server.url, entities: LARGE_FEEDS, folder: landing, database: '' };
  await measured('pipeline', source).finally(() => server.close());

  const contender = (program: string, memoryLimit?: string) => async (round: number) => {
    const folder = join(bench.folder, `${program}-${memoryLimit}-${round}`);
    await mkdir(folder);
    const database = join(folder, 'warehouse.duckdb');
    const settings = { ...source, database, ...(memoryLimit !== undefined && { memoryLimit }) };
    const sample = await measured(program, settings);
    await rm(folder, { recursive: true });
    return sample;
  };
  const {
    load = [],
    native = [],
    confined = [],
  } = await interleaved(
    bench.rounds,
    {
      load: contender('load'),
      native: contender('native load'),
      confined: contender('native load', MEMORY_LIMIT),
    },
    bench.log,
  );
  return {
    id: 'load',
    title: 'Landing to raw tables',
    text: `The same four feeds at ${scale} of the real volume, from their landed pages into an empty DuckDB file. "DuckDB's own" is read_ndjson of the same files into tables with the same columns: no hash of the row, no check of the file, no search for versions that are stored already; once with DuckDB's default memory and once within the ${MEMORY_LIMIT} that the pipeline allows it.`,
    figures: [
      ...speedOf('load/pipeline', 'pipeline', load),
      ...speedOf('load/native', "DuckDB's own", native),
      ...speedOf('load/confined', "DuckDB's own within our limit", confined),
      {
        id: 'load/pipeline/native',
        label: "pipeline against DuckDB's own",
        unit: '×',
        value: timesFaster(load, native),
        target: { atLeast: 0.6 },
      },
      {
        id: 'load/pipeline/native/cpu',
        label: "pipeline against DuckDB's own, by core seconds",
        unit: '×',
        value: timesLessCpu(load, native),
      },
      {
        id: 'load/pipeline/confined',
        label: "pipeline against DuckDB's own within our limit",
        unit: '×',
        value: timesFaster(load, confined),
      },
      {
        id: 'load/seconds',
        label: 'pipeline, four feeds',
        unit: 's',
        value: spread(load.map(({ seconds }) => seconds)),
      },
    ],
  };
}
