import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Action, compileProject, type Graph } from '../../engine/compile.ts';
import { apply } from '../../engine/duckdb/apply.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { type PreparedQueries, prepareGraph } from '../../engine/prepare-graph.ts';
import { filesIn, PROJECT } from '../e2e/command.ts';
import { copyFirstNight } from '../e2e/first-night.ts';
import { alternativeMutations } from './mutations/alternatives.ts';
import { type Mutation, mutate } from './mutations/mutation.ts';
import { PRODUCTION } from './mutations/production.ts';
import { SALES } from './mutations/sales.ts';
import { SHARED } from './mutations/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
const found: string[] = [];
const graph = await compileProject(PROJECT, {});
const MUTATIONS = [...SALES, ...PRODUCTION, ...SHARED, ...alternativeMutations(graph)];
/** Prepared queries of the models as they are: with a wrong definition only its own is prepared again. */
const right: PreparedQueries = new Map();
let engine: GoogleSql;
let connection: DuckDBConnection;

beforeAll(async () => {
  await copyFirstNight(folder);
  connection = await (await DuckDBInstance.create(filesIn(folder).DUCKDB_PATH)).connect();
  await connection.run(`SET TimeZone = 'UTC'; CREATE SCHEMA ${MUTATED}`);
  for (const { target } of graph.tables) await showRight(target);
  engine = await startGoogleSql();
  await prepareGraph(engine, { projectDir: PROJECT, graph: beside(graph), queries: right });
});

afterAll(() => {
  engine?.close();
  connection?.closeSync();
  rmSync(folder, { recursive: true, force: true });
  console.log(`${found.length} wrong definitions, and what turned RED:\n${found.join('\n')}`);
});

/** The schema that has each model of a mutation: those that the wrong definition reaches as tables, others as views. */
const MUTATED = 'mutated';

async function showRight({ schema, name }: Action['target']): Promise<void> {
  await connection.run(`CREATE VIEW ${MUTATED}.${name} AS FROM ${schema}.${name}`);
}

/** The graph in that schema. What the screens prove is built first, because most wrong definitions end there. */
function beside(graph: Graph): Graph {
  const isProof = ({ target }: Action) => target.name === 'kpi_reconciliation';
  const tables = graph.tables.toSorted((a, b) => Number(isProof(b)) - Number(isProof(a)));
  return {
    ...graph,
    tables: tables.map((action) => ({ ...action, target: { ...action.target, schema: MUTATED } })),
  };
}

/** Builds the models that a wrong definition reaches until something is RED, and says what. */
async function firstFailureOf(mutation: Mutation): Promise<string | undefined> {
  // A table that an earlier one left would make this one RED.
  expect(await tablesLeft()).toEqual([]);
  const { graph: mutant, changed } = mutate(graph, mutation);
  const options = { projectDir: PROJECT, graph: beside(mutant), queries: new Map(right) };
  const built = new Set<string>();
  onTestFinished(async () => {
    for (const { target } of graph.tables) {
      if (!built.has(target.name)) continue;
      await connection.run(`DROP TABLE ${MUTATED}.${target.name}`);
      await showRight(target);
    }
  });
  for (const prepared of await prepareGraph(engine, options)) {
    if (prepared.error !== undefined) throw new Error(prepared.error);
    const { kind, action } = prepared;
    const { name } = action.target;
    if (kind !== 'assertion' && !changed.has(name)) continue;
    if (kind !== 'assertion') built.add(name);
    const { rows = 0 } = await apply(prepared, connection);
    if (kind === 'assertion' && rows > 0) return `${name} (${rows})`;
    const red = name === 'kpi_reconciliation' ? await redScreens() : '';
    if (red !== '') return red;
  }
  return undefined;
}

async function tablesLeft() {
  const sql = `SELECT table_name FROM duckdb_tables() WHERE schema_name = '${MUTATED}'`;
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

async function redScreens(): Promise<string> {
  const red = await connection.runAndReadAll(
    `SELECT kpi, count(*) FROM ${MUTATED}.kpi_reconciliation WHERE verdict = 'RED' GROUP BY ALL ORDER BY ALL`,
  );
  return red
    .getRowsJson()
    .map(([kpi, count]) => `${kpi}: ${count} screen values`)
    .join(', ');
}

test('the unchanged models turn no assertion RED', async () => {
  const harmless = {
    name: '',
    model: 'stg_jobs',
    from: 'raw.total as job_total',
    to: 'raw.total as  job_total',
  };
  expect(await firstFailureOf(harmless)).toBeUndefined();
});

describe('wrong KPI definitions (mutations of the models)', () => {
  test.each(
    MUTATIONS.map((mutation) => [mutation.name, mutation] as const),
  )('a wrong KPI definition turns an assertion RED: %s', async (_, mutation) => {
    const failure = await firstFailureOf(mutation);
    found.push(`  ${mutation.name.padEnd(52)} ${failure}`);
    expect(failure).toBeDefined();
  });
});

test('each wrong KPI definition has a unique name', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
