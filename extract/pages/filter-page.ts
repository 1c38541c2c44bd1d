import type { Page } from './page.ts';
import { joined } from './record-keys.ts';
import { scanRecords } from './scan.ts';

/** Key of a record, and its position on the page. */
export interface ListedRecord {
  readonly id: string;
  readonly index: number;
  /** Its change instant as sent; empty if it has none. */
  readonly changed: string;
}

/** The key of each record as sent; empty for a record that is not JSON. */
export function listedRecords(
  { bytes, scan }: Page,
  { key, changeField = '' }: { readonly key: readonly string[]; readonly changeField?: string | undefined },
): readonly ListedRecord[] {
  return scan.starts.map((start, index) => {
    const text = bytes.toString('utf8', start, scan.ends[index]);
    try {
      const record: Readonly<Record<string, unknown>> = JSON.parse(text);
      const [only = ''] = key;
      const id = key.length === 1 ? keyOf(text, record[only], only) : joined(key.map((name) => record[name]));
      const changed = record[changeField];
      return { id, index, changed: typeof changed === 'string' ? changed : '' };
    } catch {
      // The page writer reports it.
      return { id: '', index, changed: '' };
    }
  });
}

/** The key from the JSON text: a JavaScript number rounds very large ids. */
function keyOf(text: string, value: unknown, key: string): string {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return String(value);
  const literals = text.matchAll(new RegExp(`"${key}"\\s*:\\s*(-?\\d+)`, 'g'));
  for (const [, digits = ''] of literals) if (Number(digits) === value) return digits;
  return String(value);
}

/** The page with only the records at `indexes`, their bytes unchanged. */
export function filterPage(page: Page, indexes: readonly number[], dateTimeKeys: ReadonlySet<string>): Page {
  const { starts, ends } = page.scan;
  const records = indexes.map((index) => page.bytes.subarray(starts[index], ends[index]));
  const separated = records.flatMap((record, i) => (i === 0 ? [record] : [Buffer.from(','), record]));
  const bytes = Buffer.concat([Buffer.from('{"data":['), ...separated, Buffer.from(']}')]);
  const scan = scanRecords(bytes, dateTimeKeys);
  if (typeof scan === 'string') throw new TypeError(`the filtered page is not valid: ${scan}`);
  return { ...page, bytes, scan };
}
