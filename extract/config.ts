import { resolve } from 'node:path';
import { dateIn } from '../base/calendar.ts';
import { ConfigurationError } from '../base/errors.ts';
import { SANDBOX_RUN_DATE } from '../sandbox/clock.ts';
import {
  type Environment,
  unknownVariables,
  type Variable,
  type VariableReader,
  variableReader,
} from './variables.ts';

/** Everything a run may be told, read once from the environment and validated as a whole. */
export interface Config {
  /** null: no ST_* credentials are set, so the run starts the sandbox tenant inside the process. */
  readonly credentials: Credentials | null;
  /** Host of the token endpoint; `/connect/token` is appended. */
  readonly authUrl: string;
  /** Host of the API; `/jpm/v2/tenant/…` is appended. */
  readonly apiUrl: string;
  readonly syncMode: SyncMode;
  readonly lookbackDays: number;
  readonly maxConcurrentRequests: number;
  readonly rateLimitPerSecond: number;
  /** First day of facts, `YYYY-MM-DD`; dimensions are always read whole. */
  readonly syncStartDate: string;
  /** Zone in which days and weeks are cut, an IANA name. */
  readonly timeZone: string;
  /** The day the run stands for, `YYYY-MM-DD` in `timeZone`. */
  readonly runDate: string;
  readonly warehouse:
    | { readonly kind: 'duckdb'; readonly path: string }
    | {
        readonly kind: 'bigquery';
        readonly projectId: string;
        readonly location: string;
        /** Most that one query may bill, as a whole number; null for no limit. */
        readonly maximumBytesBilled: string | null;
      };
  readonly datasets: Datasets;
  readonly landing:
    | { readonly kind: 'folder'; readonly path: string }
    | {
        readonly kind: 'gcs';
        readonly bucket: string;
        readonly prefix: string;
        /** Host of a server that stands in for Cloud Storage; null for Google's. */
        readonly apiUrl: string | null;
      };
  readonly referenceDir: string;
  /** Saved reports of the tenant that collections and receivables are compared with; null where none is named. */
  readonly collectionsReport: SavedReportName | null;
  readonly arReport: SavedReportName | null;
  /** What raw tables hold of fields marked personal and not needed by a KPI: the value, or NULL. */
  readonly personalData: 'keep' | 'drop';
  readonly logLevel: LogLevel;
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly appKey: string;
}

/** A saved report as the Reporting API finds it. */
export interface SavedReportName {
  readonly category: string;
  readonly id: string;
}

export interface Datasets {
  readonly raw: string;
  readonly stage: string;
  readonly mart: string;
  readonly logs: string;
}

export type SyncMode = 'incremental' | 'full';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const HOSTS = {
  production: { auth: 'https://auth.servicetitan.io', api: 'https://api.servicetitan.io' },
  integration: {
    auth: 'https://auth-integration.servicetitan.io',
    api: 'https://api-integration.servicetitan.io',
  },
} as const;

/**
 * Reads the configuration from environment variables; relative paths are taken from `cwd`.
 *
 * @throws ConfigurationError naming every missing or malformed variable at once.
 */
export function readConfig(env: Environment, options: { cwd: string; now: Date }): Config {
  const { config, problems } = inspectConfig(env, options);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return config;
}

