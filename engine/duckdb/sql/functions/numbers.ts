import { UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { type FunctionTable, forTypes, literalNumber, type Template } from '../template.ts';

const NUMERIC = 'DECIMAL(38,9)';

/** The digits must be a literal: if they come from a column, DuckDB rounds the decimal through a double. */
const toDigits =
  (name: string, use: string): Template =>
  (value, digits) => {
    const count = literalNumber(digits, use);
    if (count < -18 || count > 9) throw new UnsupportedSql(`${use} that is not between -18 and 9`);
    if (count >= 0) return `CAST(${name}(${value}, ${count}) AS ${NUMERIC})`;
    // To tens or hundreds: whole units are rounded as integers, half away from zero.
    const unit = `CAST(1${'0'.repeat(-count)} AS DECIMAL(38,0))`;
    return `CAST(${name}(CAST(${value} AS DECIMAL(38,9)) / ${unit}, 0) * ${unit} AS ${NUMERIC})`;
  };

/** GoogleSQL multiplies with more digits than a FLOAT64 has; up to seven decimals the macros find the same. */
const floatToDigits =
  (name: 'round' | 'trunc'): Template =>
  (value, digits) => {
    const count = literalNumber(digits, `${name.toUpperCase()} to a number of digits`);
    if (count < -15 || count > 7) {
      throw new UnsupportedSql(
        `${name.toUpperCase()} of a FLOAT64 to a number of digits that is not between -15 and 7`,
      );
    }
    const unit = `CAST('1e${Math.abs(count)}' AS DOUBLE)`;
    return count > 0
      ? `googlesql.float_${name}(${value}, ${unit})`
      : `(${name}(${value} / ${unit}) * ${unit})`;
  };

/** Numbers. GoogleSQL's DOUBLE is BigQuery's FLOAT64. */
export const NUMBERS: FunctionTable = {
  ...forTypes(['INT64', 'DOUBLE'], {
    '$add($T, $T)': '($1 + $2)',
    '$subtract($T, $T)': '($1 - $2)',
    '$multiply($T, $T)': '($1 * $2)',
  }),
  // DuckDB's result has more digits than NUMERIC. The cast fails where NUMERIC would overflow.
  '$add(NUMERIC, NUMERIC)': `CAST(($1 + $2) AS ${NUMERIC})`,
  '$subtract(NUMERIC, NUMERIC)': `CAST(($1 - $2) AS ${NUMERIC})`,
  '$multiply(NUMERIC, NUMERIC)': `CAST(round($1 * $2, 9) AS ${NUMERIC})`,
  '$divide(NUMERIC, NUMERIC)': 'googlesql.numeric_divide($1, $2)',
  '$divide(DOUBLE, DOUBLE)': 'googlesql.float_divide($1, $2)',
  'safe_divide(NUMERIC, NUMERIC)': 'googlesql.numeric_divide($1, nullif($2, 0))',
  'safe_divide(DOUBLE, DOUBLE)': '($1 / nullif($2, 0))',
  'ieee_divide(DOUBLE, DOUBLE)': 'googlesql.ieee_divide($1, $2)',
  'div(INT64, INT64)': 'googlesql.whole_divide($1, $2)',
  'mod(INT64, INT64)': 'googlesql.whole_remainder($1, $2)',
  'mod(NUMERIC, NUMERIC)': 'googlesql.numeric_remainder($1, $2)',
  ...forTypes(['INT64', 'DOUBLE', 'NUMERIC'], {
    '$unary_minus($T)': '(- $1)',
    'abs($T)': 'abs($1)',
  }),
  'sign(INT64)': 'CAST(sign($1) AS BIGINT)',
  'sign(NUMERIC)': `CAST(sign($1) AS ${NUMERIC})`,
  'sign(DOUBLE)': 'CAST(sign($1) AS DOUBLE)',
  'safe_add(INT64, INT64)': 'TRY($1 + $2)',
  'safe_subtract(INT64, INT64)': 'TRY($1 - $2)',
  'safe_multiply(INT64, INT64)': 'TRY($1 * $2)',
  'safe_negate(INT64)': 'TRY(- $1)',
  'safe_add(NUMERIC, NUMERIC)': `TRY(CAST(($1 + $2) AS ${NUMERIC}))`,
  'safe_subtract(NUMERIC, NUMERIC)': `TRY(CAST(($1 - $2) AS ${NUMERIC}))`,
  'safe_multiply(NUMERIC, NUMERIC)': `TRY(CAST(round($1 * $2, 9) AS ${NUMERIC}))`,
  'round(NUMERIC)': `CAST(round($1, 0) AS ${NUMERIC})`,
  'round(NUMERIC, INT64)': toDigits('round', 'ROUND to a number of digits'),
  'trunc(NUMERIC)': `CAST(trunc($1) AS ${NUMERIC})`,
  'trunc(NUMERIC, INT64)': toDigits('googlesql.numeric_trunc', 'TRUNC to a number of digits'),
  'ceil(NUMERIC)': `CAST(ceil($1) AS ${NUMERIC})`,
  'floor(NUMERIC)': `CAST(floor($1) AS ${NUMERIC})`,
  'round(DOUBLE)': 'round($1)',
  'round(DOUBLE, INT64)': floatToDigits('round'),
  'trunc(DOUBLE)': 'trunc($1)',
  'trunc(DOUBLE, INT64)': floatToDigits('trunc'),
  'ceil(DOUBLE)': 'ceil($1)',
  'floor(DOUBLE)': 'floor($1)',
  'pow(DOUBLE, DOUBLE)': 'pow($1, $2)',
  'sqrt(DOUBLE)': 'sqrt($1)',
  'exp(DOUBLE)': 'exp($1)',
  'ln(DOUBLE)': 'ln($1)',
  'log(DOUBLE)': 'ln($1)',
  'log10(DOUBLE)': 'log10($1)',
  'is_nan(DOUBLE)': 'isnan($1)',
  'is_inf(DOUBLE)': 'isinf($1)',
  '$bitwise_and(INT64, INT64)': '($1 & $2)',
  '$bitwise_or(INT64, INT64)': '($1 | $2)',
  '$bitwise_xor(INT64, INT64)': 'xor($1, $2)',
  '$bitwise_not(INT64)': '(~ $1)',
  '$bitwise_left_shift(INT64, INT64)': '($1 << $2)',
  '$bitwise_right_shift(INT64, INT64)': '($1 >> $2)',
};
