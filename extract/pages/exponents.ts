import type { Column } from '../../schemas/columns.ts';
import { plainNumber } from './canonical-values.ts';
import { changeScalars } from './unknown-fields.ts';

/** `1.5E-05`, also in quotes, but not every text that matches is an amount. */
const WITH_EXPONENT = /^"?(-?\d+(?:\.\d+)?)[eE]([+-]?\d+)"?$/;

/** Whether a text may contain a number with an exponent. */
export function hasExponent(text: string): boolean {
  return /\d[eE][+-]?\d/.test(text);
}

/**
 * Makes the function that writes the amounts of a record without exponents: `1.5E-05` becomes `"0.000015"`. DuckDB rounds a
 * text with an exponent digit by digit, so 7e-13 would be 0.000000001. Other tokens stay as they are.
 */
export function exponentRemover(columns: readonly Column[]): (record: string) => string {
  const amounts = new Set(amountPointers(columns));
  return (record) => {
    if (!hasExponent(record)) return record;
    return changeScalars(record, (pointer, token) => {
      const [isNumber, digits = '', exponent = ''] = WITH_EXPONENT.exec(token) ?? [];
      if (isNumber === undefined || !amounts.has(pointer.replace(/\/\d+(?=\/|$)/g, '/*'))) return token;
      // The schema has accepted the amount, so one with so large an exponent is zero to any number of decimals.
      return Math.abs(Number(exponent)) > 400 ? '"0"' : `"${plainNumber(`${digits}e${exponent}`)}"`;
    });
  };
}

/** JSON pointers of the NUMERIC columns; `*` stands for a position in a list. */
function amountPointers(columns: readonly Column[], parent = ''): readonly string[] {
  return columns.flatMap(({ name, type, repeated, fields }) => {
    const pointer = `${parent}/${name}${repeated ? '/*' : ''}`;
    return type === 'STRUCT' ? amountPointers(fields ?? [], pointer) : type === 'NUMERIC' ? [pointer] : [];
  });
}
