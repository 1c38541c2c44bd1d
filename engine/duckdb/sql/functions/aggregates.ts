import { type FunctionTable, forTypes } from '../template.ts';

const NUMERIC = 'DECIMAL(38,9)';
const ORDERED = ['BOOL', 'DATE', 'DATETIME', 'DOUBLE', 'INT64', 'NUMERIC', 'STRING', 'TIME', 'TIMESTAMP'];

/** Aggregate functions, with and without OVER. `@name(…)` gets DISTINCT, ORDER BY, FILTER and OVER. */
export const AGGREGATES: FunctionTable = {
  '$count_star()': '@count(*)',
  'count(T)': '@count($1)',
  'countif(BOOL)': '@count(CASE WHEN $1 THEN 1 END)',
  'logical_and(BOOL)': '@bool_and($1)',
  'logical_or(BOOL)': '@bool_or($1)',
  'sum(INT64)': 'CAST(@sum($1) AS BIGINT)',
  'sum(NUMERIC)': `CAST(@sum($1) AS ${NUMERIC})`,
  'sum(DOUBLE)': '@sum($1)',
  'avg(INT64)': '@avg($1)',
  'avg(DOUBLE)': '@avg($1)',
  'avg(NUMERIC)': `googlesql.numeric_divide(CAST(@sum($1) AS ${NUMERIC}), nullif(@count($1), 0))`,
  ...forTypes(ORDERED, { 'min($T)': '@min($1)', 'max($T)': '@max($1)' }),
  'any_value(T)': '@any_value($1)',
  'any_value(T) having max': '@arg_max_null($1, $2)',
  'any_value(T) having min': '@arg_min_null($1, $2)',
  'max_by(T, U)': '@arg_max_null($1, $2)',
  'min_by(T, U)': '@arg_min_null($1, $2)',
  'array_agg(T)': '@list($1)',
  'array_agg(T) limit': 'list_slice(@list($1), 1, $2)',
  'array_concat_agg(ARRAY<T>)': 'flatten(@list($1))',
  'string_agg(STRING)': "@string_agg($1, ',')",
  'string_agg(STRING, STRING)': '@string_agg($1, $2)',
  'string_agg(STRING) limit': "array_to_string(list_slice(@list($1), 1, $2), ',')",
  'string_agg(STRING, STRING) limit': 'array_to_string(list_slice(@list($1), 1, $3), $2)',
  'bit_and(INT64)': '@bit_and($1)',
  'bit_or(INT64)': '@bit_or($1)',
  'bit_xor(INT64)': '@bit_xor($1)',
  'stddev_samp(DOUBLE)': '@stddev_samp($1)',
  'stddev_pop(DOUBLE)': '@stddev_pop($1)',
  'var_samp(DOUBLE)': '@var_samp($1)',
  'var_pop(DOUBLE)': '@var_pop($1)',
  ...Object.fromEntries(
    ['stddev_samp', 'stddev_pop', 'var_samp', 'var_pop'].map((name) => [
      `${name}(NUMERIC)`,
      `@${name}(CAST($1 AS DOUBLE))`,
    ]),
  ),
  'corr(NUMERIC, NUMERIC)': '@corr(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))',
  'corr(DOUBLE, DOUBLE)': '@corr($1, $2)',
  ...Object.fromEntries(
    ['covar_samp', 'covar_pop'].flatMap((name) => [
      [`${name}(NUMERIC, NUMERIC)`, `@${name}(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))`],
      [`${name}(DOUBLE, DOUBLE)`, `@${name}($1, $2)`],
    ]),
  ),
  // Exact values are within the error that BigQuery allows itself.
  'approx_count_distinct(T)': '@count(DISTINCT $1)',
  // NULL is counted like any value, so each value stands in a STRUCT.
  'approx_top_count(T, INT64)':
    'list_transform(list_sort(list_transform(map_entries(@histogram({value: $1})), lambda each: {fewer: - CAST(each.value AS BIGINT), value: each.key.value}))[:$2], lambda each: {value: each.value, count: - each.fewer})',
  ...forTypes(['DATE', 'DOUBLE', 'INT64', 'NUMERIC'], {
    'approx_quantiles($T, INT64)':
      '@quantile_disc($1, list_transform(range($2 + 1), lambda place: place / $2))',
  }),
};

/** Functions that need OVER. */
export const WINDOW_FUNCTIONS: FunctionTable = {
  'row_number()': '@row_number()',
  'rank()': '@rank()',
  'dense_rank()': '@dense_rank()',
  'percent_rank()': '@percent_rank()',
  'cume_dist()': '@cume_dist()',
  'ntile(INT64)': '@ntile($1)',
  'lag(T)': '@lag($1)',
  'lag(T, INT64)': '@lag($1, $2)',
  'lag(T, INT64, T)': '@lag($1, $2, $3)',
  'lead(T)': '@lead($1)',
  'lead(T, INT64)': '@lead($1, $2)',
  'lead(T, INT64, T)': '@lead($1, $2, $3)',
  'first_value(T)': '@first_value($1)',
  'last_value(T)': '@last_value($1)',
  'nth_value(T, INT64)': '@nth_value($1, $2)',
  'percentile_cont(DOUBLE, DOUBLE)': '@quantile_cont($1, $2)',
  'percentile_disc(DOUBLE, DOUBLE)': '@quantile_disc($1, $2)',
  'percentile_disc(INT64, DOUBLE)': '@quantile_disc($1, $2)',
  'percentile_disc(NUMERIC, DOUBLE)': '@quantile_disc($1, $2)',
};
