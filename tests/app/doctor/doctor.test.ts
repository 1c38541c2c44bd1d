import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { folderLanding } from '../../../extract/landing/folder.ts';
import { copiesPrefix } from '../../../extract/load/duckdb/page-files.ts';
import { startSandbox } from '../../../sandbox/server.ts';
import { contents, ownFolder, PROJECT, run, start } from '../../e2e/command.ts';
import { runInProcess } from '../../e2e/in-process.ts';
import { settings } from '../../e2e/settings.ts';
import { edit } from '../../engine/project-copy.ts';
import { KILL_AT } from '../../faults/case.ts';
import { change, diagnose, diagnoseApart, healthyTenant } from './patient.ts';

const patient = healthyTenant();
/** Some tests start one or two processes and compile the models. */
vi.setConfig({ testTimeout: 240_000 });
const HOUR_MS = 60 * 60 * 1000;

describe('doctor on a healthy installation', () => {
  test('doctor finds no fault in a healthy installation and changes no table and no file', async () => {
    const { env, warehouse, landing } = patient();
    const before = [await contents(warehouse), readdirSync(landing, { recursive: true }).sort()];
    const { code, troubles, verdicts } = await diagnoseApart(env);
    expect(troubles).toEqual({});
    expect(code).toBe(0);
    expect(Object.values(verdicts).flat()).not.toContain('skipped');
    expect([await contents(warehouse), readdirSync(landing, { recursive: true }).sort()]).toEqual(before);
  });

  test('doctor passes with nothing configured and nothing loaded, and creates no file', async () => {
    const { env, folder } = ownFolder();
    const { folder: temporary } = ownFolder();
    const { code, troubles, verdicts } = await diagnoseApart({ ...env, TMPDIR: temporary });
    expect({ code, troubles }).toEqual({ code: 0, troubles: {} });
    expect(verdicts).toMatchObject({
      scopes: ['ok'],
      state: ['skipped'],
      clocks: ['skipped'],
      warehouse: ['ok'],
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('doctor checks of credentials and the API', () => {
  test('doctor reports a wrong client secret at sign-in, still runs the other checks and hides the secret', async () => {
    const { env, sandbox } = patient();
    sandbox.requests.clear();
    const { code, troubles, verdicts, output } = await diagnose({
      ...env,
      ST_CLIENT_SECRET: 'canary-secret',
    });
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['sign-in']);
    expect(troubles['sign-in']).toMatch(/^failed: .*invalid_client.*→ Check ST_CLIENT_ID, ST_CLIENT_SECRET/);
    expect(verdicts).toMatchObject({ scopes: ['skipped'], rate: ['skipped'], state: ['ok'] });
    expect(sandbox.requests.count(/connect\/token/)).toBe(1);
    expect(output).not.toContain('canary');
  });

  test('doctor tries a wrong application key on one entity only and does not show the key', async () => {
    const { env, sandbox } = patient();
    sandbox.requests.clear();
    const { code, troubles, output } = await diagnose({ ...env, ST_APP_KEY: 'canary-key' });
    // The second request is made with a new access token.
    expect(sandbox.requests.count(/\/jobs$/)).toBe(2);
    expect(sandbox.requests.count(/\/customers$/)).toBe(0);
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['scopes']);
    expect(troubles.scopes).toMatch(/^failed: jobs: .*401.*→ Check ST_APP_KEY/);
    expect(output).not.toContain('canary');
  });

  test('doctor names the one entity that the API refuses with 403 and says what to do', async () => {
    const { env, sandbox } = patient();
    sandbox.faults.add({ entity: 'customers', times: null, fault: { kind: 'status', status: 403 } });
    const { code, troubles } = await diagnose(env);
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['scopes']);
    expect(troubles.scopes).toMatch(/^failed: customers: GET .* answered 403.*→ /);
  });

  test('doctor asks for each entity that ENTITIES adds, by its list or its feed, and finds the state in order', async () => {
    const { env, sandbox } = patient();
    sandbox.requests.clear();
    const { code, troubles } = await diagnose({ ...env, ENTITIES: 'calls,zones,proposal_types' });
    expect(troubles).toEqual({});
    expect(code).toBe(0);
    for (const path of ['export/calls', 'zones', 'proposal-types', 'jobs'])
      expect([path, sandbox.requests.count(new RegExp(`/${path}$`))]).toEqual([path, 1]);
  });

  test('doctor names all scopes that the chosen entities lack in one finding, and how many can be read', async () => {
    const { env } = patient();
    const sandbox = await startSandbox({ scale: 0, withoutScopes: ['tn.tlc.calls:r', 'tn.dis.zones:r'] });
    onTestFinished(() => sandbox.close());
    const { code, troubles } = await diagnose(
      { ...env, ...settings(sandbox), ENTITIES: 'calls,zones,teams' },
      ['scopes'],
    );
    expect(code).toBe(1);
    expect(troubles.scopes).toMatch(
      /^failed: 2 of 26 entities cannot be read, .*: calls \(tn\.tlc\.calls:r\), zones \(tn\.dis\.zones:r\) → Add these scopes .* ENTITIES\.$/,
    );
  });

  test('doctor reports an API that refuses connections once', async () => {
    const { env } = patient();
    const { code, troubles, verdicts } = await diagnose({ ...env, ST_API_URL: 'http://127.0.0.1:9' });
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['scopes']);
    expect(troubles.scopes).toMatch(/^failed: .*connection refused.*→ Check ST_API_URL and the network/);
    expect(verdicts).toMatchObject({ 'sign-in': ['ok'], clocks: ['skipped'], rate: ['skipped'] });
  });

  test('doctor reports an HTML page that the API answers with 200', async () => {
    const { env, sandbox } = patient();
    sandbox.faults.add({ entity: 'jobs', times: null, fault: { kind: 'body', text: '<html>' } });
    expect((await diagnose(env)).troubles.scopes).toMatch(/^failed: jobs: .*answered 200, but.*<html>/);
  });

  test.each([
    [
      'an hour ahead',
      HOUR_MS,
      /^failed: the API is 60 min ahead of this machine → Set the clock of this machine/,
    ],
    ['twenty seconds behind', -20_000, /^warning: the API is \d\d s behind this machine/],
  ])('doctor reports the clock of the API when it is %s', async (_, ms, message) => {
    const { env, setClockAhead } = patient();
    setClockAhead(ms);
    const { troubles } = await diagnose(env);
    expect(Object.keys(troubles)).toEqual(['clocks']);
    expect(troubles.clocks).toMatch(message);
  });
});

describe('doctor checks of settings and project files', () => {
  test('doctor lists all wrong settings together and still runs the checks that do not need them', async () => {
    const { env } = patient();
    const wrong = { RATE_LIMIT_PER_SECOND: 'many', KPI_TIME_ZONE: 'Mars/Olympus', LOG_LEVEL: 'loud' };
    const { code, troubles, verdicts } = await diagnose({ ...env, ...wrong });
    expect(code).toBe(3);
    expect(Object.keys(troubles)).toEqual(['settings']);
    for (const name of Object.keys(wrong)) expect(troubles.settings).toContain(`failed: ${name} is not`);
    expect(verdicts).toMatchObject({ rate: ['skipped'], scopes: ['ok'], state: ['ok'] });
  });

  test('doctor suggests the right name for a misspelt variable and does not show its value', async () => {
    const { env } = patient();
    const misspelt = { ST_CLIENTID: 'hush-hush', BQ_COLOUR: 'hush-hush', STARSHIP_SHELL: 'bash' };
    const { code, troubles, output } = await diagnose({ ...env, ...misspelt });
    expect(code).toBe(0);
    expect(Object.keys(troubles)).toEqual(['settings']);
    expect(troubles.settings).toMatch(
      /^warning: .*variable ST_CLIENTID \(did you mean ST_CLIENT_ID\?\) → Rename .*\nwarning: .*variable BQ_COLOUR → /,
    );
    expect(troubles.settings).not.toContain('STARSHIP');
    expect(output).not.toContain('hush');
  });

  test('doctor reports a model with an SQL syntax error by file and line', async () => {
    const { env } = patient();
    const project = copyOfTools();
    edit(project, 'definitions/intermediate/int_booked.sqlx', 'select', 'selec');
    const { code, troubles } = await diagnoseApart(env, project);
    expect(code).toBe(1);
    expect(troubles.models).toMatch(/^failed: .*int_booked.sqlx:\d+.*Syntax error.* → Correct the SQL/);
  });

  test('doctor reports a missing reference file', async () => {
    const { env, folder } = patient();
    const dir = join(folder, 'reference');
    cpSync(join(PROJECT, 'definitions/reference'), dir, { recursive: true });
    rmSync(join(dir, 'job_types.csv'));
    const { code, troubles } = await diagnose({ ...env, REFERENCE_DIR: dir });
    expect(code).toBe(3);
    expect(troubles.reference).toMatch(/^failed: job_types.csv: file not found → .*REFERENCE_DIR/);
  });

  test('doctor lists the first five problems of a reference file and counts the others', async () => {
    const { env, folder } = patient();
    const dir = join(folder, 'reference');
    cpSync(join(PROJECT, 'definitions/reference'), dir, { recursive: true });
    for (const name of ['Phoenix-Production', 'West- Production'])
      edit(dir, 'business_units.csv', `${name},Phoenix-Production`, `${name},Fenix-Production`);
    const { troubles } = await diagnose({ ...env, REFERENCE_DIR: dir });
    const lines = troubles.reference?.split('\n') ?? [];
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain('there is no business unit "Phoenix-Production"');
    expect(lines[5]).toMatch(/^failed: and \d+ more; correct these first/);
  });

  test('doctor reports a screen value of an unknown business unit by file and line', async () => {
    const { env, folder } = patient();
    const dir = join(folder, 'reference');
    cpSync(join(PROJECT, 'definitions/reference'), dir, { recursive: true });
    edit(dir, 'ui_kpi_values.csv', 'Phoenix-Sales', 'Atlantis-Sales');
    const { code, troubles } = await diagnose({ ...env, REFERENCE_DIR: dir });
    expect(code).toBe(3);
    expect(Object.keys(troubles)).toEqual(['reference']);
    expect(troubles.reference).toMatch(
      /^failed: ui_kpi_values.csv:\d+: there is no business unit "Atlantis-Sales"/,
    );
  });

  test('doctor reports a model that does not compile and a package of another version', async () => {
    const { env } = patient();
    const project = copyOfTools();
    edit(project, 'definitions/intermediate/int_booked.sqlx', '${ref(', '${reff(');
    edit(project, 'package.json', '"commander": "', '"commander": "9');
    const { code, troubles } = await diagnoseApart(env, project);
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['versions', 'models']);
    expect(troubles.models).toMatch(/^failed: .*does not compile[\s\S]*int_booked.sqlx.*reff/);
    expect(troubles.versions).toMatch(/^warning: installed: commander .* instead of 9.* → Run `npm ci`/);
  });
});

describe('doctor checks of disk and landing', () => {
  test('doctor reports a landing that cannot be written (ENOTDIR)', async () => {
    const { env, folder } = patient();
    writeFileSync(join(folder, 'file'), '');
    const { code, troubles } = await diagnose({ ...env, LANDING_URI: join(folder, 'file/landing') });
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['landing', 'landed']);
    expect(troubles.landing).toMatch(
      /^failed: .* cannot be written \(ENOTDIR: not a directory\) → Check LANDING_URI/,
    );
  });

  test.skipIf(!canMount())('doctor reports a full disk (a mount of 64 KiB; needs root)', async () => {
    const { folder, env } = patient();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', [disk]));
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(64 * 1024));
    const { code, troubles } = await diagnose({
      ...env,
      LANDING_URI: disk,
      DUCKDB_PATH: join(folder, 'none.duckdb'),
    });
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['disk', 'landing']);
    expect(troubles.disk).toMatch(/^failed: 0 MiB free for the landing/);
    expect(troubles.landing).toMatch(
      /^failed: .* cannot be written \(ENOSPC: no space left on device\) → Make room/,
    );
  });

  test('doctor reports temporary files of killed runs, but none of a running process or another landing', async () => {
    const { env, temporary, landing } = patient();
    const ours = copiesPrefix(folderLanding(landing));
    const old = [
      join(temporary, `${ours}abc`),
      join(temporary, `${copiesPrefix(folderLanding('/elsewhere'))}abc`),
      join(landing, 'jobs', '.0b0c3c9e-6a7e-4f0e-9f0e-000000000000.tmp'),
    ];
    mkdirSync(join(temporary, `${ours}new`), { recursive: true });
    for (const file of old) {
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, 'page');
      utimesSync(file, new Date(), new Date(Date.now() - 2 * HOUR_MS));
    }
    const { code, troubles } = await diagnose(env);
    expect(code).toBe(0);
    expect(Object.keys(troubles)).toEqual(['leftovers']);
    expect(troubles.leftovers).toMatch(
      /^warning: 2 temporary files of killed runs: .*-abc, .*\.tmp → Delete them/,
    );
  });
});

