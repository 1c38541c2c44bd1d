import { describe, expect, test } from 'vitest';
import { createRuns, type Outcome, type Run, type Work } from '../../../app/serve/runs.ts';

const jobs: Work = { kind: 'ingest', entity: 'jobs', mode: 'incremental' };
const full: Work = { ...jobs, mode: 'full' };
const night: Work = { kind: 'nightly' };
const WELL: Outcome = { status: 'success', entities: [] };

/** A run queue in which the test decides when runs end, with a clock that the test moves. */
function controlled() {
  const started: { readonly run: Run; readonly end: (outcome?: Outcome) => Promise<void> }[] = [];
  let nth = 0;
  let nowMs = Date.parse('2025-10-27T09:00:00Z');
  const runs = createRuns({
    newRunId: () => `run-${++nth}`,
    now: () => new Date(nowMs),
    execute: (run) =>
      new Promise((resolve) => {
        const end = async (outcome = WELL) => {
          resolve(outcome);
          await runs.ended(run);
        };
        started.push({ run, end });
      }),
  });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { runs, started, pass };
}

describe('the run queue of the HTTP service', () => {
  test('the same work requested twice at once is one run', () => {
    const { runs, started } = controlled();
    const [first, second] = [runs.request(night, undefined), runs.request(night, undefined)];
    expect(second.runId).toBe(first.runId);
    expect(started).toHaveLength(1);
  });

  test('the same work requested with two idempotency keys is one run that both keys find later', async () => {
    const { runs, started, pass } = controlled();
    const first = runs.request(night, 'a');
    runs.request(night, 'b');
    await started[0]?.end();
    pass(3_600_000);
    expect(['a', 'b'].map((key) => runs.request(night, key).runId)).toEqual([first.runId, first.runId]);
    expect(started).toHaveLength(1);
  });

  test('work of another kind, entity or mode is a separate run that waits in the queue', async () => {
    const { runs, started } = controlled();
    const first = runs.request(jobs, undefined);
    const second = runs.request(full, undefined);
    const third = runs.request({ ...jobs, entity: 'invoices' }, undefined);
    expect(new Set([first, second, third].map(({ runId }) => runId)).size).toBe(3);
    expect(started.map(({ run }) => run.runId)).toEqual([first.runId]);
    expect(second.startedAt).toBeUndefined();
    // A waiting run is found as well.
    expect(runs.request(full, undefined).runId).toBe(second.runId);
    await started[0]?.end();
    expect(started.map(({ run }) => run.runId)).toEqual([first.runId, second.runId]);
  });

  test.each([
    ['9.999 s after its end is the same run', 9_999, 'run-1'],
    ['10 s after its end is a new run', 10_000, 'run-2'],
  ])('work requested again without an idempotency key %s', async (_, ms, runId) => {
    const { runs, started, pass } = controlled();
    runs.request(jobs, undefined);
    await started[0]?.end();
    pass(ms);
    expect(runs.request(jobs, undefined).runId).toBe(runId);
  });

  test('the same idempotency key returns the ended run an hour later; another key starts a new run', async () => {
    const { runs, started, pass } = controlled();
    const first = runs.request(jobs, 'a');
    await started[0]?.end();
    expect(runs.request(jobs, 'b').runId).toBe('run-2');
    pass(3_600_000);
    expect(runs.request(jobs, 'a').runId).toBe(first.runId);
  });

  test.each([
    'failed',
    'stopped',
  ] as const)('a run that %s is started again when it is requested with the same idempotency key', async (status) => {
    const { runs, started } = controlled();
    runs.request(jobs, 'a');
    await started[0]?.end({ status, entities: [], error: 'why' });
    expect(runs.request(jobs, 'a').runId).toBe('run-2');
  });

  test('an idempotency key used for different work starts a run of its own', () => {
    const { runs } = controlled();
    expect(runs.request(jobs, 'a').runId).not.toBe(runs.request(night, 'a').runId);
  });
});

test('the HTTP service remembers the last 200 runs and forgets no unfinished run', async () => {
  const { runs, started } = controlled();
  for (let nth = 0; nth < 250; nth++) {
    runs.request(jobs, String(nth));
    await started[nth]?.end();
  }
  const waiting = runs.request(night, undefined);
  expect(runs.find('run-51')).toBeUndefined();
  expect(runs.find('run-52')?.outcome).toEqual(WELL);
  expect(runs.find(waiting.runId)).toBe(waiting);
});
