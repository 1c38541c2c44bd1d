import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { MEMORY_LIMIT } from '../extract/load/duckdb/open.ts';
import { entities } from '../schemas/entities.ts';
import { filesOf, pipelineCommand } from './command.ts';
import { type NightTimeline, usePerPhase, withTimeline } from './cores.ts';
import { type Figure, type Sample, spread, type Target } from './measure.ts';
import { type Ended, measured, type ServerProcess, startServer } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { memoryOf } from './speed.ts';
import { lastReceipts, type PHASES, phasesOf, type Receipts } from './stages.ts';

interface Night extends Receipts, NightTimeline {
  readonly ended: Ended;
}

interface FloorNight extends NightTimeline {
  readonly sample: Sample;
}

interface Round {
  readonly floor: FloorNight;
  readonly first: Night;
  readonly usual: Night;
  readonly still: Night;
}

/** No round begins after this time. A slow pipeline is measured fewer times; n in the results shows it. */
const BUDGET_SECONDS = { quick: 40, whole: 1_800 };

/** The picture of the timelines, beside the results. */
const PICTURE = 'night-cores.svg';

const TITLES = {
  floor: 'floor of a first night',
  first: 'first night',
  usual: 'night with 0.5 % changed',
  still: 'no-change night',
} as const satisfies Record<keyof Round, string>;

/** Nightly runs from the command line: the first one, one without changes, and one with 0.5 % of the records changed. */
export async function measureNights(bench: Bench): Promise<Section> {
  const server = await startServer(bench.tenant);
  const changed = await startServer(bench.tenant, { withChanges: true });
  const rounds: Round[] = [];
  const started = performance.now();
  const budget = bench.quick ? BUDGET_SECONDS.quick : BUDGET_SECONDS.whole;
  try {
    for (let round = 0; round < bench.rounds && !(round > 0 && since(started) > budget); round++) {
      const folder = join(bench.folder, String(round));
      const night = (of: ServerProcess) => nightOf(bench, of, folder);
      const floorFirst = round % 2 === 0 ? await floorNightOf(bench, server) : undefined;
      const first = await night(server);
      const floor = floorFirst ?? (await floorNightOf(bench, server));
      const still = await night(server);
      const usual = await night(changed);
      rounds.push({ floor, first, usual, still });
      await rm(bench.loaded, { recursive: true, force: true });
      await rename(folder, bench.loaded);
    }
  } finally {
    await server.close();
    await changed.close();
  }
  const each = (name: 'first' | 'still' | 'usual') => rounds.map((round) => round[name]);
  const floors = rounds.map(({ floor }) => floor.sample);
  return {
    id: 'night',
    title: 'Whole nights',
    text: `\`npm run nightly\` in a process of its own, with its start, all entities, the models, the assertions and the report, at 60 calls a second. The changed night has one record of two hundred changed. Three screen values are off, and each night explains them. "Floor" is the floor of a whole first night, right before or after the first night: it reads the same feeds and lists, cuts, compresses and writes, reads the pages into typed raw tables and builds the same models, within 384MB of DuckDB, which the pipeline has once all is read (before that ${MEMORY_LIMIT}). It checks nothing, hashes nothing, compares with nothing stored, and has no assertions and no report; its start is not counted.`,
    figures: [
      ...nightFigures('first', TITLES.first, each('first'), { atMost: 60 }),
      {
        id: 'night/floor',
        label: TITLES.floor,
        unit: 's',
        value: spread(floors.map(({ seconds }) => seconds)),
      },
      ...memoryOf('night/floor/rss', TITLES.floor, floors),
      {
        id: 'night/first/floor',
        label: 'first night, in times of the floor',
        unit: '×',
        value: spread(rounds.map(({ first, floor }) => first.ended.seconds / floor.sample.seconds)),
        target: { atMost: 1.3 },
        note: 'lower is better',
      },
      ...nightFigures('still', TITLES.still, each('still'), { atMost: 2.5 }),
      callsFigure(each('still')),
      ...nightFigures('usual', TITLES.usual, each('usual'), { atMost: 6 }),
      {
        id: 'night/usual/added',
        label: `${TITLES.usual}: versions added`,
        unit: 'rows',
        value: spread(each('usual').map(({ added }) => added)),
      },
    ],
    ...(await coresOf(bench, rounds)),
  };
}

