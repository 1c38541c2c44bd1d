import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import PQueue from 'p-queue';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../bench/scale/fleet.ts';
import { nightOf, ROWS_PER_PAGE } from '../../bench/scale/night.ts';
import { type Chain, mostInASecond, paced } from '../../bench/scale/pace.ts';
import { DURATIONS, fleetOf, SCENARIOS, scalePage, tenantSizes } from '../../bench/scale/scenarios.ts';
import { entities } from '../../schemas/entities.ts';

const chain = fc.record({
  calls: fc.integer({ min: 0, max: 12 }),
  callMs: fc.integer({ min: 1, max: 3000 }),
  loadMs: fc.integer({ min: 0, max: 3000 }),
});
const pace = fc.record({
  callsPerSecond: fc.integer({ min: 1, max: 60 }),
  callsAtATime: fc.integer({ min: 1, max: 22 }),
});
const calls = (chains: readonly Chain[]) => chains.reduce((sum, one) => sum + one.calls, 0);

describe('the simulated API calls of a nightly run', () => {
  test('the simulation makes each API call once and in order, and the last answer ends the run', () => {
    fc.assert(
      fc.property(fc.array(chain, { maxLength: 25 }), pace, (chains, limits) => {
        const { starts, endMs } = paced(chains, limits);
        expect(starts).toHaveLength(calls(chains));
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        for (const { calls: count, callMs, loadMs } of chains) {
          expect(endMs).toBeGreaterThanOrEqual(count * callMs + loadMs);
        }
      }),
    );
  });

  test('the simulation never exceeds the calls per second, so the rate limit bounds the time from below', () => {
    fc.assert(
      fc.property(fc.array(chain, { maxLength: 25 }), pace, (chains, limits) => {
        const { starts, endMs } = paced(chains, limits);
        expect(mostInASecond(starts)).toBeLessThanOrEqual(limits.callsPerSecond);
        const fullSeconds = Math.ceil(calls(chains) / limits.callsPerSecond) - 1;
        expect(endMs).toBeGreaterThanOrEqual(fullSeconds * 1000);
      }),
    );
  });

  test('the simulation never exceeds the concurrent calls, so their sum bounds the time from below', () => {
    fc.assert(
      fc.property(fc.array(chain, { maxLength: 25 }), pace, (chains, limits) => {
        const work = chains.reduce((sum, one) => sum + one.calls * one.callMs + one.loadMs, 0);
        expect(paced(chains, limits).endMs).toBeGreaterThanOrEqual(work / limits.callsAtATime);
      }),
    );
  });

  test('the real queue starts no API call earlier than the simulation', async () => {
    const limits = { callsPerSecond: 4, callsAtATime: 3 };
    const chains = [3, 1, 4, 2].map((count) => ({ calls: count, callMs: 100, loadMs: 0 }));
    const queue = new PQueue({ concurrency: 3, intervalCap: 4, interval: 1000, strict: true });
    const side = new PQueue({ concurrency: 3 });
    const began = performance.now();
    const real: number[] = [];
    await Promise.all(
      chains.map((one) =>
        side.add(async () => {
          for (let call = 0; call < one.calls; call++) {
            await queue.add(async () => {
              real.push(performance.now() - began);
              await setTimeout(one.callMs);
            });
          }
        }),
      ),
    );
    const { starts } = paced(chains, limits);
    expect(real).toHaveLength(starts.length);
    // Timers may be a little early, and a busy machine is late.
    for (const [index, start] of starts.entries()) expect(real[index]).toBeGreaterThan(start - 50);
  });
});

test('a simulated nightly run calls each entity once and once more per further page', () => {
  const quiet = nightOf({ size: 1, fraction: 0 }, { callsPerSecond: 10, callsAtATime: 5 }, DURATIONS);
  expect(quiet.starts).toHaveLength(entities.length + 1);
  expect(quiet.loadJobs).toBe(1);
  const first = nightOf({ size: 1, fraction: 1 }, { callsPerSecond: 10, callsAtATime: 5 }, DURATIONS);
  // The benchmark's first run at the real volume counted 353 calls; since then a night also reads 20 pages of receipts.
  expect(ROWS_PER_PAGE).toBe(5000);
  expect(first.starts).toHaveLength(373);
  // The measured tenant has records of sixteen entities.
  expect(first.loadJobs).toBe(16);
});

describe('the simulated fleet of tenants', () => {
  const [usual] = SCENARIOS;
  const fleet = {
    ...fleetOf(usual as (typeof SCENARIOS)[0], tenantSizes(50, 1)),
    jobsAtATime: 7,
    modelsAtATime: 3,
  };

  test('the simulated fleet runs each tenant once with its steps in order', () => {
    const times = simulate(fleet);
    expect(times).toHaveLength(50);
    for (const [index, { beganMs, firstCallMs, readMs, modelsMs, endedMs }] of times.entries()) {
      const night = fleet.nights[index];
      expect(firstCallMs).toBe(beganMs + fleet.startMs);
      expect(readMs).toBeCloseTo(firstCallMs + (night?.readMs ?? 0), 3);
      expect(modelsMs).toBeGreaterThanOrEqual(readMs);
      expect(endedMs).toBe(modelsMs + (night?.modelMs ?? 0));
    }
  });

  test('the simulated fleet never runs more jobs or models at a time than allowed', () => {
    const times = simulate(fleet);
    const most = (from: readonly number[], to: readonly number[]) =>
      Math.max(...from.map((at) => from.filter((one, i) => one <= at && (to[i] ?? 0) > at).length));
    const ended = times.map(({ endedMs }) => endedMs);
    expect(
      most(
        times.map(({ beganMs }) => beganMs),
        ended,
      ),
    ).toBe(7);
    expect(
      most(
        times.map(({ modelsMs }) => modelsMs),
        ended,
      ),
    ).toBe(3);
  });

  test('a tenant of the simulated fleet waits for nothing when there is room for all', () => {
    const free = simulate({ ...fleet, jobsAtATime: 50, modelsAtATime: 50 });
    for (const [index, { endedMs }] of free.entries()) {
      const { readMs = 0, modelMs = 0 } = fleet.nights[index] ?? {};
      expect(endedMs).toBe(fleet.startMs + readMs + modelMs);
    }
  });
});

test('docs/scale.md holds the results of the simulation', () => {
  expect(readFileSync('docs/scale.md', 'utf8')).toContain(scalePage());
});
