import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figure, interleaved, spread, timesFaster, timesLessCpu } from './measure.ts';
import { measured, startServer } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { speedOf } from './speed.ts';

/** The four largest feeds, with four fifths of a tenant's bytes. */
export const LARGE_FEEDS = ['jobs', 'invoices', 'estimates', 'payments'] as const;

/** API to landing: compares the pipeline with the minimum of work ("floor") and with a plain parse and rewrite. */
export async function measureExtraction(bench: Bench): Promise<Section> {
  const server = await startServer(bench.tenant);
  const contender = (program: string) => async (round: number) => {
    const folder = join(bench.folder, `${program}-${round}`);
    await mkdir(folder, { recursive: true });
    const sample = await measured(program, { url: server.url, entities: LARGE_FEEDS, folder, database: '' });
    await rm(folder, { recursive: true });
    return sample;
  };
  try {
    const samples = await interleaved(
      bench.rounds,
      { pipeline: contender('pipeline'), floor: contender('floor'), reparse: contender('reparse') },
      bench.log,
    );
    const { pipeline = [], floor = [], reparse = [] } = samples;
    const waiting = await behindSlowApi(bench);
    return {
      id: 'extract',
      title: 'API to landing',
      text: `The pipeline without its load, ${LARGE_FEEDS.join(', ')} side by side, from a server in another process that sends rendered pages of ${bench.tenant.rowsPerPage} rows as fast as it can. "Floor" reads the same pages, cuts the bytes at the borders of records, compresses at the same level and writes, without any check; "parse and rewrite" does JSON.parse and JSON.stringify instead of the cut.`,
      figures: [
        ...speedOf('extract/pipeline', 'pipeline', pipeline),
        ...speedOf('extract/floor', 'floor', floor),
        ...speedOf('extract/reparse', 'parse and rewrite', reparse),
        {
          id: 'extract/pipeline/floor',
          label: 'pipeline against floor',
          unit: '×',
          value: timesFaster(pipeline, floor),
          target: { atLeast: 0.9 },
        },
        {
          id: 'extract/pipeline/reparse',
          label: 'pipeline against parse and rewrite',
          unit: '×',
          value: timesFaster(pipeline, reparse),
        },
        {
          id: 'extract/pipeline/floor/cpu',
          label: 'pipeline against floor, by core seconds',
          unit: '×',
          value: timesLessCpu(pipeline, floor),
        },
        waiting,
      ],
    };
  } finally {
    await server.close();
  }
}

const PAGE_MS = 1000;

/** Compares the pipeline with the time that an API takes whose pages need a second each. Feeds are read concurrently. */
async function behindSlowApi(bench: Bench): Promise<Figure> {
  const pages = LARGE_FEEDS.map(
    (feed) => bench.tenant.entities.find(({ name }) => name === feed)?.pages.length ?? 0,
  );
  const apiSeconds = (Math.max(...pages) * PAGE_MS) / 1000;
  const server = await startServer(bench.tenant, { withChanges: false, pageMs: PAGE_MS });
  const folder = join(bench.folder, 'slow');
  await mkdir(folder, { recursive: true });
  const { seconds } = await measured('pipeline', {
    url: server.url,
    entities: LARGE_FEEDS,
    folder,
    database: '',
  }).finally(() => server.close());
  await rm(folder, { recursive: true });
  return {
    id: 'extract/slow-api',
    label: 'pipeline, in times of what an API takes that needs a second for each page',
    unit: '×',
    value: spread([seconds / apiSeconds]),
    note: 'lower is better; 1 is waiting for the API alone',
  };
}
