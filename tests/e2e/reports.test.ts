import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { type Ended, filesIn, query, run } from './command.ts';
import { settings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-reports-'));
const files = filesIn(folder);
const NAMES = { COLLECTIONS_REPORT: 'accounting/26117979', AR_REPORT: 'accounting/235' };
// A saved report may run once a minute. The clock of the tests moves, so they do not wait.
let minutes = 0;
const clock = () => new Date(Date.now() + minutes++ * 61_000);
let sandbox: Sandbox;
let first: Ended;
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeAll(async () => {
  sandbox = await startSandbox({ clock, tokenLifetimeSeconds: 1e9 });
  first = await run(['nightly', '--verbose'], { ...files, ...settings(sandbox), ...NAMES });
});

describe('the saved reports (COLLECTIONS_REPORT, AR_REPORT)', () => {
  test('saved reports are loaded into tables of their own and give the same KPIs', async () => {
    expect(first.stdout).toContain('0 RED');
    expect(first.code).toBe(0);
    const [row] = await query(
      files.DUCKDB_PATH,
      `SELECT (SELECT count(*) FROM st_raw_v2.raw_collections_report) AS collections,
         (SELECT count(*) FROM st_raw_v2.raw_ar_report) AS receivables,
         (SELECT count(DISTINCT business_unit) FROM st_stage_v2.stg_collections_report
          WHERE business_unit LIKE '%-Production') AS units`,
    );
    expect(Number(row?.collections)).toBeGreaterThan(300);
    expect(Number(row?.receivables)).toBeGreaterThan(50);
    expect(Number(row?.units)).toBeGreaterThanOrEqual(6);
  });

  test('saved reports are requested with paging in the query and polled after 202', () => {
    const asked = sandbox.requests.all().filter(({ path }) => path.includes('/reporting/'));
    const runs = asked.filter(({ path, status }) => path.endsWith('/data/query') && status !== 429);
    // The 180 days of collections are in seven months; receivables are as of one day.
    expect(runs.map(({ query: text }) => text)).toEqual(Array(8).fill('?page=1&pageSize=25000'));
    // The reports run side by side.
    expect(runs.findIndex(({ path }) => path.includes('/reports/235/'))).toBeLessThan(7);
    expect(asked.map(({ status }) => status)).toContain(202);
  });

  test('a payment that the saved report has and the entities lack turns the run RED with exit code 2', async () => {
    const [payment] = await query(
      files.DUCKDB_PATH,
      `SELECT CAST(payment_id AS VARCHAR) AS id FROM st_stage_v2.int_collections
       WHERE business_unit = 'Nevada-Production' AND event_date > '2025-09-01' ORDER BY payment_id LIMIT 1`,
    );
    // The saved report stays the same; the entity loses a payment.
    const instance = await DuckDBInstance.create(files.DUCKDB_PATH);
    const connection = await instance.connect();
    await connection.run(`DELETE FROM st_raw_v2.raw_payments WHERE id = ${payment?.id}`);
    connection.closeSync();
    instance.closeSync();
    const ended = await run(['transform'], files);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toMatch(/RED {2}assert_collections_equal_report: 1 rows/);
  });
});

test('a saved report with a renamed column fails by name and the entities are still read', async () => {
  const body = JSON.stringify({
    fields: [{ name: 'PaidOn' }, { name: 'Sum' }],
    ...{ page: 1, pageSize: 1000, hasMore: false, totalCount: 0, data: [] },
  });
  const fault = { kind: 'body', text: body, contentType: 'application/json' } as const;
  sandbox.faults.add({ path: '26117979/data', times: null, fault });
  const ended = await run(['nightly', '--verbose'], { ...files, ...settings(sandbox), ...NAMES });
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('has no column "Amount"; it has PaidOn, Sum');
  expect(ended.stdout).toMatch(/payments +success/);
});

test('a malformed AR_REPORT is refused with exit code 3 before anything runs', async () => {
  const ended = await run(['nightly'], { ...files, AR_REPORT: 'the receivables' });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('AR_REPORT is not the category/id of a saved report');
});

test('a saved report that does not exist fails with its path and 404', async () => {
  const ended = await run(['nightly'], { ...files, ...settings(sandbox), AR_REPORT: 'accounting/999' });
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(
    /failed ar_report: GET .*report-category\/accounting\/reports\/999 answered 404/,
  );
});
