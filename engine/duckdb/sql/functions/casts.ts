import type { FunctionTable } from '../template.ts';

const NUMERIC = 'DECIMAL(38,9)';
const WHOLE = String.raw`\s*[+-]?(\d+|0[xX][0-9a-fA-F]+)\s*`;
const DECIMAL = String.raw`\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*`;
const FLOAT = String.raw`\s*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i)inf(inity)?|(?i)nan)\s*`;
const DAY = String.raw`\d{4}-\d{1,2}-\d{1,2}`;
const CLOCK = String.raw`([01]?\d|2[0-3]):\d{1,2}:\d{1,2}(\.\d{1,6})?`;
const ZONE = String.raw`(Z|z|[+-]\d{1,2}(:?\d{2})?| [A-Za-z_]+(/[A-Za-z_]+)*)`;

/**
 * A text as a value. DuckDB reads more forms than GoogleSQL, so the form is checked first; another text gets the prefix
 * `invalid`, which no cast reads.
 */
const ofForm = (form: string, type: string) =>
  `CAST(CASE WHEN regexp_full_match($1, '${form}') THEN trim($1, ' ' || chr(9) || chr(10) || chr(13)) ELSE 'invalid ' || $1 END AS ${type})`;

/** A STRING as the TIMESTAMP that CAST makes of it. */
export const TEXT_AS_TIMESTAMP = `googlesql.timestamp_of(${ofForm(`${DAY}([ Tt]${CLOCK}${ZONE}?)?`, 'VARCHAR')})`;
/** A STRING without a zone as a DATETIME. */
export const TEXT_AS_DATETIME = ofForm(`${DAY}([ Tt]${CLOCK})?`, 'TIMESTAMP');

/** Casts between scalar types. SAFE_CAST uses TRY_CAST in place of the outermost CAST. */
export const CASTS: FunctionTable = {
  'cast(INT64 as NUMERIC)': `CAST($1 AS ${NUMERIC})`,
  'cast(INT64 as DOUBLE)': 'CAST($1 AS DOUBLE)',
  'cast(INT64 as STRING)': 'CAST($1 AS VARCHAR)',
  'cast(INT64 as BOOL)': 'CAST(($1 <> 0) AS BOOLEAN)',
  'cast(BOOL as INT64)': 'CAST($1 AS BIGINT)',
  'cast(BOOL as STRING)': 'CAST($1 AS VARCHAR)',
  'cast(NUMERIC as INT64)': 'CAST(round($1, 0) AS BIGINT)',
  // DuckDB divides two doubles, so the last digit of a large number would differ.
  'cast(NUMERIC as DOUBLE)': 'CAST(CAST($1 AS VARCHAR) AS DOUBLE)',
  'cast(NUMERIC as STRING)': 'CAST(googlesql.numeric_text($1) AS VARCHAR)',
  'cast(DOUBLE as INT64)': 'CAST(round($1) AS BIGINT)',
  'cast(DOUBLE as NUMERIC)': 'googlesql.float_numeric($1)',
  'cast(DOUBLE as STRING)': 'CAST(googlesql.float_text($1) AS VARCHAR)',
  'cast(STRING as INT64)': ofForm(WHOLE, 'BIGINT'),
  'cast(STRING as NUMERIC)': ofForm(DECIMAL, NUMERIC),
  'cast(STRING as DOUBLE)': ofForm(FLOAT, 'DOUBLE'),
  'cast(STRING as BOOL)': ofForm('(?i)(true|false)', 'BOOLEAN'),
  'cast(STRING as DATE)': ofForm(DAY, 'DATE'),
  'cast(STRING as DATETIME)': TEXT_AS_DATETIME,
  'cast(STRING as TIMESTAMP)': TEXT_AS_TIMESTAMP,
  'cast(STRING as TIME)': ofForm(CLOCK, 'TIME'),
  'cast(STRING as BYTES)': 'CAST(encode($1) AS BLOB)',
  'cast(BYTES as STRING)': 'CAST(decode($1) AS VARCHAR)',
  'cast(DATE as STRING)': 'CAST($1 AS VARCHAR)',
  'cast(DATE as DATETIME)': 'CAST($1 AS TIMESTAMP)',
  'cast(DATE as TIMESTAMP)': "CAST(timezone('UTC', CAST($1 AS TIMESTAMP)) AS TIMESTAMPTZ)",
  'cast(DATETIME as DATE)': 'CAST($1 AS DATE)',
  'cast(DATETIME as TIME)': 'CAST($1 AS TIME)',
  'cast(DATETIME as STRING)': 'CAST(googlesql.datetime_text($1) AS VARCHAR)',
  'cast(DATETIME as TIMESTAMP)': "CAST(timezone('UTC', $1) AS TIMESTAMPTZ)",
  'cast(TIMESTAMP as DATE)': "CAST(timezone('UTC', $1) AS DATE)",
  'cast(TIMESTAMP as DATETIME)': "CAST(timezone('UTC', $1) AS TIMESTAMP)",
  'cast(TIMESTAMP as STRING)': "CAST(googlesql.timestamp_text($1) || '+00' AS VARCHAR)",
  'cast(TIME as STRING)': 'CAST($1 AS VARCHAR)',
};
