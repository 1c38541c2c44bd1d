import { provedSignatures } from '../../conformance.ts';
import { UnsupportedSql } from '../../googlesql/resolved-node.ts';

type Writer = (...args: readonly string[]) => string;
type Entry = readonly [signature: string, write: Writer];

const NUMERIC = 'DECIMAL(38,9)';
/** The characters that GoogleSQL's one-argument TRIM removes. DuckDB's TRIM removes only spaces. */
const WHITE_SPACE = `' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160)`;

const infix =
  (operator: string): Writer =>
  (...args) =>
    `(${args.join(` ${operator} `)})`;
const call =
  (name: string): Writer =>
  (...args) =>
    `${name}(${args.join(', ')})`;
/** An operator whose DuckDB result has more digits than NUMERIC. The cast fails where NUMERIC would overflow. */
const numeric =
  (operator: string): Writer =>
  (a, b) =>
    `CAST((${a} ${operator} ${b}) AS ${NUMERIC})`;
/** In GoogleSQL the result is NULL if any argument is NULL; DuckDB's function ignores NULLs. */
const nullIfAnyNull =
  (name: string): Writer =>
  (...args) =>
    `(CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL ELSE ${call(name)(...args)} END)`;
const caseWhen: Writer = (...args) => {
  const pairs = args.length - (args.length % 2);
  const branches = Array.from({ length: pairs / 2 }, (_, i) => `WHEN ${args[2 * i]} THEN ${args[2 * i + 1]}`);
  return `(CASE ${branches.join(' ')}${pairs < args.length ? ` ELSE ${args[pairs]}` : ''} END)`;
};
const forEach = (types: readonly string[], entries: (type: string) => readonly Entry[]) =>
  types.flatMap(entries);

const COMPARED = ['BOOL', 'DATE', 'INT64', 'NUMERIC', 'STRING', 'TIMESTAMP'] as const;
const ORDERED = ['DATE', 'INT64', 'NUMERIC', 'STRING', 'TIMESTAMP'] as const;

/**
 * Scalar functions by signature (engine/googlesql/signature.ts). There is one entry per overload, because SQL that is right
 * for one type can be silently wrong for another. A row of engine/conformance.csv tests each entry on both engines.
 */
const FUNCTIONS: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['$and(BOOL, BOOL...)', infix('AND')],
  ['$or(BOOL, BOOL...)', infix('OR')],
  ['$not(BOOL)', (a) => `(NOT ${a})`],
  ...forEach(COMPARED, (T) => [
    [`$equal(${T}, ${T})`, infix('=')],
    [`$not_equal(${T}, ${T})`, infix('<>')],
    [`$is_null(${T})`, (a) => `(${a} IS NULL)`],
    [`coalesce(${T}...)`, call('coalesce')],
    [`if(BOOL, ${T}, ${T})`, caseWhen],
    [`$case_no_value(BOOL..., ${T}..., ${T})`, caseWhen],
  ]),
  ...forEach(ORDERED, (T) => [
    [`$less(${T}, ${T})`, infix('<')],
    [`$less_or_equal(${T}, ${T})`, infix('<=')],
    [`$greater(${T}, ${T})`, infix('>')],
    [`$greater_or_equal(${T}, ${T})`, infix('>=')],
    [`$in(${T}, ${T}...)`, (a, ...list) => `(${a} IN (${list.join(', ')}))`],
    [`greatest(${T}...)`, nullIfAnyNull('greatest')],
    [`least(${T}...)`, nullIfAnyNull('least')],
    [`nullif(${T}, ${T})`, call('nullif')],
  ]),
  ['$add(INT64, INT64)', infix('+')],
  ['$subtract(INT64, INT64)', infix('-')],
  ['$multiply(INT64, INT64)', infix('*')],
  ['mod(INT64, INT64)', (a, by) => `(${a} % ${wholeNumber(by, 'MOD by a number')})`],
  ['$add(NUMERIC, NUMERIC)', numeric('+')],
  ['$subtract(NUMERIC, NUMERIC)', numeric('-')],
  ['$multiply(NUMERIC, NUMERIC)', (a, b) => `CAST(round(${a} * ${b}, 9) AS ${NUMERIC})`],
  ['$divide(NUMERIC, NUMERIC)', call('googlesql.numeric_divide')],
  ['abs(NUMERIC)', call('abs')],
  [
    'round(NUMERIC, INT64)',
    (a, digits) => `CAST(round(${a}, ${wholeNumber(digits, 'ROUND to a number of digits')}) AS ${NUMERIC})`,
  ],
  ['concat(STRING, STRING...)', infix('||')],
  ['lower(STRING)', call('lower')],
  ['trim(STRING)', (a) => `trim(${a}, ${WHITE_SPACE})`],
  ['replace(STRING, STRING, STRING)', call('replace')],
  ['$like(STRING, STRING)', (a, pattern) => `(${a} LIKE ${pattern} ESCAPE '\\')`],
  ['regexp_contains(STRING, STRING)', call('regexp_matches')],
  [
    'regexp_replace(STRING, STRING, STRING)',
    (a, pattern, by) => `regexp_replace(${a}, ${pattern}, ${by}, 'g')`,
  ],
  ['date(TIMESTAMP)', (a) => `CAST(timezone('UTC', ${a}) AS DATE)`],
  ['date(TIMESTAMP, STRING)', (a, zone) => `CAST(timezone(${zone}, ${a}) AS DATE)`],
  ['date_trunc(DATE, WEEK_MONDAY)', (a) => `(${a} - CAST((dayofweek(${a}) + 6) % 7 AS INTEGER))`],
  ['date_add(DATE, INT64, DAY)', (a, n) => `(${a} + CAST(${n} AS INTEGER))`],
  ['date_add(DATE, INT64, YEAR)', (a, n) => `CAST(${a} + to_years(CAST(${n} AS INTEGER)) AS DATE)`],
  ['date_sub(DATE, INT64, DAY)', (a, n) => `(${a} - CAST(${n} AS INTEGER))`],
  ['date_diff(DATE, DATE, DAY)', (a, b) => `date_diff('day', ${b}, ${a})`],
  [
    'generate_date_array(DATE, DATE)',
    (a, b) => `CAST(generate_series(${a}, ${b}, INTERVAL 1 DAY) AS DATE[])`,
  ],
  ['$extract(DATE, ISOYEAR)', (a) => `CAST(isoyear(${a}) AS BIGINT)`],
  ['$extract(DATE, DAYOFWEEK)', (a) => `(dayofweek(${a}) + 1)`],
  ['$extract(DATE, ISOWEEK)', (a) => `CAST(weekofyear(${a}) AS BIGINT)`],
  [
    'timestamp_diff(TIMESTAMP, TIMESTAMP, HOUR)',
    (a, b) => `((epoch_us(${a}) - epoch_us(${b})) // 3600000000)`,
  ],
]);

