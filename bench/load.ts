import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MEMORY_LIMIT } from '../extract/load/duckdb/open.ts';
import { LARGE_FEEDS } from './extract.ts';
import {
  coreMsPerMegabyte,
  type Figure,
  interleaved,
  type Sample,
  spread,
  timesFaster,
  timesLessCpu,
} from './measure.ts';
import { measured, startServer } from './processes.ts';
import type { ProgramSettings } from './programs/program.ts';
import type { Bench, Section } from './section.ts';
import { speedOf } from './speed.ts';
import { type RenderedTenant, renderTenant } from './tenant/render.ts';

/** Fraction of the tenant for the comparison of four feeds. */
const FRACTION = { quick: 0.4, whole: 0.1 };

/** Landing to raw tables: compares the pipeline's load with DuckDB's own load of the same files. */
export async function measureLoad(bench: Bench): Promise<Section> {
  const scale = (bench.quick ? FRACTION.quick : FRACTION.whole) * bench.tenant.scale;
  const tenant = await renderTenant(bench.cache, { scale, rowsPerPage: bench.tenant.rowsPerPage });
  const source = await landed(bench, tenant, LARGE_FEEDS);
  const contender = (program: string, memoryLimit?: string) => () =>
    loaded(bench, program, { ...source, ...(memoryLimit !== undefined && { memoryLimit }) });
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
    text: `The same four feeds at ${scale} of the real volume, and the invoices alone at ${bench.tenant.scale === 1 ? 'all' : bench.tenant.scale} of it, from their landed pages into an empty DuckDB file. "DuckDB's own" is read_ndjson of the same files into tables with the same columns: no hash of the row, no check of the file, no search for versions that are stored already; once with DuckDB's default memory and once within the ${MEMORY_LIMIT} that the pipeline allows it.`,
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
      ...(await invoicesAlone(bench)),
    ],
  };
}

/** The entity with the widest rows, at the tenant's whole volume. */
async function invoicesAlone(bench: Bench): Promise<readonly Figure[]> {
  const source = await landed(bench, bench.tenant, ['invoices']);
  const samples: Sample[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const sample = await loaded(bench, 'load', source);
    samples.push(sample);
    bench.log(`  invoices: ${sample.seconds.toFixed(2)} s`);
  }
  const label = 'pipeline, invoices alone';
  return [
    {
      id: 'load/invoices/core',
      label,
      unit: 'core ms per MB',
      value: spread(samples.map(coreMsPerMegabyte)),
      target: { atMost: 20 },
      note: 'lower is better',
    },
    ...speedOf('load/invoices', label, samples).filter(({ unit }) => !unit.includes('core')),
  ];
}

/** Lands feeds by the pipeline. @returns the settings of a program that loads them */
async function landed(
  bench: Bench,
  tenant: RenderedTenant,
  feeds: readonly string[],
): Promise<Omit<ProgramSettings, 'database'>> {
  const server = await startServer(tenant);
  const source = {
    url: server.url,
    entities: feeds,
    folder: join(bench.folder, `landing-${feeds.join('-')}`),
  };
  await measured('pipeline', { ...source, database: '' }).finally(() => server.close());
  return source;
}

/** Loads landed feeds into an empty DuckDB file, which is removed afterwards. */
async function loaded(
  bench: Bench,
  program: string,
  source: Omit<ProgramSettings, 'database'>,
): Promise<Sample> {
  const folder = join(bench.folder, 'warehouse');
  await mkdir(folder);
  const sample = await measured(program, { ...source, database: join(folder, 'warehouse.duckdb') });
  await rm(folder, { recursive: true });
  return sample;
}
