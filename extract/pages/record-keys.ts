import type { Page } from './page.ts';

/**
 * The key of each record of a page as text; undefined for a record without one. A key with more digits than a double keeps
 * stays exact if it is the first member.
 */
export function recordKeys(
  { bytes, scan }: Pick<Page, 'bytes' | 'scan'>,
  key: readonly string[],
): readonly (string | undefined)[] {
  const beginning =
    key.length === 1 ? new RegExp(`^\\{\\s*"${key[0]}"\\s*:\\s*(-?\\d{1,20})\\s*[,}]`) : undefined;
  return scan.starts.map((start, index) => {
    const end = scan.ends[index] ?? start;
    // Records begin with their key, so most need not be parsed.
    const [, digits] = beginning?.exec(bytes.toString('latin1', start, Math.min(end, start + 64))) ?? [];
    return digits ?? parsedKey(bytes.toString('utf8', start, end), key);
  });
}

function parsedKey(record: string, key: readonly string[]): string | undefined {
  try {
    const parsed: unknown = JSON.parse(record);
    const values = key.map((name) => Object(parsed)[name]);
    return values.every((value) => value === null || value === undefined) ? undefined : joined(values);
  } catch {
    // The page writer reports a record that is not JSON.
    return undefined;
  }
}

/** The values of a compound key as one text, as `extract/load/sql/key.ts` makes it of columns. */
export function joined(values: readonly unknown[]): string {
  return values.map((value) => (value === null || value === undefined ? '' : String(value))).join('/');
}
