import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { interleaved, timesFaster, timesLighter } from './measure.ts';
import { measured, startServer } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { speedOf } from './speed.ts';

/** The four large feeds, four fifths of a tenant's bytes. */
export const LARGE_FEEDS = ['jobs', 'invoices', 'estimates', 'payments'] as const;

/** API to landing: the pipeline beside the least that must be done, and beside a plain parse and rewrite. */
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
      bench.say,
    );
    const { pipeline = [], floor = [], reparse = [] } = samples;
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
          target: { atLeast: 0.8 },
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
          value: timesLighter(pipeline, floor),
        },
      ],
    };
  } finally {
    await server.close();
  }
}
