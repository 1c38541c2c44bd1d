import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileProject, type Graph } from '../../engine/compile.ts';
import { duckdbQuery } from '../../engine/duckdb/sql/generate.ts';
import { identifier } from '../../engine/duckdb/sql/types.ts';
import { bareNames, type CatalogTable, sourceTables } from '../../engine/googlesql/catalog.ts';
import { inDependencyOrder, tableOf } from '../../engine/googlesql/resolve-query.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import type { TreeNode } from '../../engine/googlesql/tree.ts';
import { analystQueries, QUERY_FILES } from './analyst-queries.ts';
import { catalogTable, createTable, openMemory, rowsOfSql, textRows } from './engines.ts';
import { randomTenant } from './random-tenant.ts';

/** `SEEDS=500 npx vitest run tests/engine/differential.test.ts` runs more seeds; `SEED=n` runs one. */
const SEEDS = process.env.SEED
  ? [Number(process.env.SEED)]
  : Array.from({ length: Number(process.env.SEEDS ?? 20) }, (_, index) => index + 1);
const VARIABLES = { sync_start_date: '2025-10-04', run_date: '2025-10-20' };

const graph = await compileProject(process.cwd(), VARIABLES);
const queries = QUERY_FILES.flatMap(analystQueries);
const compared = { seeds: 0, queries: 0, rows: 0, differing: 0 };
/** Rows of each model, assertion and query over all tenants. */
const rowsOf = new Map<string, number>();
let engine: GoogleSql;

beforeAll(async () => {
  engine = await startGoogleSql();
});
afterAll(() => {
  engine.close();
  console.log(
    `${compared.seeds} tenants, ${compared.queries} results, ${compared.rows} rows compared: ${compared.differing} differ`,
  );
});

type Differences = Record<string, { googlesql: string[]; duckdb: string[] }>;

/** Runs a whole graph and queries on one tenant with both engines; returns rows that only one engine has. */
async function differences(
  rows: ReturnType<typeof randomTenant>,
  { tables: models, assertions }: Graph,
  asked: readonly ReturnType<typeof analystQueries>[number][] = [],
): Promise<Differences> {
  const actions = inDependencyOrder([...models, ...assertions]);
  const isAssertion = new Set(assertions);
  const duckdb = await openMemory();
  const tables = new Map<string, CatalogTable>();
  for (const { name, columns } of sourceTables()) {
    const table = { name, columns, rows: rows.get(name) ?? [] };
    tables.set(name, catalogTable(table));
    await createTable(duckdb, table);
  }
  const found: Differences = {};
  for (const action of actions) {
    const { name } = action.target;
    const needed = (action.dependencyTargets ?? []).flatMap(({ name: table }) => tables.get(table) ?? []);
    const sql = bareNames(action.query);
    const { statement, duckdbSql, content } = await compare({ name, sql, needed }, duckdb, found);
    if (isAssertion.has(action)) continue;
    tables.set(name, { ...tableOf(name, statement), content });
    await duckdb.run(`CREATE TABLE ${identifier(name)} AS ${duckdbSql}`);
  }
  for (const { question, sql, tablesRead, evaluatedAs } of asked) {
    const needed = tablesRead.flatMap((table) => tables.get(table) ?? []);
    await compare({ name: question, sql, needed, evaluatedAs }, duckdb, found);
  }
  compared.seeds++;
  duckdb.closeSync();
  return found;
}

interface Compared {
  readonly name: string;
  readonly sql: string;
  readonly needed: readonly CatalogTable[];
  /** What GoogleSQL evaluates instead. */
  readonly evaluatedAs?: string | undefined;
}

