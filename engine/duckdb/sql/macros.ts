import { JSON_MACROS } from './json-macros.ts';

/**
 * The schema and macros that generated SQL calls. They are stored in the database file, so that views work in any DuckDB
 * client. A cast of a message to a number raises an error that `TRY` can catch, which `error()` does not allow.
 *
 * - NUMERIC division has 9 decimals, rounds half away from zero and fails for zero; it uses integers to be exact.
 * - `week_start(d, k)` is the last day on or before `d` with the weekday `k`, 0 for Sunday.
 * - `first(s, p)` is the position at which SUBSTR begins, `length(n)` refuses a negative length.
 */
const MACROS: Readonly<Record<string, string>> = {
  // DuckDB divides integers of 128 bits for the cast of the last line, which takes ten times as long as the parts of 64 bits.
  'numeric_units(a)': `
    CASE
      WHEN abs(a) < 999999999 THEN
        CAST(CAST(CAST(a AS DECIMAL(18, 9)) AS BIGINT) AS HUGEINT) * 1000000000
        + CAST(round(CAST(
          CAST(a AS DECIMAL(18, 9)) - CAST(CAST(CAST(a AS DECIMAL(18, 9)) AS BIGINT) AS DECIMAL(18, 9)) AS DOUBLE
        ) * 1e9) AS BIGINT)
      ELSE CAST(a * CAST(1000000000 AS DECIMAL(10, 0)) AS HUGEINT)
    END`,
  // A lambda computes its arguments once; DuckDB would compute them again for each place in a CASE.
  'numeric_divide(a, b)': `
    list_transform([{'a': a, 'b': b}], lambda given: CASE
      WHEN given.b = 0 THEN CAST(CAST('division by zero: ' || CAST(given.a AS VARCHAR) AS HUGEINT) AS DECIMAL(38, 9))
      ELSE CAST(
        CAST(
          sign(given.a) * sign(given.b) * (
            (abs(googlesql.numeric_units(given.a)) * 2000000000 + abs(googlesql.numeric_units(given.b)))
            // (2 * abs(googlesql.numeric_units(given.b)))
          ) AS DECIMAL(38, 0)
        ) * CAST(0.000000001 AS DECIMAL(10, 9)) AS DECIMAL(38, 9)
      )
    END)[1]`,
  'numeric_trunc(a, n)':
    'sign(a) * CAST(googlesql.numeric_units(abs(a)) // CAST(pow(10, 9 - n) AS BIGINT) AS DECIMAL(38, 0)) * CAST(pow(10, -n) AS DECIMAL(10, 9))',
  'numeric_text(a)': String.raw`regexp_replace(CAST(a AS VARCHAR), '\.?0+$', '')`,
  'float_divide(a, b)':
    "CASE WHEN b = 0 THEN CAST('division by zero: ' || CAST(a AS VARCHAR) AS DOUBLE) ELSE a / b END",
  'ieee_divide(a, b)': `
    CASE
      WHEN b <> 0 THEN a / b
      WHEN b IS NULL OR a IS NULL THEN NULL
      WHEN a = 0 OR isnan(a) THEN CAST('nan' AS DOUBLE)
      ELSE CAST(CASE WHEN a > 0 THEN 'inf' ELSE '-inf' END AS DOUBLE)
    END`,
  'float_numeric(a)': `
    CAST(CAST(CAST(trunc(a) AS HUGEINT) AS DECIMAL(38, 9))
      + CAST(CAST(a - trunc(a) AS VARCHAR) AS DECIMAL(38, 9)) AS DECIMAL(38, 9))`,
  'float_text(a)': `
    CASE WHEN CAST(printf('%.15g', a) AS DOUBLE) = a THEN printf('%.15g', a) ELSE printf('%.17g', a) END`,
  'whole_divide(a, b)':
    "CASE WHEN b = 0 THEN CAST('division by zero: ' || CAST(a AS VARCHAR) AS BIGINT) ELSE a // b END",
  'floor_divide(a, b)': '(a - (a % b + b) % b) // b',
  'whole_remainder(a, b)':
    "CASE WHEN b = 0 THEN CAST('division by zero: ' || CAST(a AS VARCHAR) AS BIGINT) ELSE a % b END",
  'numeric_remainder(a, b)':
    "CASE WHEN b = 0 THEN CAST('division by zero: ' || CAST(a AS VARCHAR) AS DECIMAL(38, 9)) ELSE CAST(a % b AS DECIMAL(38, 9)) END",
  // The product with a power of ten is rounded once, so 8.2 * 10 is 82 although 8.2 is stored as a little less. Both halves of
  // `a` times `p` are exact, so the sign of what was rounded away is known.
  'upper_half(a)': 'CAST(TRY_CAST(a AS FLOAT) AS DOUBLE)',
  'times(a, p)': 'googlesql.upper_half(a) * p + (a - googlesql.upper_half(a)) * p',
  'rest(a, p)': '(a - googlesql.upper_half(a)) * p - (googlesql.times(a, p) - googlesql.upper_half(a) * p)',
  'float_round(a, p)': `
    CASE
      WHEN abs(a) >= 1e15 OR isnan(a) THEN a
      WHEN abs(googlesql.times(a, p)) % 1 = 0.5 AND sign(googlesql.rest(a, p)) = - sign(a)
      THEN trunc(googlesql.times(a, p)) / p
      ELSE round(googlesql.times(a, p)) / p
    END`,
  'float_trunc(a, p)': `
    CASE
      WHEN abs(a) >= 1e15 OR isnan(a) THEN a
      WHEN googlesql.times(a, p) % 1 = 0 AND sign(googlesql.rest(a, p)) = - sign(a)
      THEN (googlesql.times(a, p) - sign(a)) / p
      ELSE trunc(googlesql.times(a, p)) / p
    END`,
  'length(n)': `
    CASE
      WHEN n < 0 THEN CAST('negative length: ' || CAST(n AS VARCHAR) AS BIGINT)
      WHEN n > 2147483647 THEN 2147483647
      ELSE n
    END`,
  'first(s, p)': 'CASE WHEN p = 0 OR p < - length(s) THEN 1 WHEN p > 2147483647 THEN 2147483647 ELSE p END',
  // In the hour that a change of the clock repeats, GoogleSQL means the first and DuckDB the second.
  'instant(z, d)': `
    CASE
      WHEN timezone(z, timezone(z, d) - to_hours(1)) = d THEN timezone(z, d) - to_hours(1)
      ELSE timezone(z, d)
    END`,
  'week_start(d, k)': 'd - CAST((dayofweek(d) - k + 7) % 7 AS INTEGER)',
  'week_number(d, k)': '(dayofyear(d) + 6 - (dayofweek(d) - k + 7) % 7) // 7',
  'iso_year_start(d)': 'googlesql.week_start(make_date(CAST(isoyear(d) AS INTEGER), 1, 4), 1)',
  'fraction(t)': `
    CASE
      WHEN microsecond(t) % 1000000 = 0 THEN ''
      WHEN microsecond(t) % 1000 = 0 THEN '.' || lpad(CAST(microsecond(t) % 1000000 // 1000 AS VARCHAR), 3, '0')
      ELSE '.' || lpad(CAST(microsecond(t) % 1000000 AS VARCHAR), 6, '0')
    END`,
  'shortest_fraction(t)':
    "CASE WHEN microsecond(t) % 1000000 = 0 THEN '' ELSE rtrim(strftime(t, '.%f'), '0') END",
  // DuckDB keeps a zone's name for the next row, so only offsets are left to its cast.
  'timestamp_of(s)': `
    CASE
      WHEN regexp_matches(s, ' [A-Za-z_]+(/[A-Za-z_]+)*$')
      THEN googlesql.instant(regexp_extract(s, ' ([A-Za-z_/]+)$', 1), CAST(regexp_replace(s, ' [A-Za-z_/]+$', '') AS TIMESTAMP))
      ELSE CAST(s AS TIMESTAMPTZ)
    END`,
  'timestamp_text(t)': "strftime(timezone('UTC', t), '%Y-%m-%d %H:%M:%S') || googlesql.fraction(t)",
  'datetime_text(t)': "strftime(t, '%Y-%m-%d %H:%M:%S') || googlesql.fraction(t)",
  'offset_minutes(z, t)': "date_diff('minute', timezone('UTC', t), timezone(z, t))",
  'parsed(s, f)':
    "coalesce(try_strptime(s, f), CAST('not a time in the format ' || f || ': ' || s AS TIMESTAMP))",
  'zone_text(z, t)': `
    strftime(timezone(z, t), '%Y-%m-%d %H:%M:%S') || googlesql.fraction(t) || googlesql.offset_text(z, t)`,
  'offset_text(z, t)': `
    CASE WHEN googlesql.offset_minutes(z, t) < 0 THEN '-' ELSE '+' END
    || lpad(CAST(abs(googlesql.offset_minutes(z, t)) // 60 AS VARCHAR), 2, '0')
    || CASE
      WHEN googlesql.offset_minutes(z, t) % 60 = 0 THEN ''
      ELSE ':' || lpad(CAST(abs(googlesql.offset_minutes(z, t)) % 60 AS VARCHAR), 2, '0')
    END`,
  'padded(s, n)': "CASE WHEN length(s) < n THEN repeat(' ', n - length(s)) || s ELSE s END",
  'padded_right(s, n)': "CASE WHEN length(s) < n THEN s || repeat(' ', n - length(s)) ELSE s END",
  'element(a, i)':
    "a[CASE WHEN i < 0 OR i >= len(a) THEN CAST('the array index is out of range' AS BIGINT) ELSE i + 1 END]",
  'safe_element(a, i)': 'a[CASE WHEN i >= 0 THEN i + 1 END]',
  'bucket(x, a)': `
    CASE
      WHEN x IS NULL OR a IS NULL THEN NULL
      WHEN list_count(a) < len(a) OR a <> list_sort(a) THEN CAST('the array of RANGE_BUCKET has a NULL or is not sorted' AS BIGINT)
      ELSE len(list_filter(a, lambda bound: bound <= x))
    END`,
  'in_array(x, a)': `
    CASE
      WHEN a IS NULL OR len(a) = 0 THEN false
      WHEN x IS NULL THEN NULL
      WHEN list_contains(a, x) THEN true
      WHEN list_count(a) < len(a) THEN NULL
      ELSE false
    END`,
  'json_scalar(j, p)': `
    CASE WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE json_extract_string(j, p) END`,
  ...JSON_MACROS,
};

/** Statements that create the macros. */
export const SETUP: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS googlesql',
  Object.entries(MACROS)
    .map(([head, body]) => `CREATE OR REPLACE MACRO googlesql.${head} AS ${body}`)
    .join(';\n'),
];
