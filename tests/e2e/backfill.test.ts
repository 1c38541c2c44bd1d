import { expect, onTestFinished, test } from 'vitest';
import { type SandboxOptions, startSandbox } from '../../sandbox/server.ts';
import { job, tenantOf } from '../sandbox/client.ts';
import { ownFolder, query, run, start } from './command.ts';
import { runInProcess } from './in-process.ts';
import { settings } from './settings.ts';

const JOBS = Array.from({ length: 25 }, (_, i) => job(i + 1, `2025-0${1 + Math.floor(i / 5)}-01T00:00:00Z`));
const RANGE = ['--since', '2025-01-01', '--until', '2025-05-15'];
const STATE = 'SELECT continuation_token, watermark, lease_owner FROM st_logs_v2.sync_state';
/** Without a row count a backfill cuts its range into windows of 30 days. */
const uncounted = { kind: 'envelope', set: { totalCount: null } } as const;

async function tenant(options: SandboxOptions = {}) {
  const sandbox = await startSandbox({ tenant: tenantOf({ jobs: JOBS }), rowsPerExportPage: 5, ...options });
  onTestFinished(() => sandbox.close());
  const env = { ...settings(sandbox), ...ownFolder().env };
  const count = async () =>
    Number((await query(env.DUCKDB_PATH, 'SELECT count(*) AS n FROM st_raw_v2.raw_jobs'))[0]?.n);
  return { sandbox, env, count };
}

test('backfill prints its plan and reads no record without --yes', async () => {
  const { env, sandbox, count } = await tenant();
  const planned = await run(['backfill', 'jobs', ...RANGE], env);
  expect(planned.code).toBe(0);
  expect(planned.stdout).toMatch(
    /Rows +25 as counted by its list[\s\S]*Calls +unknown until a first run[\s\S]*Add --yes/,
  );
  expect(await count()).toBe(0);
  expect(sandbox.requests.count(/export/)).toBe(0);

  const read = await run(['backfill', 'jobs', ...RANGE, '--yes', '--json'], env);
  expect(JSON.parse(read.stdout)).toMatchObject({
    plan: { rows: 25, windows: [{}] },
    runs: [{ new: 25, rejected: 0 }],
  });
  expect(read.stderr).toContain('"fraction":');
  expect((await run(['backfill', 'jobs', ...RANGE], env)).stdout).toMatch(
    /Calls +about 6\n[\s\S]*Time +at least/,
  );
});

test('backfill does not lock the warehouse while it waits for confirmation', async () => {
  const { env, count } = await tenant();
  let meanwhile = '';
  const read = await runInProcess(['backfill', 'jobs', ...RANGE], env, {
    async confirm(question) {
      const { code, stderr } = await run(['extract', 'jobs'], env);
      meanwhile = `${question} ${code} ${stderr}`;
      return true;
    },
  });
  expect(meanwhile).toMatch(/^Read this now\? 0 /);
  expect(read.stdout).toMatch(/success +25 +0 +0/);
  expect(await count()).toBe(25);
});

test('backfill after kill -9 goes on with the windows that are not loaded and moves no cursor', async () => {
  const faults = [{ entity: 'jobs', feed: 'list', times: null, fault: uncounted }] as const;
  const { env, count } = await tenant({ faults });
  let windows = 0;
  const killed = start(['backfill', 'jobs', ...RANGE, '--yes'], env, {
    onLine(line, command) {
      if (/"type":"done"/.test(line)) windows += 1;
      if (windows === 2 && /"phase":"loading"/.test(line)) command.kill('SIGKILL');
    },
  });
  expect(await killed.ended).toMatchObject({ code: null });
  const [loaded] = await query(
    env.DUCKDB_PATH,
    `SELECT count(*) AS n, max(window_before) AS reached FROM st_logs_v2.ingestion_logs WHERE status = 'success'`,
  );
  expect(Number(loaded?.n)).toBeGreaterThanOrEqual(2);
  expect(await count()).toBeLessThan(25);

  const { plan, runs } = JSON.parse(
    (await run(['backfill', 'jobs', ...RANGE, '--yes', '--json'], env)).stdout,
  );
  expect(plan).toMatchObject({ goesOn: true, windows: { length: 5 - Number(loaded?.n) } });
  expect(plan.windows[0].from).toBe(String(loaded?.reached).replace(' 00:00:00+00', 'T00:00:00.000Z'));
  expect(runs).toHaveLength(plan.windows.length);
  expect(await count()).toBe(25);
  const [state] = await query(env.DUCKDB_PATH, STATE);
  expect(state).toEqual({ continuation_token: null, watermark: null, lease_owner: null });
  // The first nightly run reads everything and finds it stored.
  const night = await run(['extract', 'jobs', '--json'], env);
  expect(JSON.parse(night.stdout)).toMatchObject([{ read: 25, new: 0 }]);
});

test.each([
  [['--since', '2025-02-30', '--until', '2025-05-01'], '--since is neither a date'],
  [['--since', '2025-05-01', '--until', '2025-05-01'], '--since is not before --until'],
  [['--since', '2025-05-01', '--until', '2999-01-01'], '--until is in the future'],
  [['--since', '2025-05-01'], '--until'],
])('backfill refuses %j with a reason and exit code 3', async (range, message) => {
  const ended = await run(['backfill', 'jobs', ...range], ownFolder().env);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(message);
});
