import { beforeAll, describe, expect, test } from 'vitest';
import { compileProject, type Graph } from '../../engine/compile.ts';
import { PROJECT } from '../e2e/command.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await compileProject(PROJECT, {});
});

/** A job writes at most so many: https://cloud.google.com/bigquery/quotas#partitioned_tables */
const PARTITIONS_PER_JOB = 4000;
const IN_A_CENTURY = { day: 36_525, month: 1200, year: 100 };

describe('models that are partitioned in BigQuery', () => {
  test('a partitioned model stays within the partitions of one job for a century', () => {
    const partitioned = graph.tables.flatMap(({ target, bigquery }) =>
      bigquery?.partitionBy === undefined ? [] : [{ name: target.name, by: bigquery.partitionBy }],
    );
    expect(partitioned.map(({ name }) => name).sort()).toEqual([
      ...['daily_kpis', 'kpi_snapshots', 'weekly_kpi_history'],
    ]);
    const periodOf = (by: string) => /^date_trunc\(\w+, (month|year)\)$/.exec(by)?.[1] ?? 'day';
    const count = (by: string) => IN_A_CENTURY[periodOf(by) as keyof typeof IN_A_CENTURY];
    expect(partitioned.filter(({ by }) => count(by) >= PARTITIONS_PER_JOB)).toEqual([]);
  });
});

test('a full refresh rebuilds no model whose past cannot be computed again', () => {
  const incremental = graph.tables.filter(({ type }) => type === 'incremental');
  expect(incremental.map(({ target }) => target.name).sort()).toEqual([
    'kpi_snapshots',
    'weekly_kpi_history',
  ]);
  expect(incremental.filter((model) => model.protected !== true)).toEqual([]);
});
