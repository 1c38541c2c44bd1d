import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { dataform } from '../../engine/bigquery/dataform-command.ts';
import { compileProject, type Graph } from '../../engine/compile.ts';
import { readConfig } from '../../extract/config.ts';
import { gcsLanding } from '../../extract/landing/gcs.ts';
import { bigqueryClient } from '../../extract/load/bigquery/client.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import { entities } from '../../schemas/entities.ts';
import { type Ended, filesIn, PROJECT, run, start } from '../e2e/command.ts';
import { compare } from './compare.ts';
import { type CloudPlace, cloudPlace, DEFAULT_DATASETS } from './place.ts';
import { nightsOfService } from './service-nights.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloud-night-'));
const temporary = join(folder, 'tmp');
const laptop = filesIn(folder);
const FAST = { RATE_LIMIT_PER_SECOND: '60' };
let cloud: CloudPlace;
let env: Record<string, string>;
let first: Ended;
let graph: Graph;
/** Reads the warehouse of the DuckDB run. */
let duckdb: { readonly query: Query; close(): void };

beforeAll(async () => {
  mkdirSync(temporary);
  // The project's own dataset names, so that `dataform run` by hand finds the same tables.
  cloud = await cloudPlace(DEFAULT_DATASETS);
  env = { ...cloud.env, ...FAST, TMPDIR: temporary };
  graph = await compileProject(PROJECT, {});
  const local = await run(['nightly'], { ...laptop, ...FAST });
  expect(local).toMatchObject({ code: 0 });
  first = await run(['nightly', '--verbose'], env);
  const config = { datasets: DEFAULT_DATASETS, personalData: 'keep' } as const;
  duckdb = await openDuckdb(config, laptop.DUCKDB_PATH);
});
afterAll(() => {
  duckdb?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Warnings that find rows which the sandbox has on purpose. */
const WARNINGS = 10;

describe('nightly on Cloud Storage and BigQuery', () => {
  test('nightly on BigQuery ends with exit code 0 and all screen values are GREEN', () => {
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('192 GREEN  0 YELLOW  0 RED');
    expect(first.stdout).toContain(env.LANDING_URI);
  });

  test.each([
    'daily_kpis',
    'weekly_kpis',
    'kpi_reconciliation',
  ])('%s on BigQuery equals the DuckDB run cell by cell', async (table) => {
    const compared = await compare(`st_mart_v2.${table}`, cloud, duckdb);
    console.log(`${table}: ${compared.cells} cells compared, ${compared.differing.length} differ`);
    expect(compared.differing).toEqual([]);
    expect(compared.cells).toBeGreaterThan(1000);
  });

  test('every other view and table on BigQuery equals the DuckDB run cell by cell', async () => {
    const sums = { tables: 0, cells: 0 };
    for (const { target } of graph.tables) {
      const { cells, differing } = await compare(`${target.schema}.${target.name}`, cloud, duckdb);
      expect({ table: target.name, differing }).toEqual({ table: target.name, differing: [] });
      sums.tables += 1;
      sums.cells += cells;
    }
    console.log(`all models: ${sums.tables} tables and views, ${sums.cells} cells compared, 0 differ`);
    expect(sums.tables).toBe(graph.tables.length);
  });

  test('every assertion on BigQuery has the verdict, row count, sums and number of samples it has on DuckDB', async () => {
    const sql =
      'SELECT assertion, file, verdict, failing_rows, uncounted_amount, job_count, sample FROM st_logs_v2.assertion_results';
    const found = async (query: Query) => {
      const rows = await query<Record<string, string>>(`${sql} ORDER BY assertion`);
      return rows.map(({ assertion, file, verdict, failing_rows, sample, ...sums }) => {
        const samples = sample ? (JSON.parse(sample) as unknown[]).length : 0;
        // One writes an amount with all digits of its type.
        const [amount, jobs] = [sums.uncounted_amount, sums.job_count].map((sum) => sum && Number(sum));
        return { assertion, file, verdict, failing_rows, amount, jobs, samples };
      });
    };
    const theirs = await found(cloud.query);
    expect(theirs).toEqual(await found(duckdb.query));
    expect(theirs).toHaveLength(graph.assertions.length);
    expect(theirs.filter(({ verdict, samples }) => verdict === 'YELLOW' && samples > 0)).toHaveLength(
      WARNINGS,
    );
  });

  test('nightly on BigQuery leaves no Dataform credentials file behind', () => {
    expect(readdirSync(temporary).filter((name) => name.startsWith('dataform-'))).toEqual([]);
    expect(existsSync(join(PROJECT, '.df-credentials.json'))).toBe(false);
  });
});

test('two more nightly runs, of one HTTP service, add no row, store a report each and report their own cost', async () => {
  const before = { rows: await rawRows(), reports: await bucket().list('reports') };
  expect(before.reports).toHaveLength(1);
  const { nights, ended, costs } = await nightsOfService(env, 2);
  const loaded = await cloud.query<{ records_new: string }>(
    `SELECT records_new FROM st_logs_v2.ingestion_logs WHERE run_id IN (${nights.map((id) => `'${id}'`).join()})`,
  );
  expect(loaded).toHaveLength(2 * 23);
  expect(loaded.filter(({ records_new }) => records_new !== '0')).toEqual([]);
  expect(await rawRows()).toEqual(before.rows);

  expect(await bucket().list('reports')).toEqual([...before.reports, ...nights]);
  for (const runId of nights)
    expect(await bucket().list(`reports/${runId}`)).toEqual(['report.html', 'report.json', 'report.md']);
  expect(ended).toEqual(nights.map((runId) => [runId, 'success']));
  const [first, second] = costs;
  expect([first.runId, second.runId]).toEqual(nights);
  // Both find nothing new. The cost of the second would be twice that of the first if it contained it.
  expect(first.jobs).toBeGreaterThan(graph.tables.length);
  expect(second.jobs).toBeLessThan(1.5 * first.jobs);
}, 1_800_000);

test('the landing of BigQuery, replayed into DuckDB, gives the same rows with the same row hashes', async () => {
  const again = filesIn(join(folder, 'replayed'));
  const { DUCKDB_PATH } = again;
  const replayed = await run(['replay', 'all'], { ...env, WAREHOUSE: 'duckdb', DUCKDB_PATH });
  expect(replayed).toMatchObject({ code: 0 });
  const warehouse = await openDuckdb({ datasets: DEFAULT_DATASETS, personalData: 'keep' }, DUCKDB_PATH);
  onTestFinished(() => warehouse.close());
  const columns =
    'id, _row_hash, _run_id, _extracted_at, _source_uri, coalesce(_generation, 0) AS _generation';
  let rows = 0;
  for (const { name } of entities) {
    const read = async ({ query }: { readonly query: Query }) =>
      (await query<object>(`SELECT ${columns} FROM st_raw_v2.raw_${name}`))
        .map((row) => JSON.stringify(row))
        .sort();
    const [theirs, ours] = [await read(cloud), await read(warehouse)];
    expect({ name, rows: ours }).toEqual({ name, rows: theirs });
    rows += ours.length;
  }
  console.log(`replayed into DuckDB: ${rows} raw rows compared, 0 differ`);
  expect(rows).toBeGreaterThan(60_000);
});

describe('dataform run started by hand at the root of the project', () => {
  const byHand = async (...flags: string[]) => {
    const projectId = env.BQ_PROJECT_ID ?? '';
    const credentials = join(folder, 'credentials.json');
    writeFileSync(credentials, JSON.stringify({ projectId, location: 'US' }));
    const args = ['dataform', 'run', '--credentials', credentials, '--default-database', projectId, ...flags];
    const ended = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      const options = { cwd: PROJECT, env: { ...process.env, ...env, NO_COLOR: '1' }, maxBuffer: 1 << 26 };
      execFile('npx', args, options, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
    const lines = (text: string, pattern: RegExp) =>
      [...text.matchAll(pattern)].map(([, name]) => name).sort();
    return {
      code: ended.code,
      built: lines(ended.stdout, /^Table created: +([\w.]+)/gm),
      passed: lines(ended.stdout, /^Assertion passed: +([\w.]+)/gm),
      failed: lines(ended.stderr, /^Assertion failed: +st_logs_v2\.(\w+)/gm),
    };
  };
  const tables = () => graph.tables.map(({ target }) => `${target.schema}.${target.name}`).sort();
  const warnings = () => graph.assertions.filter(({ tags }) => tags?.includes('warning'));

  test('dataform run by hand passes every action except the warning assertions that find rows', async () => {
    const { built, passed, failed } = await byHand();
    expect(built).toEqual(tables());
    expect(failed).toHaveLength(WARNINGS);
    expect(warnings().map(({ target }) => target.name)).toEqual(expect.arrayContaining(failed));
    expect(passed).toHaveLength(graph.assertions.length - WARNINGS);
    console.log(
      `dataform run by hand: ${built.length + passed.length} actions passed, ${WARNINGS} warnings found rows`,
    );
  });

  test('dataform run by hand with warnings=off passes every action', async () => {
    const { code, built, passed, failed } = await byHand('--vars', 'warnings=off');
    expect(code).toBe(0);
    expect(built).toEqual(tables());
    expect(failed).toEqual([]);
    expect(passed).toHaveLength(graph.assertions.length - warnings().length);
    console.log(`dataform run by hand, warnings off: all ${built.length + passed.length} actions passed`);
  });
});

test('a full refresh by hand adds to the snapshots, and rebuilds what can be computed again', async () => {
  const names = ['kpi_snapshots', 'weekly_kpi_history', 'daily_kpis'];
  const place = { projectId: env.BQ_PROJECT_ID ?? '', location: 'US' };
  const signal = new AbortController().signal;
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { request } = bigqueryClient({ ...place, maximumBytesBilled: null });
  const { stdout } = await dataform({ projectDir: PROJECT, graph, place, request, signal }, [
    ...['--full-refresh', '--dry-run', '--json', `--default-database=${place.projectId}`],
    ...names.map((name) => `--actions=${name}`),
  ]);
  vi.unstubAllEnvs();
  const { actions } = JSON.parse(stdout) as {
    actions: { target: { name: string }; tasks: { statement: string }[] }[];
  };
  const statements = new Map(
    actions.map(({ target, tasks }) => [target.name, tasks.map(({ statement }) => statement).join()]),
  );
  expect([...statements.keys()].sort()).toEqual(names.toSorted());
  const rebuilt = names.filter((name) => /create or replace table/i.test(statements.get(name) ?? ''));
  expect(rebuilt).toEqual(['daily_kpis']);
});

test('doctor counts the partitions of the tables on BigQuery', async () => {
  const { code, stdout } = await run(['doctor', 'partitions'], env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok {7}partitions \S+ has the most, \d+ of the 4000/);
});

test('doctor load loads, reads back, rolls back and plans on the emulators, and finds the digit that bqemulator bends', async () => {
  const { code, stdout, stderr } = await run(['doctor', 'load', '--json'], env);
  const [{ findings }] = JSON.parse(stdout) as [{ findings: { verdict: string; text: string }[] }];
  // bqemulator passes an amount without quotes through a double (docs/emulators.md). Nothing else differs.
  expect(findings.map(({ verdict, text }) => `${verdict}: ${text}`)).toEqual([
    'failed: a row that was loaded by a job reads back changed: amount is "123456789012.344995840" instead of "123456789012.345000000"',
    expect.stringMatching(
      /^ok: a transaction that was ended on purpose left nothing; three small queries took \d+ s$/,
    ),
    expect.stringMatching(
      `^ok: dataform run --dry-run plans ${graph.tables.length + graph.assertions.length} models and assertions, for which a night is billed \\d\\.\\d GiB$`,
    ),
    expect.stringMatching(
      /^ok: load jobs of this account in the last day: \d+ of the 100000 that a project may run$/,
    ),
    expect.stringMatching(/^ok: \S+ has the most, \d+ of the 4000 that a job may write$/),
    'ok: BigQuery billed 0 MiB for this',
  ]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const tables = await cloud.query(
    "SELECT table_name FROM st_stage_v2.INFORMATION_SCHEMA.TABLES WHERE table_name LIKE 'load_doctor_%'",
  );
  expect(tables).toEqual([]);
});

test('transform stopped by SIGTERM ends dataform run and says so; the next transform reports durations', async () => {
  let stopped = false;
  const command = start(
    ['transform'],
    { ...env, LOG_LEVEL: 'debug' },
    {
      onLine(line, { kill }) {
        if (stopped || !/"name":"int_/.test(line)) return;
        stopped = true;
        kill('SIGTERM');
      },
    },
  );
  const ended = await command.ended;
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.stderr).toContain('stopped by SIGTERM');
  expect(readdirSync(temporary).filter((name) => name.startsWith('dataform-'))).toEqual([]);
  const next = await run(['transform', '--json'], env);
  expect(next).toMatchObject({ code: 0 });
  const results = JSON.parse(next.stdout) as { kind: string; status: string; seconds: number }[];
  expect(results).toHaveLength(graph.tables.length + graph.assertions.length);
  const tables = results.filter(({ kind, status }) => kind === 'table' && status === 'passed');
  expect(tables.filter(({ seconds }) => seconds > 0).length).toBeGreaterThan(tables.length / 2);
});

test('transform --dry-run prices every action and builds nothing', async () => {
  const { code, stdout } = await run(['transform', '--dry-run', '--json'], env);
  expect(code).toBe(0);
  const actions = JSON.parse(stdout) as { name: string; kind: string; bytesBilled: number | null }[];
  expect(actions).toHaveLength(graph.tables.length + graph.assertions.length);
  expect(actions.filter(({ bytesBilled }) => bytesBilled === null)).toEqual([]);
  const nowhere = await cloudPlace();
  const unbuilt = await run(['transform', '--dry-run'], { ...nowhere.env, ...FAST });
  expect(unbuilt).toMatchObject({ code: 0 });
  expect(unbuilt.stdout).toMatch(/have no price:\n {2}\w+: Not found: Table/);
  expect(unbuilt.stdout).toContain('at 6.25 USD a TiB. Nothing was run.');
});

async function rawRows(): Promise<readonly (readonly [string, string])[]> {
  const counts: (readonly [string, string])[] = [];
  for (const { name } of entities) {
    const [row] = await cloud.query<{ n: string }>(`SELECT count(*) AS n FROM st_raw_v2.raw_${name}`);
    counts.push([name, row?.n ?? '']);
  }
  return counts;
}

function bucket() {
  const { landing } = readConfig(env, { cwd: PROJECT, now: new Date() });
  if (landing.kind !== 'gcs') throw new Error('the landing is no bucket');
  return gcsLanding({ ...landing, apiUrl: inject('emulators').storageUrl });
}
