import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filesOf, pipelineCommand } from './command.ts';
import { withLoaded } from './loaded.ts';
import { type Figure, spread } from './measure.ts';
import { PROJECT, runCommand } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { withService } from './service.ts';

/** Cold starts, and the size of an installation on disk. */
export async function measureStart(bench: Bench): Promise<Section> {
  const node = process.execPath;
  const compiled = await runCommand('npm', ['run', '-s', 'build']);
  if (compiled.code !== 0) throw new Error(`npm run build ended with ${compiled.code}:\n${compiled.stdout}`);
  const { status, built, bare, loader } = await withLoaded(bench, async (night) => {
    const found: Record<'status' | 'built' | 'bare' | 'loader', number[]> = {
      status: [],
      built: [],
      bare: [],
      loader: [],
    };
    for (let round = 0; round < Math.max(5, bench.rounds); round++) {
      found.status.push((await pipelineCommand(['status', '--json'], night)).seconds);
      found.built.push((await pipelineCommand(['status', '--json'], night, 'built')).seconds);
      found.bare.push((await runCommand(node, ['-e', '0'])).seconds);
      found.loader.push((await runCommand(node, ['--import', 'tsx', '-e', '0'])).seconds);
    }
    return found;
  });
  const milliseconds = (seconds: readonly number[]) => spread(seconds.map((each) => each * 1000));
  return {
    id: 'start',
    title: 'Cold start and size',
    text: 'From the start of the process to its end, with the file cache warm.',
    figures: [
      {
        id: 'start/status',
        label: '`status` through tsx',
        unit: 'ms',
        value: milliseconds(status),
        target: { atMost: 500 },
      },
      {
        id: 'start/built',
        label: '`status` as built for the image',
        unit: 'ms',
        value: milliseconds(built),
        target: { atMost: 150 },
      },
      { id: 'start/tsx', label: 'node with tsx and nothing to do', unit: 'ms', value: milliseconds(loader) },
      { id: 'start/node', label: 'node with nothing to do', unit: 'ms', value: milliseconds(bare) },
      ...(await serviceFigures(bench)),
      ...(bench.quick ? [] : [await installedSize(bench)]),
    ],
  };
}

/** Figures of the compiled service, run by node alone as in the image. */
async function serviceFigures(bench: Bench): Promise<readonly Figure[]> {
  const time = { id: 'start/service', label: 'compiled service until it answers', unit: 'ms' };
  const memory = { id: 'start/service/memory', label: 'its memory then', unit: 'MB' };
  const { database, landing } = filesOf(join(bench.folder, 'service'));
  const built = await runCommand('npm', ['run', '-s', 'build']);
  if (built.code !== 0) return [{ ...time, note: '`npm run build` failed' }];
  const seconds: number[] = [];
  const bytes: number[] = [];
  for (let round = 0; round < Math.max(5, bench.rounds); round++) {
    const env = { DUCKDB_PATH: database, LANDING_URI: landing };
    const started = await withService(env, (_, start) => start);
    if (started === undefined) return [{ ...time, note: 'the service did not start' }];
    seconds.push(started.seconds * 1000);
    if (started.peakRssBytes !== undefined) bytes.push(started.peakRssBytes / 1e6);
  }
  const measured = bytes.length > 0 ? { value: spread(bytes) } : { note: 'can be measured only on Linux' };
  return [
    { ...time, value: spread(seconds), target: { atMost: 1000 } },
    { ...memory, ...measured, target: { atMost: 150 } },
  ];
}

async function installedSize(bench: Bench): Promise<Figure> {
  const common = { id: 'start/size', label: 'installed without development packages', unit: 'MB' };
  const folder = join(bench.folder, 'install');
  await mkdir(folder);
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    await copyFile(join(PROJECT, file), join(folder, file));
  }
  const installed = await runCommand('npm', ['ci', '--omit=dev'], { cwd: folder });
  if (installed.code !== 0) return { ...common, note: '`npm ci` failed' };
  const counted = await runCommand('du', ['-sk', 'node_modules'], { cwd: folder });
  await rm(folder, { recursive: true });
  return { ...common, value: spread([Number.parseInt(counted.stdout, 10) / 1024]) };
}
