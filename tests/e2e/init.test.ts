import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readReference } from '../../app/reference/reference-files.ts';
import type { ReportData } from '../../app/report/data.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { type Ended, ownFolder, run, start } from './command.ts';
import { settings } from './settings.ts';

const reportIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'report/report.json'), 'utf8')) as ReportData;

async function tenant() {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const { folder, env: files } = ownFolder();
  return { sandbox, folder, env: { ...files, ...settings(sandbox) } };
}

test('init writes the files of a tenant without a question, and the night after it has nothing RED', async () => {
  const { sandbox, folder, env: shared } = await tenant();
  const address = { street: '1 Main St', city: 'Albany', state: 'NY', zip: '12201', country: 'USA' };
  for (const id of ['899', '7911196']) sandbox.change({ entity: 'business_units', id, set: { address } });
  const dir = join(folder, 'reference');
  const env = { ...shared, REFERENCE_DIR: dir };
  const init = (...args: readonly string[]): Promise<Ended> =>
    start(['init', ...args], env, { cwd: folder }).ended;

  const first = await init();
  expect(first).toMatchObject({ code: 0, stderr: '' });
  for (const line of first.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(160);
  expect(first.stdout).toMatch(/^Tucson-Sales +sales +TUCSON$/m);
  expect(first.stdout).toMatch(/^Tucson-Production +production +TUCSON$/m);
  expect(first.stdout).toContain('Time zone: America/New_York, because of units in NY.');
  const { business_units, job_types, ui_kpi_values } = readReference(dir);
  expect(business_units.length).toBe(sandbox.tenant.entity('business_units')?.all().length);
  expect(ui_kpi_values).toEqual([]);
  expect(job_types.find(({ name }) => name === 'Touchup')).toMatchObject({ is_warranty: 'true' });
  expect(job_types.every(({ note }) => note?.toString().startsWith('guess: '))).toBe(true);
  const example = readFileSync(join(folder, '.env.example'), 'utf8');
  expect(example).toContain(`ST_TENANT_ID=${env.ST_TENANT_ID}\n`);
  expect(example).toContain('KPI_TIME_ZONE=America/New_York\n');
  expect(example).toContain("REFERENCE_DIR='reference'\n");
  for (const secret of [env.ST_CLIENT_SECRET, env.ST_APP_KEY]) expect(example).not.toContain(secret);

  // A file that somebody edited is never replaced by accident.
  const units = join(dir, 'business_units.csv');
  writeFileSync(units, readFileSync(units, 'utf8').replace('TUCSON', 'SOUTH'));
  const again = await init();
  expect(again.code).toBe(3);
  expect(again.stderr).toContain(`${units} exists already`);
  expect(readFileSync(units, 'utf8')).toContain('SOUTH');
  expect(await init('--force')).toMatchObject({ code: 0 });
  expect(readFileSync(units, 'utf8')).not.toContain('SOUTH');

  const night = await run(['nightly'], env);
  expect(night.stdout).toMatch(/^YELLOW {2}No number is proved: no screen value has been stored yet\./);
  expect(night.code).toBe(0);
  const report = reportIn(folder);
  expect(report.reconciliation).toEqual([]);
  expect(report.assertions.filter(({ verdict }) => verdict === 'RED')).toEqual([]);
  const booked = report.week?.rows.find(({ business_unit }) => business_unit === 'Tucson-Sales');
  expect(Number(booked?.total_booked)).toBeGreaterThan(0);
});

test("a night with another company's reference files says so first and leaves out their screen values", async () => {
  const { sandbox, folder, env } = await tenant();
  const units = sandbox.tenant.entity('business_units')?.all() ?? [];
  sandbox.change(...units.map(({ id }) => ({ entity: 'business_units', id, remove: true as const })), {
    entity: 'business_units',
    json: '{"id":77001,"name":"Queens Plumbing","active":true,"modifiedOn":"2025-10-01T00:00:00Z","createdOn":"2025-10-01T00:00:00Z"}',
  });
  const night = await run(['nightly'], env);
  expect(night.stdout.replace(/\n {2}/g, ' ')).toMatch(
    /^No unit in \S+definitions\/reference is a unit of this tenant: .*`npm run init` writes yours\.\n\n/,
  );
  expect(night.stdout).toContain('No number is proved');
  expect(reportIn(folder).reconciliation).toEqual([]);
});

test('init without credentials says which settings it needs and writes nothing', async () => {
  const { folder, env } = ownFolder();
  const dir = join(folder, 'reference');
  const ended = await start(['init'], { ...env, REFERENCE_DIR: dir }, { cwd: folder }).ended;
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('no ST_* credentials are set');
  expect(existsSync(dir)).toBe(false);
});
