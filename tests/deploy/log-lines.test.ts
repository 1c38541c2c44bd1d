import { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgress } from '../../app/cli/live-progress.ts';
import type { CommandContext } from '../../app/pipeline/context.ts';
import type { NightSummary } from '../../app/pipeline/progress.ts';
import type { ActionResult } from '../../engine/action-result.ts';
import { logFilter, valuesAt } from './log-filter.ts';
import { readConfiguration } from './terraform.ts';

interface Counter {
  readonly filter: string;
  readonly labels: Readonly<Record<string, string>>;
}

let counters: Readonly<Record<string, Counter>> = {};
let fields: readonly string[] = [];
beforeAll(async () => {
  const { locals } = await readConfiguration();
  counters = Object.fromEntries(
    Object.entries(locals.counters as Record<string, Counter>).map(([name, { filter, labels }]) => [
      name,
      { filter: filter.replaceAll('\\"', '"'), labels },
    ]),
  );
  fields = Object.values(locals.distributions as Record<string, { field: string }>).map(({ field }) => field);
});

/** The entries that Cloud Logging receives: the lines of a run without a terminal. */
function linesOf(work: (progress: ReturnType<typeof createProgress>) => void) {
  const chunks: string[] = [];
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  const context = { stderr, now: () => new Date('2025-10-27T09:00:00Z') } as unknown as CommandContext;
  work(createProgress(context, 'info'));
  const lines = chunks.join('').split('\n').filter(Boolean);
  return lines.map((line) => ({ jsonPayload: JSON.parse(line) as Record<string, unknown> }));
}

/** The counters that count these lines, with their labels. */
function counted(work: (progress: ReturnType<typeof createProgress>) => void): readonly string[] {
  return linesOf(work).flatMap((entry) =>
    Object.entries(counters)
      .filter(([, { filter }]) => logFilter(filter)(entry))
      .map(([name, { labels }]) =>
        [name, ...Object.values(labels).flatMap((field) => valuesAt(entry, field))].join(' '),
      ),
  );
}

const NIGHT: NightSummary = {
  ...{ runDate: '2025-10-27', status: 'success', verdict: 'YELLOW', seconds: 12.5 },
  ...{ calls: 61, retries: 2, bytes: 1_048_576, newRows: 1234 },
};

const assertion = (change: Partial<ActionResult>): ActionResult => ({
  ...{
    name: 'assert_units_mapped',
    file: 'definitions/assertions/assert_units_mapped.sqlx',
    kind: 'assertion',
  },
  ...{ tags: [], status: 'failed', seconds: 0.1, rows: 3 },
  ...change,
});

describe('the log-based metrics', () => {
  it('the log-based metrics count a nightly run with its verdict and read its figures', () => {
    expect(counted((progress) => progress.night(NIGHT))).toEqual(['night success YELLOW']);
    const [entry = {}] = linesOf((progress) => progress.night(NIGHT));
    expect(fields.map((field) => valuesAt(entry, `jsonPayload.${field}`))).toEqual(
      expect.arrayContaining([[12.5], [61], [1_048_576], [1234]]),
    );
  });

  it('the log-based metrics count each entity as loaded or failed, by name', () => {
    const receipt = {
      ...{ entity: 'jobs', runId: 'r', source: null, read: 0, landed: 0, rejected: 0, loaded: 0, visible: 0 },
      ...{ new: 0, reverted: 0 },
    };
    expect(counted((progress) => progress.extract({ type: 'done', entity: 'jobs', receipt }))).toEqual([
      'entity_loaded jobs',
    ]);
    expect(
      counted((progress) => progress.extract({ type: 'failed', entity: 'payments', error: '403' })),
    ).toEqual(['entity_failed payments']);
  });

  it('the log-based metrics count an assertion that is RED, failed to run or was skipped', () => {
    for (const status of ['failed', 'skipped'] as const)
      expect(counted((progress) => progress.transform(assertion({ status })))).toEqual([
        'red_assertion assert_units_mapped',
      ]);
    const broken = assertion({ tags: ['warning'], error: 'no such column' });
    expect(counted((progress) => progress.transform(broken))).toEqual(['red_assertion assert_units_mapped']);
  });

  it('the log-based metrics ignore an assertion that passed and a warning that found rows', () => {
    expect(counted((progress) => progress.transform(assertion({ status: 'passed', rows: 0 })))).toEqual([]);
    expect(counted((progress) => progress.transform(assertion({ tags: ['warning'] })))).toEqual([]);
  });

  it('the log-based metrics count a model that failed and ignore the models skipped after it', () => {
    const model = assertion({ name: 'daily_kpis', kind: 'table', error: 'no such column' });
    expect(counted((progress) => progress.transform(model))).toEqual(['model_failed daily_kpis']);
    expect(counted((progress) => progress.transform({ ...model, status: 'skipped' }))).toEqual([]);
  });

  it('the log-based metrics ignore progress lines such as pages, retries and rejected records', () => {
    expect(
      counted((progress) => {
        progress.say('Reading tenant 1 of ServiceTitan.');
        progress.extract({ type: 'phase', entity: 'jobs', phase: 'reading' });
        progress.extract({ type: 'page', entity: 'jobs', pages: 1, rows: 50, bytes: 1000 });
        progress.extract({ type: 'retry', entity: 'jobs', delayMs: 10, reason: '429' });
        progress.extract({ type: 'rejected', entity: 'jobs', rows: 1, reasons: {} });
      }),
    ).toEqual([]);
  });
});
