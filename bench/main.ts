import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureExtraction } from './extract.ts';
import { measureLoad } from './load.ts';
import { machineFacts } from './machine.ts';
import { type Results, resultsMarkdown } from './markdown.ts';
import { measureMemory } from './memory.ts';
import { measureNights } from './night.ts';
import { measurePeers } from './peers.ts';
import { PROJECT } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { measureStart } from './start.ts';
import { renderTenant } from './tenant/render.ts';
import { measureTransform } from './transform.ts';

const SECTIONS: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  extract: measureExtraction,
  peers: measurePeers,
  load: measureLoad,
  night: measureNights,
  transform: measureTransform,
  memory: measureMemory,
  start: measureStart,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Share of the real volume. */
    scale: { type: 'string' },
    rounds: { type: 'string' },
    /** Names of sections, separated by commas. */
    only: { type: 'string' },
    out: { type: 'string', default: join(PROJECT, 'bench') },
  },
});

const say = (line: string) => process.stderr.write(`${line}\n`);
const { quick } = options;
const scale = Number(options.scale ?? (quick ? 0.03 : 1));
const rounds = Number(options.rounds ?? (quick ? 3 : 5));
const cache = join(PROJECT, '.local/bench');
say(`Renders the tenant at ${scale} of its volume`);
const tenant = await renderTenant(cache, { scale, rowsPerPage: quick ? 1000 : 5000 });

const work = join(cache, 'work');
const loaded = join(work, 'loaded');
await rm(work, { recursive: true, force: true });
const sections: Section[] = [];
const date = new Date().toISOString().slice(0, 10);
const machine = machineFacts();
const volume = {
  scale,
  rows: tenant.entities.reduce((total, { rows }) => total + rows, 0),
  megabytes: tenant.entities.reduce((total, { bytes }) => total + bytes, 0) / 1e6,
};
await mkdir(options.out, { recursive: true });
for (const name of options.only?.split(',') ?? Object.keys(SECTIONS)) {
  const measure = SECTIONS[name];
  if (!measure) throw new Error(`There is no section ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
  const started = performance.now();
  say(name);
  const folder = join(work, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  sections.push(await measure({ tenant, quick, rounds, folder, cache, loaded, say }));
  await rm(folder, { recursive: true, force: true });
  // After each section, so that a run that is stopped leaves what it has.
  await writeResults();
  say(`  took ${Math.round((performance.now() - started) / 1000)} s`);
}
say(`Results in ${join(options.out, 'results.md')}`);

async function writeResults(): Promise<void> {
  const results: Results = { date, mode: quick ? 'quick' : 'whole', machine, tenant: volume, sections };
  await writeFile(join(options.out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(options.out, 'results.md'), resultsMarkdown(results));
}
