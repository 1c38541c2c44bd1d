import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlannedResource, type Planner, startPlanner } from './plan.ts';
import { readConfiguration, TERRAFORM } from './terraform.ts';

let terraform: Planner;
const planned: Record<string, readonly PlannedResource[]> = {};
const MODES = ['nightly', 'four_a_day', 'six'];
beforeAll(async () => {
  terraform = await startPlanner();
  for (const schedule_mode of MODES) planned[schedule_mode] = await terraform.plan({ schedule_mode });
});
afterAll(() => terraform.close());

const ofType = (mode: string, type: string) => (planned[mode] ?? []).filter((one) => one.type === type);
const valuesOf = (mode: string, type: string, name: string) =>
  ofType(mode, type).map(({ values }) => values[name]);

describe('Terraform itself on deploy/terraform', () => {
  it('terraform fmt would change no file', async () => {
    expect(await terraform.run(['fmt', '-check', '-diff', '-recursive', TERRAFORM])).toMatchObject({
      code: 0,
    });
  });

  it('terraform validate finds no error and no warning', async () => {
    const { stdout } = await terraform.run(['validate', '-json']);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, warning_count: 0 });
  });

  it.each([
    ['nightly', 55],
    ['four_a_day', 55],
    ['six', 60],
  ])('terraform plan in schedule mode %s creates %i resources', (mode, count) => {
    expect(planned[mode]).toHaveLength(count);
  });

  it('terraform plan creates every resource of the configuration, and readers of the mart only where they are named', async () => {
    const { resources } = await readConfiguration();
    const addresses = new Set(planned.six?.map(({ address }) => address.replace(/\[.*$/, '')));
    expect(resources.filter(({ type, name }) => !addresses.has(`${type}.${name}`))).toEqual([]);
    const unread = await terraform.plan({ mart_readers: '[]' });
    expect(unread).toHaveLength(55 - 2);
    expect(unread.filter(({ address }) => address.includes('mart_readers'))).toEqual([]);
  });

  it('terraform plan gives the address of a webhook to job and service as a secret, only where messages are wanted', async () => {
    const withMessages = await terraform.plan({ notify: 'true' });
    expect(withMessages).toHaveLength(55 + 2);
    const secretOf = (resources: readonly PlannedResource[]) =>
      resources.filter(
        ({ type, values }) =>
          /run_v2_(job|service)$/.test(type) &&
          JSON.stringify(values).includes('"secret":"servicetitan-kpis-NOTIFY_URL"'),
      );
    expect(secretOf(withMessages)).toHaveLength(2);
    expect(secretOf(planned.nightly ?? [])).toEqual([]);
    expect(await terraform.faultsWith({ settings: '{NOTIFY_URL="https://chat.example"}' })).toContain(
      'settings must not contain secrets',
    );
  });

  it('the planned schedules, names and settings are those that the documentation names', () => {
    const crons = (mode: string) => valuesOf(mode, 'google_cloud_scheduler_job', 'schedule');
    expect(crons('nightly')).toEqual(['0 4 * * *']);
    expect(crons('four_a_day')).toEqual(['0 4,9,14,19 * * *']);
    expect(crons('six')).toHaveLength(6);
    const secrets = valuesOf('nightly', 'google_secret_manager_secret', 'secret_id');
    expect(secrets).toContain('servicetitan-kpis-ST_CLIENT_SECRET');
    const accounts = valuesOf('nightly', 'google_service_account', 'account_id').map(String);
    expect(accounts).toHaveLength(2);
    for (const account of accounts) expect(account).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
    const [dashboard] = valuesOf('nightly', 'google_monitoring_dashboard', 'dashboard_json');
    expect(JSON.parse(String(dashboard))).toMatchObject({ displayName: 'servicetitan-kpis: nights' });
    const [job] = ofType('nightly', 'google_cloud_run_v2_job').map(({ values }) => JSON.stringify(values));
    expect(job).toContain('"name":"LANDING_URI","value":"gs://acme-kpis-servicetitan-kpis-landing/landing"');
  });

  it('a name of 23 characters, the longest, still gives names that Google accepts', async () => {
    const longest = await terraform.plan({ name: `a${'b'.repeat(22)}`, project_id: 'p'.repeat(30) });
    const accounts = longest.filter(({ type }) => type === 'google_service_account');
    expect(Math.max(...accounts.map(({ values }) => String(values.account_id).length))).toBe(30);
    const [bucket] = longest.filter(({ type }) => type === 'google_storage_bucket');
    expect(String(bucket?.values.name).length).toBeLessThanOrEqual(63);
  });
});

