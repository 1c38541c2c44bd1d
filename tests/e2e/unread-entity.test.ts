import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportData } from '../../app/report/data.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { type Ended, filesIn, query, run } from './command.ts';
import { settings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-unread-'));
const files = filesIn(folder);
const UNREAD = ['invoices', 'payments'];
let sandbox: Sandbox;
let second: Ended;

beforeAll(async () => {
  sandbox = await startSandbox({ scale: 0.05 });
  const env = { ...settings(sandbox), ...files };
  expect(await run(['nightly'], env)).toMatchObject({ code: 0 });
  for (const name of UNREAD) {
    sandbox.faults.add({ path: `export/${name}`, times: null, fault: { kind: 'status', status: 400 } });
  }
  sandbox.setNow(new Date('2025-10-28T12:00:00Z'));
  second = await run(['nightly', '--verbose'], { ...env, RUN_DATE: '2025-10-28' });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('nightly when invoices and payments cannot be read', () => {
  test('nightly with unread entities ends with exit code 1 and is RED beside 192 GREEN screen values', () => {
    expect(second.code).toBe(1);
    expect(second.stdout).toMatch(/Screen values {2}192 GREEN {2}0 YELLOW {2}0 RED/);
    for (const name of UNREAD) expect(second.stdout).toContain(`RED  ${name} was not read for 2025-10-28`);
    expect(second.stdout).toMatch(/RED {2}assert_entities_fresh: 2 rows/);
  });

  test('the report of nightly with unread entities names them at its head', () => {
    const report = JSON.parse(readFileSync(join(folder, 'report/report.json'), 'utf8')) as ReportData;
    expect(report).toMatchObject({ verdict: 'RED', unread: UNREAD });
    const [header = ''] = readFileSync(join(folder, 'report/report.html'), 'utf8').split('</header>');
    expect(header).toContain('Not read for 28 Oct 2025: invoices, payments;');
    expect(readFileSync(join(folder, 'report/report.md'), 'utf8')).toContain('Not read for 28 Oct 2025');
  });

  test('nightly with unread invoices takes no snapshot, and assert_snapshots_complete is RED', async () => {
    const dates = await query(
      files.DUCKDB_PATH,
      'SELECT DISTINCT CAST(snapshot_date AS VARCHAR) AS day FROM st_mart_v2.kpi_snapshots',
    );
    expect(dates).toEqual([{ day: '2025-10-27' }]);
    expect(second.stdout).toMatch(/RED {2}assert_snapshots_complete: 18 rows/);
  });
});
