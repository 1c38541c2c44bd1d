import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conformanceRows, provedSignatures } from '../../engine/conformance.ts';
import { writtenSignatures } from '../../engine/duckdb/sql/functions.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { signaturesIn } from '../../engine/googlesql/signature.ts';
import { expectedText } from './conformance-fill.ts';
import { CONFORMANCE_TABLE } from './conformance-table.ts';
import { catalogTable, createTable, duckdbRows, googleSqlRows, openMemory } from './engines.ts';

const TABLE = catalogTable(CONFORMANCE_TABLE);
let engine: GoogleSql;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  engine = await startGoogleSql();
  duckdb = await openMemory();
  await createTable(duckdb, CONFORMANCE_TABLE);
});
afterAll(() => {
  engine.close();
  duckdb.closeSync();
});

describe('conformance of DuckDB SQL with GoogleSQL', () => {
  test.each(conformanceRows())('GoogleSQL and DuckDB give the same answer: $query', async ({
    query,
    signatures,
    expected,
  }) => {
    const statement = await engine.analyze(query, { tables: [TABLE] });
    expect([...signaturesIn(statement)].sort()).toEqual(signatures);
    expect(expectedText(await googleSqlRows(engine, query, [TABLE]))).toBe(expected);
    expect(expectedText(await duckdbRows(duckdb, statement))).toBe(expected);
  });
});

test('every function that the SQL generator writes has a conformance entry', () => {
  const proved = provedSignatures();
  expect(writtenSignatures().filter((signature) => !proved.has(signature))).toEqual([]);
});

describe('SQL without a conformance entry', () => {
  test.each([
    ['select reverse(s1) as back from t', 'reverse(STRING); add an entry'],
    ['select date_trunc(d1, month) as month from t', 'date_trunc(DATE, MONTH); add an entry'],
    ['select date_trunc(d1, quarter) as quarter from t', 'date part 6'],
    ['select round(n1, i1) as rounded from t', 'ROUND to a number of digits that is not a literal'],
    ['select safe_cast(s1 as int64) as number from t', 'Cast with returnNullOnError = true'],
    ['select cast(n1 as float64) as wide from t', 'cast(NUMERIC as DOUBLE)'],
    [
      'select sum(n1) over (order by id rows between 1 preceding and current row) as s from t',
      'sum(NUMERIC) over',
    ],
    ['select t.id, part.id as part_id from t left join unnest(t.parts) as part', 'isOuter = true'],
    ['select place from t, unnest(t.parts) as part with offset as place', 'arrayOffsetColumn'],
    ['select id from t order by id', 'OrderByScan'],
    ['select id from t limit 3', 'LimitOffsetScan'],
    ['select id from t union distinct select i1 from t', 'UNION DISTINCT'],
    ['select string_agg(s1) as list from t', 'string_agg(STRING)'],
    ['select struct(id, s1) as pair from t', 'MakeStruct'],
  ])('SQL without a conformance entry is refused: %s', async (query, message) => {
    const statement = await engine.analyze(query, { tables: [TABLE] });
    await expect(duckdbRows(duckdb, statement)).rejects.toThrow(message);
  });
});
