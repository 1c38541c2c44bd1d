/** A double keeps all numbers with at most this many significant digits. */
export const EXACT_DIGITS = 15;

/**
 * Whether a JSON token is a number literal that a reader with doubles would change. BigQuery is such a reader: it requires
 * whole numbers beyond 2^53 as text (https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json#limitations),
 * and its JSON columns keep only a double's digits of a fraction.
 */
export function isHighPrecision(token: string): boolean {
  if (token.length <= EXACT_DIGITS || token.startsWith('"')) return false;
  if (/^-?\d+$/.test(token)) return !Number.isSafeInteger(Number(token));
  const [digits = ''] = token.toLowerCase().split('e');
  return digits.replace(/^-?[0.]*/, '').replace('.', '').length > EXACT_DIGITS;
}

/** Strings, which must be skipped, and numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** JSON text with its high-precision numbers quoted as strings. */
export function quoteHighPrecisionNumbers(json: string): string {
  return json.replace(TOKEN, (token) => (isHighPrecision(token) ? `"${token}"` : token));
}