const AGGREGATES: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['$count_star()', () => 'count(*)'],
  ['countif(BOOL)', (a) => `count(CASE WHEN ${a} THEN 1 END)`],
  ['logical_and(BOOL)', call('bool_and')],
  ['logical_or(BOOL)', call('bool_or')],
  ['sum(INT64)', (a) => `CAST(sum(${a}) AS BIGINT)`],
  ['sum(NUMERIC)', (a) => `CAST(sum(${a}) AS ${NUMERIC})`],
  ...forEach(COMPARED, (T) => [
    [`count(${T})`, call('count')],
    [`count(${T}) distinct`, (a) => `count(DISTINCT ${a})`],
  ]),
  ...forEach(ORDERED, (T) => [
    [`min(${T})`, call('min')],
    [`max(${T})`, call('max')],
  ]),
]);

const WINDOWED: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['row_number() over', () => 'row_number()'],
]);

/** Casts that give the same result on both engines. SAFE_CAST and all other casts are refused. */
const CASTS: ReadonlyMap<string, string> = new Map([['cast(INT64 as NUMERIC)', NUMERIC]]);

export function functionWriter(signature: string): Writer {
  return entry(FUNCTIONS, signature);
}

export function aggregateWriter(signature: string): Writer {
  return entry(AGGREGATES, signature);
}

export function windowWriter(signature: string): Writer {
  return entry(WINDOWED, signature);
}

export function castType(signature: string): string {
  return entry(CASTS, signature);
}

/** Every signature that has an entry. */
export function writtenSignatures(): string[] {
  return [FUNCTIONS, AGGREGATES, WINDOWED, CASTS].flatMap((table) => [...table.keys()]);
}

function entry<T>(table: ReadonlyMap<string, T>, signature: string): T {
  const found = table.get(signature);
  if (found === undefined) {
    throw new UnsupportedSql(
      `${signature}; add an entry to engine/duckdb/sql/functions.ts and a row to engine/conformance.csv`,
    );
  }
  if (provedSignatures().has(signature)) return found;
  throw new UnsupportedSql(`${signature}, which no row of engine/conformance.csv tests; add one`);
}

/** The digits must be a literal: if they come from a column, DuckDB rounds the decimal through a double. */
function wholeNumber(sql: string | undefined, use: string): string {
  const [, digits] = /^CAST\((-?\d+) AS BIGINT\)$/.exec(sql ?? '') ?? [];
  if (digits !== undefined) return digits;
  throw new UnsupportedSql(`${use} that is not a literal`);
}
