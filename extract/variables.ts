import { isCalendarDay } from '../base/calendar.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { intendedTimeZone, isTimeZone } from './time-zones.ts';

/** Variables that no message may show; they are removed from the process environment as soon as they are read. */
export const SECRETS = ['ST_CLIENT_SECRET', 'ST_APP_KEY', 'NOTIFY_URL'] as const;

/** All variables that the program reads; README.md explains each. */
export const VARIABLES = [
  ...SECRETS,
  ...['ST_CLIENT_ID', 'ST_TENANT_ID', 'ST_ENVIRONMENT', 'ST_AUTH_URL', 'ST_API_URL'],
  ...['ENTITIES', 'SYNC_MODE', 'SYNC_START_DATE', 'LOOKBACK_DAYS', 'RUN_DATE', 'KPI_TIME_ZONE'],
  ...['MAX_CONCURRENT_REQUESTS', 'RATE_LIMIT_PER_SECOND', 'REREAD_CALLS'],
  ...['LANDING_URI', 'STORAGE_API_URL', 'WAREHOUSE', 'DUCKDB_PATH'],
  ...['BQ_PROJECT_ID', 'BQ_LOCATION', 'BQ_MAXIMUM_BYTES_BILLED'],
  ...['BQ_DATASET_RAW', 'BQ_DATASET_STAGE', 'BQ_DATASET_MART', 'BQ_DATASET_LOGS'],
  ...['REFERENCE_DIR', 'COLLECTIONS_REPORT', 'AR_REPORT', 'PERSONAL_DATA', 'LOG_LEVEL'],
  ...['NOTIFY_ON', 'REPORT_URL'],
  ...['PORT', 'K_SERVICE', 'SERVE_AUDIENCE', 'SERVE_ALLOWED_CALLERS', 'SERVE_JWKS_URL'],
] as const;

export type Variable = (typeof VARIABLES)[number];

/** Prefixes that no other program's variables have. */
const OWN_PREFIX =
  /^(ST|BQ|KPI|SYNC|LOOKBACK|MAX_CONCURRENT|RATE_LIMIT|LANDING|DUCKDB|REREAD|REFERENCE|COLLECTIONS|SERVE|NOTIFY)_/;

/** Variables with one of our prefixes that the program does not read, such as ST_CLIENTID, each with the likely name. */
export function unknownVariables(env: Environment): readonly string[] {
  const known: readonly string[] = VARIABLES;
  const names = Object.keys(env).filter((name) => OWN_PREFIX.test(name) && !known.includes(name));
  return names.map((name) => `${name}${didYouMean(name, known)}`);
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type VariableReader = ReturnType<typeof variableReader>;

/** Typed access to variables. Malformed ones are added to `problems` without their value: it may be a misplaced secret. */
export function variableReader(env: Environment, problems: string[]) {
  const text = (name: Variable): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const checked = (
    name: Variable,
    fallback: string,
    isValid: (value: string) => boolean,
    expected: string,
  ) => {
    const value = text(name);
    if (value === undefined || isValid(value)) return value ?? fallback;
    problems.push(`${name} is not ${expected}`);
    return fallback;
  };
  return {
    text,
    oneOf<T extends string>(name: Variable, values: readonly T[], fallback: T): T {
      checked(name, fallback, (value) => values.some((v) => v === value), `one of ${values.join(', ')}`);
      return values.find((value) => value === text(name)) ?? fallback;
    },
    wholeNumber(name: Variable, fallback: number, range: { min: number; max: number }): number {
      const isInRange = (value: string) =>
        /^\d{1,9}$/.test(value) && Number(value) >= range.min && Number(value) <= range.max;
      return Number(
        checked(name, String(fallback), isInRange, `a whole number from ${range.min} to ${range.max}`),
      );
    },
    digits: (name: Variable) => checked(name, '', (value) => /^\d{1,18}$/.test(value), 'a whole number'),
    report: (name: Variable) =>
      checked(
        name,
        '',
        (value) => /^[\w-]+\/\d+$/.test(value),
        'the category/id of a saved report, like accounting/235',
      ),
    date: (name: Variable, fallback: string) =>
      checked(name, fallback, isCalendarDay, 'a date like 2025-10-27'),
    identifier: (name: Variable, fallback: string) =>
      checked(
        name,
        fallback,
        (value) => /^[A-Za-z_]\w{0,1023}$/.test(value),
        'a dataset name (letters, digits, _)',
      ),
    timeZone(name: Variable, fallback: string): string {
      const intended = intendedTimeZone(text(name) ?? fallback);
      const expected =
        intended === undefined
          ? 'an IANA time zone like America/Phoenix'
          : `a time zone by the name that BigQuery knows; write ${intended}`;
      return checked(name, fallback, isTimeZone, expected);
    },
    /** A whole address, kept as it is. */
    address: (name: Variable) =>
      checked(name, '', isHost, 'an https:// address (plain http only on loopback)'),
    host: (name: Variable, fallback: string) =>
      checked(name, fallback, isHost, 'an https:// host (plain http only on loopback)').replace(/\/+$/, ''),
  };
}

function isHost(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username } = new URL(value);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && loopback));
}
