/** Whole cents as the accounting module sends amounts: decimal text. */
export function decimalText(cents: number): string {
  return (cents / 100).toFixed(2);
}

/** Whole cents as the other modules send amounts: a JSON number of at most two decimals. */
export function amount(cents: number): number {
  return cents / 100;
}

/** `27150.00` or 27150 as whole cents. */
export function cents(dollars: string | number): number {
  return Math.round(Number(dollars) * 100);
}
