import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActionResult } from '../../../engine/action-result.ts';
import { compileProject, type Graph } from '../../../engine/compile.ts';
import { resolveGraph, runGraph } from '../../../engine/duckdb/run-graph.ts';
import { type DuckdbWarehouse, openDuckdb } from '../../../extract/load/duckdb/warehouse.ts';
import { declaredTables } from '../../../schemas/columns.ts';

/** Counts the statements that the models run on DuckDB. Empty tables need the same statements as a tenant's. */
let graph: Graph;
let warehouse: DuckdbWarehouse;
let folder: string;
let first: Run;
let again: Run;

interface Run {
  readonly statements: readonly string[];
  readonly results: readonly ActionResult[];
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'statements-'));
  graph = await compileProject(process.cwd(), {});
  const datasets = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' };
  warehouse = await openDuckdb({ datasets, personalData: 'keep' }, join(folder, 'warehouse.duckdb'));
  await warehouse.prepare(declaredTables());
  const resolved = resolveGraph({ projectDir: process.cwd(), graph });
  first = await run(resolved);
  again = await run(resolved);
});
afterAll(() => {
  warehouse.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(resolved: ReturnType<typeof resolveGraph>): Promise<Run> {
  const statements: string[] = [];
  const connect = async () => {
    const connection = await warehouse.connect();
    const statement = connection.run.bind(connection);
    // Statements that read rows are counted as well.
    connection.run = (sql, ...rest) => {
      statements.push(sql);
      return statement(sql, ...rest);
    };
    return connection;
  };
  const options = { projectDir: process.cwd(), graph, connect, skipUnchanged: true };
  return { statements, results: await runGraph(options, resolved) };
}

const count = ({ statements }: Run, shape: RegExp) => statements.filter((sql) => shape.test(sql)).length;

test('newest versions are ranked once per staging model and not once per reader', () => {
  const staging = graph.tables.filter(({ query }) => query.includes('partition by raw.id'));
  expect(staging.length).toBeGreaterThan(20);
  expect(count(first, /row_number\(\) OVER \(PARTITION BY "?id/i)).toBe(staging.length);
  expect(count(again, /row_number\(\) OVER \(PARTITION BY "?id/i)).toBe(0);
});

// GoogleSQL writes PIVOT with a subquery for each column, and DuckDB makes a join of each.
test('a mart that is pivoted has no subquery for each column', () => {
  const pivoted = first.statements.filter((sql) => /max\(\(CASE WHEN/.test(sql));
  expect(pivoted.length).toBeGreaterThan(2);
  expect(first.statements.filter((sql) => /max\(\(SELECT/.test(sql))).toEqual([]);
});

test('transform writes each model once, and a second transform writes only the incremental tables', () => {
  expect(count(first, /^CREATE OR REPLACE TABLE/)).toBe(graph.tables.length);
  const incremental = graph.tables.filter(({ type }) => type === 'incremental').length;
  const written = again.statements.filter((sql) => /^(CREATE OR REPLACE|INSERT)/.test(sql));
  expect(written.filter((sql) => !/MACRO|fresh_rows/.test(sql))).toEqual([]);
  expect(written.filter((sql) => /^INSERT/.test(sql))).toHaveLength(incremental);
  const isTable = ({ kind }: ActionResult) => kind !== 'assertion';
  expect(again.results.filter((result) => isTable(result) && result.isKept)).toHaveLength(
    graph.tables.length - incremental,
  );
});

test('transform needs one statement per assertion and five per model; an unchanged model one, a kept verdict none', () => {
  const { tables, assertions } = graph;
  const failed = first.results.filter(({ kind, status }) => kind === 'assertion' && status === 'failed');
  const overhead = 40;
  expect(first.statements.length).toBeLessThanOrEqual(
    5 * tables.length + assertions.length + failed.length + overhead,
  );
  const checked = again.results.filter(({ kind, isKept }) => kind === 'assertion' && !isKept);
  expect(checked).toEqual([]);
  expect(again.statements.length).toBeLessThanOrEqual(tables.length + 2 * overhead);
});
