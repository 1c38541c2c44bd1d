import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Graph } from '../../engine/compile.ts';
import { resolveGraph } from '../../engine/duckdb/run-graph.ts';
import { keptQueries } from '../../engine/kept-queries.ts';
import type { PreparedAction } from '../../engine/prepare-graph.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kept-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['base', 'engine/sql', 'definitions', 'node_modules'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(root, 'engine/sql/generate.ts'), 'first');
});

const kept = () => keptQueries(root, 'run', root);
const FILE = 'node_modules/.cache/queries/run.json';

function graphOf(query: string): Graph {
  const table = {
    ...{ target: { schema: 'st_stage_v2', name: 'one' }, fileName: 'definitions/one.sqlx' },
    ...{ query, type: 'table', dependencyTargets: [] },
  };
  return { flags: [], tables: [table], assertions: [], operations: [], declarations: [], tests: [] };
}

/** The DuckDB SQL of a query, and whether GoogleSQL was asked for it: then the query that is kept is another object. */
async function resolve(query: string): Promise<{ sql: string | undefined; wasAsked: boolean }> {
  const queries = kept();
  const before = queries.queries.get('one');
  const [prepared] = (await resolveGraph({
    ...{ projectDir: root, graph: graphOf(query), kept: queries },
  })) as readonly [PreparedAction];
  return { sql: prepared.sql, wasAsked: queries.queries.get('one') !== before };
}

test('a query that an earlier process prepared is not asked again, and another one is', async () => {
  const first = await resolve('select 1 as n');
  expect(first).toEqual({ sql: expect.stringContaining('1'), wasAsked: true });
  expect(await resolve('select 1 as n')).toEqual({ ...first, wasAsked: false });
  expect(await resolve('select 2 as n')).toEqual({ sql: expect.stringContaining('2'), wasAsked: true });
});

test.each([
  ['a file of the engine', 'engine/sql/generate.ts'],
  ['a new file of the engine', 'engine/added.ts'],
  ['the packages', 'package.json'],
])('all queries are asked again after a change of %s', async (_, file) => {
  await resolve('select 1 as n');
  writeFileSync(join(root, file), '{"changed": true}');
  expect(kept().queries.size).toBe(0);
  expect((await resolve('select 1 as n')).wasAsked).toBe(true);
  expect(kept().queries.size).toBe(1);
});

test('a damaged file costs only time', async () => {
  await resolve('select 1 as n');
  const text = readFileSync(join(root, FILE), 'utf8');
  writeFileSync(join(root, FILE), text.slice(0, text.length / 2));
  expect((await resolve('select 1 as n')).wasAsked).toBe(true);
  expect(readFileSync(join(root, FILE), 'utf8')).toBe(text);
});

test('a query that is refused is not kept', async () => {
  writeFileSync(join(root, 'definitions/one.sqlx'), 'select missing as n');
  expect((await resolve('select missing as n')).sql).toBeUndefined();
  expect(kept().queries.size).toBe(0);
});

test('where nothing can be written, each process prepares its own queries', async () => {
  writeFileSync(join(root, 'node_modules/.cache'), '');
  expect((await resolve('select 1 as n')).sql).toContain('1');
  rmSync(join(root, 'node_modules'), { recursive: true });
  expect((await resolve('select 1 as n')).sql).toContain('1');
  expect(kept().queries.size).toBe(0);
});
