import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createProgress } from '../../../app/cli/live-progress.ts';
import type { CommandContext } from '../../../app/pipeline/context.ts';
import { reportCost, withModelJobs } from '../../../app/pipeline/cost.ts';
import type { Cost, Warehouse } from '../../../extract/load/warehouse.ts';

const COST: Cost = { bytesBilled: 20_971_520, slotMs: 3_000, jobs: 12, requests: 40 };

/** The line about cost for the terminal and the entry in the log. */
function told(cost: Cost | undefined) {
  const stderr = new PassThrough();
  const context = { stderr, now: () => new Date(0) } as unknown as CommandContext;
  const warehouse = { cost: () => cost } as Warehouse;
  const lines = reportCost({ warehouse }, createProgress(context, 'info'));
  return { lines, log: String(stderr.read() ?? '') };
}

test('a BigQuery run reports its cost once on the terminal and once in the log', () => {
  const { lines, log } = told(COST);
  expect(lines).toEqual(['Cost      21 MB billed, 3 slot seconds, 12 jobs, 40 BigQuery calls']);
  expect(JSON.parse(log)).toMatchObject({ type: 'cost', ...COST });
});

test('a run on DuckDB, which bills nothing, reports no cost', () => {
  expect(told(undefined)).toEqual({ lines: [], log: '' });
});

test('the cost of a run includes the BigQuery jobs that Dataform starts', () => {
  const { warehouse, onJob } = withModelJobs({ cost: () => COST } as Warehouse);
  onJob({ bytesBilled: 10_485_760, slotMs: 500 });
  onJob({ bytesBilled: 0, slotMs: 0 });
  expect(warehouse.cost()).toEqual({ bytesBilled: 31_457_280, slotMs: 3_500, jobs: 14, requests: 40 });
});
