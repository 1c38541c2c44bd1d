/** The limits that `extract/api/client.ts` gives to its queue. */
export interface Pace {
  readonly callsPerSecond: number;
  readonly callsAtATime: number;
}

/** One entity of a night: calls of which each is made when the answer before is there, for the next token is in it. */
export interface Chain {
  readonly calls: number;
  /** Of a call, with what is done with its answer before the next one. */
  readonly callMs: number;
  /** Of the load after the last call. */
  readonly loadMs: number;
}

const SECOND_MS = 1000;

/**
 * When each call of a night begins, by the rule of the real queue: entities are taken in order, as many side by side as
 * calls are allowed at a time, and no window of a second holds more calls than are allowed in it.
 *
 * @returns instants in milliseconds from the night's first call, in order, and when the last entity is loaded
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

/** The most instants that any window of a second holds. */
export function mostInASecond(sorted: readonly number[]): number {
  let most = 0;
  let from = 0;
  sorted.forEach((instant, to) => {
    while ((sorted[from] ?? 0) <= instant - SECOND_MS) from++;
    most = Math.max(most, to - from + 1);
  });
  return most;
}
