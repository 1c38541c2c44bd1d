/** Ids have ten digits, and a record begins or goes on with its own before any nested one of this form. */
const KEY = Buffer.from('"id":');
const DIGITS = 10;

/**
 * One page that stands for a feed of any length: each repetition has ids of its own, written over the digits of the
 * page, so that ten million rows need no more room than five thousand. Records must hold no nested `id`.
 */
export function repeatedPage(page: Buffer, rows: number): { at(repetition: number): Buffer } {
  const places: number[] = [];
  for (let at = page.indexOf(KEY); at >= 0; at = page.indexOf(KEY, at + 1)) places.push(at + KEY.length);
  if (places.length !== rows) throw new Error(`${places.length} ids in ${rows} records`);
  const first = Number(page.toString('latin1', places[0], (places[0] ?? 0) + DIGITS));
  return {
    at(repetition) {
      const copy = Buffer.from(page);
      for (const [row, place] of places.entries()) {
        copy.write(String(first + repetition * rows + row), place, 'latin1');
      }
      return copy;
    },
  };
}
