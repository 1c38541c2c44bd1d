/**
 * Takes the instants at which a page's records were received, one for each: ISO texts with microseconds. Each is later than
 * all taken before, so that an instant tells every received record of an entity from every other, and their order.
 */
export type ExtractionStamps = (records: number) => (index: number) => string;

/** @param after the first instant is later than this. Instants go on even when the clock stands still or goes back. */
export function extractionStamps(clock: () => Date, after: Date | null): ExtractionStamps {
  let next = BigInt(after?.getTime() ?? 0) * 1000n + 1n;
  return (records) => {
    const now = BigInt(clock().getTime()) * 1000n;
    const first = now > next ? now : next;
    next = first + BigInt(Math.max(1, records));
    const firstSecond = Number(first / 1_000_000n);
    const firstMicrosecond = Number(first % 1_000_000n);
    let second = Number.NaN;
    let text = '';
    return (index) => {
      const microseconds = firstMicrosecond + index;
      const current = firstSecond + Math.floor(microseconds / 1_000_000);
      if (current !== second) {
        second = current;
        text = new Date(current * 1000).toISOString().slice(0, 19);
      }
      return `${text}.${String(microseconds % 1_000_000).padStart(6, '0')}Z`;
    };
  };
}
