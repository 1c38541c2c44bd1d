import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filesOf } from './command.ts';
import { type Figure, type Sample, spread } from './measure.ts';
import { measured, startServer } from './processes.ts';
import type { Bench, Section } from './section.ts';

/** An entity with small records, so that memory that grows with the number of rows shows clearly. */
const ENTITY = 'appointment_assignments';
/** A size that would take longer than this is not measured; the results say so. */
const MAX_SECONDS = 900;

/** Peak memory of the process by the number of rows of one feed. */
export async function measureMemory(bench: Bench): Promise<Section> {
  const sizes = bench.quick ? [100_000, 1_000_000] : [100_000, 1_000_000, 10_000_000];
  return {
    id: 'memory',
    title: 'Memory',
    text: `One feed, \`${ENTITY}\`, whose first page is sent again and again with new ids. Peak resident memory of the whole process, as Linux counts it; "flat" compares the last two sizes.`,
    figures: [
      ...(await seriesOf(bench, 'pipeline', 'API to landing', sizes)),
      ...(await seriesOf(
        bench,
        'extract and load',
        'API to raw tables',
        bench.quick ? [100_000, 300_000] : sizes,
      )),
    ],
  };
}

async function seriesOf(
  bench: Bench,
  program: string,
  label: string,
  sizes: readonly number[],
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const id = `memory/${program.replaceAll(' ', '-')}`;
  const peaks: number[] = [];
  let last: Sample | undefined;
  for (const rows of sizes) {
    const common = {
      id: `${id}/${rows}`,
      label: `${label}, ${rows.toLocaleString('en-US')} rows`,
      unit: 'MB peak memory',
    };
    const expected = last === undefined ? 0 : (last.seconds * rows) / last.rows;
    if (expected > MAX_SECONDS) {
      figures.push({ ...common, note: `would take ${Math.round(expected / 60)} minutes or more` });
      continue;
    }
    last = await once(bench, program, rows);
    bench.log(`  ${program}, ${rows} rows: ${last.seconds.toFixed(1)} s`);
    const peak = (last.peakRssBytes ?? Number.NaN) / 1e6;
    peaks.push(peak);
    figures.push({
      ...common,
      value: spread([peak]),
      note: `${Math.round(last.rows / last.seconds)} rows/s`,
      target: { atMost: 537 },
    });
  }
  const [before, after] = peaks.slice(-2);
  if (before !== undefined && after !== undefined) {
    figures.push({
      id: `${id}/flat`,
      label: `${label}: growth over the last two sizes`,
      unit: '×',
      value: spread([after / before]),
      target: { atMost: 1.05 },
    });
  }
  return figures;
}

async function once(bench: Bench, program: string, rows: number): Promise<Sample> {
  const server = await startServer(bench.tenant, { withChanges: false, repeat: { entity: ENTITY, rows } });
  const folder = join(bench.folder, `${program}-${rows}`);
  await mkdir(folder, { recursive: true });
  const { landing, database } = filesOf(folder);
  try {
    return await measured(program, { url: server.url, entities: [ENTITY], folder: landing, database });
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}
