import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SandboxOptions, startSandbox } from '../../sandbox/server.ts';
import { job, tenantOf } from '../sandbox/client.ts';
import { ownFolder, query, run } from './command.ts';
import { settings } from './settings.ts';

const TENANT = { jobs: [job(1, '2025-01-01T00:00:00Z')], customers: [], estimates: [], payments: [] };

/** A sandbox tenant with few records in this process, and the settings for a command that reads it. */
async function tenant(options: SandboxOptions = {}) {
  const sandbox = await startSandbox({ tenant: tenantOf(TENANT), ...options });
  onTestFinished(() => sandbox.close());
  return { sandbox, env: { ...settings(sandbox), ...ownFolder().env } };
}

describe('settings and arguments of the command line', () => {
  test('nightly lists all malformed or missing settings together, without their values, with exit code 3', async () => {
    const ended = await run(['nightly'], {
      ST_CLIENT_SECRET: 'hush-hush',
      RUN_DATE: '27.10.2025',
      LOOKBACK_DAYS: 'seven',
      ST_API_URL: 'http://api.example.com',
      KPI_TIME_ZONE: 'Mars/Olympus',
    });
    expect(ended.code).toBe(3);
    for (const name of [
      'ST_CLIENT_ID',
      'ST_TENANT_ID',
      'ST_APP_KEY',
      'RUN_DATE',
      'LOOKBACK_DAYS',
      'ST_API_URL',
    ]) {
      expect(ended.stderr).toContain(name);
    }
    expect(ended.stderr).toContain('KPI_TIME_ZONE is not an IANA time zone');
    expect(ended.stderr).not.toContain('hush-hush');
  });

  test.each([
    [
      ['extract', 'jbos'],
      'The command line has a problem:\n  - There is no entity "jbos" (did you mean jobs?); the entities are jobs,',
    ],
    [['status', 'zebras'], 'There is no entity "zebras"; the entities are jobs,'],
    [['nihgtly'], 'nightly'],
    [['nightly', '--fast'], '--fast'],
    [['extract'], 'entity'],
    [['extract', 'jobs', '--mode', 'quick'], 'incremental'],
    [['sandbox', '--port', 'high'], 'whole number'],
    [['transform', '--as-of', "yesterday'"], '--as-of is not an instant'],
  ] as const)('the command line refuses %j with the valid choices and exit code 3', async (args, message) => {
    const { env } = ownFolder();
    const ended = await run([...args], env);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(message);
  });

  test.each([
    'nightly',
    'extract',
    'replay',
    'transform',
    'report',
    'status',
    'sandbox',
  ])('%s --help prints its usage', async (name) => {
    const ended = await run([name, '--help'], {});
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('Usage: npm run');
  });
});

describe('credentials of the command line', () => {
  test.each([
    ['a wrong secret', { ST_CLIENT_SECRET: 'canary-secret' }, /ST_CLIENT_SECRET/],
    ['a wrong application key', { ST_APP_KEY: 'canary-key' }, /ST_APP_KEY/],
    ['another tenant', { ST_TENANT_ID: '12345' }, /403.*tenant|tenant.*403/s],
  ])('extract with %s reports it once, says what to do and hides the secret', async (_, wrong, message) => {
    const { env } = await tenant();
    const ended = await run(['extract', 'jobs', 'customers'], { ...env, ...wrong });
    const output = ended.stdout + ended.stderr;
    expect(ended.code).toBe(1);
    expect(output).toMatch(message);
    for (const secret of ['canary', env.ST_CLIENT_SECRET, env.ST_APP_KEY]) {
      expect(output).not.toContain(secret);
    }
    expect(ended.stdout.match(/failed jobs, customers/g)).toHaveLength(1);
  });

  test('nightly with a wrong secret on a fresh warehouse says so first, and folds what follows from it', async () => {
    const { env } = await tenant();
    const ended = await run(['nightly', '--verbose'], { ...env, ST_CLIENT_SECRET: 'canary-secret' });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(
      /^failed jobs, .*: sign-in: POST \/connect\/token answered 400 invalid_client: the client id or secret is wrong.*\n {2}→ Check ST_CLIENT_ID, ST_CLIENT_SECRET/,
    );
    const red = ended.stdout.split('\n').filter((line) => line.startsWith('RED'));
    expect(red).toEqual([
      expect.stringMatching(
        /^RED {2}no entity was read for 2025-10-27; \d{2,} screen values and assertions are not GREEN because of it$/,
      ),
      expect.stringMatching(/^RED +Nothing was read for 27 Oct 2025, so no figure is of that day\.$/),
    ]);
  });

  test('extract names a missing scope and still reads the other entities', async () => {
    const { env } = await tenant({ withoutScopes: ['tn.crm.customers:r'] });
    const ended = await run(['extract', 'jobs', 'customers'], env);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('tn.crm.customers:r');
    expect(await query(env.DUCKDB_PATH, 'SELECT id FROM st_raw_v2.raw_jobs')).toEqual([{ id: '1' }]);
  });
});

