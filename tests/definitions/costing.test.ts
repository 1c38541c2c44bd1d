import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileProject } from '../../engine/compile.ts';
import { inDependencyOrder } from '../../engine/googlesql/resolve-query.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { built, type Model, translated } from '../engine/models.ts';
import { randomTenant } from '../engine/random-tenant.ts';
import { COSTING } from './mutations/costing.ts';
import { type Mutation, mutate } from './mutations/mutation.ts';
import { COLUMNS, nano, recomputedCosting, type Settings } from './recomputed-costing.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const DEFAULT: Settings = { costing_source: 'purchase_orders', costing_tax: 'on' };
const SETTINGS = (['purchase_orders', 'receipts', 'bills'] as const).flatMap((costing_source) =>
  (['on', 'off'] as const).map((costing_tax) => ({ costing_source, costing_tax })),
);
let engine: GoogleSql;
let compared = 0;

beforeAll(async () => {
  engine = await startGoogleSql();
});
afterAll(() => {
  engine.close();
  console.log(`int_job_costing: ${compared} cells of random tenants computed again, 0 differ`);
});

/** The models that int_job_costing is made of, in their order, as SQL for DuckDB. */
async function modelsOf(settings: Settings, mutation?: Mutation): Promise<readonly Model[]> {
  const graph = await compileProject(process.cwd(), { ...settings });
  const { tables } = mutation ? mutate(graph, mutation).graph : graph;
  const needed = new Set(['int_job_costing']);
  const ordered = inDependencyOrder(tables);
  for (const { target, dependencyTargets = [] } of ordered.toReversed())
    if (needed.has(target.name)) for (const { name } of dependencyTargets) needed.add(name);
  return translated(
    engine,
    ordered.filter(({ target }) => needed.has(target.name)),
  );
}

/** Cells of int_job_costing that the models and the computation from raw rows do not agree on. */
async function differing(models: readonly Model[], seed: number, settings: Settings) {
  const rows = randomTenant(seed);
  const duckdb = await built(models, rows);
  const cells = COLUMNS.map((column) => `CAST(${column} AS VARCHAR) AS ${column}`);
  const read = await duckdb.runAndReadAll(
    `SELECT CAST(job_id AS VARCHAR) AS job_id, ${cells.join(', ')} FROM int_job_costing`,
  );
  duckdb.closeSync();
  const expected = recomputedCosting(rows, settings);
  const found = new Map(read.getRowObjectsJson().map((row) => [String(row.job_id), row]));
  expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  return [...expected].flatMap(([job, amounts]) =>
    COLUMNS.flatMap((column) => {
      const ours = nano(found.get(job)?.[column] as string);
      return ours === amounts[column] ? [] : [`${job} ${column}: ${ours} instead of ${amounts[column]}`];
    }),
  );
}

describe('int_job_costing equals what raw rows give without SQL, on random tenants', () => {
  test.each(SETTINGS)('costing_source = $costing_source, costing_tax = $costing_tax', async (settings) => {
    const models = await modelsOf(settings);
    for (const seed of SEEDS) {
      expect(await differing(models, seed, settings)).toEqual([]);
      compared += recomputedCosting(randomTenant(seed), settings).size * COLUMNS.length;
    }
  });
});

describe('wrong definitions of columns of int_job_costing', () => {
  test.each(
    COSTING.map((mutation) => [mutation.name, mutation] as const),
  )('a wrong definition gives other amounts than the raw rows: %s', async (_, mutation) => {
    const models = await modelsOf(DEFAULT, mutation);
    let found: readonly string[] = [];
    for (const seed of SEEDS) {
      if (found.length === 0) found = await differing(models, seed, DEFAULT);
    }
    expect(found).not.toEqual([]);
  });
});

test('the random tenants have an amount in every column', () => {
  const amounts = SEEDS.flatMap((seed) => [...recomputedCosting(randomTenant(seed), DEFAULT).values()]);
  const empty = COLUMNS.filter((column) => amounts.every((of) => of[column] === 0n));
  expect(empty).toEqual([]);
});
