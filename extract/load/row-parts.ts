import type { GivenRows } from './engine.ts';
import type { TextRow } from './warehouse.ts';

/** Characters of rows that are held and sent at a time: a night may reject all that it reads. */
const PART_LENGTH = 4 * 1024 * 1024;

/** Divides rows so that each part has at most `PART_LENGTH` characters, or one row. */
export async function* rowParts(rows: GivenRows): AsyncIterable<readonly TextRow[]> {
  let part: TextRow[] = [];
  let length = 0;
  for await (const row of rows) {
    const more = Object.values(row).reduce<number>((sum, cell) => sum + String(cell ?? '').length, 0);
    if (part.length > 0 && length + more > PART_LENGTH) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(row);
    length += more;
  }
  if (part.length > 0) yield part;
}
