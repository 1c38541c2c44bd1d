/** Cents as decimal text, the format of the accounting module. */
export function decimalText(cents: number): string {
  return (cents / 100).toFixed(2);
}

/** Cents as a number with at most two decimals, the format of the other modules. */
export function amount(cents: number): number {
  return cents / 100;
}
