import type { FunctionTable } from '../template.ts';
import { TEXT_AS_DATETIME, TEXT_AS_TIMESTAMP } from './casts.ts';

/** Weekdays by the date part that begins a week with them; DuckDB's `dayofweek` counts from Sunday, 0. */
const WEEKS: Readonly<Record<string, number>> = {
  WEEK: 0,
  WEEK_MONDAY: 1,
  ISOWEEK: 1,
  WEEK_TUESDAY: 2,
  WEEK_WEDNESDAY: 3,
  WEEK_THURSDAY: 4,
  WEEK_FRIDAY: 5,
  WEEK_SATURDAY: 6,
};

/** `$1` is a DATE or, for DATETIME and TIMESTAMP, a DuckDB TIMESTAMP in the wanted time zone. */
const DATE_PARTS: Readonly<Record<string, string>> = {
  YEAR: 'year($1)',
  QUARTER: 'quarter($1)',
  MONTH: 'month($1)',
  DAY: 'day($1)',
  DAYOFWEEK: '(dayofweek($1) + 1)',
  DAYOFYEAR: 'dayofyear($1)',
  ISOYEAR: 'CAST(isoyear($1) AS BIGINT)',
  ISOWEEK: 'CAST(weekofyear($1) AS BIGINT)',
  ...Object.fromEntries(
    Object.entries(WEEKS)
      .filter(([part]) => part !== 'ISOWEEK')
      .map(([part, day]) => [part, `googlesql.week_number($1, ${day})`]),
  ),
};
const TIME_PARTS: Readonly<Record<string, string>> = {
  HOUR: 'hour($1)',
  MINUTE: 'minute($1)',
  SECOND: 'second($1)',
  MILLISECOND: '(millisecond($1) % 1000)',
  MICROSECOND: '(microsecond($1) % 1000000)',
};
const MICROSECONDS: Readonly<Record<string, number>> = {
  MICROSECOND: 1,
  MILLISECOND: 1_000,
  SECOND: 1_000_000,
  MINUTE: 60_000_000,
  HOUR: 3_600_000_000,
  DAY: 86_400_000_000,
};
/** An interval of `$2` parts. */
const DATE_INTERVALS: Readonly<Record<string, string>> = {
  DAY: 'to_days(CAST($2 AS INTEGER))',
  WEEK: 'to_days(CAST(7 * $2 AS INTEGER))',
  MONTH: 'to_months(CAST($2 AS INTEGER))',
  QUARTER: 'to_months(CAST(3 * $2 AS INTEGER))',
  YEAR: 'to_years(CAST($2 AS INTEGER))',
};
const CLOCK_INTERVALS: Readonly<Record<string, string>> = {
  HOUR: 'to_microseconds($2 * 3600000000)',
  MINUTE: 'to_microseconds($2 * 60000000)',
  SECOND: 'to_microseconds($2 * 1000000)',
};
const TIME_INTERVALS: Readonly<Record<string, string>> = {
  ...CLOCK_INTERVALS,
  MILLISECOND: 'to_microseconds($2 * 1000)',
  MICROSECOND: 'to_microseconds($2)',
};

/** A table from each entry of another: the date part becomes part of the signature. */
function perPart<T>(parts: Readonly<Record<string, T>>, entry: (part: string, value: T) => FunctionTable) {
  return Object.assign(
    {},
    ...Object.entries(parts).map(([part, value]) => entry(part, value)),
  ) as FunctionTable;
}

const at = (part: string, value: string) => part.replaceAll('$1', value);

