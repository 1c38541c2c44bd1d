import { expect, test } from 'vitest';
import { runSchedule } from './run-schedule.ts';
import { scheduleOf } from './schedule.ts';

/** Marts are built in each night of one schedule in so many; they take longer than all the rest of it. */
const MART_EVERY = 7;

/** The schedules of one of `parts` files, or the one that `--seed` names. */
export function schedules(part: number, parts: number): void {
  const only = process.env.FAULTS_SEED;
  const count = Number(process.env.FAULTS_SCHEDULES ?? 200);
  const all = only === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(only)];
  const seeds = all.filter((_, index) => index % parts === part);
  if (seeds.length === 0) {
    test('has no schedule this time', () => expect(all).toHaveLength(only === undefined ? count : 1));
    return;
  }
  test.each(seeds)('seed %i', async (seed) => {
    const schedule = scheduleOf(seed);
    if (only !== undefined) console.log(JSON.stringify(schedule, null, 2));
    const differences = await runSchedule(schedule, {
      withMart: only !== undefined || seed % MART_EVERY === 0,
    });
    const replay = `seed ${seed}; replay it with: npm run test:faults -- --seed ${seed}`;
    expect(differences, [replay, ...differences].join('\n')).toEqual([]);
  });
}
