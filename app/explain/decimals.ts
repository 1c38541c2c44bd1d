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
