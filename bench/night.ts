import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { entities } from '../schemas/entities.ts';
import { filesOf, pipelineCommand } from './command.ts';
import { type Figure, spread, type Target } from './measure.ts';
import { type Ended, measured, startServer } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { memoryOf } from './speed.ts';
import { lastReceipts, type Receipts, stagesOf } from './stages.ts';

interface Night extends Receipts {
  readonly ended: Ended;
}

/** No round begins after this time. A slow pipeline is measured fewer times; n in the results shows it. */
const BUDGET_SECONDS = { quick: 40, whole: 900 };

/** Nightly runs from the command line: the first one, one without changes, and one with 0.5 % of the records changed. */
export async function measureNights(bench: Bench): Promise<Section> {
  const server = await startServer(bench.tenant);
  const changed = await startServer(bench.tenant, { withChanges: true });
  const nights: { first: Night; still: Night; usual: Night; floorSeconds: number }[] = [];
  const started = performance.now();
  const budget = bench.quick ? BUDGET_SECONDS.quick : BUDGET_SECONDS.whole;
  try {
    for (let round = 0; round < bench.rounds && !(round > 0 && since(started) > budget); round++) {
      const folder = join(bench.folder, String(round));
      const night = async (url: string): Promise<Night> => {
        const ended = await pipelineCommand(['nightly', '--json'], { url, folder });
        bench.log(`  night: ${ended.seconds.toFixed(1)} s`);
        return { ended, ...(await lastReceipts(filesOf(folder).database)) };
      };
      const floorSeconds = await floorOf(bench, server.url);
      const first = await night(server.url);
      const still = await night(server.url);
      const usual = await night(changed.url);
      nights.push({ first, still, usual, floorSeconds });
      await rm(bench.loaded, { recursive: true, force: true });
      await rename(folder, bench.loaded);
    }
  } finally {
    await server.close();
    await changed.close();
  }
  const each = (name: 'first' | 'still' | 'usual') => nights.map((round) => round[name]);
  return {
    id: 'night',
    title: 'Whole nights',
    text: `\`npm run nightly\` in a process of its own, with its start, all entities, the models, the assertions and the report, at 60 calls a second. The changed night has one record of two hundred changed. "Floor" is the floor program over all feeds, right before the first night.`,
    figures: [
      ...nightFigures('first', 'first night', each('first'), { atMost: 60 }),
      {
        id: 'night/first/floor',
        label: 'first night, in times of the floor over the same pages',
        unit: '×',
        value: spread(nights.map(({ first, floorSeconds }) => first.ended.seconds / floorSeconds)),
        note: 'lower is better',
      },
      ...nightFigures('still', 'no-change night', each('still'), { atMost: 5 }),
      callsFigure(each('still')),
      ...nightFigures('usual', 'night with 0.5 % changed', each('usual')),
      {
        id: 'night/usual/added',
        label: 'night with 0.5 % changed: versions added',
        unit: 'rows',
        value: spread(each('usual').map(({ added }) => added)),
      },
    ],
  };
}

function nightFigures(
  id: string,
  label: string,
  nights: readonly Night[],
  target?: Target,
): readonly Figure[] {
  const stages = nights.map(({ ended }) => stagesOf(ended.stderr, ended.seconds));
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
      value: spread(stages.map(({ extract }) => extract)),
    },
    {
      id: `night/${id}/transform`,
      label: `${label}: start, models, assertions, report`,
      unit: 's',
      value: spread(stages.map(({ transform }) => transform)),
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

async function floorOf(bench: Bench, url: string): Promise<number> {
  const folder = join(bench.folder, 'floor');
  await mkdir(folder, { recursive: true });
  const feeds = entities.filter((entity) => entity.export !== undefined).map(({ name }) => name);
  const { seconds } = await measured('floor', { url, entities: feeds, folder, database: '' });
  await rm(folder, { recursive: true });
  return seconds;
}

function since(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}