test('an HTML answer with 200 fails only its entity and keeps its cursor', async () => {
  const text = '<html><body>Bad gateway</body></html>';
  const faults = [{ entity: 'jobs', times: null, fault: { kind: 'body', text } }] as const;
  const { env } = await tenant({ faults });
  const ended = await run(['extract', 'jobs', 'customers'], env);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/GET .*\/export\/jobs.*200.*<html>/s);
  expect(ended.stdout).toMatch(/customers +success/);
  const state = await query(
    env.DUCKDB_PATH,
    "SELECT continuation_token FROM st_logs_v2.sync_state WHERE entity = 'jobs'",
  );
  expect(state).toEqual([{ continuation_token: null }]);
});

test('19-digit ids and 20-digit decimals arrive in the raw table digit by digit', async () => {
  const fields = '"createdOn":"2025-01-01T00:00:00Z","modifiedOn":"2025-01-01T00:00:00Z"';
  const records = {
    tag_types: [`{"id":9007199254740993123,${fields},"name":"x","active":true}`],
    purchase_orders: [`{"id":1,${fields},"total":12345678901.123456789}`],
  };
  const { env } = await tenant({ tenant: tenantOf(records) });
  expect(await run(['extract', 'tag_types', 'purchase_orders'], env)).toMatchObject({ code: 0 });
  const found = await query(
    env.DUCKDB_PATH,
    `SELECT (SELECT CAST(id AS VARCHAR) FROM st_raw_v2.raw_tag_types) AS id,
       (SELECT CAST(total AS VARCHAR) FROM st_raw_v2.raw_purchase_orders) AS total`,
  );
  expect(found).toEqual([{ id: '9007199254740993123', total: '12345678901.123456789' }]);
});

test('nightly on a tenant without records is RED and ends with exit code 2', async () => {
  const empty = Object.fromEntries(ENTITIES.map((name) => [name, []]));
  const { env } = await tenant({ tenant: tenantOf(empty) });
  const ended = await run(['nightly'], env);
  expect(ended.stdout).toContain('RED');
  expect(ended.code).toBe(2);
});

describe('files of the command line', () => {
  test('a warehouse that is not a DuckDB file is refused and not overwritten', async () => {
    const { env } = ownFolder();
    writeFileSync(env.DUCKDB_PATH, 'not a database, but somebody needs it');
    const ended = await run(['status'], env);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('DUCKDB_PATH');
    expect(readFileSync(env.DUCKDB_PATH, 'utf8')).toContain('somebody needs it');
  });

  test.skipIf(process.getuid?.() === 0)('extract reports a landing that cannot be written', async () => {
    const { env } = await tenant();
    mkdirSync(env.LANDING_URI);
    chmodSync(env.LANDING_URI, 0o500);
    const ended = await run(['extract', 'jobs'], env);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('landing');
  });

  test('extract reports a landing path below a file', async () => {
    const { env } = await tenant();
    writeFileSync(env.LANDING_URI, '');
    const ended = await run(['extract', 'jobs'], { ...env, LANDING_URI: join(env.LANDING_URI, 'below') });
    expect(ended.code).toBe(1);
    expect(ended.stdout + ended.stderr).toContain('LANDING_URI');
  });

  test('extract creates missing folders for landing and warehouse', async () => {
    const { env } = await tenant();
    const path = join(env.LANDING_URI, '../deep/er/warehouse.duckdb');
    expect(await run(['extract', 'jobs'], { ...env, DUCKDB_PATH: path })).toMatchObject({ code: 0 });
  });
});

const ENTITIES = [
  ...['jobs', 'appointments', 'appointment_assignments', 'projects', 'estimates', 'invoices', 'payments'],
  ...['gross_pay_items', 'payrolls', 'payroll_adjustments', 'activity_codes', 'customers', 'locations'],
  ...['campaigns', 'job_types', 'business_units', 'technicians', 'employees', 'tag_types'],
  ...['purchase_orders', 'receipts', 'returns', 'inventory_bills'],
];