describe('doctor check of the DuckDB file', () => {
  test('doctor names the process that has the DuckDB file open', async () => {
    const { env, warehouse } = patient();
    const holder = await holding(warehouse);
    const { code, troubles, verdicts } = await diagnose(env);
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['warehouse']);
    expect(troubles.warehouse).toMatch(
      new RegExp(`^failed: .*another process \\(PID ${holder}\\).*→ Close it there`),
    );
    expect(verdicts).toMatchObject({ state: ['skipped'], leases: ['skipped'], scopes: ['ok'] });
  });

  test('doctor reports a warehouse that is not a DuckDB file and says to replay', async () => {
    const { env, warehouse } = patient();
    writeFileSync(warehouse, 'no database');
    const { troubles } = await diagnose(env);
    expect(Object.keys(troubles)).toEqual(['warehouse']);
    expect(troubles.warehouse).toMatch(/^failed: .*not a DuckDB database.*→ .*replay -- all/);
  });

  test('doctor warns when the warehouse is lost and the landing is not, and says to replay', async () => {
    const { env, warehouse } = patient();
    rmSync(warehouse);
    const { code, troubles } = await diagnose(env);
    expect(code).toBe(0);
    expect(Object.keys(troubles)).toEqual(['landed']);
    expect(troubles.landed).toMatch(/^warning: \d entities are landed.*→ .*replay -- all/);
  });
});

