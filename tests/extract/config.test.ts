import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { readConfig } from '../../extract/config.ts';
import { timeZoneNames } from '../../extract/time-zones.ts';

const options = { cwd: '/project', now: new Date('2026-01-01T05:30:00Z') };
const credentials = {
  ST_CLIENT_ID: 'client',
  ST_CLIENT_SECRET: 'hush-hush',
  ST_TENANT_ID: '1234',
  ST_APP_KEY: 'key',
};

test('an empty environment configures the sandbox, DuckDB and a landing folder', () => {
  const config = readConfig({}, options);
  expect(config.credentials).toBeNull();
  expect(config.warehouse).toEqual({ kind: 'duckdb', path: '/project/.local/warehouse.duckdb' });
  expect(config.landing).toEqual({ kind: 'folder', path: '/project/.local/landing' });
  expect(config.runDate).toBe('2025-10-27');
});

test('RUN_DATE defaults to today in the business time zone when credentials are set', () => {
  expect(readConfig(credentials, options).runDate).toBe('2025-12-31');
});

test.each([
  ['2026-01-01', true],
  ['2026-01-02', false],
  ['2052-10-27', false],
])('RUN_DATE may be tomorrow in the business time zone, not later: %s', (RUN_DATE, isAccepted) => {
  const problem = `RUN_DATE (${RUN_DATE}) is after tomorrow; in America/Phoenix today is 2025-12-31`;
  if (isAccepted) expect(readConfig({ ...credentials, RUN_DATE }, options).runDate).toBe(RUN_DATE);
  else expect(() => readConfig({ ...credentials, RUN_DATE }, options)).toThrow(problem);
});

test('all configuration errors are listed together, each with its variable and never its value', () => {
  const env = {
    ST_CLIENT_SECRET: 'hush-hush',
    ST_AUTH_URL: 'ftp://user:hush-hush@auth.example.com',
    BQ_DATASET_RAW: 'raw hush-hush',
    RATE_LIMIT_PER_SECOND: '0',
    SYNC_START_DATE: '2025-02-30',
    KPI_TIME_ZONE: 'Mars/Base',
    ST_API_URL: 'http://api.example.com',
    SYNC_MODE: 'sometimes',
  };
  let message = '';
  try {
    readConfig(env, options);
  } catch (error) {
    message = String(error);
  }
  for (const name of ['ST_CLIENT_ID', 'ST_TENANT_ID', 'ST_APP_KEY', ...Object.keys(env).slice(1)]) {
    expect(message).toContain(name);
  }
  expect(message).toContain('SYNC_START_DATE is not a date like 2025-10-27');
  expect(message).not.toContain('hush-hush');
});

test('a secret in place of ST_TENANT_ID is not shown', () => {
  const read = () => readConfig({ ...credentials, ST_TENANT_ID: 'hush-hush' }, options);
  expect(read).toThrow(/ST_TENANT_ID is not a whole number(?!.*hush)/s);
});

test('misspelt credentials are refused and do not start the sandbox', () => {
  const env = { ST_CLIENTID: 'client', ST_SECRET: 'hush-hush' };
  expect(() => readConfig(env, options)).toThrow(
    /unknown variable ST_CLIENTID \(did you mean ST_CLIENT_ID\?\)[\s\S]*unknown variable ST_SECRET/,
  );
  expect(readConfig({ ...credentials, ST_LEGACY: 'x' }, options).credentials).not.toBeNull();
});

test('plain http is allowed for loopback addresses only', () => {
  expect(readConfig({ ...credentials, ST_API_URL: 'http://127.0.0.1:8099/' }, options).apiUrl).toBe(
    'http://127.0.0.1:8099',
  );
  expect(() => readConfig({ ...credentials, ST_API_URL: 'http://10.0.0.1' }, options)).toThrow('ST_API_URL');
});

test('BQ_PROJECT_ID and a gs:// LANDING_URI select BigQuery and Cloud Storage', () => {
  const config = readConfig({ ...credentials, BQ_PROJECT_ID: 'acme', LANDING_URI: 'gs://pages/st' }, options);
  expect(config.warehouse).toEqual({
    kind: 'bigquery',
    projectId: 'acme',
    location: 'US',
    maximumBytesBilled: null,
  });
  expect(config.landing).toEqual({ kind: 'gcs', bucket: 'pages', prefix: 'st', apiUrl: null });
});

