import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeFailure } from '../../../app/pipeline/failure.ts';
import { ownFolder } from '../../e2e/command.ts';
import { runInProcess } from '../../e2e/in-process.ts';

let folder: string;
let env: Record<string, string>;

/** Three days of two units; their sum is 46 and 1. */
beforeEach(async () => {
  ({ folder, env } = ownFolder());
  const instance = await DuckDBInstance.create(join(folder, 'warehouse.duckdb'));
  const connection = await instance.connect();
  await connection.run(`
    SET TimeZone = 'UTC';
    CREATE SCHEMA st_mart_v2;
    CREATE TABLE st_mart_v2.daily_kpis (
      event_date DATE, business_unit VARCHAR, lead_count BIGINT, total_booked DECIMAL(38, 9),
      loaded_at TIMESTAMPTZ, parts STRUCT(id BIGINT, name VARCHAR)[], other UTINYINT);
    INSERT INTO st_mart_v2.daily_kpis VALUES
      ('2025-10-06', 'Nevada-Sales', 2, 12.5, '2025-10-07 08:00:00+00', [{id: 1, name: 'a'}], 1),
      ('2025-10-07', 'Nevada-Sales', 3, 33.5, NULL, [], 1),
      ('2025-10-06', 'A "B", C', NULL, 1, NULL, [], 1)`);
  connection.closeSync();
  instance.closeSync();
});

const sql = (...args: readonly string[]) => runInProcess(['sql', ...args], env);

/** What `main.ts` prints for the error of a command. */
async function failure(...args: readonly string[]) {
  const error = await sql(...args).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return describeFailure(error, false);
}

describe('npm run sql', () => {
  test('a query prints its rows as a table, and a column without a name as BigQuery names it', async () => {
    const query = `select business_unit, sum(total_booked) as booked, max(lead_count) from \${ref('daily_kpis')} group by 1 order by 2 desc`;
    const { stdout, stderr, code } = await sql(query);
    expect(stdout).toBe(
      ['business_unit  booked  f0_', 'Nevada-Sales       46    3', 'A "B", C            1', ''].join('\n'),
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('--csv quotes fields that need it, and NULL is an empty field', async () => {
    const { stdout } = await sql(
      "select business_unit, lead_count, '' as note from daily_kpis where event_date = '2025-10-06' order by 1",
      '--csv',
    );
    expect(stdout).toBe('business_unit,lead_count,note\n"A ""B"", C",,""\nNevada-Sales,2,""\n');
  });

  test('--json prints numbers as numbers and a number that JavaScript would round as text', async () => {
    const { stdout } = await sql(
      "select 9007199254740993 as large, numeric '12.50' as amount, parts from daily_kpis where total_booked = 12.5",
      '--json',
    );
    expect(JSON.parse(stdout)).toEqual([
      { large: '9007199254740993', amount: 12.5, parts: [{ id: '1', name: 'a' }] },
    ]);
  });

  test('--limit says that there are more rows, and 0 prints all', async () => {
    const query = 'select event_date from daily_kpis order by total_booked';
    const first = await sql(query, '--limit', '2', '--csv');
    expect(first.stdout.trim().split('\n')).toHaveLength(3);
    expect(first.stderr).toBe('These are the first 2 rows; --limit 0 prints all.\n');
    const all = await sql(query, '--limit', '0', '--csv');
    expect(all.stdout.trim().split('\n')).toHaveLength(4);
    expect(all.stderr).toBe('');
  });

  test('a file and standard input are read, with a semicolon at their end', async () => {
    const file = join(folder, 'question.sql');
    writeFileSync(file, `select count(*) as n\nfrom \${ref("mart", "daily_kpis")};\n`);
    expect((await sql(file, '--csv')).stdout).toBe('n\n3\n');
    const stdin = Readable.from(['select current_date() > date "2025-01-01" as later;\n']);
    const asked = await runInProcess(['sql', '--csv'], env, { stdin: stdin as NodeJS.ReadStream });
    expect(asked.stdout).toBe('later\ntrue\n');
  });

  test('a query that finds nothing says which columns it has', async () => {
    const { stdout } = await sql('select event_date, lead_count from daily_kpis where false');
    expect(stdout).toBe('No rows. Columns: event_date, lead_count\n');
  });
});

describe('queries that sql refuses', () => {
  test.each([
    [
      'a misspelt column, below the place in the text before references are replaced',
      `select lead_count,\n  total_boked\nfrom \${ref('daily_kpis')}`,
      /^Unrecognized name: total_boked.*\n {2}2 \| {3}total_boked\n {4}\| {3}\^$/,
    ],
    [
      'a column after a reference in the same line',
      `select 1 from \${ref('daily_kpis')} where leads > 1`,
      /\n {2}1 \| select 1 from \$\{ref\('daily_kpis'\)\} where leads > 1\n {4}\| {42}\^$/,
    ],
    [
      'a function that is not translated',
      'select soundex(business_unit) as s from daily_kpis',
      /^DuckDB does not support soundex\(STRING\); .*\n.*\n {4}\| {8}\^$/,
    ],
    ['a table that does not exist', `select 1 from \${ref('daily_kpi')}`, 'Perhaps daily_kpis?'],
    ['JavaScript of a model', `select \${dates.runDate()} as d`, `Only \${ref('…')} has a meaning here`],
    [
      'SQL that is newer than GoogleSQL on the laptop',
      'select business_unit, count(*) as n from daily_kpis group by all',
      'GROUP BY ALL is not supported; list the columns, by name or as group by 1, 2',
    ],
    ['a statement that writes', 'delete from daily_kpis where true', 'the scratch pad only reads'],
    ['a column of a type that BigQuery lacks', 'select other from daily_kpis', 'Unrecognized name: other'],
    ['an error while it runs', 'select 1 / lead_count - 1 / 0 as x from daily_kpis', 'division by zero: 1'],
  ])('a refused query is answered with its reason: %s', async (_, query, message) => {
    const file = join(folder, 'warehouse.duckdb');
    const hash = () => createHash('sha256').update(readFileSync(file)).digest('hex');
    const before = hash();
    const { text, exitCode } = await failure(query);
    if (typeof message === 'string') expect(text).toContain(message);
    else expect(text).toMatch(message);
    expect(exitCode).toBe(1);
    expect(hash()).toBe(before);
  });

  test('wrong usage ends with exit code 3 and says what is wrong', async () => {
    expect(await failure()).toMatchObject({
      exitCode: 3,
      text: expect.stringContaining('there is no query'),
    });
    expect(await failure('select 1', '--limit', 'ten')).toMatchObject({ exitCode: 3 });
    expect(await failure(join(folder, 'nothing.sql'))).toMatchObject({
      exitCode: 3,
      text: expect.stringContaining('cannot be read'),
    });
    expect(await failure('select 1', '--csv', '--json')).toMatchObject({ exitCode: 3 });
  });

  test('without a warehouse the command says to run a night, and creates none', async () => {
    env = { ...env, DUCKDB_PATH: join(folder, 'none.duckdb') };
    const { text, exitCode } = await failure('select 1');
    expect(text).toMatch(/There is no warehouse at .*none.duckdb yet\n→ Run `npm run nightly` first/);
    expect(exitCode).toBe(1);
  });

  test('with BigQuery configured the command says that it reads the laptop only', async () => {
    env = { ...env, BQ_PROJECT_ID: 'acme', LANDING_URI: 'gs://acme-landing' };
    expect(await failure('select 1')).toMatchObject({
      exitCode: 3,
      text: expect.stringContaining('bq query'),
    });
  });
});
