import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ActionResult } from '../../../engine/action-result.ts';
import type { Action, Graph } from '../../../engine/compile.ts';
import { runGraph } from '../../../engine/duckdb/run-graph.ts';

let instance: DuckDBInstance;
const connect = async () => {
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
};
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
});

function action(name: string, query: string, rest: Partial<Action> = {}): Action {
  const needed = [...query.matchAll(/`p\.s\.(\w+)`/g)].map(([, table = '']) => ({ name: table }));
  // The file of a model does not matter here, so any file of the project will do.
  const fileName = 'definitions/intermediate/int_calendar.sqlx';
  return {
    target: { schema: 's', name },
    fileName,
    query,
    type: 'table',
    dependencyTargets: needed,
    ...rest,
  };
}

const graph = (tables: readonly Action[], assertions: readonly Action[] = []): Graph => ({
  tables,
  assertions,
  flags: [],
  operations: [],
  declarations: [],
  tests: [],
});

async function run(tables: readonly Action[], assertions: readonly Action[] = []) {
  const results = await runGraph({ projectDir: process.cwd(), graph: graph(tables, assertions), connect });
  return new Map<string, ActionResult>(results.map((result) => [result.name, result]));
}

async function rows(sql: string) {
  const connection = await connect();
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

test('models run after the models they read, whatever their order in the graph', async () => {
  const results = await run([
    action('third', 'select n + 1 as n from `p.s.second` as s'),
    action('second', 'select n + 1 as n from `p.s.first` as f', { type: 'view' }),
    action('first', 'select 1 as n'),
  ]);
  expect([...results.values()].map(({ status }) => status)).toEqual(['passed', 'passed', 'passed']);
  expect(await rows('SELECT n FROM s.third')).toEqual([['3']]);
});

test('a stopped transform lets running models finish and starts no other', async () => {
  const stopping = new AbortController();
  const days = "unnest(generate_date_array(date '2000-01-01', date '2009-12-31')) as";
  const tables = [
    action('quick', 'select 1 as n'),
    action('slow', `select count(*) as n from ${days} a cross join ${days} b`),
    action('after', 'select n from `p.s.slow` as s'),
  ];
  const stopped = runGraph({
    projectDir: process.cwd(),
    graph: graph(tables),
    connect,
    onResult: () => stopping.abort(new Error('stopped by SIGTERM')),
    signal: stopping.signal,
  });
  await expect(stopped).rejects.toThrow('stopped by SIGTERM');
  expect(await rows('SELECT n FROM s.slow')).toEqual([[String(3653 ** 2)]]);
  await expect(rows('SELECT n FROM s.after')).rejects.toThrow('after');
});

test('a model that reads a failed model is skipped and the other models run', async () => {
  const results = await run([
    action('broken', "select 1 / n as n from (select numeric '0' as n)"),
    action('reader', 'select n from `p.s.broken` as b'),
    action('sound', 'select 1 as n'),
  ]);
  expect(results.get('broken')).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('.sqlx: '),
  });
  expect(results.get('reader')).toMatchObject({ status: 'skipped' });
  expect(results.get('sound')).toMatchObject({ status: 'passed', rows: 1 });
});

describe('an action that finds too little memory beside another', () => {
  const days = "unnest(generate_date_array(date '2000-01-01', date '2009-12-31')) as";
  const slow = action('beside', `select count(*) as n from ${days} a cross join ${days} b`);

  /**
   * Runs a graph in which a statement that names `heavy` finds too little memory while `isShort`; also returns its tries. The
   * action `beside` is still running after the first of them.
   */
  async function runHeavy(heavy: Action, isShort: (tries: number, beside: number) => boolean) {
    let running = 0;
    let tries = 0;
    let endFirstTry: () => void = () => {};
    const firstTry = new Promise<void>((resolve) => {
      endFirstTry = resolve;
    });
    const connectShort = async () => {
      const connection = await connect();
      const runNow = connection.run.bind(connection);
      connection.run = async (sql, ...rest) => {
        const builds = (table: string) => sql.includes(`CREATE OR REPLACE TABLE "s"."${table}"`);
        if (builds('heavy') && isShort(++tries, running)) {
          endFirstTry();
          throw new Error('Out of Memory Error: failed to pin block');
        }
        running++;
        if (builds('beside')) await firstTry;
        return runNow(sql, ...rest).finally(() => {
          running--;
        });
      };
      return connection;
    };
    const tables = [slow, heavy, action('after', 'select n from `p.s.heavy` as h')];
    const results = await runGraph({
      ...{ projectDir: process.cwd(), graph: graph(tables), connect: connectShort },
    });
    return { status: Object.fromEntries(results.map(({ name, status }) => [name, status])), tries };
  }

  test('is run again on its own', async () => {
    expect(
      await runHeavy(action('heavy', 'select 1 as n'), (tries, beside) => tries === 1 || beside > 0),
    ).toEqual({
      status: { beside: 'passed', heavy: 'passed', after: 'passed' },
      tries: 2,
    });
  });

  test('fails if it finds too little then too', async () => {
    expect(await runHeavy(action('heavy', 'select 1 as n'), () => true)).toEqual({
      status: { beside: 'passed', heavy: 'failed', after: 'skipped' },
      tries: 2,
    });
  });
});

