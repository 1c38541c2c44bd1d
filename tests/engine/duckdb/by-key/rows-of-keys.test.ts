import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileProject } from '../../../../engine/compile.ts';
import {
  type Key,
  type KeyedQuery,
  keyedQuery,
  rowsOfKeys,
} from '../../../../engine/duckdb/by-key/keyed-query.ts';
import { duckdbQuery } from '../../../../engine/duckdb/sql/generate.ts';
import { identifier, text } from '../../../../engine/duckdb/sql/types.ts';
import { bareNames, type CatalogTable, sourceTables } from '../../../../engine/googlesql/catalog.ts';
import { inDependencyOrder, tableOf } from '../../../../engine/googlesql/resolve-query.ts';
import { type GoogleSql, startGoogleSql } from '../../../../engine/googlesql/server.ts';
import { analystQueries, QUERY_FILES } from '../../analyst-queries.ts';
import { createTable, openMemory } from '../../engines.ts';
import { randomTenant } from '../../random-tenant.ts';

/** `SEEDS=100 npx vitest run tests/engine/duckdb/by-key/rows-of-keys.test.ts` runs more seeds. */
const SEEDS = Array.from({ length: Number(process.env.SEEDS ?? 3) }, (_, index) => index + 1);

interface Query {
  readonly name: string;
  readonly sql: string;
  readonly byKey: KeyedQuery | undefined;
  /** Whether others read its rows. */
  readonly isModel: boolean;
}

/** The models in the order in which they are built, and after them the queries of analysts. */
const queries: Query[] = [];
const compared = { keys: 0, rows: 0 };
let engine: GoogleSql;

beforeAll(async () => {
  engine = await startGoogleSql();
  const graph = await compileProject(process.cwd(), {
    sync_start_date: '2025-10-04',
    run_date: '2025-10-20',
  });
  const tables = new Map<string, CatalogTable>(sourceTables().map((table) => [table.name, table]));
  const add = async (name: string, sql: string, read: readonly string[], isModel: boolean) => {
    const statement = await engine.analyze(sql, { tables: read.flatMap((table) => tables.get(table) ?? []) });
    if (isModel) tables.set(name, tableOf(name, statement));
    queries.push({
      ...{ name, isModel, sql: duckdbQuery(statement, identifier) },
      byKey: keyedQuery(statement, identifier),
    });
  };
  for (const { target, query, dependencyTargets = [] } of inDependencyOrder(graph.tables))
    await add(
      target.name,
      bareNames(query),
      dependencyTargets.map(({ name }) => name),
      true,
    );
  for (const { question, sql, tablesRead } of QUERY_FILES.flatMap(analystQueries))
    await add(question, sql, tablesRead, false);
});
afterAll(() => engine.close());

/** Puts a half of the values of a key into the table `chosen`, and NULL if that is its half. */
async function choose(duckdb: DuckDBConnection, name: string, { column, inputs }: Key): Promise<void> {
  const values = [
    `SELECT ${identifier(column)} AS key FROM whole`,
    ...Object.entries(inputs).map(
      ([table, from]) => `SELECT ${identifier(from)} AS key FROM ${identifier(table)}`,
    ),
  ];
  await duckdb.run(
    `CREATE OR REPLACE TEMP TABLE chosen AS SELECT key FROM (${values.join(' UNION ')}) WHERE hash(key, ${text(name)}) % 2 = 0`,
  );
}

const isChosen = (column: string) =>
  `EXISTS (SELECT 1 FROM chosen WHERE chosen.key IS NOT DISTINCT FROM ${column})`;

test.each(
  SEEDS,
)('the rows of some keys of any query are those of the whole result: random tenant %i', async (seed) => {
  const duckdb = await openMemory();
  const rows = randomTenant(seed);
  for (const { name, columns } of sourceTables())
    await createTable(duckdb, { name, columns, rows: rows.get(name) ?? [] });
  const wrong: string[] = [];
  for (const { name, sql, byKey, isModel } of queries) {
    if (isModel) await duckdb.run(`CREATE TABLE ${identifier(name)} AS ${sql}`);
    if (!byKey) continue;
    await duckdb.run(`CREATE OR REPLACE TEMP TABLE whole AS ${isModel ? `FROM ${identifier(name)}` : sql}`);
    for (const key of byKey.keys) {
      await choose(duckdb, `${seed} ${name}`, key);
      const ofKeys = rowsOfKeys(byKey, key, { relation: identifier, isChanged: isChosen });
      const hash = (query: string) =>
        `(SELECT count(*) || ':' || coalesce(sum(hash(r)), 0) FROM (${query}) AS r)`;
      const expected = `SELECT * FROM whole AS w WHERE ${isChosen(`w.${identifier(key.column)}`)}`;
      const reader = await duckdb.runAndReadAll(`SELECT ${hash(ofKeys)}, ${hash(expected)}`);
      const [found, wanted] = (reader.getRowsJson()[0] ?? []).map(String);
      if (found !== wanted) wrong.push(`${name} by ${key.column}: ${found} instead of ${wanted}`);
      compared.keys++;
      compared.rows += Number.parseInt(wanted ?? '0', 10);
    }
  }
  duckdb.closeSync();
  expect(wrong).toEqual([]);
});

test('keys of most models and of many queries of analysts were compared, and they had rows', () => {
  const withKeys = queries.filter(({ byKey }) => byKey);
  expect(withKeys.filter(({ isModel }) => isModel).length).toBeGreaterThan(50);
  expect(withKeys.filter(({ isModel }) => !isModel).length).toBeGreaterThan(50);
  expect(compared.keys).toBeGreaterThan(200 * SEEDS.length);
  expect(compared.rows).toBeGreaterThan(10_000 * SEEDS.length);
});
