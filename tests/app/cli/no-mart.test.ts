import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { ownFolder, run } from '../../e2e/command.ts';

describe.each([
  ['report', ['report'], 'st_mart_v2.daily_kpis'],
  ['explain', ['explain', 'total_booked', 'ALL', '2025-10-20'], 'st_stage_v2.int_kpi_units'],
] as const)('%s', (_, args, table) => {
  test('says what to do where there is no mart', async () => {
    const { code, stderr } = await run(args, ownFolder().env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The warehouse has no mart to \w+.*\n→ Run `npm run nightly`/);
  });

  test('does not say so of a mart that cannot be read', async () => {
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
