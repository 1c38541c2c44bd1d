import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conformanceRows } from '../../engine/conformance.ts';
import { AGGREGATES, WINDOW_FUNCTIONS } from '../../engine/duckdb/sql/functions/aggregates.ts';
import { testedEntries, writtenSignatures } from '../../engine/duckdb/sql/functions/functions.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { signaturesIn } from '../../engine/googlesql/signature.ts';
import { expectedText } from './conformance-fill.ts';
import { CONFORMANCE_TABLES } from './conformance-table.ts';
import { catalogTable, createTable, duckdbRows, googleSqlRows, openMemory } from './engines.ts';

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

describe('conformance of DuckDB SQL with GoogleSQL', () => {
  test.each(conformanceRows())('GoogleSQL and DuckDB give the same answer: $query', async ({
    query,
    signatures,
    expected,
    evaluatedAs,
  }) => {
    const statement = await engine.analyze(query, { tables: TABLES });
    expect([...signaturesIn(statement)].sort()).toEqual(signatures);
    expect(expectedText(await googleSqlRows(engine, evaluatedAs || query, TABLES))).toBe(expected);
    expect(expectedText(await duckdbRows(duckdb, statement))).toBe(expected);
  });
});

test('every function that the SQL generator writes has a conformance entry', () => {
  const tested = testedEntries();
  expect(writtenSignatures().filter((signature) => !tested.has(signature))).toEqual([]);
});

test('every aggregate and window function has a call that gets DISTINCT, FILTER and OVER', () => {
  const templates = Object.entries({ ...AGGREGATES, ...WINDOW_FUNCTIONS });
  expect(templates.length).toBeGreaterThan(60);
  expect(templates.filter(([, sql]) => typeof sql !== 'string' || !sql.includes('@'))).toEqual([]);
});

describe('SQL without a conformance entry', () => {
  test.each([
    [
      'select farm_fingerprint(s1) as x from t',
      /^farm_fingerprint\(STRING\); to_hex\(sha256\(x\)\) works, as a number cast/,
    ],
    ['select instr(s1, s2, 1, 2) as x from t', /^instr\(.*\); instr\(STRING, STRING\) works$/],
    ['select soundex(s1) as x from t', 'soundex(STRING); docs/sql-on-duckdb.md shows how to add it'],
    ['select max(i1) as x from t tablesample system (10 percent)', 'SampleScan'],
    ['select round(n1, i1) as x from t', 'ROUND to a number of digits that is not a literal'],
    [
      'select round(f1, 8) as x from t',
      'ROUND of a FLOAT64 to a number of digits that is not between -15 and 7',
    ],
    ['select format_date(s1, d1) as x from t', 'a format of a date that is not a literal'],
    ["select format_date('%c', d1) as x from t", /^the format %c; Y m d .* work$/],
    ["select format('%T', s1) as x from t", 'FORMAT with %T of STRING'],
    ["select regexp_extract(s1, '(a)(b)') as x from t", 'REGEXP_EXTRACT with several groups'],
    ["select regexp_extract(s1, 'x(a)?') as x from t", 'REGEXP_EXTRACT with a group that may be absent'],
    ["select json_value(j1, '$.*') as x from t", 'the JSON path'],
    ['select to_json_string(f1) as x from t', 'TO_JSON_STRING of FLOAT64; cast it to STRING first'],
    ['select (id, i1) = (i1, id) as x from t', '$equal(STRUCT, STRUCT)'],
    ['select id from t where (id, i1) in (select (id, i2) from t)', 'IN with several columns'],
    ['select struct(id, s1, i1 as id) as x from t', 'a STRUCT with two fields of the same name'],
    ['select percentile_cont(n1, 0.5 respect nulls) over () as x from t', 'RESPECT NULLS'],
    ["select cast(d1 as string format 'YYYY') as x from t", 'Cast with format'],
    ['select cast(n1 as numeric(5, 2)) as x from t', 'Cast with typeModifiers'],
    ['select as struct id, i1 from t', 'isValueTable = true'],
  ])('SQL without a conformance entry is refused: %s', async (query, message) => {
    const statement = await engine.analyze(query, { tables: TABLES });
    await expect(duckdbRows(duckdb, statement)).rejects.toThrow(message);
  });
});