const DATES: FunctionTable = {
  'date(DATE)': '$1',
  'date(TIMESTAMP)': "CAST(timezone('UTC', $1) AS DATE)",
  'date(TIMESTAMP, STRING)': 'CAST(timezone($2, $1) AS DATE)',
  'date(DATETIME)': 'CAST($1 AS DATE)',
  'date(INT64, INT64, INT64)': 'make_date($1, $2, $3)',
  'unix_date(DATE)': "date_diff('day', DATE '1970-01-01', $1)",
  'date_from_unix_date(INT64)': "(DATE '1970-01-01' + CAST($1 AS INTEGER))",
  'date_add(DATE, INT64, DAY)': '($1 + CAST($2 AS INTEGER))',
  'date_sub(DATE, INT64, DAY)': '($1 - CAST($2 AS INTEGER))',
  '$add(DATE, INT64)': '($1 + CAST($2 AS INTEGER))',
  '$add(INT64, DATE)': '($2 + CAST($1 AS INTEGER))',
  '$subtract(DATE, INT64)': '($1 - CAST($2 AS INTEGER))',
  ...perPart(
    DATE_INTERVALS,
    (part, interval): FunctionTable =>
      part === 'DAY'
        ? {}
        : {
            [`date_add(DATE, INT64, ${part})`]: `CAST($1 + ${interval} AS DATE)`,
            [`date_sub(DATE, INT64, ${part})`]: `CAST($1 - ${interval} AS DATE)`,
          },
  ),
  'date_diff(DATE, DATE, DAY)': "date_diff('day', $2, $1)",
  ...perPart(WEEKS, (part, day) => ({
    [`date_diff(DATE, DATE, ${part})`]: `(date_diff('day', googlesql.week_start($2, ${day}), googlesql.week_start($1, ${day})) // 7)`,
    [`date_trunc(DATE, ${part})`]: `googlesql.week_start($1, ${day})`,
    [`last_day(DATE, ${part})`]: `(googlesql.week_start($1, ${day}) + 6)`,
  })),
  'date_diff(DATE, DATE, MONTH)': "date_diff('month', $2, $1)",
  'date_diff(DATE, DATE, QUARTER)': "date_diff('quarter', $2, $1)",
  'date_diff(DATE, DATE, YEAR)': "date_diff('year', $2, $1)",
  'date_diff(DATE, DATE, ISOYEAR)': 'CAST(isoyear($1) - isoyear($2) AS BIGINT)',
  'date_trunc(DATE, DAY)': '$1',
  'date_trunc(DATE, MONTH)': "CAST(date_trunc('month', $1) AS DATE)",
  'date_trunc(DATE, QUARTER)': "CAST(date_trunc('quarter', $1) AS DATE)",
  'date_trunc(DATE, YEAR)': "CAST(date_trunc('year', $1) AS DATE)",
  'date_trunc(DATE, ISOYEAR)': 'googlesql.iso_year_start($1)',
  'last_day(DATE)': 'last_day($1)',
  'last_day(DATE, MONTH)': 'last_day($1)',
  'last_day(DATE, QUARTER)': "last_day(CAST(date_trunc('quarter', $1) + to_months(2) AS DATE))",
  'last_day(DATE, YEAR)': 'make_date(year($1), 12, 31)',
  ...perPart(DATE_PARTS, (part, sql) => ({ [`$extract(DATE, ${part})`]: sql })),
  'generate_date_array(DATE, DATE)': 'CAST(generate_series($1, $2, INTERVAL 1 DAY) AS DATE[])',
  ...perPart(DATE_INTERVALS, (part, interval) => ({
    [`generate_date_array(DATE, DATE, INT64, ${part})`]: `CAST(generate_series($1, $2, ${interval.replace('$2', '$3')}) AS DATE[])`,
  })),
};

