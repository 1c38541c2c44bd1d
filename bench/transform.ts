import type { ActionResult } from '../engine/action-result.ts';
import { pipelineCommand } from './command.ts';
import { withLoaded } from './loaded.ts';
import { spread } from './measure.ts';
import type { Ended } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { memoryOf } from './speed.ts';

/** `npm run transform` on a loaded warehouse: the whole command, and each model. */
export async function measureTransform(bench: Bench): Promise<Section> {
  return withLoaded(bench, async (night) => {
    const runs: (Ended & { readonly results: readonly ActionResult[] })[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const ended = await pipelineCommand(['transform', '--json'], night);
      const results = JSON.parse(ended.stdout) as readonly ActionResult[];
      runs.push({ ...ended, results });
      bench.log(`  transform: ${ended.seconds.toFixed(2)} s`);
    }
    const names = new Set(runs.flatMap(({ results }) => results.map(({ name }) => name)));
    const byModel = [...names].map((name) => {
      const ofModel = runs.flatMap(({ results }) => results.filter((result) => result.name === name));
      return {
        name,
        kind: ofModel[0]?.kind ?? 'table',
        rows: ofModel[0]?.rows,
        value: spread(ofModel.map(({ seconds }) => seconds)),
      };
    });
    const work = runs.map(({ results }) => results.reduce((total, { seconds }) => total + seconds, 0));
    return {
      id: 'transform',
      title: 'Transform',
      text: `\`npm run transform\` on the warehouse after the first night: ${names.size} models and assertions. Two run side by side, so their sum is more than the time that passes.`,
      figures: [
        {
          id: 'transform/all',
          label: 'whole command: start, compile, analyse, run, report',
          unit: 's',
          value: spread(runs.map(({ seconds }) => seconds)),
          target: { atMost: 10 },
        },
        { id: 'transform/sum', label: 'sum of all models and assertions', unit: 's', value: spread(work) },
        ...memoryOf('transform/rss', 'whole command', runs),
        ...byModel
          .toSorted((a, b) => b.value.median - a.value.median)
          .map(({ name, kind, rows, value }) => ({
            id: `transform/${name}`,
            label: `\`${name}\` (${kind})`,
            unit: 's',
            value,
            ...(rows !== undefined && { note: `${rows} rows` }),
          })),
      ],
    };
  });
}
