import { setTimeout } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { readableCopyPath } from '../extract/load/duckdb/readable-copy.ts';
import { filesOf, pipelineCommand, settingsOf } from './command.ts';
import { withLoaded } from './loaded.ts';
import { type Figure, spread } from './measure.ts';
import { PROJECT, runCommand } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { withService } from './service.ts';

interface Loaded {
  readonly url: string;
  readonly folder: string;
}

/** An answer: its first byte after so many milliseconds, and its size. */
interface Answer {
  readonly milliseconds: number;
  readonly bytes: number;
  readonly text: string;
}

const QUERY_INTERVAL_MS = 200;
const MART_QUERY = `SELECT business_unit, sum(total_booked) FROM st_mart_v2.daily_kpis GROUP BY business_unit`;

/** The web application on a loaded warehouse, and the mart that other programs read during a night. */
export async function measurePages(bench: Bench): Promise<Section> {
  const compiled = await runCommand('npm', ['run', '-s', 'build'], { cwd: PROJECT });
  if (compiled.code !== 0) throw new Error(`npm run build ended with ${compiled.code}:\n${compiled.stdout}`);
  const figures = await withLoaded(bench, async (night) => [
    ...(await pageFigures(bench, night)),
    ...(await queryFigures(bench, night)),
  ]);
  return {
    id: 'pages',
    title: 'The web application, and the mart during a night',
    text: 'The compiled service on the warehouse after a first night. "First" is the first request after the service was started: it reads the report that the night stored and renders it; later requests find the page. During a whole night without changes another program opens the copy for readers, queries the mart and closes the copy again, up to five times a second.',
    figures,
  };
}

async function pageFigures(bench: Bench, { url, folder }: Loaded): Promise<readonly Figure[]> {
  const { database, landing } = filesOf(folder);
  const env = settingsOf({ url, database, landing });
  const found: Record<string, Answer[]> = {};
  const note = async (name: string, address: string) => {
    const answer = await get(address);
    found[name] = [...(found[name] ?? []), answer];
    return answer;
  };
  for (let round = 0; round < bench.rounds; round++) {
    await withService(env, async (service) => {
      const { text } = await note('/, first', `${service}/`);
      await note('/, again', `${service}/`);
      const [, booked] = /href="(\/kpis\/total_booked\/ALL\/[^"]+)"/.exec(text) ?? [];
      if (booked) await note('the records of the week\u2019s Booked', `${service}${booked}`);
      for (const path of ['/runs', '/entities', '/checks']) await note(path, `${service}${path}`);
    });
  }
  return Object.entries(found).flatMap(([name, answers]): readonly Figure[] => [
    {
      ...{ id: `pages/${name}`, label: `${name}: to the first byte`, unit: 'ms' },
      value: spread(answers.map(({ milliseconds }) => milliseconds)),
      ...(name.startsWith('/,') && { target: { atMost: 300 } }),
    },
    {
      ...{ id: `pages/${name}/size`, label: `${name}: size`, unit: 'kB' },
      value: spread(answers.map(({ bytes }) => bytes / 1000)),
    },
  ]);
}

async function get(address: string): Promise<Answer> {
  const started = performance.now();
  const response = await fetch(address, { headers: { accept: 'text/html' } });
  // Resolves when the head of the answer is there.
  const milliseconds = performance.now() - started;
  const text = await response.text();
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${text.slice(0, 200)}`);
  return { milliseconds, bytes: Buffer.byteLength(text), text };
}

/** Queries of this process while a night runs in another. */
async function queryFigures(bench: Bench, night: Loaded): Promise<readonly Figure[]> {
  const copy = readableCopyPath(filesOf(night.folder).database);
  const [during, failed]: [number[], string[]] = [[], []];
  let isRunning = true;
  const running = pipelineCommand(['nightly', '--json'], night).finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    const started = performance.now();
    await queryOnce(copy).then(
      () => during.push(performance.now() - started),
      (error: unknown) => failed.push(String(error)),
    );
    await setTimeout(QUERY_INTERVAL_MS);
  }
  await running;
  const quiet: number[] = [];
  for (let round = 0; round < 20; round++) {
    const started = performance.now();
    await queryOnce(copy);
    quiet.push(performance.now() - started);
  }
  bench.log(`  ${during.length} queries during the night, ${failed.length} failed`);
  return [
    {
      id: 'pages/query',
      label: 'a query of the mart, nothing else running',
      unit: 'ms',
      value: spread(quiet),
    },
    {
      ...{ id: 'pages/query/night', label: 'the same while a night runs', unit: 'ms', value: spread(during) },
      note: `${failed.length} of ${during.length + failed.length} failed`,
    },
  ];
}

async function queryOnce(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    await connection.runAndReadAll(MART_QUERY);
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}
