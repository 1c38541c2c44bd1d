import { expect, test } from 'vitest';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf } from './schedule.ts';

/** One schedule in this many also builds its marts each night, because marts take longer than everything else. */
const MART_EVERY = 7;

/** The schedules of one of `parts` files, or the one schedule that `--seed` names. */
export function schedules(part: number, parts: number): void {
  const only = process.env.FAULTS_SEED;
  const count = Number(process.env.FAULTS_SCHEDULES ?? 200);
  const all = only === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(only)];
  const seeds = all.filter((_, index) => index % parts === part);
  if (seeds.length === 0) {
    test('this file has no fault schedule to run for the chosen seed or count', () =>
      expect(all).toHaveLength(only === undefined ? count : 1));
    return;
  }
  test.each(seeds)('random fault schedule with seed %i loses and doubles no row', async (seed) => {
    const schedule = scheduleOf(seed);
    if (only !== undefined) console.log(JSON.stringify(schedule, null, 2));
    const differences = await runSchedule(schedule, {
      withMart: only !== undefined || seed % MART_EVERY === 0,
    });
    const replay = `seed ${seed}; replay it with: npm run test:faults -- --seed ${seed}`;
    expect(differences, [replay, ...differences].join('\n')).toEqual([]);
  });
}
