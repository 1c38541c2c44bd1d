import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyedQuery } from '../../../../engine/duckdb/by-key/keyed-query.ts';
import { identifier } from '../../../../engine/duckdb/sql/types.ts';
import { type GoogleSql, startGoogleSql } from '../../../../engine/googlesql/server.ts';

const column = (name: string, typeKind = 'TYPE_INT64') => ({ name, type: { typeKind } });
const TABLES = [
  {
    name: 'jobs',
    columns: [
      column('id'),
      column('customer'),
      column('status', 'TYPE_STRING'),
      column('size', 'TYPE_DOUBLE'),
    ],
  },
  { name: 'visits', columns: [column('id'), column('job'), column('minutes')] },
  { name: 'customers', columns: [column('id'), column('merged_to')] },
  {
    name: 'bills',
    columns: [
      column('id'),
      column('job'),
      {
        name: 'lines',
        type: { typeKind: 'TYPE_ARRAY', arrayType: { elementType: { typeKind: 'TYPE_INT64' } } },
      },
    ],
  },
];

let engine: GoogleSql;
beforeAll(async () => {
  engine = await startGoogleSql();
});
afterAll(() => engine.close());

/** Each key of a query with the columns that it reads tables by, as `key: table.column`. */
async function keysOf(sql: string): Promise<readonly string[]> {
  const statement = await engine.analyze(sql, { tables: TABLES });
  const keys = keyedQuery(statement, identifier)?.keys ?? [];
  return keys.map(({ column: key, inputs }) => {
    const read = Object.entries(inputs).map(([table, from]) => `${table}.${from}`);
    return `${key}: ${read.join(' ')}`;
  });
}

describe('queries that keep the rows of a key apart', () => {
  test.each([
    ['select id as job_id, upper(status) as s from jobs where size > 1', ['job_id: jobs.id']],
    ['select id from jobs qualify row_number() over (partition by id order by size) = 1', ['id: jobs.id']],
    ['select job, sum(minutes) as m from visits group by job', ['job: visits.job']],
    ['select distinct job from visits', ['job: visits.job']],
    ['select b.job, line from bills as b cross join unnest(b.lines) as line', ['job: bills.job']],
    [
      'select j.id, v.m from jobs as j left join (select job, sum(minutes) as m from visits group by job) as v on v.job = j.id',
      ['id: jobs.id visits.job'],
    ],
    [
      'select j.id, v.id as visit from jobs as j join visits as v on v.job = j.id and v.minutes > 5',
      ['id: jobs.id visits.job', 'visit: visits.id'],
    ],
    [
      'with v as (select job, count(*) as n from visits group by job) select j.id from jobs as j join v on v.job = j.id left join v as w on w.job = j.id and w.n > 1',
      ['id: jobs.id visits.job'],
    ],
    // The other table is read whole: it is joined by another column, or by none.
    ['select j.id from jobs as j left join customers as c on c.id = j.customer', ['id: jobs.id']],
    ['select j.id from jobs as j cross join (select max(minutes) as m from visits)', ['id: jobs.id']],
    ['select j.id from jobs as j where j.id in (select job from visits)', ['id: jobs.id']],
    ['select j.id, (select max(minutes) from visits) as m from jobs as j', ['id: jobs.id']],
    ['select id as key, 1 as n from jobs union all select job, 2 from visits', ['key: jobs.id visits.job']],
    [
      'select id, row_number() over (partition by customer, id order by size) as n from jobs',
      ['id: jobs.id'],
    ],
  ])('%s', async (sql, keys) => {
    const found = await keysOf(sql);
    expect(found).toEqual(expect.arrayContaining(keys));
    expect(found.filter((key) => key.startsWith(keys[0]?.split(':')[0] ?? ''))).toHaveLength(1);
  });
});

describe('queries in which each row may depend on every other', () => {
  test.each([
    'select id from jobs limit 5',
    'select count(*) as n from jobs',
    'select id, row_number() over (order by size) as n from jobs',
    'select id, row_number() over (partition by customer order by size) as n, sum(1) over (partition by id) as m from jobs',
    'select id + 1 as next from jobs',
    'select job from visits group by rollup(job)',
    'select id from jobs union distinct select job from visits',
    'select id from jobs except distinct select job from visits',
    'select size from jobs',
    // A table that is read by two columns: a row of it may matter by either.
    'select one.id from customers as one left join customers as two on two.id = one.merged_to',
    'select id from customers union all select merged_to from customers',
    // NULL where nothing matches, which all rows of the other side decide.
    'select v.job from jobs as j left join visits as v on v.job = j.id',
    'select coalesce(j.id, v.job) as id from jobs as j full join visits as v on v.job = j.id',
    'select 1 as one',
  ])('%s', async (sql) => {
    expect(await keysOf(sql)).toEqual([]);
  });
});

test('a query by key reads only rows with changed keys, and other tables whole', async () => {
  const statement = await engine.analyze(
    'select j.id, c.id as customer from jobs as j left join customers as c on c.id = j.customer',
    { tables: TABLES },
  );
  expect(keyedQuery(statement, identifier)?.marked).toContain('FROM "rows of jobs"');
  expect(keyedQuery(statement, identifier)?.marked).toContain('FROM "customers"');
});