test('a failing assertion reports its row count and its first rows', async () => {
  const results = await run(
    [action('numbers', 'select day from unnest(generate_date_array("2025-01-01", "2025-01-29")) as day')],
    [
      action('assert_none', 'select day from `p.s.numbers` as n'),
      action('assert_some', 'select day from `p.s.numbers` as n where day is null'),
    ],
  );
  expect(results.get('assert_none')).toMatchObject({ status: 'failed', rows: 29 });
  expect(results.get('assert_none')?.sample).toHaveLength(20);
  expect(results.get('assert_some')).toMatchObject({ status: 'passed', rows: 0 });
});

test('a failing assertion adds up the money and the jobs of all its rows', async () => {
  const days = 'unnest(generate_date_array("2025-01-01", "2025-01-09")) as day';
  const found = (columns: string) => `select day, ${columns} from ${days}`;
  const results = await run(
    [],
    [
      action('assert_both', found("numeric '0.1' as uncounted_amount, 2 as job_count")),
      action('assert_unknown', found('cast(null as numeric) as uncounted_amount')),
      action('assert_neither', found('1 as amount')),
    ],
  );
  const sums = (name: string) => results.get(name)?.sums;
  expect(sums('assert_both')).toEqual({ uncounted_amount: '0.900000000', job_count: '18' });
  expect(sums('assert_unknown')).toEqual({ uncounted_amount: null });
  expect(sums('assert_neither')).toEqual({});
});

test('a view is stored as a table on DuckDB and replaces a view of an earlier version', async () => {
  await rows('CREATE SCHEMA IF NOT EXISTS s');
  await rows('CREATE VIEW s.shape AS SELECT 0 AS n');
  const results = await run([action('shape', 'select 1 as n', { type: 'view' })]);
  expect(results.get('shape')).toMatchObject({ status: 'passed', rows: 1 });
  expect(await rows("SELECT table_type FROM information_schema.tables WHERE table_name = 'shape'")).toEqual([
    ['BASE TABLE'],
  ]);
});

describe('incremental tables on DuckDB', () => {
  const snapshot = (date: string, amount: number) => {
    const query = `select date '${date}' as day, ${amount} as amount`;
    return action('snapshots', query, { type: 'incremental', incrementalQuery: query, uniqueKey: ['day'] });
  };

  test('an incremental table replaces rows with the same key and keeps all others', async () => {
    for (const [date, amount] of [
      ['2025-10-26', 1],
      ['2025-10-27', 2],
      ['2025-10-27', 3],
    ] as const) {
      expect((await run([snapshot(date, amount)])).get('snapshots')).toMatchObject({ status: 'passed' });
    }
    expect(await rows('SELECT CAST(day AS VARCHAR), amount FROM s.snapshots ORDER BY day')).toEqual([
      ['2025-10-26', '1'],
      ['2025-10-27', '3'],
    ]);
  });

  test('an incremental table keeps its rows when its query fails', async () => {
    const broken =
      "select date '2025-10-28' as day, cast(n as int64) as amount from (select 1 / numeric '0' as n)";
    await run([{ ...snapshot('2025-10-28', 1), incrementalQuery: broken }]);
    expect(await rows('SELECT count(*) FROM s.snapshots')).toEqual([['2']]);
  });
});

test('a model that fails on a value reports the kind of error without the value', async () => {
  const results = await run([
    action('pay', 'select 9223372036854770129 as amount'),
    action('doubled', 'select amount + amount as amount from `p.s.pay` as pay'),
  ]);
  const { error } = results.get('doubled') ?? {};
  expect(error).toMatch(/\.sqlx: [A-Z][\w ]+ Error$/);
  expect(error).not.toContain('770129');
});