test('doctor says what the assertions of the last run found, what it does to the numbers, and who mends it how', async () => {
  const { env, warehouse } = patient();
  const described = (name: string) =>
    `Rule.\nFinding: ${name} have no job. (One: ${name} has no job.)\nEffect: They are missing in Booked.\nCounts in no number: sales without a job.\nThe office: Attach them to a job.`;
  await change(
    warehouse,
    `INSERT INTO st_logs_v2.assertion_results (assertion, file, verdict, failing_rows, uncounted_amount, description) VALUES
      ('assert_a', 'a.sqlx', 'GREEN', 0, NULL, '${described('invoices')}'),
      ('assert_b', 'b.sqlx', 'YELLOW', 2, 14300, '${described('sold estimates')}'),
      ('assert_c', 'c.sqlx', 'RED', 1, NULL, '${described('payment')}')`,
  );
  const { code, troubles } = await diagnose(env, ['assertions']);
  expect(code).toBe(1);
  expect(troubles.assertions).toBe(
    [
      'failed: 1 payment has no job. They are missing in Booked. → The office: Attach them to a job.',
      'warning: 2 sold estimates ($14,300) have no job. They are missing in Booked. → The office: Attach them to a job.',
    ].join('\n'),
  );
});

describe('doctor checks of cursors, raw tables and landed runs', () => {
  test.each([
    [
      'an emptied raw table',
      'DELETE FROM st_raw_v2.raw_jobs',
      /^failed: jobs: the log has 54 .* is empty → .*replay -- jobs/,
    ],
    ['missing rows', 'DELETE FROM st_raw_v2.raw_jobs WHERE id < 4', /^failed: jobs: .* lacks 3 →/],
    [
      'rows of a run that is not in the log',
      "INSERT INTO st_raw_v2.raw_jobs (id, _run_id) VALUES (1, 'by hand')",
      /^failed: jobs: 1 versions belong to runs that are not in the log/,
    ],
    [
      'duplicated rows',
      'INSERT INTO st_raw_v2.raw_jobs FROM st_raw_v2.raw_jobs WHERE id = 1',
      /^failed: jobs: the raw table has 1 more versions/,
    ],
    [
      'a dropped raw table',
      'DROP TABLE st_raw_v2.raw_jobs',
      /^failed: st_raw_v2 has no raw table of jobs → Run `npm run replay -- jobs`/,
    ],
    [
      'a cursor in the future',
      "UPDATE st_logs_v2.sync_state SET watermark = now() + INTERVAL 1 DAY WHERE entity = 'jobs'",
      /^failed: jobs: the watermark .* in the future → Correct the clock/,
    ],
  ])('doctor finds a raw table or a cursor that disagrees with the log: %s', async (_, statement, message) => {
    const { env, warehouse } = patient();
    await change(warehouse, statement);
    const { code, troubles } = await diagnose(env);
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['state']);
    expect(troubles.state).toMatch(message);
  });

  test.each([
    ['missing rows', 'DELETE FROM st_raw_v2.raw_jobs WHERE id < 4'],
    ['a dropped raw table', 'DROP TABLE st_raw_v2.raw_jobs'],
  ])('the replay that doctor recommends repairs %s', async (_, statement) => {
    const { env, warehouse } = patient();
    await change(warehouse, statement);
    expect(await run(['replay', 'jobs'], env)).toMatchObject({ code: 0 });
    expect((await diagnose(env)).troubles).toEqual({});
  });

  test('doctor reports a loaded run whose pages are gone from the landing', async () => {
    const { env, landing } = patient();
    rmSync(join(landing, 'jobs', readdirSync(join(landing, 'jobs'))[0] ?? ''), { recursive: true });
    const { code, troubles } = await diagnose(env);
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(['landed']);
    expect(troubles.landed).toMatch(
      /^failed: loaded runs are missing from the landing: jobs\/.*→ Restore these folders/,
    );
  });

  test.each([
    [
      'a flipped byte',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[30] = (bytes[30] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
      /^failed: .*page-00001.* was changed after it was landed/,
    ],
    [
      'a missing page',
      (file: string) => rmSync(file),
      /^failed: .*page-00001.* cannot be read \(ENOENT: no such file or directory\)/,
    ],
    [
      'a missing manifest',
      (file: string) => rmSync(join(dirname(file), 'manifest.json')),
      /^failed: .*manifest\.json is missing → Restore it from a backup/,
    ],
  ])('doctor finds %s in the newest run', async (_, spoil, message) => {
    const { env, landing } = patient();
    const [run = ''] = readdirSync(join(landing, 'payrolls'));
    const [page = ''] = readdirSync(join(landing, 'payrolls', run)).filter((name) => name.startsWith('page'));
    spoil(join(landing, 'payrolls', run, page));
    const { code, troubles } = await diagnose(env, ['landed']);
    expect(code).toBe(1);
    expect(troubles.landed).toMatch(message);
  });

  test('doctor hashes a sample of the landed files and says so, and all of them with --all-pages', async () => {
    const { env, landing } = patient();
    for (let nights = 0; nights < 3; nights++) await run(['extract', 'invoices', '--mode', 'full'], env);
    const text = async (...args: string[]) =>
      (await runInProcess(['doctor', 'landed', ...args], env)).stdout.replace(/\s+/g, ' ');
    // Of the four runs of invoices, the newest and another one.
    expect(await text()).toMatch(
      /SHA-256 of 6 landed files .*5 of 7 loaded runs; `doctor landed --all-pages`/s,
    );
    expect(await text('--all-pages')).toMatch(/SHA-256 of 11 landed files .*all files of all 7 loaded runs/s);
    const runs = readdirSync(join(landing, 'invoices'));
    for (const name of runs.slice(0, 3)) {
      const [page = ''] = readdirSync(join(landing, 'invoices', name)).filter((file) =>
        file.startsWith('page'),
      );
      writeFileSync(join(landing, 'invoices', name, page), 'other');
    }
    const found = (await text('--all-pages')).match(/was changed after it was landed/g);
    expect(found).toHaveLength(3);
  });

  test('doctor warns about a run killed with kill -9 between landing and load, and its lease', async () => {
    const { env } = patient();
    const at = { FAULTS_KILL_AT: 'after link manifest.json' };
    await start(['extract', 'jobs', '--mode', 'full'], { ...env, ...at }, { preload: KILL_AT }).ended;
    const { code, troubles } = await diagnose(env);
    expect(code).toBe(0);
    expect(Object.keys(troubles)).toEqual(['landed', 'leases']);
    expect(troubles.landed).toMatch(
      /^warning: landed completely but not loaded: jobs\/.*→ Nothing needs to be done/,
    );
    expect(troubles.leases).toMatch(/^warning: leases of runs that have died: jobs \(.*:\d+:\d+\)/);
    expect(await run(['extract', 'jobs'], env)).toMatchObject({ code: 0 });
    expect((await diagnose(env)).troubles).toEqual({});
  });

  test('doctor accepts the lease of a run at work on another machine', async () => {
    const { env, warehouse } = patient();
    const held = `lease_owner = 'elsewhere:7:1', lease_until = now() + INTERVAL 50 SECOND`;
    await change(warehouse, `UPDATE st_logs_v2.sync_state SET ${held} WHERE entity = 'jobs'`);
    expect((await diagnose(env)).troubles).toEqual({});
  });
});

