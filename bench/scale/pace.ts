/** The limits of the request queue in `extract/api/client.ts`. */
export interface Pace {
  readonly callsPerSecond: number;
  readonly callsAtATime: number;
}

/** One entity of a night. Its calls are sequential, because each answer contains the next token. */
export interface Chain {
  readonly calls: number;
  /** Duration of a call, including the processing of its answer before the next call. */
  readonly callMs: number;
  /** Duration of the load after the last call. */
  readonly loadMs: number;
}

const SECOND_MS = 1000;

/**
 * Computes when each call of a night begins, by the rules of the real queue: entities start in order, as many run
 * concurrently as concurrent calls are allowed, and no second has more calls than are allowed.
 *
 * @returns the instants of the calls in milliseconds after the first, sorted, and the end of the last load
 */
export function paced(
  chains: readonly Chain[],
  pace: Pace,
): { readonly starts: readonly number[]; readonly endMs: number } {
  const starts: number[] = [];
  const waiting = [...chains];
  const working = waiting.splice(0, pace.callsAtATime).map((chain) => ({ chain, done: 0, freeMs: 0 }));
  let endMs = 0;
  while (working.length > 0) {
    const next = working.reduce((first, one) => (one.freeMs < first.freeMs ? one : first));
    if (next.done < next.chain.calls) {
      const windowMs = (starts.at(-pace.callsPerSecond) ?? Number.NEGATIVE_INFINITY) + SECOND_MS;
      const startMs = Math.max(next.freeMs, windowMs, starts.at(-1) ?? 0);
      starts.push(startMs);
      next.freeMs = startMs + next.chain.callMs;
      next.done++;
      continue;
    }
    endMs = Math.max(endMs, next.freeMs + next.chain.loadMs);
    const chain = waiting.shift();
    if (chain) Object.assign(next, { chain, done: 0, freeMs: next.freeMs + next.chain.loadMs });
    else working.splice(working.indexOf(next), 1);
  }
  return { starts, endMs };
}

/** The largest number of instants in any window of one second. */
export function mostInASecond(sorted: readonly number[]): number {
  let most = 0;
  let from = 0;
  sorted.forEach((instant, to) => {
    while ((sorted[from] ?? 0) <= instant - SECOND_MS) from++;
    most = Math.max(most, to - from + 1);
  });
  return most;
}