/** The configuration with every problem of it; a malformed variable counts as one that is not set. */
export function inspectConfig(
  env: Environment,
  options: { cwd: string; now: Date },
): { readonly config: Config; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const read = variableReader(env, problems);

  const credentials = readCredentials(read, problems);
  // Whoever misspelt all of them must not take the sandbox's numbers for a tenant's.
  const misspelt = credentials ? [] : unknownVariables(env).filter((name) => name.startsWith('ST_'));
  problems.push(...misspelt.map((name) => `no credentials are set, but nothing reads ${name}`));
  const hosts = HOSTS[read.oneOf('ST_ENVIRONMENT', ['production', 'integration'], 'production')];
  const timeZone = read.timeZone('KPI_TIME_ZONE', 'America/Phoenix');
  const path = (name: Variable, fallback: string) => resolve(options.cwd, read.text(name) ?? fallback);
  const projectId = read.text('BQ_PROJECT_ID');
  const warehouse = read.oneOf('WAREHOUSE', ['bigquery', 'duckdb'], projectId ? 'bigquery' : 'duckdb');
  if (warehouse === 'bigquery' && !projectId)
    problems.push('BQ_PROJECT_ID is missing; WAREHOUSE=bigquery needs it');
  const landing = readLanding(read, options.cwd, problems);
  if (warehouse === 'bigquery' && landing.kind === 'folder')
    problems.push('LANDING_URI is no gs://bucket/prefix; BigQuery loads pages from Cloud Storage alone');

  const duckdbPath = path('DUCKDB_PATH', '.local/warehouse.duckdb');
  if (duckdbPath.includes('?'))
    problems.push('DUCKDB_PATH holds a question mark, at which DuckDB ends a file name');

  const config: Config = {
    credentials,
    authUrl: read.host('ST_AUTH_URL', hosts.auth),
    apiUrl: read.host('ST_API_URL', hosts.api),
    syncMode: read.oneOf('SYNC_MODE', ['incremental', 'full'], 'incremental'),
    lookbackDays: read.wholeNumber('LOOKBACK_DAYS', 7, { min: 0, max: 3650 }),
    maxConcurrentRequests: read.wholeNumber('MAX_CONCURRENT_REQUESTS', 5, { min: 1, max: 50 }),
    // The vendor's own limit is 60 calls a second per app and tenant.
    rateLimitPerSecond: read.wholeNumber('RATE_LIMIT_PER_SECOND', 10, { min: 1, max: 60 }),
    syncStartDate: read.date('SYNC_START_DATE', '2020-01-01'),
    timeZone,
    runDate: read.date('RUN_DATE', credentials ? dateIn(timeZone, options.now) : SANDBOX_RUN_DATE),
    warehouse:
      warehouse === 'bigquery'
        ? {
            kind: 'bigquery',
            projectId: projectId ?? '',
            location: read.text('BQ_LOCATION') ?? 'US',
            maximumBytesBilled: read.digits('BQ_MAXIMUM_BYTES_BILLED') || null,
          }
        : { kind: 'duckdb', path: duckdbPath },
    datasets: {
      raw: read.identifier('BQ_DATASET_RAW', 'st_raw_v2'),
      stage: read.identifier('BQ_DATASET_STAGE', 'st_stage_v2'),
      mart: read.identifier('BQ_DATASET_MART', 'st_mart_v2'),
      logs: read.identifier('BQ_DATASET_LOGS', 'st_logs_v2'),
    },
    landing,
    referenceDir: path('REFERENCE_DIR', 'definitions/reference'),
    collectionsReport: savedReport(read.report('COLLECTIONS_REPORT')),
    arReport: savedReport(read.report('AR_REPORT')),
    personalData: read.oneOf('PERSONAL_DATA', ['keep', 'drop'], 'keep'),
    logLevel: read.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  };
  if (config.syncStartDate > config.runDate) {
    problems.push(`SYNC_START_DATE (${config.syncStartDate}) is after the run date (${config.runDate})`);
  }
  return { config, problems };
}

function readCredentials(read: VariableReader, problems: string[]): Credentials | null {
  const names = ['ST_CLIENT_ID', 'ST_CLIENT_SECRET', 'ST_TENANT_ID', 'ST_APP_KEY'] as const;
  const [clientId, clientSecret, tenantId, appKey] = names.map((name) => read.text(name));
  const missing = names.filter((name) => read.text(name) === undefined);
  if (missing.length === names.length) {
    for (const name of ['ST_AUTH_URL', 'ST_API_URL'] as const) {
      if (read.text(name)) problems.push(`${name} is set but ${names.join(', ')} are not`);
    }
    return null;
  }
  for (const name of missing) problems.push(`${name} is missing; the four credentials belong together`);
  // Without the value: it may be the secret, put in the wrong place.
  if (tenantId !== undefined && !/^\d{1,19}$/.test(tenantId))
    problems.push('ST_TENANT_ID is not a whole number');
  return {
    clientId: clientId ?? '',
    clientSecret: clientSecret ?? '',
    tenantId: tenantId ?? '',
    appKey: appKey ?? '',
  };
}

function savedReport(text: string): SavedReportName | null {
  const [category, id] = text.split('/');
  return category && id ? { category, id } : null;
}

function readLanding(read: VariableReader, cwd: string, problems: string[]): Config['landing'] {
  const uri = read.text('LANDING_URI') ?? '.local/landing';
  const bucket = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220})(?:\/(.*?))?\/?$/.exec(uri);
  if (bucket) {
    const [, name = '', prefix = ''] = bucket;
    return { kind: 'gcs', bucket: name, prefix, apiUrl: read.host('STORAGE_API_URL', '') || null };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(uri))
    problems.push(`LANDING_URI is neither gs://bucket/prefix nor a folder`);
  return { kind: 'folder', path: resolve(cwd, uri) };
}
