import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../base/errors.ts';
import { measureExtraction } from './extract.ts';
import { measureLoad } from './load.ts';
import { describeMachine, loadAverage } from './machine.ts';
import { type MeasuredSection, type Results, resultsMarkdown } from './markdown.ts';
import { measureMemory } from './memory.ts';
import { measureNights } from './night.ts';
import { measurePages } from './pages.ts';
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
  pages: measurePages,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Fraction of the real volume. */
    scale: { type: 'string' },
    rounds: { type: 'string' },
    /** Names of sections, separated by commas. Earlier results of other sections are kept. */
    only: { type: 'string' },
    /** Folder for results.json and results.md. Only runs at the whole volume write the committed ones by default. */
    out: { type: 'string' },
    /** Folder for rendered tenants and for the packages of the compared tools. */
    cache: { type: 'string', default: join(PROJECT, '.local/bench') },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (options.help) {
  process.stdout.write(`Usage: npm run bench -- [options]

  --quick          at 3 % of the real volume, in a few minutes
  --only NAMES     some sections; the results of others are kept: ${Object.keys(SECTIONS).join(', ')}
  --scale NUMBER   a fraction of the real volume
  --rounds NUMBER  how often each figure is measured
  --out FOLDER     where results.json and results.md go
  --cache FOLDER   where the tenant and the compared tools are kept
`);
  process.exit();
}

const log = (line: string) => process.stderr.write(`${line}\n`);
const { quick, cache } = options;
const scale = positive('scale', options.scale ?? (quick ? '0.03' : '1'));
const rounds = positive('rounds', options.rounds ?? (quick ? '2' : '5'));
const names = options.only?.split(',') ?? Object.keys(SECTIONS);
const unknown = names.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  const choice = `The sections are ${Object.keys(SECTIONS).join(', ')}.`;
  throw new UsageError([`There is no section ${unknown.join(', ')}`], choice);
}
const out = options.out ?? (!quick && scale === 1 ? join(PROJECT, 'bench') : cache);
log(`Renders the tenant at ${scale} of the real volume`);
const tenant = await renderTenant(cache, { scale, rowsPerPage: quick ? 1000 : 5000 });

const work = join(cache, 'work');
const loaded = join(work, 'loaded');
await rm(work, { recursive: true, force: true });
const mode = quick ? 'quick' : 'whole';
const machine = describeMachine();
const volume = {
  scale,
  rows: tenant.entities.reduce((total, { rows }) => total + rows, 0),
  megabytes: tenant.entities.reduce((total, { bytes }) => total + bytes, 0) / 1e6,
};
await mkdir(out, { recursive: true });
let sections = options.only === undefined ? [] : await earlierSections();
for (const name of names) {
  const measure = SECTIONS[name];
  if (!measure) continue;
  const started = performance.now();
  log(name);
  const folder = join(work, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const loadBefore = loadAverage();
  const section = await measure({ tenant, quick, rounds, folder, cache, out, loaded, log });
  await rm(folder, { recursive: true, force: true });
  const date = new Date().toISOString().slice(0, 10);
  const seconds = Math.round((performance.now() - started) / 1000);
  sections = inOrder([
    ...sections.filter(({ id }) => id !== section.id),
    { ...section, date, seconds, loadBefore },
  ]);
  // Write after each section, so that a run that is stopped keeps its results.
  await writeResults();
  log(`  took ${seconds} s`);
}
log(`Results in ${join(out, 'results.md')}`);

/** The sections in the existing results, unless they were measured on another machine or at another volume. */
async function earlierSections(): Promise<readonly MeasuredSection[]> {
  const file = join(out, 'results.json');
  if (!existsSync(file)) return [];
  const before = JSON.parse(await readFile(file, 'utf8')) as Results;
  const setting = ({ mode, machine, tenant }: Omit<Results, 'sections'>) =>
    JSON.stringify([mode, machine, tenant]);
  return setting(before) === setting({ mode, machine, tenant: volume }) ? before.sections : [];
}

function inOrder(measured: readonly MeasuredSection[]): readonly MeasuredSection[] {
  const place = ({ id }: Section) => Object.keys(SECTIONS).indexOf(id);
  return measured.toSorted((a, b) => place(a) - place(b));
}

async function writeResults(): Promise<void> {
  const results: Results = { mode, machine, tenant: volume, sections };
  await writeFile(join(out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(out, 'results.md'), resultsMarkdown(results));
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new UsageError([`--${name} ${text} is not a number above 0`]);
}
