import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceProcess } from '../app/serve/process.ts';
import { type Ended, filesIn, query, run, start } from './command.ts';
import { copyFirstNight } from './first-night.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-readers-'));
const env = filesIn(folder);
const copy = join(folder, 'warehouse.readable.duckdb');
const BOOKED =
  "SELECT sum(total_booked) AS booked FROM st_mart_v2.daily_kpis WHERE event_date = '2025-08-18'";
beforeAll(() => copyFirstNight(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the readable copy has the mart, staging and logs with their descriptions, and no personal column', async () => {
  expect(await query(copy, BOOKED)).toEqual(await query(env.DUCKDB_PATH, BOOKED));
  const described = await query(
    copy,
    `SELECT schema_name AS schema, count(*) AS columns, count(comment) AS described FROM duckdb_columns()
     WHERE NOT internal AND schema_name LIKE 'st_%' GROUP BY ALL ORDER BY ALL`,
  );
  expect(described.map(({ schema }) => schema)).toEqual([
    'st_logs_v2',
    'st_mart_v2',
    'st_raw_v2',
    'st_stage_v2',
  ]);
  const of = (name: string) => described.find(({ schema }) => schema === name);
  expect(of('st_logs_v2')?.columns).toBe(of('st_logs_v2')?.described);
  const [kpi] = await query(
    env.DUCKDB_PATH,
    "SELECT comment FROM duckdb_columns() WHERE table_name = 'daily_kpis' AND column_name = 'total_booked'",
  );
  expect(kpi?.comment).toMatch(/sold/i);
  const [table] = await query(copy, "SELECT comment FROM duckdb_tables() WHERE table_name = 'daily_kpis'");
  expect(table?.comment).toMatch(/^One row per day/);
  // What the next night compares to skip unchanged tables stays in the warehouse.
  expect(table?.comment).not.toContain('made of');
  const [unmarked] = await query(
    env.DUCKDB_PATH,
    "SELECT count(*) AS tables FROM duckdb_tables() WHERE schema_name = 'st_stage_v2' AND comment NOT LIKE '%made of %'",
  );
  expect(unmarked?.tables).toBe('0');
  const raw = await query(
    copy,
    "SELECT column_name AS name FROM duckdb_columns() WHERE table_name = 'raw_customers' ORDER BY column_index",
  );
  expect(raw.map(({ name }) => name)).not.toContain('name');
  expect(raw.map(({ name }) => name)).toContain('_run_id');
  const [rejected] = await query(
    copy,
    'SELECT count(*) AS n, count(record) AS texts FROM st_logs_v2.rejected_records',
  );
  expect(rejected).toEqual({ n: '1', texts: '0' });
});

test('while a night runs, status says so, and status, explain, report and other programs read', async () => {
  // A reader that opened the copy of the night before keeps it, whole.
  const before = await DuckDBInstance.create(copy, { access_mode: 'READ_ONLY' });
  const reads: Promise<Ended>[] = [];
  const night = start(
    ['nightly'],
    { ...env, RATE_LIMIT_PER_SECOND: '1' },
    {
      onLine(line) {
        if (reads.length > 0 || !/"type":"page"/.test(line)) return;
        reads.push(
          run(['status'], env),
          run(['explain', 'total_booked', 'Nevada-Sales', '2025-08-18'], env),
          run(['report', '--json'], env),
        );
      },
    },
  );
  while (reads.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const other = query(copy, BOOKED);
  const [status, explained, report] = await Promise.all(reads);
  expect(existsSync(join(folder, 'running.json'))).toBe(true);
  expect(status).toMatchObject({ code: 0 });
  expect(status?.stdout).toMatch(
    new RegExp(
      `^Running now: nightly for 2025-10-27, for \\d+ s \\(process\\s+${night.pid}\\): \\d+ of\\s+\\d+\\s+entities`,
    ),
  );
  expect(status?.stdout.replaceAll('\n', ' ')).toContain('Night of 2025-10-27');
  expect(explained, explained?.stderr).toMatchObject({ code: 0 });
  expect(explained?.stdout).toContain('$27,150.00');
  expect(JSON.parse(report?.stdout ?? '')).toMatchObject({ verdict: 'YELLOW' });
  expect(await other).toHaveLength(1);
  expect(await night.ended).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, 'running.json'))).toBe(false);
  const connection = await before.connect();
  expect((await connection.runAndReadAll(BOOKED)).getRowObjectsJson()).toHaveLength(1);
  connection.closeSync();
  before.closeSync();
});

test('a service that only reads holds nothing, so a command runs beside it', async () => {
  const { ask, stop } = await serviceProcess(env);
  expect((await ask('/report')).status).toBe(200);
  expect((await ask('/status/jobs')).json.recentRuns.length).toBeGreaterThan(0);
  const transform = await run(['transform'], env);
  expect(transform, transform.stderr).toMatchObject({ code: 0 });
  expect((await ask('/last-sync/jobs')).status).toBe(200);
  expect((await stop()).code).toBe(0);
});

test('a note of a run whose process is gone is not taken for a run', async () => {
  const killed = start(['nightly'], env, {
    onLine: (line, command) => /"type":"page"/.test(line) && command.kill('SIGKILL'),
  });
  await killed.ended;
  const status = await run(['status'], env);
  expect(status.code).toBe(0);
  expect(status.stdout).not.toContain('Running now');
});