const TIMESTAMPS: FunctionTable = {
  'timestamp(TIMESTAMP)': '$1',
  'timestamp(DATE)': "timezone('UTC', CAST($1 AS TIMESTAMP))",
  'timestamp(DATE, STRING)': 'googlesql.instant($2, CAST($1 AS TIMESTAMP))',
  'timestamp(DATETIME)': "timezone('UTC', $1)",
  'timestamp(DATETIME, STRING)': 'googlesql.instant($2, $1)',
  'timestamp(STRING)': TEXT_AS_TIMESTAMP,
  // A text with its own zone keeps it in GoogleSQL; it is refused here as invalid.
  'timestamp(STRING, STRING)': `googlesql.instant($2, ${TEXT_AS_DATETIME})`,
  'datetime(STRING)': TEXT_AS_DATETIME,
  'timestamp_seconds(INT64)': 'make_timestamptz($1 * 1000000)',
  'timestamp_millis(INT64)': 'make_timestamptz($1 * 1000)',
  'timestamp_micros(INT64)': 'make_timestamptz($1)',
  'unix_seconds(TIMESTAMP)': 'googlesql.floor_divide(epoch_us($1), 1000000)',
  'unix_millis(TIMESTAMP)': 'googlesql.floor_divide(epoch_us($1), 1000)',
  'unix_micros(TIMESTAMP)': 'epoch_us($1)',
  'string(TIMESTAMP)': "(googlesql.timestamp_text($1) || '+00')",
  'string(TIMESTAMP, STRING)': 'googlesql.zone_text($2, $1)',
  'string(DATE)': 'CAST($1 AS VARCHAR)',
  'string(DATETIME)': 'googlesql.datetime_text($1)',
  'time(TIMESTAMP)': "CAST(timezone('UTC', $1) AS TIME)",
  'time(TIMESTAMP, STRING)': 'CAST(timezone($2, $1) AS TIME)',
  'time(DATETIME)': 'CAST($1 AS TIME)',
  'time(INT64, INT64, INT64)': 'make_time($1, $2, CAST($3 AS DOUBLE))',
  'datetime(DATE)': 'CAST($1 AS TIMESTAMP)',
  'datetime(DATE, TIME)': '($1 + $2)',
  'datetime(TIMESTAMP)': "timezone('UTC', $1)",
  'datetime(TIMESTAMP, STRING)': 'timezone($2, $1)',
  'datetime(INT64, INT64, INT64, INT64, INT64, INT64)':
    'make_timestamp($1, $2, $3, $4, $5, CAST($6 AS DOUBLE))',
  '$extract_date(TIMESTAMP)': "CAST(timezone('UTC', $1) AS DATE)",
  '$extract_date(TIMESTAMP, STRING)': 'CAST(timezone($2, $1) AS DATE)',
  '$extract_date(DATETIME)': 'CAST($1 AS DATE)',
  '$extract_time(TIMESTAMP)': "CAST(timezone('UTC', $1) AS TIME)",
  '$extract_time(TIMESTAMP, STRING)': 'CAST(timezone($2, $1) AS TIME)',
  '$extract_datetime(TIMESTAMP, STRING)': 'timezone($2, $1)',
  ...perPart({ ...DATE_PARTS, ...TIME_PARTS }, (part, sql) => ({
    [`$extract(TIMESTAMP, ${part})`]: at(sql, "timezone('UTC', $1)"),
    [`$extract(TIMESTAMP, ${part}, STRING)`]: at(sql, 'timezone($2, $1)'),
    [`$extract(DATETIME, ${part})`]: sql,
  })),
  ...perPart(TIME_PARTS, (part, sql) => ({ [`$extract(TIME, ${part})`]: sql })),
  ...perPart(TIME_INTERVALS, (part, interval) => ({
    [`time_add(TIME, INT64, ${part})`]: `($1 + ${interval})`,
    [`time_sub(TIME, INT64, ${part})`]: `($1 - ${interval})`,
    [`time_trunc(TIME, ${part})`]: `CAST(date_trunc('${part.toLowerCase()}', DATE '1970-01-01' + $1) AS TIME)`,
    [`time_diff(TIME, TIME, ${part})`]: `date_diff('${part.toLowerCase()}', $2, $1)`,
  })),
  ...perPart(MICROSECONDS, (part, size) => ({
    [`timestamp_diff(TIMESTAMP, TIMESTAMP, ${part})`]: `((epoch_us($1) - epoch_us($2)) // ${size})`,
  })),
  ...perPart({ ...TIME_INTERVALS, DAY: 'to_days(CAST($2 AS INTEGER))' }, (part, interval) => ({
    [`timestamp_add(TIMESTAMP, INT64, ${part})`]: `($1 + ${interval})`,
    [`timestamp_sub(TIMESTAMP, INT64, ${part})`]: `($1 - ${interval})`,
    [`generate_timestamp_array(TIMESTAMP, TIMESTAMP, INT64, ${part})`]: `generate_series($1, $2, ${interval.replace('$2', '$3')})`,
  })),
  ...perPart({ ...DATE_INTERVALS, ...TIME_INTERVALS }, (part, interval) => ({
    [`datetime_add(DATETIME, INT64, ${part})`]: `($1 + ${interval})`,
    [`datetime_sub(DATETIME, INT64, ${part})`]: `($1 - ${interval})`,
  })),
  ...perPart({ SECOND: 1, MINUTE: 1, HOUR: 1, DAY: 1, MONTH: 1, QUARTER: 1, YEAR: 1 }, (part) => {
    const truncated = (value: string) => `date_trunc('${part.toLowerCase()}', ${value})`;
    return {
      [`timestamp_trunc(TIMESTAMP, ${part})`]: `timezone('UTC', ${truncated("timezone('UTC', $1)")})`,
      // Within a day, what is cut off is the same in local time; the hour that a change of the clock repeats stays itself.
      [`timestamp_trunc(TIMESTAMP, ${part}, STRING)`]: ['SECOND', 'MINUTE', 'HOUR'].includes(part)
        ? `($1 - (timezone($2, $1) - ${truncated('timezone($2, $1)')}))`
        : `googlesql.instant($2, ${truncated('timezone($2, $1)')})`,
      [`datetime_trunc(DATETIME, ${part})`]: `CAST(${truncated('$1')} AS TIMESTAMP)`,
      [`datetime_diff(DATETIME, DATETIME, ${part})`]: `date_diff('${part.toLowerCase()}', $2, $1)`,
    };
  }),
  ...perPart(WEEKS, (part, day) => {
    const start = (value: string) =>
      `CAST(googlesql.week_start(CAST(${value} AS DATE), ${day}) AS TIMESTAMP)`;
    return {
      [`timestamp_trunc(TIMESTAMP, ${part})`]: `timezone('UTC', ${start("timezone('UTC', $1)")})`,
      [`timestamp_trunc(TIMESTAMP, ${part}, STRING)`]: `googlesql.instant($2, ${start('timezone($2, $1)')})`,
      [`datetime_trunc(DATETIME, ${part})`]: start('$1'),
    };
  }),
};

