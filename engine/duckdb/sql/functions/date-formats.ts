import { UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { type FunctionTable, literalText, type Template } from '../template.ts';
import { text } from '../types.ts';

/** Codes that are written as several others. */
const SHORT: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  D: '%m/%d/%y',
  R: '%H:%M',
  h: '%b',
  n: '\n',
  t: '\t',
};
/** Codes that DuckDB's strftime reads in the same way. */
const SAME = new Set([
  'Y',
  'm',
  'd',
  'H',
  'I',
  'M',
  'S',
  'p',
  'y',
  'j',
  'A',
  'a',
  'B',
  'b',
  'G',
  'V',
  'u',
  'w',
  'U',
  'W',
  '%',
]);
/** Codes that strftime lacks, as SQL of the formatted value. */
const COMPUTED: Readonly<Record<string, string>> = {
  Q: 'CAST(quarter($1) AS VARCHAR)',
  e: "lpad(CAST(day($1) AS VARCHAR), 2, ' ')",
  k: "lpad(CAST(hour($1) AS VARCHAR), 2, ' ')",
  l: "lpad(CAST((hour($1) + 11) % 12 + 1 AS VARCHAR), 2, ' ')",
  P: "lower(strftime($1, '%p'))",
  C: 'CAST(year($1) // 100 AS VARCHAR)',
  E3S: "strftime($1, '%S.%g')",
  E6S: "strftime($1, '%S.%f')",
  'E*S': "(strftime($1, '%S') || googlesql.shortest_fraction($1))",
  E4Y: "strftime($1, '%Y')",
};
/** Codes that PARSE functions and strptime read in the same way. */
const PARSED = new Set(['Y', 'm', 'd', 'H', 'I', 'M', 'S', 'p', 'y', 'B', 'b', 'j', '%']);
const CODE = /(%(?:E4Y|E[\d*]S|Ez|[a-zA-Z%]))/;

/** SQL of the text that a format gives for a value. Codes that strftime reads stay together in one call. */
function formatted(format: string, value: string): string {
  const calls: string[] = [];
  let codes = '';
  for (const part of expanded(format)) {
    const code = part.slice(1);
    if (!part.startsWith('%') || SAME.has(code)) {
      codes += part;
      continue;
    }
    const computed = COMPUTED[code];
    if (computed === undefined) {
      const known = [...SAME, ...Object.keys(SHORT), ...Object.keys(COMPUTED)].join(' ');
      throw new UnsupportedSql(`the format ${part}; ${known} work`);
    }
    if (codes !== '') calls.push(strftime(value, codes));
    calls.push(computed.replaceAll('$1', value));
    codes = '';
  }
  if (codes !== '') calls.push(strftime(value, codes));
  // DuckDB refuses an empty format.
  if (calls.length === 0) calls.push(`CASE WHEN ${value} IS NOT NULL THEN '' END`);
  return `(${calls.join(' || ')})`;
}

const strftime = (value: string, codes: string) => `strftime(${value}, ${text(codes)})`;

function expanded(format: string): string[] {
  return format.split(CODE).flatMap((part) => {
    const short = part.startsWith('%') ? SHORT[part.slice(1)] : undefined;
    return short === undefined ? (part === '' ? [] : [part]) : expanded(short);
  });
}

const formatOf =
  (local: (value: string, zone?: string) => string): Template =>
  (format, value = '', zone) =>
    formatted(literalText(format, 'a format of a date'), local(value, zone));

/** The format for strptime; refuses codes that the engines read differently. */
function parseFormat(format: string | undefined): string {
  const parts = expanded(literalText(format, 'a format of a date'));
  const wrong = parts.find((part) => part.startsWith('%') && !PARSED.has(part.slice(1)));
  if (wrong !== undefined) throw new UnsupportedSql(`PARSE with ${wrong}; ${[...PARSED].join(' ')} work`);
  return text(parts.join(''));
}

const utc = (value: string) => `timezone('UTC', ${value})`;

function parsing(prefix: string, parse: string): FunctionTable {
  const parsed = (format = '', value = '') => `${parse}(${value}, ${parseFormat(format)})`;
  return {
    [`${prefix}parse_date(STRING, STRING)`]: (format, value) => `CAST(${parsed(format, value)} AS DATE)`,
    [`${prefix}parse_datetime(STRING, STRING)`]: parsed,
    [`${prefix}parse_timestamp(STRING, STRING)`]: (format, value) => utc(parsed(format, value)),
    [`${prefix}parse_timestamp(STRING, STRING, STRING)`]: (format, value, zone) =>
      `googlesql.instant(${zone}, ${parsed(format, value)})`,
  };
}

/** FORMAT_… and PARSE_… of dates and instants. The format must be a literal. */
export const DATE_FORMATS: FunctionTable = {
  'format_date(STRING, DATE)': formatOf((value) => value),
  'format_datetime(STRING, DATETIME)': formatOf((value) => value),
  'format_timestamp(STRING, TIMESTAMP)': formatOf(utc),
  'format_timestamp(STRING, TIMESTAMP, STRING)': formatOf((value, zone) => `timezone(${zone}, ${value})`),
  ...parsing('', 'googlesql.parsed'),
  ...parsing('safe.', 'try_strptime'),
};
