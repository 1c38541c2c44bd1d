/** Whether two amounts differ by at most half a cent: published amounts are rounded to cents. */
export function isEqual(a: string, b: string): boolean {
  const difference = units(a) - units(b);
  return difference < 5_000_001n && difference > -5_000_001n;
}

/** A decimal as a whole number of billionths. */
export function units(text: string): bigint {
  const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const value = BigInt(whole + fraction.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -value : value;
}

/** The decimal text of a whole number of billionths. */
export function decimal(value: bigint): string {
  const digits = String(value < 0n ? -value : value).padStart(10, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}

/** The quotient of two decimals rounded half away from zero to `places`; null if the divisor is zero. */
export function quotient(dividend: string, divisor: string, places: number): string | null {
  const below = units(divisor);
  if (below === 0n) return null;
  const scaled = units(dividend) * 10n ** BigInt(places) * 2n;
  const rounded = (abs(scaled) + abs(below)) / (2n * abs(below));
  const isNegative = scaled < 0n !== below < 0n;
  return decimal((isNegative ? -rounded : rounded) * 10n ** BigInt(9 - places));
}

/** A share in percent with two decimals, as the mart publishes it; null unless the whole is positive. */
export function percentOf(part: string | null, whole: string | null): string | null {
  if (part === null || whole === null || units(whole) <= 0n) return null;
  return quotient(decimal(units(part) * 100n), whole, 2);
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
