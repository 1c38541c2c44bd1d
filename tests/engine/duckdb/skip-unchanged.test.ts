import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ActionResult } from '../../../engine/action-result.ts';
import type { Action, Graph } from '../../../engine/compile.ts';
import { runGraph } from '../../../engine/duckdb/run-graph.ts';
import { writeComments } from '../../../extract/load/duckdb/comments.ts';
import { type DuckdbWarehouse, openDuckdb } from '../../../extract/load/duckdb/warehouse.ts';
import { declaredTables } from '../../../schemas/columns.ts';

const DATASETS = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' };

/** A small graph that ends in a total; it reads a change log and a reference table. */
const MODELS: Readonly<Record<string, string>> = {
  stg_tags: 'select t.id as tag_id, t.name from `p.st_raw_v2.raw_tag_types` as t',
  stg_types: 'select r.name from `p.st_raw_v2.reference_job_types` as r',
  int_tags: 'select t.name, 1 as tag_count from `p.st_stage_v2.stg_tags` as t',
  tag_total: 'select sum(t.tag_count) as total from `p.st_stage_v2.int_tags` as t',
};
const ASSERTION = 'select t.name from `p.st_stage_v2.stg_tags` as t where t.name is null';

let warehouse: DuckdbWarehouse;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keep-'));
  warehouse = await openDuckdb(
    { datasets: DATASETS, personalData: 'keep' },
    join(folder, 'warehouse.duckdb'),
  );
  await warehouse.prepare(declaredTables());
  await sql(version(1, 'warm', 'a'), version(2, 'cold', 'b'));
  await sql("INSERT INTO st_raw_v2.reference_job_types (name) VALUES ('Estimate')");
  onTestFinished(() => {
    warehouse.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

/** One version of a tag, as a load writes it. */
function version(id: number, name: string, hash: string): string {
  return `INSERT INTO st_raw_v2.raw_tag_types (id, name, _row_hash, _run_id, _extracted_at)
          VALUES (${id}, '${name}', '${hash}', 'run', '2025-10-27T06:00:00Z')`;
}

async function sql(...statements: readonly string[]): Promise<void> {
  const connection = await warehouse.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
}

function graph(models: Readonly<Record<string, string>>, assertion = ASSERTION): Graph {
  const action = (name: string, query: string): Action => ({
    target: { schema: 'st_stage_v2', name },
    fileName: 'definitions/intermediate/int_calendar.sqlx',
    query,
    type: name.startsWith('stg_') ? 'view' : 'table',
    dependencyTargets: [...query.matchAll(/`p\.\w+\.(\w+)`/g)].map(([, table = '']) => ({ name: table })),
  });
  return {
    flags: [],
    tables: Object.entries(models).map(([name, query]) => action(name, query)),
    assertions: [action('assert_named', assertion)],
    operations: [],
    declarations: ['raw_tag_types', 'reference_job_types'].map((name) => ({
      target: { schema: 'st_raw_v2', name },
    })),
    tests: [],
  };
}

async function run(
  options: {
    models?: Readonly<Record<string, string>>;
    assertion?: string;
    skipUnchanged?: boolean;
    connect?: () => Promise<DuckDBConnection>;
  } = {},
): Promise<readonly ActionResult[]> {
  const { models = MODELS, assertion, skipUnchanged = true, connect = warehouse.connect } = options;
  return runGraph({ projectDir: process.cwd(), graph: graph(models, assertion), connect, skipUnchanged });
}

/** Names of the tables that a run built and did not skip. */
async function built(options?: Parameters<typeof run>[0]): Promise<string[]> {
  const results = await run(options);
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
  return results.filter(({ kind, isKept }) => kind !== 'assertion' && !isKept).map(({ name }) => name);
}

const total = async () =>
  (await warehouse.query<{ total: string }>('SELECT * FROM st_stage_v2.tag_total'))[0]?.total;

test('skip unchanged: the first run builds every model and the next one builds none', async () => {
  expect((await built()).sort()).toEqual(['int_tags', 'stg_tags', 'stg_types', 'tag_total']);
  const results = await run();
  expect(results.every(({ isKept }) => isKept)).toBe(true);
  // A skipped table reports its row count as if it had been built, and an assertion its verdict.
  expect(results.find(({ name }) => name === 'stg_tags')).toMatchObject({ rows: 2, isKept: true });
  expect(results.find(({ name }) => name === 'assert_named')).toMatchObject({ rows: 0, status: 'passed' });
});

test('a run without skip unchanged builds every model', async () => {
  await built();
  expect(await built({ skipUnchanged: false })).toHaveLength(4);
  expect(await built()).toEqual([]);
});

test('descriptions written into a table after it was built do not make the next run build it again', async () => {
  const describeAs = async (comment: string) => {
    const connection = await warehouse.connect();
    await writeComments(connection, [{ schema: 'st_stage_v2', name: 'int_tags', comment, columns: [] }]);
    connection.closeSync();
  };
  await built();
  for (const comment of ['One row per tag.', 'One row per tag of the tenant.']) {
    await describeAs(comment);
    expect(await built()).toEqual([]);
    const [stored] = await warehouse.query<{ comment: string }>(
      "SELECT comment FROM duckdb_tables() WHERE table_name = 'int_tags'",
    );
    expect(stored?.comment.split('\n')).toEqual([comment, expect.stringMatching(/^made of /)]);
  }
});

describe('the verdict of an assertion', () => {
  const verdict = async (options?: Parameters<typeof run>[0]) => {
    const { status, rows, sample, isKept } =
      (await run(options)).find(({ name }) => name === 'assert_named') ?? {};
    return { status, rows, sample, isKept };
  };
  const NAMELESS = version(3, 'new', 'c').replace("'new'", 'NULL');

  test('a verdict is kept until an input changes, with the rows that it found', async () => {
    expect(await verdict()).toMatchObject({ status: 'passed', isKept: undefined });
    expect(await verdict()).toMatchObject({ status: 'passed', isKept: true });
    await sql(NAMELESS);
    const found = { status: 'failed', rows: 1, sample: [{ name: null }] };
    expect(await verdict()).toEqual({ ...found, isKept: undefined });
    expect(await verdict()).toEqual({ ...found, isKept: true });
    await sql('DELETE FROM st_raw_v2.raw_tag_types WHERE id = 3');
    expect(await verdict()).toMatchObject({ status: 'passed', rows: 0, isKept: undefined });
  });

  test('a verdict is not kept if its input was changed by hand, or its query', async () => {
    await run();
    await sql("UPDATE st_stage_v2.stg_tags SET name = NULL WHERE name = 'warm'");
    // The table is built again before the assertion reads it, and then holds what it held.
    expect(await verdict()).toMatchObject({ status: 'passed', isKept: true });
    expect(await verdict({ assertion: `${ASSERTION} or t.name = 'warm'` })).toMatchObject({
      status: 'failed',
      rows: 1,
    });
  });

  test('a run without skip unchanged checks again, and the next one keeps what it found', async () => {
    await run();
    expect(await verdict({ skipUnchanged: false })).toMatchObject({ status: 'passed', isKept: undefined });
    expect(await verdict()).toMatchObject({ isKept: true });
  });

  test('no verdict is kept of a run that did not end', async () => {
    await run();
    await sql(NAMELESS);
    await expect(run({ connect: stopping(/assertion_verdicts.*INSERT/) })).rejects.toThrow('stopped here');
    expect(await verdict()).toMatchObject({ status: 'failed', isKept: undefined });
  });
});

describe('tables of deleted models', () => {
  const tables = async () =>
    (
      await warehouse.query<{ name: string }>(
        "SELECT schema_name || '.' || table_name AS name FROM duckdb_tables()",
      )
    ).map(({ name }) => name);
  const { tag_total: _, ...without } = MODELS;

  test('a table goes with its model, and no table that something else wrote', async () => {
    await built();
    await sql('CREATE TABLE st_stage_v2.mine AS SELECT 1 AS n');
    const before = await tables();
    await built({ models: without });
    expect((await tables()).sort()).toEqual(before.filter((name) => name !== 'st_stage_v2.tag_total').sort());
  });

  test('a model that became incremental keeps its rows when it is deleted later', async () => {
    await built();
    const incremental = graph(MODELS);
    const tag = incremental.tables.map((table) =>
      table.target.name === 'tag_total' ? { ...table, type: 'incremental', protected: true } : table,
    );
    await runGraph({
      ...{ projectDir: process.cwd(), graph: { ...incremental, tables: tag }, connect: warehouse.connect },
      skipUnchanged: true,
    });
    await built({ models: without });
    expect(await tables()).toContain('st_stage_v2.tag_total');
  });
});

describe('skip unchanged after a change', () => {
  const ALL_TAGS = ['stg_tags', 'int_tags', 'tag_total'];
  test.each([
    ['a new record', version(3, 'new', 'c'), ALL_TAGS],
    [
      'a new version of a record',
      "UPDATE st_raw_v2.raw_tag_types SET name = 'x', _row_hash = 'c' WHERE id = 1",
      ALL_TAGS,
    ],
    ['a deleted record', 'DELETE FROM st_raw_v2.raw_tag_types WHERE id = 1', ALL_TAGS],
    ['a duplicated record', version(1, 'warm', 'a'), ALL_TAGS],
    [
      'a changed row of a reference table',
      'UPDATE st_raw_v2.reference_job_types SET is_warranty = true',
      ['stg_types'],
    ],
    ['a dropped table', 'DROP TABLE st_stage_v2.int_tags', ['int_tags']],
    [
      'a table that another program wrote',
      'CREATE OR REPLACE TABLE st_stage_v2.int_tags AS SELECT 9 AS n',
      ['int_tags'],
    ],
    ['a row changed by hand', 'UPDATE st_stage_v2.tag_total SET total = 99', ['tag_total']],
    ['a row deleted by hand', "DELETE FROM st_stage_v2.int_tags WHERE name = 'cold'", ['int_tags']],
    ['a table without its input hash', 'COMMENT ON TABLE st_stage_v2.tag_total IS NULL', ['tag_total']],
    ['a table with another comment', "COMMENT ON TABLE st_stage_v2.tag_total IS 'mine'", ['tag_total']],
  ])('skip unchanged rebuilds exactly the tables that a change reaches: %s', async (_, change, expected) => {
    await built();
    await sql(change);
    expect((await built()).sort()).toEqual([...expected].sort());
    expect(await built()).toEqual([]);
  });

  test('skip unchanged rebuilds a model whose query changed, such as by another run date', async () => {
    await built();
    const models = { ...MODELS, int_tags: `${MODELS.int_tags} where t.name <> 'cold'` };
    expect((await built({ models })).sort()).toEqual(['int_tags', 'tag_total']);
    expect(await total()).toBe('1');
    expect(await built({ models })).toEqual([]);
    expect((await built()).sort()).toEqual(['int_tags', 'tag_total']);
    expect(await total()).toBe('2');
  });

  test('skip unchanged does not rebuild the readers of a model that gives the same rows', async () => {
    await built();
    const models = { ...MODELS, int_tags: `${MODELS.int_tags} where t.name is not null` };
    expect(await built({ models })).toEqual(['int_tags']);
  });
});

describe('skip unchanged after an interrupted run', () => {
  test('skip unchanged rebuilds a table when a run ended before its input hash was written', async () => {
    await built();
    await sql(version(3, 'new', 'c'));
    await expect(run({ connect: stopping(/^COMMENT ON TABLE .*int_tags/) })).resolves.toContainEqual(
      expect.objectContaining({ name: 'int_tags', status: 'failed' }),
    );
    expect((await built()).sort()).toEqual(['int_tags', 'tag_total']);
    expect(await total()).toBe('3');
  });

  test('skip unchanged rebuilds a table when a run ended before the table was written', async () => {
    await built();
    await sql(version(3, 'new', 'c'));
    await run({ connect: stopping(/^CREATE OR REPLACE TABLE .*int_tags/) });
    expect((await built()).sort()).toEqual(['int_tags', 'tag_total']);
    expect(await total()).toBe('3');
  });

  test('skip unchanged keeps a table when its inputs return to their earlier rows', async () => {
    await built();
    await sql(version(3, 'new', 'c'));
    await run({ connect: stopping(/^CREATE OR REPLACE TABLE .*int_tags/) });
    await sql('DELETE FROM st_raw_v2.raw_tag_types WHERE id = 3');
    expect(await built()).toEqual(['stg_tags']);
    expect(await total()).toBe('2');
  });
});

test('skip unchanged notices a manual change of a table over 100,000 rows by its row count only', async () => {
  const many = `${MODELS.int_tags} cross join unnest(generate_date_array(date '1800-01-01', date '1960-01-01')) as n`;
  const models = { ...MODELS, int_tags: many };
  await built({ models });
  await sql('UPDATE st_stage_v2.int_tags SET tag_count = 2');
  expect(await built({ models })).toEqual([]);
  await sql('DELETE FROM st_stage_v2.int_tags WHERE rowid = 0');
  expect(await built({ models })).toEqual(['int_tags']);
});

/** Connections on which the first statement that matches fails, as if the process had ended there. */
function stopping(shape: RegExp): () => Promise<DuckDBConnection> {
  return async () => {
    const connection = await warehouse.connect();
    const statement = connection.run.bind(connection);
    connection.run = async (text, ...rest) => {
      if (shape.test(text)) throw new Error('stopped here');
      return statement(text, ...rest);
    };
    return connection;
  };
}
