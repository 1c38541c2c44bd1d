import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileProject } from '../../engine/compile.ts';
import { apply } from '../../engine/duckdb/apply.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { type PreparedQueries, prepareGraph } from '../../engine/prepare-graph.ts';
import { filesIn, PROJECT } from '../e2e/command.ts';
import { copyFirstNight } from '../e2e/first-night.ts';
import { alternativeMutations } from './mutations/alternatives.ts';
import { MUTATED_SCHEMA, type Mutation, mutate } from './mutations/mutation.ts';
import { PRODUCTION } from './mutations/production.ts';
import { SALES } from './mutations/sales.ts';
import { SHARED } from './mutations/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
const found: string[] = [];
const graph = await compileProject(PROJECT, {});
const MUTATIONS = [...SALES, ...PRODUCTION, ...SHARED, ...alternativeMutations(graph)];
/** Prepared queries of the models as they are, and of those that a wrong definition reached. */
const right: PreparedQueries = new Map();
const reached: PreparedQueries = new Map();
let engine: GoogleSql;
let connection: DuckDBConnection;

beforeAll(async () => {
  await copyFirstNight(folder);
  connection = await (await DuckDBInstance.create(filesIn(folder).DUCKDB_PATH)).connect();
  await connection.run("SET TimeZone = 'UTC'");
  engine = await startGoogleSql();
  await prepareGraph(engine, { projectDir: PROJECT, graph, queries: right });
});

afterAll(() => {
  engine?.close();
  connection?.closeSync();
  rmSync(folder, { recursive: true, force: true });
  console.log(`${found.length} wrong definitions, and what turned RED:\n${found.join('\n')}`);
});

/** Most wrong definitions reach the same models; only what none before has asked for is prepared. */
async function preparedOf({ graph, changed }: ReturnType<typeof mutate>) {
  const names = new Set([...changed, ...graph.assertions.map(({ target }) => target.name)]);
  const queries = new Map([...right, ...[...reached].filter(([name]) => names.has(name))]);
  const prepared = await prepareGraph(engine, { projectDir: PROJECT, graph, queries });
  for (const [name, query] of queries) if (names.has(name)) reached.set(name, query);
  return prepared;
}

/** Rebuilds the models that a wrong definition reaches and returns the assertions that fail. */
async function failuresOf(mutation: Mutation): Promise<string[]> {
  const mutant = mutate(graph, mutation);
  await connection.run(`DROP SCHEMA IF EXISTS ${MUTATED_SCHEMA} CASCADE; CREATE SCHEMA ${MUTATED_SCHEMA}`);
  const prepared = await preparedOf(mutant);
  const failures: string[] = [];
  for (const action of prepared) {
    if (action.error !== undefined) throw new Error(action.error);
    const { name } = action.action.target;
    if (action.kind !== 'assertion' && !mutant.changed.has(name)) continue;
    const { rows = 0 } = await apply(action, connection);
    if (action.kind === 'assertion' && rows > 0) failures.push(`${name} (${rows})`);
  }
  if (!mutant.changed.has('kpi_reconciliation')) return failures;
  const red = await connection.runAndReadAll(
    `SELECT kpi, count(*) FROM ${MUTATED_SCHEMA}.kpi_reconciliation WHERE verdict = 'RED' GROUP BY ALL ORDER BY ALL`,
  );
  return [...red.getRowsJson().map(([kpi, count]) => `${kpi}: ${count} screen values`), ...failures];
}

test('the unchanged models turn no assertion RED', async () => {
  const harmless = {
    name: '',
    model: 'stg_jobs',
    from: 'raw.total as job_total',
    to: 'raw.total as  job_total',
  };
  expect(await failuresOf(harmless)).toEqual([]);
});

describe('wrong KPI definitions (mutations of the models)', () => {
  test.each(
    MUTATIONS.map((mutation) => [mutation.name, mutation] as const),
  )('a wrong KPI definition turns an assertion RED: %s', async (_, mutation) => {
    const failures = await failuresOf(mutation);
    found.push(`  ${mutation.name.padEnd(52)} ${failures.slice(0, 3).join(', ')}`);
    expect(failures).not.toEqual([]);
  });
});

test('each wrong KPI definition has a unique name', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
