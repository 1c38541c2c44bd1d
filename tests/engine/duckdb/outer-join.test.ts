import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { duckdbQuery } from '../../../engine/duckdb/sql/generate.ts';
import { identifier } from '../../../engine/duckdb/sql/types.ts';
import { type GoogleSql, startGoogleSql } from '../../../engine/googlesql/server.ts';
import { CONFORMANCE_TABLES } from '../conformance-table.ts';
import { catalogTable, createTable, googleSqlRows, openMemory, rowsOfSql } from '../engines.ts';

const TABLES = CONFORMANCE_TABLES.map(catalogTable);
let engine: GoogleSql;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  engine = await startGoogleSql();
  duckdb = await openMemory();
  for (const table of CONFORMANCE_TABLES) await createTable(duckdb, table);
});
afterAll(() => {
  engine.close();
  duckdb.closeSync();
});

/** The joins of DuckDB's plan, after it was shown that both engines give the same rows. */
async function joinsOf(query: string): Promise<string[]> {
  const statement = await engine.analyze(query, { tables: TABLES });
  const sql = duckdbQuery(statement, identifier);
  const [theirs, ours] = [
    await googleSqlRows(engine, query, TABLES),
    await rowsOfSql(duckdb, sql, statement),
  ].map((rows) => (rows === 'ERROR' ? rows : rows.map((row) => row.join(' | ')).sort()));
  expect(theirs).not.toBe('ERROR');
  expect(ours).toEqual(theirs);
  const plan = String((await duckdb.runAndReadAll(`EXPLAIN ${sql}`)).getRows()[0]?.[1]);
  return [...plan.matchAll(/\w+_JOIN|CROSS_PRODUCT/g)].map(([name]) => name);
}

const joined = (type: string, on: string) =>
  `select t.id, other.id as other_id, other.s1 from t ${type} join (select * from t where id <> 6) as other on ${on}`;
const TYPES = ['left', 'right', 'full'];

describe('an outer join whose condition reads one side alone is one hash join', () => {
  const conditions = [
    'other.i1 = t.i2 and t.b1',
    'other.i1 = t.i2 and other.b1',
    't.i2 = other.i1 and not t.b1 and other.b2 and t.id > 1 and other.id > 1',
    'other.i1 = t.i2 and other.d1 <= t.d2 and t.s1 is not null',
    'other.i1 = t.i2 and (t.b1 or t.b2 is null) and other.s2 in ("b", "x")',
    'other.i1 = t.i2 and t.d1 between other.d1 and other.d2 and t.b2',
    'other.s1 = t.s2 and other.i1 = t.i2 and t.b1',
    'other.i1 = t.i2 and true',
    'other.i1 = t.i2 and 1 = 2',
    'coalesce(other.i1, other.id) = t.i2 + 1 and coalesce(t.b1, t.b2, true)',
  ];
  test.each(
    TYPES.flatMap((type) => conditions.map((on) => [type, on])),
  )('%s join on %s', async (type = '', on = '') => {
    expect(await joinsOf(joined(type, on))).toEqual(['HASH_JOIN']);
  });
});

describe('a left or right join on more than comparisons of both sides compares no pairs that its key excludes', () => {
  const conditions = [
    'other.i1 = t.i2 and (t.b1 or other.b1)',
    'other.i1 = t.i2 and t.s1 in (other.s1, other.s2)',
    'other.i1 = t.i2 and (other.s1 is null or other.s1 = t.s1) and t.b1',
    'other.i1 = t.i2 and other.s1 like concat(t.s1, "%")',
    'other.i1 = t.i2 or (other.i1 is null and t.i2 is null)',
    'other.i1 is not distinct from t.i2 and t.b1 and other.b2',
    'other.i1 = t.i2 and coalesce(t.d1 < other.d1, true)',
  ];
  test.each(
    ['left', 'right'].flatMap((type) => conditions.map((on) => [type, on])),
  )('%s join on %s', async (type = '', on = '') => {
    const joins = await joinsOf(joined(type, on));
    expect(joins.filter((name) => !/^(HASH|LEFT_DELIM|RIGHT_DELIM)_JOIN$/.test(name))).toEqual([]);
    expect(joins.length).toBeGreaterThan(0);
  });
});

describe('a left or right join whose condition has a subquery', () => {
  const conditions = [
    'other.i1 = t.i2 and t.id > (select min(id) from upd)',
    'other.i1 = t.i2 and other.id < (select max(v) from upd)',
    'other.i1 = t.i2 and exists (select 1 from upd where upd.id = other.id)',
    'other.i1 = t.i2 and not exists (select 1 from upd where upd.id = other.id and upd.id > t.id)',
    'other.i1 = t.i2 and t.id in (select id from upd)',
  ];
  test.each(
    ['left', 'right'].flatMap((type) => conditions.map((on) => [type, on])),
  )('%s join on %s', async (type = '', on = '') => {
    expect(await joinsOf(joined(type, on))).not.toContain('BLOCKWISE_NL_JOIN');
  });

  test.each([
    joined('full', 'other.i1 = t.i2 and t.id in (select id from upd)'),
    joined('left', 'other.i1 = t.i2 and other.f1 < (select max(f1) from t)'),
    `select outermost.id, (select count(other.id) from t left join t as other
      on other.i1 = t.i2 and t.id <> outermost.id where t.id > 1) as matches from t as outermost`,
  ])('what DuckDB would refuse when it runs is refused before: %s', async (query) => {
    await expect(joinsOf(query)).rejects.toThrow(/compute it in a query of WITH before the join$/);
  });
});

describe('an outer join that is written as it stands has the same rows', () => {
  test.each([
    [
      'a full join whose condition reads both sides',
      joined('full', 'other.i1 = t.i2 and (t.b1 or other.b1)'),
    ],
    [
      'values that may be equal and not the same',
      joined('left', 'other.i1 = t.i2 and (other.f1 < t.f2 or t.b1)'),
    ],
    [
      'a join inside a recursive query',
      `with recursive steps as (select 1 as id, 0 as depth union all
        select t.i2, steps.depth + 1 from steps left join t on t.id = steps.id and (t.b1 or steps.depth > 0)
        where steps.depth < 3) select * from steps`,
    ],
  ])('%s', async (_, query) => {
    expect((await joinsOf(query)).length).toBeGreaterThan(0);
  });
});

test('a condition of one side is read with joins, unions and WITH below it', async () => {
  await joinsOf(`with a as (select id, i2, b1 from t union all select id, i1, b2 from t), b as (select id, i1, s1 from t)
    select a.id, b.id as b_id, c.id as c_id from a left join b on b.i1 = a.i2 and a.b1
    left join t as c on c.id = b.id and (b.s1 = "a" or c.b1) and a.id > 1`);
});