/** Evaluates a query on both engines and adds rows that only one has to `found`. */
async function compare(
  { name, sql, needed, evaluatedAs = sql }: Compared,
  duckdb: DuckDBConnection,
  found: Differences,
) {
  const { statement, duckdbSql } = await resolved(sql, needed);
  const evaluated = await engine.evaluate(evaluatedAs, { tables: needed });
  const theirs = textRows(evaluated).map((row) => row.join(' | '));
  const ours = await rowsOfSql(duckdb, duckdbSql, statement);
  const differing = onlyInOne(theirs, ours === 'ERROR' ? ['ERROR'] : ours.map((row) => row.join(' | ')));
  if (differing.googlesql.length + differing.duckdb.length > 0) found[name] = differing;
  compared.queries++;
  compared.rows += theirs.length;
  compared.differing += differing.googlesql.length + differing.duckdb.length;
  rowsOf.set(name, (rowsOf.get(name) ?? 0) + theirs.length);
  return { statement, duckdbSql, content: evaluated.content };
}

/** Every tenant has the same tables, so a query is analysed and translated once. */
const resolvedQueries = new Map<string, { statement: TreeNode; duckdbSql: string }>();

async function resolved(sql: string, tables: readonly CatalogTable[]) {
  const known = resolvedQueries.get(sql);
  if (known) return known;
  const statement = await engine.analyze(sql, { tables });
  const query = { statement, duckdbSql: duckdbQuery(statement, identifier) };
  resolvedQueries.set(sql, query);
  return query;
}

function onlyInOne(googlesql: readonly string[], duckdb: readonly string[]) {
  const counts = new Map<string, number>();
  for (const row of googlesql) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of duckdb) counts.set(row, (counts.get(row) ?? 0) - 1);
  const rows = [...counts];
  return {
    googlesql: rows.filter(([, count]) => count > 0).map(([row]) => row),
    duckdb: rows.filter(([, count]) => count < 0).map(([row]) => row),
  };
}

describe("the whole graph and the analysts' queries on GoogleSQL's reference engine and on DuckDB", () => {
  test.each(
    SEEDS,
  )("GoogleSQL's reference engine and DuckDB agree row by row on random tenant %i", async (seed) => {
    expect(await differences(randomTenant(seed), graph, queries)).toEqual({});
  });
});

// .NET's two ends of its calendar at several times of day, days next to them, and years that someone mistyped.
const FAR_INSTANTS = [
  ...['0001-01-01T00:00:00Z', '0001-01-01T07:00:00Z', '0001-01-02T05:00:00Z', '9999-12-31T00:00:00Z'],
  ...['9999-12-30T14:00:00Z', '9999-12-31T23:59:59.999999Z', '0205-10-06T16:30:00Z', '2205-10-06T16:30:00Z'],
];

describe('instants that mean "never"', () => {
  test.each([
    ['America/Phoenix', 101],
    ['Australia/Sydney', 102],
  ])('both engines build every model of a tenant with far instants in %s', async (time_zone, seed) => {
    const rows = randomTenant(seed, FAR_INSTANTS);
    expect(await differences(rows, await compileProject(process.cwd(), { ...VARIABLES, time_zone }))).toEqual(
      {},
    );
  });
});

/** Graphs that other choices of the owner compile. */
const CHOICES = [
  [{ costing_source: 'receipts', costing_tax: 'off' }, 103],
  [{ costing_source: 'bills' }, 104],
] as const;

describe('other rules of the owner', () => {
  test.each(CHOICES)('both engines agree row by row with the variables %j', async (variables, seed) => {
    const chosen = await compileProject(process.cwd(), { ...VARIABLES, ...variables });
    expect(await differences(randomTenant(seed), chosen)).toEqual({});
  });
});

test('no model and no query is empty in every random tenant', () => {
  // A movement needs an earlier run; tests/e2e/moved-week.test.ts has one.
  const models = graph.tables.map(({ target }) => target.name);
  const isEmpty = (name: string) => rowsOf.get(name) === 0;
  expect(models.filter((name) => name !== 'kpi_movements' && isEmpty(name))).toEqual([]);
  expect(queries.map(({ question }) => question).filter(isEmpty)).toEqual([]);
});

test('the differential test compared rows of every seed', () => {
  expect(compared.seeds).toBe(SEEDS.length + 2 + CHOICES.length);
  expect(compared.rows).toBeGreaterThan(1000 * SEEDS.length);
});