/** INTERVAL values, as `d + INTERVAL 1 DAY` has them. A DATE plus an interval is a DATETIME. */
const INTERVALS: FunctionTable = {
  ...perPart({ ...DATE_INTERVALS, ...CLOCK_INTERVALS }, (part, interval) => ({
    [`$interval(INT64, ${part})`]: interval.replace('$2', '$1'),
  })),
  '$add(DATE, INTERVAL)': '(CAST($1 AS TIMESTAMP) + $2)',
  '$subtract(DATE, INTERVAL)': '(CAST($1 AS TIMESTAMP) - $2)',
  '$add(TIMESTAMP, INTERVAL)': '($1 + $2)',
  '$subtract(TIMESTAMP, INTERVAL)': '($1 - $2)',
  '$add(DATETIME, INTERVAL)': '($1 + $2)',
  '$subtract(DATETIME, INTERVAL)': '($1 - $2)',
  '$subtract(DATE, DATE)': "to_days(CAST(date_diff('day', $2, $1) AS INTEGER))",
  '$extract(INTERVAL, DAY)': "CAST(datepart('day', $1) AS BIGINT)",
};

/** These depend on the clock, so a model may not use them: a night must be repeatable. */
export const CLOCK: FunctionTable = {
  'current_date()': "CAST(timezone('UTC', now()) AS DATE)",
  'current_date(STRING)': 'CAST(timezone($1, now()) AS DATE)',
  'current_timestamp()': 'now()',
  'current_datetime()': "timezone('UTC', now())",
  'current_datetime(STRING)': 'timezone($1, now())',
};

/** Dates, instants and intervals. `timezone(zone, x)` turns an instant into local time and local time into an instant. */
export const DATES_AND_TIMES: FunctionTable = { ...DATES, ...TIMESTAMPS, ...INTERVALS, ...CLOCK };
