import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { ownFolder, run } from '../../e2e/command.ts';

describe.each([
  ['report', ['report'], 'st_mart_v2.daily_kpis'],
  ['explain', ['explain', 'total_booked', 'ALL', '2025-10-20'], 'st_stage_v2.int_kpi_units'],
] as const)('the %s command without a readable mart', (_, args, table) => {
  test('report and explain end with exit code 1 and say to run nightly when there is no mart', async () => {
    const { code, stderr } = await run(args, ownFolder().env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The warehouse has no mart to \w+.*\n→ Run `npm run nightly`/);
  });

  test('report and explain do not report a missing mart when the mart exists but cannot be read', async () => {
    const { env } = ownFolder();
    const instance = await DuckDBInstance.create(env.DUCKDB_PATH);
    const connection = await instance.connect();
    await connection.run(`CREATE SCHEMA ${table.split('.')[0]}; CREATE TABLE ${table} (other INTEGER)`);
    connection.closeSync();
    instance.closeSync();
    const { code, stderr } = await run(args, env);
    expect(code).toBe(1);
    expect(stderr).toContain('Unexpected failure');
    expect(stderr).not.toContain('no mart');
  });
});
