import { type FunctionTable, forTypes, type Template } from '../template.ts';

const concatenated: Template = (...args) => `(${args.join(' || ')})`;

/** Arrays. DuckDB counts elements from 1. */
export const ARRAYS: FunctionTable = {
  '$make_array(T...)': '[$*]',
  '$array_at_offset(ARRAY<T>, INT64)': 'googlesql.element($1, $2)',
  '$array_at_ordinal(ARRAY<T>, INT64)': 'googlesql.element($1, $2 - 1)',
  '$safe_array_at_offset(ARRAY<T>, INT64)': 'googlesql.safe_element($1, $2)',
  '$safe_array_at_ordinal(ARRAY<T>, INT64)': 'googlesql.safe_element($1, $2 - 1)',
  'array_length(ARRAY<T>)': 'len($1)',
  'array_reverse(ARRAY<T>)': 'list_reverse($1)',
  'array_concat(ARRAY<T>, ARRAY<T>...)': concatenated,
  'array_to_string(ARRAY<STRING>, STRING)': 'array_to_string($1, $2)',
  'array_to_string(ARRAY<STRING>, STRING, STRING)':
    'array_to_string(list_transform($1, lambda each: coalesce(each, $3)), $2)',
  'generate_array(INT64, INT64)': 'generate_series($1, $2)',
  'generate_array(INT64, INT64, INT64)': 'generate_series($1, $2, $3)',
  ...forTypes(['INT64', 'NUMERIC', 'DOUBLE', 'DATE', 'DATETIME', 'TIMESTAMP', 'STRING'], {
    'range_bucket($T, ARRAY<$T>)': 'googlesql.bucket($1, $2)',
  }),
  '$in_array(INT64, ARRAY<INT64>)': 'googlesql.in_array($1, $2)',
  '$in_array(STRING, ARRAY<STRING>)': 'googlesql.in_array($1, $2)',
  '$in_array(DATE, ARRAY<DATE>)': 'googlesql.in_array($1, $2)',
  '$in_array(NUMERIC, ARRAY<NUMERIC>)': 'googlesql.in_array($1, $2)',
};
