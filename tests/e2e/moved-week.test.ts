import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ReportData } from '../../app/report/data.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { ownFolder, query, run } from './command.ts';
import { settings } from './settings.ts';

test('a late sale moves a finished week, and the report names the week and the estimate', async () => {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const { folder, env: files } = ownFolder();
  const env = { ...files, ...settings(sandbox) };
  expect(await run(['nightly'], env)).toMatchObject({ code: 0 });
  const between = new Date().toISOString();
  const [open] = await query(
    files.DUCKDB_PATH,
    `SELECT CAST(e.estimate_id AS VARCHAR) AS id, CAST(e.subtotal AS VARCHAR) AS subtotal
     FROM st_stage_v2.stg_estimates AS e JOIN st_stage_v2.int_job_facts AS j ON j.job_id = e.job_id
     WHERE e.estimate_status = 'Open' AND e.is_active AND j.business_unit = 'Nevada-Sales' AND j.completed_date BETWEEN '2025-09-15' AND '2025-09-30'
     ORDER BY e.estimate_id LIMIT 1`,
  );
  const id = String(open?.id);

  // The sale is on a Wednesday of a finished week and is entered a day after the first run.
  const status = { value: 1, name: 'Sold' };
  sandbox.setNow(new Date('2025-10-27T20:00:00Z'));
  sandbox.change({ entity: 'estimates', id, set: { status, soldOn: '2025-10-15T18:00:00Z' } });
  sandbox.setNow(new Date('2025-10-28T12:00:00Z'));
  expect(await run(['nightly'], { ...env, RUN_DATE: '2025-10-28' })).toMatchObject({ code: 0 });

  const report = JSON.parse(readFileSync(join(folder, 'report/report.json'), 'utf8')) as ReportData;
  const moved = report.movements.find(
    ({ kpi, week_start }) => kpi === 'total_booked' && week_start === '2025-10-13',
  );
  expect(moved).toMatchObject({ business_unit: 'Nevada-Sales', night_before: '2025-10-27' });
  expect(Number(moved?.value) - Number(moved?.value_before)).toBeCloseTo(Number(open?.subtotal), 2);
  expect(moved?.records).toEqual([expect.objectContaining({ entity: 'estimates', id, counts: true })]);
  expect(readFileSync(join(folder, 'report/report.md'), 'utf8')).toContain(`estimate ${id}`);

  // Each date keeps its own snapshot.
  const dates = await query(
    files.DUCKDB_PATH,
    `SELECT CAST(snapshot_date AS VARCHAR) AS day, count(*) AS n FROM st_mart_v2.kpi_snapshots GROUP BY ALL ORDER BY day`,
  );
  expect(dates).toEqual([
    { day: '2025-10-27', n: '18' },
    { day: '2025-10-28', n: '18' },
  ]);

  // The mart as it was between the two runs lacks the sale; snapshots stay as they were taken.
  expect(await run(['transform', '--as-of', between], env)).toMatchObject({ code: 0 });
  const [week] = await query(
    files.DUCKDB_PATH,
    `SELECT CAST(total_booked AS VARCHAR) AS booked, (SELECT count(*) FROM st_mart_v2.kpi_snapshots) AS snapshots
     FROM st_mart_v2.weekly_kpis WHERE week_start = DATE '2025-10-13' AND business_unit = 'Nevada-Sales'`,
  );
  expect(week).toEqual({ booked: moved?.value_before, snapshots: '36' });
});
