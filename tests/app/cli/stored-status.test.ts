import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { storedStatus, storedStatusPath, storeStatus } from '../../../app/pipeline/stored-status.ts';
import { ownFolder, run, start } from '../../e2e/command.ts';
import { KILL_AT } from '../../faults/case.ts';

const datasets = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' };

test('status shows what a run stored when it closed the warehouse, and opens the warehouse if it was written since', async () => {
  const { env } = ownFolder();
  const status = async () => JSON.parse((await run(['status', '--json'], env)).stdout);
  expect((await run(['extract', 'campaigns', 'tag_types'], env)).code).toBe(0);
  const path = storedStatusPath(env.DUCKDB_PATH);
  const kept = JSON.parse(readFileSync(path, 'utf8'));
  expect(kept.status.entities.map(({ entity }: { entity: string }) => entity)).toEqual([
    'campaigns',
    'tag_types',
  ]);

  // The file is what is shown, and it has what the warehouse says.
  const read = { ...kept, warehouse: 'of another day' };
  writeFileSync(path, JSON.stringify(read));
  expect(await status()).toEqual(kept.status);
  writeFileSync(path, JSON.stringify({ ...kept, status: { night: null, entities: [] } }));
  expect(await status()).toEqual({ night: null, entities: [] });

  const instance = await DuckDBInstance.create(env.DUCKDB_PATH);
  const connection = await instance.connect();
  await connection.run("UPDATE st_logs_v2.ingestion_logs SET status = 'failed' WHERE entity = 'tag_types'");
  connection.closeSync();
  instance.closeSync();
  const [, changed] = (await status()).entities;
  expect(changed.runs.map(({ status }: { status: string }) => status)).toEqual(['failed']);

  // A run that is killed stores nothing, and what it left is shown.
  expect((await run(['extract', 'campaigns', 'tag_types'], env)).code).toBe(0);
  const before = readFileSync(path, 'utf8');
  const kill = { FAULTS_KILL_AT: 'after link page-00001' };
  const killed = start(['extract', 'campaigns', 'tag_types'], { ...env, ...kill }, { preload: KILL_AT });
  expect((await killed.ended).code).toBeNull();
  expect(readFileSync(path, 'utf8')).toBe(before);
  const left = (await status()).entities.flatMap(({ runs }: { runs: { status: string }[] }) => runs);
  expect(left.map(({ status }: { status: string }) => status)).toContain('running');
});

test('a stored status is of one state of the warehouse and of its datasets', () => {
  const { env } = ownFolder();
  const warehouse = { kind: 'duckdb', path: env.DUCKDB_PATH } as const;
  const found = { night: null, entities: [] };
  storeStatus(env.DUCKDB_PATH, datasets, found);
  expect(existsSync(storedStatusPath(env.DUCKDB_PATH))).toBe(false);
  writeFileSync(env.DUCKDB_PATH, 'rows');
  storeStatus(env.DUCKDB_PATH, datasets, found);
  expect(storedStatus({ warehouse, datasets })).toEqual(found);
  expect(storedStatus({ warehouse, datasets: { ...datasets, logs: 'other' } })).toBeUndefined();
  // A process that was killed leaves its changes in a log beside the file.
  writeFileSync(`${env.DUCKDB_PATH}.wal`, 'more rows');
  expect(storedStatus({ warehouse, datasets })).toBeUndefined();
});
