import { setTimeout } from 'node:timers/promises';

/** Waits, and ends at once with the signal's reason when it aborts. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal });
}
