import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { contents, filesIn, query, run } from './command.ts';
import { settings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-earlier-'));
const files = filesIn(folder);
const SECOND = { RUN_DATE: '2025-10-28' };
let sandbox: Sandbox;
let env: Record<string, string>;
let between: string;
let [first, second]: Record<string, string>[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ scale: 0.05 });
  env = { ...settings(sandbox), ...files };
  expect(await run(['nightly'], env)).toMatchObject({ code: 0 });
  first = await contents(files.DUCKDB_PATH);
  between = new Date().toISOString();
  const [estimate, job] = await query(
    files.DUCKDB_PATH,
    `(SELECT CAST(min(id) AS VARCHAR) AS id FROM st_raw_v2.raw_estimates WHERE status.name = 'Open')
     UNION ALL
     (SELECT CAST(max(id) AS VARCHAR) FROM st_raw_v2.raw_jobs WHERE jobStatus = 'Completed')`,
  );
  sandbox.setNow(new Date('2025-10-27T20:00:00Z'));
  const sold = { status: { value: 1, name: 'Sold' }, soldOn: '2025-10-15T18:00:00Z' };
  sandbox.change({ entity: 'estimates', id: String(estimate?.id), set: sold });
  sandbox.change({ entity: 'jobs', id: String(job?.id), set: { jobStatus: 'Canceled' } });
  sandbox.setNow(new Date('2025-10-28T12:00:00Z'));
  expect((await run(['nightly'], { ...env, ...SECOND })).code).toBeLessThan(3);
  second = await contents(files.DUCKDB_PATH);
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('transform --as-of (the mart of an earlier run)', () => {
  test('the marts of two nightly runs differ', () => {
    expect(mart(second)).not.toEqual(mart(first));
  });

  test('transform --as-of rebuilds the earlier mart table by table, and transform rebuilds the newest', async () => {
    expect(await run(['transform', '--as-of', between], env)).toMatchObject({ code: 0 });
    expect(mart(await contents(files.DUCKDB_PATH))).toEqual(mart(first));
    expect((await run(['transform'], { ...env, ...SECOND })).code).toBeLessThan(3);
    expect(mart(await contents(files.DUCKDB_PATH))).toEqual(mart(second));
  });
});

test('a lost warehouse is rebuilt by replay without the API, and the next nightly run goes on', async () => {
  const tables = async () =>
    (
      await query(
        files.DUCKDB_PATH,
        `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'st_raw_v2' ORDER BY name`,
      )
    )
      .map(({ name }) => String(name))
      .filter((name) => name.startsWith('raw_') && !name.endsWith('_report'));
  const rows = async (name: string) =>
    query(
      files.DUCKDB_PATH,
      `SELECT count(*) AS n, sha256(string_agg(line, '|' ORDER BY line)) AS sum
      FROM (SELECT CAST(t AS VARCHAR) AS line FROM st_raw_v2.${name} AS t)`,
    );
  const before = new Map<string, unknown>();
  for (const name of await tables()) before.set(name, await rows(name));
  expect(before.size).toBe(23);

  const sums = await dailySums();

  rmSync(files.DUCKDB_PATH);
  const off = { ...env, ST_API_URL: 'http://127.0.0.1:9', ST_AUTH_URL: 'http://127.0.0.1:9' };
  expect(await run(['replay', 'all'], off)).toMatchObject({ code: 0 });
  for (const [name, told] of before) expect([name, await rows(name)]).toEqual([name, told]);

  const status = JSON.parse((await run(['status', '--json'], off)).stdout);
  expect(status.night).toMatchObject({ runDate: '2025-10-28', succeeded: 23, failed: 0 });
  const night = JSON.parse((await run(['nightly', '--json'], { ...env, ...SECOND })).stdout);
  for (const receipt of night.entities)
    expect(receipt).toMatchObject({ status: 'success', records_new: '0' });
  const withoutSnapshots = (tables: Record<string, string> | undefined) =>
    Object.fromEntries(
      Object.entries(mart(tables)).filter(
        ([name]) => !/daily_kpis|regional_kpis|int_kpi_values|int_unit_values|int_last_snapshots/.test(name),
      ),
    );
  expect(withoutSnapshots(await contents(files.DUCKDB_PATH))).toEqual(withoutSnapshots(second));
  expect(await dailySums()).toEqual(sums);
});

/** The daily mart without snapshots, which are taken on their day. */
function dailySums() {
  return query(
    files.DUCKDB_PATH,
    `SELECT count(*) AS n, sha256(string_agg(line, '|' ORDER BY line)) AS sum
     FROM (
       SELECT CAST(daily AS VARCHAR) AS line
       FROM (SELECT * EXCLUDE (future_bookings, future_bookings_after_today, outstanding_ar) FROM st_mart_v2.daily_kpis) AS daily
     )`,
  );
}

/** Every mart, intermediate and staging table, without snapshots and their history, which stay as taken. */
function mart(tables: Record<string, string> | undefined): Record<string, string> {
  const built = ([name]: [string, string]) => /^st_(mart|stage)_v2\./.test(name) && !TAKEN.test(name);
  return Object.fromEntries(Object.entries(tables ?? {}).filter(built));
}

const TAKEN = /kpi_snapshots|weekly_kpi_history|kpi_movements/;
