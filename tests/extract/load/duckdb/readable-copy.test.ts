import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { readConfig } from '../../../../extract/config.ts';
import {
  type ReplacedKeys,
  readableCopyPath,
  writeReadableCopy,
} from '../../../../extract/load/duckdb/readable-copy.ts';
import { openWarehouse, query, testFolder } from '../../night.ts';

/** A warehouse with a raw table and a model's table; the models' engine says in the comment what the latter holds. */
async function startCopies() {
  const folder = testFolder();
  const path = join(folder, 'warehouse.duckdb');
  const config = readConfig({}, { cwd: folder, now: new Date() });
  const warehouse = await openWarehouse(config, path);
  const copy = readableCopyPath(path);
  const say = (sql: string) => query(warehouse, sql);
  await say('CREATE TABLE st_stage_v2.int_leads AS SELECT 1 AS job_id');
  await say("COMMENT ON TABLE st_stage_v2.int_leads IS 'Leads.\nmade of a1, holds 1:1'");
  const add = (id: number) =>
    say(`INSERT INTO st_raw_v2.raw_jobs (id, _run_id, _extracted_at) VALUES (${id}, 'run-${id}', now())`);
  await add(1);
  const inCopy = async (sql: string) => {
    const instance = await DuckDBInstance.create(copy);
    const connection = await instance.connect();
    const found = (await connection.runAndReadAll(sql)).getRowsJson().flat();
    connection.closeSync();
    instance.closeSync();
    return found;
  };
  return {
    ...{ copy, say, add, inCopy },
    write: (connect = warehouse.connect, replaced?: ReadonlyMap<string, ReplacedKeys>) =>
      writeReadableCopy(connect, path, config.datasets, replaced),
    connect: warehouse.connect,
    leads: () => inCopy('SELECT job_id FROM st_stage_v2.int_leads ORDER BY job_id'),
    jobs: () => inCopy('SELECT id FROM st_raw_v2.raw_jobs ORDER BY id'),
  };
}

test('a table that holds what it held before is taken over from the copy before', async () => {
  const { write, inCopy, leads, jobs } = await startCopies();
  await write();
  // Only a copy that is not made again still has these rows.
  await inCopy('INSERT INTO st_stage_v2.int_leads VALUES (99)');
  await inCopy('INSERT INTO st_raw_v2.raw_jobs (id) VALUES (99)');
  await write();
  expect([await leads(), await jobs()]).toEqual([
    [1, 99],
    ['1', '99'],
  ]);
});

test('a table that was built again, a raw table with a new version, and a dropped table change in the copy', async () => {
  const { write, say, add, inCopy, leads, jobs } = await startCopies();
  await say('CREATE TABLE st_stage_v2.int_gone AS SELECT 1 AS job_id');
  await write();
  await say('INSERT INTO st_stage_v2.int_leads VALUES (2)');
  await say("COMMENT ON TABLE st_stage_v2.int_leads IS 'Leads.\nmade of a2, holds 2:3'");
  await say('DROP TABLE st_stage_v2.int_gone');
  await add(2);
  await write();
  expect([await leads(), await jobs()]).toEqual([
    [1, 2],
    ['1', '2'],
  ]);
  expect(await inCopy("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'int_gone'")).toEqual(['0']);
});

test('of a table with replaced keys, and of a raw table that was added to, only what changed is copied', async () => {
  const { write, say, add, inCopy, leads, jobs, connect } = await startCopies();
  await say('INSERT INTO st_stage_v2.int_leads VALUES (2), (NULL)');
  await write();
  // Only a copy to which rows are added still has these.
  await inCopy('INSERT INTO st_stage_v2.int_leads VALUES (99)');
  await inCopy("INSERT INTO st_raw_v2.raw_jobs (id, _run_id) VALUES (99, 'run-0')");
  await say('CREATE TABLE keys AS SELECT unnest([2, 3, NULL]) AS key');
  const replace = async (holds: string, row: number, before: string) => {
    await say(`UPDATE st_stage_v2.int_leads SET job_id = ${row} WHERE job_id IS NULL OR job_id > 2`);
    await say(`COMMENT ON TABLE st_stage_v2.int_leads IS 'made of a2, holds ${holds}'`);
    await write(connect, new Map([['st_stage_v2.int_leads', { before, column: 'job_id', keys: 'keys' }]]));
  };
  await add(2);
  await replace('3:2', 3, '1:1');
  expect([await leads(), await jobs()]).toEqual([
    [1, 2, 3, 99],
    ['1', '2', '99'],
  ]);
  // The copy is not of what was replaced, so the table is copied whole.
  await replace('3:3', 4, '8:8');
  expect(await leads()).toEqual([1, 2, 4]);
});

test('a copy that cannot be opened is made anew', async () => {
  const { write, copy, leads } = await startCopies();
  await write();
  writeFileSync(copy, 'no database');
  await write();
  expect(await leads()).toEqual([1]);
});

test('a table that changes every night does not make the copy grow', async () => {
  const { write, say, copy } = await startCopies();
  const sizes: number[] = [];
  for (let night = 1; night <= 6; night++) {
    await say(
      `CREATE OR REPLACE TABLE st_stage_v2.int_leads AS SELECT hash(i + ${night}) AS job_id FROM range(300000) AS t(i)`,
    );
    await say(`COMMENT ON TABLE st_stage_v2.int_leads IS 'made of a${night}, holds ${night}:1'`);
    await write();
    sizes.push(statSync(copy).size);
  }
  // What a replaced table leaves free is used by the next one.
  expect(Math.max(...sizes)).toBeLessThan(2.5 * (sizes[0] ?? 0));
  expect(Math.max(...sizes.slice(3))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 3)));
});

test('a copy that fails leaves the one before, and the next night copies again', async () => {
  const { write, connect, say, leads } = await startCopies();
  await write();
  await say('INSERT INTO st_stage_v2.int_leads VALUES (2)');
  await say("COMMENT ON TABLE st_stage_v2.int_leads IS 'Leads.\nmade of a2, holds 2:3'");
  const failing = async () => {
    const connection = await connect();
    const run = connection.run.bind(connection);
    connection.run = (sql: string) =>
      sql.includes('readable."st_stage_v2"."int_leads" AS')
        ? Promise.reject(new Error('disk full'))
        : run(sql);
    return connection;
  };
  await expect(write(failing)).rejects.toThrow('disk full');
  expect(await leads()).toEqual([1]);
  await write();
  expect(await leads()).toEqual([1, 2]);
});

test('a raw table whose records a complete read turned back is copied again', async () => {
  const { write, say, inCopy } = await startCopies();
  await write();
  await say('UPDATE st_raw_v2.raw_jobs SET _generation = 2');
  await write();
  expect(await inCopy('SELECT _generation FROM st_raw_v2.raw_jobs')).toEqual(['2']);
});
