import { expect, test } from 'vitest';
import { interleaved, type Sample, spread, timesFaster, timesLessCpu } from '../../bench/measure.ts';

const sample = (seconds: number, cpuSeconds = seconds): Sample => ({
  seconds,
  cpuSeconds,
  rows: 1,
  bytes: 1,
});

test('the spread of a benchmark is its median with minimum and maximum', () => {
  expect(spread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5, n: 3 });
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4, n: 4 });
  expect(() => spread([])).toThrow(RangeError);
});

test('each benchmark round starts with another contender', async () => {
  const order: string[] = [];
  const contender = (name: string) => async () => {
    order.push(name);
    return sample(1);
  };
  await interleaved(3, { a: contender('a'), b: contender('b'), c: contender('c') }, () => {});
  expect(order.join('')).toBe('abcbcacab');
});

test('benchmark ratios compare runs of the same round', () => {
  const ours = [sample(1, 2), sample(10, 20)];
  const theirs = [sample(4, 2), sample(20, 10)];
  // 4 and 2 times faster by round; over all rounds together it would be 24 / 11.
  expect(timesFaster(ours, theirs)).toEqual({ median: 3, min: 2, max: 4, n: 2 });
  expect(timesLessCpu(ours, theirs)).toEqual({ median: 0.75, min: 0.5, max: 1, n: 2 });
});