describe('faults that Terraform itself finds', () => {
  it.each([
    ['a wrong key of a map', 'alerts.tf', 'counter["night"]', 'counter["nights"]', 'Invalid index'],
    ['a misspelt argument', 'storage.tf', 'force_destroy  ', 'force_destory  ', 'Unsupported argument'],
    ['a missing argument', 'services.tf', '  format        = "DOCKER"\n', '', 'Missing required argument'],
    [
      'a value of another type',
      'storage.tf',
      '= "enforced"',
      '= ["enforced"]',
      'Incorrect attribute value type',
    ],
    [
      'a missing block',
      'secrets.tf',
      '  replication {\n    auto {}\n  }\n',
      '',
      'At least 1 "replication" blocks are required',
    ],
    [
      'a variable that the dashboard does not get',
      'dashboard.json.tftpl',
      '${name}',
      '${named}',
      'does not contain key "named"',
    ],
    [
      'a default that is not among the modes',
      'variables.tf',
      'default     = "nightly"',
      'default     = "daily"',
      'schedule_mode must be',
    ],
    [
      'a default of another type',
      'variables.tf',
      'default     = 365',
      'default     = "a year"',
      'a number is required',
    ],
    [
      'a reference that does not exist',
      'outputs.tf',
      'google_cloud_run_v2_service.http.uri',
      'google_cloud_run_v2_service.http.url',
      'Unsupported attribute',
    ],
  ])('%s', async (_, file, from, to, message) => {
    expect(await terraform.faultsAfter({ file, from, to })).toContain(message);
  });

  it('an untouched copy has no fault, so that the faults above are those that were planted', async () => {
    const same = { file: 'storage.tf', from: 'force_destroy', to: 'force_destroy' };
    expect(await terraform.faultsAfter(same)).toBe('');
  });
});

describe('settings that Terraform refuses', () => {
  it.each([
    ['an image by its tag', { image: 'r/app:latest' }, 'image must end in @sha256:'],
    ['a name of 24 characters', { name: 'a'.repeat(24) }, 'name must have 6 to 23'],
    [
      'a secret among the settings',
      { settings: '{ST_CLIENT_SECRET="x"}' },
      'settings must not contain secrets',
    ],
    [
      'a schedule that a day may not have',
      { time_zone: 'America/Denver', nightly_cron: '30 2 * * *' },
      'is missing or comes twice',
    ],
    [
      'hours from which the missing ones cannot be told',
      { time_zone: 'America/Denver', nightly_cron: '0 */2 * * *' },
      'Name other hours, one by one',
    ],
  ])('%s', async (_, variables, message) => {
    expect(await terraform.faultsWith(variables)).toContain(message);
  });

  it.each([
    ['02:30 where the clocks never change', { nightly_cron: '30 2 * * *' }],
    ['the defaults of each mode where they change', { time_zone: 'America/Denver', schedule_mode: 'six' }],
    ['hours named one by one', { time_zone: 'America/Denver', nightly_cron: '0 0,3,12,21 * * *' }],
  ])('%s is accepted', async (_, variables) => {
    expect(await terraform.faultsWith(variables)).toBe('');
  });
});