test('doctor runs one check by name and refuses an unknown name with a list of all checks', async () => {
  const { env } = patient();
  const one = await run(['doctor', 'landing'], env);
  expect(one.stdout).toMatch(/^ok {7}landing {4}.*\n\n1 check, 1 finding: 1 ok/);
  const none = await run(['doctor', 'lnading'], env);
  expect(none.code).toBe(3);
  expect(none.stderr).toContain(
    'There is no check "lnading" (did you mean landing?); the checks are settings, versions',
  );
});

test('doctor reports many faults together in lines that fit a terminal', async () => {
  const { env, warehouse, sandbox, setClockAhead } = patient();
  sandbox.faults.add({ entity: 'jobs', times: null, fault: { kind: 'status', status: 403 } });
  setClockAhead(HOUR_MS);
  await change(warehouse, 'DELETE FROM st_raw_v2.raw_jobs');
  const { code, stdout } = await run(['doctor'], { ...env, LOG_LEVEL: 'loud', CI: 'true' });
  expect(code).toBe(3);
  for (const check of ['settings', 'scopes', 'clocks', 'state']) {
    expect(stdout).toMatch(new RegExp(`^failed   ${check} +\\w`, 'm'));
  }
  expect(stdout).toMatch(/17 checks, 18 findings: \d+ ok, 0 warning, 4 failed, 0 skipped\n$/);
  // No colour codes without a terminal, even when CI is set.
  expect(stdout).not.toContain('\u001b[');
  const words = stdout.split('\n').filter((line) => line.length > 110 && !/\/\S{60}/.test(line));
  expect(words).toEqual([]);
});

/** A copy of the program and its models that uses the installed packages. */
function copyOfTools(): string {
  const copy = mkdtempSync(join(tmpdir(), 'doctor-project-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const parts = readdirSync(PROJECT).filter(
    (name) => !/^(node_modules|\.git|\.local|dist|tests|bench)$/.test(name),
  );
  for (const part of parts) cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  // Dataform does not find its core package behind a link.
  const core = 'node_modules/@dataform/core';
  cpSync(join(PROJECT, core), join(copy, core), { recursive: true });
  const packages = readdirSync(join(PROJECT, 'node_modules')).filter((name) => name !== '@dataform');
  for (const name of [...packages, '@dataform/cli']) {
    symlinkSync(join(PROJECT, 'node_modules', name), join(copy, 'node_modules', name));
  }
  return copy;
}

/** Opens the file in a process that holds it until the test is over; returns the process id. */
async function holding(path: string): Promise<number> {
  const program = `const { DuckDBInstance } = await import('@duckdb/node-api');
    globalThis.held = await DuckDBInstance.create(${JSON.stringify(path)});
    console.log('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: PROJECT });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child.pid ?? 0;
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
