import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../sandbox/server.ts';
import { ownFolder, query, run } from './command.ts';
import { settings } from './settings.ts';

test('a night on records in the forms of live answers agrees with every screen value and rejects no more', async () => {
  const sandbox = await startSandbox({ live: true });
  onTestFinished(() => sandbox.close());
  const { env } = ownFolder();
  const night = await run(['nightly'], { ...env, ...settings(sandbox) });
  expect(night, night.stderr).toMatchObject({ code: 0 });
  expect(night.stdout).toContain('All 192 screen values agree');
  const rejected = 'SELECT entity, count(*)::INTEGER AS n FROM st_logs_v2.rejected_records GROUP BY ALL';
  expect(await query(env.DUCKDB_PATH, rejected)).toEqual([{ entity: 'gross_pay_items', n: 1 }]);
  const ofProject =
    'SELECT CAST(total AS VARCHAR) AS total FROM st_raw_v2.raw_invoices WHERE projectId IS NOT NULL AND job IS NULL';
  expect(await query(env.DUCKDB_PATH, ofProject)).toEqual([{ total: '9771.000000000' }]);
});
