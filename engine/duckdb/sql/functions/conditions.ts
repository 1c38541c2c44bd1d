import { type FunctionTable, forTypes, type Template } from '../template.ts';

const COMPARED = [
  'BOOL',
  'BYTES',
  'DATE',
  'DATETIME',
  'DOUBLE',
  'INT64',
  'NUMERIC',
  'STRING',
  'TIME',
  'TIMESTAMP',
];

const and: Template = (...args) => `(${args.join(' AND ')})`;
const or: Template = (...args) => `(${args.join(' OR ')})`;
const oneOf: Template = (value, ...list) => `(${value} IN (${list.join(', ')}))`;

/** In GoogleSQL the result is NULL if any argument is NULL; DuckDB's functions ignore NULLs. */
const nullIfAnyNull =
  (name: string): Template =>
  (...args) =>
    `(CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL ELSE ${name}(${args.join(', ')}) END)`;

const caseWhen: Template = (...args) => {
  const pairs = args.length - (args.length % 2);
  const branches = Array.from({ length: pairs / 2 }, (_, i) => `WHEN ${args[2 * i]} THEN ${args[2 * i + 1]}`);
  return `(CASE ${branches.join(' ')}${pairs < args.length ? ` ELSE ${args[pairs]}` : ''} END)`;
};

const caseOfValue: Template = (value, ...args) => {
  const pairs = args.length - (args.length % 2);
  const branches = Array.from({ length: pairs / 2 }, (_, i) => `WHEN ${args[2 * i]} THEN ${args[2 * i + 1]}`);
  return `(CASE ${value} ${branches.join(' ')}${pairs < args.length ? ` ELSE ${args[pairs]}` : ''} END)`;
};

const perType = (signatures: (type: string) => FunctionTable): FunctionTable =>
  Object.assign({}, ...COMPARED.map(signatures)) as FunctionTable;

/** Comparisons, Boolean operators and choices. */
export const CONDITIONS: FunctionTable = {
  '$and(BOOL, BOOL...)': and,
  '$or(BOOL, BOOL...)': or,
  '$or(BOOL...)': or,
  '$not(BOOL)': '(NOT $1)',
  '$is_true(BOOL)': '($1 IS TRUE)',
  '$is_false(BOOL)': '($1 IS FALSE)',
  '$is_null(T)': '($1 IS NULL)',
  ...forTypes(COMPARED, {
    '$equal($T, $T)': '($1 = $2)',
    '$not_equal($T, $T)': '($1 <> $2)',
    '$less($T, $T)': '($1 < $2)',
    '$less_or_equal($T, $T)': '($1 <= $2)',
    '$greater($T, $T)': '($1 > $2)',
    '$greater_or_equal($T, $T)': '($1 >= $2)',
    '$between($T, $T, $T)': '($1 BETWEEN $2 AND $3)',
    '$is_distinct_from($T, $T)': '($1 IS DISTINCT FROM $2)',
    '$is_not_distinct_from($T, $T)': '($1 IS NOT DISTINCT FROM $2)',
    'nullif($T, $T)': 'nullif($1, $2)',
  }),
  ...perType((type) => ({
    [`$in(${type}, ${type}...)`]: oneOf,
    [`greatest(${type}...)`]: nullIfAnyNull('greatest'),
    [`least(${type}...)`]: nullIfAnyNull('least'),
  })),
  'coalesce(T...)': 'coalesce($*)',
  'ifnull(T, T)': 'coalesce($1, $2)',
  'if(BOOL, T, T)': caseWhen,
  '$case_no_value(BOOL..., T..., T)': caseWhen,
  ...Object.fromEntries(
    COMPARED.map((type) => [`$case_with_value(${type}, ${type}..., T..., T)`, caseOfValue]),
  ),
};
