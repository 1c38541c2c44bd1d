import { resolve } from 'node:path';
import { addDays, dateIn } from '../base/calendar.ts';
import { ConfigurationError } from '../base/errors.ts';
import { SANDBOX_RUN_DATE } from '../sandbox/clock.ts';
import { chooseEntities, type Entity } from '../schemas/entities.ts';
import { datasetProblems } from './dataset-names.ts';
import {
  type Environment,
  unknownVariables,
  type Variable,
  type VariableReader,
  variableReader,
} from './variables.ts';

/** All settings of a run, read once from the environment and validated together. */
export interface Config {
  /** null if no ST_* credentials are set; the run then starts the sandbox tenant inside the process. */
  readonly credentials: Credentials | null;
  readonly environment: 'production' | 'integration';
  /** Host of the token endpoint; `/connect/token` is appended. */
  readonly authUrl: string;
  /** Host of the API; `/jpm/v2/tenant/…` is appended. */
  readonly apiUrl: string;
  /** What a night reads: the default set, and what ENTITIES adds. */
  readonly entities: readonly Entity[];
  readonly syncMode: SyncMode;
  readonly lookbackDays: number;
  /** Calls of a night that read old invoices again by id; 0 reads none. */
  readonly rereadCalls: number;
  readonly maxConcurrentRequests: number;
  readonly rateLimitPerSecond: number;
  /** First day of facts, `YYYY-MM-DD`; dimensions are always read from their first record. */
  readonly syncStartDate: string;
  /** IANA time zone in which days and weeks begin and end. */
  readonly timeZone: string;
  /** The day for which KPIs are computed, `YYYY-MM-DD` in `timeZone`. */
  readonly runDate: string;
  readonly warehouse:
    | { readonly kind: 'duckdb'; readonly path: string }
    | {
        readonly kind: 'bigquery';
        readonly projectId: string;
        readonly location: string;
        /** Most bytes that one query may bill, as a whole number; null for no limit. */
        readonly maximumBytesBilled: string | null;
      };
  readonly datasets: Datasets;
  readonly landing:
    | { readonly kind: 'folder'; readonly path: string }
    | {
        readonly kind: 'gcs';
        readonly bucket: string;
        readonly prefix: string;
        /** Host of a Cloud Storage emulator; null for Google's. */
        readonly apiUrl: string | null;
      };
  readonly referenceDir: string;
  /** The tenant's saved reports to compare collections and receivables with; null if none is set. */
  readonly collectionsReport: SavedReportName | null;
  readonly arReport: SavedReportName | null;
  /** Whether raw tables keep the values of personal fields that no KPI needs, or store NULL instead. */
  readonly personalData: 'keep' | 'drop';
  /** The message after each night; null if none is sent. */
  readonly notify: Notify | null;
  readonly logLevel: LogLevel;
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly appKey: string;
}

/** How the Reporting API addresses a saved report. */
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

/** Where the message after a night goes. */
export interface Notify {
  /** A secret: whoever knows an incoming webhook may write to it. */
  readonly url: string;
  readonly on: 'always' | 'problems';
  /** Where people open the report; null if the message has no link. */
  readonly reportUrl: string | null;
}

export type SyncMode = 'incremental' | 'full';
type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const HOSTS = {
  production: { auth: 'https://auth.servicetitan.io', api: 'https://api.servicetitan.io' },
  integration: {
    auth: 'https://auth-integration.servicetitan.io',
    api: 'https://api-integration.servicetitan.io',
  },
} as const;

/**
 * Reads the configuration from environment variables; relative paths are resolved against `cwd`.
 *
 * @throws ConfigurationError that lists all missing or malformed variables together.
 */
export function readConfig(env: Environment, options: { cwd: string; now: Date }): Config {
  const { config, problems } = inspectConfig(env, options);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return config;
}

/** The configuration and all its problems; a malformed variable is treated as not set. */
export function inspectConfig(
  env: Environment,
  options: { cwd: string; now: Date },
): { readonly config: Config; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const read = variableReader(env, problems);

  const credentials = readCredentials(read, problems);
  // With all credentials misspelt, the run would show the sandbox's numbers instead of the tenant's.
  const misspelt = credentials ? [] : unknownVariables(env).filter((name) => name.startsWith('ST_'));
  problems.push(...misspelt.map((name) => `unknown variable ${name}, and no credentials are set`));
  const environment = read.oneOf('ST_ENVIRONMENT', ['production', 'integration'], 'production');
  const hosts = HOSTS[environment];
  const timeZone = read.timeZone('KPI_TIME_ZONE', 'America/Phoenix');
  const path = (name: Variable, fallback: string) => resolve(options.cwd, read.text(name) ?? fallback);
  const projectId = read.text('BQ_PROJECT_ID');
  const warehouse = read.oneOf('WAREHOUSE', ['bigquery', 'duckdb'], projectId ? 'bigquery' : 'duckdb');
  if (warehouse === 'bigquery' && !projectId)
    problems.push('BQ_PROJECT_ID is missing; WAREHOUSE=bigquery needs it');
  const landing = readLanding(read, options.cwd, problems);
  if (warehouse === 'bigquery' && landing.kind === 'folder')
    problems.push('LANDING_URI is not gs://bucket/prefix; BigQuery loads pages only from Cloud Storage');

  const duckdbPath = path('DUCKDB_PATH', '.local/warehouse.duckdb');
  if (duckdbPath.includes('?'))
    problems.push('DUCKDB_PATH contains a question mark; DuckDB would cut the file name there');

  const config: Config = {
    credentials,
    environment,
    authUrl: read.host('ST_AUTH_URL', hosts.auth),
    apiUrl: read.host('ST_API_URL', hosts.api),
    entities: chooseEntities(read.text('ENTITIES') ?? '', problems),
    syncMode: read.oneOf('SYNC_MODE', ['incremental', 'full'], 'incremental'),
    rereadCalls: read.wholeNumber('REREAD_CALLS', 0, { min: 0, max: 100_000 }),
    lookbackDays: read.wholeNumber('LOOKBACK_DAYS', 7, { min: 0, max: 3650 }),
    maxConcurrentRequests: read.wholeNumber('MAX_CONCURRENT_REQUESTS', 5, { min: 1, max: 50 }),
    // The service allows 60 calls a second per app and tenant.
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
    notify: readNotify(read),
    logLevel: read.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  };
  const today = dateIn(timeZone, options.now);
  if (read.text('RUN_DATE') !== undefined && config.runDate > addDays(today, 1)) {
    problems.push(
      `RUN_DATE (${config.runDate}) is after tomorrow; in ${timeZone} today is ${today} by the clock of this machine`,
    );
  }
  if (config.syncStartDate > config.runDate) {
    problems.push(`SYNC_START_DATE (${config.syncStartDate}) is after the run date (${config.runDate})`);
  }
  problems.push(...datasetProblems(config.datasets, warehouse === 'duckdb' ? duckdbPath : undefined));
  return { config, problems };
}

function readNotify(read: VariableReader): Notify | null {
  const url = read.address('NOTIFY_URL');
  const on = read.oneOf('NOTIFY_ON', ['always', 'problems'], 'always');
  const reportUrl = read.address('REPORT_URL') || null;
  return url === '' ? null : { url, on, reportUrl };
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
  for (const name of missing) problems.push(`${name} is missing; set all four credentials or none`);
  // The message omits the value: it may be a secret set in the wrong variable.
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
