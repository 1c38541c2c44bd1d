/** Each record contains this key exactly once, followed by ten digits. */
const KEY = Buffer.from('"id":');
const DIGITS = 10;

/**
 * Makes a feed of any length from one page. Each repetition has new ids, which are written over the ids of the page, so
 * that ten million rows need no more memory than five thousand. Records must not contain a nested `id`.
 */
export function repeatedPage(page: Buffer, rows: number): { at(repetition: number): Buffer } {
  const places: number[] = [];
  for (let at = page.indexOf(KEY); at >= 0; at = page.indexOf(KEY, at + 1)) places.push(at + KEY.length);
  if (places.length !== rows)
    throw new Error(`The page cannot be repeated: it has ${places.length} ids in ${rows} records`);
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