async function nightOf(bench: Bench, server: ServerProcess, folder: string): Promise<Night> {
  const { result: ended, timeline } = await withTimeline(server.pid, (onStart) =>
    pipelineCommand(['nightly', '--json'], { url: server.url, folder, onStart }),
  );
  bench.log(`  night: ${ended.seconds.toFixed(1)} s`);
  const receipts = await lastReceipts(filesOf(folder).database);
  return { ended, timeline, phases: phasesOf(ended.stderr, ended), ...receipts };
}

async function floorNightOf(bench: Bench, server: ServerProcess): Promise<FloorNight> {
  const folder = join(bench.folder, 'floor');
  await mkdir(folder, { recursive: true });
  const { database, landing } = filesOf(folder);
  const names = entities.map(({ name }) => name);
  const settings = { url: server.url, entities: names, folder: landing, database };
  const { result: sample, timeline } = await withTimeline(server.pid, (onStart) =>
    measured('floor night', settings, { onStart }),
  );
  bench.log(`  floor night: ${sample.seconds.toFixed(1)} s`);
  await rm(folder, { recursive: true });
  return { sample, timeline, phases: sample.phases ?? [] };
}

function nightFigures(
  id: string,
  label: string,
  nights: readonly Night[],
  target?: Target,
): readonly Figure[] {
  const seconds = (...names: (typeof PHASES)[number][]) =>
    spread(
      nights.map(({ phases }) =>
        phases.reduce(
          (sum, phase) => sum + (names.some((name) => name === phase.name) ? phase.seconds : 0),
          0,
        ),
      ),
    );
  return [
    {
      id: `night/${id}`,
      label,
      unit: 's',
      value: spread(nights.map(({ ended }) => ended.seconds)),
      ...(target && { target }),
    },
    {
      id: `night/${id}/extract`,
      label: `${label}: extract and load`,
      unit: 's',
      value: seconds('read', 'load'),
    },
    {
      id: `night/${id}/transform`,
      label: `${label}: start, models, assertions, report`,
      unit: 's',
      value: seconds('start', 'models'),
    },
    {
      id: `night/${id}/calls`,
      label: `${label}: calls`,
      unit: 'calls',
      value: spread(nights.map(({ calls }) => calls.reduce((total, { calls: n }) => total + n, 0))),
    },
    ...memoryOf(
      `night/${id}/rss`,
      label,
      nights.map(({ ended }) => ended),
    ).map((figure) => (id === 'first' ? { ...figure, target: { atMost: 537 }, note: '512 MiB' } : figure)),
  ];
}

/** The calls of the entity with the most calls. */
function callsFigure(nights: readonly Night[]): Figure {
  const most = nights.map(({ calls }) => Math.max(...calls.map(({ calls: n }) => n)));
  return {
    id: 'night/still/calls-per-entity',
    label: 'no-change night: most calls of an entity',
    unit: 'calls',
    value: spread(most),
    target: { atMost: 2 },
  };
}

/** Draws the round with the median first night, and sums up all rounds; nothing on systems without `/proc`. */
async function coresOf(bench: Bench, rounds: readonly Round[]): Promise<Pick<Section, 'cores'>> {
  const names = Object.keys(TITLES) as (keyof Round)[];
  const byFirst = rounds.toSorted((a, b) => a.first.ended.seconds - b.first.ended.seconds);
  const median = byFirst[Math.floor((byFirst.length - 1) / 2)];
  if (!median || names.some((name) => median[name].timeline.slices.length === 0)) return {};
  const { coresPicture } = await import('./cores-picture.ts');
  const nights = names.map((name) => ({ title: TITLES[name], ...median[name] }));
  await writeFile(join(bench.out, PICTURE), coresPicture(nights, availableParallelism()));
  const rows = names.flatMap((name) =>
    usePerPhase(
      TITLES[name],
      rounds.map((round) => round[name]),
    ),
  );
  return { cores: { picture: PICTURE, rows } };
}

function since(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}
