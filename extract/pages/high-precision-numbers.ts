/** A double keeps every number of so many significant digits. */
export const EXACT_DIGITS = 15;

/**
 * Whether a JSON token is a number literal that a reader with doubles would change. BigQuery is one: its documents ask
 * for whole numbers beyond 2^53 as text (https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json#limitations),
 * and its JSON columns keep no more digits of a fraction than a double.
 */
export function isHighPrecision(token: string): boolean {
  if (token.length <= EXACT_DIGITS || token.startsWith('"')) return false;
  if (/^-?\d+$/.test(token)) return !Number.isSafeInteger(Number(token));
  const [digits = ''] = token.toLowerCase().split('e');
  return digits.replace(/^-?[0.]*/, '').replace('.', '').length > EXACT_DIGITS;
}

/** Strings, which are skipped, and numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** JSON text whose wide numbers are strings. */
export function quoteHighPrecisionNumbers(json: string): string {
  return json.replace(TOKEN, (token) => (isHighPrecision(token) ? `"${token}"` : token));
}