test.each([
  ['america/new_york', 'America/New_York'],
  ['US/Pacific-New', 'America/Los_Angeles'],
  ['utc', 'UTC'],
])('the time zone %s, which BigQuery does not know by this name, is refused with the name to write', (zone, name) => {
  expect(() => readConfig({ KPI_TIME_ZONE: zone }, options)).toThrow(
    `KPI_TIME_ZONE is not a time zone by the name that BigQuery knows; write ${name}`,
  );
});

test('every time zone that is accepted is known to JavaScript and to DuckDB, newer and older names too', async () => {
  const names = timeZoneNames();
  expect(names).toEqual(
    expect.arrayContaining(['UTC', 'US/Arizona', 'Asia/Calcutta', 'Asia/Kolkata', 'Europe/Kyiv']),
  );
  expect(names.length).toBeGreaterThan(590);
  for (const timeZone of names)
    expect(readConfig({ KPI_TIME_ZONE: timeZone }, options).timeZone).toBe(timeZone);
  for (const timeZone of names) new Intl.DateTimeFormat('en', { timeZone });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const values = names.map((name) => `timezone('${name}', TIMESTAMPTZ '2025-10-27 12:00:00+00')`);
  await connection.run(`SELECT ${values.join(', ')}`);
  connection.closeSync();
  instance.closeSync();
});

test.each([
  [
    'a word that SQL reserves',
    { BQ_DATASET_RAW: 'select' },
    'BQ_DATASET_RAW is a word that SQL reserves; write another name, such as st_raw_v2',
  ],
  ['a word that only GoogleSQL reserves', { BQ_DATASET_MART: 'Groups' }, 'BQ_DATASET_MART is a word'],
  ['a schema of DuckDB', { BQ_DATASET_LOGS: 'temp' }, 'BQ_DATASET_LOGS is a word'],
  [
    'the name of the DuckDB file',
    { BQ_DATASET_STAGE: 'Warehouse' },
    'BQ_DATASET_STAGE is the name of the file in DUCKDB_PATH',
  ],
  [
    'the name of another DuckDB file',
    { BQ_DATASET_STAGE: 'kpi', DUCKDB_PATH: 'data/KPI.v2.duckdb' },
    'BQ_DATASET_STAGE is the name of the file',
  ],
  [
    'two names that differ in case',
    { BQ_DATASET_RAW: 'st', BQ_DATASET_LOGS: 'ST' },
    'BQ_DATASET_LOGS and BQ_DATASET_RAW differ only in case',
  ],
])('a dataset name that an engine reserves is refused with what to write: %s', (_, env, problem) => {
  expect(() => readConfig(env, options)).toThrow(problem);
});

test('one dataset may hold everything', () => {
  const env = { BQ_DATASET_RAW: 'st', BQ_DATASET_STAGE: 'st', BQ_DATASET_MART: 'st', BQ_DATASET_LOGS: 'st' };
  expect(readConfig(env, options).datasets).toEqual({ raw: 'st', stage: 'st', mart: 'st', logs: 'st' });
});

test('a LANDING_URI of another object store is refused and not taken for a folder', () => {
  for (const LANDING_URI of ['s3://pages', 'https://pages', 'gs://UPPER'])
    expect(() => readConfig({ ...credentials, LANDING_URI }, options)).toThrow('neither gs://');
});

test('BigQuery requires a gs:// LANDING_URI and a numeric BQ_MAXIMUM_BYTES_BILLED', () => {
  const read = (env: Record<string, string>) =>
    readConfig({ ...credentials, BQ_PROJECT_ID: 'acme', ...env }, options);
  expect(() => read({ LANDING_URI: 'landing' })).toThrow('LANDING_URI is not gs://bucket/prefix');
  const bucket = { LANDING_URI: 'gs://pages' };
  expect(() => read({ ...bucket, BQ_MAXIMUM_BYTES_BILLED: '1 TB' })).toThrow(
    'BQ_MAXIMUM_BYTES_BILLED is not',
  );
  expect(() => read({ ...bucket, STORAGE_API_URL: 'http://10.0.0.1' })).toThrow('STORAGE_API_URL');
  expect(read({ ...bucket, BQ_MAXIMUM_BYTES_BILLED: '1000' }).warehouse).toMatchObject({
    maximumBytesBilled: '1000',
  });
});
