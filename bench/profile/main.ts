import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { LARGE_FEEDS } from '../extract.ts';
import { measured, PROJECT, startServer } from '../processes.ts';
import { renderTenant } from '../tenant/render.ts';
import { allCalls, type Call, callTree, selfTimes } from './call-tree.ts';
import { flameSvg } from './flame.ts';

/** Runs a benchmark program under V8's profiler, draws a flame graph and prints the functions that took longest. */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: '0.2' },
    out: { type: 'string', default: join(PROJECT, '.local/bench/profile.svg') },
  },
});
const [program = 'pipeline'] = positionals;
const cache = join(PROJECT, '.local/bench');
const folder = join(cache, 'work/profile');
await rm(folder, { recursive: true, force: true });
await mkdir(join(folder, 'landing'), { recursive: true });
const tenant = await renderTenant(cache, { scale: Number(options.scale), rowsPerPage: 5000 });
const server = await startServer(tenant);
const settings = {
  url: server.url,
  entities: LARGE_FEEDS,
  folder: join(folder, 'landing'),
  database: join(folder, 'warehouse.duckdb'),
};
const execArgv = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
const sample = await measured(program, settings, { execArgv }).finally(() => server.close());

const threads: Call[] = [];
for (const file of (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'))) {
  const tree = callTree(JSON.parse(await readFile(join(folder, file), 'utf8')), pathToFileURL(PROJECT).href);
  // tsx compiles in a separate thread, which is not part of the measured work.
  if ([...allCalls(tree)].some(({ place }) => place.startsWith('extract/'))) threads.push(tree);
}
await rm(folder, { recursive: true });

const summary = `${program}: ${Math.round(sample.bytes / 1e6)} MB, ${sample.rows} rows in ${sample.seconds.toFixed(1)} s, ${(sample.cpuSeconds ?? 0).toFixed(1)} core seconds, ${threads.length} JavaScript thread(s)`;
process.stdout.write(`${summary}\n`);
for (const tree of threads) {
  for (const { name, place, ms } of selfTimes(tree).slice(0, 20)) {
    process.stdout.write(
      `${String(Math.round(ms)).padStart(7)} ms ${((100 * ms) / tree.totalMs).toFixed(1).padStart(5)} %  ${name}  ${place}\n`,
    );
  }
}
const [longest] = threads.toSorted((a, b) => b.totalMs - a.totalMs);
if (longest) await writeFile(options.out, flameSvg(longest, summary));
process.stdout.write(`Flame graph in ${options.out}\n`);
