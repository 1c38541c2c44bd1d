import type { Page } from './page.ts';
import { scanRecords } from './scan.ts';

/** A record of a page that is known by its key and its last change, and lies in the page's bytes. */
export interface ListedRecord {
  readonly id: string;
  readonly changed: string;
  readonly index: number;
}

/** The records of a page with key and change instant as they were sent; one that is no JSON is whoever writes the page's to tell. */
export function listedRecords(
  { bytes, scan }: Page,
  fields: { readonly key: string; readonly changeField: string },
): readonly ListedRecord[] {
  return scan.starts.flatMap((start, index) => {
    const text = bytes.toString('utf8', start, scan.ends[index]);
    try {
      const record: Readonly<Record<string, unknown>> = JSON.parse(text);
      return [
        {
          id: keyOf(text, record[fields.key], fields.key),
          changed: String(record[fields.changeField] ?? ''),
          index,
        },
      ];
    } catch {
      return [{ id: '', changed: '', index }];
    }
  });
}

/** Digit by digit, for an id may be larger than JavaScript can hold. */
function keyOf(text: string, value: unknown, key: string): string {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return String(value);
  const literals = text.matchAll(new RegExp(`"${key}"\\s*:\\s*(-?\\d+)`, 'g'));
  for (const [, digits = ''] of literals) if (Number(digits) === value) return digits;
  return String(value);
}

/** The page with these of its records alone, each byte for byte. */
export function filterPage(page: Page, indexes: readonly number[], dateTimeKeys: ReadonlySet<string>): Page {
  const { bytes: whole, scan: places } = page;
  const records = indexes.map((index) => whole.subarray(places.starts[index], places.ends[index]));
  const separated = records.flatMap((record, i) => (i === 0 ? [record] : [Buffer.from(','), record]));
  const bytes = Buffer.concat([Buffer.from('{"data":['), ...separated, Buffer.from(']}')]);
  const scan = scanRecords(bytes, dateTimeKeys);
  if (typeof scan === 'string') throw new TypeError(`a part of a page is no page: ${scan}`);
  return { ...page, bytes, scan };
}
