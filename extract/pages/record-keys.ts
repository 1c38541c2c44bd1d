import type { Page } from './page.ts';

/**
 * The key of each record of a page as text; undefined for a record without one. A key with more digits than a double keeps
 * stays exact if it is the first member.
 */
export function recordKeys(
  { bytes, scan }: Pick<Page, 'bytes' | 'scan'>,
  key: string,
): readonly (string | undefined)[] {
  const beginning = new RegExp(`^\\{\\s*"${key}"\\s*:\\s*(-?\\d{1,20})\\s*[,}]`);
  return scan.starts.map((start, index) => {
    const end = scan.ends[index] ?? start;
    // Records begin with their key, so most need not be parsed.
    const [, digits] = beginning.exec(bytes.toString('latin1', start, Math.min(end, start + 64))) ?? [];
    return digits ?? parsedKey(bytes.toString('utf8', start, end), key);
  });
}

function parsedKey(record: string, key: string): string | undefined {
  try {
    const value: unknown = JSON.parse(record)[key];
    return value === null || value === undefined ? undefined : String(value);
  } catch {
    // The page writer reports a record that is not JSON.
    return undefined;
  }
}
